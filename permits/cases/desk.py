"""What a desk asks of the queue: a page of it filtered every way, and how many cases stand behind each filter.

The counts and the page share their conditions, so a figure is always the length of the list behind it.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import NamedTuple

import asyncpg
import msgspec
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    DateTime,
    String,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy import literal_column as literal

from permits.accounts.tables import audit
from permits.cases.claims import CLAIM_HOURS, desk_of
from permits.cases.model import ENDED, OPEN, SETTLED, State
from permits.cases.queues import COLUMNS, NO_DUE_DATE, PAGE, Line, open_corrections, opened, part_statuses
from permits.cases.store import REGION, bind
from permits.cases.tables import cases
from permits.db.crypto import Keys
from permits.db.statements import statement

RUNNING: tuple[State, ...] = (*OPEN, "granted", "refused")
"""States in which somebody still has something to do."""
WINDOW_STATES = tuple(state for state in RUNNING if desk_of(state) == "window")


class Filter(msgspec.Struct, frozen=True):
    """What a list is narrowed by; an empty field narrows nothing."""

    states: tuple[str, ...] = RUNNING
    waiting: str | None = None
    procedure: str | None = None
    category: str | None = None
    light: str | None = None
    held: str | None = None
    due_by: dt.date | None = None


class Asker(msgspec.Struct, frozen=True):
    """Who looks, and when: the lights depend on the day, "mine" on the person."""

    region: str
    account_id: uuid.UUID
    now: dt.datetime
    soon: dt.date
    """Up to this day a due date counts as soon."""


class Group(msgspec.Struct, frozen=True):
    """So many cases that are alike in everything a list is narrowed by."""

    state: str
    waiting: str
    procedure: str
    category: str
    """Empty while it is not known."""
    light: str
    """late, soon, fine, pause or done."""
    held: str
    """mine, free, other, or nobody where no claim is needed."""
    today: bool
    """Whether the promised day is today or past."""
    count: int


class Seen(NamedTuple):
    """A case of a list with what it was found by."""

    line: Line
    waiting: str
    light: str
    held: str


def _is(name: str) -> ColumnElement[bool]:
    return cases.c.state == any_(bindparam(name, type_=ARRAY(String)))


_ME, _SINCE = bind("me", cases.c.number), bindparam("since", type_=DateTime(timezone=True))
_TODAY, _SOON = bindparam("today", type_=Date), bindparam("soon", type_=Date)
_due = func.coalesce(cases.c.due, cases.c.legal_due)
_residence = func.coalesce(part_statuses.op("->>")("residence_permit"), literal("'not-wanted'"))
_settled = _residence == any_(bindparam("settled", type_=ARRAY(String)))
_waiting = case(
    (_is("ended"), literal("'nobody'")),
    (or_(cases.c.state == literal("'correction'"), open_corrections > literal("0")), literal("'applicant'")),
    (or_(_is("office"), and_(_settled, cases.c.hand_out.is_(None))), literal("'office'")),
    (~_settled, literal("'police'")),
    (part_statuses.op("->>")("window") == literal("'queued'"), literal("'approval-bureau'")),
    else_=literal("'nobody'"),
)
"""`lifecycle.waiting_on` in SQL; a test holds the two together."""
_light = case(
    (_is("ended"), literal("'done'")),
    (_due.is_(None), literal("'pause'")),
    (_due < _TODAY, literal("'late'")),
    (_due <= _SOON, literal("'soon'")),
    else_=literal("'fine'"),
)
_claimed = and_(
    cases.c.claim.is_not(None),
    cast(cases.c.claim["at"].astext, DateTime(timezone=True)) >= _SINCE,
    cases.c.claim["desk"].astext == case((_is("window"), literal("'window'")), else_=literal("'review'")),
)
_held = case(
    (_is("unclaimed"), literal("'nobody'")),
    (~func.coalesce(_claimed, literal("false")), literal("'free'")),
    (cases.c.claim["by"].astext == _ME, literal("'mine'")),
    else_=literal("'other'"),
)
_category, _late = func.coalesce(cases.c.category, literal("''")), func.coalesce(_due <= _TODAY, literal("false"))
_BASE = and_(cases.c.region == REGION, cases.c.deleted_at.is_(None), _is("states"))
_FACETS = (
    cases.c.state, _waiting.label("waiting"), cases.c.procedure, _category.label("category"),
    _light.label("light"), _held.label("held"), _late.label("today"),
)  # fmt: skip

_alike = select(*_FACETS).where(_BASE).subquery()
GROUPS = statement(select(*_alike.c, func.count().label("count")).group_by(*_alike.c))


def _narrowed(name: str, column: ColumnElement[str]) -> ColumnElement[bool]:
    wanted = bindparam(f"by_{name}", type_=String)
    return or_(wanted.is_(None), column == wanted)


_order = func.coalesce(_due, NO_DUE_DATE)
_AFTER_DUE, _AFTER_ID = bindparam("after_due", type_=Date), bind("after_id", cases.c.id)
_after = or_(_order > _AFTER_DUE, and_(_order == _AFTER_DUE, cases.c.id > _AFTER_ID))
_BY = {"waiting": _waiting, "procedure": cases.c.procedure, "category": _category, "light": _light, "held": _held}
_DUE_BY = bindparam("due_by", type_=Date)
ROWS = statement(
    select(*COLUMNS, _waiting.label("waiting"), _light.label("light"), _held.label("held"))
    .where(_BASE, _after, *(_narrowed(name, column) for name, column in _BY.items()))
    .where(or_(_DUE_BY.is_(None), _due <= _DUE_BY))
    .order_by(_order, cases.c.id)
    .limit(bindparam("size"))
)
SEEN = statement(
    select(cases.c.id, _waiting.label("waiting"), _light.label("light"), _held.label("held")).where(
        cases.c.region == REGION, cases.c.id == any_(bindparam("ids", type_=ARRAY(cases.c.id.type)))
    )
)
LAST_LOOK = statement(
    select(func.max(audit.c.office_at)).where(
        audit.c.region == bind("region", audit.c.region),
        audit.c.case_id == bind("case_id", audit.c.case_id),
        audit.c.account_id == bind("account_id", audit.c.account_id),
        audit.c.action == literal("'look'"),
        audit.c.office_at < bind("before", audit.c.office_at),
    )
)


def _asked_by(asker: Asker, states: Iterable[str]) -> dict[str, object]:
    return {
        "region": asker.region,
        "states": list(states),
        "ended": list(ENDED),
        "office": [*OPEN, "refused"],
        "settled": list(SETTLED),
        "window": list(WINDOW_STATES),
        "unclaimed": [*ENDED, "recommended", "granted", "refused"],
        "me": str(asker.account_id),
        "since": asker.now - dt.timedelta(hours=CLAIM_HOURS),
        "today": asker.now.date(),
        "soon": asker.soon,
    }


async def groups(tx: asyncpg.Connection, asker: Asker, states: Iterable[str] = RUNNING) -> list[Group]:
    """How many cases in these states are alike, over everything a list can be narrowed by."""
    return await GROUPS.structs(tx, Group, **_asked_by(asker, states))


async def rows(
    tx: asyncpg.Connection,
    keys: Keys,
    asker: Asker,
    by: Filter,
    *,
    after: tuple[dt.date, uuid.UUID] | None = None,
    size: int = PAGE,
) -> list[Seen]:
    """A page of the cases that pass a filter, the soonest due first."""
    due, last = after or (dt.date(1, 1, 1), uuid.UUID(int=0))
    narrowed = {f"by_{name}": getattr(by, name) for name in _BY}
    paging = {"due_by": by.due_by, "after_due": due, "after_id": last, "size": size}
    found = await ROWS.all(tx, **_asked_by(asker, by.states), **narrowed, **paging)
    lines = zip(opened(found, keys), found, strict=True)
    return [Seen(line, record["waiting"], record["light"], record["held"]) for line, record in lines]


async def as_seen(tx: asyncpg.Connection, asker: Asker, lines: list[Line]) -> list[Seen]:
    """Cases found some other way, with whose turn it is and their lights."""
    asked = _asked_by(asker, ())
    del asked["states"]
    records = await SEEN.all(tx, ids=[line.id for line in lines], **asked)
    found = {record["id"]: record for record in records}
    kept = [(line, found[line.id]) for line in lines if line.id in found]
    return [Seen(line, record["waiting"], record["light"], record["held"]) for line, record in kept]


def place(line: Line) -> tuple[dt.date, uuid.UUID]:
    """Where a page that ends with this line goes on."""
    return line.due or line.legal_due or NO_DUE_DATE, line.id


def passes(group: Group, by: Filter, today: dt.date) -> bool:
    """Whether the cases of a group pass a filter, as `rows` sees it; `due_by` may only be today."""
    assert by.due_by in (None, today)
    same = all(getattr(by, name) in (None, getattr(group, name)) for name in _BY)
    return same and group.state in by.states and (by.due_by is None or group.today)


async def last_look(
    tx: asyncpg.Connection, region: str, case_id: uuid.UUID, account_id: uuid.UUID, before: dt.datetime
) -> dt.datetime | None:
    """When this person last looked at a case before an instant of office time."""
    asked = {"region": region, "case_id": case_id, "account_id": account_id, "before": before}
    found: dt.datetime | None = await LAST_LOOK.value(tx, **asked)
    return found
