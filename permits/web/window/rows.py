"""A case of a list as one row of the table that all desks share."""

import datetime as dt

from permits.cases.desk import Seen
from permits.cases.filing import FILINGS
from permits.cases.queues import Line
from permits.i18n import Text
from permits.rules import silence
from permits.rules.identifiers import region_of
from permits.rules.law import Law
from permits.web import parts
from permits.web.window.limits import left, left_words
from permits.web.window.words import PROCEDURES, STATES, WAITING, nationality

ME = Text("我", "Me")
UNCLAIMED = Text("待认领", "Unclaimed")
DECIDER = Text("决定人", "Decider")
DESK = Text("窗口", "Window")
SILENT = {"raised": Text("将视为受理", "Silence near"), "happened": Text("已视为受理", "Held accepted")}
"""What silence is about to mean, or means already (Administrative Licensing Law Art. 32)."""
RESTS = {"correction": Text("等补正", "correction"), "special-procedure": Text("特别程序", "special")}
"""Why a clock rests, by state."""


def row(seen: Seen, law: Law, today: dt.date, *, href: str, here: str = "", decides: bool = False) -> parts.QueueRow:
    """One row; `href` is the address of a case with its number left open, `here` the case one comes from."""
    line, due = seen.line, seen.line.due or seen.line.legal_due
    words, mine = waits(seen, decides)
    return parts.QueueRow(
        number=line.number,
        href=href.format(line.number),
        light=_light(seen.light),
        left=_left(seen, law, today),
        due=due,
        procedure=PROCEDURES.get(line.procedure, Text(line.procedure, line.procedure)),
        joint=line.joint,
        latin_name=" ".join(filter(None, (line.surname, line.given_names))),
        chinese_name=line.chinese_name,
        nationality=nationality(line.nationality),
        employer=line.employer or "",
        category=line.category or "",
        state=state(line),
        waiting_on=words,
        mine=mine,
        legal_due=line.legal_due,
        reason=_reason(line) if due is None else None,
        here=line.number == here,
        silence=_silence(line, law, today),
    )


def _silence(line: Line, law: Law, today: dt.date) -> Text | None:
    """Art. 32: while nobody has answered, the legal clock of a submitted case is that of its acceptance."""
    if line.state != "submitted" or line.legal_due is None:
        return None
    region = region_of(line.number) or ""
    state = silence.stands(law, "acceptance", line.legal_due, today, today, region)
    return SILENT.get(state)


def _light(light: str) -> parts.Light:
    known: dict[str, parts.Light] = {"late": "late", "soon": "soon", "fine": "fine", "done": "done"}
    return known.get(light, "pause")


def _left(seen: Seen, law: Law, today: dt.date) -> Text:
    due = seen.line.due or seen.line.legal_due
    if seen.light == "done":
        return STATES[seen.line.state]
    if due is None:
        return Text("暂停", "Paused")
    return left_words(left(law, today, due))


def _reason(line: Line) -> Text | None:
    if line.closed_at:
        return Text(f"{line.closed_at:%m-%d}", f"{line.closed_at:%m-%d}")
    return RESTS.get(line.state)


def state(line: Line) -> Text:
    """Where it stands; what is decided and not handed out waits for its hand-out."""
    ends = line.procedure in FILINGS and FILINGS[line.procedure].writes == "end"
    if line.state == "granted" and not line.handed_out and not ends:
        return Text("待发证", "To hand out")
    if line.state in ("granted", "refused") and not line.handed_out:
        return Text("待送达", "To deliver")
    return STATES.get(line.state, Text(line.state, line.state))


def waits(seen: Seen, decides: bool) -> tuple[Text, bool]:
    """Whose turn it is, and whether it is that of the person looking."""
    if seen.waiting != "office":
        return WAITING[seen.waiting], False
    if seen.held == "mine":
        return ME, True
    if seen.held == "other" and seen.line.claim:
        name = seen.line.claim.name.partition("（")[0]
        return Text(name, name), False
    if seen.held == "free":
        return UNCLAIMED, False
    return (ME, True) if decides and seen.line.state == "recommended" else (_desk(seen.line), False)


def _desk(line: Line) -> Text:
    return DECIDER if line.state == "recommended" else DESK
