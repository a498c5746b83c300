"""The one statement that writes a case: its row guarded by its version, what hangs on it, event, audit, outbox, answer.

Nothing else changes a case once it is made; what did not change is not sent.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    Table,
    and_,
    bindparam,
    column,
    func,
    literal_column,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.sql.selectable import CTE

from permits.accounts.audit import audit_look
from permits.cases import application
from permits.cases.model import Case, Event
from permits.cases.store import ID, PARTS, REGION, bind
from permits.cases.tables import cases, event, idempotency, outbox
from permits.db.statements import Statement, statement
from permits.errors import Conflict
from permits.i18n import Text

_ONCE = frozenset({"region", "id", "number", "procedure", "joint", "filed_by", "created_at", "version", "deleted_at"})
_FILED = frozenset({*application.PARTS, "held", "personal", "passport_index", "name_index"})
"""What the application says, which only `drafting.amend` changes."""
_MUTABLE = tuple(c for c in cases.c if c.name not in _ONCE | _FILED)
_EVENT = tuple(c for c in event.c if c.name not in ("region", "case_id"))
_ANSWER = tuple(c for c in idempotency.c if c.name != "region")
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
    given = {c.name: bind(f"event_{c.name}", c) for c in _EVENT}
    return {"region": updated.c.region, "case_id": updated.c.id, **given}


def _outbox_values(updated: CTE) -> dict[str, ColumnElement[Any]]:
    return {
        "region": updated.c.region,
        "case_id": updated.c.id,
        "id": bind("event_id", event.c.id),
        "kind": bind("event_kind", event.c.kind),
        "at": bind("outbox_at", outbox.c.at),
    }


def _remembering(updated: CTE) -> CTE:
    given = {c.name: bind(f"remember_{c.name}", c) for c in _ANSWER}
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
        _remembering(updated),
    ]
    return select(func.count(literal_column("1"))).select_from(updated).add_cte(*parts, *own)


CHANGE: Statement = statement(_change())


def _changed(before: Case, after: Case, name: str) -> list[Any]:
    held = getattr(before, name)
    return [part for part in getattr(after, name) if part not in held]


def _parameters(prefix: str, columns: Sequence[Column[Any]]) -> Callable[[Any], dict[str, Any]]:
    """A function that reads the parameters of a row out of the Struct that has its columns as fields."""
    names, values = [f"{prefix}_{c.name}" for c in columns], attrgetter(*(c.name for c in columns))
    return lambda found: dict(zip(names, values(found), strict=True))


_row_parameters = _parameters("new", _MUTABLE)
_event_parameters = _parameters("event", _EVENT)
_answer_parameters = _parameters("remember", _ANSWER)
_NO_ANSWER = dict.fromkeys(f"remember_{c.name}" for c in _ANSWER)


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
        **_row_parameters(after.row),
        **{name: _changed(before, after, name) for name in WRITTEN},
        **_event_parameters(happened),
        outbox_at=machine_now,
        **(_answer_parameters(remember) if remember else _NO_ANSWER),
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
