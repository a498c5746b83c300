"""A simulated agency as a program: its book, its server, its sender. For demonstration, training and tests only.

It serves the loopback address and touches nothing but its own book.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from integrations.approval_bureau.simulator import PLAYER as APPROVAL_BUREAU
from integrations.batch_files.watcher import Watcher
from integrations.book import Book
from integrations.desk import Desk
from integrations.keyring import Side
from integrations.player import Player
from integrations.police.simulator import PLAYER as POLICE
from integrations.routes import application
from integrations.seeding import book_path
from integrations.sender import Sender
from integrations.signing import SigningKey
from integrations.transport import Client

PLAYERS: Mapping[str, Player] = {player.agency.name: player for player in (POLICE, APPROVAL_BUREAU)}
HOST = "127.0.0.1"


class Running(Struct, frozen=True):
    """A simulator that serves and sends."""

    url: str
    sending: asyncio.Task[None]  # ends only by a fault


@asynccontextmanager
async def run(
    agency: str,
    *,
    port: int,
    data_dir: Path,
    office_url: str,
    keys_dir: Path,
    clock_offset_seconds: float,
    folder: Path | None = None,
) -> AsyncIterator[Running]:
    """A simulator, up while the block runs; port 0 takes a free one. With a folder it exchanges batch files there.

    Raises OSError where the port is taken.
    """
    book = Book(book_path(data_dir, agency))
    desk = Desk(PLAYERS[agency], book, clock_offset_seconds)
    keys = Side(keys_dir, agency, "office")
    stranger = SigningKey(agency, Ed25519PrivateKey.generate())
    async with Client(keys.signing) as client, Client(stranger) as nobody:
        sender = Watcher(desk, folder, keys) if folder else Sender(desk, client, nobody, office_url, keys)
        runner = web.AppRunner(application(desk, sender, keys), access_log=None, shutdown_timeout=2)
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, port).start()
            sending = asyncio.create_task(sender.run())
            try:
                yield Running(f"http://{HOST}:{runner.addresses[0][1]}", sending)
            finally:
                await _end(sending)
        finally:
            await runner.cleanup()
            book.close()


async def _end(task: asyncio.Task[None]) -> None:
    """Cancels and waits; raises what had ended the task before."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def main(
    agency: str, *, port: int, data: Path, office_url: str, keys: Path, offset: float, folder: Path | None = None
) -> None:
    """Runs an agency's simulator until SIGTERM or SIGINT. `offset`: office time less machine time, in seconds.

    Raises what ended the sender: a simulator that cannot send does not stay up.
    """

    async def serve() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with run(
            agency,
            port=port,
            data_dir=data,
            office_url=office_url,
            keys_dir=keys,
            clock_offset_seconds=offset,
            folder=folder,
        ) as running:
            running.sending.add_done_callback(lambda _: stop.set())
            await stop.wait()

    asyncio.run(serve())
