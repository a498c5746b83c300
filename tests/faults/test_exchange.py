"""Joint cases through a storm: in the end each has exactly the effects it should, the books agree, the chain verifies.

`FAULT_CASES=500 FAULT_SEEDS=1,2,3 pytest tests/faults/test_exchange.py -n 0` runs it at full size.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from integrations.keyring import keyring
from permits.db import migrate
from permits.db.database import Database
from permits.db.embedded import Embedded, temporary
from permits.office import Office
from permits.routing import dead_letters, verifying
from permits.settings import settings
from tests.conftest import REGION
from tests.faults.storm import PASSING, PLANS, Plan, Storm, drive
from tests.routing.conftest import env, living_town, office
from tests.routing.town import Town, until

__all__ = ["env", "living_town", "office"]  # fixtures

CASES = int(os.environ.get("FAULT_CASES", "6"))
SEEDS = [int(seed) for seed in os.environ.get("FAULT_SEEDS", "1").split(",")]
AT_ONCE = 12 + CASES // 10
"""Cases at a time: each mostly waits, for an answer or for what was put off."""
KILLS = 2 + min(CASES, 100)
"""At most: a worker takes two seconds of a processor to start again, and a storm is to end."""
LIMIT_S = 180 + CASES * 5.0
SETTLED_S = 45.0
"""So long after the last message an agency may still be at work, in seconds."""
PAUSE_S = 1.5
"""Between two blows, on average, in seconds."""
LEFT = """SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM message WHERE status IN ('queued', 'waiting'))
          + (SELECT count(*) FROM pgqueuer WHERE status IN ('queued', 'picked'))"""


@pytest.fixture
def server() -> Iterator[Embedded]:
    """A PostgreSQL of this test alone, which it harms; durable, so that what was committed is there again."""
    with temporary(fast=False) as found:
        yield found


@pytest.fixture
def database_name(server: Embedded) -> str:
    """The migrated database of that server."""
    migrate.upgrade(server.url("permits_migrator", "permits"))
    return "permits"


@pytest.fixture
async def database(server: Embedded, database_name: str) -> AsyncIterator[Database]:
    """The same, as the application sees it."""
    async with Database(server.url("permits_app", database_name)) as found:
        yield found


@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_happens_each_joint_case_has_exactly_its_effects(
    living_town: Town, server: Embedded, office: Office, seed: int
) -> None:
    town, storm, calm = living_town, Storm(living_town, server, seed, KILLS), asyncio.Event()
    began = time.monotonic()
    await storm.begin()
    raging = [asyncio.create_task(storm.rage(calm, PAUSE_S)), asyncio.create_task(storm.keep_workers(calm))]
    places, gate = [PLANS[number % len(PLANS)] for number in range(CASES)], asyncio.Semaphore(AT_ONCE)

    async def one(number: int, plan: Plan) -> tuple[Plan, Any]:
        async with gate:
            return plan, await drive(town, plan, seed * 100_000 + number)

    driven = asyncio.gather(*(one(number, plan) for number, plan in enumerate(places)))
    if not storm.restarts:
        await asyncio.sleep(PAUSE_S)
        await storm.restart_database()
    cases = await asyncio.wait_for(driven, LIMIT_S)
    calm.set()
    await asyncio.gather(*raging)
    await storm.calm()
    ended = asyncio.Event()
    keeping = asyncio.create_task(storm.keep_workers(ended))
    await until("nothing left to do", lambda: nothing_left(town), LIMIT_S)
    raged = time.monotonic() - began
    for plan, desk in cases:
        limit = time.monotonic() + SETTLED_S
        while (wrong := await differs(town, plan, desk)) and time.monotonic() < limit:
            await asyncio.sleep(0.2)
        assert not wrong
        await agrees(town, plan, desk)
    ended.set()
    await keeping
    verified = await chain(town, office)
    assert verified.broken is None, verified
    assert await only_what_was_wrong_is_put_aside(town)
    print(
        f"\nseed {seed}: {CASES} cases, {storm.kills} kills, {storm.restarts} restarts of PostgreSQL,"
        f" {verified.seq} entries of evidence verified, {raged:.0f} s"
    )


async def nothing_left(town: Town) -> bool:
    """Whether no event, job or message is on its way."""
    try:
        async with town.database.transaction(REGION) as tx:
            return int(await tx.fetchval(LEFT)) == 0
    except PASSING:
        return False


async def differs(town: Town, plan: Plan, desk: Any) -> dict[str, Any]:
    """Where the case and both books stand otherwise than the model says."""
    case = await town.case(desk)
    kinds = Counter(event.kind for event in case.timeline)
    books = {name: heard(await town.book(name, desk.number)) for name in ("police", "approval-bureau")}
    told: dict[str, tuple[Any, Any]] = {
        "state": (case.row.state, plan.state),
        "residence": (case.status("residence_permit"), plan.residence),
        "police": (books["police"], list(plan.police)),
        "bureau": (books["approval-bureau"], list(plan.bureau)),
        "events": ({kind: kinds[kind] for kind in plan.events}, plan.events),
    }
    found = {name: both for name, both in told.items() if both[0] != both[1]}
    if not found:
        return {}
    stuck = [m for m in await town.messages(case) if m.status not in ("delivered", "applied")]
    return found | {"case": desk.number, "timeline": [event.kind for event in case.timeline], "stuck": stuck}


def heard(book: dict[str, Any]) -> list[str]:
    """The kinds that an agency has applied, in order, each message once; questions change nothing."""
    taken = [one for one in book.get("messages", ()) if one["direction"] == "in" and one["status"] == "applied"]
    return [one["kind"] for one in sorted(taken, key=lambda one: one["sequence"]) if one["kind"] != "status-request"]


async def agrees(town: Town, plan: Plan, desk: Any) -> None:
    """Both sides have the same messages of the case, each delivered and applied once."""
    case = await town.case(desk)
    log = await town.messages(case)
    for agency in ("police", "approval-bureau"):
        book = (await town.book(agency, desk.number))["messages"]
        for ours, theirs in (("out", "in"), ("in", "out")):
            mine = sorted((m.sequence, str(m.id)) for m in log if (m.agency, m.direction) == (agency, ours)
                          and m.status in ("delivered", "applied"))  # fmt: skip
            other = sorted((m["sequence"], m["id"]) for m in book if m["direction"] == theirs)
            assert mine == other, (plan.name, agency, ours)
            assert [sequence for sequence, _ in mine] == list(range(1, len(mine) + 1))


async def chain(town: Town, office: Office) -> verifying.Verification:
    """The whole chain of evidence, verified."""
    ring, ended = keyring(settings().agency_keys_path), False
    while not ended:
        ended, found = await verifying.step(town.database, office.keys, ring, REGION)
    return found


async def only_what_was_wrong_is_put_aside(town: Town) -> bool:
    """Whether nothing waits for a person but messages of a schema that is none."""
    async with town.database.transaction(REGION) as tx:
        found = await dead_letters.page(tx, REGION)
    return all(one.direction == "in" and "schema" in one.reason for one in found)
