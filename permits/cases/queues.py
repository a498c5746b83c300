"""Lists of cases: one's own, a desk's queue, a search. Ages and days left are worked out when they are read.

One statement a list, keyset pages, names opened only for the rows shown.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import ARRAY, ColumnElement, String, and_, any_, bindparam, func, literal_column, or_, select, tuple_

from permits.cases import sealing
from permits.cases.model import Claim, State
from permits.cases.store import REGION, bind
from permits.cases.tables import cases, component, correction
from permits.db.crypto import Keys
from permits.db.statements import Statement, statement

PAGE = 50
"""Rows of a page."""
QUEUES: dict[str, tuple[State, ...]] = {
    "window": ("submitted", "correction"),
    "hand-out": ("granted", "refused"),
    "review": ("accepted", "review", "special-procedure"),
    "decision": ("recommended",),
    "open": ("submitted", "correction", "accepted", "review", "special-procedure", "recommended", "granted", "refused"),
    "ended": ("closed", "not-accepted", "withdrawn", "terminated"),
}
"""Each desk's queue as states."""


class Line(msgspec.Struct, frozen=True):
    """One row of a list of cases."""

    id: uuid.UUID
    number: str
    procedure: str
    joint: bool
    state: State
    category: str | None
    nationality: str | None
    employer: str | None
    surname: str
    given_names: str
    chinese_name: str
    due: dt.date | None
    legal_due: dt.date | None
    created_at: dt.datetime
    submitted_at: dt.datetime | None
    closed_at: dt.datetime | None
    claim: Claim | None
    parts: dict[str, str]
    """Status of each component."""
    open_corrections: int
    handed_out: bool
    version: int
    deleted: bool = False


part_statuses = (
    select(func.jsonb_object_agg(component.c.kind, component.c.status))
    .where(component.c.region == cases.c.region, component.c.case_id == cases.c.id)
    .correlate(cases)
    .scalar_subquery()
)
"""Status of each component of a case, as an object."""
open_corrections = (
    select(func.count())
    .where(
        correction.c.region == cases.c.region, correction.c.case_id == cases.c.id, correction.c.answered_at.is_(None)
    )
    .correlate(cases)
    .scalar_subquery()
)
"""How many corrections of a case wait for an answer."""
COLUMNS = (
    *(cases.c[name] for name in ("region", "id", "number", "procedure", "joint", "state", "category", "personal")),
    *(cases.c[name] for name in ("due", "legal_due", "created_at", "submitted_at", "closed_at", "claim", "version")),
    cases.c.employer["name"].astext.label("employer"),
    cases.c.beneficiary["nationality"].astext.label("nationality"),
    cases.c.hand_out.is_not(None).label("handed_out"),
    cases.c.deleted_at.is_not(None).label("deleted"),
    part_statuses.label("parts"),
    open_corrections.label("open_corrections"),
)
"""What a line is read from."""
_STATES = bindparam("states", type_=ARRAY(String))
_LIVE = and_(cases.c.region == REGION, cases.c.deleted_at.is_(None))
NO_DUE_DATE = dt.date(9999, 12, 31)
"""Where cases without a due date stand in a list."""
_order = func.coalesce(cases.c.due, NO_DUE_DATE)

MINE = statement(
    select(*COLUMNS)
    .where(
        cases.c.region == REGION,
        cases.c.filed_by == bind("filed_by", cases.c.filed_by),
        or_(cases.c.deleted_at.is_(None), cases.c.deleted_at > bind("since", cases.c.deleted_at)),
    )
    .order_by(cases.c.id.desc())
    .limit(200)
)


def _queue(*conditions: ColumnElement[bool]) -> Statement:
    after = tuple_(_order, cases.c.id) > tuple_(bind("after_due", cases.c.due), bind("after_id", cases.c.id))
    page = select(*COLUMNS).where(_LIVE, cases.c.state == any_(_STATES), after, *conditions)
    return statement(page.order_by(_order, cases.c.id).limit(bindparam("size")))


_DUE = or_(bind("due_before", cases.c.due).is_(None), cases.c.due < bind("due_before", cases.c.due))
_CLAIMED = or_(
    bind("claimed_by", cases.c.number).is_(None), cases.c.claim["by"].astext == bind("claimed_by", cases.c.number)
)
_NUMBERED = or_(bind("q", cases.c.number).is_(None), cases.c.number == bind("q", cases.c.number))
QUEUE = _queue(_DUE, _CLAIMED, _NUMBERED)
COUNTS = statement(
    select(cases.c.state, func.count().label("count")).where(_LIVE, cases.c.state != "draft").group_by(cases.c.state)
)

_FOUND = select(*COLUMNS).where(_LIVE, cases.c.state != "draft").order_by(cases.c.id.desc()).limit(PAGE)
BY_PASSPORT = statement(
    _FOUND.where(cases.c.passport_index == any_(bindparam("found", type_=ARRAY(cases.c.passport_index.type))))
)
BY_NAME = statement(_FOUND.where(cases.c.name_index.contains(bindparam("found", type_=cases.c.name_index.type))))
BY_EMPLOYER = statement(
    _FOUND.where(
        or_(
            cases.c.employer["credit_code"].astext == func.upper(bind("found", cases.c.number)),
            func.strpos(cases.c.employer["name"].astext, bind("found", cases.c.number)) > 0,
        )
    )
)
BY_PERMIT = statement(
    _FOUND.where(
        select(component.c.case_id)
        .where(
            component.c.region == cases.c.region,
            component.c.case_id == cases.c.id,
            component.c.kind == "work_permit",
            component.c.facts["permit_number"].astext == bind("found", cases.c.number),
        )
        .exists()
    )
)

FILED = statement(
    select(func.count())
    .select_from(cases)
    .where(
        cases.c.region == REGION,
        cases.c.filed_by == bind("filed_by", cases.c.filed_by),
        cases.c.id == any_(bindparam("found", type_=ARRAY(cases.c.id.type))),
    )
)


async def filed_any(
    tx: asyncpg.Connection, region: str, account_id: uuid.UUID, case_ids: Iterable[uuid.UUID | None]
) -> bool:
    """Whether a person filed one of these cases, and so is a party of what was decided in it."""
    found = [case_id for case_id in case_ids if case_id is not None]
    return bool(await FILED.value(tx, region=region, filed_by=account_id, found=found))


_work = component.alias("work")
_number = _work.c.facts.op("->>")(literal_column("'permit_number'"))
PERMITS = statement(
    select(_number.label("number"))
    .select_from(cases.join(_work, and_(_work.c.region == cases.c.region, _work.c.case_id == cases.c.id)))
    .where(
        cases.c.region == REGION,
        cases.c.filed_by == bind("filed_by", cases.c.filed_by),
        _work.c.kind == literal_column("'work_permit'"),
        _work.c.status == literal_column("'granted'"),
    )
    .group_by(_number)
    .order_by(func.max(cases.c.decided_at).desc())
    .limit(PAGE)
)


async def permit_numbers(tx: asyncpg.Connection, region: str, account_id: uuid.UUID) -> list[str]:
    """The numbers of the permits that were granted in one's own cases, the latest first."""
    return [row["number"] for row in await PERMITS.all(tx, region=region, filed_by=account_id)]


def opened(records: Iterable[asyncpg.Record], keys: Keys) -> list[Line]:
    """Rows of `COLUMNS` as lines, with their names opened."""
    return [_line(dict(record), keys) for record in records]


def _line(row: dict[str, Any], keys: Keys) -> Line:
    holder = sealing.personal(row, keys).get("beneficiary", {})
    names = {name: holder.get(name) or "" for name in ("surname", "given_names", "chinese_name")}
    known = {name: row[name] for name in Line.__struct_fields__ if name in row}
    return msgspec.convert(known | names | {"parts": row["parts"] or {}}, Line)


async def mine(
    tx: asyncpg.Connection, keys: Keys, region: str, account_id: uuid.UUID, since: dt.datetime
) -> list[Line]:
    """One's own cases, the newest first; drafts discarded after `since` among them, marked."""
    return opened(await MINE.all(tx, region=region, filed_by=account_id, since=since), keys)


async def queue(
    tx: asyncpg.Connection,
    keys: Keys,
    region: str,
    states: Iterable[str],
    *,
    due_before: dt.date | None = None,
    claimed_by: uuid.UUID | None = None,
    q: str | None = None,
    after: tuple[dt.date, uuid.UUID] | None = None,
    size: int = PAGE,
) -> list[Line]:
    """A page of the cases in these states by due date, the soonest first."""
    due, last = after or (dt.date(1, 1, 1), uuid.UUID(int=0))
    records = await QUEUE.all(
        tx,
        region=region,
        states=list(states),
        due_before=due_before,
        claimed_by=str(claimed_by) if claimed_by else None,
        q=q,
        after_due=due,
        after_id=last,
        size=size,
    )
    return opened(records, keys)


def place(line: Line) -> tuple[dt.date, uuid.UUID]:
    """Where a page that ends with this line goes on."""
    return line.due or NO_DUE_DATE, line.id


async def counts(tx: asyncpg.Connection, region: str) -> dict[str, int]:
    """How many submitted cases stand in each state."""
    return {row["state"]: row["count"] for row in await COUNTS.all(tx, region=region)}


async def by_passport(
    tx: asyncpg.Connection, keys: Keys, region: str, number: str, nations: Iterable[str]
) -> list[Line]:
    """The cases of a passport number, of any of these nationalities."""
    found = [keys.passport_index(nation, number) for nation in nations]
    return opened(await BY_PASSPORT.all(tx, region=region, found=found), keys)


async def by_name(tx: asyncpg.Connection, keys: Keys, region: str, name: str) -> list[Line]:
    """The cases of people whose name has all these words."""
    return opened(await BY_NAME.all(tx, region=region, found=sealing.words(name, keys)), keys)


async def by_employer(tx: asyncpg.Connection, keys: Keys, region: str, employer: str) -> list[Line]:
    """The cases of an employer, by credit code or a part of its name."""
    return opened(await BY_EMPLOYER.all(tx, region=region, found=employer), keys)


async def by_permit(tx: asyncpg.Connection, keys: Keys, region: str, number: str) -> list[Line]:
    """The cases in which a permit was granted."""
    return opened(await BY_PERMIT.all(tx, region=region, found=number), keys)
