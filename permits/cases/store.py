"""Cases in SQL: one statement reads a case whole, one writes every change of it.

A case is written only with its event, its audit entry and its outbox row: all commit together or not at all.
"""

import uuid
from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Select,
    String,
    Table,
    and_,
    any_,
    bindparam,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.selectable import ScalarSelect

from permits.accounts.audit import audit_look
from permits.cases import sealing, tables
from permits.cases.model import Case, Clock, Component, Correction, Document, Event, Row
from permits.cases.tables import OPEN_STATES, cases, idempotency
from permits.credit.model import standing
from permits.credit.store import reasons
from permits.db.crypto import Keys
from permits.db.statements import Statement, statement


def bind(name: str, like: ColumnElement[Any]) -> BindParameter[Any]:
    """A parameter of a column's type."""
    return bindparam(name, type_=like.type)


REGION, ID, NUMBER = bind("region", cases.c.region), bind("id", cases.c.id), bind("number", cases.c.number)

PARTS: dict[str, tuple[Any, Table, str]] = {
    "documents": (tuple[Document, ...], tables.case_document, "kind"),
    "clocks": (tuple[Clock, ...], tables.clock, "started"),
    "components": (tuple[Component, ...], tables.component, "kind"),
    "corrections": (tuple[Correction, ...], tables.correction, "id"),
    "timeline": (tuple[Event, ...], tables.event, "id"),
}
"""What hangs on a case: the Structs, the table and the order of each part."""
_DECODERS = {name: msgspec.json.Decoder(kind) for name, (kind, _, _) in PARTS.items()}


def _part(table: Table, order: str) -> ScalarSelect[Any]:
    names = [c.name for c in table.c if c.name not in ("region", "case_id")]
    row = func.json_build_object(*[part for name in names for part in (text(f"'{name}'"), table.c[name])])
    mine = and_(table.c.region == cases.c.region, table.c.case_id == cases.c.id)
    return select(func.json_agg(aggregate_order_by(row, table.c[order]))).where(mine).correlate(cases).scalar_subquery()


_WHOLE = select(
    *cases.c,
    reasons(cases.c.region, cases.c.employer["credit_code"].astext).label("barred"),
    *(_part(table, order).label(name) for name, (_, table, order) in PARTS.items()),
)
_BY_NUMBER = and_(cases.c.region == REGION, cases.c.number == NUMBER, cases.c.deleted_at.is_(None))
_found = select(cases.c.id).where(_BY_NUMBER).cte("found")

LOOK = statement(_WHOLE.where(_BY_NUMBER).add_cte(audit_look(_found.c.id).cte("looked")))
_snapshot = cases.alias("snapshot")
_SEEN = select(_snapshot.c.version).where(_snapshot.c.region == cases.c.region, _snapshot.c.id == cases.c.id)
_LOCKED = _WHOLE.add_columns(_SEEN.correlate(cases).scalar_subquery().label("seen")).with_for_update(of=cases)
"""Whoever waits for the lock gets the row as it is then, but what hangs on it as of before: `seen` tells."""
LOCK = statement(_LOCKED.where(_BY_NUMBER))
BY_IDS = statement(
    _WHOLE.where(cases.c.region == REGION, cases.c.id == any_(bindparam("ids", type_=ARRAY(cases.c.id.type)))).order_by(
        cases.c.id
    )
)
LOCK_ID = statement(_LOCKED.where(cases.c.region == REGION, cases.c.id == ID))


def _before_submit() -> Select[Any]:
    other = cases.alias("other")
    same = and_(
        other.c.region == cases.c.region,
        other.c.passport_index == cases.c.passport_index,
        other.c.procedure == cases.c.procedure,
        text(f"other.state IN ({OPEN_STATES})"),
    )
    rival = select(func.jsonb_build_object(text("'number'"), other.c.number, text("'filed_by'"), other.c.filed_by))
    asked = and_(
        idempotency.c.region == REGION,
        idempotency.c.account_id == bind("account_id", idempotency.c.account_id),
        idempotency.c.key == bind("key", idempotency.c.key),
    )
    earlier = select(
        func.jsonb_build_object(
            text("'request'"),
            func.encode(idempotency.c.request, text("'hex'")),
            text("'status'"),
            idempotency.c.status,
            text("'body'"),
            func.encode(idempotency.c.body, text("'base64'")),
        )
    ).where(asked)
    return _WHOLE.add_columns(
        rival.where(same).limit(1).correlate(cases).scalar_subquery().label("rival"),
        earlier.scalar_subquery().label("earlier"),
    ).where(_BY_NUMBER)


BEFORE_SUBMIT = statement(_before_submit())
"""A draft whole, another open case of the same passport, and what the same key was answered before: one read."""

SENT = statement(
    update(tables.component)
    .where(
        tables.component.c.region == REGION,
        tables.component.c.case_id == ID,
        tables.component.c.kind == bind("kind", tables.component.c.kind),
        tables.component.c.status == any_(bindparam("before", type_=ARRAY(String))),
    )
    .values(status=bind("status", tables.component.c.status))
)


def opened(record: asyncpg.Record, keys: Keys) -> Case:
    """A case from its one row."""
    found = dict(record)
    parts = {name: decoder.decode(found[name] or b"[]") for name, decoder in _DECODERS.items()}
    found["name_index"] = list(found["name_index"])
    row = msgspec.convert({name: found[name] for name in Row.__struct_fields__}, Row)
    against = msgspec.json.decode(found["barred"] or b"[]", type=list[str])
    return Case(row=row, application=sealing.together(found, keys), standing=standing(against), **parts)


async def look(tx: asyncpg.Connection, keys: Keys, number: str, audit: dict[str, Any]) -> Case | None:
    """A case as a person looks at it: the look is on the record in the same statement."""
    record = await LOOK.one(tx, region=audit["audit_region"], number=number, **audit)
    return opened(record, keys) if record else None


async def lock(tx: asyncpg.Connection, keys: Keys, region: str, number: str) -> Case | None:
    """A case for a change: its row is locked until the transaction ends."""
    return await _locked(LOCK, tx, keys, region=region, number=number)


async def lock_id(tx: asyncpg.Connection, keys: Keys, region: str, case_id: uuid.UUID) -> Case | None:
    """The same, by its id."""
    return await _locked(LOCK_ID, tx, keys, region=region, id=case_id)


async def _locked(lock: Statement, tx: asyncpg.Connection, keys: Keys, **which: Any) -> Case | None:
    record = await lock.one(tx, **which)
    if record is not None and record["seen"] != record["version"]:  # it was another's till just now: read it whole
        record = await lock.one(tx, **which)
    return opened(record, keys) if record else None


async def by_ids(tx: asyncpg.Connection, keys: Keys, region: str, ids: Sequence[uuid.UUID]) -> list[Case]:
    """Several cases, the oldest first, for what they say that is known already; nothing is locked."""
    return [opened(record, keys) for record in await BY_IDS.all(tx, region=region, ids=ids)] if ids else []
