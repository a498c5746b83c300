"""Verifies a city's chain of evidence in small steps that are committed: whoever stops goes on where it was.

Every link is worked out anew, every message opened and compared with its digest, every signature checked with the key
that was in force. It repairs nothing.
"""

import datetime as dt
import hashlib
import re
from typing import Any

import asyncpg
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from integrations.keyring import Keyring
from integrations.receipts import verify_receipt
from integrations.signing import SignatureRefused, TrustedKey, verify
from permits import clock
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.db.statements import statement
from permits.routing import evidence
from permits.routing.evidence import GENESIS, Entry, context_of, link
from permits.routing.tables import chain_check

STEP = 200
"""Entries a step: a second or so, then it is committed."""
_CREATED = re.compile(r";created=(\d{1,12})")


class Verification(msgspec.Struct, frozen=True):
    """How far a chain is verified."""

    seq: int = 0
    """The last entry that holds, with all before it."""
    hash: bytes = GENESIS
    broken: int | None = None
    """The first entry that does not hold."""
    problem: str | None = None
    at: dt.datetime | None = None
    """Machine time of the last step; None where there was none."""
    began_at: dt.datetime | None = None
    """Machine time at which this pass began at the first entry."""
    ended_at: dt.datetime | None = None
    """Machine time at which all was last found to hold, to the chain's end."""
    ended_seq: int | None = None
    """The last entry then."""


_HERE = chain_check.c.region == bindparam("region")
_READ = statement(select(*(chain_check.c[name] for name in Verification.__struct_fields__)).where(_HERE))
_row = upsert(chain_check)
_WRITE = statement(
    _row.on_conflict_do_update(
        index_elements=["region"], set_={name: _row.excluded[name] for name in Verification.__struct_fields__}
    )
)
_FORGET = statement(delete(chain_check).where(_HERE))


class Broken(Exception):
    """An entry does not hold; the text says why."""


async def verified(tx: asyncpg.Connection, region: str) -> Verification:
    """How far the chain is verified."""
    return next(iter(await _READ.structs(tx, Verification, region=region)), Verification())


async def forget(database: Database, region: str) -> None:
    """Begin again at the first entry."""
    async with database.transaction(region) as tx:
        await _FORGET.run(tx, region=region)


async def restart(database: Database, region: str) -> None:
    """Begin a new pass at the first entry; when the last one ended stays known."""
    async with database.transaction(region) as tx:
        known = await verified(tx, region)
        again = Verification(at=known.at, ended_at=known.ended_at, ended_seq=known.ended_seq)
        await _WRITE.run(tx, region=region, **msgspec.structs.asdict(again))


async def step(
    database: Database, keys: Keys, ring: Keyring, region: str, most: int = STEP
) -> tuple[bool, Verification]:
    """Verify some more entries and commit; whether the end is reached or something is broken, and how far it is."""
    async with database.transaction(region) as tx:
        before = await verified(tx, region)
        found = await evidence.after(tx, region, before.seq, most)
        after, now = _through(keys, ring, region, before, found), clock.machine_now()
        if len(found) < most and after.broken is None:
            after = await _ended(tx, region, after)
            if after.broken is None:
                after = msgspec.structs.replace(after, ended_at=now, ended_seq=after.seq)
        after = msgspec.structs.replace(after, at=now, began_at=before.began_at if before.seq else now)
        await _WRITE.run(tx, region=region, **msgspec.structs.asdict(after))
    return len(found) < most or after.broken is not None, after


def _through(keys: Keys, ring: Keyring, region: str, before: Verification, found: list[Entry]) -> Verification:
    seq, hash_ = before.seq, before.hash
    for entry in found:
        try:
            _holds(keys, ring, region, seq, hash_, entry)
        except Broken as broken:
            return msgspec.structs.replace(before, seq=seq, hash=hash_, broken=seq + 1, problem=str(broken))
        seq, hash_ = entry.seq, entry.hash
    return msgspec.structs.replace(before, seq=seq, hash=hash_, broken=None, problem=None)


async def _ended(tx: asyncpg.Connection, region: str, after: Verification) -> Verification:
    """The chain's last link must be the last entry: else entries were taken away at its end."""
    seq, hash_ = await evidence.head(tx, region)
    if (seq, bytes(hash_)) == (after.seq, after.hash) or seq < after.seq:
        return after
    if await evidence.after(tx, region, after.seq, 1):
        return after  # more came meanwhile
    return msgspec.structs.replace(after, broken=after.seq + 1, problem="the last link is another: entries are missing")


def _holds(keys: Keys, ring: Keyring, region: str, seq: int, hash_: bytes, entry: Entry) -> None:
    """Raises Broken where an entry is not what it was when it was written."""
    if entry.seq != seq + 1:
        raise Broken(f"entry {seq + 1} is missing")
    if entry.previous != hash_ or entry.hash != link(hash_, entry.seq, entry.entry):
        raise Broken("the link does not hold: this entry or one before was changed")
    facts = msgspec.json.decode(entry.entry)
    for name in ("agency", "direction"):
        if facts[name] != getattr(entry, name):
            raise Broken(f"{name} was changed")
    if facts["message"] != str(entry.message_id) or facts["region"] != region:
        raise Broken("the entry is another message's or city's")
    body = _opened(keys, region, entry, "body", facts["body_sha256"])
    reply = b""
    if facts["reply_sha256"] is not None:
        reply = _opened(keys, region, entry, "reply", facts["reply_sha256"])
    if facts["request"] is not None:
        _signature_holds(ring, facts, body)
    if isinstance(facts.get("receipt"), dict):
        _receipt_holds(ring, facts, reply)


def _opened(keys: Keys, region: str, entry: Entry, part: str, digest: str) -> bytes:
    try:
        data = keys.open(getattr(entry, part) or b"", context_of(region, entry.message_id, part))
    except ValueError as error:
        raise Broken(f"the {part} cannot be opened") from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise Broken(f"the {part} was changed")
    return data


def _signature_holds(ring: Keyring, facts: dict[str, Any], body: bytes) -> None:
    """The signature holds at the moment it was made. A shared secret that is gone can no longer be checked."""
    request, key = facts["request"], _key(ring, facts["key"])
    moment = _moment(request["headers"])
    if key is None or moment is None:
        return
    try:
        verify(request["method"], request["url"], request["headers"], body, {key.keyid: key}, now=moment)
    except SignatureRefused as refused:
        raise Broken(f"the signature does not hold: {refused.reason}") from refused


def _receipt_holds(ring: Keyring, facts: dict[str, Any], reply: bytes) -> None:
    """The receipt's signature holds, and belongs to the message's."""
    signed, key = facts["receipt"], _key(ring, facts["receipt"]["key"])
    moment = _moment(signed["headers"])
    if key is None or moment is None:
        return
    asked, nonce = facts["request"]["headers"], facts["message"]
    try:
        verify_receipt(signed["status"], signed["headers"], reply, asked, {key.keyid: key}, nonce=nonce, now=moment)
    except SignatureRefused as refused:
        raise Broken(f"the receipt's signature does not hold: {refused.reason}") from refused


def _moment(headers: dict[str, str]) -> dt.datetime | None:
    created = _CREATED.search(headers["Signature-Input"])
    return dt.datetime.fromtimestamp(int(created[1]), dt.UTC) if created else None


def _key(ring: Keyring, told: dict[str, Any]) -> TrustedKey | None:
    if told["public"]:
        material = load_pem_public_key(told["public"].encode())
        assert isinstance(material, Ed25519PublicKey)
        return TrustedKey(told["id"], material, told["algorithm"])
    return ring.known(told["id"])
