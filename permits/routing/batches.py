"""Batches that agencies hand in as files: taken in message by message, then answered with a receipt file.

A process that dies in between reads the batch again: each message is known by its id. It touches no file of theirs.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import structlog

from integrations.batch_files.exchange import METHOD, URL, Row, answer, arrived, folder_of, made_at, signed_row
from permits import clock
from permits.db.database import Database
from permits.errors import Problem, Unavailable
from permits.office import Office
from permits.routing import breakers, service
from permits.routing.relay import rest

LOOK_EVERY_S = 5.0

log = structlog.get_logger(__name__)


async def run(database: Database, office: Office, region: str, urls: Mapping[str, str], stop: asyncio.Event) -> None:
    """Take in what agencies with a folder hand in, until told to stop. Raises Unavailable without a database."""
    folders = {name: folder_of(url) for name, url in urls.items() if url.startswith("file:")}
    while not stop.is_set():
        for name, folder in folders.items():
            await look(database, office, region, name, folder)
        await rest(stop, LOOK_EVERY_S)


async def look(database: Database, office: Office, region: str, agency: str, folder: Path) -> bool:
    """Take in what is there; False where the folder fails, which the board then tells. Raises Unavailable.

    A full disk loses nothing: the batch has no receipt yet, and is read again.
    """
    now = clock.machine_now()
    try:
        await take_in(database, office, region, agency, folder)
    except OSError as error:
        failure = f"the exchange folder: {error.strerror or type(error).__name__}"
        async with database.transaction(region) as tx:
            await breakers.failed(tx, region, agency, failure, now, at_once=True)
        with suppress(OSError):  # the log may lie on the same disk
            log.warning("exchange folder", agency=agency, error=error.strerror)
        return False
    async with database.transaction(region) as tx:
        if (await breakers.standing(tx, region, agency)).failures:
            await breakers.heard(tx, region, agency, None, now)
    return True


async def take_in(database: Database, office: Office, region: str, agency: str, folder: Path) -> int:
    """Take in every batch without a receipt; how many messages. Raises OSError, Unavailable: then again later."""
    messages = 0
    for name, rows in await asyncio.to_thread(lambda: list(arrived(folder))):
        receipts = [await _receipt(database, office, region, agency, row) for row in rows]
        await asyncio.to_thread(answer, folder, name, receipts)
        messages += len(rows)
    return messages


async def _receipt(database: Database, office: Office, region: str, agency: str, row: Row) -> dict[str, str]:
    """Take a message in; what our receipt file says of it."""
    told = {"id": row.id, "status": "accepted", "received_at": clock.now().isoformat(), "type": "", "detail": ""}
    try:
        signed_at = made_at(row.headers)
        given = await service.receive(database, office, region, agency, METHOD, URL, row.headers, row.body, signed_at)
    except Unavailable:
        raise
    except Problem as problem:
        return told | {"status": "refused", "type": problem.type, "detail": problem.detail.en}
    return signed_row(told, given.body, given.signed)
