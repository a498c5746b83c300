"""What time alone does to open cases: due dates as the calendar has them now, and silence about to mean something.

Safe to repeat: a case is written only where something is new, each in a transaction of its own. It decides nothing.
"""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import msgspec
import structlog
from sqlalchemy import ARRAY, String, and_, any_, bindparam, func, insert, literal_column, select, update

from permits import clock as office_clock
from permits.accounts.audit import AUDIT, audit_row, look_row
from permits.cases import clocks, extending, outbox, store, tables, writing
from permits.cases.cautions import pending
from permits.cases.clocks import RUNNING
from permits.cases.guards import EXTENDED_BY_LAW
from permits.cases.model import Case, Clock, Event
from permits.cases.outbox import Happening
from permits.cases.store import REGION, bind
from permits.cases.tables import cases, event
from permits.db.database import Database
from permits.db.ids import new_id
from permits.db.statements import statement
from permits.errors import Unavailable
from permits.office import Office
from permits.rules.silence import Silence

log = structlog.get_logger(__name__)

BATCH = 200
"""Cases looked at in one read."""
MOVED = "deadline-moved"
RAISED, HAPPENED = "silence-near", "silence-happened"

_mine = and_(tables.clock.c.region == cases.c.region, tables.clock.c.case_id == cases.c.id)
_open = and_(_mine, tables.clock.c.state == any_(bindparam("states", type_=ARRAY(String))))
_row = func.to_jsonb(literal_column("clock"))
_clocks = select(func.jsonb_agg(_row)).select_from(tables.clock).where(_open).correlate(cases).scalar_subquery()
OPEN = statement(
    select(cases.c.id, cases.c.state, cases.c.procedure, _clocks.label("clocks"))
    .where(cases.c.region == REGION, cases.c.id > bind("after", cases.c.id))
    .where(select(tables.clock.c.step).where(_open).exists())
    .order_by(cases.c.id)
    .limit(bindparam("size"))
)
"""Open cases with their clocks, a batch in the order of their ids; nothing personal is opened."""
SETTLED = statement(
    update(tables.clock)
    .where(
        tables.clock.c.region == REGION,
        tables.clock.c.case_id == bind("case_id", tables.clock.c.case_id),
        tables.clock.c.state == any_(bindparam("states", type_=ARRAY(String))),
        tables.clock.c.due == bind("due", tables.clock.c.due),
    )
    .values(provisional=bind("provisional", tables.clock.c.provisional))
)
"""A date that stays and is official now, or no longer: no event, and no new version for whoever has the case open."""
STANDING = statement(
    select(tables.clock.c.provisional, func.count().label("count"))
    .where(tables.clock.c.region == REGION, tables.clock.c.state == any_(bindparam("states", type_=ARRAY(String))))
    .group_by(tables.clock.c.provisional)
)
MOVED_SINCE = statement(
    select(func.count())
    .select_from(event)
    .where(
        event.c.region == REGION,
        event.c.kind == literal_column("'deadline-moved'"),
        event.c.at >= bind("since", event.c.at),
    )
)


NOTE = statement(insert(event).values({c.name: bind(c.name, c) for c in event.c}))
"""An entry on the timeline by itself: a fact that changes nothing of the case, nor its version."""


class Swept(msgspec.Struct, frozen=True):
    """What a sweep found and did."""

    looked: int = 0
    """Open cases."""
    moved: int = 0
    """Cases with a due date that moved."""
    raised: int = 0
    """Cases of which people were told what silence means."""
    failed: int = 0
    """Cases that could not be looked through."""


class Found(msgspec.Struct, frozen=True):
    """An open case with its running and paused clocks."""

    id: uuid.UUID
    state: str
    procedure: str
    clocks: tuple[Clock, ...]


class Standing(msgspec.Struct, frozen=True):
    """Open deadlines as they stand."""

    running: int
    provisional: int
    """Of these, those that a calendar not yet official may still move."""


async def sweep(database: Database, office: Office, region: str) -> Swept:
    """Look through a city's open cases once."""
    counts = Counter[str]()
    async for found in _open_cases(database, region):
        counts["looked"] += 1
        try:
            counts.update(await _swept(database, office, region, found))
        except Unavailable:
            raise
        except Exception as error:  # one case that cannot be read keeps no other from its dates
            counts["failed"] += 1
            log.warning("an open case could not be looked through", case=str(found.id), error=type(error).__name__)
    return Swept(**counts)


async def _swept(database: Database, office: Office, region: str, found: Found) -> dict[str, int]:
    moved = raised = 0
    if any(clocks.reckoned(office.law, one) != one for one in found.clocks):
        moved = await _recompute(database, office, region, found.id)
    if _may_be_silent(found):
        raised = await _raise(database, office, region, found.id)
    return {"moved": moved, "raised": raised}


async def _open_cases(database: Database, region: str) -> AsyncIterator[Found]:
    after = uuid.UUID(int=0)
    while True:
        async with database.transaction(region) as tx:
            found = await OPEN.structs(tx, Found, region=region, after=after, size=BATCH, states=list(RUNNING))
        for one in found:
            yield one
        if len(found) < BATCH:
            return
        after = found[-1].id


def _may_be_silent(found: Found) -> bool:
    return found.state == "submitted" or found.procedure == "extend"


async def _recompute(database: Database, office: Office, region: str, case_id: uuid.UUID) -> int:
    """Bring a case's due dates up to the calendar; 1 where one moved."""
    async with database.transaction(region) as tx:
        case = await store.lock_id(tx, office.keys, region, case_id)
        if case is None:
            return 0
        after = clocks.recomputed(case, office.law)
        moves = [*_moves(case, after)]
        if not moves:
            await _settle(tx, case, after)
            return 0
        happened = _event(MOVED, {"years": _years(moves), "moves": moves})
        audit = look_row(region, None, MOVED, subject=case.row.number)
        await writing.save(tx, case, after, happened, audit, machine_now=office_clock.machine_now())
        return 1


def _moves(before: Case, after: Case) -> Sequence[dict[str, str]]:
    both = zip(before.clocks, after.clocks, strict=True)
    return [
        {"step": new.step, "basis": new.basis, "before": str(old.due), "after": str(new.due)}
        for old, new in both
        if old.due != new.due
    ]


def _years(moves: Sequence[dict[str, str]]) -> list[str]:
    return sorted({move[end][:4] for move in moves for end in ("before", "after")})


async def _settle(tx: asyncpg.Connection, case: Case, after: Case) -> None:
    for one in {(new.due, new.provisional) for new in after.clocks if new not in case.clocks}:
        due, provisional = one
        key = {"region": case.row.region, "case_id": case.row.id}
        await SETTLED.run(tx, **key, due=due, provisional=provisional, states=list(RUNNING))


def _event(kind: str, detail: dict[str, Any]) -> Event:
    return Event(new_id(), kind, office_clock.now(), role="office", detail=detail)


async def _raise(database: Database, office: Office, region: str, case_id: uuid.UUID) -> int:
    """Tell people what silence is about to mean, or has come to mean, for a case; 1 where they did not know yet."""
    async with database.transaction(region) as tx:
        case = await store.lock_id(tx, office.keys, region, case_id)
        if case is None:
            return 0
        await _extend(tx, office, case)
        found = pending(case, office.law)
        if found is None:
            return 0
        kind = {"raised": RAISED, "happened": HAPPENED}.get(found.state(office_clock.today()))
        if kind is None or _told(case, kind, found):
            return 0
        await _note(tx, case, _event(kind, _fact(found)))
        return 1


async def _extend(tx: asyncpg.Connection, office: Office, case: Case) -> None:
    """Write into the register what the law has extended by itself (Art. 50), once."""
    last = extending.until(case, office.law, office_clock.today())
    if last is None or case.last_event(EXTENDED_BY_LAW) is not None:
        return
    await extending.write(tx, office, case, last)
    await _note(tx, case, _event(EXTENDED_BY_LAW, {"until": str(last)}))


async def _note(tx: asyncpg.Connection, case: Case, happened: Event) -> None:
    region, case_id = case.row.region, case.row.id
    await NOTE.run(tx, region=region, case_id=case_id, **msgspec.structs.asdict(happened))
    await AUDIT.run(tx, **audit_row(region, None, happened.kind, case_id=case_id, subject=case.row.number))
    await outbox.add(tx, Happening(region, happened.id, case_id, happened.kind), office_clock.machine_now())


def _fact(found: Silence) -> dict[str, Any]:
    return {"silence": found.kind, "last_day": str(found.last_day), "counts_from": str(found.counts_from)}


def _told(case: Case, kind: str, found: Silence) -> bool:
    """Whether it stands on the timeline already, for the same papers."""
    since = str(found.counts_from)
    return any(e.kind == kind and e.detail.get("counts_from") == since for e in case.timeline)


async def standing(tx: asyncpg.Connection, region: str) -> Standing:
    """How many deadlines run, and how many of them are provisional."""
    found = {row["provisional"]: row["count"] for row in await STANDING.all(tx, region=region, states=list(RUNNING))}
    return Standing(sum(found.values()), found.get(True, 0))


async def moved_since(tx: asyncpg.Connection, region: str, since: dt.datetime) -> int:
    """In how many cases a due date moved since an instant of office time."""
    return int(await MOVED_SINCE.value(tx, region=region, since=since))
