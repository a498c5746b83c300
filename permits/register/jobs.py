"""What the worker does for the register by the clock: the ledger is summed up, a little at a time, for ever."""

import asyncio
import contextlib
from collections.abc import Sequence

from permits.db.database import Database
from permits.register import rollup

EVERY_S = 60.0
"""How long the ledger's newest rows wait to be summed; some hundreds of them cost a count nothing one would see."""


async def keep_summed(database: Database, regions: Sequence[str], stop: asyncio.Event) -> None:
    """Sum up the ledger of each city until told to stop. Raises Unavailable when the database goes away."""
    while not stop.is_set():
        for region in regions:
            await rollup.sum_all(database, region, stop.is_set)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_S)
