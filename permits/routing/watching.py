"""What the board asks of the message log: traffic by the hour, what waits and since when, what an agency owes us.

It only reads. Messages are found by the time in their ids, so that a question about a day never reads a year.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import (
    ARRAY,
    DateTime,
    Float,
    String,
    and_,
    any_,
    bindparam,
    cast,
    exists,
    extract,
    func,
    literal_column,
    or_,
    select,
)

from permits.cases.tables import cases
from permits.clock import CITY
from permits.db.statements import statement
from permits.routing.tables import agency, message, stream
from permits.rules import working_days
from permits.rules.law import Law
from permits.rules.routing import AgencyLimit, agency_limits


class Standing(msgspec.Struct, frozen=True):
    """An agency's circuit, shared by all processes."""

    name: str
    breaker: str
    skew_ms: int | None
    heard_at: dt.datetime | None
    failed_at: dt.datetime | None
    failure: str | None
    breaker_since: dt.datetime | None
    retry_at: dt.datetime | None


class Waits(msgspec.Struct, frozen=True):
    """What is queued for an agency."""

    agency: str
    queued: int
    oldest: dt.datetime | None
    """Machine time at which the oldest of it was written."""


class Day(msgspec.Struct, frozen=True):
    """How a day went with an agency."""

    agency: str
    failed: int
    """Messages that did not get through at the first try, or were put aside."""
    median_s: float | None
    """Seconds from writing to the receipt, of those that got through at the first try."""


class Hour(msgspec.Struct, frozen=True):
    """An hour's traffic with an agency."""

    agency: str
    hour: dt.datetime
    """Its beginning."""
    sent: int
    failed: int
    """Of those sent."""
    received: int


class Undelivered(msgspec.Struct, frozen=True):
    """A message that an agency has not taken yet."""

    agency: str
    kind: str
    case_number: str
    created_at: dt.datetime
    attempts: int
    next_at: dt.datetime
    problem: str | None


class Awaited(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that an agency owes."""

    agency: str
    limit: AgencyLimit
    case_number: str
    since: dt.datetime
    """Office time of our message."""
    due: dt.date

    def late(self, today: dt.date) -> bool:
        """Whether the agency's own limit is over."""
        return today > self.due


_HERE: Any = bindparam("region")
_FROM: Any = bindparam("first")
_SINCE = bindparam("since", type_=DateTime(timezone=True))
_OUT: Any = message.c.direction == literal_column("'out'")
_QUEUED: Any = message.c.status == literal_column("'queued'")
_FAILED: Any = or_(
    message.c.status == literal_column("'quarantined'"),
    message.c.attempts > literal_column("1"),
    and_(_QUEUED, message.c.attempts > literal_column("0")),
)
_RECENT = (message.c.region == _HERE, message.c.id >= _FROM, message.c.at >= _SINCE)
_hour = func.date_trunc(literal_column("'hour'"), message.c.at)
_same_stream = and_(
    stream.c.region == message.c.region, stream.c.case_id == message.c.case_id, stream.c.agency == message.c.agency
)

_STANDING = statement(select(*(agency.c[name] for name in Standing.__struct_fields__)).where(agency.c.region == _HERE))
_WAITS = statement(
    select(message.c.agency, func.count().label("queued"), func.min(message.c.created_at).label("oldest"))
    .where(message.c.region == _HERE, _QUEUED, _OUT)
    .group_by(message.c.agency)
)
_DAY = statement(
    select(
        message.c.agency,
        func.count().filter(_FAILED).label("failed"),
        cast(
            func.percentile_cont(literal_column("0.5"))
            .within_group(extract("epoch", message.c.answered_at - message.c.created_at))
            .filter(message.c.attempts == literal_column("1"), message.c.answered_at.is_not(None)),
            Float,
        ).label("median_s"),
    )
    .where(*_RECENT, _OUT)
    .group_by(message.c.agency)
)
_HOURS = statement(
    select(
        message.c.agency,
        _hour.label("hour"),
        func.count().filter(_OUT).label("sent"),
        func.count().filter(_OUT, _FAILED).label("failed"),
        func.count().filter(message.c.direction == literal_column("'in'")).label("received"),
    )
    .where(*_RECENT)
    .group_by(message.c.agency, _hour)
)
_UNDELIVERED = statement(
    select(
        *(message.c[name] for name in ("agency", "kind", "created_at", "attempts", "next_at", "problem")),
        stream.c.case_number,
    )
    .join(stream, _same_stream)
    .where(message.c.region == _HERE, stream.c.region == _HERE, _QUEUED, _OUT)
    .order_by(message.c.created_at)
    .limit(bindparam("most"))
)
_answer = message.alias("answer")
_OWED = (
    message.c.region == _HERE,
    stream.c.region == _HERE,
    cases.c.region == _HERE,
    message.c.agency == bindparam("agency"),
    _OUT,
    message.c.status == literal_column("'delivered'"),
    message.c.kind == any_(bindparam("after", type_=ARRAY(String))),
    message.c.id >= _FROM,
    cases.c.closed_at.is_(None),
    ~exists().where(
        _answer.c.region == message.c.region,
        _answer.c.case_id == message.c.case_id,
        _answer.c.agency == message.c.agency,
        _answer.c.direction == literal_column("'in'"),
        _answer.c.status == literal_column("'applied'"),
        _answer.c.kind == any_(bindparam("awaits", type_=ARRAY(String))),
        _answer.c.at >= message.c.at,
    ),
)
_owed = (
    select(message.c.agency, stream.c.case_number, message.c.at)
    .join(stream, _same_stream)
    .join(cases, and_(cases.c.region == message.c.region, cases.c.id == message.c.case_id))
    .where(*_OWED)
)
_AWAITED = statement(_owed.order_by(message.c.at).limit(bindparam("most")))
_AWAITED_OF_CASE = statement(_owed.where(message.c.case_id == bindparam("case_id")).order_by(message.c.at))
_LATE = statement(
    select(func.count())
    .select_from(message.join(stream, _same_stream).join(cases, cases.c.id == message.c.case_id))
    .where(*_OWED, message.c.at < bindparam("before", type_=DateTime(timezone=True)))
)

LONGEST_OWED = dt.timedelta(days=180)
"""Answers to older messages are no longer looked for: the nightly comparison has told of them long ago."""


def first_id(moment: dt.datetime) -> uuid.UUID:
    """The least id of a message written at this machine time or later (UUIDv7 begins with milliseconds)."""
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80)


async def standings(tx: asyncpg.Connection, region: str) -> dict[str, Standing]:
    """Each agency's circuit; one that was never called has none."""
    return {one.name: one for one in await _STANDING.structs(tx, Standing, region=region)}


async def waits(tx: asyncpg.Connection, region: str) -> dict[str, Waits]:
    """What is queued for each agency."""
    return {one.agency: one for one in await _WAITS.structs(tx, Waits, region=region)}


async def day(tx: asyncpg.Connection, region: str, machine: dt.datetime, office: dt.datetime) -> dict[str, Day]:
    """How it went with each agency since a moment, given on both clocks."""
    found = await _DAY.structs(tx, Day, region=region, first=first_id(machine), since=office)
    return {one.agency: one for one in found}


async def hours(tx: asyncpg.Connection, region: str, machine: dt.datetime, office: dt.datetime) -> list[Hour]:
    """The traffic of each hour since a moment, given on both clocks."""
    found = await _HOURS.structs(tx, Hour, region=region, first=first_id(machine), since=office)
    return [msgspec.structs.replace(one, hour=one.hour.astimezone(CITY)) for one in found]


async def undelivered(tx: asyncpg.Connection, region: str, most: int) -> list[Undelivered]:
    """What has waited longest to be taken."""
    return await _UNDELIVERED.structs(tx, Undelivered, region=region, most=most)


async def awaited(
    tx: asyncpg.Connection, law: Law, region: str, now: dt.datetime, most: int, offset: dt.timedelta
) -> list[Awaited]:
    """Answers that agencies owe about open cases, what is due first first; `now` is office time."""
    found: list[Awaited] = []
    for limit in agency_limits(law, on=now.date(), region=region):
        rows = await _AWAITED.all(tx, **_asked(region, limit, now, offset), most=most)
        found += _owing(law, limit, rows)
    return sorted(found, key=lambda one: (one.due, one.since))[:most]


async def awaited_of_case(
    tx: asyncpg.Connection, law: Law, region: str, case_id: uuid.UUID, now: dt.datetime, offset: dt.timedelta
) -> list[Awaited]:
    """Answers that agencies owe about a case."""
    found: list[Awaited] = []
    for limit in agency_limits(law, on=now.date(), region=region):
        rows = await _AWAITED_OF_CASE.all(tx, **_asked(region, limit, now, offset), case_id=case_id)
        found += _owing(law, limit, rows)
    return found


async def late(tx: asyncpg.Connection, law: Law, region: str, now: dt.datetime, offset: dt.timedelta) -> dict[str, int]:
    """How many answers each agency owes beyond its own limit."""
    found: dict[str, int] = {}
    for limit in agency_limits(law, on=now.date(), region=region):
        last_fine = working_days.subtract(law, now.date(), limit.working_days)
        before = dt.datetime.combine(last_fine, dt.time(), CITY)
        count = await _LATE.value(tx, **_asked(region, limit, now, offset), before=before)
        found[limit.agency] = found.get(limit.agency, 0) + int(count)
    return found


def _asked(region: str, limit: AgencyLimit, now: dt.datetime, offset: dt.timedelta) -> dict[str, Any]:
    first = first_id(now - offset - LONGEST_OWED)
    return {"region": region, "agency": limit.agency, "after": limit.after, "awaits": limit.awaits, "first": first}


def _owing(law: Law, limit: AgencyLimit, rows: Sequence[asyncpg.Record]) -> list[Awaited]:
    return [
        Awaited(
            agency=row["agency"],
            limit=limit,
            case_number=row["case_number"],
            since=(since := row["at"].astimezone(CITY)),
            due=working_days.add(law, since.date(), limit.working_days).due,
        )
        for row in rows
    ]
