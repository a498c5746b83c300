"""The SQL of counts: the areas of a question, from the totals, from the ledger itself, from what waits to be summed.

One statement a question, so that what is summed up in between is counted once. It never writes.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import asyncpg
from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    Subquery,
    Table,
    and_,
    collate,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.expression import bindparam, column

from permits.db.statements import Statement, statement
from permits.register.figures import Area, Cover, Figure, figure_of
from permits.register.rollup import sums
from permits.register.tables import ledger, ledger_total, ledger_waiting
from permits.register.waiting import unpacked

_AREA: dict[str, Any] = {
    "cell": String(), "known_from": Date(), "known_to": Date(), "effective_from": Date(), "effective_to": Date(),
    "sign": Integer(), "part": Integer(),
}  # fmt: skip
_MEASURES = ("delta", "persons")


def _areas(name: str) -> Any:
    """The areas of a question as rows, which come as one array a column, `name_column`."""
    arrays = [bindparam(f"{name}_{key}", type_=ARRAY(kind)) for key, kind in _AREA.items()]
    return func.unnest(*arrays).table_valued(*(column(k, t) for k, t in _AREA.items())).render_derived(name=name)


def _arrays(name: str, areas: Sequence[tuple[int, Area]]) -> dict[str, list[Any]]:
    columns = {f"{name}_{key}": [getattr(area, key) for _, area in areas] for key in _AREA if key != "part"}
    return columns | {f"{name}_part": [part for part, _ in areas]}


def _here(table: Table) -> ColumnElement[bool]:
    return table.c.region == bindparam("region", type_=String)


def _within(day: ColumnElement[Any], areas: Any, name: str) -> ColumnElement[bool]:
    return and_(day >= areas.c[f"{name}_from"], day < areas.c[f"{name}_to"])


def _places(count: int) -> list[ColumnElement[Any]]:
    """The first columns of a selection, to group by."""
    return [literal_column(str(place)) for place in range(1, count + 1)]


def _signed(part: Any, areas: Any) -> list[ColumnElement[Any]]:
    return [(part.c[name] * areas.c.sign).label(name) for name in _MEASURES]


def _values(figure: Figure, table: Table | CTE) -> list[ColumnElement[str]]:
    return [table.c[column].label(name) for name, column in zip("ab", figure.columns, strict=False)]


def _of_areas(part: Any, areas: Any, figure: Figure) -> Select[Any]:
    """What was found in each area; a subquery for each, so that each is one stretch of an index."""
    values = [part.c[name] for name, _ in zip("ab", figure.columns, strict=False)]
    found = select(areas.c.part, *values, *_signed(part, areas))
    return found.select_from(areas).join(part, literal_column("true"))


def _from_totals(figure: Figure) -> Select[Any]:
    total, areas = ledger_total, _areas("summed")
    values = [total.c[name] for name, _ in zip("ab", figure.columns, strict=False)]
    part = (
        select(*values, total.c.delta, total.c.persons)
        .where(_here(total), total.c.by == literal_column(f"'{figure.code}'", String), total.c.cell == areas.c.cell)
        .where(_within(total.c.known, areas, "known"), _within(total.c.effective, areas, "effective"))
        .offset(literal_column("0"))
        .lateral("part")
    )
    return _of_areas(part, areas, figure)


def _waiting(figure: Figure) -> CTE:
    """What waits, unpacked once and summed by its days, however many areas look at it."""
    keys = (*figure.columns, "effective", "recorded_on")
    entries = unpacked(ledger_waiting, *keys, *_MEASURES).where(_here(ledger_waiting)).subquery("entries")
    found = select(*(entries.c[name] for name in keys), *sums(entries)).group_by(*_places(len(keys)))
    return found.cte("waiting").prefix_with("MATERIALIZED")


def _from_waiting(figure: Figure) -> Select[Any]:
    """What the ledger does not have counts by all areas, those of the ledger's own rows too."""
    waiting, areas = _waiting(figure), _areas("asked")
    inside = and_(_within(waiting.c.recorded_on, areas, "known"), _within(waiting.c.effective, areas, "effective"))
    columns: list[ColumnElement[Any]] = [areas.c.part, *_values(figure, waiting), *_signed(waiting, areas)]
    return select(*columns).select_from(areas).join(waiting, inside)


def _from_ledger(figure: Figure, areas: Any, *where: ColumnElement[bool]) -> Select[Any]:
    """Summed up by area first: these may be many rows."""
    part = (
        select(*_values(figure, ledger), *sums(ledger))
        .where(_here(ledger), *where)
        .group_by(*_places(len(figure.columns)))
        .lateral("rows")
    )
    return _of_areas(part, areas, figure)


def _whenever(figure: Figure) -> Select[Any]:
    """All of some days of effect."""
    areas = _areas("whenever")
    return _from_ledger(figure, areas, _within(ledger.c.effective, areas, "effective"))


def _since(figure: Figure) -> Select[Any]:
    """All days of recording from one on; without a lower bound of effect, so that their index is taken."""
    areas = _areas("since")
    known = ledger.c.recorded_on >= areas.c.known_from
    return _from_ledger(figure, areas, known, ledger.c.effective < areas.c.effective_to)


def _by_effect(figure: Figure) -> Select[Any]:
    """For each day one stretch of the index by the day of effect."""
    areas = _areas("by_effect")
    day = ledger.c.effective == areas.c.effective_from
    return _from_ledger(figure, areas, day, _within(ledger.c.recorded_on, areas, "known"))


def _by_recording(figure: Figure) -> Select[Any]:
    """For each day one stretch of the index by the day of recording."""
    areas = _areas("by_recording")
    day = ledger.c.recorded_on == areas.c.known_from
    return _from_ledger(figure, areas, day, _within(ledger.c.effective, areas, "effective"))


_SOURCES: dict[str, Callable[[Figure], Select[Any]]] = {
    "whenever": _whenever,
    "since": _since,
    "by_effect": _by_effect,
    "by_recording": _by_recording,
}


_COVERED = ("summed", *_SOURCES)


@cache
def _count(figure: Figure, raw: tuple[str, ...], grouped: bool) -> Statement:
    return statement(_sums(figure, raw, grouped))


@cache
def _ranked(figure: Figure, raw: tuple[str, ...], parts: int) -> Statement:
    """The groups of some questions beside one another, those with most in the last one first."""
    found = _parts(figure, raw)
    sides = [
        func.coalesce(func.sum(found.c[name]).filter(found.c.part == part), 0).label(f"{name}_{part}")
        for part in range(parts)
        for name in _MEASURES
    ]
    groups = select(found.c.a, *sides).group_by(found.c.a).subquery("groups")
    some = [column for column in groups.c if column.name != "a"]
    return statement(
        select(groups, func.count().over().label("groups"))
        .where(or_(*(column != 0 for column in some)))
        .order_by(groups.c[f"delta_{parts - 1}"].desc(), collate(groups.c.a, "C"))
        .limit(bindparam("most", type_=Integer))
        .offset(bindparam("skip", type_=Integer))
    )


def _parts(figure: Figure, raw: tuple[str, ...]) -> Subquery:
    found = [_from_totals(figure), _from_waiting(figure), *(_SOURCES[name](figure) for name in raw)]
    return union_all(*found).subquery("parts")


def _sums(figure: Figure, raw: tuple[str, ...], grouped: bool) -> Select[Any]:
    parts = _parts(figure, raw)
    totals = [func.sum(parts.c[name]).label(name) for name in _MEASURES]
    groups = [parts.c.part, *(parts.c[name] for name, _ in zip("ab", figure.columns, strict=False) if grouped)]
    return select(*groups, *totals).group_by(*groups)


async def counted(
    tx: asyncpg.Connection, region: str, columns: tuple[str, ...], *covers: Cover
) -> list[asyncpg.Record]:
    """Permits (`delta`) and persons of some questions about the same columns, all in one snapshot.

    A row for each question (`part`, its place among them) and group that ever was: values `a`, `b`. Without columns
    one row for each question, none where there is nothing.
    """
    raw, given = _asked(covers)
    return await _count(figure_of(columns), raw, bool(columns)).all(tx, region=region, **given)


async def ranked(
    tx: asyncpg.Connection, region: str, column_: str, covers: Sequence[Cover], most: int, skip: int
) -> list[asyncpg.Record]:
    """The groups of some questions about one column, those with most in the last question first, a part of them.

    Columns: `a`, then `delta_0`, `persons_0` and so on for each question, `groups`: how many groups there are in all.
    """
    raw, given = _asked(covers)
    asked = _ranked(figure_of((column_,)), raw, len(covers))
    return await asked.all(tx, region=region, most=most, skip=skip, **given)


def _asked(covers: Sequence[Cover]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """From where some questions are answered, and the parameters that say so."""
    areas = {name: [(n, a) for n, cover in enumerate(covers) for a in getattr(cover, name)] for name in _COVERED}
    raw = tuple(name for name in _SOURCES if areas[name])
    given = _arrays("asked", [area for found in areas.values() for area in found])
    for name in ("summed", *raw):
        given |= _arrays(name, areas[name])
    return raw, given
