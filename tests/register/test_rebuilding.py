"""Summing up: exactly what was read, whoever writes meanwhile; anew from the ledger alone."""

import asyncio
import datetime as dt

import pytest

from permits.db.crypto import Keys
from permits.db.database import Database
from permits.register import rebuilding, rollup, service
from permits.rules import law
from tests.register.samples import REGION, a_grant, an_ending

LAW = law.load()


async def _totals(database: Database) -> list[tuple[object, ...]]:
    async with database.transaction(REGION) as tx:
        rows = await tx.fetch(
            "SELECT by, cell, known, effective, a, b, delta, persons FROM ledger_total"
            " WHERE region = $1 AND (delta <> 0 OR persons <> 0) ORDER BY 1, 2, 3, 4, 5, 6",
            REGION,
        )
    return [tuple(row) for row in rows]


async def _waiting(database: Database) -> int:
    async with database.transaction(REGION) as tx:
        found: int = await tx.fetchval("SELECT count(*) FROM ledger_waiting WHERE region = $1", REGION)
    return found


async def _filled(database: Database, keys: Keys) -> None:
    async with database.transaction(REGION) as tx:
        grants = [a_grant(n, category="ABC"[n % 3], birth_date=dt.date(1978, 3, 1 + n)) for n in range(20)]
        made = await service.grant_many(tx, LAW, keys, grants)
        for granted in made[::4]:
            await service.end(tx, LAW, keys, an_ending(granted, dt.date(2024, 5, 1), dt.date(2024, 7, 1)))


async def test_summed_little_by_little_or_anew_the_sums_are_the_same(database: Database, keys: Keys) -> None:
    await _filled(database, keys)
    while await rollup.sum_once(database, REGION, most=7):
        pass
    little_by_little = await _totals(database)
    await rebuilding.rebuild(database, REGION)
    assert await _totals(database) == little_by_little != []


async def test_two_at_once_sum_nothing_twice(database: Database, keys: Keys) -> None:
    await _filled(database, keys)
    waiting = await _waiting(database)
    summed = await asyncio.gather(*(rollup.sum_all(database, REGION) for _ in range(3)))
    assert sum(summed) == waiting
    at_once = await _totals(database)
    await rebuilding.rebuild(database, REGION)
    assert await _totals(database) == at_once


async def test_a_row_committed_late_is_not_missed(database: Database, keys: Keys) -> None:
    async with database.transaction(REGION) as slow:
        await service.grant(slow, LAW, keys, a_grant(1, permit_number="OLD-1"))  # a number of its own: nobody waits
        async with database.transaction(REGION) as quick:
            await service.grant(quick, LAW, keys, a_grant(2, permit_number="OLD-2"))
        assert await rollup.sum_all(database, REGION) == 1
    assert await rollup.sum_all(database, REGION) == 1


async def test_what_an_older_version_wrote_past_the_sums_is_taken_in_anew(database: Database, keys: Keys) -> None:
    await _filled(database, keys)
    await rollup.sum_all(database, REGION)
    summed = await _totals(database)
    async with database.transaction(REGION) as tx:
        await tx.execute("DELETE FROM ledger_total WHERE region = $1 AND by = 'c'", REGION)
    await rebuilding.rebuild(database, REGION)
    assert await _totals(database) == summed != []


async def test_summed_anew_beside_writers_and_another_sum_nothing_is_counted_twice(
    database: Database, keys: Keys
) -> None:
    await _filled(database, keys)
    grants = [a_grant(100 + n) for n in range(8)]

    async def written() -> None:
        for one in grants:
            async with database.transaction(REGION) as tx:
                await service.grant(tx, LAW, keys, one)

    async def summed() -> None:
        while await rollup.sum_once(database, REGION, most=3):
            pass

    await asyncio.gather(written(), summed(), rebuilding.rebuild(database, REGION), summed())
    await rollup.sum_all(database, REGION)
    beside = await _totals(database)
    await rebuilding.rebuild(database, REGION)
    assert await _totals(database) == beside != []


async def test_much_at_once_is_summed_at_once_and_little_is_left_to_the_worker(
    database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _filled(database, keys)
    await rebuilding.sum_many(database, REGION)
    assert await _waiting(database) > 0
    monkeypatch.setattr(rebuilding, "MANY", 10)
    steps: list[tuple[int, int]] = []
    await rebuilding.sum_many(database, REGION, lambda done, of: steps.append((done, of)))
    assert await _waiting(database) == 0
    assert steps[-1] == (rebuilding.STEPS, rebuilding.STEPS)
