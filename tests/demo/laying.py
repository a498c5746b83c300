"""Lays a demonstration in this process, and looks at it."""

import asyncio
import datetime as dt
import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from permits import clock
from permits.accounts import service as accounts
from permits.cases import queues, service
from permits.cases.view import CaseView
from permits.db.crypto import load
from permits.db.database import Database
from permits.demo.prepare import prepare
from permits.demo.ready import Account
from permits.office import Office
from permits.rules import law
from permits.settings import Settings
from permits.statistics import service as statistics
from permits.statistics.model import Count

REGION = "321200"
REPORTED = dt.date(2024, 12, 31)


class Laid(NamedTuple):
    """A demonstration: where it is, since when, who can sign in."""

    settings: Settings
    at: dt.datetime
    accounts: Sequence[Account]

    @property
    def office(self) -> Office:
        """The law and the demonstration's keys."""
        return Office(law.load(), load(self.settings.keys_path))

    def stand(self, days: int = 0) -> None:
        """The office's clock stands so many days after the first start."""
        at = self.at + dt.timedelta(days=days, minutes=1)
        clock.set_offset((at - clock.machine_now()).total_seconds())

    def start(self, days: int = 0) -> "Laid":
        """What a later start makes of it."""
        self.stand(days)
        return laid(self.settings, clock.now())

    def books(self, question: str) -> list[tuple[Any, ...]]:
        """The answer of both simulators' books."""
        found: list[tuple[Any, ...]] = []
        for agency in ("police", "approval-bureau"):
            book = sqlite3.connect(self.settings.data / "agencies" / f"{agency}.sqlite3")
            found += book.execute(question).fetchall()
            book.close()
        return found


def laid(settings: Settings, at: dt.datetime, *, empty: bool = False) -> Laid:
    """Prepare the demonstration at an office instant."""
    clock.set_offset((at - clock.machine_now()).total_seconds())
    return Laid(settings, at, asyncio.run(prepare(settings, at, empty)))


async def count(database: Database, on: dt.date, known: dt.date | None = None, *by: str) -> Count:
    """Valid permits on a day, as known on another."""
    async with database.transaction(REGION) as tx:
        return await statistics.valid_on(tx, REGION, on, known, by)


async def cases_seen(city: Laid, database: Database) -> list[CaseView]:
    """Every case as a clerk sees it, and the drafts as their agents do."""
    clerk = await accounts.account_of(database, "clerk1@taizhou.example")
    agents = [await accounts.account_of(database, f"employer{n}@taizhou.example") for n in (1, 2)]
    states = (*queues.QUEUES["open"], *queues.QUEUES["ended"])
    async with database.transaction(REGION) as tx:
        keys, since = city.office.keys, clock.now()
        lines = [(clerk, line) for line in await queues.queue(tx, keys, REGION, states, size=200)]
        for agent in agents:
            mine = await queues.mine(tx, keys, REGION, agent.id, since)
            lines += [(agent, line) for line in mine if line.state == "draft"]
        found = [(who, await service.look(tx, city.office, who, REGION, line.number)) for who, line in lines]
    return [service.seen(case, who, city.office, "zh") for who, case in found]


TABLES = (
    *("account", "account_role", "token", "cases", "event", "case_document", "commitment", "clock", "component"),
    *("correction", "outbox", "handled", "file", "letter", "letter_counter", "message", "stream", "person"),
    *("person_document", "permit", "permit_history", "ledger", "counter"),
)


async def sizes(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    async with database.transaction(REGION) as tx:
        return {table: await tx.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES}
