"""Notes how tries ended, with their evidence, in one transaction; then, in another, how the agency does.

It never calls anybody.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

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
from permits.routing.evidence import READER, Exchanged, Proof
from permits.routing.model import Sending, Stream
from permits.routing.outgoing import MARKS
from permits.routing.streams import Held
from permits.settings import settings

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

    def of_question(self) -> "Outcome":
        """The same, of a status request: it waits for its answer, and one that is not taken is no dead letter."""
        if self.status == "quarantined":
            return msgspec.structs.replace(self, status="queued", pause=dt.timedelta())
        pause = asking.PATIENCE if self.status == "delivered" else self.pause
        return msgspec.structs.replace(self, pause=pause, doubt=False)


class Ended(msgspec.Struct, frozen=True):
    """What became of a stream that we held; given back as it was unless something was sent."""

    held: Held
    sent: Sending | None = None
    """Its first message, or the status request about that."""
    outcome: Outcome | None = None
    until: dt.datetime | None = None
    """Machine time before which nothing of it is tried."""
    settled: bool = False
    """Whether the first message is in doubt no more: the agency does not take the question."""

    def proof(self) -> Exchanged | None:
        """The evidence of a try that came to something: a receipt, a refusal for good, or that nobody answered."""
        sent, outcome = self.sent, self.outcome
        if sent is None or outcome is None or outcome.signed is None:
            return None
        if outcome.status == "queued" and not outcome.doubt:
            return None
        what = {"delivered": "delivered", "quarantined": "refused"}.get(outcome.status, "unanswered")
        proof = Proof(outcome.signed, what, outcome.reply, outcome.skew_ms, outcome.receipt)
        return Exchanged(self.held.of, "out", sent.id, outcome.body, READER.decode(outcome.body), proof)


async def note(database: Database, office: Office, region: str, ended: Sequence[Ended]) -> None:
    """Write in one transaction how tries ended, and give their streams back."""
    now = clock.machine_now()
    tries = [(one.held.of, one.sent, one.outcome) for one in ended if one.sent and one.outcome]
    async with database.transaction(region) as tx:  # streams first, then messages, as everywhere
        await streams.lease_anew(tx, [one.held for one in ended], now)
        if tries:
            await streams.tried(tx, region, {sent.id: _written(outcome, now) for _, sent, outcome in tries})
        for one in ended:
            await _put_off(tx, one, now)
        if sent := list(_parts_sent(tries)):
            await cases.components_sent(tx, region, sent)
        for of, sending, outcome in tries:
            if outcome.status == "quarantined":
                reason = why.of_answer(outcome.problem or "", outcome.reply)
                await dead_letters.put_aside(tx, region, sending.id, of.case_id, of.agency, "out", sending.kind, reason)
        if proofs := [proof for one in ended if (proof := one.proof())]:
            await evidence.record(tx, office.keys, *proofs)


async def _put_off(tx: asyncpg.Connection, ended: Ended, now: dt.datetime) -> None:
    """Nothing of a stream is tried before its first message may be tried again."""
    if ended.settled:
        await streams.doubt(tx, ended.held.of.region, ended.held.head.id, None, None)
    pause = ended.outcome.pause if ended.outcome else None
    until = ended.until if pause is None else now + pause
    if until is not None:
        await streams.hold(tx, ended.held.of, until)


def _parts_sent(
    tries: Iterable[tuple[Stream, Sending, Outcome]],
) -> Iterator[tuple[uuid.UUID, str, str, Sequence[str]]]:
    """The parts of cases that agencies have now."""
    for of, sending, outcome in tries:
        mark = MARKS.get((of.agency, sending.kind))
        if mark and outcome.status == "delivered":
            yield (of.case_id, *mark)


async def note_agency(database: Database, region: str, name: str, outcomes: Sequence[Outcome]) -> None:
    """How the agency does, in a transaction of its own: its row, then messages of many cases."""
    now = clock.machine_now()
    async with database.transaction(region) as tx:
        for outcome in outcomes:
            if outcome.status == "delivered":
                await breakers.heard(tx, region, name, outcome.skew_ms, now)
            elif outcome.heard:
                await breakers.complained(tx, region, name, short(outcome.problem or ""), now)
            elif outcome.body:
                await breakers.failed(tx, region, name, short(outcome.problem or ""), now)


def _written(outcome: Outcome, now: dt.datetime) -> dict[str, Any]:
    """The columns that say how a try ended."""
    row: dict[str, Any] = {"status": outcome.status, "attempts": outcome.attempts, "answered_at": None}
    if outcome.problem is not None:
        row["problem"] = short(outcome.problem)
    if outcome.status != "queued":
        row["answered_at"] = now
    row["doubt_since"] = now if outcome.doubt else None
    if outcome.status == "delivered" and outcome.signed is not None:
        row["signature"] = {name: outcome.signed.headers[name] for name in SIGNATURE_HEADERS}
        row["receipt"] = outcome.reply
    return row


def short(text: str) -> str:
    """A problem as the log keeps it."""
    return text.replace("\0", "")[:LONGEST_PROBLEM]


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
