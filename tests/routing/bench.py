"""One thing at a time, in this process: events worked off, agencies that write to us, agencies that answer as told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from integrations.agencies import AGENCIES
from integrations.contract import Envelope, decode, encode, new_id, read_body, write
from integrations.receipts import sign_receipt
from integrations.signing import SigningKey, load_private
from integrations.transport import Answer, Client
from permits import clock
from permits.cases import outbox
from permits.cases.model import Case
from permits.cases.outbox import NotYet
from permits.db.database import Database
from permits.office import Office
from permits.routing import store
from permits.routing.model import Item, context_of
from permits.routing.sending import Sender
from permits.settings import settings
from permits.subscriptions import SUBSCRIBERS, SUBSCRIPTIONS
from tests.cases.samples import Desk
from tests.conftest import REGION
from tests.routing.town import until


class Bench:
    """A service without a worker, whose events are worked off when the test says so."""

    def __init__(self, database: Database, office: Office) -> None:
        self.database, self.office = database, office

    @asynccontextmanager
    async def desk(self, desk: Desk | None = None, seed: int = 1) -> AsyncIterator[Desk]:
        """People of the office in a transaction of their own."""
        async with self.database.transaction(REGION) as tx:
            desk = desk or Desk(self.office, tx, seed)
            desk.tx = tx
            yield desk

    async def until(self, state: str, **more: Any) -> Desk:
        """A case in this state, its events worked off."""
        async with self.desk() as desk:
            await desk.until(state, **more)
        await self.work_off()
        return desk

    async def act(self, desk: Desk, who: Any, action: str, **body: Any) -> Case:
        """An action, and what follows from it."""
        async with self.desk(desk):
            await desk.act(who, action, **body)
        await self.work_off()
        return await self.case(desk)

    async def case(self, desk: Desk) -> Case:
        """The case as it is."""
        async with self.desk(desk):
            return await desk.look()

    async def work_off(self) -> None:
        """Do what every event in the outbox calls for, as a worker would, until nothing is left."""
        while True:
            async with self.database.transaction(REGION) as tx:
                found = await outbox.waiting(tx, REGION, 100)
            for happened in found:
                try:
                    for name in SUBSCRIPTIONS.get(happened.kind, ()):
                        await SUBSCRIBERS[name](self.database, self.office, settings(), happened)
                except NotYet:
                    continue
                async with self.database.transaction(REGION) as tx:
                    await outbox.delete_exactly(tx, REGION, [happened.event_id])
            if not found:
                return

    async def messages(self, desk: Desk) -> list[Item]:
        """The message log of a case."""
        case = await self.case(desk)
        async with self.database.transaction(REGION) as tx:
            return await store.messages_of_case(tx, REGION, case.row.id)

    async def envelopes(self, desk: Desk) -> list[Envelope]:
        """What was made for the agencies about a case, as it is sent."""
        case = await self.case(desk)
        async with self.database.transaction(REGION) as tx:
            rows = await tx.fetch("SELECT id, body FROM message WHERE direction = 'out' AND case_id = $1", case.row.id)
        return [decode(self.office.keys.open(row["body"], context_of(REGION, row["id"]))) for row in rows]

    async def out(self, desk: Desk, agency: str) -> list[str]:
        """The kinds of message made for an agency, in order."""
        found = [item for item in await self.messages(desk) if (item.direction, item.agency) == ("out", agency)]
        return [item.kind for item in sorted(found, key=lambda item: item.sequence)]


def message(
    agency: str, case: str, sequence: int, kind: str, id: str | None = None, version: int = 1, **body: Any
) -> bytes:
    """An encoded message of an agency; `body` is as version 1 words it."""
    contract = AGENCIES[agency].speaking(version)
    checked = read_body(contract.from_agency[kind], body)
    envelope = write(contract, kind, checked, case=case, sequence=sequence, sent_at=clock.now(), id=id or new_id())
    return encode(envelope)


class Writer:
    """An agency that writes to us over real HTTP, signed with its key."""

    def __init__(self, name: str, url: str, client: Client) -> None:
        self.name, self._client = name, client
        self._url = f"{url}/api/v1/agencies/{name}/messages"

    async def post(self, data: bytes) -> Answer:
        """Hand in a message. Raises Refused."""
        return await self._client.post(self._url, data)

    async def write(self, case: str, sequence: int, kind: str, **body: Any) -> dict[str, Any]:
        """Write and hand in a message; the receipt."""
        answer = await self.post(message(self.name, case, sequence, kind, **body))
        receipt: dict[str, Any] = msgspec.json.decode(answer.receipt)
        return receipt


@asynccontextmanager
async def writer(name: str, url: str, keys: Path, key: str | None = None) -> AsyncIterator[Writer]:
    """An agency that writes to us; `key` names another's key."""
    async with Client(load_private(keys, key or name)) as client:
        yield Writer(name, url, client)


Handler = Callable[[dict[str, Any]], Awaitable[web.StreamResponse | None]]
"""What an agency answers; None cuts the line."""


class Post:
    """An agency's door that answers as a handler says, and remembers what was handed in."""

    def __init__(self, answer: Handler, key: SigningKey | None = None) -> None:
        """With a key it signs its receipts."""
        self.bodies: list[bytes] = []
        self._key = key
        self.url = ""
        self._answer = answer

    @property
    def sequences(self) -> list[int]:
        """The sequences handed in, in order."""
        return [msgspec.json.decode(body)["sequence"] for body in self.bodies]

    async def take(self, request: web.Request) -> web.StreamResponse:
        """POST /messages"""
        body = await request.read()
        self.bodies.append(body)
        answer = await self._answer(msgspec.json.decode(body))
        if answer is None and request.transport is not None:
            request.transport.abort()
        if self._key is not None and isinstance(answer, web.Response) and isinstance(answer.body, bytes):
            nonce = msgspec.json.decode(body)["id"]
            answer.headers.update(sign_receipt(202, answer.body, request.headers, self._key, nonce=nonce).headers)
        return answer or web.Response()


def receipt(envelope: dict[str, Any], **more: Any) -> web.Response:
    """A receipt as it should be."""
    return web.json_response({"id": envelope["id"], "skew_seconds": 0.25} | more, status=202)


@asynccontextmanager
async def post(answer: Handler, key: SigningKey | None = None) -> AsyncIterator[Post]:
    """An agency's door on loopback."""
    found = Post(answer, key)
    app = web.Application()
    app.router.add_post("/messages", found.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/messages"
    try:
        yield found
    finally:
        await runner.cleanup()


@asynccontextmanager
async def sending(bench: Bench, urls: dict[str, str]) -> AsyncIterator[None]:
    """A sender at work while the block runs."""
    stop = asyncio.Event()
    async with Client(load_private(settings().agency_keys_path, "office")) as client:
        running = asyncio.create_task(Sender(bench.database, bench.office, client, urls).run((REGION,), stop))
        try:
            yield
        finally:
            stop.set()
            await running


async def statuses(bench: Bench, desk: Desk, agency: str, wanted: list[str]) -> list[Item]:
    """The messages to an agency, once they stand like this, in order."""

    async def look() -> list[Item]:
        found = [item for item in await bench.messages(desk) if (item.direction, item.agency) == ("out", agency)]
        return found if [item.status for item in found] == wanted else []

    return await until(f"messages {wanted}", look)
