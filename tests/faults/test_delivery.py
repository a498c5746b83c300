"""Whatever is killed between a decision and its delivery, the agency hears of it, once."""

import asyncio
import signal

from permits.cases import outbox
from tests.conftest import REGION
from tests.routing.conftest import env, living_town, office
from tests.routing.town import Town, until

__all__ = ["env", "living_town", "office"]  # fixtures


async def test_a_worker_killed_between_decision_and_delivery_delivers_once(living_town: Town) -> None:
    town = living_town
    worker = await town.worker()
    async with town.desk() as desk:
        await desk.until("recommended")
    await town.component(desk, "residence_permit", "appointment")
    assert await town.ended(worker, signal.SIGKILL) == -signal.SIGKILL
    async with town.desk(desk):
        await desk.act(desk.decider, "decide", outcome="grant", reasons="同意")
    assert "permit-granted" not in (await town.book("police", desk.number))["applied"]
    await town.worker()
    police = await town.applied("police", desk.number, "permit-granted")
    assert police["applied"] == ["review-package", "permit-granted"]
    case = await town.component(desk, "residence_permit", "granted")
    assert [event.kind for event in case.timeline].count("police-granted") == 1


async def test_a_worker_killed_in_the_middle_of_the_call_delivers_once(living_town: Town) -> None:
    town = living_town
    worker = await town.worker()
    async with town.desk() as desk:
        await desk.until("recommended")
    case = await town.component(desk, "residence_permit", "appointment")
    town.neighbours["police"].send_signal(signal.SIGSTOP)  # takes the call, and does not answer
    async with town.desk(desk):
        await desk.act(desk.decider, "decide", outcome="grant", reasons="同意")

    async def leased() -> object:
        async with town.database.transaction(REGION) as tx:
            return await tx.fetchval(
                "SELECT leased_until > now() FROM stream WHERE region = $1 AND case_id = $2 AND agency = 'police'",
                REGION,
                case.row.id,
            )

    await until("call under way", leased)
    assert await town.ended(worker, signal.SIGKILL) == -signal.SIGKILL
    town.neighbours["police"].send_signal(signal.SIGCONT)
    await town.worker()
    case = await town.component(desk, "residence_permit", "granted")
    assert (await town.book("police", desk.number))["applied"] == ["review-package", "permit-granted"]
    assert [event.kind for event in case.timeline].count("police-granted") == 1


async def test_workers_killed_again_and_again_lose_nothing_and_say_nothing_twice(living_town: Town) -> None:
    town = living_town
    async with town.desk() as desk:
        await desk.until("recommended")
    async with town.desk(desk):
        await desk.act(desk.decider, "decide", outcome="grant", reasons="同意")
    for rows_left in (9, 6, 3, 1):  # killed at four places on the way
        worker = await town.worker()

        async def fewer(most: int = rows_left) -> bool:
            async with town.database.transaction(REGION) as tx:
                return len(await outbox.waiting(tx, REGION, 100)) <= most

        await until(f"{rows_left} rows left", fewer)
        await town.ended(worker, signal.SIGKILL)
    await town.worker()
    case = await town.component(desk, "residence_permit", "granted")
    police = await town.book("police", desk.number)
    bureau = await town.applied("approval-bureau", desk.number, "ready-for-hand-out")
    assert police["applied"] == ["review-package", "permit-granted"]
    assert bureau["applied"] == ["register", "progress", "ready-for-hand-out"]
    kinds = [item.kind for item in await town.messages(case) if item.direction == "out"]
    assert sorted(kinds) == [
        "permit-granted", "progress", "progress", "ready-for-hand-out", "register", "review-package"
    ]  # fmt: skip


async def test_a_worker_ends_by_itself_when_the_database_cuts_it_off_and_at_once_when_told(living_town: Town) -> None:
    town = living_town
    worker = await town.worker()
    await until("worker that works", lambda: queues(town, "SELECT pid"))
    await until("cut", lambda: queues(town, "SELECT pg_terminate_backend(pid)"))
    assert await asyncio.wait_for(worker.wait(), 60) == 1
    worker = await town.worker()
    await until("worker that works", lambda: queues(town, "SELECT pid"))
    assert await asyncio.wait_for(town.ended(worker, signal.SIGTERM), 60) == 0


async def queues(town: Town, what: str) -> list[object]:
    """Something of every connection that a worker holds to the queue."""
    async with town.database.transaction(None) as tx:
        return list(await tx.fetch(f"{what} FROM pg_stat_activity WHERE application_name = 'permits-queue'"))
