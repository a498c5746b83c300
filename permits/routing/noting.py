"""Notes how a try ended, with its evidence, in one transaction; then, in another, how the agency does.

It never calls anybody.
"""

import datetime as dt
from typing import TYPE_CHECKING, Any

import asyncpg
import msgspec

from integrations.keyring import keyring
from integrations.receipts import SignedReceipt, verify_receipt
from integrations.signing import SignatureRefused
from integrations.transport import Answer, Signed, Unknown
from permits import clock
from permits.cases import service as cases
from permits.db.database import Database
from permits.office import Office
from permits.routing import asking, breakers, dead_letters, evidence, streams, why
from permits.routing.evidence import Proof
from permits.routing.model import Sending, Stream
from permits.routing.outgoing import MARKS
from permits.settings import settings

if TYPE_CHECKING:
    from permits.routing.sending import Lease

SIGNATURE_HEADERS = ("Content-Digest", "Signature-Input", "Signature")
LONGEST_PROBLEM = 300


class NoReceipt(Unknown):
    """The agency said yes and gave no receipt for this message."""


class Outcome(msgspec.Struct, frozen=True):
    """How a try ended."""

    status: str
    attempts: int
    body: bytes
    """The exact bytes that were sent."""
    problem: str | None = None
    pause: dt.timedelta | None = None
    """How long until the next try; None where there is none."""
    signed: Signed | None = None
    reply: bytes | None = None
    """The exact bytes of the answer."""
    skew_ms: int | None = None
    receipt: SignedReceipt | None = None
    """How the receipt was signed; None where it was not."""
    heard: bool = False
    """Whether the agency answered at all, other than with a fault of its own."""
    doubt: bool = False
    """Whether nobody knows if the message arrived."""


async def note(
    database: Database, office: Office, lease: "Lease", sending: Sending, outcome: Outcome
) -> Sending | None:
    """Write how a try ended; the stream's next message where that may go now, the lease kept for it."""
    of, now, following = lease.of, clock.machine_now(), None
    async with database.transaction(of.region) as tx:  # the stream first, then messages, as everywhere
        if outcome.pause is None:
            kept = await streams.lease_on(tx, of, sending.sequence, lease.until, now, lease.renewed(now))
        else:
            kept = False
            await streams.lease_anew(tx, of, lease.until, now)
        await streams.tried(tx, of.region, sending.id, **_written(outcome, now))
        if outcome.pause is not None:
            await streams.hold(tx, of, now + outcome.pause)
        if kept:
            following = await streams.head(tx, of)
        if outcome.status == "delivered" and (mark := MARKS.get((of.agency, sending.kind))):
            await cases.component_sent(tx, of.region, of.case_id, *mark)
        await _prove(tx, office, of, sending, outcome)
    return following


async def note_question(
    database: Database, office: Office, lease: "Lease", head: Sending, asked: Sending, outcome: Outcome
) -> Sending | None:
    """Write how a status request fared; the message in doubt goes again where the agency does not take the question."""
    if asked.id == head.id:
        return await note(database, office, lease, head, outcome)
    of, now = lease.of, clock.machine_now()
    refused = outcome.status == "quarantined"
    wait = asking.PATIENCE if outcome.status == "delivered" else outcome.pause or dt.timedelta()
    async with database.transaction(of.region) as tx:
        await streams.lease_anew(tx, of, lease.until, now)
        written = _written(outcome, now) | ({"status": "queued", "answered_at": None} if refused else {})
        await streams.tried(tx, of.region, asked.id, **written | {"doubt_since": None})
        if refused:
            await streams.doubt(tx, of.region, head.id, None, None)
        await streams.hold(tx, of, now + wait)
        if outcome.status == "delivered":
            await _prove(tx, office, of, asked, outcome)
    return None


async def _prove(tx: asyncpg.Connection, office: Office, of: Stream, sending: Sending, outcome: Outcome) -> None:
    """The evidence of a try that came to something: a receipt, a refusal for good, or that nobody answered."""
    if outcome.status == "quarantined":
        reason = why.of_answer(outcome.problem or "", outcome.reply)
        await dead_letters.put_aside(tx, of.region, sending.id, of.case_id, of.agency, "out", sending.kind, reason)
    if outcome.signed is None or (outcome.status == "queued" and not outcome.doubt):
        return
    what = {"delivered": "delivered", "quarantined": "refused"}.get(outcome.status, "unanswered")
    proof = Proof(outcome.signed, what, outcome.reply, outcome.skew_ms, outcome.receipt)
    told = evidence.READER.decode(outcome.body)
    await evidence.record(tx, office.keys, of, "out", sending.id, outcome.body, told, proof)


async def note_agency(database: Database, of: Stream, outcome: Outcome) -> None:
    """How the agency does, in a transaction of its own: its row, then messages of many cases."""
    now = clock.machine_now()
    async with database.transaction(of.region) as tx:
        if outcome.status == "delivered":
            await breakers.heard(tx, of.region, of.agency, outcome.skew_ms, now)
        elif outcome.heard:
            await breakers.complained(tx, of.region, of.agency, short(outcome.problem or ""), now)
        elif outcome.body:
            await breakers.failed(tx, of.region, of.agency, short(outcome.problem or ""), now)


def _written(outcome: Outcome, now: dt.datetime) -> dict[str, Any]:
    """The columns that say how a try ended."""
    row: dict[str, Any] = {"status": outcome.status, "attempts": outcome.attempts, "answered_at": None}
    if outcome.problem is not None:
        row["problem"] = short(outcome.problem)
    if outcome.pause is None:
        row["answered_at"] = now
    row["doubt_since"] = now if outcome.doubt else None
    if outcome.status == "delivered" and outcome.signed is not None:
        row["signature"] = {name: outcome.signed.headers[name] for name in SIGNATURE_HEADERS}
        row["receipt"] = outcome.reply
    return row


def short(text: str) -> str:
    """A problem as the log keeps it."""
    return text.replace("\0", "")[:LONGEST_PROBLEM]


def sending_of(row: asyncpg.Record) -> Sending:
    """A row of the log as something to send."""
    return msgspec.convert({name: row[name] for name in Sending.__struct_fields__}, Sending)


def skew_ms_of(answer: Answer, message_id: str) -> int | None:
    """The agency's clock less ours as its receipt tells it. Raises NoReceipt where it is none of this message."""
    try:
        receipt = msgspec.json.decode(answer.receipt, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NoReceipt("the answer is no receipt") from error
    if receipt.get("id") != message_id:
        raise NoReceipt("the receipt is another message's")
    skew = receipt.get("skew_seconds")
    return round(skew * 1000) if isinstance(skew, int | float) else None


def signed_receipt(agency: str, answer: Answer, message_id: str) -> SignedReceipt | None:
    """How the agency signed its receipt; None where it did not, and need not.

    Raises NoReceipt where a signature does not hold, or is missing from an agency that must sign.
    """
    ring, asked = keyring(settings().agency_keys_path), answer.signed.headers
    if not answer.told.get("Signature-Input"):
        signed = None
    else:
        try:
            signed = verify_receipt(
                answer.status, answer.told, answer.receipt, asked, ring.trusted(agency), nonce=message_id
            )
        except SignatureRefused as refused:
            raise NoReceipt(refused.reason) from refused
    if signed is None and ring.wants_signed_receipts(agency):
        raise NoReceipt("the receipt is not signed, and this agency's must be")
    return signed
