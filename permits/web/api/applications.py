"""Applications over JSON: drafts, documents, commitments, submitting, and the case as each person may see it."""

import uuid
from typing import Annotated, Any

import asyncpg
import msgspec
from litestar import Response, Router, delete, get, patch, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, JSONBody, PathParameter

from permits import clock, decoding
from permits.cases import bodies, checks, documents, drafting, service
from permits.cases.application import Application
from permits.cases.model import Case
from permits.cases.once import Answer
from permits.clock import CITY
from permits.errors import BadInput, Conflict, FieldError, NotFound
from permits.files import service as files
from permits.i18n import Text
from permits.letters import service as letters
from permits.letters import store as letter_store
from permits.letters.model import Issued
from permits.web.api.acting import PARTY, action_call
from permits.web.api.call import Asked, Call, Kept, answered, call_of, json, once, raw, require_json
from permits.web.auth import require_token
from permits.web.forms import Form, form
from permits.web.state import office_of, region_of_request, storage_of

MISSING = Text("这一项必填。", "This is required.")
ONE_FILE = Text("每次只传一个文件。", "Send one file at a time.")


def _answer(call: Call, case: Case, status: int = 200) -> Answer:
    seen = service.seen(case, call.account, call.office, call.lang)
    return Answer(status, msgspec.json.encode(seen))


class Draft(Kept[Application]):
    """Names what has the wrong form and what else is wrong with an application at once."""

    def read(self, value: bytes) -> Any:
        """The application. Raises BadInput."""
        connection = self.asgi_connection
        law, region = office_of(connection).law, region_of_request(connection)
        return checks.read(decoding.parse(value), law, clock.today(), region)


@post("/applications", dto=Draft, return_dto=None, guards=[require_token("employer")])
async def begin(request: Asked, data: JSONBody[Application]) -> Response[bytes]:
    """A draft; it may lack fields, but none that is there may be wrong. 201 with its number."""
    call = await call_of(request)

    async def run(tx: asyncpg.Connection) -> Answer:
        return _answer(call, await drafting.begin(tx, call.office, call.account, data, call.region), 201)

    return await once(call, run)


@get("/applications/{number:str}", guards=[require_token()])
async def read(request: Asked, number: FromPath[str], reveal: FromQuery[bool] = False) -> Response[bytes]:
    """The case, to its parties and staff; `reveal` shows staff the passport unmasked, and is on the record."""
    call = await call_of(request)
    async with call.database.transaction(call.region) as tx:
        action = "reveal" if reveal else "look"
        case = await service.look(tx, call.office, call.account, call.region, number, action)
    seen = service.seen(case, call.account, call.office, call.lang, unmasked=reveal)
    return json(seen, headers={"ETag": f'"{seen.version}"'})


@patch("/applications/{number:str}", guards=[require_token()])
async def amend(request: Asked, number: FromPath[str]) -> Response[bytes]:
    """Change what the application says (JSON Merge Patch); needs If-Match with the version seen."""
    call = await call_of(request)
    if call.version is None:
        text = Text("请带上 If-Match: version。", "Send If-Match with the version you saw.")
        raise BadInput(text, type="if-match-missing", errors=[FieldError("/version", text)])
    require_json(request.headers.get("content-type", ""))
    change = decoding.decode(await request.body(), dict[str, Any])
    async with call.database.transaction(call.region) as tx:
        case = await drafting.amend(tx, call.office, call.account, call.region, number, change, call.version)
    return raw(_answer(call, case), {"ETag": f'"{case.row.version}"'})


@delete("/applications/{number:str}", status_code=204, guards=[require_token()])
async def discard(request: Asked, number: FromPath[str]) -> None:
    """Delete a draft; it can be brought back for seven days."""
    call = await call_of(request)
    async with call.database.transaction(call.region) as tx:
        await drafting.discard(tx, call.office, call.account, call.region, number)


@post("/applications/{number:str}/restore", status_code=200, guards=[require_token()])
async def bring_back(request: Asked, number: FromPath[str]) -> Response[bytes]:
    """Bring a deleted draft back."""
    call = await call_of(request)

    async def run(tx: asyncpg.Connection) -> Answer:
        return _answer(call, await drafting.bring_back(tx, call.office, call.account, call.region, number))

    return await once(call, run)


@post("/applications/{number:str}/documents", guards=[require_token()])
async def upload(request: Asked, number: FromPath[str]) -> Response[bytes]:
    """A document as multipart form: `kind` and `file` (PDF, JPEG or PNG). 201 with the case."""
    call = await call_of(request)
    if earlier := await answered(call):
        return raw(earlier)
    sent = await form(request)
    kind, file = sent.get("kind"), _one_file(sent)
    async with call.database.transaction(call.region) as tx:
        case = await drafting.own(tx, call.office, call.account, call.region, number)
        rule = documents.rule_for(call.office, case, kind, "upload")
    data = await file.read()
    taken = await files.take_in(storage_of(request), call.region, data, file.filename, rule.accepts, rule.max_bytes)

    async def run(tx: asyncpg.Connection) -> Answer:
        done = await documents.attach(tx, call.office, call.account, call.region, number, kind, taken)
        return _answer(call, done, 201)

    return await once(call, run)


def _one_file(sent: Form) -> UploadFile:
    """The file of an upload. Raises BadInput naming all that is missing, or that there are several."""
    files = sent.files.get("file", ())
    wrong = [FieldError(f"/{n}", MISSING) for n, v in (("kind", sent.get("kind")), ("file", files)) if not v]
    if len(files) > 1:
        wrong.append(FieldError("/file", ONE_FILE))
    if wrong:
        raise BadInput(errors=wrong)
    return files[0]


@post("/applications/{number:str}/commitments", dto=Kept[bodies.Commit], return_dto=None, guards=[require_token()])
async def commit(request: Asked, number: FromPath[str], data: JSONBody[bodies.Commit]) -> Response[bytes]:
    """A signed commitment in place of a document. 201 with the case."""
    call = await call_of(request)

    async def run(tx: asyncpg.Connection) -> Answer:
        case = await documents.commit(
            tx, call.office, call.account, call.region, number, data, lang=call.lang, address=call.address
        )
        return _answer(call, case, 201)

    return await once(call, run)


@post(
    "/applications/{number:str}/submit", status_code=200, dto=Kept[bodies.Body], return_dto=None,
    guards=[require_token()],
)  # fmt: skip
async def submit(request: Asked, number: FromPath[str], data: JSONBody[bodies.Body]) -> Response[bytes]:
    """Submit a complete draft; the answer is the receipt: the case with its clocks and whose turn it is."""
    call = await call_of(request)

    async def run() -> Answer:
        async with call.database.transaction(call.region) as tx:
            return await service.submit(
                tx,
                call.office,
                call.account,
                call.region,
                number,
                key=call.key,
                request=call.request,
                lang=call.lang,
                version=call.version,
            )

    try:
        return raw(await run())
    except (asyncpg.UniqueViolationError, Conflict) as quicker:
        if isinstance(quicker, Conflict) and quicker.type not in ("state", "stale"):
            raise
        return raw(await run())


@get("/applications/{number:str}/letters", guards=[require_token()])
async def letters_of(request: Asked, number: FromPath[str]) -> Response[bytes]:
    """The letters of a case."""
    call = await call_of(request)
    async with call.database.transaction(call.region) as tx:
        case = await service.look(tx, call.office, call.account, call.region, number)
        found = await letter_store.letters_of_case(tx, call.region, case.row.id)
    return json({"items": [_letter(one) for one in found]})


def _letter(one: Issued) -> dict[str, Any]:
    """A letter in a list."""
    return {"id": one.id, "kind": one.kind, "number": one.number, "issued_at": one.issued_at.astimezone(CITY)}


@get("/applications/{number:str}/letters/{letter:uuid}", guards=[require_token()])
async def letter_of(
    request: Asked, number: FromPath[str], letter: Annotated[uuid.UUID, PathParameter(description="its id")]
) -> Response[bytes]:
    """A letter's PDF, byte for byte as it was issued."""
    call = await call_of(request)
    async with call.database.transaction(call.region) as tx:
        case = await service.look(tx, call.office, call.account, call.region, number)
        if letter not in {i.id for i in await letter_store.letters_of_case(tx, call.region, case.row.id)}:
            raise NotFound(Text("没有这份文书。", "There is no such letter."))
        pdf = await letters.pdf_of(tx, call.office.keys, call.region, letter)
    return Response(pdf, media_type="application/pdf")


def router() -> Router:
    """The calls of applications."""
    parts = [action_call("applications", action) for action in PARTY]
    fixed = [begin, read, amend, discard, bring_back, upload, commit, submit, letters_of, letter_of]
    return Router("/", route_handlers=[*fixed, *parts], tags=["applications"])
