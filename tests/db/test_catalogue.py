"""The rules of one machine and many, read from the database's own catalogue."""

from typing import Any

import asyncpg
import pytest

from permits.db.database import Database
from permits.db.embedded import Embedded
from permits.db.metadata import LOCAL_TABLES
from tests.conftest import REGION

NOT_OURS = {"alembic_version", "pgqueuer", "pgqueuer_log", "pgqueuer_schedules", "pgqueuer_statistics"}
TABLES = """
    SELECT c.relname AS name, c.relrowsecurity AS guarded, pg_get_userbyid(c.relowner) AS owner
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
"""
KEYS = """
    SELECT c.conrelid::regclass::text AS "table", c.conname AS name, c.contype::text AS kind,
           ARRAY(SELECT a.attname FROM unnest(c.conkey) k JOIN pg_attribute a
                 ON a.attrelid = c.conrelid AND a.attnum = k)::text[] AS columns, c.confdeltype::text AS on_delete
    FROM pg_constraint c WHERE c.connamespace = 'public'::regnamespace AND c.contype IN ('p', 'u', 'f')
"""
UNIQUE = """
    SELECT i.indrelid::regclass::text AS "table", pg_get_indexdef(i.indexrelid) AS text
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace
"""


async def _all(database: Database, query: str) -> list[dict[str, Any]]:
    async with database.transaction(None) as tx:
        return [dict(row) for row in await tx.fetch(query)]


async def test_every_table_of_the_citys_work_is_guarded_by_region(database: Database) -> None:
    tables = await _all(database, TABLES)
    assert len(tables) > 20
    for table in tables:
        if table["name"] not in NOT_OURS | LOCAL_TABLES:
            assert table["guarded"], table["name"]


async def test_region_stands_in_every_primary_unique_and_foreign_key(database: Database) -> None:
    for key in await _all(database, KEYS):
        if key["table"] not in NOT_OURS | LOCAL_TABLES:
            assert "region" in key["columns"], key
            assert key["on_delete"] != "n", key
    for index in await _all(database, UNIQUE):
        if index["table"] not in NOT_OURS | LOCAL_TABLES:
            assert "region" in index["text"], index


async def test_no_table_of_the_citys_work_has_a_sequence(database: Database) -> None:
    found = await _all(database, "SELECT sequencename AS name FROM pg_sequences WHERE schemaname = 'public'")
    assert all(row["name"].startswith("pgqueuer") for row in found)


async def test_the_application_owns_nothing(database: Database) -> None:
    assert {table["owner"] for table in await _all(database, TABLES)} == {"permits_migrator"}


APPEND_ONLY = ("event", "audit", "ledger", "commitment", "permit_history", "evidence", "export", "report")


@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_nobody_changes_what_is_append_only(database: Database, table: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction(REGION) as tx:
            await tx.execute(f"DELETE FROM {table}")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction(REGION) as tx:
            await tx.execute(f"UPDATE {table} SET region = region")


async def test_a_city_sees_its_own_rows_and_writes_no_others(database: Database) -> None:
    row = "INSERT INTO relay (region, ran_at, jobs) VALUES ($1, now(), 0)"
    async with database.transaction(REGION) as tx:
        await tx.execute(row, REGION)
    async with database.transaction("320100") as tx:
        assert await tx.fetchval("SELECT count(*) FROM relay") == 0
    async with database.transaction(None) as tx:
        assert await tx.fetchval("SELECT count(*) FROM relay") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction("320100") as tx:
            await tx.execute(row, REGION)


async def test_a_province_reads_its_cities_only_when_it_says_which(
    server: Embedded, database: Database, database_name: str
) -> None:
    async with database.transaction(REGION) as tx:
        await tx.execute("INSERT INTO relay (region, ran_at, jobs) VALUES ($1, now(), 0)", REGION)
    connection = await asyncpg.connect(server.url("permits_province", database_name))
    try:
        assert await connection.fetchval("SELECT count(*) FROM relay") == 0
        for province, seen in (("32", 1), ("33", 0), ("", 0), ("%", 0)):
            async with connection.transaction():
                await connection.execute(f"SET LOCAL app.province = '{province}'")
                assert await connection.fetchval("SELECT count(*) FROM relay") == seen, province
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.ReadOnlySQLTransactionError)):
            await connection.execute("DELETE FROM relay")
    finally:
        await connection.close()


async def test_a_statement_runs_inside_the_transaction_that_named_the_region(database: Database) -> None:
    async with database.transaction(REGION) as tx:
        assert tx.is_in_transaction()
        assert await tx.fetchval("SELECT current_setting('app.region')") == REGION
