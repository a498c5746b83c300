"""The comparison of two days: both totals, what made the difference, and each group on either day. It only reads."""

import datetime as dt
from collections.abc import Sequence

import asyncpg
import msgspec
from litestar import get
from litestar.response import Response

from permits import clock
from permits.errors import BadInput
from permits.i18n import Text
from permits.statistics import service as statistics
from permits.statistics import store
from permits.statistics.model import DEFINITION, DIMENSIONS, Rank
from permits.statistics.taken import year_before
from permits.web import auth
from permits.web.forms import Filled, field_of
from permits.web.office import asked as asking
from permits.web.office import bridges, charts, words
from permits.web.office.asked import Asked, Query, managed_region
from permits.web.office.notes import note
from permits.web.pages import page
from permits.web.state import database_of, office_of

WIDTH = 501


class Side(msgspec.Struct, frozen=True):
    """One group on one of the days."""

    count: int
    href: str


class Pair(msgspec.Struct, frozen=True):
    """One group on both days."""

    name: Text
    before: Side
    after: Side

    @property
    def change(self) -> int:
        """What the later day has more."""
        return self.after.count - self.before.count


class Days(msgspec.Struct, frozen=True):
    """The two days asked for, the earlier one first, and the form with what is wrong."""

    before: Asked
    after: Asked
    by: str


@get("/compare")
async def compare(request: auth.Asked) -> Response[str]:
    """Two days side by side; 400 beside a day that is none."""
    region = managed_region(auth.person(request))
    days, skip = read(request.query_params, clock.today()), asking.skipped(request.query_params)
    async with database_of(request).transaction(region) as tx:
        days = await _within(tx, region, days, request.query_params, clock.today())
        bridge = await statistics.bridge(tx, region, days.before.on, days.after.on)
        both = [(days.before.on, None), (days.after.on, None)]
        found = await statistics.ranking(tx, region, days.by, both, asking.GROUPS, skip)
        pairs = await _pairs(tx, request, region, days, found.ranks)
        await note(tx, request, "statistics", days.after, by=[days.by], compared=str(days.before.on))
    url = f"/office/compare?from={days.before.on}&to={days.after.on}&by={days.by}"
    return page(
        request, "office/compare.html", status=400 if days.after.filled.errors else 200, days=days, bridge=bridge,
        asked=Asked(days.after.on, None), waterfall=charts.waterfall(bridge, WIDTH), pairs=pairs,
        spoken=bridges.spoken(bridge), url=url, first=url if skip else "",
        following=asking.more_groups(url, skip, found.groups),
        dimensions=DIMENSIONS, definition=DEFINITION, hrefs=bridges.hrefs(bridge),
    )  # fmt: skip


def read(query: Query, today: dt.date) -> Days:
    """The days an address asks about: today and a year before, where it names none; the earlier first."""
    named = asking.both(query, {"from": year_before(today), "to": today})
    first, last = sorted((named.days["from"], named.days["to"]))
    by = str(query.get("by", ""))
    return Days(Asked(first, None), Asked(last, None, named.filled), by if by in DIMENSIONS else "category")


async def _within(tx: asyncpg.Connection, region: str, days: Days, query: Query, today: dt.date) -> Days:
    """The days, or one day twice: what the register does not reach is told beside its field, where it was asked."""
    asked = {"from": days.before.on, "to": days.after.on}
    try:
        await statistics.require_within(tx, region, today, **asked)
    except BadInput as wrong:
        errors = {field_of(error.pointer): error.text for error in wrong.errors}
        asked_for = {name: text for name, text in errors.items() if query.get(name)}
        day = today if asked_for else days.after.on
        unasked = {name: str(day) for name in errors if name not in asked_for}
        filled = days.after.filled
        again = Filled({**filled.values, **unasked}, {**asked_for, **filled.errors})
        return Days(Asked(day, None), Asked(day, None, again), days.by)
    return days


async def _pairs(
    tx: asyncpg.Connection, request: auth.Asked, region: str, days: Days, ranks: Sequence[Rank]
) -> list[Pair]:
    employers = await store.employer_names(tx, region, [r.code for r in ranks]) if days.by == "employer" else {}
    law = office_of(request).law

    def side(asked: Asked, count: int, code: str) -> Side:
        return Side(count, asked.url("/office/permits", **{days.by: code}))

    return [
        Pair(
            words.value(days.by, rank.code, law, days.after.on, region, employers),
            side(days.before, rank.counts[0], rank.code),
            side(days.after, rank.counts[1], rank.code),
        )
        for rank in ranks
    ]
