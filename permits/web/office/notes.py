"""The record of who looked at which figures, and of each file that left. It notes days and kinds, never a value."""

from typing import Any

import asyncpg

from permits.accounts.audit import AUDIT, audit_row
from permits.web import auth
from permits.web.office.asked import Asked, managed_region


async def note(tx: asyncpg.Connection, request: auth.Asked, action: str, asked: Asked, **more: Any) -> None:
    """Record a look, in the transaction that reads."""
    account = auth.person(request)
    detail = {"on": str(asked.on), "as_known_on": str(asked.known) if asked.known else None, **more}
    await AUDIT.run(tx, **audit_row(managed_region(account), account.id, action, detail=detail))
