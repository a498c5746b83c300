"""A use case once for each key: asking again with the same request gives the same answer, byte for byte.

It knows nothing of what is done; `submit` keeps its own answer, in the one statement that writes the case.
"""

import base64
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import asyncpg
import msgspec
from sqlalchemy import func, insert, select, text

from permits import clock
from permits.cases.store import bind
from permits.cases.tables import idempotency
from permits.db.database import Database
from permits.db.statements import statement
from permits.errors import Conflict
from permits.i18n import Text

LONGEST_KEY = 200
"""Characters of a key."""
_KEY = tuple(idempotency.c[name] for name in ("region", "account_id", "key"))
EARLIER = statement(
    select(
        func.encode(idempotency.c.request, text("'hex'")).label("request"),
        idempotency.c.status,
        func.encode(idempotency.c.body, text("'base64'")).label("body"),
    ).where(*(column == bind(column.name, column) for column in _KEY))
)
REMEMBER = statement(insert(idempotency).values({c.name: bind(c.name, c) for c in idempotency.c}))


class Answer(msgspec.Struct, frozen=True):
    """An answer ready to send, which a repeated request gets again."""

    status: int
    body: bytes


class Asking(NamedTuple):
    """What makes a request the same as an earlier one."""

    region: str
    account_id: uuid.UUID
    key: str | None
    """None where nothing is remembered."""
    request: bytes
    """Digest of what is asked."""

    @property
    def named(self) -> dict[str, Any]:
        """The key as the table has it."""
        return {"region": self.region, "account_id": self.account_id, "key": self.key}


Run = Callable[[asyncpg.Connection], Awaitable[Answer]]


async def once(database: Database, asking: Asking, run: Run) -> Answer:
    """Run a use case in one transaction, once for each key. Raises what it raises, and Conflict as `replayed` does."""
    try:
        return await _run(database, asking, run)
    except (asyncpg.UniqueViolationError, Conflict):
        earlier = await earlier_answer(database, asking)
        if earlier is None:
            raise
        return earlier


async def _run(database: Database, asking: Asking, run: Run) -> Answer:
    async with database.transaction(asking.region) as tx:
        if asking.key and (earlier := await EARLIER.one(tx, **asking.named)):
            return replayed(dict(earlier), asking.request)
        answer = await run(tx)
        if asking.key:
            kept = {"request": asking.request, "status": answer.status, "body": answer.body}
            await REMEMBER.run(tx, **asking.named, **kept, at=clock.machine_now())
        return answer


async def earlier_answer(database: Database, asking: Asking) -> Answer | None:
    """What the same key was answered before. Raises Conflict where something else is asked under it now."""
    if asking.key is None:
        return None
    async with database.transaction(asking.region) as tx:
        found = await EARLIER.one(tx, **asking.named)
    return replayed(dict(found), asking.request) if found else None


def replayed(earlier: dict[str, Any], request: bytes) -> Answer:
    """The answer given before under this key. Raises Conflict where something else is asked under it now."""
    if bytes.fromhex(earlier["request"]) != request:
        raise Conflict(
            Text("这个 Idempotency-Key 已经用于另一个请求。", "This Idempotency-Key was used for another request."),
            type="idempotency-key-reused",
        )
    return Answer(earlier["status"], base64.b64decode(earlier["body"]))
