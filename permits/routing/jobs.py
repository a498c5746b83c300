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
    """Write the messages that an event calls for, after those of the case's earlier events.

    Raises NotYet while a letter about an earlier event is being made.
    """
    async with database.transaction(happened.region) as tx:
        case = await cases.lock_id(tx, office.keys, happened.region, happened.case_id)
        if case is None or not await outbox.first_time(tx, happened, SUBSCRIBER, clock.machine_now()):
            return
        cause = await _cause(tx, case, happened, office, settings)
        if not _called_for(cause):
            return
        for earlier in await _earlier_under_way(tx, cause):  # its job will find itself done
            if await outbox.first_time(tx, earlier, SUBSCRIBER, clock.machine_now()):
                await _write_all(tx, office, await _cause(tx, case, earlier, office, settings))
        await _write_all(tx, office, cause)


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


async def _earlier_under_way(tx: asyncpg.Connection, cause: Cause) -> list[Happening]:
    """What happened to the case before and still is on its way to becoming messages, in its order.

    Letters are looked at after the jobs that make them, without the case: one that was committed in between is seen.
    Raises NotYet where a letter is being made, or the relay has not come by.
    """
    region, case, heard = cause.case.row.region, cause.case, _heard(cause.law)
    earlier = [event.id for event in case.timeline if event.id < cause.event.id and event.kind in heard]
    if not earlier:
        return []
    under_way = await store.on_the_way(tx, region, earlier, (letter_jobs.SUBSCRIBER, SUBSCRIBER))
    issued = {letter.id: _event_of(case, letter) for letter in await letters.letters_of_case(tx, region, case.row.id)}
    told = [letter for letter, event in issued.items() if event in earlier]
    under_way |= await store.on_the_way(tx, region, told, (SUBSCRIBER,))
    ours = {store.dedupe_key(one, SUBSCRIBER): one for one in [*earlier, *told]}
    if under_way - ours.keys():
        raise NotYet
    found = sorted((ours[key] for key in under_way), key=lambda one: (issued.get(one, one), one in issued, one))
    return [Happening(region, one, case.row.id, "earlier") for one in found]


def _heard(law: Law) -> frozenset[str]:
    """The kinds of entries of the timeline that call for a letter or a message, in any city."""
    return frozenset(LETTERS_OF) | {entry_of(moment) for route in law.every(Route) for moment in route.on}


def _called_for(cause: Cause) -> tuple[Route, ...]:
    return routes(cause.law, cause.name, on=clock.today(), region=cause.case.row.region)


async def _write_all(tx: asyncpg.Connection, office: Office, cause: Cause) -> None:
    sent = await store.kinds_out(tx, cause.case.row.region, cause.case.row.id)
    for route in _called_for(cause):
        judged = cause._replace(told=frozenset(sent), route=route)
        again = route.once and (route.agency, route.message) in sent
        if not again and all(WHEN[word](judged) for word in route.when):
            await _write(tx, office, cause, route)


async def _write(tx: asyncpg.Connection, office: Office, cause: Cause, route: Route) -> None:
    row, agency = cause.case.row, writing.agency_of(route.agency)
    of = Stream(row.region, row.id, route.agency)
    body = BODIES[route.agency, route.message](cause)
    await writing.queue(tx, office, agency, of, row.number, route.message, body)
