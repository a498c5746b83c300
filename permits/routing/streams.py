"""The streams in SQL: one case and agency each, numbered both ways, leased while a message of it is under way.

Rows are taken in one order everywhere: case, stream, message, component, agency. Whoever holds no case changes a
stream's row once a transaction: the second change would have PostgreSQL lock the case for the foreign key.
"""

import datetime as dt
import uuid
from typing import Any, NamedTuple

import asyncpg
import msgspec
from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Table,
    Uuid,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from permits.db.statements import statement
from permits.routing.model import Sending, Stream
from permits.routing.tables import message, stream


def _of(found: Table) -> ColumnElement[bool]:
    """One stream, of a table that has its three columns."""
    return and_(*(found.c[name] == bindparam(name) for name in Stream._fields))


_NOW = bindparam("now", type_=DateTime(timezone=True))
_UNTIL = bindparam("until", type_=DateTime(timezone=True))
_FREE = or_(stream.c.leased_until.is_(None), stream.c.leased_until < _NOW)
_QUEUED = message.c.status == literal_column("'queued'")
_HERE = message.c.region == bindparam("region")
_OF_AGENCY = and_(_HERE, message.c.agency == bindparam("agency"), _QUEUED)

_first = upsert(stream).values(
    **{name: bindparam(name) for name in (*Stream._fields, "case_number")},
    last_out=bindparam("out", type_=Integer),
    last_in=0,
)
_ADVANCE = statement(
    _first.on_conflict_do_update(
        index_elements=list(Stream._fields), set_={"last_out": stream.c.last_out + _first.excluded.last_out}
    ).returning(stream.c.last_out, stream.c.last_in)
)
_SET_LAST_IN = statement(update(stream).where(_of(stream)).values(last_in=bindparam("sequence")))
_ADD = statement(insert(message))
_SEEN = bindparam("seen", type_=DateTime(timezone=True))
_DUE = statement(
    select(message.c.case_id, stream.c.leased_until)
    .join(stream, and_(*(stream.c[name] == message.c[name] for name in Stream._fields)))
    .where(_OF_AGENCY, stream.c.region == bindparam("region"), message.c.next_at <= _NOW, _FREE)
    .group_by(message.c.case_id, stream.c.leased_until)
    .order_by(func.min(message.c.next_at), message.c.case_id)
    .limit(bindparam("most"))
)
_taken = (
    update(stream)
    .where(_of(stream), _FREE, stream.c.leased_until.is_not_distinct_from(_SEEN))
    .values(leased_until=_UNTIL)
    .returning(stream.c.case_id)
    .cte("taken")
)
_SENDING = tuple(message.c[name] for name in Sending.__struct_fields__)
_TAKE = statement(
    select(*_SENDING)
    .select_from(_taken.outerjoin(message, and_(_of(message), _QUEUED)))
    .order_by(message.c.sequence)
    .limit(1)
)
_mine = stream.c.leased_until == bindparam("mine", type_=DateTime(timezone=True))
_LEASE_ANEW = statement(
    update(stream).where(_of(stream), _mine).values(leased_until=_UNTIL).returning(stream.c.case_id)
)
_NEXT = exists().where(_of(message), _QUEUED, message.c.sequence > bindparam("sequence"), message.c.next_at <= _NOW)
_LEASE_ON = statement(
    update(stream)
    .where(_of(stream), _mine)
    .values(leased_until=case((_NEXT, _UNTIL), else_=_NOW))
    .returning(stream.c.leased_until)
)
_HEAD = statement(select(*_SENDING).where(_of(message), _QUEUED).order_by(message.c.sequence).limit(1))
_HOLD = statement(update(message).where(_of(message), _QUEUED).values(next_at=_UNTIL))
_put_off = select(message.c.id).where(_OF_AGENCY, message.c.next_at > _NOW).with_for_update(skip_locked=True)
_HURRY = statement(update(message).where(_OF_AGENCY, message.c.id.in_(_put_off)).values(next_at=_NOW))
_OUT = statement(
    select(*_SENDING, message.c.status, message.c.answered_at).where(_HERE, message.c.id == bindparam("message_id"))
)
_ASKED = statement(
    update(message)
    .where(_HERE, message.c.id == bindparam("message_id"))
    .values(doubt_since=bindparam("since", type_=DateTime(timezone=True)), asked=bindparam("asked", type_=Uuid))
)
_TRIED_COLUMNS = ("status", "attempts", "signature", "receipt", "problem", "answered_at", "doubt_since")
_TRIED = statement(
    update(message)
    .where(_HERE, message.c.id == bindparam("message_id"), _QUEUED)
    .values({name: bindparam(name, type_=message.c[name].type) for name in _TRIED_COLUMNS})
)
_BLANK = {c.name: None for c in message.c}


_ENDED = statement(
    update(message)
    .where(_HERE, message.c.id == bindparam("message_id"), message.c.status == literal_column("'quarantined'"))
    .values(
        status=bindparam("status", type_=message.c.status.type),
        next_at=_UNTIL,
        doubt_since=None,
        asked=None,
    )
    .returning(message.c.id)
)
_CASE_OF = statement(
    select(stream.c.case_id)
    .where(stream.c.region == bindparam("region"), stream.c.case_number == bindparam("case_number"))
    .limit(1)
)


async def put_back(tx: asyncpg.Connection, region: str, message_id: uuid.UUID, status: str, until: dt.datetime) -> bool:
    """A message that was put aside is queued again, or refused for ever; False where it was not put aside."""
    return await _ENDED.value(tx, region=region, message_id=message_id, status=status, until=until) is not None


async def case_of(tx: asyncpg.Connection, region: str, case_number: str) -> uuid.UUID | None:
    """The case of this number, where something has gone to or come from an agency about it."""
    found: uuid.UUID | None = await _CASE_OF.value(tx, region=region, case_number=case_number)
    return found


async def next_out(tx: asyncpg.Connection, of: Stream, case_number: str) -> int:
    """The next sequence of a message to the agency; the stream's row is locked then."""
    row = await _ADVANCE.one(tx, **of._asdict(), case_number=case_number, out=1)
    assert row is not None
    return int(row["last_out"])


async def lock_in(tx: asyncpg.Connection, of: Stream, case_number: str) -> int:
    """The highest sequence of the agency applied here; the stream's row is locked then."""
    row = await _ADVANCE.one(tx, **of._asdict(), case_number=case_number, out=0)
    assert row is not None
    return int(row["last_in"])


async def set_last_in(tx: asyncpg.Connection, of: Stream, sequence: int) -> None:
    """The agency's messages are applied up to this sequence."""
    await _SET_LAST_IN.run(tx, **of._asdict(), sequence=sequence)


async def add_out(tx: asyncpg.Connection, of: Stream, **row: Any) -> None:
    """Write a message that is to be sent."""
    await _ADD.run(tx, **_BLANK | of._asdict() | {"direction": "out", "status": "queued", "attempts": 0} | row)


class Due(NamedTuple):
    """A stream with something to send, and the lease on it that has ended: who takes the stream must have seen it."""

    of: Stream
    seen: dt.datetime | None


async def due(tx: asyncpg.Connection, region: str, name: str, now: dt.datetime, most: int) -> list[Due]:
    """Streams to this agency with a message that may be tried now, and that nobody is sending; oldest first."""
    rows = await _DUE.all(tx, region=region, agency=name, now=now, most=most)
    return [Due(Stream(region, row["case_id"], name), row["leased_until"]) for row in rows]


async def take(tx: asyncpg.Connection, due: Due, now: dt.datetime, until: dt.datetime) -> tuple[bool, Sending | None]:
    """Lease the stream for oneself, and its first message; False while another has it, or had it since it was seen."""
    row = await _TAKE.one(tx, **due.of._asdict(), seen=due.seen, now=now, until=until)
    if row is None:
        return False, None
    return True, None if row["id"] is None else msgspec.convert(dict(row), Sending)


async def lease_anew(tx: asyncpg.Connection, of: Stream, mine: dt.datetime, until: dt.datetime) -> bool:
    """Keep one's lease longer, or give it back by ending it now; False where it is another's by now."""
    return await _LEASE_ANEW.value(tx, **of._asdict(), mine=mine, until=until) is not None


async def lease_on(
    tx: asyncpg.Connection, of: Stream, sequence: int, mine: dt.datetime, now: dt.datetime, until: dt.datetime
) -> bool:
    """Keep one's lease where a message behind this one may go now, else end it; whether it was kept."""
    given = of._asdict() | {"sequence": sequence, "mine": mine, "now": now, "until": until}
    return bool(await _LEASE_ON.value(tx, **given) == until)


async def head(tx: asyncpg.Connection, of: Stream) -> Sending | None:
    """The undelivered message with the lowest sequence."""
    return next(iter(await _HEAD.structs(tx, Sending, **of._asdict())), None)


async def out(tx: asyncpg.Connection, region: str, message_id: uuid.UUID) -> asyncpg.Record | None:
    """A message to an agency, with its status and when it was answered."""
    return await _OUT.one(tx, region=region, message_id=message_id)


async def doubt(
    tx: asyncpg.Connection, region: str, message_id: uuid.UUID, since: dt.datetime | None, asked: uuid.UUID | None
) -> None:
    """Nobody knows since then whether the message arrived, and this status-request asks; None, None: all is clear."""
    await _ASKED.run(tx, region=region, message_id=message_id, since=since, asked=asked)


async def hold(tx: asyncpg.Connection, of: Stream, until: dt.datetime) -> None:
    """Nothing of the stream is tried before then: its messages go in their order."""
    await _HOLD.run(tx, **of._asdict(), until=until)


async def hurry(tx: asyncpg.Connection, region: str, name: str, now: dt.datetime) -> None:
    """The agency answers again: what was put off for it is tried now. What somebody is noting is passed over."""
    await _HURRY.run(tx, region=region, agency=name, now=now)


async def tried(tx: asyncpg.Connection, region: str, message_id: uuid.UUID, **outcome: Any) -> bool:
    """Note how a try ended; False where another had noted the message's end already."""
    row = dict.fromkeys(_TRIED_COLUMNS) | outcome
    return await _TRIED.run(tx, region=region, message_id=message_id, **row) > 0
