"""The evidence: each message in and out, as it was signed, in the transaction that notes its receipt or its refusal.

Entries of a city form a chain: hash = SHA-256(previous hash, seq as 8 bytes big-endian, SHA-256(entry)). An entry holds
digests, signature, key and times but no personal data; the exact bytes stand beside it, sealed. Nothing here is ever
changed or made again from live data.
"""

import datetime as dt
import hashlib
import uuid
from typing import Any, NamedTuple

import asyncpg
import msgspec
from sqlalchemy import BigInteger, LargeBinary, bindparam, cast, func, insert, literal_column, select
from sqlalchemy.dialects.postgresql import insert as upsert

from integrations.contract import Envelope
from integrations.receipts import SignedReceipt
from integrations.signing import TrustedKey
from integrations.transport import Signed
from permits import clock
from permits.db.crypto import Keys
from permits.db.statements import statement
from permits.routing.model import Direction, Stream
from permits.routing.tables import chain, evidence

GENESIS = bytes(32)
"""What stands before a city's first entry."""


class Told(msgspec.Struct, frozen=True):
    """What an envelope says of its message, for the entry; everything else of it is left alone."""

    case: str
    kind: str
    sequence: int
    schema: str


READER = msgspec.json.Decoder(Told)


class Proof(msgspec.Struct, frozen=True):
    """What came of a message: the request as it was signed, and the exact bytes of the answer."""

    signed: Signed | None
    """None for a paper answer, which nobody signed over HTTP."""
    outcome: str
    """delivered, taken, refused, or paper."""
    reply: bytes | None = None
    """Receipt or problem, as it was given."""
    skew_ms: int | None = None
    """The other side's clock less ours."""
    receipt: SignedReceipt | None = None
    """How the receipt was signed."""


UNSIGNED = "unsigned"
"""What an entry says of a receipt that nobody signed."""
RECEIPTED = ("delivered", "taken")
"""Outcomes to which a receipt belongs."""


def _seq(value: Any) -> Any:
    return func.int8send(cast(value, BigInteger), type_=LargeBinary)


def _link(previous: Any, seq: Any) -> Any:
    return func.sha256(previous.op("||")(_seq(seq)).op("||")(bindparam("digest", type_=LargeBinary)), type_=LargeBinary)


_GENESIS = bindparam("genesis", type_=LargeBinary)
_first = upsert(chain).values(
    region=bindparam("region"), seq=1, previous=_GENESIS, hash=_link(cast(_GENESIS, LargeBinary), literal_column("1"))
)
_head = (
    _first.on_conflict_do_update(
        index_elements=["region"],
        set_={"seq": chain.c.seq + 1, "previous": chain.c.hash, "hash": _link(chain.c.hash, chain.c.seq + 1)},
    )
    .returning(chain.c.region, chain.c.seq, chain.c.previous, chain.c.hash)
    .cte("head")
)
_GIVEN = ("message_id", "case_id", "agency", "direction", "at", "entry", "body", "reply")
_given = {name: bindparam(name, type_=evidence.c[name].type) for name in _GIVEN}
_RECORD = statement(
    insert(evidence)
    .from_select(
        ["region", "seq", "previous", "hash", *_GIVEN],
        select(_head.c.region, _head.c.seq, _head.c.previous, _head.c.hash, *_given.values()),
    )
    .returning(evidence.c.seq)
)


def context_of(region: str, message_id: uuid.UUID, part: str) -> bytes:
    """What a sealed part of an entry (body or reply) belongs to."""
    return f"evidence:{region}:{message_id}:{part}".encode()


class Exchanged(NamedTuple):
    """A message that went or came, and what came of it."""

    of: Stream | tuple[str, uuid.UUID | None, str]
    direction: Direction
    message_id: uuid.UUID
    body: bytes
    envelope: Envelope | Told | None
    """None for bytes that are none."""
    proof: Proof


async def record(tx: asyncpg.Connection, keys: Keys, *exchanged: Exchanged) -> None:
    """Write entries, each linked to the one before; last in its transaction: the chain is locked till then."""
    await _RECORD.many(tx, [_row(keys, one) for one in exchanged])


def _row(keys: Keys, exchanged: Exchanged) -> dict[str, Any]:
    of, direction, message_id, body, envelope, proof = exchanged
    region, case_id, agency = of
    at, reply = clock.now(), proof.reply
    facts: dict[str, Any] = {
        "region": region,
        "agency": agency,
        "direction": direction,
        "message": str(message_id),
        "outcome": proof.outcome,
        "at": at,
        "machine_at": clock.machine_now(),
        "skew_ms": proof.skew_ms,
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "reply_sha256": None if reply is None else hashlib.sha256(reply).hexdigest(),
    }
    facts |= _told(envelope) | _signature(proof.signed) | _receipt(proof)
    entry = msgspec.json.encode(facts, order="deterministic")
    return {
        "region": region,
        "genesis": GENESIS,
        "digest": hashlib.sha256(entry).digest(),
        "message_id": message_id,
        "case_id": case_id,
        "agency": agency,
        "direction": direction,
        "at": at,
        "entry": entry,
        "body": keys.seal(body, context_of(region, message_id, "body")),
        "reply": None if reply is None else keys.seal(reply, context_of(region, message_id, "reply")),
    }


def _told(envelope: Envelope | Told | None) -> dict[str, Any]:
    if envelope is None:
        return {"case": None, "kind": None, "sequence": None, "schema": None}
    return {name: getattr(envelope, name) for name in ("case", "kind", "sequence", "schema")}


def _signature(signed: Signed | None) -> dict[str, Any]:
    if signed is None:
        return {"request": None, "key": None}
    request = {"method": signed.method, "url": signed.url, "headers": signed.headers}
    return {"request": request, "key": _key(signed.key)}


def _receipt(proof: Proof) -> dict[str, Any]:
    """How the receipt was signed, that it was not, or null where the reply is no receipt."""
    if proof.receipt is None:
        return {"receipt": UNSIGNED if proof.signed is not None and proof.outcome in RECEIPTED else None}
    signed = proof.receipt
    return {"receipt": {"status": signed.status, "headers": signed.headers, "key": _key(signed.key)}}


def _key(key: TrustedKey) -> dict[str, str]:
    return {"id": key.keyid, "algorithm": key.algorithm, "public": key.public}


def link(previous: bytes, seq: int, entry: bytes) -> bytes:
    """The hash of an entry, as the database works it out."""
    return hashlib.sha256(previous + seq.to_bytes(8, "big") + hashlib.sha256(entry).digest()).digest()


class Entry(msgspec.Struct, frozen=True):
    """A row of the evidence."""

    seq: int
    message_id: uuid.UUID
    case_id: uuid.UUID | None
    agency: str
    direction: Direction
    at: dt.datetime
    entry: bytes
    body: bytes
    """Sealed."""
    reply: bytes | None
    """Sealed."""
    previous: bytes
    hash: bytes


_HERE = evidence.c.region == bindparam("region")
_COLUMNS = tuple(evidence.c[name] for name in Entry.__struct_fields__)
_OF_CASE = statement(
    select(*_COLUMNS).where(_HERE, evidence.c.case_id == bindparam("case_id")).order_by(evidence.c.seq)
)
_AFTER = statement(
    select(*_COLUMNS)
    .where(_HERE, evidence.c.seq > bindparam("after", type_=BigInteger))
    .order_by(evidence.c.seq)
    .limit(bindparam("most"))
)
_DIGESTS = statement(
    select(evidence.c.seq, func.sha256(evidence.c.entry, type_=LargeBinary).label("digest"), evidence.c.hash)
    .where(_HERE, evidence.c.seq.between(bindparam("first", type_=BigInteger), bindparam("last", type_=BigInteger)))
    .order_by(evidence.c.seq)
)
_HEAD = statement(select(chain.c.seq, chain.c.hash).where(chain.c.region == bindparam("region")))


async def of_case(tx: asyncpg.Connection, region: str, case_id: uuid.UUID) -> list[Entry]:
    """A case's entries, in order."""
    return await _OF_CASE.structs(tx, Entry, region=region, case_id=case_id)


async def after(tx: asyncpg.Connection, region: str, seq: int, most: int) -> list[Entry]:
    """The entries behind this place, at most so many."""
    return await _AFTER.structs(tx, Entry, region=region, after=seq, most=most)


async def digests(tx: asyncpg.Connection, region: str, first: int, last: int) -> list[asyncpg.Record]:
    """seq, SHA-256 of the entry, and hash of each link from first to last."""
    return await _DIGESTS.all(tx, region=region, first=first, last=last)


async def head(tx: asyncpg.Connection, region: str) -> tuple[int, bytes]:
    """Place and hash of the last link; 0 and GENESIS where there is none."""
    row = await _HEAD.one(tx, region=region)
    return (row["seq"], row["hash"]) if row else (0, GENESIS)
