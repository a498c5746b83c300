"""A whole town on loopback: our service, both agencies' simulators and, where wanted, workers, each its own process."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from permits.cases.model import Case
from permits.db.database import Database
from permits.office import Office
from permits.routing import store
from permits.routing.model import Item
from tests.cases.samples import Desk
from tests.conftest import REGION
from tests.serving import Serving, free_port

LIMIT_S = 60.0
AGENCIES = ("police", "approval-bureau")
Found = TypeVar("Found")


async def until(what: str, look: Callable[[], Awaitable[Found]], limit_s: float = LIMIT_S) -> Found:
    """What `look` finds, as soon as it finds something; AssertionError after the limit."""
    limit = time.monotonic() + limit_s
    while True:
        found = await look()
        if found:
            return found
        assert time.monotonic() < limit, f"no {what} in {limit_s} s"
        await asyncio.sleep(0.05)


class Programs:
    """Programs of ours that were started here, and that end with the test."""

    def __init__(self, env: dict[str, str], logs: Path) -> None:
        self.env, self.data = os.environ | env, logs
        self._all: list[asyncio.subprocess.Process] = []

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        """Start `permits …`."""
        with (self.data / f"{arguments[0]}-{len(self._all)}.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "permits", *arguments, env=self.env, stdout=log, stderr=log
            )
        self._all.append(process)
        return process

    async def end(self) -> None:
        """Kill what still runs."""
        for process in self._all:
            if process.returncode is None:
                process.kill()
            await process.wait()


class Town:
    """The service with its neighbours."""

    def __init__(self, service: Serving, office: Office, programs: Programs, urls: dict[str, str]) -> None:
        self.service, self.office, self.programs, self.urls = service, office, programs, urls
        self.neighbours: dict[str, asyncio.subprocess.Process] = {}

    @property
    def database(self) -> Database:
        """Our database."""
        return self.service.database

    async def neighbour(self, agency: str) -> asyncio.subprocess.Process:
        """Start an agency's simulator, at its address and with its book."""
        port = self.urls[agency].rpartition(":")[2]
        where = ("--port", port, "--data", str(self.programs.data / "books"), "--office-url", self.service.url)
        return await self.programs.start("simulate", agency, *where, "--keys", self.programs.env["PERMITS_AGENCY_KEYS"])

    async def worker(self) -> asyncio.subprocess.Process:
        """Start a worker."""
        return await self.programs.start("worker")

    async def ended(self, process: asyncio.subprocess.Process, by: signal.Signals) -> int:
        """End a worker by a signal; its exit status."""
        process.send_signal(by)
        return await asyncio.wait_for(process.wait(), LIMIT_S)

    @asynccontextmanager
    async def desk(self, desk: Desk | None = None, seed: int = 1) -> AsyncIterator[Desk]:
        """People of the office in a transaction of their own, at the case of an earlier one or at a new one."""
        async with self.database.transaction(REGION) as tx:
            desk = desk or Desk(self.office, tx, seed)
            desk.tx = tx
            yield desk

    async def case(self, desk: Desk) -> Case:
        """The case as it is."""
        async with self.desk(desk):
            return await desk.look()

    async def messages(self, case: Case) -> list[Item]:
        """The message log of a case."""
        async with self.database.transaction(REGION) as tx:
            return await store.messages_of_case(tx, REGION, case.row.id)

    async def delivered(self, case: Case) -> list[Item]:
        """The message log of a case, once there is a receipt for all that went out."""

        async def look() -> list[Item]:
            log = await self.messages(case)
            return log if all(item.status == "delivered" for item in log if item.direction == "out") else []

        return await until("receipts", look)

    async def book(self, agency: str, number: str) -> dict[str, Any]:
        """An agency's book about a case; empty where it has none."""
        async with self.service.http.get(f"{self.urls[agency]}/book/{number}") as answer:
            return await answer.json() if answer.status == 200 else {}

    async def answers(self, agency: str, number: str, kind: str, **body: Any) -> None:
        """Let an agency answer now."""
        asked = {"case": number, "kind": kind, "body": body}
        async with self.service.http.post(f"{self.urls[agency]}/answers", json=asked) as answer:
            assert answer.status == 202, await answer.text()

    async def component(self, desk: Desk, kind: str, status: str) -> Case:
        """The case, once a component has this status."""

        async def look() -> Case | None:
            case = await self.case(desk)
            return case if case.status(kind) == status else None

        return await until(f"{kind} {status}", look)

    async def applied(self, agency: str, number: str, *kinds: str) -> dict[str, Any]:
        """An agency's book, once it has applied all of these."""

        async def look() -> dict[str, Any]:
            book = await self.book(agency, number)
            return book if set(kinds) <= set(book.get("applied", ())) else {}

        return await until(f"{kinds} applied by {agency}", look)


async def alive(http: aiohttp.ClientSession, url: str) -> bool:
    """Whether a server answers."""
    try:
        async with http.get(f"{url}/healthz") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


@asynccontextmanager
async def town(service: Serving, office: Office, env: dict[str, str], data: Path) -> AsyncIterator[Town]:
    """A town whose simulators answer, until the block ends; nothing works yet."""
    ports = {agency: free_port() for agency in AGENCIES}
    urls = {agency: f"http://127.0.0.1:{port}" for agency, port in ports.items()}
    addresses = {"PERMITS_POLICE_URL": urls["police"], "PERMITS_BUREAU_URL": urls["approval-bureau"]}
    found = Town(service, office, Programs(env | addresses, data), urls)
    try:
        for agency in AGENCIES:
            found.neighbours[agency] = await found.neighbour(agency)
        for url in urls.values():
            await until(f"answer of {url}", lambda url=url: alive(service.http, url))  # type: ignore[misc]
        yield found
    finally:
        await found.programs.end()
