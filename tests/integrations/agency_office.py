"""An office that only receives, for the simulators' tests."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from aiohttp import web

from integrations.agencies import AGENCIES
from integrations.contract import Envelope, body_of
from integrations.signing import load_public
from integrations.simulation import Running
from integrations.transport import open_envelope

Simulator = Callable[[str], AbstractAsyncContextManager[Running]]


class Office:
    """Takes signed messages as the real one does: each once, however often it comes. `status` makes it refuse."""

    def __init__(self, keys: Path) -> None:
        self._keys = keys
        self._changed = asyncio.Condition()
        self.messages: list[Envelope] = []
        self.arrivals = 0
        self.status = 202
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        """POST /api/v1/agencies/{agency}/messages"""
        agency = AGENCIES[request.match_info["agency"]]
        trusted = {agency.name: load_public(self._keys, agency.name)}
        _, envelope = open_envelope("POST", str(request.url), request.headers, await request.read(), trusted)
        body_of(envelope, agency, agency.from_agency)
        async with self._changed:
            self.arrivals += 1
            if self.status == 202 and envelope.id not in {known.id for known in self.messages}:
                self.messages.append(envelope)
            self._changed.notify_all()
        return web.json_response({"id": envelope.id, "case": envelope.case}, status=self.status)

    async def seen(self, holds: Callable[["Office"], bool]) -> None:
        """Waits until something holds of this office, 60 seconds at most."""
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(lambda: holds(self))

    async def got(self, *kinds: str) -> list[Envelope]:
        """Waits until exactly these kinds have come, in this order."""
        await self.seen(lambda office: len(office.messages) >= len(kinds))
        assert [message.kind for message in self.messages] == list(kinds)
        return self.messages
