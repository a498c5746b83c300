"""The administrators' pages: the calendar of working days, checked and loaded from the State Council's own words.

Nothing is computed here: what a notice means, and which deadlines it moves, is the affair of the rules and of `cases`.
"""

import datetime as dt
from typing import Any

import msgspec
from litestar import Router, get, post
from litestar.response import Response

from permits import clock
from permits.accounts.model import Account
from permits.cases import deadlines
from permits.errors import BadInput, FieldError
from permits.i18n import Text
from permits.own_law import service as own_law
from permits.own_law import store
from permits.own_law.store import Entry
from permits.rules import holiday_notice, working_days
from permits.rules.law import Law
from permits.rules.working_days import Calendar, DaysOff
from permits.settings import settings
from permits.web import auth
from permits.web.auth import Asked, person, wrong_role
from permits.web.forms import Filled, Form
from permits.web.pages import page, posted, see
from permits.web.state import database_of

CALENDAR = "/admin/calendar"
BASES = {
    "loaded": Text("官方，本机关载入", "Official, loaded here"),
    "published": Text("官方，随软件提供", "Official, comes with the software"),
    "expected": Text("暂定，官方通知还没载入", "Provisional until the notice is loaded"),
}
NO_YEAR = Text("请选择年份。", "Choose the year.")
NO_TEXT = Text("请粘贴通知全文。", "Paste the text of the notice.")
NO_NUMBER = Text("通知里没有文号，请填上。", "The text has no document number; enter it.")
NOT_WHOLE = Text("通知有对不上的地方，都列在上面。", "Some of the notice does not hold together; all is listed above.")


class Year(msgspec.Struct, frozen=True):
    """One year's calendar as it stands."""

    year: int
    basis: str
    words: Text
    off: tuple[DaysOff, ...]
    worked: tuple[dt.date, ...]
    entry: Entry | None
    """Who loaded it, when; None where nobody did."""


class Drawn(msgspec.Struct, frozen=True):
    """What is shown beside the form: what was read, or what is wrong with it."""

    calendar: Calendar | None = None
    problems: tuple[Text, ...] = ()


@get("/")
async def first(request: Asked) -> Response[None]:
    """The one page there is so far."""
    return see(CALENDAR)


@get("/calendar")
async def calendar(request: Asked) -> Response[str]:
    """The years that matter, official or provisional, and the form for the next notice."""
    return await _show(request, Filled({"year": str(clock.today().year + 1)}))


@post("/calendar")
async def load(request: Asked) -> Response[Any]:
    """Check a notice and show what was read; sent again by the button beside that, take it in."""
    sent = await posted(request)
    drawn, errors = _read(sent)
    filled = Filled.again(sent, errors)
    if errors or drawn.calendar is None:
        return await _show(request, filled, drawn, status=400)
    if sent.get("step") != "load":
        return await _show(request, filled, drawn)
    return await _take(request, filled, drawn.calendar)


def _read(sent: Form) -> tuple[Drawn, list[FieldError]]:
    year, text = sent.get("year"), sent.get("text")
    errors = [
        FieldError(f"/{name}", words)
        for name, words, good in (("year", NO_YEAR, year in _years()), ("text", NO_TEXT, bool(text)))
        if not good
    ]
    if errors:
        return Drawn(), errors
    found = holiday_notice.read(text, int(year), sent.get("number")[:60])
    if found.problems:
        return Drawn(None, found.problems), [FieldError("/text", NOT_WHOLE)]
    if found.calendar and not found.calendar.article:
        errors.append(FieldError("/number", NO_NUMBER))
    return Drawn(found.calendar), errors


def _years() -> list[str]:
    """The years whose notice may be loaded: last, this and next."""
    today = clock.today()
    return [str(today.year + at) for at in (1, 0, -1)]


async def _take(request: Asked, filled: Filled, taken: Calendar) -> Response[Any]:
    account = person(request)
    region = _region(account)
    try:
        async with database_of(request).transaction(region) as tx:
            await own_law.take_calendar(tx, taken, account, region)
    except BadInput as wrong:
        return await _show(request, filled, Drawn(None, tuple(error.text for error in wrong.errors)), status=400)
    return see(f"{CALENDAR}?done={taken.key}")


def _region(account: Account) -> str:
    """The city whose administrator this is."""
    found = next((grant.region for grant in account.roles if grant.role == "admin"), None)
    if found is None or found not in settings().regions:
        raise wrong_role()
    return found


async def _show(request: Asked, filled: Filled, drawn: Drawn = Drawn(), status: int = 200) -> Response[str]:  # noqa: B008
    region = _region(person(request))
    async with database_of(request).transaction(region) as tx:
        entries = await store.in_force(tx)
        standing = await deadlines.standing(tx, region)
        latest = max((entry.loaded_at for entry in entries), default=None)
        moved = await deadlines.moved_since(tx, region, latest) if latest else 0
    done = request.query_params.get("done", "")
    return page(
        request,
        "admin/calendar.html",
        status=status,
        f=filled,
        drawn=drawn,
        choices=[(year, year) for year in _years()],
        years=_listed(own_law.assembled(entries), entries),
        standing=standing,
        moved=moved,
        latest=latest,
        done=done if done in _years() else "",
    )


def _listed(law: Law, entries: list[Entry]) -> list[Year]:
    loaded = {entry.key: entry for entry in entries if entry.kind == "calendar"}
    return [_year(law, int(year), loaded.get(year)) for year in _years()]


def _year(law: Law, year: int, entry: Entry | None) -> Year:
    basis = working_days.basis(law, year)
    off, worked = working_days.days_off(law, year), working_days.worked(law, year)
    return Year(year, basis, BASES[basis], off, worked, entry)


def admin_router() -> Router:
    """The administrators' pages."""
    handlers = [first, calendar, load]
    return Router("/admin", route_handlers=handlers, guards=[auth.require("admin")], include_in_schema=False)
