"""Every row of the outbox becomes one job per subscriber, and every job has its effect once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import msgspec
import pytest
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.queries import Queries

from permits import clock
from permits.cases import outbox
from permits.cases.outbox import Happening, NotYet
from permits.db.database import Database
from permits.letters import jobs as letters
from permits.routing import jobs as routing
from permits.routing import store
from permits.routing.relay import relay_once
from permits.settings import settings
from permits.subscriptions import PRIORITIES, SUBSCRIPTIONS
from tests.conftest import REGION
from tests.routing.bench import Bench


@pytest.fixture
async def queue(database_url: str) -> AsyncIterator[Queries]:
    """The queue, on a connection of its own."""
    connection = await asyncpg.connect(database_url)
    yield Queries(AsyncpgDriver(connection))
    await connection.close()


async def jobs(database: Database) -> Counter[tuple[str, str]]:
    """How often each subscriber has a job about each kind of event."""
    async with database.transaction(None) as tx:
        rows = await tx.fetch("SELECT entrypoint, payload FROM pgqueuer")
    kinds = (msgspec.json.decode(row["payload"], type=Happening).kind for row in rows)
    return Counter(zip((row["entrypoint"] for row in rows), kinds, strict=True))


async def accepted(bench: Bench) -> Any:
    async with bench.desk() as desk:
        return await desk.until("accepted")


async def test_the_relay_repeated_after_a_kill_makes_one_job_per_subscriber(bench: Bench, queue: Queries) -> None:
    await accepted(bench)
    with pytest.raises(KeyboardInterrupt):
        async with bench.database.transaction(REGION) as tx:
            await relay_killed_before_its_commit(bench, queue, tx)
    assert await jobs(bench.database) == {("letters", "accepted"): 1, ("routing", "submitted"): 1}
    assert await relay_once(bench.database, queue, REGION, SUBSCRIPTIONS) > 0
    assert await relay_once(bench.database, queue, REGION, SUBSCRIPTIONS) == 0
    assert await jobs(bench.database) == {("letters", "accepted"): 1, ("routing", "submitted"): 1}


async def relay_killed_before_its_commit(bench: Bench, queue: Queries, tx: asyncpg.Connection) -> None:
    """Read and enqueue as the relay does, then be killed, so that nothing is deleted."""
    for happened in await outbox.waiting(tx, REGION, 100):
        for name in SUBSCRIPTIONS.get(happened.kind, ()):
            key = store.dedupe_key(happened.event_id, name)
            await queue.enqueue(name, msgspec.json.encode(happened), dedupe_key=key, on_conflict="skip")
    raise KeyboardInterrupt


async def test_two_relays_at_once_make_one_job_per_subscriber(bench: Bench, queue: Queries, database_url: str) -> None:
    for seed in range(1, 6):
        async with bench.desk(seed=seed) as desk:
            await desk.until("accepted")
    await asyncio.gather(*(relay_once(bench.database, queue, REGION, SUBSCRIPTIONS) for _ in range(4)))
    assert await jobs(bench.database) == {("letters", "accepted"): 5, ("routing", "submitted"): 5}


async def test_a_row_that_is_committed_late_is_relayed_however_old_its_id(bench: Bench, queue: Queries) -> None:
    early = await accepted(bench)
    event = early.timeline[0]
    await relay_once(bench.database, queue, REGION, SUBSCRIPTIONS)
    async with bench.database.transaction(REGION) as tx:
        late = Happening(REGION, event.id, early.row.id, "withdrawn")
        await outbox.add(tx, late, clock.machine_now())
    assert await relay_once(bench.database, queue, REGION, SUBSCRIPTIONS) == 1
    assert (await jobs(bench.database))["routing", "withdrawn"] == 1


async def test_a_job_run_twice_and_at_once_issues_one_letter_and_one_message_each(bench: Bench) -> None:
    case = await accepted(bench)
    event = next(event for event in case.timeline if event.kind == "accepted")
    happened = Happening(REGION, event.id, case.row.id, "accepted")
    runs = (letters.on_event(bench.database, bench.office, settings(), happened) for _ in range(3))
    await asyncio.gather(*runs)
    async with bench.database.transaction(REGION) as tx:
        found = [h for h in await outbox.waiting(tx, REGION, 100) if h.kind == "letter-issued"]
        await outbox.delete_exactly(tx, REGION, [h.event_id for h in await outbox.waiting(tx, REGION, 100)])
    assert len(found) == 1
    await asyncio.gather(*(routing.on_event(bench.database, bench.office, settings(), found[0]) for _ in range(3)))
    async with bench.database.transaction(REGION) as tx:
        log = await store.messages_of_case(tx, REGION, case.row.id)
    assert sorted(item.kind for item in log) == ["register", "review-package"]


async def test_the_relay_says_when_it_ran(bench: Bench, queue: Queries) -> None:
    await accepted(bench)
    async with bench.database.transaction(REGION) as tx:
        before = await store.health(tx, REGION)
    await relay_once(bench.database, queue, REGION, SUBSCRIPTIONS)
    async with bench.database.transaction(REGION) as tx:
        after = await store.health(tx, REGION)
    assert before.outbox_age_s is not None
    assert before.relay_age_s is None
    assert after.outbox_age_s is None
    assert after.job_age_s is not None
    assert 0 <= (after.relay_age_s or -1) < 30


async def test_a_letter_goes_before_the_messages_that_wait_for_it(bench: Bench, queue: Queries) -> None:
    await accepted(bench)
    assert await relay_once(bench.database, queue, REGION, SUBSCRIPTIONS, PRIORITIES) > 0
    async with bench.database.transaction(None) as tx:
        rows = await tx.fetch("SELECT entrypoint FROM pgqueuer ORDER BY priority DESC, id")
    assert [row["entrypoint"] for row in rows] == ["letters", "routing"]


async def test_a_job_does_what_earlier_ones_of_its_case_have_not_done_yet(bench: Bench, queue: Queries) -> None:
    async with bench.desk() as desk:
        case = await desk.until("recommended")
    await relay_once(bench.database, queue, REGION, SUBSCRIPTIONS)
    events = {event.kind: Happening(REGION, event.id, case.row.id, event.kind) for event in case.timeline}
    with pytest.raises(NotYet):  # the letter of acceptance is not made
        await routing.on_event(bench.database, bench.office, settings(), events["recommended"])
    await letters.on_event(bench.database, bench.office, settings(), events["accepted"])
    async with bench.database.transaction(None) as tx:
        await tx.execute("DELETE FROM pgqueuer WHERE entrypoint = 'letters'")
    await relay_once(bench.database, queue, REGION, SUBSCRIPTIONS)
    for _ in range(2):
        await routing.on_event(bench.database, bench.office, settings(), events["recommended"])
        assert await bench.out(desk, "approval-bureau") == ["register", "progress"]
        assert await bench.out(desk, "police") == ["review-package"]
    await routing.on_event(bench.database, bench.office, settings(), events["submitted"])
    assert len(await bench.messages(desk)) == 3
