"""The exchange with agencies, for whoever watches over it: what was put aside, what is done about it, the evidence."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

import asyncpg
import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from permits.cases import lifecycle
from permits.cases.once import Answer
from permits.clock import CITY
from permits.errors import BadInput, FieldError, NotFound
from permits.i18n import Text
from permits.routing import dossier, quarantine
from permits.routing.dead_letters import DeadLetter
from permits.web.api.call import Asked, Kept, call_of, json, once
from permits.web.auth import require_token
from permits.web.i18n import Lang

STATES = ("open", "settled")
Reasons = Annotated[str, Meta(min_length=1, max_length=quarantine.LONGEST_REASONS, pattern=r"\S")]


class Why(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a message is sent again, taken after all or settled by hand."""

    reasons: Reasons


class Mended(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sent in the place of a message that was refused, and why."""

    reasons: Reasons
    body: dict[str, Any]


def letter_view(letter: DeadLetter, lang: Lang) -> dict[str, Any]:
    """A message put aside, as the interface shows it: the reason in the language asked for, and as key and details."""
    shown = msgspec.structs.asdict(letter) | {"reason": letter.why_aside.of(lang)}
    del shown["case_id"]
    for name in ("since", "settled_at"):
        shown[name] = shown[name] and shown[name].astimezone(CITY)
    return {"id": shown.pop("message_id"), "case": shown.pop("case_number"), **shown}


@get("/quarantine", guards=[require_token(*quarantine.MAY)])
async def read_page(
    request: Asked,
    standing: Annotated[str, QueryParameter(name="state")] = "open",
    agency: FromQuery[str | None] = None,
) -> Response[bytes]:
    """What was put aside because it was refused for good, oldest first, at most a hundred."""
    call = await call_of(request)
    if standing not in STATES:
        text = Text("state 写 open 或 settled。", "state is open or settled.")
        raise BadInput(errors=[FieldError("/state", text)])
    async with call.database.transaction(call.region) as tx:
        found = await quarantine.page(tx, call.account, call.region, state=standing, agency=agency)
    return json({"items": [letter_view(letter, call.lang) for letter in found]})


@get("/quarantine/{message:str}", guards=[require_token(*quarantine.MAY)])
async def read_one(request: Asked, message: FromPath[str]) -> Response[bytes]:
    """One of them with what it says; the look is on the record."""
    call = await call_of(request)
    async with call.database.transaction(call.region) as tx:
        opened = await quarantine.look(tx, call.office, call.account, call.region, _id(message))
    return json(letter_view(opened.letter, call.lang) | {"message": opened.envelope, "actions": opened.ways})


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound(Text("没有这份报文。", "There is no such message.")) from None


Act = Callable[..., Awaitable[DeadLetter]]
STEPS: Mapping[str, tuple[Act, Any, str]] = {
    "resend": (quarantine.resend, Why, "Send the same bytes again."),
    "mend": (quarantine.mend, Mended, "Send another body in its place; the contract is checked first."),
    "retry": (quarantine.retry, Why, "Take an agency's message after all."),
    "settle": (quarantine.settle, Why, "Give it up: it was settled with the agency by other means."),
}
"""What can be done with a message put aside: the use case, its body, and its name in the documentation."""


def settling_call(step: str) -> Any:
    """The call `POST /quarantine/{message}/{step}`; its answer is the message as it stands then."""
    act, _, summary = STEPS[step]
    kind: Any = STEPS[step][1]

    async def settle(request: Asked, message: FromPath[str], data: Any) -> Response[bytes]:
        call = await call_of(request)
        given = (call.office, call.account, call.region, _id(message), *msgspec.structs.astuple(data))

        async def run(tx: asyncpg.Connection) -> Answer:
            return Answer(200, msgspec.json.encode(letter_view(await act(tx, *given), call.lang)))

        return await once(call, run)

    body: Any = JSONBody
    settle.__annotations__["data"] = body[kind]
    settle.__doc__ = summary
    made = post(
        f"/quarantine/{{message:str}}/{step}",
        status_code=200,
        dto=Kept[kind],
        return_dto=None,
        guards=[require_token(*quarantine.MAY)],
        operation_id=f"quarantine-{step}",
    )
    return made(settle)


@get("/cases/{number:str}/evidence", guards=[require_token(*lifecycle.STAFF)])
async def read_evidence(request: Asked, number: FromPath[str]) -> Response[bytes]:
    """The case's evidence as a zip file that an outsider can verify; that it was taken is on the record."""
    call = await call_of(request)
    async with call.database.transaction(call.region) as tx:
        packed = await dossier.export(tx, call.office, call.account, call.region, number)
    headers = {"Content-Disposition": f'attachment; filename="evidence-{number}.zip"', "Cache-Control": "no-store"}
    return Response(packed, media_type="application/zip", headers=headers)


def router() -> Router:
    """The calls about the exchange."""
    handlers = [read_page, read_one, *(settling_call(step) for step in STEPS), read_evidence]
    return Router("/", route_handlers=handlers, tags=["exchange"])
