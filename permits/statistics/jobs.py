"""What the worker does for the figures by the clock: once a day it recounts the register and notes what it found."""

import asyncio
import contextlib
from collections.abc import Sequence

import structlog

from permits import clock
from permits.db.database import Database
from permits.office import Office
from permits.register import standing
from permits.statistics import recounting
from permits.statistics.model import Recount

LOOK_EVERY_S = 600.0
"""How often it looks whether the office has a new day."""
MOST_TOLD = 50

log = structlog.get_logger(__name__)


async def keep_checked(database: Database, office: Office, regions: Sequence[str], stop: asyncio.Event) -> None:
    """Recount each city once a day until told to stop. Raises Unavailable when the database goes away."""
    while not stop.is_set():
        for region in regions:
            await check_daily(database, office, region)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_EVERY_S)


async def check_daily(database: Database, office: Office, region: str) -> bool:
    """Recount a city unless that was done today; whether it was done now."""
    async with database.transaction(region) as tx:
        if (await standing.standing(tx, region)).checked_on == clock.today():
            return False
    found = await recounts(database, office, region)
    differ = [words for one in found for words in differences_of(one)]
    if differ:
        log.error("register and ledger differ", region=region, differences=len(differ))
    figures = sum(one.figures for one in found)
    async with database.transaction(region) as tx:
        today, now = clock.today(), clock.machine_now()
        await standing.checked(tx, region, now, today, figures, differ[:MOST_TOLD])
    return True


async def recounts(database: Database, office: Office, region: str) -> list[Recount]:
    """The recount of every day that is compared, each in a transaction of its own."""
    found = []
    for on, known in recounting.questions(clock.today()):
        async with database.transaction(region) as tx:
            found.append(await recounting.recount(tx, office.law, office.keys, region, on, known))
    return found


def differences_of(found: Recount) -> list[str]:
    """What differs, in words and numbers."""
    known = f" as known on {found.as_known_on}" if found.as_known_on else ""
    return [f"{found.on}{known}: {d.figure}: {d.register} ≠ {d.ledger}" for d in found.differences]
