"""A demonstration laid at a first start, in a folder and a database of its own; once for all who only look at it."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from permits import clock
from permits.clock import CITY
from permits.db.database import Database
from permits.db.embedded import Embedded
from permits.settings import settings
from tests.demo.laying import Laid, laid


@pytest.fixture(scope="module")
def lay(server: Embedded, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Lays a demonstration as at a first start; the settings of this process name it until the next is laid."""
    patch = pytest.MonkeyPatch()

    async def fresh(name: str) -> None:
        connection = await asyncpg.connect(server.url("permits_migrator", "postgres"))
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        await connection.close()

    def make(first_start: str, *, empty: bool = False) -> Laid:
        at = dt.datetime.fromisoformat(first_start).replace(tzinfo=CITY)
        place: Path = tmp_path_factory.mktemp("demonstration")
        name = f"demo_{place.name}"
        asyncio.run(fresh(name))
        for variable, value in {
            "PERMITS_DATABASE_URL": server.url("permits_app", name),
            "PERMITS_DATA": str(place),
            "PERMITS_DEMO": "1",
        }.items():
            patch.setenv(variable, value)
        settings.cache_clear()
        return laid(settings(), at, empty=empty)

    yield make
    patch.undo()
    settings.cache_clear()


@pytest.fixture(scope="module")
def city(lay: Any) -> Laid:
    """The city as it is laid in November 2026."""
    before = clock.offset().total_seconds()
    made: Laid = lay("2026-11-24T09:00")
    clock.set_offset(before)
    return made


@pytest.fixture
async def database(city: Laid) -> AsyncIterator[Database]:
    """The city's database, on the day it was laid."""
    city.stand()
    async with Database(city.settings.database_url) as found:
        yield found
