"""A message that was put aside: looked at, sent again, mended, taken after all, or settled by hand with a reason."""

from typing import Any

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from permits.errors import BadInput, Conflict, FieldError, NotFound
from permits.i18n import Text
from permits.routing import quarantine
from permits.web.agencies import board as boards
from permits.web.agencies.ids import NO_SUCH, known
from permits.web.auth import Asked, person
from permits.web.forms import Filled, Form
from permits.web.pages import page, posted, see
from permits.web.state import database_of, office_of, region_of_request

NOT_JSON = Text("内容不是 JSON 对象，请检查引号和逗号。", "This is no JSON object; check quotes and commas.")


@get("/messages/{id:str}")
async def put_aside(request: Asked, id: FromPath[str]) -> Response[str]:
    """A message put aside, what it says, and what can be done about it."""
    return await _shown(request, id, Filled())


async def _shown(request: Asked, id: str, f: Filled, status: int = 200) -> Response[str]:
    region, account, office = region_of_request(request), person(request), office_of(request)
    async with database_of(request).transaction(region) as tx:
        opened = await quarantine.look(tx, office, account, region, known(id))
    envelope = opened.envelope
    body = msgspec.json.format(msgspec.json.encode(envelope.body), indent=2).decode() if envelope else ""
    return page(
        request,
        "agencies/aside.html",
        status=status,
        f=f if f.value("body") else msgspec.structs.replace(f, values={**f.values, "body": body}),
        letter=boards.put_aside(opened.letter),
        schema=envelope.schema if envelope else None,
        body=body,
        ways=opened.ways,
    )


@get("/messages/{id:str}/{step:str}")
async def again(request: Asked, id: FromPath[str], step: FromPath[str]) -> Response[None]:
    """The message's page, in the other language."""
    return see(f"/agencies/messages/{id}")


@post("/messages/{id:str}/{step:str}", status_code=200)
async def act(request: Asked, id: FromPath[str], step: FromPath[str]) -> Response[Any]:
    """Do one of it; what is wrong comes back beside its field, nothing typed is lost."""
    sent = await posted(request)
    try:
        await _act(request, id, step, sent)
    except BadInput as wrong:
        errors = wrong.errors or (FieldError("/reasons", wrong.detail),)
        return await _shown(request, id, Filled.again(sent, errors), wrong.status)
    except Conflict as wrong:
        return await _shown(request, id, Filled.again(sent, [FieldError("/reasons", wrong.detail)]), wrong.status)
    return see("/agencies/?done=settled")


async def _act(request: Asked, id: str, step: str, sent: Form) -> None:
    region, account, office = region_of_request(request), person(request), office_of(request)
    message_id, reasons = known(id), sent.get("reasons")
    async with database_of(request).transaction(region) as tx:
        match step:
            case "resend":
                await quarantine.resend(tx, office, account, region, message_id, reasons)
            case "mend":
                await quarantine.mend(tx, office, account, region, message_id, reasons, _body(sent))
            case "retry":
                await quarantine.retry(tx, office, account, region, message_id, reasons)
            case "settle":
                await quarantine.settle(tx, office, account, region, message_id, reasons)
            case _:
                raise NotFound(NO_SUCH)


def _body(sent: Form) -> dict[str, Any]:
    """What was typed as the body. Raises BadInput where it is no JSON object."""
    try:
        return msgspec.json.decode(sent.get("body"), type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as wrong:
        raise BadInput(errors=[FieldError("/body", NOT_JSON)]) from wrong


HANDLERS = [put_aside, again, act]
