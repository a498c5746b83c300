"""Makes the letters that an event of a case calls for, once, and tells on that each was issued."""

import uuid

import asyncpg

from permits import clock
from permits.accounts import store as accounts
from permits.cases import outbox
from permits.cases import store as cases
from permits.cases.model import Case
from permits.cases.outbox import Happening
from permits.clock import CITY
from permits.db.database import Database
from permits.letters import service
from permits.letters.about import About
from permits.letters.facts import BUILD, letters_of, ordinal
from permits.letters.model import Issued
from permits.letters.permit import permit_number
from permits.office import Office
from permits.settings import Settings

SUBSCRIBER = "letters"
ISSUED = "letter-issued"


async def on_event(database: Database, office: Office, settings: Settings, happened: Happening) -> None:
    """Issue the letters of an event in one transaction with the note that it is done."""
    async with database.transaction(happened.region) as tx:
        case = await cases.lock_id(tx, office.keys, happened.region, happened.case_id)
        if case is None:
            return
        about = await _about(tx, office, settings, case, happened)
    async with database.transaction(happened.region) as tx:  # rendering must not hold the case
        if await outbox.first_time(tx, happened, SUBSCRIBER, clock.machine_now()):
            for kind in letters_of(about.case, happened.kind):
                await _issue(tx, office, about, kind)


async def _about(tx: asyncpg.Connection, office: Office, settings: Settings, case: Case, happened: Happening) -> About:
    event = next(event for event in case.timeline if event.id == happened.event_id)
    decision = case.row.decision
    decider = await accounts.by_id(tx, decision.by) if decision else None
    certificate = (decider.certificate if decider else None) or ""
    return About(case, event, office.law, settings.demo, settings.public_url.rstrip("/"), certificate)


async def _issue(tx: asyncpg.Connection, office: Office, about: About, kind: str) -> None:
    case_id, at, nth = about.case.row.id, about.event.at.astimezone(CITY), ordinal(about.case, about.event)
    if kind == "permit":
        letter = BUILD[kind](about, permit_number(about.case))
        issued = await service.issue(tx, office.keys, about.region, case_id, letter, issued_at=at, ordinal=nth)
    else:
        issued = await service.issue_numbered(
            tx,
            office.keys,
            about.region,
            case_id,
            lambda number: BUILD[kind](about, number),
            office=about.office,
            kind=kind,
            issued_at=at,
            ordinal=nth,
        )
    await _tell(tx, about.region, case_id, issued)


async def _tell(tx: asyncpg.Connection, region: str, case_id: uuid.UUID, issued: Issued) -> None:
    await outbox.add(tx, Happening(region, issued.id, case_id, ISSUED), clock.machine_now())
