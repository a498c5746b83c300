"""What every call of the JSON interface stands on: who asks, in which city and language, and once for each key.

A POST with an Idempotency-Key is done once; asking again with the same body gives the same answer, byte for byte.
"""

import hashlib
from typing import Any, NamedTuple, TypeVar

import msgspec
from litestar import Request, Response
from litestar._openapi.schema_generation import SchemaCreator
from litestar.dto import MsgspecDTO
from litestar.openapi.spec import Reference, Schema
from litestar.typing import FieldDefinition

from permits import decoding
from permits.accounts.model import Account
from permits.cases.once import LONGEST_KEY, Answer, Asking, Run, earlier_answer
from permits.cases.once import once as run_once
from permits.db.database import Database
from permits.errors import BadInput, FieldError, NotThatKind
from permits.i18n import Text
from permits.office import Office
from permits.web.api.problems import language
from permits.web.auth import bearer
from permits.web.i18n import Lang
from permits.web.state import database_of, office_of, region_of_request

Asked = Request[Any, Any, Any]
T = TypeVar("T", bound=msgspec.Struct)
JSON = "application/json"

NOT_THAT_KEY = Text("Idempotency-Key 最多 200 个字符。", "An Idempotency-Key has 200 characters at most.")


def require_json(content_type: str) -> None:
    """Raises NotThatKind for a body that calls itself anything but JSON; one that calls itself nothing is looked at."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type and not media_type.endswith(("/json", "+json")):
        raise NotThatKind(Text("请以 application/json 发送。", "Send application/json."))


class Strict(MsgspecDTO[T]):
    """Decodes a body naming every wrong field at once; the schema stays in the OpenAPI document."""

    def decode_bytes(self, value: bytes) -> Any:
        """The body as the handler's type. Raises BadInput."""
        require_json(self.asgi_connection.headers.get("content-type", ""))
        return decoding.decode(value, self.model_type)

    @classmethod
    def create_openapi_schema(
        cls, field_definition: FieldDefinition, handler_id: str, schema_creator: SchemaCreator
    ) -> Reference | Schema:
        """The schema of the Struct itself."""
        return schema_creator.for_field_definition(FieldDefinition.from_annotation(cls.model_type))


class Kept(Strict[T]):
    """As `Strict`, but what is wrong is told by `call_of`, once it is known that the key was not used before."""

    def decode_bytes(self, value: bytes) -> Any:
        """The body as the handler's type, or None."""
        require_json(self.asgi_connection.headers.get("content-type", ""))
        try:
            return self.read(value)
        except BadInput as wrong:
            self.asgi_connection.scope["state"]["refused"] = wrong
            return None

    def read(self, value: bytes) -> Any:
        """The body as the handler's type. Raises BadInput."""
        return super().decode_bytes(value)


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
    """The call of a request. Raises NotSignedIn without a good token, BadInput for a body that is wrong."""
    account = await bearer(request)
    key = request.headers.get("idempotency-key")
    if key and len(key) > LONGEST_KEY:
        raise BadInput(NOT_THAT_KEY)
    call = Call(
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
    if refused := request.scope["state"].get("refused"):
        await answered(call)
        raise refused
    return call


async def _digest(request: Asked) -> bytes:
    asked = f"{request.method} {request.url.path}\n".encode()
    return hashlib.sha256(asked + await request.body()).digest()


def _version(header: str | None) -> int | None:
    if header is None:
        return None
    plain = header.strip().removeprefix("W/").strip('"')
    if not (plain.isascii() and plain.isdigit()) or len(plain) > 9:
        text = Text("If-Match 写打开时看到的 version。", "If-Match takes the version you saw.")
        raise BadInput(errors=[FieldError("/version", text)])
    return int(plain)


def json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    """An answer as JSON."""
    return raw(Answer(status, msgspec.json.encode(body)), headers)


def raw(answer: Answer, headers: dict[str, str] | None = None) -> Response[bytes]:
    """An answer that is JSON already."""
    return Response(answer.body, status_code=answer.status, media_type=JSON, headers=headers)


async def once(call: Call, run: Run) -> Response[bytes]:
    """Run a use case in one transaction, once for each key."""
    return raw(await run_once(call.database, _asking(call), run))


async def answered(call: Call) -> Answer | None:
    """What the call's key was answered before. Raises Conflict where something else is asked under it now."""
    return await earlier_answer(call.database, _asking(call))


def _asking(call: Call) -> Asking:
    return Asking(call.region, call.account.id, call.key, call.request)
