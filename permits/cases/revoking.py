"""The office opens a case of its own to revoke a permit or to withdraw it; what ends it is a decision like any other.

Reviewed, cleared by the legal reviewer, decided by another: nothing ends here. Runs in the caller's transaction.
"""

from typing import Any

import asyncpg
from msgspec.structs import replace

from permits import clock
from permits.accounts.audit import look_row
from permits.accounts.model import Account
from permits.cases import bodies, clocks, drafting, holding, known, writing
from permits.cases.application import Application, HeldPermit
from permits.cases.filing import filing_of
from permits.cases.model import Case, Component, Event
from permits.db.ids import new_id
from permits.errors import Conflict, Forbidden
from permits.i18n import Text
from permits.office import Office
from permits.register import store as kept
from permits.register.model import RegisteredPermit, RegisterEntry

OPENERS = ("clerk", "reviewer", "decider", "inspector")
"""Who may open such a case."""


async def open_case(
    tx: asyncpg.Connection,
    office: Office,
    account: Account,
    region: str,
    number: str,
    what: str,
    body: bodies.EndPermit,
) -> Case:
    """A case to revoke or withdraw a permit, accepted as it is opened; its grant ends the permit.

    Raises NotFound, Forbidden, Conflict where the permit has ended or such a case is open, BadInput for the day.
    """
    entry = await holding.look(tx, office, account, region, number)
    if not account.has_any(frozenset(OPENERS), region):
        text = "由窗口、审查、决定或检查人员立案。"
        raise Forbidden(Text(text, "The window, a reviewer, a decider or an inspector opens such a case."))
    permit = holding.meant(entry, body.verification_code)
    if permit.ended_on is not None:
        raise Conflict(
            Text(f"这份许可已自 {permit.ended_on} 起终止。", f"This permit has ended, from {permit.ended_on} on."),
            type="already-ended",
        )
    holding.check_days(permit, body.effective)
    try:
        async with tx.transaction():
            return await _opened(tx, office, account, region, entry, permit, what, body)
    except asyncpg.UniqueViolationError as second:
        raise Conflict(
            Text("对这个人的许可已经有一件同样的案件在办。", "Such a case about this person's permit is open already."),
            type="open-case",
        ) from second


async def _opened(
    tx: asyncpg.Connection, office: Office, account: Account, region: str, entry: RegisterEntry,
    permit: RegisteredPermit, what: str, body: bodies.EndPermit,
) -> Case:  # fmt: skip
    at = clock.now()
    role = next(one for one in OPENERS if account.has(one, region))
    last = await known.last_case(tx, office, region, entry)
    application = await _application(tx, office, region, entry, permit, what, body, last)
    passports = await kept.documents_of(tx, region, permit.person_id)
    case = await drafting.started(
        tx, office, region, application,
        filed_by=last.row.filed_by if last else account.id,
        first=Event(new_id(), "opened", at, by=account.name, by_id=account.id, role=role),
        held=await known.held_of(tx, office, region, entry, permit, at.date()),
        passport_index=passports[-1],
        state="accepted", submitted_at=at, rules_on=at.date(), category=permit.category,
    )  # fmt: skip
    parts = (Component("work_permit", "pending"), Component("residence_permit", "not-wanted"),
             Component("window", "queued"))  # fmt: skip
    after = clocks.start(replace(case, components=parts), office.law, at.date(), "decision")
    detail = {"ground": body.ground, "reasons": body.reasons, "effective": str(body.effective)}
    said = Event(new_id(), "end-proposed", at, by=account.name, by_id=account.id, role=role, detail=detail)
    audit = look_row(region, account.id, f"open-{what}", subject=entry.number, detail={"ground": body.ground})
    return await writing.save(tx, case, after, said, audit, machine_now=clock.machine_now())


async def _application(
    tx: asyncpg.Connection, office: Office, region: str, entry: RegisterEntry, permit: RegisteredPermit, what: str,
    body: bodies.EndPermit, last: Case | None,
) -> Application:  # fmt: skip
    """What the office knows of the permit, in the shape of an application."""
    assert filing_of(what).by_office
    ground: Any = body.ground
    stated = {"number": entry.number, "event_date": body.effective}
    bare = Application(what, permit=HeldPermit(**stated))  # type: ignore[arg-type]
    full = await known.of_register(tx, office, region, bare, entry, permit, last, clock.today())
    return replace(full, employment=replace(full.employment, circumstance=ground))
