"""The streams in SQL: one case and agency each, numbered both ways, leased while a message of it is under way.

Rows are taken in one order everywhere: case, stream, message, component, agency. Whoever holds no case changes a
stream's row once a transaction: the second change would have PostgreSQL lock the case for the foreign key.
"""

import datetime as dt
import uuid
from typing import Any

import asyncpg
from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Table,
    and_,
    bindparam,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from permits.db.statements import statement
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
_DUE = statement(
    select(message.c.case_id)
    .distinct()
    .join(stream, and_(*(stream.c[name] == message.c[name] for name in Stream._fields)))
    .where(_OF_AGENCY, stream.c.region == bindparam("region"), message.c.next_at <= _NOW, _FREE)
    .limit(bindparam("most"))
)
_LEASE = statement(update(stream).where(_of(stream), _FREE).values(leased_until=_UNTIL).returning(stream.c.case_id))
_mine = stream.c.leased_until == bindparam("mine", type_=DateTime(timezone=True))
_LEASE_ANEW = statement(
    update(stream).where(_of(stream), _mine).values(leased_until=_UNTIL).returning(stream.c.case_id)
)
_HEAD = statement(
    select(*(message.c[name] for name in Sending.__struct_fields__))
    .where(_of(message), _QUEUED)
    .order_by(message.c.sequence)
    .limit(1)
)
_HOLD = statement(update(message).where(_of(message), _QUEUED).values(next_at=_UNTIL))
_HURRY = statement(update(message).where(_OF_AGENCY, message.c.next_at > _NOW).values(next_at=_NOW))
_TRIED_COLUMNS = ("status", "attempts", "signature", "receipt", "problem", "answered_at")
_TRIED = statement(
    update(message)
    .where(_HERE, message.c.id == bindparam("message_id"), _QUEUED)
    .values({name: bindparam(name, type_=message.c[name].type) for name in _TRIED_COLUMNS})
)
_heard = upsert(agency)
_HEARD = statement(
    _heard.on_conflict_do_update(
        index_elements=["region", "name"],
        set_={
            name: _heard.excluded[name]
            for name in ("breaker", "skew_ms", "heard_at", "failure", "failures", "retry_at")
        },
    )
)
_FAILED = statement(
    _heard.on_conflict_do_update(
        index_elements=["region", "name"],
        set_={name: _heard.excluded[name] for name in ("breaker", "failed_at", "failure")},
    )
)
_FAILING = statement(
    select(agency.c.failure.is_not(None))
    .where(agency.c.region == bindparam("region"), agency.c.name == bindparam("name"))
    .with_for_update()
)
_BLANK = {c.name: None for c in message.c}
_AGENCY: dict[str, Any] = {c.name: None for c in agency.c} | {"failures": 0}


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


async def due(tx: asyncpg.Connection, region: str, name: str, now: dt.datetime, most: int) -> list[uuid.UUID]:
    """Cases with a message to this agency that may be tried now, and that nobody is sending."""
    rows = await _DUE.all(tx, region=region, agency=name, now=now, most=most)
    return [row["case_id"] for row in rows]


async def lease(tx: asyncpg.Connection, of: Stream, now: dt.datetime, until: dt.datetime) -> bool:
    """Take the stream for oneself; False while another has it."""
    return await _LEASE.value(tx, **of._asdict(), now=now, until=until) is not None


async def lease_anew(tx: asyncpg.Connection, of: Stream, mine: dt.datetime, until: dt.datetime | None) -> bool:
    """Keep one's lease longer, or give it back with None; False where it is another's by now."""
    return await _LEASE_ANEW.value(tx, **of._asdict(), mine=mine, until=until) is not None


async def head(tx: asyncpg.Connection, of: Stream) -> Sending | None:
    """The undelivered message with the lowest sequence."""
    return next(iter(await _HEAD.structs(tx, Sending, **of._asdict())), None)


async def hold(tx: asyncpg.Connection, of: Stream, until: dt.datetime) -> None:
    """Nothing of the stream is tried before then: its messages go in their order."""
    await _HOLD.run(tx, **of._asdict(), until=until)


async def hurry(tx: asyncpg.Connection, region: str, name: str, now: dt.datetime) -> None:
    """The agency answers again: what was put off for it is tried now."""
    await _HURRY.run(tx, region=region, agency=name, now=now)


async def tried(tx: asyncpg.Connection, region: str, message_id: uuid.UUID, **outcome: Any) -> bool:
    """Note how a try ended; False where another had noted the message's end already."""
    row = dict.fromkeys(_TRIED_COLUMNS) | outcome
    return await _TRIED.run(tx, region=region, message_id=message_id, **row) > 0


async def heard(tx: asyncpg.Connection, region: str, name: str, skew_ms: int | None, now: dt.datetime) -> None:
    """The agency has answered or written: `skew_ms` is its clock less ours, machine time."""
    row = _AGENCY | {"region": region, "name": name, "breaker": "closed"}
    await _HEARD.run(tx, **row | {"skew_ms": skew_ms, "heard_at": now})


async def failed(tx: asyncpg.Connection, region: str, name: str, breaker: str, failure: str, now: dt.datetime) -> None:
    """The agency did not answer, or not with a receipt."""
    row = _AGENCY | {"region": region, "name": name, "breaker": breaker, "failed_at": now, "failure": failure}
    await _FAILED.run(tx, **row)


async def was_failing(tx: asyncpg.Connection, region: str, name: str) -> bool:
    """Whether the agency's last answer was none; its row is locked then, before any message put off for it."""
    return bool(await _FAILING.value(tx, region=region, name=name))
