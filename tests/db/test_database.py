"""Connections are kept and shared, never in an unknown state, and never waited for without end."""

import asyncio

import asyncpg
import pytest

from permits.db import database as module
from permits.db.database import Database
from permits.errors import Unavailable

REGION = "321200"


async def test_a_connection_is_used_again_by_whoever_comes_next(database: Database) -> None:
    async with database.transaction(REGION) as first:
        process = first.get_server_pid()
    async with database.transaction(None) as second:
        assert second.get_server_pid() == process
        assert not await second.fetchval("select current_setting('app.region', true)")


async def test_two_at_once_have_a_connection_each(database: Database) -> None:
    async with database.transaction(REGION) as one, database.transaction(REGION) as other:
        assert one is not other


async def test_an_error_undoes_the_transaction_and_keeps_the_connection(database: Database) -> None:
    async with database.transaction(REGION) as tx:
        process = tx.get_server_pid()
    with pytest.raises(asyncpg.UndefinedTableError):
        async with database.transaction(REGION) as tx:
            await tx.execute("select * from nothing_of_this_name")
    async with database.transaction(REGION) as again:
        assert again.get_server_pid() == process
        assert await again.fetchval("select 1") == 1


_ASLEEP = "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"


async def test_a_connection_broken_off_in_the_middle_is_let_go(database: Database) -> None:
    async def endless() -> None:
        async with database.transaction(REGION) as tx:
            await tx.execute("select pg_sleep(60)")

    task = asyncio.create_task(endless())
    async with database.connection() as other:  # the server forgets a cancellation that comes before the statement
        while not await other.fetchval(_ASLEEP):
            pass
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.transaction(REGION) as tx:
        assert await tx.fetchval("select 1") == 1


async def test_who_finds_no_connection_free_is_told_to_come_again(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Database(database_url, 1) as database, database.transaction(REGION):
        monkeypatch.setattr(module, "PATIENCE_S", 0.01)
        with pytest.raises(Unavailable):
            async with database.transaction(REGION):
                pass


async def test_a_database_that_is_away_is_told_as_such_and_found_again(database_url: str) -> None:
    async with Database(database_url.replace("port=5432", "port=5433")) as nowhere:
        with pytest.raises(Unavailable):
            async with nowhere.transaction(REGION):
                pass
    async with Database(database_url) as database:
        async with database.connection() as connection:
            connection.terminate()
        async with database.transaction(REGION) as tx:
            assert await tx.fetchval("select 1") == 1


async def test_closing_waits_for_whoever_still_works(database_url: str) -> None:
    database = Database(database_url)
    async with database.transaction(REGION) as tx:
        closing = asyncio.create_task(database.close())
        await asyncio.sleep(0)
        assert await tx.fetchval("select 1") == 1
        assert not closing.done()
    await closing
