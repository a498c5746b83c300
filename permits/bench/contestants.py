"""Who is measured: the bare database, our data layer, and the whole call over HTTP; each submits its own drafts."""

import asyncio
import contextlib
import os
import secrets
import socket
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import aiohttp

from permits.bench import bare, drafts
from permits.bench.ground import Ground, Unmeasurable
from permits.cases import service
from permits.db.database import Database
from permits.processes import end, spawn, tail

PATIENCE_S = 30
"""So long the web server may take until it answers, in seconds."""


class Contestant(Protocol):
    """Somebody who submits, one case after the other."""

    name: str

    async def run(self, count: int) -> None:
        """Submit so many cases."""

    def pids(self) -> list[int]:
        """The processes whose work counts, besides the database's."""


class Layer:
    """Our data layer: the use case on one pool, in this process."""

    name = "data layer"

    def __init__(self, ground: Ground, database: Database, numbers: Sequence[str]) -> None:
        self._ground, self._database, self._left = ground, database, iter(numbers)

    def pids(self) -> list[int]:
        """This process."""
        return [os.getpid()]

    async def run(self, count: int) -> None:
        """Submit so many cases."""
        for number in _next(self._left, count):
            await self._submit(number)

    async def _submit(self, number: str) -> None:
        ground = self._ground
        async with self._database.transaction(ground.region) as tx:
            await service.submit(
                tx,
                ground.office,
                ground.account,
                ground.region,
                number,
                key=str(uuid.uuid4()),
                request=secrets.token_bytes(32),
                lang="zh",
            )


class Call:
    """The whole call, with token, Idempotency-Key, audit and log: a web server in a process of its own."""

    name = "whole POST"

    def __init__(self, http: aiohttp.ClientSession, server: int, numbers: Sequence[str]) -> None:
        self._http, self._server, self._left = http, server, iter(numbers)

    def pids(self) -> list[int]:
        """The web server; the client, which is this process, does not count."""
        return [self._server]

    async def run(self, count: int) -> None:
        """Submit so many cases."""
        for number in _next(self._left, count):
            headers = {"Idempotency-Key": str(uuid.uuid4())}
            async with self._http.post(f"/api/v1/applications/{number}/submit", json={}, headers=headers) as answer:
                if answer.status != 200:
                    raise Unmeasurable(f"The web server answered {answer.status}: {await answer.text()}")
                await answer.read()


def _next(left: Iterator[str], count: int) -> list[str]:
    return [next(left) for _ in range(count)]


@contextlib.asynccontextmanager
async def gathered(ground: Ground, count: int) -> AsyncIterator[list[Contestant]]:
    """All of them, each with so many drafts."""
    async with contextlib.AsyncExitStack() as stack:
        async with Database(ground.url) as maker:
            first = await bare.started(ground, maker, count)
            stack.push_async_callback(first.end)
            numbers = [[case.row.number for case in await drafts.made(ground, maker, count)] for _ in range(2)]
        database = await stack.enter_async_context(Database(ground.url))
        port, pid = stack.enter_context(served(ground))
        http = await stack.enter_async_context(_client(ground, port))
        await answering(http, ground.folder / "web.log")
        yield [first, Layer(ground, database, numbers[0]), Call(http, pid, numbers[1])]


@contextlib.contextmanager
def served(ground: Ground) -> Iterator[tuple[int, int]]:
    """A web server as `permits serve` starts it: its port and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "permits", "serve", "--port", str(port)]
    root = Path(__file__).resolve().parents[2]
    process = spawn(command, env=ground.env, log=ground.folder / "web.log", cwd=root)
    try:
        yield port, process.pid
    finally:
        end(process)


def _client(ground: Ground, port: int) -> aiohttp.ClientSession:
    headers = {"Authorization": f"Bearer {ground.token}", "Accept-Language": "zh-CN"}
    return aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=headers)


async def answering(http: aiohttp.ClientSession, log: Path) -> None:
    """Wait until the server answers. Raises Unmeasurable with what it said last."""
    limit = time.monotonic() + PATIENCE_S
    while time.monotonic() < limit:
        with contextlib.suppress(aiohttp.ClientConnectionError):
            async with http.get("/healthz") as answer:
                if answer.status == 200:
                    return
        await asyncio.sleep(0.1)
    raise Unmeasurable(f"The web server does not answer: {tail(log)}")
