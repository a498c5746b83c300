"""Messages of agencies in SQL: kept with their exact bytes, found again by id and by place."""

import datetime as dt
import uuid
from typing import Any

import asyncpg
from sqlalchemy import DateTime, Text, and_, bindparam, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from permits.db.statements import statement
from permits.routing.model import Stream
from permits.routing.tables import message

_HERE = message.c.region == bindparam("region")
_REFUSED: Any = literal_column("'refused'")
_KNOWN = ("direction", "agency", "status", "case_id", "sequence", "kind", "body", "signature", "receipt", "problem")
_ONE = statement(select(*(message.c[name] for name in _KNOWN)).where(_HERE, message.c.id == bindparam("message_id")))
_AT_PLACE = statement(
    select(message.c.id, message.c.status, message.c.body).where(
        *(message.c[name] == bindparam(name) for name in Stream._fields),
        message.c.direction == literal_column("'in'"),
        message.c.sequence == bindparam("sequence"),
        message.c.status != _REFUSED,
    )
)
_APPLIED = statement(
    update(message)
    .where(_HERE, message.c.id == bindparam("message_id"))
    .values(status=literal_column("'applied'"), answered_at=bindparam("now", type_=DateTime(timezone=True)))
)
_PUT_ASIDE = statement(
    update(message)
    .where(_HERE, message.c.id == bindparam("message_id"))
    .values(
        status=_REFUSED,
        problem=bindparam("reason", type_=Text),
        answered_at=bindparam("now", type_=DateTime(timezone=True)),
    )
)
_arrival = upsert(message)
_KEPT_ANEW = ("case_id", "agency", "sequence", "kind", "schema", "status", "body", "signature", "receipt", "problem")
_KEEP = statement(
    _arrival.on_conflict_do_update(
        index_elements=["region", "id"],
        set_={name: _arrival.excluded[name] for name in _KEPT_ANEW} | {"attempts": message.c.attempts + 1},
        where=and_(message.c.status == _REFUSED, message.c.direction == literal_column("'in'")),
    )
)
_BLANK = {c.name: None for c in message.c}


async def known(tx: asyncpg.Connection, region: str, message_id: uuid.UUID) -> asyncpg.Record | None:
    """The message of this id, whichever way it went."""
    return await _ONE.one(tx, region=region, message_id=message_id)


async def at_place(tx: asyncpg.Connection, of: Stream, sequence: int) -> asyncpg.Record | None:
    """The agency's message at this place of a case's stream."""
    return await _AT_PLACE.one(tx, **of._asdict(), sequence=sequence)


async def keep(tx: asyncpg.Connection, **row: Any) -> bool:
    """Write a message that came in; one that was refused before takes its new standing, any other stays as it is.

    False where it stays as it is.
    """
    return await _KEEP.run(tx, **_BLANK | {"direction": "in", "attempts": 1} | row) > 0


async def applied(tx: asyncpg.Connection, region: str, message_id: uuid.UUID, now: dt.datetime) -> None:
    """The message has had its effect."""
    await _APPLIED.run(tx, region=region, message_id=message_id, now=now)


async def refused(tx: asyncpg.Connection, region: str, message_id: uuid.UUID, reason: str, now: dt.datetime) -> None:
    """The message has no effect, for this reason."""
    await _PUT_ASIDE.run(tx, region=region, message_id=message_id, reason=reason, now=now)
