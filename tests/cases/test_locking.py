"""Whoever waits for a case gets it whole as it is then: what hangs on it too, not only its row."""

import asyncio

from permits.cases import store
from permits.db.database import Database
from permits.office import Office
from tests.cases.samples import REGION, Desk
from tests.routing.town import until

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


async def test_whoever_waited_for_a_case_sees_what_was_done_to_it_meanwhile(database: Database, office: Office) -> None:
    async with database.transaction(REGION) as tx:
        desk = Desk(office, tx)
        before = await desk.until("submitted")

    async def wait() -> list[str]:
        async with database.transaction(REGION) as tx:
            case = await store.lock_id(tx, office.keys, REGION, before.row.id)
            assert case is not None
            assert case.row.state == "accepted"
            return [event.kind for event in case.timeline]

    async def waits() -> bool:
        async with database.transaction(REGION) as other:
            return bool(await other.fetchval(WAITING))

    async with database.transaction(REGION) as desk.tx:
        await desk.act(desk.clerk, "claim")
        waiting = asyncio.create_task(wait())
        await until("a second use case at the lock", waits)
        await desk.act(desk.clerk, "accept")
    assert (await waiting)[-1] == "accepted"
