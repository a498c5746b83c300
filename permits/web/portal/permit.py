"""One's own permits: those granted in one's cases, each with its versions, letters and what can be applied for."""

import datetime as dt
from collections.abc import Iterator

import asyncpg
import msgspec
from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from permits import clock
from permits.cases import holding, known, queues
from permits.cases.filing import FILINGS
from permits.errors import NotFound
from permits.i18n import Text
from permits.letters.kinds import TITLES
from permits.register import service as register
from permits.register.model import RegisteredPermit
from permits.rules import windows
from permits.rules.law import NoRule
from permits.rules.nationality import NATIONALITIES
from permits.rules.windows import MissingDate, Occasion, Window
from permits.web.pages import page
from permits.web.permit import licence, shown
from permits.web.permit_lines import lines
from permits.web.portal.ground import AGENT, Asked, Desk, desk_of
from permits.web.portal.matters import MATTERS
from permits.web.public.verification import WORDS, Word

ABOUT = tuple((code, MATTERS[code]) for code, one in FILINGS.items() if one.permit == "must" and not one.by_office)
"""What can be applied for about a permit held."""


class Mine(msgspec.Struct, frozen=True):
    """One permit of a list."""

    number: str
    name: str
    word: Word
    category: str
    employer: str
    until: dt.date


async def permits_of(desk: Desk) -> list[Mine]:
    """The permits granted in one's own cases."""
    async with desk.database.transaction(desk.region) as tx:
        numbers = await queues.permit_numbers(tx, desk.region, desk.account.id)
        return [await _mine(tx, desk, number) for number in numbers]


async def _mine(tx: asyncpg.Connection, desk: Desk, number: str) -> Mine:
    entry = await register.permit_by_number(tx, desk.office.keys, desk.region, number, clock.today())
    last = next((one for one in reversed(entry.permits) if one.status == "valid"), entry.permits[-1])
    name = entry.names.chinese_name or entry.names.latin
    return Mine(entry.number, name, WORDS[last.status], last.category, last.employer_name, last.valid_until)


class About(msgspec.Struct, frozen=True):
    """Something that can be applied for."""

    code: str
    title: Text
    opens: dt.date | None
    closes: dt.date | None
    """The days between which it is, where the permit's own last day says so."""
    over: Text | None
    """Of what is no longer taken today: the window in words."""


def _about(desk: Desk, permit: RegisteredPermit) -> Iterator[About]:
    """What can be applied for about a permit as it stands, and when; a new paper only for a card."""
    if permit.status not in holding.IN_FORCE or permit.ended_on is not None:
        return
    card = known.is_card(desk.office.law, desk.region, permit)
    for code, title in ABOUT:
        if code != "replace" or card:
            found = _window(desk, code, permit.valid_until)
            over = found.text if found and found.state(clock.today()) == "refused" else None
            yield About(code, title, found.opens if found else None, found.closes if found else None, over)


def _window(desk: Desk, code: str, last: dt.date) -> Window | None:
    try:
        return windows.window(desk.office.law, code, Occasion(permit_expiry=last), clock.today(), desk.region)
    except (NoRule, MissingDate):
        return None


@get("/permits/{number:str}", guards=[AGENT])
async def own_permit(request: Asked, number: FromPath[str]) -> Response[str]:
    """A permit with its whole history; its parties only."""
    desk = desk_of(request)
    async with desk.database.transaction(desk.region) as tx:
        if number.strip().upper() not in await queues.permit_numbers(tx, desk.region, desk.account.id):
            raise NotFound(holding.NO_PERMIT)
        entry = await holding.look(tx, desk.office, desk.account, desk.region, number)
        found = await shown(tx, desk.office.law, desk.region, entry, desk.lang, inside=False)
        pending = await holding.pending(tx, desk.office, desk.region, found.current)
    code = found.current.nationality
    return page(
        request,
        "portal/permit.html",
        entry=entry,
        current=found.current,
        word=WORDS[found.current.status],
        nationality=NATIONALITIES.get(code),
        lines=lines(found),
        titles=TITLES,
        licence=licence(found.current.licence, desk.lang),
        about=[one for one in _about(desk, found.current) if one.code not in {case.procedure for case in pending}],
        pending=[(one, MATTERS[one.procedure], one.filed_by == desk.account.id) for one in pending],
        card=known.is_card(desk.office.law, desk.region, found.current),
    )
