"""Sums up the whole ledger anew: after an older version wrote past the sums, or where a recount found them wrong.

All in one transaction: what is recorded meanwhile waits for the next run, and whoever counts meanwhile sees the sums
as they were.
"""

import asyncio
import sys
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import asyncpg
from sqlalchemy import ColumnElement, Select, String, delete, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.expression import bindparam

from permits import clock
from permits.db.database import Database
from permits.db.statements import Statement, statement
from permits.register.figures import CELLS, FIGURES, Figure
from permits.register.rollup import ENTER, KEY, LOCK, period, sums, values
from permits.register.tables import ledger, ledger_total, ledger_waiting, permit
from permits.settings import Settings, settings

SOURCES = {
    "tt": "", "*d": "", "*t": "tt", "*m": "*t", "*y": "*m", "*l": "*y",
    "yd": "", "dy": "", "tm": "tt", "ty": "tm", "mt": "tt", "mm": "tm", "my": "mm", "yt": "mt", "ym": "mm", "yy": "my",
}  # fmt: skip
"""From which sums others are made, in this order; where those are not kept, and at first, from the ledger."""
MANY, MANY_OF = 2_000, 20
"""So many writes, and one in so many of all permits: to sum up everything anew is sooner done than to add them."""
EVERYTHING = None
"""Of what waits: no limit."""
Told = Callable[[int, int], None]
"""Told how many steps of how many are done."""
STEPS = sum(level <= figure.level for figure in FIGURES for level in CELLS.values())


def _word(word: str) -> ColumnElement[str]:
    return literal_column(f"'{word}'", String)


@cache
def _filling(figure: Figure, cell: str) -> Statement:
    source = SOURCES[cell]
    kept = source and CELLS[source] <= figure.level
    rows = _of_totals(figure, cell, source) if kept else _of_ledger(figure, cell)
    done = insert(ledger_total).from_select([*KEY, "delta", "persons"], rows).returning(literal_column("1")).cte("done")
    return statement(select(func.count()).select_from(done))


def _of_ledger(figure: Figure, cell: str) -> Select[Any]:
    known, effective = period(cell[0], ledger.c.recorded_on), period(cell[1], ledger.c.effective)
    return _summed(ledger, figure, cell, known, effective, values(figure, ledger))


def _of_totals(figure: Figure, cell: str, source: str) -> Select[Any]:
    total = ledger_total
    known, effective = period(cell[0], total.c.known), period(cell[1], total.c.effective)
    found = _summed(total, figure, cell, known, effective, (total.c.a, total.c.b))
    return found.where(total.c.by == _word(figure.code), total.c.cell == _word(source))


def _summed(table: Any, figure: Figure, cell: str, known: Any, effective: Any, pair: Any) -> Select[Any]:
    named = zip(("known", "effective", "a", "b"), (known, effective, *pair), strict=True)
    keys = [column.label(name) for name, column in named]
    places: list[ColumnElement[Any]] = [literal_column(str(place)) for place in range(4, 8)]
    return (
        select(table.c.region, _word(figure.code).label("by"), _word(cell).label("cell"), *keys, *sums(table))
        .where(table.c.region == bindparam("region", type_=String))
        .group_by(table.c.region, *places)
        .order_by(*places)
    )


_MUCH = statement(
    select(
        *(
            select(func.count()).where(table.c.region == bindparam("region", type_=String)).scalar_subquery()
            for table in (ledger_waiting, permit)
        )
    )
)
_FORGET = statement(delete(ledger_total).where(ledger_total.c.region == bindparam("region", type_=String)))


async def rebuild(database: Database, region: str, told: Told = lambda done, of: None) -> None:
    """Sum up a city's ledger anew."""
    async with database.transaction(region) as tx:
        await rebuild_in(tx, region, told)


async def rebuild_in(tx: asyncpg.Connection, region: str, told: Told = lambda done, of: None) -> None:
    """The same in a transaction: who holds the lock alone enters rows, so the ledger stands still meanwhile."""
    await LOCK.run(tx, region=region, at=clock.machine_now())
    await ENTER.value(tx, region=region, most=EVERYTHING)
    await _FORGET.run(tx, region=region)
    done = 0
    for figure in FIGURES:
        for cell in SOURCES:
            if CELLS[cell] <= figure.level:
                await _filling(figure, cell).value(tx, region=region)
                done += 1
                told(done, STEPS)


async def sum_many(database: Database, region: str, told: Told = lambda done, of: None) -> None:
    """Sum up at once what waits, where that is much beside what is summed; little is left to the worker.

    Counts read what waits row by row: of many thousands that would be felt until the worker is through.
    """
    async with database.transaction(region) as tx:
        ((waiting, permits),) = await _MUCH.all(tx, region=region)
    if waiting >= MANY and waiting * MANY_OF >= permits:
        await rebuild(database, region, told)


def main() -> None:
    """`permits ledger rebuild`: sum up the ledger of every city anew, with a bar on standard error."""
    asyncio.run(_all(settings()))


async def _all(given: Settings) -> None:
    async with Database(given.database_url) as database:
        for region in given.regions:
            await rebuild(database, region, partial(_bar, region))


def _bar(title: str, done: int, of: int) -> None:
    filled = 30 * done // of
    end = "\n" if done == of else ""
    sys.stderr.write(f"\r{title} [{'#' * filled}{'.' * (30 - filled)}] {done}/{of}{end}")
