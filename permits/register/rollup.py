"""Sums up what waits: takes writes, enters them in the ledger and adds them to the totals of every period, or nothing.

It deletes exactly the rows that it read, so that one committed late waits for the next run; running it twice, or twice
at once, sums nothing twice. Whoever counts reads totals and what waits in one statement and never sees the difference.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    Date,
    Integer,
    String,
    Table,
    and_,
    cast,
    delete,
    extract,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import array, insert
from sqlalchemy.sql.expression import bindparam, column

from permits import clock
from permits.db.database import Database
from permits.db.statements import Statement, statement
from permits.register.figures import BEGIN, CELLS, FIGURES, Figure
from permits.register.tables import ledger, ledger_state, ledger_total, ledger_waiting
from permits.register.waiting import WRITTEN, unpacked

BATCH = 1000
"""So many writes are summed in one transaction; the more, the more of their sums are the same."""
KEY = ("region", "by", "cell", "known", "effective", "a", "b")
_REGION = bindparam("region", type_=String)


def period(grain: str, day: ColumnElement[Any]) -> ColumnElement[Any]:
    """The first day of the period of a day, see `Grain`; of any day where the grain is `*`."""
    if grain == "*":
        return literal_column(f"DATE '{BEGIN}'", Date)
    if grain == "d":
        return day
    year, month, nth = (cast(extract(part, day), Integer) for part in ("year", "month", "day"))
    one, five, ten, last = _numbers((1, 5, 10, 21))
    third = func.least(nth - (nth - one) % ten, last)
    parts = {
        "l": (year - year % five, one, one),
        "y": (year, one, one),
        "m": (year, month, one),
        "t": (year, month, third),
    }
    return func.make_date(*parts[grain], type_=Date)


def _here(table: Table) -> ColumnElement[bool]:
    return table.c.region == _REGION


def sums(source: Any) -> list[ColumnElement[int]]:
    """Both measures, permits (`delta`) and persons, added up."""
    return [cast(func.sum(source.c[name]), Integer).label(name) for name in ("delta", "persons")]


def _unnest(name: str, **columns: Sequence[Any]) -> Any:
    """Rows beside each row of what stands before, given column by column."""
    arrays = [array(list(values)) for values in columns.values()]
    shape = [column(key, _TYPES[key]) for key in columns]
    return func.unnest(*arrays).table_valued(*shape).render_derived(name=name)


_TYPES: dict[str, Any] = {
    "cell": String(), "level": Integer(), "known": Date(), "effective": Date(),
    "by": String(), "a": String(), "b": String(),
}  # fmt: skip


def _text(words: Sequence[str]) -> list[ColumnElement[Any]]:
    return [literal_column(f"'{word}'", String) for word in words]


def _numbers(numbers: Sequence[int]) -> list[ColumnElement[Any]]:
    return [literal_column(str(number), Integer) for number in numbers]


def values(figure: Figure, row: Any) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    second = row.c[figure.columns[1]] if len(figure.columns) > 1 else literal_column("''", String)
    return row.c[figure.columns[0]], second


def _entered() -> tuple[CTE, CTE, CTE]:
    """Writes taken out of those that wait, their entries, and these put into the ledger."""
    waiting = ledger_waiting
    oldest = select(waiting.c.id).where(_here(waiting)).order_by(waiting.c.id).limit(bindparam("most"))
    some = and_(_here(waiting), waiting.c.id.in_(oldest.scalar_subquery()))
    taken = delete(waiting).where(some).returning(*waiting.c).cte("taken")
    entries = unpacked(taken).cte("entries")
    entering = insert(ledger).from_select(WRITTEN, select(*(entries.c[name] for name in WRITTEN)))
    return taken, entries, entering.returning(ledger.c.id).cte("entered")


def _summing() -> Statement:
    """Takes a batch of writes, enters it, works out every period and figure of each entry, adds the sums up."""
    taken, entries, entered = _entered()
    cells = _unnest(
        "cells",
        cell=_text(list(CELLS)),
        level=_numbers(list(CELLS.values())),
        known=[period(cell[0], entries.c.recorded_on) for cell in CELLS],
        effective=[period(cell[1], entries.c.effective) for cell in CELLS],
    )
    pairs = [values(figure, entries) for figure in FIGURES]
    by = _unnest(
        "figures",
        by=_text([figure.code for figure in FIGURES]),
        level=_numbers([figure.level for figure in FIGURES]),
        a=[first for first, _ in pairs],
        b=[second for _, second in pairs],
    )
    keys = [entries.c.region, by.c.by, cells.c.cell, cells.c.known, cells.c.effective, by.c.a, by.c.b]
    added_up = sums(entries)
    source = (
        select(*keys, *added_up)
        .select_from(entries)
        .join(cells, literal_column("true", Boolean))
        .join(by, cells.c.level <= by.c.level)
        .group_by(*keys)
        .having((func.sum(entries.c.delta) != 0) | (func.sum(entries.c.persons) != 0))
        .order_by(*keys)
    )
    put = insert(ledger_total).from_select([*KEY, "delta", "persons"], source)
    added = {name: ledger_total.c[name] + put.excluded[name] for name in ("delta", "persons")}
    done = put.on_conflict_do_update(index_elements=KEY, set_=added).returning(literal_column("1")).cte("done")
    return statement(select(func.count()).select_from(taken).add_cte(entered, done))


def _entering() -> Statement:
    taken, _, entered = _entered()
    return statement(select(func.count()).select_from(taken).add_cte(entered))


_state = insert(ledger_state).values(region=_REGION, summed_at=bindparam("at"))
LOCK = statement(_state.on_conflict_do_update(index_elements=["region"], set_={"summed_at": _state.excluded.summed_at}))
_SUM = _summing()
ENTER = _entering()
"""The first half alone, for whoever sums up everything anew."""


async def sum_once(database: Database, region: str, most: int = BATCH) -> int:
    """Sum up one batch of a city; how many writes it was. One at a time: a second one waits."""
    async with database.transaction(region) as tx:
        await LOCK.run(tx, region=region, at=clock.machine_now())
        summed: int = await _SUM.value(tx, region=region, most=most)
    return summed


async def sum_all(database: Database, region: str, stopped: Callable[[], bool] = lambda: False) -> int:
    """Sum up batch after batch until little is left or someone says stop; how many writes it was."""
    whole, some = 0, BATCH
    while some == BATCH and not stopped():
        some = await sum_once(database, region)
        whole += some
    return whole
