"""The board of figures: everything the page of a day shows, asked of the database side by side. It only reads.

Each figure is one statement, with a snapshot of its own: none of them needs another's transaction.
"""

import asyncio
import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from permits.db.database import Database
from permits.i18n import Text
from permits.office import Office
from permits.rules.law import Law
from permits.rules.nationality import NATIONALITIES
from permits.rules.routing import agency_limits
from permits.statistics import behind, times
from permits.statistics import service as statistics
from permits.statistics import shares as cases_shared
from permits.statistics.extensions import Extension, extensions
from permits.statistics.model import Bridge, Count, ListedPermit, MonthEnd, Point
from permits.statistics.periods import ends_of_months
from permits.statistics.shares import Counted
from permits.statistics.taken import Party, Step, year_before
from permits.web.labels import words
from permits.web.office import bridges, charts, shares
from permits.web.office.asked import Asked
from permits.web.office.charts import Series, Waterfall
from permits.web.office.lanes import Lanes, lanes
from permits.web.office.shares import Pane, Piece

CATEGORIES = ("A", "B", "C")
MOST_NATIONALITIES = 9
"""Rows of the matrix before the rest is summed up in one."""
MOST_INDUSTRIES = 7
SHOWN_EXPIRING = 8
WITHIN = (30, 60, 90)
"""Days ahead that expiring permits are counted for."""
MOST_REPORTED = 6
POLICE_LIMIT = "police/decision"
SPLIT_WIDTH, BRIDGE_WIDTH = 395, 501


class Cell(msgspec.Struct, frozen=True):
    """One figure of the matrix."""

    value: int
    heat: int
    href: str


class Row(msgspec.Struct, frozen=True):
    """One nationality, or the rest of them."""

    name: Text
    cells: tuple[Cell, ...]
    total: Cell
    rest: int = 0
    """How many nationalities the row sums up; 0 for a row of one."""


class Share(msgspec.Struct, frozen=True):
    """One line of a list of bars."""

    name: Text
    value: int
    percent: float
    """Of the longest bar."""
    href: str


class Reported(msgspec.Struct, frozen=True):
    """A month's end as it was known then and is known now."""

    on: dt.date
    then: int
    now: int
    href: str
    """The permits that make the difference; empty where there is none."""


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a day."""

    total: int
    persons: int
    before: Point
    """The same day a year earlier."""
    split: tuple[Piece, ...]
    months: tuple[MonthEnd, ...]
    series: Series
    bridge: Bridge
    waterfall: Waterfall
    hrefs: dict[str, str]
    """Where each bar leads."""
    spoken: Text
    """The bridge in a sentence."""
    panes: tuple[Pane, ...]
    elsewhere: int
    """Permits in a district that has no place on the map."""
    rows: tuple[Row, ...]
    sums: tuple[Cell, ...]
    """Of each category."""
    industries: tuple[Share, ...]
    employers: int
    nationalities: int
    expiring: tuple[ListedPermit, ...]
    extensions: dict[uuid.UUID, Extension]
    """How each of them stands to its extension."""
    soon: dict[int, int]
    """How many run out within so many days."""
    reported: tuple[Reported, ...]
    lanes: Lanes
    """Working days by step over the year before the day."""
    rates: dict[str, Counted]
    """Shares of cases over the same year."""

    @property
    def empty(self) -> bool:
        """Whether the register held nothing in all the time shown."""
        return not self.total and all(not month.total and not month.then for month in self.months)

    @property
    def change(self) -> int:
        """Against the year before."""
        return self.total - self.before.total


class _OfTheDay(msgspec.Struct, frozen=True):
    """What the ledger and the register say of the day."""

    crossed: Count
    by_district: Counter[str]
    by_industry: Counter[str]
    bridge: Bridge
    months: list[MonthEnd]
    expiring: tuple[ListedPermit, ...]
    extensions: dict[uuid.UUID, Extension]
    soon: dict[int, int]


class _OfTheYear(msgspec.Struct, frozen=True):
    """What the cases of the year say."""

    lanes: Lanes
    rates: dict[str, Counted]


async def board(database: Database, office: Office, region: str, asked: Asked, *, every_nationality: bool) -> Board:
    """All figures of the page, asked side by side; `every_nationality` leaves none to a row of the rest."""
    day, year, employers = await asyncio.gather(
        _of_the_day(database, office, region, asked),
        _of_the_year(database, office, region, asked.on),
        _employers(database, region, asked),
    )
    crossed, bridge, months = day.crossed, day.bridge, day.months
    rows, nationalities = _rows(crossed, asked, every_nationality)
    by_category = _by(crossed, "category")
    categories = {letter: by_category[letter] for letter in CATEGORIES}
    return Board(
        total=crossed.total,
        persons=crossed.persons,
        before=bridge.from_,
        split=shares.split(categories, SPLIT_WIDTH),
        months=tuple(months),
        series=charts.series(months),
        bridge=bridge,
        waterfall=charts.waterfall(bridge, BRIDGE_WIDTH),
        hrefs=bridges.hrefs(bridge, asked.known),
        spoken=bridges.spoken(bridge),
        panes=shares.districts(day.by_district),
        elsewhere=sum(value for code, value in day.by_district.items() if code not in shares.PLACES),
        rows=rows,
        sums=tuple(_cell(value, 0, asked, category=letter) for letter, value in categories.items()),
        industries=_industries(day.by_industry, asked),
        employers=employers,
        nationalities=nationalities,
        expiring=day.expiring,
        extensions=day.extensions,
        soon=day.soon,
        reported=_reported(months),
        lanes=year.lanes,
        rates=year.rates,
    )


async def _of_the_day(database: Database, office: Office, region: str, asked: Asked) -> _OfTheDay:
    on, known = asked.on, asked.known
    async with database.transaction(region) as tx:
        first = await behind.permits_expiring(tx, office.keys, region, on, WITHIN[-1], None, SHOWN_EXPIRING)
        return _OfTheDay(
            crossed=await statistics.valid_on(tx, region, on, known, ("nationality", "category")),
            by_district=_by(await statistics.valid_on(tx, region, on, known, ("district",)), "district"),
            by_industry=_by(await statistics.valid_on(tx, region, on, known, ("industry",)), "industry"),
            bridge=await statistics.bridge(tx, region, year_before(on), on, known),
            months=await statistics.totals(tx, region, _days(on)),
            expiring=first.items,
            extensions=await extensions(tx, office.law, region, on, first.items),
            soon=await behind.expiring_soon(tx, region, on, WITHIN),
        )


async def _of_the_year(database: Database, office: Office, region: str, on: dt.date) -> _OfTheYear:
    async with database.transaction(region) as tx:
        steps = await times.steps(tx, office.law, region, on)
        parties = await times.parties(tx, office.law, region, on)
        return _OfTheYear(timed(office.law, region, on, steps, parties), await cases_shared.shares(tx, region, on))


async def _employers(database: Database, region: str, asked: Asked) -> int:
    async with database.transaction(region) as tx:
        return await statistics.employers(tx, region, asked.on, asked.known)


def timed(law: Law, region: str, on: dt.date, steps: Sequence[Step], parties: Sequence[Party]) -> Lanes:
    """The lanes of the year up to a day, the police's among them beside what the law gives them."""
    limits = agency_limits(law, on=on, region=region)
    police = next((one.working_days for one in limits if one.key == POLICE_LIMIT), None)
    return lanes(steps, parties, police)


def _by(count: Count, name: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for group in count.groups:
        found[group.values[name]] += group.count
    return found


def _days(on: dt.date) -> list[dt.date]:
    """Two years of month ends up to a day, which stands last even where it ends no month."""
    ends = ends_of_months(year_before(year_before(on)).replace(day=1), on)
    return ends if ends[-1:] == [on] else [*ends, on]


def _rows(crossed: Count, asked: Asked, every: bool) -> tuple[tuple[Row, ...], int]:
    """The matrix, the most frequent nationalities first, and how many nationalities there are."""
    counted = {(g.values["nationality"], g.values["category"]): g.count for g in crossed.groups}
    order = [code for code, _ in _by(crossed, "nationality").most_common()]
    most = max(counted.values(), default=0)
    shown = order if every or len(order) <= MOST_NATIONALITIES + 1 else order[:MOST_NATIONALITIES]
    rows = [_row(code, counted, most, asked) for code in shown]
    if rest := order[len(shown) :]:
        rows.append(_rest(rest, counted, most, asked))
    return tuple(rows), len(order)


def _row(code: str, counted: Mapping[tuple[str, str], int], most: int, asked: Asked) -> Row:
    values = {letter: counted.get((code, letter), 0) for letter in CATEGORIES}
    cells = tuple(_cell(value, most, asked, nationality=code, category=letter) for letter, value in values.items())
    total = _cell(sum(values.values()), 0, asked, nationality=code)
    return Row(NATIONALITIES.get(code, Text(code, code)), cells, total)


def _rest(codes: Sequence[str], counted: Mapping[tuple[str, str], int], most: int, asked: Asked) -> Row:
    """The other nationalities in one row, whose figures lead to the whole matrix."""
    href = asked.url("/office/", nationalities="all") + "#matrix"
    values = [sum(counted.get((code, letter), 0) for code in codes) for letter in CATEGORIES]
    cells = tuple(Cell(value, shares.heat(value, most), href) for value in values)
    name = Text(f"其他 {len(codes)} 国", f"{len(codes)} others")
    return Row(name, cells, Cell(sum(values), 0, href), len(codes))


def _cell(value: int, most: int, asked: Asked, **where: str) -> Cell:
    return Cell(value, shares.heat(value, most) if most else 0, asked.url("/office/permits", **where))


def _industries(counted: Counter[str], asked: Asked) -> tuple[Share, ...]:
    first = counted.most_common(MOST_INDUSTRIES)
    most = first[0][1] if first else 1
    return tuple(
        Share(words("employer.industry", code), value, 100 * value / most, asked.url("/office/permits", industry=code))
        for code, value in first
    )


def _reported(months: Sequence[MonthEnd]) -> tuple[Reported, ...]:
    """The ends of years, and of months whose figure has changed since, the latest first."""
    ends = [month for month in months if month.then != month.total or (month.on.month, month.on.day) == (12, 31)]
    return tuple(Reported(m.on, m.then, m.total, _late(m)) for m in ends[::-1][:MOST_REPORTED])


def _late(month: MonthEnd) -> str:
    if month.then == month.total:
        return ""
    return f"/office/changes?from={statistics.FIRST}&to={month.on}&kind=corrected"
