"""What every call of the JSON interface stands on: who asks, in which city and language, and once for each key.

A POST with an Idempotency-Key is done once; asking again with the same body gives the same answer, byte for byte.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar

import asyncpg
import msgspec
from litestar import Request, Response
from litestar._openapi.schema_generation import SchemaCreator
from litestar.dto import MsgspecDTO
from litestar.openapi.spec import Reference, Schema
from litestar.typing import FieldDefinition
from sqlalchemy import func, insert, select, text

from permits import clock, decoding
from permits.accounts.model import Account
from permits.cases.service import Answer, replayed
from permits.cases.store import bind
from permits.cases.tables import idempotency
from permits.db.database import Database
from permits.db.statements import statement
from permits.errors import BadInput, Conflict, FieldError
from permits.i18n import Text
from permits.office import Office
from permits.web.api.problems import language
from permits.web.auth import bearer
from permits.web.i18n import Lang
from permits.web.state import database_of, office_of, region_of_request

Asked = Request[Any, Any, Any]
T = TypeVar("T", bound=msgspec.Struct)
JSON = "application/json"

_KEY = tuple(idempotency.c[name] for name in ("region", "account_id", "key"))
EARLIER = statement(
    select(
        func.encode(idempotency.c.request, text("'hex'")).label("request"),
        idempotency.c.status,
        func.encode(idempotency.c.body, text("'base64'")).label("body"),
    ).where(*(column == bind(column.name, column) for column in _KEY))
)
REMEMBER = statement(insert(idempotency).values({c.name: bind(c.name, c) for c in idempotency.c}))
NOT_THAT_KEY = Text("Idempotency-Key 最多 200 个字符。", "An Idempotency-Key has 200 characters at most.")


class Strict(MsgspecDTO[T]):
    """Decodes a body naming every wrong field at once; the schema stays in the OpenAPI document."""

    def decode_bytes(self, value: bytes) -> Any:
        """The body as the handler's type. Raises BadInput."""
        return decoding.decode(value, self.model_type)

    @classmethod
    def create_openapi_schema(
        cls, field_definition: FieldDefinition, handler_id: str, schema_creator: SchemaCreator
    ) -> Reference | Schema:
        """The schema of the Struct itself."""
        return schema_creator.for_field_definition(FieldDefinition.from_annotation(cls.model_type))


class Call(NamedTuple):
    """One call: who asks, where, in which language, under which key."""

    account: Account
    region: str
    lang: Lang
    key: str | None
    request: bytes
    """Digest of method, address and body."""
    database: Database
    office: Office
    version: int | None
    """Of If-Match: the version the asker saw."""
    address: str


async def call_of(request: Asked) -> Call:
    """The call of a request. Raises NotSignedIn without a good token."""
    account = await bearer(request)
    key = request.headers.get("idempotency-key")
    if key and len(key) > 200:
        raise BadInput(NOT_THAT_KEY)
    return Call(
        account=account,
        region=region_of_request(request),
        lang=language(request),
        key=key or None,
        request=await _digest(request) if key else b"",
        database=database_of(request),
        office=office_of(request),
        version=_version(request.headers.get("if-match")),
        address=request.client.host if request.client else "",
    )


async def _digest(request: Asked) -> bytes:
    asked = f"{request.method} {request.url.path}\n".encode()
    return hashlib.sha256(asked + await request.body()).digest()


def _version(header: str | None) -> int | None:
    if header is None:
        return None
    plain = header.strip().removeprefix("W/").strip('"')
    if not plain.isdigit() or len(plain) > 9:
        text = Text("If-Match 写打开时看到的 version。", "If-Match takes the version you saw.")
        raise BadInput(errors=[FieldError("/version", text)])
    return int(plain)


def json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    """An answer as JSON."""
    return raw(Answer(status, msgspec.json.encode(body)), headers)


def raw(answer: Answer, headers: dict[str, str] | None = None) -> Response[bytes]:
    """An answer that is JSON already."""
    return Response(answer.body, status_code=answer.status, media_type=JSON, headers=headers)


Run = Callable[[asyncpg.Connection], Awaitable[Answer]]


async def once(call: Call, run: Run) -> Response[bytes]:
    """Run a use case in one transaction, once for each key."""
    try:
        return raw(await _once(call, run))
    except (asyncpg.UniqueViolationError, Conflict):
        earlier = await _earlier(call)
        if earlier is None:
            raise
        return raw(earlier)


async def _once(call: Call, run: Run) -> Answer:
    async with call.database.transaction(call.region) as tx:
        if call.key and (earlier := await EARLIER.one(tx, **_key(call))):
            return replayed(dict(earlier), call.request)
        answer = await run(tx)
        if call.key:
            at = clock.machine_now()
            kept = {"request": call.request, "status": answer.status, "body": answer.body, "at": at}
            await REMEMBER.run(tx, **_key(call), **kept)
        return answer


async def _earlier(call: Call) -> Answer | None:
    """What the same key was answered by a request that was quicker."""
    if call.key is None:
        return None
    async with call.database.transaction(call.region) as tx:
        found = await EARLIER.one(tx, **_key(call))
    return replayed(dict(found), call.request) if found else None


def _key(call: Call) -> dict[str, Any]:
    return {"region": call.region, "account_id": call.account.id, "key": call.key}
