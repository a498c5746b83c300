"""A permit that is held, as its parties and the office see it, and its end by the office without a case.

Each runs in the caller's transaction; every look is on the record.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import asyncpg
import msgspec
from msgspec.structs import replace
from sqlalchemy import ARRAY, String, any_, bindparam, select

from permits import clock, decoding
from permits.accounts.audit import AUDIT, audit_row
from permits.accounts.model import Account
from permits.cases import bodies, cautions, extending, queues, store
from permits.cases.lifecycle import STAFF
from permits.cases.model import OPEN, Case
from permits.cases.tables import cases
from permits.db.statements import statement
from permits.errors import BadInput, Conflict, FieldError, Forbidden, NotFound
from permits.i18n import Text
from permits.office import Office
from permits.register import service as register
from permits.register.model import Ending, RegisteredPermit, RegisterEntry, Verification, status
from permits.rules import procedures
from permits.rules.law import Law
from permits.rules.silence import Silence

NO_PERMIT = Text("登记簿上没有这个许可编号。", "The register has no such permit number.")
ABOUT = statement(
    select(cases.c.id).where(
        cases.c.region == store.REGION,
        cases.c.held["permit_id"].astext == bindparam("permit_id", type_=String),
        cases.c.state == any_(bindparam("states", type_=ARRAY(String))),
    )
)
"""The open cases about a permit."""
IN_FORCE = ("valid", "not-yet-valid")


async def look(
    tx: asyncpg.Connection, office: Office, account: Account, region: str, number: str, action: str = "permit"
) -> RegisterEntry:
    """All that the register holds under a permit number, for its parties and staff; the look is on the record.

    Raises NotFound for anybody else.
    """
    entry = await register.permit_by_number(tx, office.keys, region, number, clock.today())
    entry = await carried(tx, office, region, entry)
    if not (is_staff(account, region) or await _is_party(tx, account, region, entry)):
        raise NotFound(NO_PERMIT)
    await AUDIT.run(tx, **audit_row(region, account.id, action, subject=entry.number))
    return entry


async def carried(tx: asyncpg.Connection, office: Office, region: str, entry: RegisterEntry) -> RegisterEntry:
    """The entry as the law has it now: what silence extended is valid, the minute before the register has it too."""
    past = [one.id for one in entry.permits if one.status == "expired"]
    last = await extending.carried(tx, office, region, past)
    if not last:
        return entry
    now = (replace(one, status="valid", valid_until=last[one.id]) if one.id in last else one for one in entry.permits)
    return RegisterEntry(entry.number, entry.names, tuple(now))


async def verify(tx: asyncpg.Connection, office: Office, code: str) -> Verification:
    """Whether the permit with this code is good today, for anyone; what the law extended by silence is (Art. 50).

    Raises NotFound.
    """
    today = clock.today()
    region, found = await register.by_code(tx, code)
    if status(found, today) == "expired":
        last = await extending.carried(tx, office, region, [found.id])
        found = replace(found, valid_until=last.get(found.id, found.valid_until))
    return register.verification(office.keys, region, found, today)


def is_staff(account: Account, region: str) -> bool:
    """Whether a person works at the office of the city."""
    return account.has_any(frozenset(STAFF), region)


async def _is_party(tx: asyncpg.Connection, account: Account, region: str, entry: RegisterEntry) -> bool:
    cases = {version.case_id for permit in entry.permits for version in permit.history}
    return await queues.filed_any(tx, region, account.id, cases)


class Pending(msgspec.Struct, frozen=True):
    """A case about a permit that is under way."""

    number: str
    procedure: str
    accepted: bool
    """Whether it was accepted; until then its promised day is that of the answer whether it is."""
    due: dt.date | None
    """The promised day."""
    filed_by: uuid.UUID
    """The agent who may look at it."""
    silence: Silence | None
    """What silence until the permit's last day means for an extension asked for in time (Art. 50)."""


async def pending(tx: asyncpg.Connection, office: Office, region: str, permit: RegisteredPermit) -> list[Pending]:
    """The cases about a permit that are submitted and not decided, the oldest first."""
    rows = await ABOUT.all(tx, region=region, permit_id=str(permit.id), states=list(OPEN))
    found = await store.by_ids(tx, office.keys, region, [row["id"] for row in rows])
    return [
        Pending(
            case.row.number,
            case.row.procedure,
            case.row.accepted_at is not None,
            case.row.due,
            case.row.filed_by,
            _silence(case, office.law),
        )
        for case in found
    ]


def _silence(case: Case, law: Law) -> Silence | None:
    found = cautions.pending(case, law)
    return found if found and found.kind == "extension" else None


def meant(entry: RegisterEntry, code: str | None = None) -> RegisteredPermit:
    """The permit of a person that is meant: by its verification code, else the one in force, else the latest.

    Raises BadInput where the code is none of them, or several are in force and none is named.
    """
    if code is not None:
        named = [one for one in entry.permits if one.verification_code == code.strip().upper()]
        if not named:
            raise _which(Text("这不是这个人的许可的核验码。", "This is the code of none of the person's permits."))
        return named[0]
    running = [one for one in entry.permits if one.status in IN_FORCE]
    if len(running) > 1:
        codes = [one.verification_code for one in running]
        text = Text(
            f"这个人有 {len(codes)} 份有效许可，请写明核验码：{'、'.join(codes)}。",
            f"The person has {len(codes)} permits in force; say which by its code: {', '.join(codes)}.",
        )
        raise _which(text)
    return running[0] if running else entry.permits[-1]


def _which(text: Text) -> BadInput:
    return BadInput(errors=[FieldError("/verification_code", text)])


def read_end(raw: Any, law: Law, what: str, on: dt.date, region: str) -> bodies.EndPermit:
    """The body that ends a permit; `what` is cancel, revoke or withdraw. Raises BadInput naming all that is wrong."""
    ground = raw.get("ground") if isinstance(raw, dict) else None
    beside = tuple(_wrong_ground(ground, law, what, on, region)) if isinstance(ground, str) and ground else ()
    try:
        body = decoding.convert(raw, bodies.EndPermit)
    except BadInput as wrong:
        raise BadInput(errors=(*wrong.errors, *beside)) from None
    if beside:
        raise BadInput(errors=beside)
    return body


def _wrong_ground(ground: str, law: Law, what: str, on: dt.date, region: str) -> Iterator[FieldError]:
    keys = [one.key for one in procedures.circumstances(law, on, region, what)]
    if ground not in keys:
        yield FieldError("/ground", Text(f"只能是：{'、'.join(keys)}。", f"Must be one of: {', '.join(keys)}."))


def check_days(permit: RegisteredPermit, effective: dt.date) -> None:
    """Raises BadInput for a day on which the permit cannot end."""
    first, last = permit.valid_from, permit.valid_until
    if not first <= effective <= last:
        text = Text(f"在 {first} 到 {last} 之间：到期自行失效。", f"Between {first} and {last}: it expires by itself.")
        raise BadInput(errors=[FieldError("/effective", text)])


async def cancel(
    tx: asyncpg.Connection, office: Office, account: Account, region: str, number: str, body: bodies.EndPermit
) -> tuple[RegisterEntry, RegisteredPermit]:
    """Cancel a permit by the office itself (注销); what the register holds then, and the permit that ended.

    Raises NotFound, Forbidden for who is no clerk, Conflict where it has ended, BadInput for a day that cannot be.
    """
    entry = await look(tx, office, account, region, number)
    if not account.has("clerk", region):
        raise Forbidden(Text("注销由窗口人员办理。", "The window cancels permits."))
    permit = meant(entry, body.verification_code)
    if permit.status == "expired":
        raise Conflict(
            Text(
                f"这份许可已于 {permit.valid_until} 到期，自行失效。", f"It expired by itself on {permit.valid_until}."
            ),
            type="already-ended",
        )
    if permit.ended_on is None:
        check_days(permit, body.effective)
    ending = Ending(
        region=region,
        permit_id=permit.id,
        effective=body.effective,
        kind="cancelled",
        ground=body.ground,
        reasons=body.reasons,
        recorded=clock.now(),
        decider=account.name,
        decider_id=account.id,
    )
    await register.end(tx, office.law, office.keys, ending)
    detail = {"ground": body.ground, "effective": str(body.effective)}
    await AUDIT.run(tx, **audit_row(region, account.id, "cancel-permit", subject=entry.number, detail=detail))
    after = await register.permit_by_number(tx, office.keys, region, number, clock.today())
    return after, next(one for one in after.permits if one.id == permit.id)
