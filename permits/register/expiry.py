"""Notes in the history that a permit's last day has passed: a version like any other, whose facts say the same.

It writes nothing into the ledger, which knew the day from the grant on.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

import asyncpg
import msgspec
from sqlalchemy import ARRAY, Date, Integer, String, Uuid, all_, any_, bindparam, literal, select, update

from permits.db.statements import statement
from permits.register.rows import version_of
from permits.register.store import HISTORY, PERMIT_COLUMNS, PermitRow, arrays_of_history
from permits.register.tables import permit, person

_DAY = dt.timedelta(days=1)
_IDS = bindparam("ids", type_=ARRAY(Uuid))

_PASSED = statement(
    select(*PERMIT_COLUMNS)
    .join(person, (person.c.region == permit.c.region) & (person.c.id == permit.c.person_id))
    .where(
        permit.c.region == bindparam("region"),
        permit.c.valid_until < bindparam("today", type_=Date),
        permit.c.ended_on.is_(None),
        permit.c.expiry_noted.is_distinct_from(permit.c.valid_until),
        permit.c.id != all_(bindparam("kept", type_=ARRAY(Uuid))),
    )
    .order_by(permit.c.valid_until, permit.c.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(of=(person, permit), skip_locked=True)
)
_NOTE = statement(
    update(permit)
    .where(permit.c.region == bindparam("region", type_=String), permit.c.id == any_(_IDS))
    .values(version=permit.c.version + 1, expiry_noted=permit.c.valid_until)
    .add_cte(HISTORY)
    .returning(literal(1))
)


class Noted(NamedTuple):
    """A version that was written."""

    version_id: uuid.UUID
    case_id: uuid.UUID | None


async def note(
    tx: asyncpg.Connection, region: str, at: dt.datetime, kept: Sequence[uuid.UUID], most: int
) -> list[Noted]:
    """Note so many permits, those `kept` left alone, whose last day came before an office instant's day."""
    today = at.date()
    found = await _PASSED.structs(tx, PermitRow, region=region, today=today, kept=list(kept), most=most)
    if not found:
        return []
    versions = [_version(one, at) for one in found]
    ids = [one.id for one in found]
    await _NOTE.all(tx, region=region, ids=ids, **arrays_of_history(versions))
    return [Noted(version["id"], one.case_id) for version, one in zip(versions, found, strict=True)]


def _version(one: PermitRow, at: dt.datetime) -> dict[str, Any]:
    after = msgspec.structs.replace(one, version=one.version + 1)
    said = {"kind": "expired", "effective": one.valid_until + _DAY, "recorded": at, "case_id": one.case_id}
    return version_of(after) | said | {"case_number": one.case_number}
