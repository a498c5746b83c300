"""Status requests: whether a message arrived whose try ended without an answer, and where messages of theirs are.

A time-out means "unknown": before anything is sent anew the agency is asked, and only where its book lacks the message,
or it does not say in time, the same bytes go again. It sends nothing itself.
"""

import asyncio
import datetime as dt
import itertools
import uuid
from collections.abc import Iterable
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import DateTime, and_, bindparam, literal_column, or_, select

from integrations.contract import Status, StatusRequest, decode
from permits import clock
from permits.cases import service as cases
from permits.cases import store as cases_store
from permits.db.database import Database
from permits.db.statements import statement
from permits.office import Office
from permits.routing import evidence, streams, writing
from permits.routing.evidence import Exchanged, Proof
from permits.routing.model import Sending, Stream, context_of
from permits.routing.outgoing import MARKS
from permits.routing.relay import rest
from permits.routing.tables import message, stream

QUESTION = "status-request"
PATIENCE = dt.timedelta(seconds=15)
"""So long after a status request has arrived its answer is awaited."""
GAP_PATIENCE = dt.timedelta(seconds=20)
"""So long a message of theirs waits for an earlier one before we ask for that."""
ASKED_AGAIN = dt.timedelta(hours=1)
MOST_MISSING = 100
LOOK_EVERY_S = 5.0
"""How often messages are looked for that have waited too long."""


async def question(
    database: Database, office: Office, of: Stream, head: Sending
) -> tuple[Sending | None, dt.datetime | None]:
    """What is to be sent about a message in doubt: the status request, or itself when no answer has come in time.

    Else nothing, and until when the answer is awaited. The caller holds the stream's lease.
    """
    now = clock.machine_now()
    asked = head.asked or await _about(database, office, of, head)
    async with database.transaction(of.region) as tx:
        row = await streams.out(tx, of.region, asked)
        if row is not None and row["status"] == "queued":
            return streams.sending_of(row), None
        until = row["answered_at"] + PATIENCE if row is not None and row["answered_at"] else now
        if until > now:
            return None, until
        await streams.doubt(tx, of.region, head.id, None, None)
    return head, None


async def _about(database: Database, office: Office, of: Stream, sending: Sending) -> uuid.UUID:
    """Ask whether a message arrived; the request's id."""
    number = decode(office.keys.open(sending.body, context_of(of.region, sending.id))).case
    async with database.transaction(of.region) as tx:
        asked = await writing.queue(tx, office, writing.agency_of(of.agency), of, number, QUESTION, StatusRequest())
        await streams.doubt(tx, of.region, sending.id, sending.doubt_since, asked)
    return asked


def answered(status: Status, message_id: uuid.UUID) -> bool:
    """Whether the agency's book has the message."""
    parts = status.parts or ()
    return any(part.way == "to-agency" and part.id == str(message_id) for part in parts)


_QUEUED = message.c.status == literal_column("'queued'")
_IN_DOUBT = statement(
    select(message.c.id, message.c.kind, message.c.body).where(
        *(message.c[name] == bindparam(name) for name in Stream._fields),
        message.c.asked == bindparam("asked"),
        _QUEUED,
    )
)


async def learn(tx: asyncpg.Connection, office: Office, of: Stream, status: Status, bytes_: bytes) -> None:
    """What the answer says of the message it was asked about: it arrived, or it goes again now."""
    if status.request is None:
        return
    now = clock.machine_now()
    for row in await _IN_DOUBT.all(tx, **of._asdict(), asked=uuid.UUID(status.request)):
        await streams.doubt(tx, of.region, row["id"], None, None)
        if answered(status, row["id"]):
            await _arrived(tx, office, of, row, bytes_)
        await streams.hold(tx, of, now)


async def _arrived(tx: asyncpg.Connection, office: Office, of: Stream, row: asyncpg.Record, bytes_: bytes) -> None:
    """The message is delivered; the status stands in for the receipt that was lost."""
    now, attempts = clock.machine_now(), await _attempts(tx, of, row["id"])
    outcome: dict[str, Any] = {"status": "delivered", "attempts": attempts, "receipt": bytes_, "answered_at": now}
    await streams.tried(tx, of.region, {row["id"]: outcome})
    if mark := MARKS.get((of.agency, row["kind"])):
        await cases.components_sent(tx, of.region, [(of.case_id, *mark)])
    body = office.keys.open(row["body"], context_of(of.region, row["id"]))
    proof = Proof(None, "delivered", bytes_)
    await evidence.record(tx, office.keys, Exchanged(of, "out", row["id"], body, decode(body), proof))


async def _attempts(tx: asyncpg.Connection, of: Stream, message_id: uuid.UUID) -> int:
    row = await streams.out(tx, of.region, message_id)
    assert row is not None
    return int(row["attempts"])


# Gaps


async def run(database: Database, office: Office, regions: tuple[str, ...], stop: asyncio.Event) -> None:
    """Ask for what is missing, until told to stop. Raises Unavailable when the database goes away."""
    while not stop.is_set():
        for region in regions:
            await gaps(database, office, region, clock.machine_now())
        await rest(stop, LOOK_EVERY_S)


class Gap(msgspec.Struct, frozen=True):
    """A stream in which messages of theirs wait for earlier ones."""

    case_id: uuid.UUID
    agency: str
    case_number: str


_BEFORE = bindparam("before", type_=DateTime(timezone=True))
_AGO = bindparam("ago", type_=DateTime(timezone=True))
_GAPS = statement(
    select(message.c.case_id, message.c.agency, stream.c.case_number)
    .distinct()
    .join(stream, and_(*(stream.c[name] == message.c[name] for name in Stream._fields)))
    .where(
        message.c.region == bindparam("region"),
        stream.c.region == bindparam("region"),
        message.c.direction == literal_column("'in'"),
        message.c.status == literal_column("'waiting'"),
        message.c.created_at < _BEFORE,
        or_(message.c.doubt_since.is_(None), message.c.doubt_since < _AGO),
    )
    .limit(bindparam("most"))
)
_WAITING = statement(
    select(message.c.id, message.c.sequence).where(
        *(message.c[name] == bindparam(name) for name in Stream._fields),
        message.c.direction == literal_column("'in'"),
        message.c.status == literal_column("'waiting'"),
    )
)


async def gaps(database: Database, office: Office, region: str, now: dt.datetime) -> int:
    """Ask for what is missing before messages that have waited too long; how many agencies and cases were asked."""
    ago = now - ASKED_AGAIN
    async with database.transaction(region) as tx:
        found = await _GAPS.structs(tx, Gap, region=region, before=now - GAP_PATIENCE, ago=ago, most=50)
    asked = 0
    for gap in found:
        async with database.transaction(region) as tx:
            asked += await _ask_for(tx, office, Stream(region, gap.case_id, gap.agency), gap, now)
    return asked


async def _ask_for(tx: asyncpg.Connection, office: Office, of: Stream, gap: Gap, now: dt.datetime) -> bool:
    await cases_store.lock_id(tx, office.keys, of.region, of.case_id)
    last = await streams.lock_in(tx, of, gap.case_number)
    waiting = {row["sequence"]: row["id"] for row in await _WAITING.all(tx, **of._asdict())}
    missing = missing_of(last, waiting)
    if not missing:
        return False
    question, agency = StatusRequest(missing=missing), writing.agency_of(of.agency)
    asked = await writing.queue(tx, office, agency, of, gap.case_number, QUESTION, question)
    for message_id in waiting.values():
        await streams.doubt(tx, of.region, message_id, now, asked)
    return True


def missing_of(last: int, waiting: Iterable[int]) -> tuple[int, ...]:
    """What lies between the last one applied and those that wait, at most MOST_MISSING."""
    there = set(waiting)
    absent = (n for n in range(last + 1, max(there, default=0)) if n not in there)
    return tuple(itertools.islice(absent, MOST_MISSING))
