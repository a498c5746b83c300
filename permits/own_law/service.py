"""Taking the office's own entries in, and keeping a process's law up to date with them.

A process looks every other second whether anything was loaded, so that a new calendar is in force everywhere without a
restart. It recomputes nothing: that is the affair of `cases.deadlines`.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import msgspec
import structlog

from permits import clock
from permits.accounts.audit import AUDIT, audit_row
from permits.accounts.model import Account
from permits.db.database import Database
from permits.db.ids import new_id
from permits.errors import BadInput, FieldError, Unavailable
from permits.office import Office
from permits.own_law import store
from permits.own_law.store import Entry
from permits.rules import law, working_days
from permits.rules.law import Law, LawError
from permits.rules.working_days import Calendar

EVERY_S = 2.0
"""How often a process looks for new entries, in seconds."""

log = structlog.get_logger(__name__)


def assembled(entries: Sequence[Entry]) -> Law:
    """The law of the files with these entries. Raises LawError where one of them does not fit."""
    extra: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        extra.setdefault(entry.kind, []).append(entry.content)
    return law.load([extra] if extra else ())


async def current(database: Database) -> Law:
    """The law of the files with the office's own entries, read now."""
    async with database.transaction(None) as tx:
        return assembled(await store.in_force(tx))


class Followed:
    """The law of a process, kept up to date in its office."""

    def __init__(self, database: Database, office: Office) -> None:
        self._database, self._office = database, office
        self._seen: object = None

    async def refresh(self) -> bool:
        """Take in what was loaded since the last look; whether there was anything. Raises Unavailable."""
        async with self._database.transaction(None) as tx:
            newest = await store.newest(tx)
            if newest == self._seen:
                return False
            entries = await store.in_force(tx)
        self._seen = newest
        try:
            self._office.law = assembled(entries)
        except LawError as error:  # an entry of a later version: the law stays as it was
            log.error("the office's own law cannot be read", why=str(error))
            return False
        return True

    async def run(self) -> None:
        """Refresh for ever; while the database is away the law stays as it was."""
        while True:
            try:
                await self.refresh()
            except Unavailable:
                log.warning("the office's own law cannot be looked up now")
            await asyncio.sleep(EVERY_S)


async def take_calendar(tx: asyncpg.Connection, calendar: Calendar, by: Account | None, region: str) -> Entry:
    """Take a year's official calendar in, in place of one loaded before, which is kept; the same again changes nothing.

    Raises BadInput naming everything that cannot be in a year's notice.
    """
    if errors := [FieldError("/calendar", text) for text in working_days.problems(calendar)]:
        raise BadInput(errors=errors)
    content = msgspec.json.decode(msgspec.json.encode(calendar))
    for held in await store.in_force(tx):
        if (held.kind, held.key, held.content) == ("calendar", calendar.key, content):
            return held
    who = (by.id, by.name) if by else (None, "")
    entry = Entry(new_id(), "calendar", calendar.key, content, clock.now(), *who)
    await store.add(tx, entry)
    detail = {"kind": entry.kind, "key": entry.key}
    await AUDIT.run(tx, **audit_row(region, entry.loaded_by, "load-law", detail=detail))
    return entry
