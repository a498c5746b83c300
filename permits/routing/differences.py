"""Differences between two books in SQL: found by runs, ended by a person's word, or gone at a later run."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import ColumnElement, DateTime, Uuid, bindparam, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from permits.db.ids import new_id
from permits.db.statements import Statement, statement
from permits.routing.comparing import Difference
from permits.routing.ledgers import Asked, Run
from permits.routing.tables import difference


class Task(msgspec.Struct, frozen=True):
    """A difference that a person must look at."""

    id: uuid.UUID
    agency: str
    case_id: uuid.UUID | None
    """None: no case of ours has that number."""
    case_number: str
    field: str
    """state, a message's way, place and kind, or case: whether there is one."""
    ours: str | None
    theirs: str | None
    found_at: dt.datetime
    state: str
    settled_at: dt.datetime | None
    settled_name: str | None
    why: str | None


_HERE: Any = bindparam("region")
_NOW = bindparam("now", type_=DateTime(timezone=True))
_TASK_COLUMNS = tuple(difference.c[name] for name in Task.__struct_fields__)
_OPEN: Any = difference.c.state == literal_column("'open'")
_row = upsert(difference)
_FOUND = statement(
    _row.on_conflict_do_update(
        index_elements=["region", "agency", "case_number", "field"],
        index_where=_OPEN,
        set_={name: _row.excluded[name] for name in ("ours", "theirs", "seen_in")},
    )
)
_KNOWN = statement(
    select(difference.c.field, difference.c.ours, difference.c.theirs).where(
        difference.c.region == _HERE,
        difference.c.agency == bindparam("agency"),
        difference.c.case_number == bindparam("case_number"),
        difference.c.settled_by.is_not(None),
    )
)


def _gone(which: ColumnElement[bool]) -> Statement:
    """Of the open ones of an agency, these, where a run no longer finds them."""
    here = (difference.c.region == _HERE, difference.c.agency == bindparam("agency"), which)
    unseen = difference.c.seen_in != bindparam("run_id", type_=Uuid)
    settled = {"state": literal_column("'settled'"), "settled_at": _NOW, "why": literal_column("'gone'")}
    return statement(update(difference).where(*here, unseen, _OPEN).values(**settled))


_GONE = _gone(difference.c.case_number == bindparam("case_number"))
_NO_LONGER_LISTED = _gone(difference.c.field == literal_column("'case'"))
_LISTED = statement(
    update(difference)
    .where(
        difference.c.region == _HERE,
        difference.c.agency == bindparam("agency"),
        difference.c.field == literal_column("'case'"),
        difference.c.seen_in != bindparam("run_id", type_=Uuid),
        _OPEN,
    )
    .values(state=literal_column("'settled'"), settled_at=_NOW, why=literal_column("'gone'"))
)
_LISTED = statement(
    select(func.count()).where(
        difference.c.region == _HERE,
        difference.c.field == literal_column("'case'"),
        difference.c.seen_in == bindparam("run_id", type_=Uuid),
        _OPEN,
    )
)
_TASKS = statement(
    select(*_TASK_COLUMNS)
    .where(difference.c.region == _HERE, _OPEN)
    .order_by(difference.c.found_at, difference.c.id)
    .limit(bindparam("most"))
)
_TASK = statement(select(*_TASK_COLUMNS).where(difference.c.region == _HERE, difference.c.id == bindparam("task_id")))
_SETTLE = statement(
    update(difference)
    .where(difference.c.region == _HERE, difference.c.id == bindparam("task_id"), _OPEN)
    .values(
        state=literal_column("'settled'"),
        settled_at=_NOW,
        settled_by=bindparam("by", type_=Uuid),
        settled_name=bindparam("name"),
        why=bindparam("reasons"),
    )
    .returning(difference.c.id)
)


async def note(
    tx: asyncpg.Connection,
    region: str,
    run: Run,
    case: Asked,
    found: tuple[Difference, ...],
    at: dt.datetime,
) -> int:
    """Write what a run found of a case, and end what it no longer found; how many are open. Settled ones stay so."""
    fresh = await _write(tx, region, run, (case.case_number, case.case_id), found, at)
    names = {"region": region, "agency": run.agency, "case_number": case.case_number}
    await _GONE.run(tx, **names, run_id=run.id, now=at)
    return fresh


async def _write(
    tx: asyncpg.Connection,
    region: str,
    run: Run,
    case: tuple[str, uuid.UUID | None],
    found: Sequence[Difference],
    at: dt.datetime,
) -> int:
    """Write what was found of a case unless a person has settled the very same; how many are open."""
    names = {"region": region, "agency": run.agency, "case_number": case[0]}
    known = {tuple(row) for row in await _KNOWN.all(tx, **names)}
    blank = {column.name: None for column in difference.c}
    fresh = [one for one in found if (one.field, one.ours, one.theirs) not in known]
    for one in fresh:
        row = {"id": new_id(), "run_id": run.id, "seen_in": run.id, "case_id": case[1], "found_at": at, "state": "open"}
        await _FOUND.run(tx, **blank | names | row | msgspec.structs.asdict(one))
    return len(fresh)


async def listed(
    tx: asyncpg.Connection,
    region: str,
    run: Run,
    found: Sequence[tuple[str, uuid.UUID | None, Difference]],
    at: dt.datetime,
) -> None:
    """Write the cases of a page of the agency's list that we do not know: number, our case where there is one, why."""
    for number, case_id, one in found:
        await _write(tx, region, run, (number, case_id), [one], at)


async def no_longer_listed(tx: asyncpg.Connection, region: str, run: Run, at: dt.datetime) -> None:
    """The list was read to its end: what an earlier one had and this one has not is gone."""
    await _NO_LONGER_LISTED.run(tx, region=region, agency=run.agency, run_id=run.id, now=at)


async def listed_by(tx: asyncpg.Connection, region: str, run_id: uuid.UUID) -> int:
    """How many cases that we do not know a run found."""
    return int(await _LISTED.value(tx, region=region, run_id=run_id))


async def tasks(tx: asyncpg.Connection, region: str, most: int = 100) -> list[Task]:
    """Open differences, the oldest first."""
    return await _TASKS.structs(tx, Task, region=region, most=most)


async def task(tx: asyncpg.Connection, region: str, task_id: uuid.UUID) -> Task | None:
    """One of them."""
    return next(iter(await _TASK.structs(tx, Task, region=region, task_id=task_id)), None)


async def settle(
    tx: asyncpg.Connection, region: str, task_id: uuid.UUID, by: uuid.UUID, name: str, reasons: str, now: dt.datetime
) -> bool:
    """End a difference by a person's word; False where it is not open."""
    found = await _SETTLE.value(tx, region=region, task_id=task_id, by=by, name=name, reasons=reasons, now=now)
    return found is not None
