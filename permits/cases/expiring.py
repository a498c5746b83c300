"""What expires by itself is noted in the register's history, once: nothing is decided, the ledger has it already.

Safe to run again and twice at once. A permit whose extension is undecided in time is left alone: by Art. 50 of the
Administrative Licensing Law silence would extend it.
"""

import uuid

import asyncpg
from sqlalchemy import ARRAY, String, Uuid, any_, bindparam, cast, select

from permits import clock
from permits.cases import outbox
from permits.cases.filing import FILINGS
from permits.cases.model import OPEN
from permits.cases.outbox import Happening
from permits.cases.store import REGION
from permits.cases.tables import cases
from permits.db.database import Database
from permits.db.statements import statement
from permits.register import expiry

EXPIRED = "permit-expired"
BATCH = 200
"""So many permits a transaction."""
_EXTENDING = [code for code, filing in FILINGS.items() if filing.runs == "continues"]

UNDECIDED = statement(
    select(cast(cases.c.held["permit_id"].astext, Uuid).label("permit_id")).where(
        cases.c.region == REGION,
        cases.c.procedure == any_(bindparam("procedures", type_=ARRAY(String))),
        cases.c.state == any_(bindparam("states", type_=ARRAY(String))),
        cases.c.held.is_not(None),
    )
)
"""The permits whose extension is applied for and undecided."""


async def note(database: Database, region: str) -> int:
    """Note every permit of a city whose last day has passed; how many were not noted yet."""
    noted = 0
    while True:
        async with database.transaction(region) as tx:
            found = await _batch(tx, region)
        noted += found
        if found < BATCH:
            return noted


async def _batch(tx: asyncpg.Connection, region: str) -> int:
    kept = await undecided(tx, region)
    found = await expiry.note(tx, region, clock.now(), kept, BATCH)
    for one in found:
        if one.case_id is not None:
            happened = Happening(region, one.version_id, one.case_id, EXPIRED)
            await outbox.add(tx, happened, clock.machine_now())
    return len(found)


async def undecided(tx: asyncpg.Connection, region: str) -> list[uuid.UUID]:
    """The permits whose extension was applied for and is not decided yet."""
    rows = await UNDECIDED.all(tx, region=region, procedures=_EXTENDING, states=list(OPEN))
    return [row["permit_id"] for row in rows]
