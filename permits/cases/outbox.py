"""What happened to cases and still has to be told on: rows written with the change, read by the relay, done once.

It knows no subscriber and makes no jobs.
"""

import datetime as dt
import uuid
from collections.abc import Sequence

import asyncpg
import msgspec
from sqlalchemy import Uuid, any_, bindparam, delete, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from permits.cases.tables import handled, outbox
from permits.db.statements import statement


class Happening(msgspec.Struct, frozen=True):
    """Something that happened to a case; what the payload of a job says."""

    region: str
    event_id: uuid.UUID
    """The row of the timeline or, for `letter-issued`, of the letter."""
    case_id: uuid.UUID
    kind: str


class NotYet(Exception):
    """The job comes too early: something earlier of its case is still under way. It is run again soon."""


_HERE = outbox.c.region == bindparam("region")
_IDS = bindparam("ids", type_=ARRAY(Uuid))

_WAITING = statement(
    select(outbox.c.region, outbox.c.id.label("event_id"), outbox.c.case_id, outbox.c.kind)
    .where(_HERE)
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_DELETE = statement(delete(outbox).where(_HERE, outbox.c.id == any_(_IDS)))
_ADD = statement(insert(outbox))
_OLDEST = statement(select(func.min(outbox.c.at)).where(_HERE))
_FIRST_TIME = statement(upsert(handled).on_conflict_do_nothing().returning(handled.c.region))


async def waiting(tx: asyncpg.Connection, region: str, most: int) -> list[Happening]:
    """The first rows in order, locked; rows that another relay reads just now are left to it."""
    return await _WAITING.structs(tx, Happening, region=region, most=most)


async def delete_exactly(tx: asyncpg.Connection, region: str, ids: Sequence[uuid.UUID]) -> None:
    """Delete these rows and no other."""
    await _DELETE.run(tx, region=region, ids=ids)


async def add(tx: asyncpg.Connection, happened: Happening, at: dt.datetime) -> None:
    """Write a row beside a change that is no event of the case; `at` is machine time."""
    row = {"region": happened.region, "id": happened.event_id, "case_id": happened.case_id, "kind": happened.kind}
    await _ADD.run(tx, **row, at=at)


async def oldest(tx: asyncpg.Connection, region: str) -> dt.datetime | None:
    """Since when the oldest row waits, machine time; None where nothing waits."""
    found: dt.datetime | None = await _OLDEST.value(tx, region=region)
    return found


async def first_time(tx: asyncpg.Connection, happened: Happening, subscriber: str, at: dt.datetime) -> bool:
    """Note in the transaction of a job's effect that it is done; False where it was done before."""
    row = {"region": happened.region, "event_id": happened.event_id, "subscriber": subscriber, "at": at}
    return await _FIRST_TIME.value(tx, **row) is not None
