"""An agency that takes every message after a while, as a program of its own: what it spends is not the worker's.

It remembers what came in which order, and tells it; it signs its receipts, and verifies nothing.
"""

import asyncio
import sys
from pathlib import Path

import msgspec
import uvloop
from aiohttp import web

from integrations.contract import decode
from integrations.receipts import sign_receipt
from integrations.signing import SigningKey, load_private


def main(port: int, pause_s: float, keys: Path, agency: str) -> None:
    """Serve on loopback until killed."""
    uvloop.run(_serve(port, pause_s, load_private(keys, agency)))


async def _serve(port: int, pause_s: float, key: SigningKey) -> None:
    taken: list[tuple[str, int, str]] = []

    async def take(request: web.Request) -> web.Response:
        envelope = decode(await request.read())
        taken.append((envelope.case, envelope.sequence, envelope.id))
        if pause_s:
            await asyncio.sleep(pause_s)
        receipt = msgspec.json.encode({"id": envelope.id, "skew_seconds": 0.0})
        signed = sign_receipt(202, receipt, request.headers, key, nonce=envelope.id)
        return web.Response(status=202, body=receipt, content_type="application/json", headers=signed.headers)

    async def tell(request: web.Request) -> web.Response:
        return web.Response(body=msgspec.json.encode(taken), content_type="application/json")

    app = web.Application()
    app.add_routes([web.post("/messages", take), web.get("/taken", tell)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
