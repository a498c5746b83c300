"""What tests stand on: a real PostgreSQL per test process, and a fresh database per test, cloned from a template."""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import argon2
import asyncpg
import pytest

from permits import clock
from permits.accounts import passwords
from permits.db import migrate
from permits.db.crypto import Keys, create
from permits.db.database import Database
from permits.db.embedded import Embedded, temporary

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling

    from tests.journeys.demonstration import Demo
    from tests.serving import Serving

REGION = "321200"
_numbers = itertools.count(1)


MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30
"""Where temporary files go if so many bytes are free: databases are made and dropped there ten times as fast."""
QUICK = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""argon2id as the service has it, but cheap: most tests sign somebody in, few are about passwords."""


def keep_temporary_files_in_memory() -> None:
    """Unless somebody said where they go; programs that are started by tests follow."""
    if "TMPDIR" in os.environ or not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        return
    if os.access(MEMORY, os.W_OK) and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"], tempfile.tempdir = str(MEMORY), None


keep_temporary_files_in_memory()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, so that no process ends long after the others."""
    from tests.distribution import place

    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> "LoadScopeScheduling | None":
    """Who of several processes runs which file, under `--dist loadfile`."""
    from tests.distribution import Distribution

    return Distribution(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def server() -> Iterator[Embedded]:
    """A PostgreSQL of this test process."""
    with temporary() as found:
        yield found


@pytest.fixture(scope="session")
def as_migrator(server: Embedded) -> Iterator[Callable[[str], object]]:
    """Runs a statement as the migrator, over one connection of this test process and outside the tests' own loops."""
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(server.url("permits_migrator", "postgres")))
    yield lambda statement: loop.run_until_complete(connection.execute(statement))
    loop.run_until_complete(connection.close())
    loop.close()


@pytest.fixture(scope="session")
def template(server: Embedded, as_migrator: Callable[[str], object]) -> str:
    """The name of a migrated, empty database to clone."""
    as_migrator("CREATE DATABASE template_permits")
    migrate.upgrade(server.url("permits_migrator", "template_permits"))
    return "template_permits"


@pytest.fixture
def database_name(as_migrator: Callable[[str], object], template: str) -> Iterator[str]:
    """A fresh database, dropped afterwards."""
    name = f"test_{next(_numbers)}"
    as_migrator(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield name
    as_migrator(f"DROP DATABASE {name} WITH (FORCE)")


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


@pytest.fixture(scope="session")
def demo() -> Iterator["Demo"]:
    """A demonstration city of this test process, started as a user would, that leaves nothing behind."""
    from tests.journeys.demonstration import demonstration

    with demonstration() as found:
        yield found


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """Keys of this test."""
    return create(tmp_path / "keys.json")


@pytest.fixture(autouse=True)
def quick_passwords() -> Iterator[None]:
    """Passwords are hashed cheaply; tests of hashing have a fixture of this name that does nothing."""
    dear, passwords._HASHER = passwords._HASHER, QUICK
    yield
    passwords._HASHER = dear


@pytest.fixture(autouse=True)
def office_time() -> Iterator[None]:
    """Office time as it was, after tests that moved it."""
    before = clock.offset().total_seconds()
    yield
    clock.set_offset(before)
