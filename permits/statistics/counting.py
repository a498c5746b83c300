"""The SQL of counts: the areas of a question, from the totals, from the tail not summed yet, from the ledger itself.

One statement a question, so that what is summed up in between is counted once. It never writes.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import asyncpg
from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Integer,
    Select,
    String,
    Table,
    and_,
    cast,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.expression import bindparam, column

from permits.clock import CITY
from permits.db.statements import Statement, statement
from permits.register.figures import Area, Cover, Figure, figure_of
from permits.register.tables import ledger, ledger_tail, ledger_total

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


def _midnight(day: ColumnElement[Any]) -> ColumnElement[Any]:
    """When an office day begins."""
    return func.timezone(literal_column(f"'{CITY.key}'", String), cast(day, DateTime))


def _places(count: int) -> list[ColumnElement[Any]]:
    """The first columns of a selection, to group by."""
    return [literal_column(str(place)) for place in range(1, count + 1)]


def _summed(table: Table, sign: ColumnElement[int] | None = None) -> list[ColumnElement[Any]]:
    factor = 1 if sign is None else sign
    return [cast(func.sum(table.c[name] * factor), Integer).label(name) for name in _MEASURES]


def _values(figure: Figure, table: Table) -> list[ColumnElement[str]]:
    second = table.c[figure.columns[1]] if len(figure.columns) > 1 else literal_column("''", String)
    return [table.c[figure.columns[0]].label("a"), second.label("b")]


def _from_totals(figure: Figure, areas: Any) -> Select[Any]:
    """A subquery for each area, so that each is one stretch of the key."""
    total = ledger_total
    part = (
        select(total.c.a, total.c.b, *_summed(total))
        .where(_here(total), total.c.by == literal_column(f"'{figure.code}'", String), total.c.cell == areas.c.cell)
        .where(_within(total.c.known, areas, "known"), _within(total.c.effective, areas, "effective"))
        .group_by(total.c.a, total.c.b)
        .lateral("part")
    )
    signed = [(part.c[name] * areas.c.sign).label(name) for name in _MEASURES]
    return select(areas.c.part, part.c.a, part.c.b, *signed).select_from(areas).join(part, literal_column("true"))


def _from_tail(figure: Figure, areas: Any) -> Select[Any]:
    tail, values = ledger_tail, _values(figure, ledger_tail)
    inside = and_(
        _here(tail), _within(tail.c.recorded_on, areas, "known"), _within(tail.c.effective, areas, "effective")
    )
    columns: list[ColumnElement[Any]] = [areas.c.part, *values, *_summed(tail, areas.c.sign)]
    return select(*columns).select_from(areas).join(tail, inside).group_by(*_places(3))


def _from_ledger(figure: Figure, areas: Any) -> Select[Any]:
    values = _values(figure, ledger)
    recorded = and_(ledger.c.recorded >= _midnight(areas.c.known_from), ledger.c.recorded < _midnight(areas.c.known_to))
    part = (
        select(*values, *_summed(ledger))
        .where(_here(ledger), recorded, _within(ledger.c.effective, areas, "effective"))
        .group_by(*_places(2))
        .lateral("raw_part")
    )
    signed = [(part.c[name] * areas.c.sign).label(name) for name in _MEASURES]
    return select(areas.c.part, part.c.a, part.c.b, *signed).select_from(areas).join(part, literal_column("true"))


def _parts(figure: Figure, raw: bool) -> FromClause:
    areas = _areas("summed")
    parts = [_from_totals(figure, areas), _from_tail(figure, areas)]
    if raw:
        parts.append(_from_ledger(figure, _areas("raw")))
    return union_all(*parts).subquery("parts")


@cache
def _count(figure: Figure, raw: bool, grouped: bool) -> Statement:
    parts = _parts(figure, raw)
    sums = [func.sum(parts.c[name]).label(name) for name in _MEASURES]
    groups = (parts.c.part, *((parts.c.a, parts.c.b) if grouped else ()))
    return statement(select(*groups, *sums).group_by(*groups))


def _given(covers: Sequence[Cover]) -> dict[str, Any]:
    summed = [(n, area) for n, cover in enumerate(covers) for area in cover.summed]
    raw = [(n, area) for n, cover in enumerate(covers) for area in cover.raw]
    return _arrays("summed", summed) | (_arrays("raw", raw) if raw else {})


async def counted(
    tx: asyncpg.Connection, region: str, columns: tuple[str, ...], *covers: Cover
) -> list[asyncpg.Record]:
    """Permits (`delta`) and persons of some questions about the same columns, all in one snapshot.

    A row for each question (`part`, its place among them) and group that ever was: values `a`, `b`. Without columns
    one row for each question, none where there is nothing.
    """
    raw = any(cover.raw for cover in covers)
    return await _count(figure_of(columns), raw, bool(columns)).all(tx, region=region, **_given(covers))
