"""Use cases of the credit record: what a decision found enters it, and a repair ends what it bars from.

An entry is made in the transaction of a decision that a legal reviewer cleared; nothing else enters.
"""

import datetime as dt
import uuid

import asyncpg

from permits import clock
from permits.accounts.audit import AUDIT, audit_row
from permits.accounts.model import Account
from permits.credit import store
from permits.credit.model import Reason
from permits.credit.store import Entry
from permits.db.ids import new_id
from permits.errors import BadInput, FieldError, Forbidden, NotFound
from permits.i18n import Text

REPAIRER = "legal"
"""Who repairs a record (信用修复)."""
LONGEST = 2000


async def enter(
    tx: asyncpg.Connection, region: str, credit_code: str, case_id: uuid.UUID, reason: Reason, at: dt.datetime
) -> None:
    """Enter what a decision found of an employer."""
    row = {"id": new_id(), "credit_code": credit_code, "case_id": case_id, "reason": reason, "at": at}
    await store.add(tx, region, row)


async def open_entries(tx: asyncpg.Connection, region: str) -> list[Entry]:
    """The entries that are not repaired, the latest first; at most some hundreds."""
    return await store.open_entries(tx, region)


async def repair(tx: asyncpg.Connection, account: Account, region: str, entry_id: uuid.UUID, reasons: str) -> None:
    """End what an entry bars its employer from, after it made good or was right in its objection.

    Raises Forbidden, BadInput without reasons, NotFound for an entry that is none or repaired already.
    """
    if not account.has(REPAIRER, region):
        raise Forbidden(Text("信用修复由法制审核人员办理。", "A legal reviewer repairs a record."))
    if not reasons.strip() or len(reasons) > LONGEST:
        text = Text("写明修复的理由，2000 字以内。", "Say why it is repaired, in 2,000 characters at most.")
        raise BadInput(errors=[FieldError("/reasons", text)])
    if not await store.repaired(tx, region, entry_id, clock.now()):
        raise NotFound(Text("没有这条记录，或已经修复。", "There is no such entry, or it is repaired."))
    detail = {"reasons": reasons.strip()}
    await AUDIT.run(tx, **audit_row(region, account.id, "repair-credit", subject=str(entry_id), detail=detail))
