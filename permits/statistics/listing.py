"""The permits behind a figure of the ledger, by id: what their entries add up to, the next so many after an id.

Of permits of which nothing waits, nearly all, an index gives them in order; the few others are added up from both.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Select,
    String,
    Subquery,
    Uuid,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.expression import any_, bindparam

from permits.db.statements import Statement, statement
from permits.register.store import PERMIT_COLUMNS
from permits.register.tables import ledger, ledger_waiting, permit
from permits.register.waiting import unpacked

AFTER: Any = bindparam("after", type_=Uuid)
MOST: Any = bindparam("most", type_=Integer)
Columns = ReadOnlyColumnCollection[str, ColumnElement[Any]]
Conditions = Callable[[Columns], list[ColumnElement[bool]]]
"""Given the ledger's columns, which of its entries count."""
Wanted = Callable[[ColumnElement[int]], ColumnElement[bool]]
"""Given what the entries of a permit add up to, whether it is listed."""


def adding_up(conditions: Conditions, wanted: Wanted, name: str) -> Subquery:
    """The permits as `region, permit_id, net`, in no order."""
    region = bindparam("region", type_=String)
    waiting = unpacked(ledger_waiting).where(ledger_waiting.c.region == region).cte("waiting")
    unsettled = select(waiting.c.permit_id)
    entered = select(ledger).where(ledger.c.region == region, ledger.c.permit_id.in_(unsettled))
    both = union_all(entered, select(waiting)).subquery("both_ledgers")
    settled = _added_up(ledger, conditions, wanted).where(ledger.c.permit_id.not_in(unsettled)).subquery("settled")
    rest = _added_up(both, conditions, wanted).subquery("rest")
    found = union_all(select(settled), select(rest)).subquery("found")
    return select(found).order_by(found.c.permit_id).limit(MOST).subquery(name)


def _added_up(source: Any, conditions: Conditions, wanted: Wanted) -> Select[Any]:
    net = func.sum(source.c.delta, type_=Integer)
    return (
        select(source.c.region, source.c.permit_id, net.label("net"))
        .where(source.c.region == bindparam("region", type_=String), source.c.permit_id > AFTER, *conditions(source.c))
        .group_by(source.c.region, source.c.permit_id)
        .having(wanted(net))
        .order_by(source.c.permit_id)
        .limit(MOST)
    )


def _effective(c: Columns) -> ColumnElement[bool]:
    return c["effective"] <= bindparam("on", type_=Date)


def _in_time(c: Columns) -> ColumnElement[bool]:
    return c["recorded"] < bindparam("recorded_before", type_=DateTime(timezone=True))


@cache
def in_group(where: tuple[str, ...], as_known_then: bool) -> Statement:
    """The entries that make up a day, as known now, of some permits, or by what was recorded before an instant."""
    columns = {name: "employer_code" if name == "employer" else name for name in where}

    def conditions(c: Columns) -> list[ColumnElement[bool]]:
        narrowed = [c[columns[name]] == bindparam(f"is_{name}", type_=String) for name in where]
        among = c["permit_id"] == any_(bindparam("among", type_=ARRAY(Uuid)))
        return [_effective(c), *narrowed, _in_time(c) if as_known_then else among]

    return statement(permits_in(adding_up(conditions, lambda net: net > literal_column("0"), "valid")))


def _changed(*more: Callable[[Columns], ColumnElement[bool]]) -> Statement:
    def conditions(c: Columns) -> list[ColumnElement[bool]]:
        return [_effective(c), c["effective"] > bindparam("since", type_=Date), *(condition(c) for condition in more)]

    changed = adding_up(conditions, lambda net: net != literal_column("0"), "changed")
    return statement(permits_in(changed, changed.c.net))


def _caused(c: Columns) -> ColumnElement[bool]:
    return c["cause"] == bindparam("cause", type_=String)


def _late(c: Columns) -> ColumnElement[bool]:
    return c["recorded"] >= bindparam("recorded_from", type_=DateTime(timezone=True))


def permits_in(found: Subquery, *more: ColumnElement[Any]) -> Select[Any]:
    """The permits of a list of `region, permit_id`, by id."""
    return (
        select(*PERMIT_COLUMNS, *more)
        .join(found, (found.c.region == permit.c.region) & (found.c.permit_id == permit.c.id))
        .where(permit.c.region == bindparam("region"))
        .order_by(permit.c.id)
    )


CHANGED = _changed(_in_time, _caused)
CORRECTED = _changed(_in_time, _late)
FLOWED = _changed(_in_time, _caused)
