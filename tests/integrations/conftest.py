"""An office that only receives, keys, and simulators over real HTTP on the loopback address."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from integrations.signing import SigningKey, ensure_keys, load_private
from integrations.simulation import Running, run
from integrations.transport import Client
from tests.integrations.agency_office import Office, Simulator


@pytest.fixture
def agency_keys(tmp_path: Path) -> Path:
    """A folder with everybody's keys."""
    ensure_keys(tmp_path / "keys")
    return tmp_path / "keys"


@pytest.fixture
def office_key(agency_keys: Path) -> SigningKey:
    """The office's private key."""
    return load_private(agency_keys, "office")


@pytest.fixture
async def office(agency_keys: Path) -> AsyncIterator[Office]:
    """An office that listens."""
    found = Office(agency_keys)
    app = web.Application()
    app.add_routes([web.post("/api/v1/agencies/{agency}/messages", found.take)])
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


@pytest.fixture
async def client(office_key: SigningKey) -> AsyncIterator[Client]:
    """The office's client."""
    async with Client(office_key) as found:
        yield found


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """Unsigned HTTP."""
    async with aiohttp.ClientSession() as found:
        yield found


@pytest.fixture
def simulator(tmp_path: Path, agency_keys: Path, office: Office) -> Simulator:
    """`async with simulator("police") as running:`; the book stays for the next one."""

    @asynccontextmanager
    async def started(agency: str) -> AsyncIterator[Running]:
        async with run(
            agency, port=0, data_dir=tmp_path, office_url=office.url, keys_dir=agency_keys, clock_offset_seconds=3600
        ) as running:
            yield running

    return started
