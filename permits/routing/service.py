"""Messages of agencies as they come in: verified, kept as they are, applied in order, each once however often it comes.

A message about a case that we do not have, or of another contract, is refused and kept as well.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import NamedTuple

import asyncpg
import msgspec
import structlog

from integrations.agencies import AGENCIES
from integrations.contract import MAX_BYTES, Agency, Body, Envelope, Malformed, Status, body_of, decode
from integrations.keyring import keyring
from integrations.receipts import SignedReceipt, sign_receipt
from integrations.signing import HEADERS, SignatureRefused, Verified, verify
from integrations.transport import Signed
from permits import clock
from permits.cases import service as cases
from permits.cases import store as cases_store
from permits.cases.model import Case
from permits.db.database import Database
from permits.errors import BadInput, Conflict, NotFound, NotSignedIn, TooLarge
from permits.i18n import Text
from permits.office import Office
from permits.routing import arrivals, asking, breakers, dead_letters, evidence, streams, why
from permits.routing.evidence import Exchanged, Proof
from permits.routing.incoming import contradiction, report
from permits.routing.model import Arrived, Stream, context_of
from permits.routing.noting import SIGNATURE_HEADERS
from permits.routing.why import Reason
from permits.rules.identifiers import region_of
from permits.settings import settings

log = structlog.get_logger(__name__)


class Receipt(NamedTuple):
    """What a message was answered: the receipt's bytes, and how they were signed."""

    body: bytes
    signed: SignedReceipt | None


UNREADABLE = "unreadable"
"""The kind under which bytes are kept that are no envelope."""


async def receive(
    database: Database,
    office: Office,
    region_hint: str,
    agency: str,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    now: dt.datetime | None = None,
) -> Receipt:
    """Take in a signed message; the receipt, which the same message gets again byte for byte, signed anew.

    `url` is as the sender called it; `region_hint` is where a message is kept whose case names no city of ours; `now`
    is machine time by which the signature's age is judged: that of the signature itself where it came in a file.
    Raises NotFound, TooLarge, NotSignedIn where the signature does not hold, BadInput, Conflict.
    """
    if agency not in AGENCIES:
        raise NotFound(Text("没有这个部门。", "There is no such agency."), type="no-such-agency")
    if len(body) > MAX_BYTES:
        raise TooLarge(Text(f"报文最大 {MAX_BYTES} 字节。", f"A message has at most {MAX_BYTES} bytes."))
    verified, signed = _verified(agency, method, url, headers, body, now)
    signature = {name: signed.headers[name] for name in SIGNATURE_HEADERS}
    arrived = Arrived(agency, body, signature, signed, verified.skew_seconds)
    try:
        envelope, content = _read(AGENCIES[agency], verified, body)
    except Malformed as wrong:
        reason = Reason("malformed", {"says": str(wrong)})
        await _refuse(database, office, region_hint, arrived, verified.nonce, reason)
        raise BadInput(reason.text, type="malformed") from wrong
    region = region_of(envelope.case)
    region = region if region in settings().regions else region_hint
    assert region is not None
    try:
        async with database.transaction(region) as tx:
            receipt = await take_in(tx, office, region, arrived, envelope, content)
    except (NotFound, Conflict) as problem:
        await _refuse(database, office, region, arrived, envelope.id, why.of_problem(problem))
        raise
    async with database.transaction(region) as tx:
        await breakers.heard(tx, region, agency, _skew_ms(arrived), clock.machine_now())
    return receipt


def _verified(
    agency: str, method: str, url: str, headers: Mapping[str, str], body: bytes, now: dt.datetime | None
) -> tuple[Verified, Signed]:
    trusted = keyring(settings().agency_keys_path).trusted(agency)
    try:
        verified = verify(method, url, headers, body, trusted, now=now)
        names = {name.lower(): value for name, value in headers.items()}
        kept = {name: names[name.lower()] for name in HEADERS}
        return verified, Signed(method, url, kept, trusted[verified.keyid])
    except SignatureRefused as refused:
        text = Text(f"签名不成立：{refused.reason}", f"The signature does not hold: {refused.reason}")
        raise NotSignedIn(text, type="signature-refused") from refused


def _read(agency: Agency, verified: Verified, body: bytes) -> tuple[Envelope, Body]:
    envelope = decode(body)
    if envelope.id != verified.nonce:
        raise Malformed("the signature was made for another message")
    return envelope, body_of(envelope, agency, agency.from_agency)


async def take_in(
    tx: asyncpg.Connection, office: Office, region: str, arrived: Arrived, envelope: Envelope, content: Body
) -> Receipt:
    """Take in a message whose signature holds; its receipt. Raises NotFound, Conflict: nothing was written then."""
    case = await cases_store.lock(tx, office.keys, region, envelope.case)
    if case is None or case.row.state == "draft":
        raise NotFound(Reason("no-such-case").text, type="no-such-case")
    of = Stream(region, case.row.id, arrived.agency)
    last = await streams.lock_in(tx, of, envelope.case)
    message_id = uuid.UUID(envelope.id)
    known = await arrivals.known(tx, region, message_id)
    if known is not None and known["status"] != "refused":
        return _signed(arrived, message_id, _again(office, region, message_id, arrived, known))
    if envelope.sequence <= last or await arrivals.at_place(tx, of, envelope.sequence):
        raise Conflict(Reason("sequence-taken").text, type="sequence-taken")
    receipt = _receipt(envelope, arrived, "applied" if envelope.sequence == last + 1 else "waiting")
    await _keep(tx, office, region, arrived, envelope.id, of.case_id, envelope, status="waiting", receipt=receipt)
    if envelope.sequence == last + 1 and (wrong := contradiction(case, arrived.agency, content)):
        raise Conflict(wrong.text, type="wrong-state", extra={"why": wrong.key})
    await apply_in_order(tx, office, of, case, last)
    if isinstance(content, Status):  # it changes no case, so it need not wait for its turn
        await asking.learn(tx, office, of, content, arrived.body)
    await dead_letters.settle(tx, region, message_id, "taken")
    given = _signed(arrived, message_id, receipt)
    proof = Proof(arrived.signed, "taken", receipt, _skew_ms(arrived), given.signed)
    await evidence.record(tx, office.keys, Exchanged(of, "in", message_id, arrived.body, envelope, proof))
    return given


def _signed(arrived: Arrived, message_id: uuid.UUID, receipt: bytes) -> Receipt:
    """The receipt, signed for this very request; unsigned where a person tries it again, or no key of ours holds."""
    if arrived.signed is None:
        return Receipt(receipt, None)
    try:
        key = keyring(settings().agency_keys_path).signing("office", arrived.agency)
    except (ValueError, OSError) as error:
        log.warning("receipt not signed", agency=arrived.agency, error=str(error))
        return Receipt(receipt, None)
    return Receipt(receipt, sign_receipt(202, receipt, arrived.signed.headers, key, nonce=str(message_id)))


def _skew_ms(arrived: Arrived) -> int:
    """Their clock less ours."""
    return round(-arrived.skew_seconds * 1000)


def _again(office: Office, region: str, message_id: uuid.UUID, arrived: Arrived, known: asyncpg.Record) -> bytes:
    """The receipt given before. Raises Conflict where another message has this id."""
    same = (known["direction"], known["agency"]) == ("in", arrived.agency)
    if not same or office.keys.open(known["body"], context_of(region, message_id)) != arrived.body:
        raise Conflict(Reason("id-taken").text, type="id-taken")
    return bytes(known["receipt"])


def _receipt(envelope: Envelope, arrived: Arrived, status: str) -> bytes:
    """What the agency keeps as proof; `skew_seconds` is our clock less its own."""
    facts = {"id": envelope.id, "received_at": clock.now().isoformat(), "status": status}
    return msgspec.json.encode(facts | {"skew_seconds": round(arrived.skew_seconds, 3)})


async def apply_in_order(tx: asyncpg.Connection, office: Office, of: Stream, case: Case, last: int) -> None:
    """Apply what is next behind `last`, and what had been waiting behind it; the case and the stream are locked."""
    agency = AGENCIES[of.agency]
    while (row := await arrivals.at_place(tx, of, last + 1)) is not None:
        envelope = decode(office.keys.open(row["body"], context_of(of.region, row["id"])))
        body = body_of(envelope, agency, agency.from_agency)
        if wrong := contradiction(case, of.agency, body):
            await _put_aside(tx, of, row["id"], envelope.kind, wrong)
        else:
            told = report(of.agency, body, clock.now())
            if told is not None:
                case = await cases.component_changed(tx, office, of.region, of.case_id, told)
            await arrivals.applied(tx, of.region, row["id"], clock.machine_now())
        last += 1
        await streams.set_last_in(tx, of, last)


async def _put_aside(tx: asyncpg.Connection, of: Stream, message_id: uuid.UUID, kind: str, reason: Reason) -> None:
    """A message that we have taken contradicts the case when its turn comes: a person must look."""
    await arrivals.refused(tx, of.region, message_id, reason.text.en, clock.machine_now())
    await dead_letters.put_aside(tx, of.region, message_id, of.case_id, of.agency, "in", kind, reason)


async def _refuse(
    database: Database, office: Office, region: str, arrived: Arrived, nonce: str, reason: Reason
) -> None:
    """Keep a message that has no effect, with the reason, for a person to look at."""
    try:
        envelope = decode(arrived.body)
    except Malformed:
        envelope = None
    says = reason.text.en[: why.LONGEST]
    async with database.transaction(region) as tx:
        case_id = await streams.case_of(tx, region, envelope.case) if envelope else None
        known = await arrivals.known(tx, region, _message_id(envelope, nonce))
        message_id = await _keep(tx, office, region, arrived, nonce, case_id, envelope, status="refused", problem=says)
        if message_id is None or (known is not None and known["problem"] == says):
            return  # another message's id, or told before
        kind = envelope.kind if envelope else UNREADABLE
        await dead_letters.put_aside(tx, region, message_id, case_id, arrived.agency, "in", kind, reason)
        proof = Proof(arrived.signed, "refused", says.encode(), _skew_ms(arrived))
        about = (region, case_id, arrived.agency)
        await evidence.record(tx, office.keys, Exchanged(about, "in", message_id, arrived.body, envelope, proof))


async def _keep(
    tx: asyncpg.Connection,
    office: Office,
    region: str,
    arrived: Arrived,
    nonce: str,
    case_id: uuid.UUID | None,
    envelope: Envelope | None,
    **standing: object,
) -> uuid.UUID | None:
    """The id under which it is kept; None where another message has that id and stays as it is."""
    message_id = _message_id(envelope, nonce)
    now = clock.machine_now()
    kept = await arrivals.keep(
        tx,
        region=region,
        id=message_id,
        case_id=case_id,
        agency=arrived.agency,
        sequence=envelope.sequence if envelope else 0,
        kind=envelope.kind if envelope else UNREADABLE,
        schema=envelope.schema if envelope else UNREADABLE,
        body=office.keys.seal(arrived.body, context_of(region, message_id)),
        signature=arrived.signature,
        at=clock.now(),
        created_at=now,
        answered_at=now,
        **standing,
    )
    return message_id if kept else None


def _message_id(envelope: Envelope | None, nonce: str) -> uuid.UUID:
    return uuid.UUID(envelope.id) if envelope else _id_of(nonce)


def _id_of(nonce: str) -> uuid.UUID:
    """The id that the signature names, or one made of it where that is none."""
    try:
        return uuid.UUID(nonce)
    except ValueError:
        return uuid.uuid5(uuid.NAMESPACE_OID, nonce)
