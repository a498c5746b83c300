"""Verifies the chains of evidence by night, in small steps that are committed: whoever stops goes on where it was.

Each night what is new, each week everything from the first entry. It repairs nothing: what is broken stays so until a
person verifies from the start.
"""

import asyncio
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import structlog

from integrations.keyring import keyring
from permits import clock
from permits.db.database import Database
from permits.office import Office
from permits.routing import verifying
from permits.routing.relay import rest
from permits.routing.verifying import Verification

NIGHTLY = dt.time(3, 0)
"""Office time, when the comparison of books has been asked for."""
ANEW = dt.timedelta(days=7)
"""So long after a pass began the next one begins at the first entry."""
STEP = 20
"""Entries a step: some milliseconds, so that messages wait for nothing."""
PAUSE_S, LOOK_EVERY_S = 0.05, 30.0

log = structlog.get_logger(__name__)


async def run(database: Database, office: Office, regions: Sequence[str], keys: Path, stop: asyncio.Event) -> None:
    """Verify each night until told to stop. Raises Unavailable without a database."""
    while not stop.is_set():
        busy = [await advance(database, office, region, keys) for region in regions]
        await rest(stop, PAUSE_S if any(busy) else LOOK_EVERY_S)


async def advance(database: Database, office: Office, region: str, keys: Path) -> bool:
    """One step where a night's work is not done; whether there was one."""
    async with database.transaction(region) as tx:
        known = await verifying.verified(tx, region)
    if not due(known, clock.now(), clock.offset()):
        return False
    if known.ended_at == known.at and known.began_at and clock.machine_now() - known.began_at > ANEW:
        await verifying.restart(database, region)
    _, after = await verifying.step(database, office.keys, keyring(keys), region, STEP)
    if after.broken is not None:
        log.error("the chain of evidence does not hold", region=region, entry=after.broken, problem=after.problem)
    return True


def due(known: Verification, now: dt.datetime, offset: dt.timedelta) -> bool:
    """Whether the chain is still to be verified for the night that was last; `now` is office time."""
    night = dt.datetime.combine(now.date(), NIGHTLY, now.tzinfo)
    night = night if night <= now else night - dt.timedelta(days=1)
    return known.broken is None and (known.ended_at is None or known.ended_at < night - offset)
