"""Who has had a case in hand, and whether a decision may be signed: four eyes, certificate, legal clearance."""

import msgspec

from permits import clock
from permits.cases.guards import needs_clearance
from permits.cases.model import Event
from permits.i18n import Text
from permits.web.parts import Light
from permits.web.window.opened import Opened
from permits.web.window.words import RESIDENCE


class Eye(msgspec.Struct, frozen=True):
    """One person's part in the case."""

    light: Light
    part: Text
    who: Text
    when: str
    you: bool


ANOTHER = Text("另一人，不能是审查的人", "Somebody else than the reviewer")
NOW = Text("现在", "now")


def eyes(opened: Opened) -> list[Eye]:
    """Window, review, legal clearance where it is needed, decision."""
    row = opened.case.row
    accepted = _last(opened, "accepted")
    review = _last(opened, "claimed", "reviewer")
    said, decided = row.recommendation, row.decision
    found = [_of(opened, Text("窗口受理", "Window"), accepted)] if accepted else []
    if said:
        found.append(_signed(opened, Text("审查", "Review"), said.by == opened.account.id, said.name, said.at))
    elif review:
        found.append(_of(opened, Text("审查", "Review"), review, light="half"))
    if needs_clearance(opened.case):
        found.append(_clearance(opened))
    if decided:
        found.append(
            _signed(opened, Text("决定", "Decision"), decided.by == opened.account.id, decided.name, decided.at)
        )
    else:
        found.append(_to_decide(opened))
    return found


def _last(opened: Opened, kind: str, role: str = "") -> Event | None:
    found = [event for event in opened.case.timeline if event.kind == kind and role in ("", event.role)]
    return found[-1] if found else None


def _named(name: str, you: bool) -> Text:
    return Text(f"{name}，您", f"{name}, you") if you else Text(name, name)


def _of(opened: Opened, part: Text, event: Event, light: Light = "done") -> Eye:
    you = event.by_id == opened.account.id
    return Eye(light, part, _named(event.by, you), f"{event.at.astimezone(clock.CITY):%m-%d %H:%M}", you)


def _signed(opened: Opened, part: Text, you: bool, name: str, at: object) -> Eye:
    when = f"{at:%m-%d %H:%M}" if at else ""
    return Eye("done", part, _named(name, you), when, you)


def _clearance(opened: Opened) -> Eye:
    part, cleared = Text("法制审核", "Legal"), opened.case.row.clearance
    if cleared:
        return _signed(opened, part, cleared.by == opened.account.id, cleared.name, cleared.at)
    mine = "clear" in opened.may
    who = _named(opened.account.name, True) if mine else Text("等法制审核", "Waits for the legal reviewer")
    return Eye("half" if mine else "open", part, who, "", mine)


def _to_decide(opened: Opened) -> Eye:
    mine = "decide" in opened.may
    return Eye(
        "half" if mine else "open",
        Text("决定", "Decision"),
        _named(opened.account.name, True) if mine else ANOTHER,
        "",
        mine,
    )


class Gate(msgspec.Struct, frozen=True):
    """One condition of signing, with its reason."""

    name: Text
    why: Text
    light: Light
    """done, no, or open where it is somebody else's."""


def gates(opened: Opened) -> list[Gate]:
    """Every condition of signing, before the button."""
    stands = [Gate(Text("许可还在", "The permit stands"), opened.ended, "no")] if opened.ended else []
    return [*stands, _other_person(opened), _certificate(opened), _legal(opened), _police(opened)]


def _other_person(opened: Opened) -> Gate:
    said = opened.case.row.recommendation
    name = Text("另一个人", "Another person")
    if said and said.by == opened.account.id:
        return Gate(name, Text("审查是您提的，不能由您决定", "You made the recommendation"), "no")
    who = said.name if said else "—"
    return Gate(name, Text(f"审查是{who}，您没有提建议", f"{who} reviewed it, not you"), "done")


def _certificate(opened: Opened) -> Gate:
    held, name = opened.account.certificate, Text("执法证有效", "Certificate")
    if not opened.account.has("decider", opened.case.row.region):
        return Gate(name, Text("签发的人要有", "Whoever signs must hold one"), "open")
    missing = Text("没有登记有效的行政执法证", "None is on file for you")
    return Gate(name, Text(held, held), "done") if held else Gate(name, missing, "no")


def _legal(opened: Opened) -> Gate:
    cleared = opened.case.row.clearance
    if not needs_clearance(opened.case):
        return Gate(
            Text("不需法制审核", "No legal clearance needed"),
            Text("这样的决定不要这一步", "Such a decision goes without"),
            "done",
        )
    name = Text("法制审核同意", "Legal clearance")
    if cleared:
        when = f"{cleared.at.astimezone(clock.CITY):%m-%d %H:%M}"
        return Gate(name, Text(f"{cleared.name}，{when}", f"{cleared.name}, {when}"), "done")
    return Gate(name, Text("还没有审核意见，不能签发", "Not given yet: nothing can be signed"), "no")


def _police(opened: Opened) -> Gate:
    status = opened.case.status("residence_permit")
    words = RESIDENCE.get(status, Text(status, status))
    early = status in ("granted", "refused")
    name = (
        Text("公安先有结果", "The police were first") if early else Text("公安没有先到的结果", "Police not ahead of us")
    )
    return Gate(name, words, "no" if early else "done")
