"""Registration errors and what is right: one person proposes, another confirms; only then the register changes.

Nothing recorded is overwritten: the confirmed one is a version of its own, and the ledger gets the pair of rows.
"""

import datetime as dt
import uuid
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import bindparam, insert, literal_column, select, update

from permits.db.crypto import Keys
from permits.db.ids import new_id
from permits.db.statements import statement
from permits.errors import Conflict, Forbidden, NotFound
from permits.i18n import Text
from permits.register import service
from permits.register.model import Correction, Permit
from permits.register.tables import register_correction
from permits.rules.law import Law

NOT_FOUND = Text("没有这条更正，或已经办过。", "There is no such correction, or it is settled.")
FOUR_EYES = Text("更正须由另一人确认。", "Another person confirms a correction.")

_HERE = register_correction.c.region == bindparam("region")
_ADD = statement(
    insert(register_correction).values({c.name: bindparam(c.name, type_=c.type) for c in register_correction.c})
)
_OPEN = select(register_correction).where(_HERE, register_correction.c.settled.is_(None))
_OF_PERMIT = statement(
    _OPEN.where(register_correction.c.permit_id == bindparam("permit_id")).order_by(register_correction.c.id)
)
_LOCK = statement(_OPEN.where(register_correction.c.id == bindparam("id")).with_for_update())
_SETTLE = statement(
    update(register_correction)
    .where(_HERE, register_correction.c.id == bindparam("correction_id"))
    .values({name: bindparam(f"new_{name}") for name in ("settled", "settled_by", "settler", "settled_at")})
    .returning(literal_column("1"))
)


class Proposed(msgspec.Struct, frozen=True):
    """A correction that waits for a second person."""

    id: uuid.UUID
    permit_id: uuid.UUID
    facts: dict[str, Any]
    """What is right, by column; days as ISO 8601."""
    reasons: str
    proposed_by: uuid.UUID
    proposer: str
    proposed_at: dt.datetime


async def propose(
    tx: asyncpg.Connection, keys: Keys, region: str, permit: Permit, facts: dict[str, Any], reasons: str,
    by: uuid.UUID, name: str, at: dt.datetime,
) -> Proposed:  # fmt: skip
    """Keep what somebody found wrong and what is right; the register stays as it is."""
    made = Proposed(new_id(), permit.id, facts, reasons, by, name, at)
    row = {field: getattr(made, field) for field in made.__struct_fields__}
    sealed = keys.seal(msgspec.json.encode(facts), _context(region, made.id))
    unsettled = dict.fromkeys(("settled", "settled_by", "settler", "settled_at"))
    await _ADD.run(tx, **row | unsettled | {"region": region, "facts": sealed, "permit_version": permit.version})
    return made


async def waiting(tx: asyncpg.Connection, keys: Keys, region: str, permit_id: uuid.UUID) -> list[Proposed]:
    """The corrections of a permit that wait for a second person."""
    return [_opened(keys, region, row) for row in await _OF_PERMIT.all(tx, region=region, permit_id=permit_id)]


def _opened(keys: Keys, region: str, row: asyncpg.Record) -> Proposed:
    facts = msgspec.json.decode(keys.open(row["facts"], _context(region, row["id"])))
    known = {name: row[name] for name in Proposed.__struct_fields__}
    return Proposed(**known | {"facts": facts})


async def settle(
    tx: asyncpg.Connection, law: Law, keys: Keys, region: str, correction_id: uuid.UUID, *, confirmed: bool,
    by: uuid.UUID, name: str, at: dt.datetime,
) -> Proposed:  # fmt: skip
    """Confirm a correction, which writes it, or drop it. Raises NotFound, Forbidden for the proposer, Conflict where
    the permit changed since it was proposed, BadInput for days that cannot be.
    """
    row = await _LOCK.one(tx, region=region, id=correction_id)
    if row is None:
        raise NotFound(NOT_FOUND)
    found = _opened(keys, region, row)
    if confirmed:
        if found.proposed_by == by:
            raise Forbidden(FOUR_EYES)
        new = await service.correct(tx, law, keys, _correction(region, found, by, name, at))
        if new.version != row["permit_version"] + 1:
            text = Text("提出以后许可又有变化，请重新提出。", "The permit changed since; propose it anew.")
            raise Conflict(text, type="stale")
    settled = {"new_settled": "confirmed" if confirmed else "dropped", "new_settled_by": by, "new_settler": name}
    await _SETTLE.run(tx, region=region, correction_id=correction_id, new_settled_at=at, **settled)
    return found


def _correction(region: str, found: Proposed, by: uuid.UUID, name: str, at: dt.datetime) -> Correction:
    days = {key: dt.date.fromisoformat(found.facts[key]) for key in ("valid_from", "valid_until") if key in found.facts}
    return Correction(
        region=region,
        permit_id=found.permit_id,
        facts=found.facts | days,
        reasons=found.reasons,
        recorded=at,
        proposer=found.proposer,
        decider=name,
        decider_id=by,
    )


def _context(region: str, correction_id: uuid.UUID) -> bytes:
    return f"register-correction/{region}/{correction_id}".encode()
