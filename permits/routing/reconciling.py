"""The comparison of books (对账): each night and on demand an agency is asked about each case, the answers compared.

The questions are signed messages as any other, so that they are evidence too. It mends nothing: a difference is a task.
"""

import asyncio
import datetime as dt
import uuid

import asyncpg

from integrations.agencies import AGENCIES
from integrations.contract import Malformed, Status, StatusRequest, body_of, decode
from permits import clock
from permits.accounts.audit import AUDIT, audit_row
from permits.accounts.model import Account
from permits.db.database import Database
from permits.db.ids import new_id
from permits.errors import BadInput, Conflict, FieldError, Forbidden, NotFound
from permits.i18n import Text
from permits.office import Office
from permits.routing import differences, ledgers, store, writing
from permits.routing.comparing import QUESTIONS, Ours, compare
from permits.routing.differences import Task
from permits.routing.ledgers import Asked, Run
from permits.routing.listing import Lister
from permits.routing.model import Stream, context_of
from permits.routing.relay import rest

MAY = ("clerk", "reviewer", "admin")
"""Who may ask for a comparison and settle a difference."""
NIGHTLY = dt.time(2, 0)
"""Office time, when the desks are closed and what was sent in the day is taken in."""
PATIENCE = dt.timedelta(minutes=10)
"""So long answers are awaited, machine time; whoever has not answered by then is told of."""
COVERED = dt.timedelta(days=7)
"""Closed cases are compared so long after, open ones always."""
BATCH = 100
"""Cases asked about in one transaction."""
LOOK_EVERY_S = 2.0
LONGEST_REASONS = 1000


async def run(
    database: Database, office: Office, regions: tuple[str, ...], stop: asyncio.Event, lister: Lister | None = None
) -> None:
    """Begin the nightly runs and bring all runs on, until told to stop. Raises Unavailable without a database."""
    up_since = clock.now()
    while not stop.is_set():
        for region in regions:
            await nightly(database, region, up_since)
            await advance(database, office, region, lister)
        await rest(stop, LOOK_EVERY_S)


async def nightly(database: Database, region: str, up_since: dt.datetime) -> list[Run]:
    """Begin the runs of this night where they are due; one that was missed while nobody worked is made up for."""
    now = clock.now()
    night = dt.datetime.combine(now.date(), NIGHTLY, now.tzinfo)
    night = night if night <= now else night - dt.timedelta(days=1)
    begun = []
    for agency in AGENCIES:
        async with database.transaction(region) as tx:
            last = await ledgers.last_nightly(tx, region, agency) or up_since
            if last < night:
                begun.append(await _begin(tx, region, agency, None))
    return begun


async def start(tx: asyncpg.Connection, account: Account, region: str) -> list[Run]:
    """Begin a comparison with every agency now; one under way goes on instead. Raises Forbidden."""
    may(account, region)
    under_way = {one.agency: one for one in await ledgers.unfinished(tx, region)}
    runs = [under_way.get(name) or await _begin(tx, region, name, account.id) for name in AGENCIES]
    await AUDIT.run(tx, **audit_row(region, account.id, "reconcile", detail={"agencies": list(AGENCIES)}))
    return runs


async def start_all(tx: asyncpg.Connection, region: str) -> list[Run]:
    """The same for an operator at the command line."""
    under_way = {one.agency: one for one in await ledgers.unfinished(tx, region)}
    return [under_way.get(name) or await _begin(tx, region, name, None) for name in AGENCIES]


async def _begin(tx: asyncpg.Connection, region: str, agency: str, by: uuid.UUID | None) -> Run:
    begun = Run(new_id(), agency, by, clock.now(), None, 0, 0, 0, None)
    await ledgers.begin(tx, region, begun)
    return begun


def may(account: Account, region: str) -> None:
    """Raises Forbidden where somebody may not compare books."""
    if not any(account.has(role, region) for role in MAY):
        raise Forbidden(
            Text("只有窗口、审查或管理员可以对账。", "Only clerks, reviewers and administrators may do this.")
        )


async def advance(database: Database, office: Office, region: str, lister: Lister | None = None) -> None:
    """Bring every run under way on by a step: ask about a batch of cases, or compare once all have answered.

    Meanwhile the lister asks for the agency's own list, a page a step; without one no list is waited for.
    """
    async with database.transaction(region) as tx:
        runs = await ledgers.unfinished(tx, region)
    for one in runs:
        asking = await _ask_batch(database, office, region, one)
        if lister is not None and not one.list_ended:
            await lister.advance(region, one)
        elif not asking:
            await _finish_if_answered(database, office, region, one)


def began(one: Run) -> dt.datetime:
    """Machine time of the run's beginning."""
    return one.started_at - clock.offset()


async def _ask_batch(database: Database, office: Office, region: str, one: Run) -> bool:
    """Ask about cases not asked about yet; whether there were any."""
    agency = writing.agency_of(one.agency)
    async with database.transaction(region) as tx:
        ended = one.started_at - COVERED
        found = await ledgers.to_ask(tx, region, one.agency, began(one), ended, clock.now(), BATCH)
        for case_id, number in found:
            of = Stream(region, case_id, one.agency)
            await writing.queue(tx, office, agency, of, number, "status-request", StatusRequest())
    return bool(found)


async def _finish_if_answered(database: Database, office: Office, region: str, one: Run) -> None:
    async with database.transaction(region) as tx:
        waits = await ledgers.silent(tx, region, one.agency, began(one))
        if waits and clock.machine_now() < began(one) + PATIENCE:
            return
        asked = await ledgers.asked(tx, region, one.agency, began(one))
    silent = [case for case in asked if case.answer is None]
    checks = differing = 0
    for case in asked:
        if case.answer is not None:
            made, found = await _compare(database, office, region, one, case)
            checks, differing = checks + made, differing + found
    problem = f"{len(silent)} of {len(asked)} cases not answered" if silent else None
    async with database.transaction(region) as tx:
        unheard_of = await differences.listed_by(tx, region, one.id)
        checks += one.listed or 0
        outcome = {"cases": len(asked) - len(silent), "checks": checks, "differences": differing + unheard_of}
        await ledgers.finish(tx, region, one.id, finished_at=clock.now(), problem=problem, **outcome)


async def _compare(database: Database, office: Office, region: str, one: Run, case: Asked) -> tuple[int, int]:
    """Compare a case and note what was found: how many checks, how many differences."""
    status = _status(office, region, one.agency, case)
    if status is None:
        return 0, 0
    async with database.transaction(region) as tx:
        messages = [m for m in await store.messages_of_case(tx, region, case.case_id) if m.agency == one.agency]
        asked_at = case.asked_at + clock.offset()
        moving = any(m.kind not in QUESTIONS and (m.status == "queued" or m.at >= asked_at) for m in messages)
        outcome = compare(one.agency, Ours(messages, case.component, moving), status, case.answer_sequence or 0)
        return outcome.checks, await differences.note(tx, region, one, case, outcome.differences, clock.now())


def _status(office: Office, region: str, agency: str, case: Asked) -> Status | None:
    """What the agency answered; None where its bytes cannot be read any more."""
    assert case.answer is not None
    assert case.answer_id is not None
    known = AGENCIES[agency]
    try:
        envelope = decode(office.keys.open(case.answer, context_of(region, case.answer_id)))
        body = body_of(envelope, known, known.from_agency)
    except (Malformed, ValueError):
        return None
    return body if isinstance(body, Status) else None


async def settle(tx: asyncpg.Connection, account: Account, region: str, task_id: uuid.UUID, reasons: str) -> Task:
    """End a difference with a reason: a person found out who is right. Found again the same, it stays settled.

    Raises Forbidden, NotFound, Conflict where it is settled, BadInput without a reason.
    """
    may(account, region)
    if not 0 < len(reasons.strip()) <= LONGEST_REASONS:
        text = Text(
            f"请写明理由，最多 {LONGEST_REASONS} 字。", f"Give the reasons, at most {LONGEST_REASONS} characters."
        )
        raise BadInput(errors=[FieldError("/reasons", text)])
    found = await differences.task(tx, region, task_id)
    if found is None:
        raise NotFound(Text("没有这条差异。", "There is no such difference."))
    if not await differences.settle(tx, region, task_id, account.id, account.name, reasons.strip(), clock.now()):
        raise Conflict(Text("这条差异已经处理。", "This difference is settled already."))
    detail = {"agency": found.agency, "field": found.field}
    await AUDIT.run(tx, **audit_row(region, account.id, "difference-settled", subject=found.case_number, detail=detail))
    return found
