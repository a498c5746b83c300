"""Permits over JSON: how one stands, its versions and whole history; its end by the office."""

import uuid
from typing import Annotated, Any

import asyncpg
import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromPath, JSONBody, PathParameter

from permits import clock, decoding
from permits.cases import holding, mending, revoking
from permits.cases.bodies import CorrectPermit, EndPermit
from permits.cases.holding import Pending
from permits.cases.once import Answer
from permits.cases.revoking import OPENERS
from permits.clock import CITY
from permits.letters import direct
from permits.letters import service as letters
from permits.register.corrections import Proposed
from permits.register.model import RegisterEntry
from permits.settings import settings
from permits.web import permit
from permits.web.api.call import Asked, Call, Kept, call_of, json, once
from permits.web.auth import require_token
from permits.web.i18n import Lang
from permits.web.state import office_of, region_of_request


class End(Kept[EndPermit]):
    """Names what has the wrong form and a ground that is none at once."""

    def read(self, value: bytes) -> Any:
        """The body. Raises BadInput."""
        connection = self.asgi_connection
        what = connection.scope["path"].rpartition("/")[2]
        law, region = office_of(connection).law, region_of_request(connection)
        return holding.read_end(decoding.parse(value), law, what, clock.today(), region)


@get("/permits/{number:str}", guards=[require_token()])
async def read(request: Asked, number: FromPath[str]) -> Response[bytes]:
    """The permit, its versions and the whole history of its holder, to its parties and staff; on the record."""
    call = await call_of(request)
    async with call.database.transaction(call.region) as tx:
        entry = await holding.look(tx, call.office, call.account, call.region, number)
        return json(await _body(tx, call, entry))


async def _body(tx: asyncpg.Connection, call: Call, entry: RegisterEntry) -> dict[str, Any]:
    inside = holding.is_staff(call.account, call.region)
    body = permit.answer(await permit.shown(tx, call.office.law, call.region, entry, call.lang, inside=inside))
    now = next((one for one in reversed(entry.permits) if one.status == "valid"), entry.permits[-1])
    body["pending"] = [_pending(one, call.lang) for one in await holding.pending(tx, call.office, call.region, now)]
    if inside:
        found = [one for held in entry.permits for one in await mending.waiting(tx, call.office, call.region, held)]
        body["corrections"] = [_proposed(one) for one in found]
    return body


def _pending(one: Pending, lang: Lang) -> dict[str, Any]:
    silence = one.silence and {
        "state": one.silence.state(clock.today()),
        "last_day": one.silence.last_day,
        "happens_on": one.silence.happens_on,
        "text": one.silence.text.of(lang),
        "source": f"{one.silence.source}{one.silence.article}",
    }
    return {"case": one.number, "procedure": one.procedure, "due": one.due, "silence": silence}


@post("/permits/{number:str}/cancel", status_code=200, dto=End, return_dto=None, guards=[require_token("clerk")])
async def cancel(request: Asked, number: FromPath[str], data: JSONBody[EndPermit]) -> Response[bytes]:
    """Cancel a permit by the office itself; the foreigner and the employer apply under procedure `cancel`."""
    call = await call_of(request)

    async def run(tx: asyncpg.Connection) -> Answer:
        entry = await direct.cancel(tx, call.office, settings(), call.account, call.region, number, data)
        return Answer(200, msgspec.json.encode(await _body(tx, call, entry)))

    return await once(call, run)


@get("/permits/{number:str}/letters/{letter:uuid}", guards=[require_token()])
async def letter_of(
    request: Asked, number: FromPath[str], letter: Annotated[uuid.UUID, PathParameter(description="its id")]
) -> Response[bytes]:
    """A letter of a decision that no case led to, byte for byte as it was issued; to its parties and staff."""
    call = await call_of(request)
    async with call.database.transaction(call.region) as tx:
        entry = await holding.look(tx, call.office, call.account, call.region, number, "letter")
        _, pdf = await letters.of_permit(tx, call.office.keys, call.region, [one.id for one in entry.permits], letter)
    return Response(pdf, media_type="application/pdf")


async def _open(request: Asked, number: str, what: str, data: EndPermit) -> Response[bytes]:
    call = await call_of(request)

    async def run(tx: asyncpg.Connection) -> Answer:
        case = await revoking.open_case(tx, call.office, call.account, call.region, number, what, data)
        body = {"number": case.row.number, "procedure": what, "state": case.row.state, "permit_number": number}
        return Answer(202, msgspec.json.encode(body))

    return await once(call, run)


@post("/permits/{number:str}/revoke", status_code=202, dto=End, return_dto=None, guards=[require_token(*OPENERS)])
async def revoke(request: Asked, number: FromPath[str], data: JSONBody[EndPermit]) -> Response[bytes]:
    """Open a case to revoke a permit; it ends once a decider signs, after legal clearance."""
    return await _open(request, number, "revoke", data)


@post("/permits/{number:str}/withdraw", status_code=202, dto=End, return_dto=None, guards=[require_token(*OPENERS)])
async def withdraw(request: Asked, number: FromPath[str], data: JSONBody[EndPermit]) -> Response[bytes]:
    """Open a case to withdraw a permit after the law or the facts changed; decided in the same way."""
    return await _open(request, number, "withdraw", data)


@post(
    "/permits/{number:str}/corrections", status_code=201, dto=Kept[CorrectPermit], return_dto=None,
    guards=[require_token(*mending.OFFICERS)],
)  # fmt: skip
async def propose(request: Asked, number: FromPath[str], data: JSONBody[CorrectPermit]) -> Response[bytes]:
    """Propose to correct a registration error; the register changes once another officer confirms."""
    call = await call_of(request)

    async def run(tx: asyncpg.Connection) -> Answer:
        made = await mending.propose(tx, call.office, call.account, call.region, number, data)
        return Answer(201, msgspec.json.encode(_proposed(made)))

    return await once(call, run)


def _proposed(made: Proposed) -> dict[str, Any]:
    return {
        "id": made.id,
        "facts": made.facts,
        "reasons": made.reasons,
        "proposer": made.proposer,
        "proposed_at": made.proposed_at.astimezone(CITY),
    }


async def _settle(request: Asked, number: str, correction: uuid.UUID, *, confirmed: bool) -> Response[bytes]:
    call = await call_of(request)

    async def run(tx: asyncpg.Connection) -> Answer:
        await mending.settle(tx, call.office, call.account, call.region, number, correction, confirmed=confirmed)
        entry = await holding.look(tx, call.office, call.account, call.region, number)
        return Answer(200, msgspec.json.encode(await _body(tx, call, entry)))

    return await once(call, run)


@post(
    "/permits/{number:str}/corrections/{correction:uuid}/confirm", status_code=200,
    guards=[require_token(*mending.OFFICERS)],
)  # fmt: skip
async def confirm(
    request: Asked, number: FromPath[str], correction: Annotated[uuid.UUID, PathParameter(description="its id")]
) -> Response[bytes]:
    """Confirm a correction that another officer proposed: it becomes a version of its own."""
    return await _settle(request, number, correction, confirmed=True)


@post(
    "/permits/{number:str}/corrections/{correction:uuid}/drop", status_code=200,
    guards=[require_token(*mending.OFFICERS)],
)  # fmt: skip
async def drop(
    request: Asked, number: FromPath[str], correction: Annotated[uuid.UUID, PathParameter(description="its id")]
) -> Response[bytes]:
    """Drop a correction that was proposed."""
    return await _settle(request, number, correction, confirmed=False)


def router() -> Router:
    """The calls of permits."""
    handlers = [read, letter_of, cancel, revoke, withdraw, propose, confirm, drop]
    return Router("/", route_handlers=handlers, tags=["permits"])
