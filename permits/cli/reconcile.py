"""`permits reconcile`: compares our book with each agency's now, and prints what was covered and what differs.

The questions travel as messages, so a worker must be running; the comparison itself goes on here or there.
"""

import asyncio
import sys
import uuid

from integrations.carriers import Carriers
from permits.db import crypto
from permits.db.database import Database
from permits.office import Office
from permits.routing import differences, ledgers, reconciling
from permits.routing.differences import Task
from permits.routing.ledgers import Run
from permits.routing.listing import Lister
from permits.rules import law
from permits.settings import Settings, settings
from permits.worker import addresses, signing_key


def main(region: str | None) -> int:
    """Compare until every run has ended; 1 where an agency left a question unanswered or the books differ."""
    return asyncio.run(_compare(settings(), region or settings().region))


async def _compare(given: Settings, region: str) -> int:
    office = Office(law.load(), crypto.load(given.keys_path))
    async with Database(given.database_url, 2) as database:
        async with database.transaction(region) as tx:
            begun = [one.id for one in await reconciling.start_all(tx, region)]
        async with Carriers(signing_key(given)("police"), guarded=False) as client:
            lister = Lister(database, office, client, addresses(given), signing_key(given))
            ended = [await _ended(database, office, region, id_, lister) for id_ in begun]
        async with database.transaction(region) as tx:
            tasks = await differences.tasks(tx, region)
    for one in ended:
        _say(_told(one))
    for task in tasks:
        _say(_difference(task))
    return 1 if tasks or any(one.problem for one in ended) else 0


async def _ended(database: Database, office: Office, region: str, run_id: uuid.UUID, lister: Lister) -> Run:
    """A run, once it has ended; a line of progress on a terminal meanwhile."""
    while True:
        await reconciling.advance(database, office, region, lister)
        async with database.transaction(region) as tx:
            found = await ledgers.one(tx, region, run_id)
            assert found is not None
            waits = await ledgers.silent(tx, region, found.agency, reconciling.began(found))
        if found.finished_at is not None:
            return found
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{found.agency}: 等答复 waiting for {waits} ")
        await asyncio.sleep(0.5)


def _told(one: Run) -> str:
    listed = f"; {one.listed} in their list" if one.listed is not None else ""
    unlisted = f"; their list: {one.list_problem}" if one.list_problem else ""
    missing = listed + unlisted + (f"; {one.problem}" if one.problem else "")
    return f"{one.agency}: {one.cases} cases, {one.checks} checks, {one.differences} differences{missing}"


def _difference(task: Task) -> str:
    believed = f"我方 ours {task.ours or '-'}, 对方 theirs {task.theirs or '-'}"
    return f"  {task.agency} {task.case_number} {task.field}: {believed}"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
