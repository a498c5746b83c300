"""The relay: reads the outbox city by city, makes a job for each subscriber, then deletes exactly what it read.

In this order a kill in between only repeats, and what is repeated finds itself done. It does no job itself.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from permits import clock
from permits.cases import outbox
from permits.cases.outbox import Happening
from permits.db.database import Database
from permits.routing import store

if TYPE_CHECKING:  # the web never enqueues, and starts a quarter sooner without it
    from pgqueuer.adapters.persistence.queries import Queries

BATCH = 200
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 0.4
NOTED_EVERY_S = 2.0
"""How often an idle relay notes that it runs."""

Subscriptions = Mapping[str, Sequence[str]]
"""Kinds of events with the names of their subscribers."""
Priorities = Mapping[str, int]
"""Subscribers whose jobs go before others'; 0 where none is given."""
NO_PRIORITIES: Priorities = {}


async def relay_once(
    database: Database,
    queue: "Queries",
    region: str,
    subscriptions: Subscriptions,
    priorities: Priorities = NO_PRIORITIES,
) -> int:
    """Relay one batch of a city; how many rows it was."""
    async with database.transaction(region) as tx:
        found = await outbox.waiting(tx, region, BATCH)
        if not found:
            return 0
        jobs = await _enqueue(queue, found, subscriptions, priorities)
        await outbox.delete_exactly(tx, region, [happened.event_id for happened in found])
        await store.relay_ran(tx, region, jobs, clock.machine_now())
    return len(found)


async def _enqueue(
    queue: "Queries", found: Sequence[Happening], subscriptions: Subscriptions, priorities: Priorities
) -> int:
    """Make the jobs and commit them, on the queue's own connection; one that is there already stays."""
    wanted = [(name, happened) for happened in found for name in subscriptions.get(happened.kind, ())]
    if wanted:
        await queue.enqueue(
            [name for name, _ in wanted],
            [msgspec.json.encode(happened) for _, happened in wanted],
            [priorities.get(name, 0) for name, _ in wanted],
            dedupe_key=[store.dedupe_key(happened.event_id, name) for name, happened in wanted],
            on_conflict="skip",
        )
    return len(wanted)


class Relay:
    """One relay of this process over its cities."""

    def __init__(
        self,
        database: Database,
        queue: "Queries",
        regions: Sequence[str],
        subscriptions: Subscriptions,
        priorities: Priorities = NO_PRIORITIES,
    ) -> None:
        self._database, self._queue, self._regions = database, queue, regions
        self._subscriptions, self._priorities = subscriptions, priorities
        self._noted = clock.machine_now()

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until told to stop. Raises Unavailable when the database goes away."""
        await self._note()
        pause = FIRST_PAUSE_S
        while not stop.is_set():
            rows = sum([await self._once(region) for region in self._regions])
            pause = FIRST_PAUSE_S if rows else min(pause * 1.3, LONGEST_PAUSE_S)
            if (clock.machine_now() - self._noted).total_seconds() > NOTED_EVERY_S:
                await self._note()
            await rest(stop, 0 if rows == BATCH else pause)

    async def _once(self, region: str) -> int:
        return await relay_once(self._database, self._queue, region, self._subscriptions, self._priorities)

    async def _note(self) -> None:
        self._noted = clock.machine_now()
        for region in self._regions:
            async with self._database.transaction(region) as tx:
                await store.relay_ran(tx, region, 0, self._noted)


async def rest(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until told to stop."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
