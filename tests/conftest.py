"""What tests stand on: a real PostgreSQL per test process, and a fresh database per test, cloned from a template."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest

from permits import clock
from permits.db import migrate
from permits.db.crypto import Keys, create
from permits.db.database import Database
from permits.db.embedded import Embedded, temporary

if TYPE_CHECKING:
    from tests.serving import Serving

REGION = "321200"
_numbers = itertools.count(1)


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def server() -> Iterator[Embedded]:
    """A PostgreSQL of this test process."""
    with temporary() as found:
        yield found


@pytest.fixture(scope="session")
def template(server: Embedded) -> str:
    """The name of a migrated, empty database to clone."""
    asyncio.run(_execute(server.url("permits_migrator", "postgres"), "CREATE DATABASE template_permits"))
    migrate.upgrade(server.url("permits_migrator", "template_permits"))
    return "template_permits"


@pytest.fixture
def database_name(server: Embedded, template: str) -> Iterator[str]:
    """A fresh database, dropped afterwards."""
    name = f"test_{next(_numbers)}"
    admin = server.url("permits_migrator", "postgres")
    asyncio.run(_execute(admin, f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield name
    asyncio.run(_execute(admin, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def database(server: Embedded, database_name: str) -> AsyncIterator[Database]:
    """A fresh database, as the application sees it."""
    async with Database(server.url("permits_app", database_name)) as found:
        yield found


@pytest.fixture
def database_url(server: Embedded, database_name: str) -> str:
    """The address of the fresh database, for the application's role."""
    return server.url("permits_app", database_name)


@pytest.fixture
async def service(database: Database, database_url: str, keys: Keys, tmp_path: Path) -> AsyncIterator["Serving"]:
    """The whole application over real HTTP on the fresh database."""
    from tests.serving import serving  # the application is imported by the tests that serve it, not by all

    async with serving(database, database_url, keys, tmp_path) as found:
        yield found


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """Keys of this test."""
    return create(tmp_path / "keys.json")


@pytest.fixture(autouse=True)
def office_time() -> Iterator[None]:
    """Office time as it was, after tests that moved it."""
    before = clock.offset().total_seconds()
    yield
    clock.set_offset(before)
