"""The comparison of two days: both totals, what made the difference, and each group on either day. It only reads."""

import datetime as dt
from collections.abc import Mapping

import asyncpg
import msgspec
from litestar import get
from litestar.response import Response

from permits import clock
from permits.errors import BadInput
from permits.i18n import Text
from permits.statistics import service as statistics
from permits.statistics import store
from permits.statistics.model import DEFINITION, DIMENSIONS, Count
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
    days = read(request.query_params, clock.today())
    async with database_of(request).transaction(region) as tx:
        days = await _within(tx, region, days, request.query_params, clock.today())
        bridge = await statistics.bridge(tx, region, days.before.on, days.after.on)
        pairs = await _pairs(tx, request, region, days)
        await note(tx, request, "statistics", days.after, by=[days.by], compared=str(days.before.on))
    return page(
        request, "office/compare.html", status=400 if days.after.filled.errors else 200, days=days, bridge=bridge,
        asked=Asked(days.after.on, None), waterfall=charts.waterfall(bridge, WIDTH), pairs=pairs,
        spoken=bridges.spoken(bridge), dimensions=DIMENSIONS, definition=DEFINITION, hrefs=bridges.hrefs(bridge),
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


async def _pairs(tx: asyncpg.Connection, request: auth.Asked, region: str, days: Days) -> list[Pair]:
    before = await statistics.valid_on(tx, region, days.before.on, None, (days.by,))
    after = await statistics.valid_on(tx, region, days.after.on, None, (days.by,))
    counts = _counts(before, days.by), _counts(after, days.by)
    codes = sorted(counts[0].keys() | counts[1].keys(), key=lambda code: (-counts[1].get(code, 0), code))
    employers = await store.employer_names(tx, region, codes) if days.by == "employer" else {}
    law = office_of(request).law

    def side(asked: Asked, found: Mapping[str, int], code: str) -> Side:
        return Side(found.get(code, 0), asked.url("/office/permits", **{days.by: code}))

    return [
        Pair(
            words.value(days.by, code, law, days.after.on, region, employers),
            side(days.before, counts[0], code),
            side(days.after, counts[1], code),
        )
        for code in codes
    ]


def _counts(count: Count, by: str) -> dict[str, int]:
    return {group.values[by]: group.count for group in count.groups}
