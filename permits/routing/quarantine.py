"""What a person does with a message that was refused for good: look, send again, mend, take after all, settle by hand.

Each act has a reason, stands on the case's timeline and on the record; giving up is a person's act and never ours.
"""

import uuid
from typing import Any

import asyncpg
import msgspec

from integrations.agencies import AGENCIES
from integrations.contract import Envelope, Malformed, StatusRequest, body_of, decode
from permits import clock
from permits.accounts.audit import AUDIT, audit_row
from permits.accounts.model import Account
from permits.cases import service as cases
from permits.cases import store as cases_store
from permits.errors import BadInput, Conflict, FieldError, Forbidden, NotFound
from permits.i18n import Text
from permits.office import Office
from permits.routing import arrivals, dead_letters, service, streams, writing
from permits.routing.asking import QUESTION
from permits.routing.dead_letters import DeadLetter
from permits.routing.model import Arrived, Stream, context_of
from permits.routing.why import Reason

MAY = ("clerk", "reviewer", "admin")
"""Who may look at what was put aside and settle it."""
LONGEST_REASONS = 1000
EVENTS = {
    "resent": "message-resent",
    "mended": "message-mended",
    "by-hand": "message-settled",
    "taken": "message-retried",
}
"""How each way of settling is called on the timeline and on the record."""


class Opened(msgspec.Struct, frozen=True):
    """A message put aside, and what it says."""

    letter: DeadLetter
    envelope: Envelope | None
    """None for bytes that are no message."""
    ways: tuple[str, ...]
    """What may be done with it: resend, mend, retry, settle."""


def may(account: Account, region: str) -> str:
    """The role in which somebody may settle what was put aside. Raises Forbidden."""
    for role in MAY:
        if account.has(role, region):
            return role
    raise Forbidden(Text("只有窗口、审查或管理员可以处理。", "Only clerks, reviewers and administrators may do this."))


async def page(
    tx: asyncpg.Connection, account: Account, region: str, *, state: str = "open", agency: str | None = None
) -> list[DeadLetter]:
    """What was put aside, oldest first, at most a hundred, without what it says. Raises Forbidden."""
    may(account, region)
    return await dead_letters.page(tx, region, state=state, agency=agency)


async def look(tx: asyncpg.Connection, office: Office, account: Account, region: str, message_id: uuid.UUID) -> Opened:
    """One of them with what it says; the look is on the record. Raises Forbidden, NotFound."""
    may(account, region)
    letter = await _found(tx, region, message_id)
    row = await _message(tx, region, message_id)
    try:
        envelope = decode(_opened(office, region, message_id, row))
    except (Malformed, ValueError):
        envelope = None
    detail = {"agency": letter.agency, "kind": letter.kind, "message": str(message_id)}
    audit = audit_row(
        region, account.id, "message-look", case_id=letter.case_id, subject=letter.case_number, detail=detail
    )
    await AUDIT.run(tx, **audit)
    return Opened(letter, envelope, _ways(letter))


def _ways(letter: DeadLetter) -> tuple[str, ...]:
    if letter.state != "open":
        return ()
    return ("resend", "mend", "settle") if letter.direction == "out" else ("retry", "settle")


async def resend(
    tx: asyncpg.Connection, office: Office, account: Account, region: str, message_id: uuid.UUID, reasons: str
) -> DeadLetter:
    """Send the same bytes again: the agency's fault is mended. Raises Forbidden, NotFound, Conflict, BadInput."""
    letter = await _begun(tx, office, account, region, message_id, reasons, "resent", "out")
    await streams.put_back(tx, region, message_id, "queued", clock.machine_now())
    return await _ended(tx, account, region, letter, "resent", reasons)


async def mend(
    tx: asyncpg.Connection,
    office: Office,
    account: Account,
    region: str,
    message_id: uuid.UUID,
    reasons: str,
    body: dict[str, Any],
) -> DeadLetter:
    """Send another body in its place: a new id, for it is another message, at the same place of the stream.

    The body is worded as the one that was refused, in its version of the agency's schema. Raises Forbidden, NotFound,
    Conflict, BadInput naming the first field that breaks the contract.
    """
    letter = await _begun(tx, office, account, region, message_id, reasons, "mended", "out")
    agency = writing.agency_of(letter.agency)
    try:
        refused = decode(_opened(office, region, message_id, await _message(tx, region, message_id)))
        checked = body_of(msgspec.structs.replace(refused, body=body), agency, agency.to_agency)
    except Malformed as wrong:
        text = Reason("malformed", {"says": str(wrong)}).text
        raise BadInput(text, errors=[FieldError("/body", text)]) from wrong
    assert letter.case_id is not None
    of, number = Stream(region, letter.case_id, letter.agency), letter.case_number or ""
    await streams.put_back(tx, region, message_id, "refused", clock.machine_now())
    new = await writing.queue(tx, office, agency, of, number, letter.kind, checked, sequence=letter.sequence)
    return await _ended(tx, account, region, letter, "mended", reasons, new)


async def settle(
    tx: asyncpg.Connection, office: Office, account: Account, region: str, message_id: uuid.UUID, reasons: str
) -> DeadLetter:
    """Give it up: it was settled with the agency by other means.

    Its place in the stream is filled, so that what comes after it is not waited for in vain: with a status request
    where it was ours, by passing over it where it was theirs. Raises Forbidden, NotFound, Conflict, BadInput.
    """
    letter = await _begun(tx, office, account, region, message_id, reasons, "by-hand")
    new = None
    if letter.case_id is not None:
        of = Stream(region, letter.case_id, letter.agency)
        fill = _fill_ours if letter.direction == "out" else _pass_over
        new = await fill(tx, office, of, letter)
    return await _ended(tx, account, region, letter, "by-hand", reasons, new)


async def _fill_ours(tx: asyncpg.Connection, office: Office, of: Stream, letter: DeadLetter) -> uuid.UUID:
    await streams.put_back(tx, of.region, letter.message_id, "refused", clock.machine_now())
    agency, number = writing.agency_of(of.agency), letter.case_number or ""
    return await writing.queue(tx, office, agency, of, number, QUESTION, StatusRequest(), sequence=letter.sequence)


async def _pass_over(tx: asyncpg.Connection, office: Office, of: Stream, letter: DeadLetter) -> None:
    if letter.case_number is None:
        return
    last = await streams.lock_in(tx, of, letter.case_number)
    if letter.sequence != last + 1 or await arrivals.at_place(tx, of, letter.sequence):
        return
    case = await cases_store.lock_id(tx, office.keys, of.region, of.case_id)
    assert case is not None
    await streams.set_last_in(tx, of, letter.sequence)
    await service.apply_in_order(tx, office, of, case, letter.sequence)


async def retry(
    tx: asyncpg.Connection, office: Office, account: Account, region: str, message_id: uuid.UUID, reasons: str
) -> DeadLetter:
    """Take an agency's message after all, its case being there or in the right state now.

    Raises Forbidden, NotFound, Conflict with what still speaks against it, BadInput where it breaks the contract.
    """
    letter = await _begun(tx, office, account, region, message_id, reasons, "taken", "in")
    row = await _message(tx, region, message_id)
    agency, data = AGENCIES[letter.agency], _opened(office, region, message_id, row)
    try:
        envelope = decode(data)
        content = body_of(envelope, agency, agency.from_agency)
    except Malformed as wrong:
        raise BadInput(Reason("malformed", {"says": str(wrong)}).text, type="malformed") from wrong
    arrived = Arrived(letter.agency, data, row["signature"], None, 0.0)
    after = await _ended(tx, account, region, letter, "taken", reasons)
    await service.take_in(tx, office, region, arrived, envelope, content)
    return after


async def _begun(
    tx: asyncpg.Connection,
    office: Office,
    account: Account,
    region: str,
    message_id: uuid.UUID,
    reasons: str,
    how: str,
    direction: str | None = None,
) -> DeadLetter:
    """The letter, open and locked, what is done with it noted on its case; rows are taken in routing's order."""
    role = may(account, region)
    if not 0 < len(reasons.strip()) <= LONGEST_REASONS:
        text = Text(
            f"请写明理由，最多 {LONGEST_REASONS} 字。", f"Give the reasons, at most {LONGEST_REASONS} characters."
        )
        raise BadInput(errors=[FieldError("/reasons", text)])
    letter = await _found(tx, region, message_id)
    detail = {"agency": letter.agency, "kind": letter.kind, "message": str(message_id)}
    if letter.case_id is not None:
        await cases.noted(tx, office, account, region, letter.case_id, EVENTS[how], role, detail)
    else:
        await AUDIT.run(tx, **audit_row(region, account.id, EVENTS[how], detail=detail))
    state = await dead_letters.lock(tx, region, message_id)
    if state != "open" or (direction or letter.direction) != letter.direction:
        raise Conflict(
            Text("这份报文已处理，或不能这样处理。", "This message is settled already, or cannot be settled this way."),
            extra={"possible": _ways(letter)},
        )
    return letter


async def _ended(
    tx: asyncpg.Connection,
    account: Account,
    region: str,
    letter: DeadLetter,
    how: str,
    reasons: str,
    replaced_by: uuid.UUID | None = None,
) -> DeadLetter:
    await dead_letters.settle(
        tx,
        region,
        letter.message_id,
        how,
        by=account.id,
        name=account.name,
        why=reasons.strip(),
        replaced_by=replaced_by,
    )
    return await _found(tx, region, letter.message_id)


async def _found(tx: asyncpg.Connection, region: str, message_id: uuid.UUID) -> DeadLetter:
    letter = await dead_letters.one(tx, region, message_id)
    if letter is None:
        raise NotFound(Text("没有这份报文。", "There is no such message."))
    return letter


async def _message(tx: asyncpg.Connection, region: str, message_id: uuid.UUID) -> asyncpg.Record:
    row = await arrivals.known(tx, region, message_id)
    if row is None:
        raise NotFound(Text("没有这份报文。", "There is no such message."))
    return row


def _opened(office: Office, region: str, message_id: uuid.UUID, row: asyncpg.Record) -> bytes:
    return office.keys.open(row["body"], context_of(region, message_id))
