"""How each agency does, shared by all processes: its circuit breaker, its clock, when it was heard of and why not.

closed: everything is sent. open: nothing is, until `retry_at`. half-open: one call, of one process, tries.
"""

import datetime as dt
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import DateTime, and_, bindparam, exists, func, insert, literal_column, not_, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from permits.db.ids import new_id
from permits.db.statements import statement
from permits.routing import streams
from permits.routing.tables import agency, breaker_log, message

FAILURES_TO_OPEN = 5
"""So many calls in a row without an answer, of any process."""
COOLDOWN_S, LONGEST_COOLDOWN_S = 2.0, 30.0
"""How long nothing is sent then; twice as long after each call that tried in vain."""
PROBE = dt.timedelta(seconds=15)
"""How long a call may try: a process that was killed while it did gives up its turn then."""


class Breaker(msgspec.Struct, frozen=True):
    """An agency's circuit."""

    breaker: str = "closed"
    failures: int = 0
    """Calls in a row without an answer."""
    retry_at: dt.datetime | None = None
    """Machine time of the next call while it is not closed."""
    failure: str | None = None

    def after_failure(self, now: dt.datetime) -> "Breaker":
        """The circuit after one more call without an answer. Calls that were under way when it opened count no more."""
        if self.breaker == "open":
            return self
        failures = self.failures + 1
        if failures < FAILURES_TO_OPEN and self.breaker == "closed":
            return Breaker("closed", failures)
        in_vain = max(failures - FAILURES_TO_OPEN, 0)
        pause = min(COOLDOWN_S * 2 ** min(in_vain, 10), LONGEST_COOLDOWN_S)
        return Breaker("open", failures, now + dt.timedelta(seconds=pause))


class Change(msgspec.Struct, frozen=True):
    """A circuit stood like this from then on."""

    agency: str
    at: dt.datetime
    """Machine time."""
    state: str
    failure: str | None


_THIS = (agency.c.region == bindparam("region"), agency.c.name == bindparam("name"))
_NOW = bindparam("now", type_=DateTime(timezone=True))
_COLUMNS = tuple(agency.c[name] for name in Breaker.__struct_fields__)
_READ = statement(select(*_COLUMNS).where(*_THIS))
_LOCK = statement(select(*_COLUMNS).where(*_THIS).with_for_update())
_row = upsert(agency)


def _put(*names: str) -> Any:
    return statement(
        _row.on_conflict_do_update(
            index_elements=["region", "name"], set_={name: _row.excluded[name] for name in names}
        )
    )


_WELL = ("breaker", "breaker_since", "failures", "retry_at", "failure")
_HEARD = _put(*_WELL, "skew_ms", "heard_at")
_FAILED = _put(*_WELL, "failed_at")
_SINCE = statement(select(agency.c.breaker_since).where(*_THIS))
_PROBE = statement(
    update(agency)
    .where(
        *_THIS,
        agency.c.breaker != literal_column("'closed'"),
        or_(agency.c.retry_at.is_(None), agency.c.retry_at <= _NOW),
        exists().where(
            message.c.region == bindparam("region"),
            message.c.agency == bindparam("name"),
            message.c.status == literal_column("'queued'"),
        ),
    )
    .values(breaker=literal_column("'half-open'"), retry_at=bindparam("until", type_=DateTime(timezone=True)))
    .returning(agency.c.name)
)
_LOG = statement(insert(breaker_log))
_LOGGED = (breaker_log.c.region == bindparam("region"),)
_AT = bindparam("since", type_=DateTime(timezone=True))
_in_order: dict[str, Any] = {"partition_by": breaker_log.c.agency, "order_by": breaker_log.c.id}
_neighbours = (
    select(
        *(breaker_log.c[name] for name in ("id", *Change.__struct_fields__)),
        func.lead(breaker_log.c.state).over(**_in_order).label("following"),
        func.lag(breaker_log.c.state).over(**_in_order).label("preceding"),
    )
    .where(*_LOGGED, breaker_log.c.at >= _AT)
    .subquery("neighbours")
)
_OPEN: Any = literal_column("'open'")
_HALF: Any = literal_column("'half-open'")
_in_vain = or_(
    and_(_neighbours.c.state == _HALF, _neighbours.c.following.is_not_distinct_from(_OPEN)),
    and_(_neighbours.c.state == _OPEN, _neighbours.c.preceding.is_not_distinct_from(_HALF)),
)
_CHANGES = statement(
    select(*(_neighbours.c[name] for name in Change.__struct_fields__)).where(not_(_in_vain)).order_by(_neighbours.c.id)
)
_BEFORE = statement(
    select(*(breaker_log.c[name] for name in Change.__struct_fields__))
    .ext(distinct_on(breaker_log.c.agency))
    .where(*_LOGGED, breaker_log.c.at < _AT)
    .order_by(breaker_log.c.agency, breaker_log.c.id.desc())
)
_BLANK: dict[str, Any] = {c.name: None for c in agency.c} | {"failures": 0, "breaker": "closed"}


async def standing(tx: asyncpg.Connection, region: str, name: str) -> Breaker:
    """The agency's circuit as it stands."""
    return next(iter(await _READ.structs(tx, Breaker, region=region, name=name)), Breaker())


async def take_probe(tx: asyncpg.Connection, region: str, name: str, now: dt.datetime) -> bool:
    """Whether this process may make the one call that tries, something being there to send; it is half-open then."""
    before = await standing(tx, region, name)
    if before.breaker == "closed":
        return False
    if await _PROBE.value(tx, region=region, name=name, now=now, until=now + PROBE) is None:
        return False
    if before.breaker == "open":
        await _log(tx, region, name, "half-open", None, now)
    return True


async def heard(tx: asyncpg.Connection, region: str, name: str, skew_ms: int | None, now: dt.datetime) -> None:
    """The agency has answered or written; when it had failed, what was put off for it goes now.

    In a transaction of its own: the agency's row is locked first, then messages of many cases. `skew_ms` is its clock
    less ours, `now` machine time.
    """
    before = await _LOCK.one(tx, region=region, name=name)
    if before and (before["failures"] or before["failure"] is not None):
        await streams.hurry(tx, region, name, now)
    since = await _since(tx, region, name, before, "closed", now)
    row = {"region": region, "name": name, "breaker_since": since, "skew_ms": skew_ms, "heard_at": now}
    await _HEARD.run(tx, **_BLANK | row)
    await _log_change(tx, region, name, before, "closed", None, now)


async def failed(
    tx: asyncpg.Connection, region: str, name: str, failure: str, now: dt.datetime, *, at_once: bool = False
) -> Breaker:
    """The agency did not answer; its circuit then. `at_once`: it opens without waiting for further failures."""
    before = await _LOCK.one(tx, region=region, name=name)
    known = msgspec.convert(dict(before), Breaker) if before else Breaker()
    if at_once:
        known = msgspec.structs.replace(known, failures=max(known.failures, FAILURES_TO_OPEN - 1))
    after = known.after_failure(now)
    since = await _since(tx, region, name, before, after.breaker, now)
    told = msgspec.structs.asdict(after) | {"failure": failure, "failed_at": now, "breaker_since": since}
    await _FAILED.run(tx, **_BLANK | told | {"region": region, "name": name})
    await _log_change(tx, region, name, before, after.breaker, failure, now)
    return after


async def complained(tx: asyncpg.Connection, region: str, name: str, failure: str, now: dt.datetime) -> None:
    """The agency answered, and not with a receipt: its circuit is closed, and what it said is told."""
    before = await _LOCK.one(tx, region=region, name=name)
    since = await _since(tx, region, name, before, "closed", now)
    told = {"failure": failure, "failed_at": now, "breaker_since": since}
    await _FAILED.run(tx, **_BLANK | told | {"region": region, "name": name})
    await _log_change(tx, region, name, before, "closed", failure, now)


async def _log_change(
    tx: asyncpg.Connection,
    region: str,
    name: str,
    before: asyncpg.Record | None,
    state: str,
    failure: str | None,
    now: dt.datetime,
) -> None:
    """Note that the circuit stands differently from now on."""
    if before is None or before["breaker"] != state:
        await _log(tx, region, name, state, failure, now)


async def _log(
    tx: asyncpg.Connection, region: str, name: str, state: str, failure: str | None, now: dt.datetime
) -> None:
    await _LOG.run(tx, region=region, id=new_id(), agency=name, at=now, state=state, failure=failure)


async def changes(tx: asyncpg.Connection, region: str, since: dt.datetime) -> list[Change]:
    """How circuits changed since then, each agency's last change before it included; calls that tried in vain left out.

    `since` is machine time. The earliest comes first.
    """
    before = await _BEFORE.structs(tx, Change, region=region, since=since)
    return [*before, *await _CHANGES.structs(tx, Change, region=region, since=since)]


async def _since(
    tx: asyncpg.Connection, region: str, name: str, before: asyncpg.Record | None, state: str, now: dt.datetime
) -> dt.datetime:
    """Since when the circuit has stood like this."""
    if before is None or before["breaker"] != state:
        return now
    since = await _SINCE.value(tx, region=region, name=name)
    return since or now
