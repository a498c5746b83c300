"""The streams in SQL: one case and agency each, numbered both ways, leased while a message of it is under way.

Rows are taken in one order everywhere: case, stream, message, component, agency. Whoever holds no case changes a
stream's row once a transaction: the second change would have PostgreSQL lock the case for the foreign key.
"""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

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
    exists,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from permits.db.statements import Statement, statement
from permits.routing.model import Sending, Stream
from permits.routing.tables import agency, message, stream


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
_SENDING = tuple(message.c[name] for name in Sending.__struct_fields__)
_earlier = message.alias("earlier")
_IS_FIRST = ~exists().where(
    *(_earlier.c[name] == message.c[name] for name in Stream._fields),
    _earlier.c.region == bindparam("region"),
    _earlier.c.direction == literal_column("'out'"),
    _earlier.c.status == literal_column("'queued'"),
    _earlier.c.sequence < message.c.sequence,
)
_IS_OPEN = exists().where(
    agency.c.region == bindparam("region"),
    agency.c.name == bindparam("agency"),
    agency.c.breaker != literal_column("'closed'"),
)
_OURS = and_(stream.c.region == bindparam("region"), stream.c.agency == bindparam("agency"))


def _claim(which: ColumnElement[bool], *order: ColumnElement[Any]) -> Statement:
    """Lease the first of the streams that are free and whose first message is one of these."""
    due = (
        select(*_SENDING, message.c.case_id, stream.c.leased_until)
        .join(stream, and_(*(stream.c[name] == message.c[name] for name in Stream._fields)))
        .where(_OF_AGENCY, stream.c.region == bindparam("region"), _FREE, _IS_FIRST, which)
        .order_by(*order, message.c.id)
        .limit(bindparam("most"))
        .cte("due")
    )
    as_seen = (
        select(stream.c.case_id)
        .join(due, stream.c.case_id == due.c.case_id)
        .where(_OURS, stream.c.leased_until.is_not_distinct_from(due.c.leased_until))
        .with_for_update(of=stream, skip_locked=True)
        .cte("as_seen")
    )
    taken = (
        update(stream)
        .where(_OURS, stream.c.case_id == as_seen.c.case_id)
        .values(leased_until=_UNTIL)
        .returning(stream.c.case_id)
        .cte("taken")
    )
    return statement(select(due).join(taken, taken.c.case_id == due.c.case_id).order_by(due.c.next_at, due.c.id))


_CLAIM = _claim(and_(message.c.next_at <= _NOW, ~_IS_OPEN), message.c.next_at)
_PROBE = _claim(literal_column("true"), message.c.attempts, message.c.next_at)
_mine = stream.c.leased_until == bindparam("mine", type_=DateTime(timezone=True))
_LEASE_ANEW = statement(update(stream).where(_of(stream), _mine).values(leased_until=_UNTIL))
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


class Held:
    """A stream that is ours for a while, with its first message; the lease is known by the instant it ends."""

    def __init__(self, of: Stream, head: Sending, until: dt.datetime) -> None:
        self.of, self.head, self.until = of, head, until


async def claim(
    tx: asyncpg.Connection, region: str, name: str, now: dt.datetime, until: dt.datetime, most: int
) -> list[Held]:
    """Lease streams to this agency whose first message may be tried now, and that nobody is sending; oldest first.

    None while its circuit is not closed. What somebody works on, or has taken or given back since it was looked at, is
    passed over: nothing is waited for.
    """
    given = {"region": region, "agency": name, "now": now, "until": until, "most": most}
    return [_held(row, region, name, until) for row in await _CLAIM.all(tx, **given)]


async def claim_one(tx: asyncpg.Connection, region: str, name: str, now: dt.datetime, until: dt.datetime) -> list[Held]:
    """Lease one stream to try whether the agency is back, though its turn is later: of those tried least, the first."""
    given = {"region": region, "agency": name, "now": now, "until": until, "most": 1}
    return [_held(row, region, name, until) for row in await _PROBE.all(tx, **given)]


def _held(row: asyncpg.Record, region: str, name: str, until: dt.datetime) -> Held:
    return Held(Stream(region, row["case_id"], name), sending_of(row), until)


async def lease_anew(tx: asyncpg.Connection, held: Sequence[Held], until: dt.datetime) -> None:
    """Keep leases until then, or give them back by ending them now; those that are another's by now stay so."""
    await _LEASE_ANEW.many(tx, [one.of._asdict() | {"mine": one.until, "until": until} for one in held])


def sending_of(row: asyncpg.Record) -> Sending:
    """A row of the log as something to send."""
    return msgspec.convert({name: row[name] for name in Sending.__struct_fields__}, Sending)


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


async def tried(tx: asyncpg.Connection, region: str, outcomes: Mapping[uuid.UUID, dict[str, Any]]) -> None:
    """Note how tries ended, by message; one whose end another had noted already stays as it is."""
    given = {"region": region} | dict.fromkeys(_TRIED_COLUMNS)
    await _TRIED.many(tx, [given | row | {"message_id": message_id} for message_id, row in outcomes.items()])
