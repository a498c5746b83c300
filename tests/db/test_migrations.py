"""Migrations on data: what an older version wrote is there afterwards."""

import asyncio

import asyncpg

from permits.db import migrate
from permits.db.embedded import Embedded
from permits.register import rebuilding
from tests.conftest import REGION

ROW = """
    INSERT INTO ledger (region, id, permit_id, person_id, effective, recorded, delta, persons, cause, category,
        nationality, sex, age_band, industry, district, employer_code, position_kind, permit_kind)
    VALUES ($1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '2024-01-01', '2023-12-30T16:30:00Z', 1, 1,
        'granted', 'A', 'DEU', 'F', '26-45', 'C', '321202', 'X', 'technical', 'issue-abroad')
"""
WAITING = """
    SELECT recorded, fields ->> 1 AS effective, fields ->> 4 AS cause, fields ->> 13 AS kind,
        count(*) OVER () AS entries, (SELECT count(*) FROM ledger) AS entered
    FROM ledger_waiting, jsonb_each(entries) AS entry(id, fields) WHERE region = $1
"""
LEDGER = """
    INSERT INTO ledger (region, id, permit_id, person_id, effective, recorded, delta, persons, cause, category,
        nationality, sex, age_band, industry, district, employer_code, position_kind, permit_kind)
    SELECT $1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), DATE '2019-11-19' + 9 * n,
        TIMESTAMPTZ '2019-10-31T16:30:00Z' + n * INTERVAL '7 days', 1, n % 2, 'granted', chr(65 + n % 3),
        (ARRAY['DEU', 'FRA'])[1 + n % 2], 'F', '26-45', 'C', '321202', 'X' || n % 4, 'technical', 'issue-abroad'
    FROM generate_series(1, 90) n
"""
TOTALS = "SELECT by, cell, known, effective, a, b, delta, persons FROM ledger_total"


async def _once(url: str, query: str, *values: object) -> asyncpg.Record | None:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchrow(query, *values)
    finally:
        await connection.close()


def test_what_the_ledger_holds_waits_to_be_summed(server: Embedded) -> None:
    asyncio.run(_once(server.url("permits_migrator", "postgres"), "CREATE DATABASE older"))
    url = server.url("permits_migrator", "older")
    migrate.upgrade(url, "0001")
    asyncio.run(_once(url, ROW, REGION))
    migrate.upgrade(url)
    row = asyncio.run(_once(url, WAITING, REGION))
    assert row is not None
    assert (str(row["recorded"]), row["effective"], row["cause"], row["kind"]) == (
        "2023-12-30 16:30:00+00:00",
        "2024-01-01",
        "granted",
        "issue-abroad",
    )
    assert (row["entries"], row["entered"]) == (1, 0)
    asyncio.run(_once(server.url("permits_migrator", "postgres"), "DROP DATABASE older WITH (FORCE)"))


def test_what_was_summed_by_older_periods_is_summed_by_the_new_ones(server: Embedded) -> None:
    asyncio.run(_once(server.url("permits_migrator", "postgres"), "CREATE DATABASE summed"))
    url = server.url("permits_migrator", "summed")
    migrate.upgrade(url, "0007")
    asyncio.run(_once(url, LEDGER, REGION))
    migrate.upgrade(url)
    carried, anew = asyncio.run(_carried_and_anew(url))
    assert carried == anew
    assert {cell for _, cell, *_ in carried} == {"*l", "*t", "tt", "tm", "ty", "mt", "yt", "yd", "dy"}
    asyncio.run(_once(server.url("permits_migrator", "postgres"), "DROP DATABASE summed WITH (FORCE)"))


async def _carried_and_anew(url: str) -> tuple[set[asyncpg.Record], set[asyncpg.Record]]:
    connection = await asyncpg.connect(url)
    carried = await connection.fetch(TOTALS)
    async with connection.transaction():
        await rebuilding.rebuild_in(connection, REGION)
    anew = [row for row in await connection.fetch(TOTALS) if row["cell"] in {old["cell"] for old in carried}]
    await connection.close()
    return set(carried), set(anew)
