"""Routing as a job: an event of a case becomes the messages that the law's routes call for, in the order of events.

The messages are written, numbered and kept in the transaction that notes the job as done; sending is another's work.
"""

import uuid

import asyncpg

from permits import clock
from permits.cases import outbox
from permits.cases import store as cases
from permits.cases.model import Case
from permits.cases.outbox import Happening, NotYet
from permits.db.database import Database
from permits.letters import jobs as letter_jobs
from permits.letters import store as letters
from permits.letters.facts import EVENT_OF, LETTERS_OF
from permits.letters.model import Issued
from permits.office import Office
from permits.routing import store, writing
from permits.routing.model import WHEN, Cause, Stream, entry_of
from permits.routing.outgoing import BODIES
from permits.rules.law import Law
from permits.rules.routing import Route, routes
from permits.settings import Settings

SUBSCRIBER = "routing"


async def on_event(database: Database, office: Office, settings: Settings, happened: Happening) -> None:
    """Write the messages that an event calls for. Raises NotYet while an earlier event of the case is under way."""
    async with database.transaction(happened.region) as tx:
        case = await cases.lock_id(tx, office.keys, happened.region, happened.case_id)
        if case is None or not await outbox.first_time(tx, happened, SUBSCRIBER, clock.machine_now()):
            return
        cause = await _cause(tx, case, happened, office, settings)
        called_for = routes(cause.law, cause.name, on=clock.today(), region=happened.region)
        if called_for and await _earlier_under_way(tx, cause):
            raise NotYet
        await _write_all(tx, office, cause, called_for)


async def _cause(tx: asyncpg.Connection, case: Case, happened: Happening, office: Office, settings: Settings) -> Cause:
    events = {event.id: event for event in case.timeline}
    if event := events.get(happened.event_id):
        return Cause(case, event, None, office.law, settings.demo)
    issued = await letters.letters_of_case(tx, happened.region, case.row.id)
    letter = next(one for one in issued if one.id == happened.event_id)
    return Cause(case, events[_event_of(case, letter)], letter, office.law, settings.demo)


def _event_of(case: Case, letter: Issued) -> uuid.UUID:
    """The event that called for a letter: the first, second … of its kind."""
    return [e.id for e in case.timeline if e.kind == EVENT_OF[letter.kind]][letter.ordinal - 1]


async def _earlier_under_way(tx: asyncpg.Connection, cause: Cause) -> bool:
    """Whether something that happened to the case before is still on its way to becoming messages.

    Letters are looked at after the jobs that make them, without the case: one that was committed in between is seen.
    """
    region, case, heard = cause.case.row.region, cause.case, _heard(cause.law)
    earlier = {event.id for event in case.timeline if event.id < cause.event.id and event.kind in heard}
    if not earlier:
        return False
    if await store.on_the_way(tx, region, list(earlier), (letter_jobs.SUBSCRIBER, SUBSCRIBER)):
        return True
    issued = await letters.letters_of_case(tx, region, case.row.id)
    told = [letter.id for letter in issued if _event_of(case, letter) in earlier]
    return bool(told) and await store.on_the_way(tx, region, told, (SUBSCRIBER,))


def _heard(law: Law) -> frozenset[str]:
    """The kinds of entries of the timeline that call for a letter or a message, in any city."""
    return frozenset(LETTERS_OF) | {entry_of(moment) for route in law.every(Route) for moment in route.on}


async def _write_all(tx: asyncpg.Connection, office: Office, cause: Cause, called_for: tuple[Route, ...]) -> None:
    sent = await store.kinds_out(tx, cause.case.row.region, cause.case.row.id) if called_for else set()
    for route in called_for:
        judged = cause._replace(told=frozenset(sent), route=route)
        again = route.once and (route.agency, route.message) in sent
        if not again and all(WHEN[word](judged) for word in route.when):
            await _write(tx, office, cause, route)


async def _write(tx: asyncpg.Connection, office: Office, cause: Cause, route: Route) -> None:
    row, agency = cause.case.row, writing.agency_of(route.agency)
    of = Stream(row.region, row.id, route.agency)
    body = BODIES[route.agency, route.message](cause)
    await writing.queue(tx, office, agency, of, row.number, route.message, body)
