"""The one statement that writes a case: its row guarded by its version, what hangs on it, event, audit, outbox, answer.

Nothing else changes a case once it is made; what did not change is not sent.
"""

import datetime as dt
import uuid
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, column, func, literal_column, select, true, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.sql.selectable import CTE

from permits.accounts.audit import audit_look
from permits.cases.model import Case, Event, Row
from permits.cases.store import ID, PARTS, REGION, bind
from permits.cases.tables import cases, event, idempotency, outbox
from permits.db.statements import Statement, statement
from permits.errors import Conflict
from permits.i18n import Text

_FIXED = frozenset({"region", "id", "number", "procedure", "joint", "filed_by", "created_at", "version"})
_MUTABLE = tuple(c for c in cases.c if c.name not in _FIXED)
WRITTEN = ("documents", "clocks", "components", "corrections")


class Remember(msgspec.Struct, frozen=True):
    """An answer to keep under the asker's Idempotency-Key, so that asking again gives the same."""

    account_id: uuid.UUID
    key: str
    request: bytes
    """Digest of what was asked."""
    status: int
    body: bytes
    at: dt.datetime
    """Machine time."""


def _put(name: str, table: Table, updated: CTE) -> CTE:
    columns = [c for c in table.c if c.name not in ("region", "case_id")]
    shape = [column(c.name, c.type) for c in columns]
    rows = func.jsonb_to_recordset(bindparam(name, type_=JSONB)).table_valued(*shape, name=f"{name}_rows")
    given = rows.render_derived(with_types=True)
    source = select(updated.c.region, updated.c.id, *given.c).select_from(updated.join(given, true()))
    put = insert(table).from_select(["region", "case_id", *(c.name for c in columns)], source)
    keys = [c.name for c in table.primary_key]
    change = {c.name: put.excluded[c.name] for c in columns if c.name not in keys}
    return put.on_conflict_do_update(index_elements=keys, set_=change).returning(table.c.region).cte(name)


def _from(updated: CTE, table: Table, values: dict[str, ColumnElement[Any]], name: str) -> CTE:
    source = select(*values.values()).select_from(updated)
    return insert(table).from_select(list(values), source).returning(table.c.region).cte(name)


def _event_values(updated: CTE) -> dict[str, ColumnElement[Any]]:
    given = {c.name: bind(f"event_{c.name}", c) for c in event.c if c.name not in ("region", "case_id")}
    return {"region": updated.c.region, "case_id": updated.c.id, **given}


def _outbox_values(updated: CTE) -> dict[str, ColumnElement[Any]]:
    return {
        "region": updated.c.region,
        "case_id": updated.c.id,
        "id": bind("event_id", event.c.id),
        "kind": bind("event_kind", event.c.kind),
        "at": bind("outbox_at", outbox.c.at),
    }


def remembering(updated: CTE) -> CTE:
    """The answer's row, where there is a key."""
    given = {c.name: bind(f"remember_{c.name}", c) for c in idempotency.c if c.name != "region"}
    source = select(updated.c.region, *given.values()).select_from(updated)
    kept = source.where(bind("remember_key", idempotency.c.key).is_not(None))
    put = insert(idempotency).from_select(["region", *given], kept)
    return put.returning(idempotency.c.region).cte("remembered")


def _change() -> Select[Any]:
    mine = and_(cases.c.region == REGION, cases.c.id == ID, cases.c.version == bind("version", cases.c.version))
    values: dict[str, Any] = {c.name: bind(f"new_{c.name}", c) for c in _MUTABLE}
    row = update(cases).where(mine).values(values | {"version": cases.c.version + 1})
    updated = row.returning(cases.c.region, cases.c.id).cte("updated")
    parts = [_put(name, PARTS[name][1], updated) for name in WRITTEN]
    own = [
        _from(updated, event, _event_values(updated), "event_row"),
        audit_look(updated.c.id).cte("audit_row"),
        _from(updated, outbox, _outbox_values(updated), "outbox_row"),
        remembering(updated),
    ]
    return select(func.count(literal_column("1"))).select_from(updated).add_cte(*parts, *own)


CHANGE: Statement = statement(_change())


def _changed(before: Case, after: Case, name: str) -> list[Any]:
    held = set(map(msgspec.json.encode, getattr(before, name)))
    return [msgspec.to_builtins(part) for part in getattr(after, name) if msgspec.json.encode(part) not in held]


def _row_values(row: Row) -> dict[str, Any]:
    plain = {c.name: getattr(row, c.name) for c in _MUTABLE}
    return {
        f"new_{name}": msgspec.to_builtins(value) if isinstance(value, msgspec.Struct) else value
        for name, value in plain.items()
    }


def event_parameters(happened: Event, at: dt.datetime) -> dict[str, Any]:
    """The parameters of the event's and the outbox's rows."""
    names = [c.name for c in event.c if c.name not in ("region", "case_id")]
    return {f"event_{name}": getattr(happened, name) for name in names} | {"outbox_at": at}


def remember_parameters(remember: Remember | None) -> dict[str, Any]:
    """The parameters of the answer's row."""
    names = Remember.__struct_fields__
    return {f"remember_{name}": getattr(remember, name) if remember else None for name in names}


async def save(
    tx: asyncpg.Connection,
    before: Case,
    after: Case,
    happened: Event,
    audit: dict[str, Any],
    *,
    machine_now: dt.datetime,
    remember: Remember | None = None,
) -> Case:
    """Write a case as it is after a use case; the case with its new version and event.

    Raises Conflict where somebody changed it since it was read: nothing was written then.
    """
    written = await CHANGE.value(
        tx,
        region=before.row.region,
        id=before.row.id,
        version=before.row.version,
        **_row_values(after.row),
        **{name: _changed(before, after, name) for name in WRITTEN},
        **event_parameters(happened, machine_now),
        **remember_parameters(remember),
        **audit,
    )
    if not written:
        raise stale()
    return saved(before, after, happened)


def saved(before: Case, after: Case, happened: Event) -> Case:
    """The case as `save` leaves it."""
    row = msgspec.structs.replace(after.row, version=before.row.version + 1)
    return msgspec.structs.replace(after, row=row, timeline=(*before.timeline, happened))


def stale() -> Conflict:
    """Somebody else was quicker."""
    return Conflict(
        Text(
            "您打开以后，有人改过这件。请刷新看看现在的内容，再办。",
            "Somebody changed this case after you opened it. Reload to see it as it is now, then go on.",
        ),
        type="stale",
    )
