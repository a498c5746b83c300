"""The questions asked of the message log as a whole: what went to and fro in a case, and what is waiting where."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import String, Uuid, any_, bindparam, cast, column, func, literal_column, select, table
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from permits.cases import outbox as unrelayed
from permits.cases.tables import outbox
from permits.clock import CITY, machine_now
from permits.db.statements import statement
from permits.routing.model import AgencyHealth, Health, Item, seconds_since
from permits.routing.tables import agency, message, relay

QUEUE = table("pgqueuer", column("dedupe_key"), column("status"), column("created"))
"""The queue's own table: local to one node, without region."""

_HERE = message.c.region == bindparam("region")
_UNDER_WAY: Any = literal_column("status IN ('queued', 'picked') AND dedupe_key IS NOT NULL")

_OF_CASE = statement(
    select(*(message.c[name] for name in Item.__struct_fields__))
    .where(_HERE, message.c.case_id == bindparam("case_id"))
    .order_by(message.c.created_at, message.c.id)
)
_KINDS_OUT = statement(
    select(message.c.agency, message.c.kind).where(
        _HERE, message.c.case_id == bindparam("case_id"), message.c.direction == "out"
    )
)
_waiting = select(cast(outbox.c.id, String)).where(
    outbox.c.region == bindparam("region"), outbox.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
)
_queued = select(QUEUE.c.dedupe_key).where(
    QUEUE.c.dedupe_key == any_(bindparam("keys", type_=ARRAY(String))), _UNDER_WAY
)
_ON_THE_WAY = statement(_waiting.union_all(_queued))
_run = upsert(relay)
_RAN = statement(
    _run.on_conflict_do_update(
        index_elements=["region"], set_={"ran_at": _run.excluded.ran_at, "jobs": _run.excluded.jobs}
    )
)
_AGENCIES = statement(
    select(*(agency.c[name] for name in AgencyHealth.__struct_fields__))
    .where(agency.c.region == bindparam("region"))
    .order_by(agency.c.name)
)


def _oldest(status: str) -> Any:
    stands = message.c.status == literal_column(f"'{status}'")
    return select(func.min(message.c.created_at)).where(_HERE, stands).scalar_subquery()


_STANDING = statement(
    select(
        _oldest("queued").label("queued"),
        _oldest("waiting").label("waiting"),
        select(func.count())
        .where(_HERE, message.c.status == literal_column("'quarantined'"))
        .scalar_subquery()
        .label("quarantined"),
        select(relay.c.ran_at).where(relay.c.region == bindparam("region")).scalar_subquery().label("ran_at"),
        select(func.min(QUEUE.c.created)).where(_UNDER_WAY).scalar_subquery().label("job"),
    )
)


async def messages_of_case(tx: asyncpg.Connection, region: str, case_id: uuid.UUID) -> list[Item]:
    """What went to and came from each agency about a case, in the order in which it came into the log."""
    found = await _OF_CASE.structs(tx, Item, region=region, case_id=case_id)
    return [msgspec.structs.replace(item, at=item.at.astimezone(CITY)) for item in found]


async def kinds_out(tx: asyncpg.Connection, region: str, case_id: uuid.UUID) -> set[tuple[str, str]]:
    """Agency and kind of every message made for an agency about a case."""
    rows = await _KINDS_OUT.all(tx, region=region, case_id=case_id)
    return {(row["agency"], row["kind"]) for row in rows}


def dedupe_key(event_id: uuid.UUID, subscriber: str) -> str:
    """By which the queue knows the job of a subscriber about an event."""
    return f"{event_id}:{subscriber}"


async def on_the_way(
    tx: asyncpg.Connection, region: str, ids: Sequence[uuid.UUID], subscribers: Sequence[str]
) -> set[str]:
    """Which of these events wait in the outbox, by their id, or have a job under way, by its key: one snapshot."""
    keys = [dedupe_key(event_id, subscriber) for event_id in ids for subscriber in subscribers]
    return {row[0] for row in await _ON_THE_WAY.all(tx, region=region, ids=ids, keys=keys)} if ids else set()


async def relay_ran(tx: asyncpg.Connection, region: str, jobs: int, now: dt.datetime) -> None:
    """Note the relay's last run, machine time, and how many jobs it made."""
    await _RAN.run(tx, region=region, ran_at=now, jobs=jobs)


async def health(tx: asyncpg.Connection, region: str) -> Health:
    """What is waiting in a city and for how long, and how its agencies do."""
    now = machine_now()
    row = await _STANDING.one(tx, region=region)
    assert row is not None
    return Health(
        outbox_age_s=seconds_since(await unrelayed.oldest(tx, region), now),
        job_age_s=seconds_since(row["job"], now),
        message_age_s=seconds_since(row["queued"], now),
        waiting_age_s=seconds_since(row["waiting"], now),
        quarantined=row["quarantined"],
        relay_age_s=seconds_since(row["ran_at"], now),
        agencies=tuple(await _AGENCIES.structs(tx, AgencyHealth, region=region)),
    )
