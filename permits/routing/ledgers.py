"""The comparison of books (对账) in SQL: runs, what they cover, and what the agencies said."""

import datetime as dt
import uuid
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import DateTime, and_, bindparam, case, exists, func, literal_column, select, true, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import distinct_on

from permits.cases.tables import cases, component
from permits.clock import CITY
from permits.db.statements import statement
from permits.routing.tables import message, reconciliation, stream


class Run(msgspec.Struct, frozen=True):
    """One comparison with one agency."""

    id: uuid.UUID
    agency: str
    asked_by: uuid.UUID | None
    """Empty: the nightly run."""
    started_at: dt.datetime
    """Office time."""
    finished_at: dt.datetime | None
    cases: int
    """Cases compared."""
    checks: int
    """Comparisons made."""
    differences: int
    """Found by this run, new or known."""
    problem: str | None
    listed: int | None = None
    """Cases of theirs that they have listed so far; None: they have listed none."""
    list_page: int = 1
    """The page of their list to ask for next."""
    list_after: str | None = None
    """Where that page begins, in their words."""
    list_ended: bool = False
    """No further page is asked for."""
    list_problem: str | None = None
    """Why their list is not whole."""


class Asked(msgspec.Struct, frozen=True):
    """A case of a run, and the agency's answer where it has come."""

    case_id: uuid.UUID
    case_number: str
    component: str
    """Status of the agency's part."""
    asked_at: dt.datetime
    answer_id: uuid.UUID | None
    answer_sequence: int | None
    answer: bytes | None
    """The exact bytes of the status, sealed."""


_HERE: Any = bindparam("region")
_NOW = bindparam("now", type_=DateTime(timezone=True))
_SINCE = bindparam("since", type_=DateTime(timezone=True))
_RUN_COLUMNS = tuple(reconciliation.c[name] for name in Run.__struct_fields__)

_BEGIN = statement(plain_insert(reconciliation))
_LATEST = statement(
    select(*_RUN_COLUMNS)
    .ext(distinct_on(reconciliation.c.agency))
    .where(reconciliation.c.region == _HERE)
    .order_by(reconciliation.c.agency, reconciliation.c.id.desc())
)
_ONE = statement(
    select(*_RUN_COLUMNS).where(reconciliation.c.region == _HERE, reconciliation.c.id == bindparam("run_id"))
)
_UNFINISHED = statement(
    select(*_RUN_COLUMNS)
    .where(reconciliation.c.region == _HERE, reconciliation.c.finished_at.is_(None))
    .order_by(reconciliation.c.id)
)
_NIGHTLY = statement(
    select(func.max(reconciliation.c.started_at)).where(
        reconciliation.c.region == _HERE,
        reconciliation.c.agency == bindparam("agency"),
        reconciliation.c.asked_by.is_(None),
    )
)
_ALL_WELL = statement(
    select(func.max(reconciliation.c.finished_at)).where(
        reconciliation.c.region == _HERE,
        reconciliation.c.agency == bindparam("agency"),
        reconciliation.c.differences == 0,
        reconciliation.c.problem.is_(None),
    )
)
_FINISH = statement(
    update(reconciliation)
    .where(
        reconciliation.c.region == _HERE,
        reconciliation.c.id == bindparam("run_id"),
        reconciliation.c.finished_at.is_(None),
    )
    .values(
        {
            name: bindparam(f"new_{name}", type_=reconciliation.c[name].type)
            for name in ("finished_at", "cases", "checks", "differences", "problem")
        }
    )
    .returning(reconciliation.c.id)
)

_asked = (
    select(message.c.id)
    .where(
        message.c.region == stream.c.region,
        message.c.case_id == stream.c.case_id,
        message.c.agency == stream.c.agency,
        message.c.direction == literal_column("'out'"),
        message.c.kind == literal_column("'status-request'"),
        message.c.created_at >= _SINCE,
    )
    .correlate(stream)
)
_COVERED = (
    stream.c.region == _HERE,
    cases.c.region == _HERE,
    stream.c.agency == bindparam("agency"),
    stream.c.last_out > 0,
    func.coalesce(cases.c.closed_at, _NOW) > bindparam("ended", type_=DateTime(timezone=True)),
)
_its_case = and_(cases.c.region == stream.c.region, cases.c.id == stream.c.case_id)
_TO_ASK = statement(
    select(stream.c.case_id, stream.c.case_number)
    .join(cases, _its_case)
    .where(*_COVERED, ~exists(_asked))
    .order_by(stream.c.case_id)
    .limit(bindparam("most"))
)
_question, _answer = message.alias("question"), message.alias("answer")
_first = (
    select(func.min(_question.c.created_at).label("asked_at"))
    .where(
        _question.c.region == stream.c.region,
        _question.c.case_id == stream.c.case_id,
        _question.c.agency == stream.c.agency,
        _question.c.direction == literal_column("'out'"),
        _question.c.kind == literal_column("'status-request'"),
        _question.c.created_at >= _SINCE,
    )
    .correlate(stream)
    .lateral("first")
)
_last = (
    select(_answer.c.id, _answer.c.sequence, _answer.c.body)
    .where(
        _answer.c.region == stream.c.region,
        _answer.c.case_id == stream.c.case_id,
        _answer.c.agency == stream.c.agency,
        _answer.c.direction == literal_column("'in'"),
        _answer.c.kind == literal_column("'status'"),
        _answer.c.status == literal_column("'applied'"),
        _answer.c.created_at >= _first.c.asked_at,
    )
    .order_by(_answer.c.sequence.desc())
    .limit(1)
    .correlate(stream, _first)
    .lateral("last")
)
_part = case(
    (stream.c.agency == literal_column("'police'"), literal_column("'residence_permit'")),
    else_=literal_column("'window'"),
)
_ASKED = statement(
    select(
        stream.c.case_id,
        stream.c.case_number,
        func.coalesce(component.c.status, literal_column("'queued'")).label("component"),
        _first.c.asked_at,
        _last.c.id.label("answer_id"),
        _last.c.sequence.label("answer_sequence"),
        _last.c.body.label("answer"),
    )
    .select_from(
        stream.join(_first, true())
        .outerjoin(_last, true())
        .outerjoin(
            component,
            and_(
                component.c.region == stream.c.region,
                component.c.case_id == stream.c.case_id,
                component.c.kind == _part,
            ),
        )
    )
    .where(stream.c.region == _HERE, stream.c.agency == bindparam("agency"), _first.c.asked_at.is_not(None))
    .order_by(stream.c.case_id)
)
_SILENT = statement(
    select(func.count())
    .select_from(stream.join(_first, true()).outerjoin(_last, true()))
    .where(
        stream.c.region == _HERE,
        stream.c.agency == bindparam("agency"),
        _first.c.asked_at.is_not(None),
        _last.c.id.is_(None),
    )
)


async def begin(tx: asyncpg.Connection, region: str, run: Run) -> None:
    """Write a run that has begun."""
    await _BEGIN.run(tx, region=region, **msgspec.structs.asdict(run))


async def latest(tx: asyncpg.Connection, region: str) -> list[Run]:
    """The last run of each agency."""
    return [_local(run) for run in await _LATEST.structs(tx, Run, region=region)]


async def one(tx: asyncpg.Connection, region: str, run_id: uuid.UUID) -> Run | None:
    """A run."""
    return next((_local(run) for run in await _ONE.structs(tx, Run, region=region, run_id=run_id)), None)


def _local(run: Run) -> Run:
    ended = run.finished_at and run.finished_at.astimezone(CITY)
    return msgspec.structs.replace(run, started_at=run.started_at.astimezone(CITY), finished_at=ended)


async def unfinished(tx: asyncpg.Connection, region: str) -> list[Run]:
    """Runs under way."""
    return await _UNFINISHED.structs(tx, Run, region=region)


async def last_nightly(tx: asyncpg.Connection, region: str, agency: str) -> dt.datetime | None:
    """When the last nightly run of an agency began."""
    found: dt.datetime | None = await _NIGHTLY.value(tx, region=region, agency=agency)
    return found


async def last_well(tx: asyncpg.Connection, region: str, agency: str) -> dt.datetime | None:
    """When a run last found both books the same."""
    found: dt.datetime | None = await _ALL_WELL.value(tx, region=region, agency=agency)
    return found and found.astimezone(CITY)


async def to_ask(
    tx: asyncpg.Connection,
    region: str,
    agency: str,
    since: dt.datetime,
    ended: dt.datetime,
    now: dt.datetime,
    most: int,
) -> list[tuple[uuid.UUID, str]]:
    """Cases that a run has yet to ask about, open or closed after `ended`; `since` is machine time of its beginning."""
    rows = await _TO_ASK.all(tx, region=region, agency=agency, since=since, ended=ended, now=now, most=most)
    return [(row["case_id"], row["case_number"]) for row in rows]


async def silent(tx: asyncpg.Connection, region: str, agency: str, since: dt.datetime) -> int:
    """How many cases asked about since then, machine time, have no answer yet."""
    return int(await _SILENT.value(tx, region=region, agency=agency, since=since))


async def asked(tx: asyncpg.Connection, region: str, agency: str, since: dt.datetime) -> list[Asked]:
    """Cases asked about since then, machine time, with what was answered."""
    return await _ASKED.structs(tx, Asked, region=region, agency=agency, since=since)


async def finish(tx: asyncpg.Connection, region: str, run_id: uuid.UUID, **outcome: Any) -> bool:
    """Note how a run ended; False where another process noted it."""
    given = {f"new_{name}": value for name, value in outcome.items()}
    return await _FINISH.value(tx, region=region, run_id=run_id, **given) is not None
