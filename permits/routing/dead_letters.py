"""Messages refused for good, either way (死信), in SQL: put aside, found again, settled."""

import datetime as dt
import uuid
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import String, and_, bindparam, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from permits import clock
from permits.db.statements import statement
from permits.i18n import Text
from permits.routing import why
from permits.routing.model import Direction
from permits.routing.tables import message, quarantine, stream
from permits.routing.why import Reason

LONGEST_REASON = 300


class DeadLetter(msgspec.Struct, frozen=True):
    """A message put aside, without what it says."""

    message_id: uuid.UUID
    case_id: uuid.UUID | None
    case_number: str | None
    agency: str
    direction: Direction
    kind: str
    sequence: int
    reason: str
    """What the other side said against it; of an incoming one, what we said. In English."""
    since: dt.datetime
    """Office time."""
    state: str
    """open or settled."""
    settled_at: dt.datetime | None = None
    settled_name: str | None = None
    how: str | None = None
    """resent, mended, by-hand or taken."""
    why: str | None = None
    replaced_by: uuid.UUID | None = None
    reason_key: str | None = None
    """The same as a word of why.py; None: only `reason` is known."""
    reason_detail: dict[str, str] | None = None

    @property
    def why_aside(self) -> Text:
        """Why it was put aside."""
        if self.reason_key is None:
            return why.said(self.reason)
        return Reason(self.reason_key, self.reason_detail or {}).text


_THIS = (quarantine.c.region == bindparam("region"), quarantine.c.message_id == bindparam("message_id"))
_OPEN: Any = quarantine.c.state == literal_column("'open'")
_ENDING = ("state", "settled_at", "settled_by", "settled_name", "how", "why", "replaced_by")
_ANEW = ("case_id", "agency", "kind", "reason", "reason_key", "reason_detail", "since")
_row = upsert(quarantine)
_PUT = statement(
    _row.on_conflict_do_update(
        index_elements=["region", "message_id"],
        set_={name: _row.excluded[name] for name in (*_ANEW, *_ENDING)},
    )
)
_SETTLE = statement(
    update(quarantine)
    .where(*_THIS, _OPEN)
    .values({name: bindparam(f"new_{name}", type_=quarantine.c[name].type) for name in _ENDING})
    .returning(quarantine.c.message_id)
)
_same = and_(message.c.region == quarantine.c.region, message.c.id == quarantine.c.message_id)
_its = and_(
    stream.c.region == quarantine.c.region,
    stream.c.case_id == quarantine.c.case_id,
    stream.c.agency == quarantine.c.agency,
)
_columns = [quarantine.c[name] for name in DeadLetter.__struct_fields__ if name not in ("case_number", "sequence")]
_found = select(*_columns, stream.c.case_number, message.c.sequence).select_from(
    quarantine.join(message, _same).outerjoin(stream, _its)
)
_AGENCY = bindparam("agency", type_=String)
_LIST = statement(
    _found.where(
        quarantine.c.region == bindparam("region"),
        message.c.region == bindparam("region"),
        quarantine.c.state == bindparam("state"),
        func.coalesce(_AGENCY, quarantine.c.agency) == quarantine.c.agency,
    )
    .order_by(quarantine.c.since, quarantine.c.message_id)
    .limit(bindparam("most"))
)
_OF_CASE = statement(
    _found.where(
        quarantine.c.region == bindparam("region"),
        message.c.region == bindparam("region"),
        quarantine.c.case_id == bindparam("case_id"),
    )
)
_ONE = statement(_found.where(*_THIS, message.c.region == bindparam("region")))
_LOCK = statement(select(quarantine.c.state).where(*_THIS).with_for_update())


async def put_aside(
    tx: asyncpg.Connection,
    region: str,
    message_id: uuid.UUID,
    case_id: uuid.UUID | None,
    agency: str,
    direction: Direction,
    kind: str,
    reason: Reason,
) -> None:
    """Put a message aside for a person; one that was settled before is open again."""
    row = dict.fromkeys(_ENDING) | {"state": "open", "reason": reason.text.en[:LONGEST_REASON], "since": clock.now()}
    row |= {"reason_key": reason.key, "reason_detail": reason.detail}
    row |= {"region": region, "message_id": message_id, "case_id": case_id, "agency": agency, "direction": direction}
    await _PUT.run(tx, **row, kind=kind, created_at=clock.machine_now())


async def settle(
    tx: asyncpg.Connection,
    region: str,
    message_id: uuid.UUID,
    how: str,
    *,
    by: uuid.UUID | None = None,
    name: str | None = None,
    why: str | None = None,
    replaced_by: uuid.UUID | None = None,
) -> bool:
    """Note how it was settled, by whom (None: it was taken at a later try) and why; False where it is not open."""
    row = {"state": "settled", "settled_at": clock.now(), "settled_by": by, "settled_name": name}
    row |= {"how": how, "why": why, "replaced_by": replaced_by}
    given: dict[str, Any] = {f"new_{name}": value for name, value in row.items()}
    return await _SETTLE.value(tx, region=region, message_id=message_id, **given) is not None


async def page(
    tx: asyncpg.Connection, region: str, *, state: str = "open", agency: str | None = None, most: int = 100
) -> list[DeadLetter]:
    """What was put aside, oldest first; of one agency, or of all with None."""
    return await _LIST.structs(tx, DeadLetter, region=region, state=state, agency=agency, most=most)


async def of_case(tx: asyncpg.Connection, region: str, case_id: uuid.UUID) -> dict[uuid.UUID, DeadLetter]:
    """What was put aside about a case, open or settled, by the message's id."""
    found = await _OF_CASE.structs(tx, DeadLetter, region=region, case_id=case_id)
    return {letter.message_id: letter for letter in found}


async def one(tx: asyncpg.Connection, region: str, message_id: uuid.UUID) -> DeadLetter | None:
    """One of them."""
    return next(iter(await _ONE.structs(tx, DeadLetter, region=region, message_id=message_id)), None)


async def lock(tx: asyncpg.Connection, region: str, message_id: uuid.UUID) -> str | None:
    """Its state, the row locked; None where there is none."""
    state: str | None = await _LOCK.value(tx, region=region, message_id=message_id)
    return state
