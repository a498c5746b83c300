"""The town of a test, and what a message of an agency is made with."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from integrations.signing import ensure_keys
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.office import Office
from permits.rules import law
from permits.settings import settings
from tests.routing.bench import Bench, Writer, writer
from tests.routing.town import Town, town
from tests.serving import Serving


@pytest.fixture
def office(keys: Keys) -> Office:
    """The law and the keys."""
    return Office(law.load(), keys)


@pytest.fixture
def env(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The settings of every process of this test, ours included."""
    ensure_keys(tmp_path / "agencies")
    found = {
        "PERMITS_DATABASE_URL": database_url,
        "PERMITS_DATA": str(tmp_path),
        "PERMITS_KEY_FILE": str(tmp_path / "keys.json"),
        "PERMITS_AGENCY_KEYS": str(tmp_path / "agencies"),
        "PERMITS_DEMO": "1",
    }
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    yield found
    settings.cache_clear()


@pytest.fixture
async def living_town(service: Serving, office: Office, env: dict[str, str], tmp_path: Path) -> AsyncIterator[Town]:
    """Our service and both agencies, without a worker."""
    async with town(service, office, env, tmp_path) as found:
        yield found


@pytest.fixture
def bench(database: Database, office: Office, env: dict[str, str]) -> Bench:
    """The database and the rules alone."""
    return Bench(database, office)


@pytest.fixture
async def police(service: Serving, env: dict[str, str]) -> AsyncIterator[Writer]:
    """The police, who write to us."""
    async with writer("police", service.url, Path(env["PERMITS_AGENCY_KEYS"])) as found:
        yield found


@pytest.fixture
async def bureau(service: Serving, env: dict[str, str]) -> AsyncIterator[Writer]:
    """The approval bureau, which writes to us."""
    async with writer("approval-bureau", service.url, Path(env["PERMITS_AGENCY_KEYS"])) as found:
        yield found
