"""The permits behind a figure of the ledger, by id: what their entries add up to, the next so many after an id.

Of permits of which nothing waits, nearly all, an index gives them in order; the few others are added up from both.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, String, Subquery, Uuid, func, select, union_all
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.expression import bindparam

from permits.register.tables import ledger, ledger_waiting
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
