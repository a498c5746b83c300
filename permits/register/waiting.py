"""What was written to the ledger and waits to be entered in it and summed: a row a write, its entries packed.

Whoever writes a permit pays for one narrow row; the job that sums up enters it in the ledger. Until then it is read
from here: `whole` is all there is, entered or not. It decides nothing.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Select,
    Text,
    cast,
    func,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.expression import column

from permits.db.ids import new_id
from permits.db.statements import office_day
from permits.register.ledger import Row
from permits.register.tables import ledger, ledger_waiting

_OF_THE_WRITE = ("region", "person_id", "recorded")
"""The columns of the ledger that a write says once."""
WRITTEN = tuple(c.name for c in ledger.columns if c.computed is None)
"""The columns of the ledger but for what the database works out."""
PACKED = tuple(name for name in WRITTEN if name not in (*_OF_THE_WRITE, "id"))
"""Those that each entry says, in the order in which they are packed, under its id."""


def written(person_id: uuid.UUID, recorded: dt.datetime, rows: Sequence[Row]) -> dict[str, Any] | None:
    """Rows of the ledger as they wait: one row, none where nothing changes."""
    entries = {str(new_id()): _packed(row) for row in rows}
    return {"id": new_id(), "person_id": person_id, "recorded": recorded, "entries": entries} if entries else None


def _packed(row: Row) -> list[Any]:
    said = {"permit_id": row.entry.permit_id, "effective": row.entry.effective, "cause": row.entry.cause}
    counted = {"delta": row.delta, "persons": row.persons}
    values = said | counted | msgspec.structs.asdict(row.entry.dimensions)
    return [values[name] for name in PACKED]


def unpacked(source: FromClause, *names: str) -> Select[Any]:
    """These columns of the ledger, all without names, for each entry of the rows that wait or were taken."""
    each = func.jsonb_each(source.c.entries).table_valued(column("id", Text), column("fields", JSONB))
    entry = each.render_derived(name="entry")
    columns = [_unpacked(source, entry, ledger.c[name]) for name in names or ledger.columns.keys()]
    return select(*columns).select_from(source).join(entry, true())


def _unpacked(source: FromClause, entry: Any, wanted: Column[Any]) -> ColumnElement[Any]:
    if wanted.name in _OF_THE_WRITE:
        return source.c[wanted.name]
    if wanted.name == "recorded_on":
        return office_day(source.c.recorded).label(wanted.name)
    field = entry.c.id if wanted.name == "id" else entry.c.fields.op("->>")(_place(wanted.name))
    return cast(field, wanted.type).label(wanted.name)


def _place(name: str) -> ColumnElement[int]:
    return literal_column(str(PACKED.index(name)))


whole = union_all(select(ledger), unpacked(ledger_waiting)).subquery("whole_ledger")
"""Every row of the ledger, entered or waiting."""
