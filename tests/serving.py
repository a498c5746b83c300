"""The real application on a loopback port, in the test's own event loop, and people who call it."""

import asyncio
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import uvicorn

from permits.accounts import service as accounts
from permits.accounts.model import Account
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.settings import Settings
from tests.built import whole

REGION = "321200"
STAFF = ("employer", "clerk", "reviewer", "decider", "legal", "manager")


class Answer:
    """Status, headers and body of an answer."""

    def __init__(self, status: int, headers: Any, raw: bytes, body: Any) -> None:
        self.status, self.headers, self.raw, self.body = status, headers, raw, body


class Caller:
    """One account on the JSON interface, or nobody."""

    def __init__(self, http: aiohttp.ClientSession, url: str, token: str | None = None) -> None:
        self.http, self.url, self.token = http, url, token

    async def call(self, method: str, path: str, body: Any = None, lang: str = "zh-CN", **headers: str) -> Answer:
        """An answer; each POST gets a fresh Idempotency-Key unless one is given."""
        sent = {"Accept-Language": lang, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if method == "POST":
            sent.setdefault("Idempotency-Key", str(uuid.uuid4()))
        kind = {"data": body} if isinstance(body, (bytes, aiohttp.FormData)) else {"json": body}
        async with self.http.request(method, self.url + path, headers=sent, allow_redirects=False, **kind) as answer:
            raw = await answer.read()
            found = await answer.json(content_type=None) if raw and "json" in answer.content_type else None
            return Answer(answer.status, answer.headers, raw, found)

    async def get(self, path: str, **headers: str) -> Answer:
        """GET."""
        return await self.call("GET", path, **headers)

    async def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """POST."""
        return await self.call("POST", path, {} if body is None else body, **headers)


class Serving:
    """A running application."""

    def __init__(
        self, url: str, database: Database, http: aiohttp.ClientSession, keys: Keys, settings: Settings
    ) -> None:
        self.url, self.database, self.http, self.keys, self.settings = url, database, http, keys, settings
        self.accounts: dict[str, Account] = {}

    async def caller(self, *roles: str, name: str = "示例（虚构）") -> Caller:
        """Somebody with these roles and a token."""
        email = f"{uuid.uuid4().hex}@example.com"
        account = await accounts.create_account(
            self.database, email, name, "password-1234", roles, REGION, certificate="虚构-1"
        )
        token = await accounts.create_token(self.database, account, "test", 1)
        caller = Caller(self.http, self.url, token)
        self.accounts[token] = account
        return caller

    def nobody(self) -> Caller:
        """A caller without a token."""
        return Caller(self.http, self.url)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@asynccontextmanager
async def serving(database: Database, url: str, keys: Keys, data: Path, **more: Any) -> AsyncIterator[Serving]:
    """The application on a database, until the block ends."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = Settings(database_url=url, data=data, demo=True, public_url=address, **more)
    server = uvicorn.Server(uvicorn.Config(whole(settings, keys), port=port, log_config=None, lifespan="on"))
    running = asyncio.create_task(server.serve())
    async with aiohttp.ClientSession() as http:
        while not server.started:
            if running.done():
                await running
            await asyncio.sleep(0.005)
        try:
            yield Serving(address, database, http, keys, settings)
        finally:
            await http.close()  # a server that waits for connections looks every 100 ms whether they are gone
            server.should_exit = True
            await running
