"""A case opened by somebody of the office: what they may see, what they may do, and why not the rest.

Opening is on the record; it changes nothing.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from litestar.connection import Request

from permits import clock
from permits.accounts.model import Account
from permits.cases import desk, lifecycle, overtaken, queues, service
from permits.cases.claims import holder
from permits.cases.guards import Asking
from permits.cases.model import Case
from permits.cases.queues import Line
from permits.cases.timeline import CONSEQUENCES
from permits.cases.view import CaseView
from permits.cases.warned import CautionView, SilenceView
from permits.cases.words import outcome
from permits.i18n import Text
from permits.letters import store as letters
from permits.letters.model import Issued
from permits.office import Office
from permits.web import parts
from permits.web.auth import person
from permits.web.i18n import Lang
from permits.web.state import database_of, office_of, region_of_request
from permits.web.visitor import lang_of
from permits.web.window import limits
from permits.web.window.words import ACTIONS, CIRCUMSTANCES, PROCEDURES, STATES, nationality

Asked = Request[Any, Any, Any]


class Opened(NamedTuple):
    """A case as one person of the office has it on the screen."""

    case: Case
    view: CaseView
    office: Office
    account: Account
    lang: Lang
    at: dt.datetime
    area: str
    """window or review: the desk whose pages are used."""
    letters: list[Issued]
    earlier: list[Line]
    """Other cases of the same passport."""
    looked: dt.datetime | None
    """When this person looked before."""
    ended: Text | None
    """That the permit it is about has ended meanwhile."""

    @property
    def today(self) -> dt.date:
        """The office's date."""
        return self.at.date()

    @property
    def may(self) -> tuple[str, ...]:
        """What this person may do now."""
        return self.view.actions


async def open_case(request: Asked, number: str, area: str = "window", *, unmasked: bool = False) -> Opened:
    """The case with all its page shows. Raises NotFound for whom it does not concern."""
    office, account, region, lang = office_of(request), person(request), region_of_request(request), lang_of(request)
    at = clock.now()
    async with database_of(request).transaction(region) as tx:
        case = await service.look(tx, office, account, region, number)
        issued = await letters.letters_of_case(tx, region, case.row.id)
        looked = await desk.last_look(tx, region, case.row.id, account.id, at)
        holder = case.beneficiary
        known = (holder.passport_number or "", [holder.nationality or ""])
        earlier = await queues.by_passport(tx, office.keys, region, *known)
        ended = await overtaken.ended(tx, region, case)
    others = [line for line in earlier if line.number != number]
    view = service.seen(case, account, office, lang, unmasked=unmasked)
    return Opened(case, view, office, account, lang, at, area, issued, others, looked, ended)


# The sticky bar


class Button(msgspec.Struct, frozen=True):
    """One action of the bar: a link to where it is prepared, or a click that does it."""

    action: str
    words: Text
    key: str
    href: str
    post: bool = False
    tone: str = ""
    """main, stop or nothing."""


class Bar(msgspec.Struct, frozen=True):
    """The two sticky lines of a case: who, where it stands, how long is left, what can be done."""

    number: str
    area: str
    version: int
    latin_name: str
    chinese_name: str
    category: str
    nationality: Text
    matter: Text
    joint: bool
    state: Text
    held: Text | None
    clocks: tuple[tuple[parts.Clock, Text, Text], ...]
    buttons: tuple[Button, ...]
    shut: tuple[tuple[Text, Text], ...]
    """Actions one's role could take here, and why not now."""
    silence: tuple[parts.Light, Text] | None = None
    """What silence is about to mean, or means already; None while it is far."""
    cautions: tuple[CautionView, ...] = ()
    """What speaks against the application, or soon will."""
    ended: Text | None = None
    permit: str = ""
    """The number of the permit it is about."""


KEYS = {
    "accept": ("A", "main", "/window/{}#accept"),
    "recommend": ("R", "main", "/review/{}#rec"),
    "decide": ("S", "main", "/review/{}/decide#sign"),
    "clear": ("L", "main", "/review/{}/decide#clear"),
    "hand-out": ("H", "main", "/window/{}/hand-out"),
    "request-correction": ("C", "", "/window/{}#gap"),
    "suspend": ("P", "", "/review/{}#sp"),
    "resume": ("P", "main", ""),
    "extend-limit": ("E", "", "/review/{}/extend-limit"),
    "approve-extension": ("E", "main", "/review/{}/approve-extension"),
    "return": ("B", "", "/review/{}/return"),
    "not-accept": ("N", "stop", "/{area}/{}/not-accept"),
    "terminate": ("T", "stop", "/{area}/{}/terminate"),
    "close": ("Z", "", "/window/{}/close"),
    "reopen": ("O", "", "/review/{}/reopen"),
    "approve-reopening": ("O", "main", "/review/{}/approve-reopening"),
    "claim": ("G", "main", ""),
    "release": ("U", "", ""),
}
"""Each action in the order of the bar: its key, its tone, and where it is prepared; nothing: one click does it."""


def bar(opened: Opened) -> Bar:
    """The bar of an opened case."""
    row, holder = opened.case.row, opened.case.beneficiary
    return Bar(
        number=row.number,
        area=opened.area,
        version=row.version,
        latin_name=" ".join(filter(None, (holder.surname, holder.given_names))),
        chinese_name=holder.chinese_name or "",
        category=opened.view.category or "",
        nationality=nationality(holder.nationality),
        matter=_matter(opened.view),
        joint=row.joint,
        state=_state(opened.case),
        held=_held(opened),
        clocks=tuple(limits.bars(opened.office.law, opened.case, opened.today)),
        buttons=tuple(_buttons(opened)),
        shut=tuple(_shut(opened)),
        silence=_silence(opened.view.silence),
        cautions=opened.view.cautions,
        ended=opened.ended,
        permit=opened.case.held.number if opened.case.held else "",
    )


def _silence(found: SilenceView | None) -> tuple[parts.Light, Text] | None:
    if found is None or found.state == "quiet":
        return None
    means = CONSEQUENCES[found.kind]
    zh, en = (means.of(lang).format(counts_from=found.counts_from) for lang in ("zh", "en"))
    if found.state == "raised":
        return "soon", Text(f"{found.last_day} 前不答复，{zh}。", f"Unless answered by {found.last_day}, {en}.")
    return "late", Text(f"到 {found.last_day} 没有答复，{zh}。", f"Not answered by {found.last_day}: {en}.")


def _matter(view: CaseView) -> Text:
    item = PROCEDURES.get(view.procedure, Text(view.procedure, view.procedure))
    how = CIRCUMSTANCES.get(view.circumstance or "")
    return Text(f"{item.zh}，{how.zh}", f"{item.en}, {how.en}") if how else item


def _state(case: Case) -> Text:
    if case.row.state == "granted" and not case.row.hand_out:
        ends = case.filing.writes == "end"
        return Text("待送达", "To deliver") if ends else Text("待发证", "To hand out")
    return STATES[case.row.state]


def _held(opened: Opened) -> Text | None:
    claim = opened.case.row.claim
    if claim is None or holder(opened.case, opened.at) is None:
        return None
    since = _when(claim.at, opened.today)
    if claim.by == opened.account.id:
        return Text(f"您认领于 {since}", f"Yours since {since}")
    return Text(f"{claim.name} {since} 认领", f"{claim.name}, since {since}")


def _when(at: dt.datetime, today: dt.date) -> str:
    local = at.astimezone(clock.CITY)
    return f"{local:%H:%M}" if local.date() == today else f"{local:%m-%d %H:%M}"


def _buttons(opened: Opened) -> Iterable[Button]:
    main = True
    for action, (key, tone, place) in KEYS.items():
        if action not in opened.may:
            continue
        href = place.format(opened.view.number, area=opened.area)
        shown = tone if tone != "main" or main else ""
        main = main and tone != "main"
        if action == "decide" and _refuses(opened):
            shown = "stop"
        posts = f"/{opened.area}/{opened.view.number}/{action}"
        yield Button(action, _words(opened, action), key, href or posts, not href, shown)
    if _held_by_another(opened):
        take = f"/{opened.area}/{opened.view.number}/take-over"
        yield Button("take-over", ACTIONS["take-over"], "G", take)


def _words(opened: Opened, action: str) -> Text:
    if action == "decide":
        if opened.case.filing.by_office:
            return signing(opened)
        return Text("签发不予决定", "Sign refusal") if _refuses(opened) else Text("签发准予决定", "Sign grant")
    return ACTIONS[action]


def signing(opened: Opened) -> Text:
    """What the button that signs what the office itself proposed says: what becomes of the permit."""
    said = outcome(opened.case.row.procedure, "refuse" if _refuses(opened) else "grant")
    return Text(f"签发：{said.zh}", f"Sign: {said.en}")


def _refuses(opened: Opened) -> bool:
    said = opened.case.row.recommendation
    return said is not None and said.outcome == "refuse"


def _held_by_another(opened: Opened) -> bool:
    held = holder(opened.case, opened.at)
    return held not in (None, str(opened.account.id)) and any(row.action == "claim" for row in mine(opened))


def mine(opened: Opened) -> Iterable[lifecycle.Transition]:
    """The rows of the lifecycle's table that this person's roles open in the case's state."""
    region = opened.case.row.region
    for row in lifecycle.TABLE:
        if opened.case.row.state in row.states and any(opened.account.has(role, region) for role in row.roles):
            yield row


def _shut(opened: Opened) -> Iterable[tuple[Text, Text]]:
    said = opened.case.row.recommendation
    asking = Asking(opened.account, opened.at, said.outcome if said else None)
    reasons: dict[Text, list[Text]] = {}
    for row in mine(opened):
        why = None if row.action in opened.may else lifecycle.why_not(row, opened.case, asking)
        if why and row.action not in QUIET:
            reasons.setdefault(why, []).append(ACTIONS[row.action])
    for why, names in reasons.items():
        yield Text("、".join(n.zh for n in names), ", ".join(n.en for n in names)), why


QUIET = ("claim", "release", "approve-extension", "approve-reopening", "reopen", "close")
"""Actions whose absence needs no explanation."""
