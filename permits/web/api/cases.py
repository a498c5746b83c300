"""The desks over JSON: queues, search, the staff actions of interface.md, and a case's messages."""

import base64
import datetime as dt
import uuid
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from permits.accounts.audit import AUDIT, audit_row
from permits.cases import actions, lifecycle, queues, service
from permits.cases.queues import Line
from permits.clock import CITY
from permits.errors import BadInput, FieldError, NotFound
from permits.i18n import Text
from permits.routing import store as messages
from permits.rules.nationality import NATIONALITIES
from permits.web.api.acting import PARTY, action_call
from permits.web.api.call import Asked, Strict, call_of, json
from permits.web.auth import require_token

Short = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"\S")]


class Search(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to find a case by; exactly one of them."""

    passport_number: Short | None = None
    name: Short | None = None
    employer: Short | None = None
    permit_number: Short | None = None


def line_view(line: Line) -> dict[str, Any]:
    """A row of a list, as the interface shows it: names, never a passport."""
    return {
        "number": line.number,
        "procedure": line.procedure,
        "joint": line.joint,
        "state": line.state,
        "category": line.category,
        "nationality": line.nationality,
        "employer": line.employer,
        "surname": line.surname,
        "given_names": line.given_names,
        "due": line.due,
        "legal_due": line.legal_due,
        "submitted_at": line.submitted_at and line.submitted_at.astimezone(CITY),
        "claimed_by": line.claim.name if line.claim else None,
        "components": line.parts,
        "version": line.version,
    }


@get("/cases", guards=[require_token(*lifecycle.STAFF)])
async def read_queue(
    request: Asked,
    queue: Annotated[str | None, QueryParameter(description=f"one of {', '.join(queues.QUEUES)}, mine")] = None,
    in_state: Annotated[str | None, QueryParameter(name="state")] = None,
    q: FromQuery[str | None] = None,
    due_before: FromQuery[dt.date | None] = None,
    cursor: FromQuery[str | None] = None,
) -> Response[bytes]:
    """A queue by due date, the soonest first; `q` is a case number."""
    call = await call_of(request)
    states = _states(queue, in_state)
    async with call.database.transaction(call.region) as tx:
        found = await queues.queue(
            tx,
            call.office.keys,
            call.region,
            states,
            due_before=due_before,
            claimed_by=call.account.id if queue == "mine" else None,
            q=q,
            after=_after(cursor),
        )
        asked = {"queue": queue, "state": in_state}
        await AUDIT.run(tx, **audit_row(call.region, call.account.id, "queue", detail=asked))
    more = len(found) == queues.PAGE
    return json({"items": [line_view(line) for line in found], "cursor": _cursor(found[-1]) if more else None})


def _states(queue: str | None, state: str | None) -> tuple[str, ...]:
    errors = []
    if queue not in (None, "mine", *queues.QUEUES):
        allowed = "、".join((*queues.QUEUES, "mine"))
        errors.append(FieldError("/queue", Text(f"只能是：{allowed}。", f"Must be one of: {allowed}.")))
    if state is not None and (state not in lifecycle.STATE_NAMES or state == "draft"):
        errors.append(FieldError("/state", Text("没有这个状态。", "There is no such state.")))
    if errors:
        raise BadInput(errors=errors)
    every = tuple(name for name in lifecycle.STATE_NAMES if name != "draft")
    states: tuple[str, ...] = queues.QUEUES.get(queue or "", every)
    return tuple(s for s in states if state in (None, s))


def _cursor(line: Line) -> str:
    due, last = queues.place(line)
    return base64.urlsafe_b64encode(f"{due}/{last}".encode()).decode()


def _after(cursor: str | None) -> tuple[dt.date, uuid.UUID] | None:
    if not cursor:
        return None
    try:
        due, _, last = base64.urlsafe_b64decode(cursor.encode()).decode().partition("/")
        return dt.date.fromisoformat(due), uuid.UUID(last)
    except ValueError as wrong:
        text = Text("cursor 用上一页给的。", "Use the cursor that the page before gave.")
        raise BadInput(errors=[FieldError("/cursor", text)]) from wrong


@post("/cases/search", status_code=200, dto=Strict[Search], return_dto=None,
      guards=[require_token(*lifecycle.STAFF)])  # fmt: skip
async def search(request: Asked, data: JSONBody[Search]) -> Response[bytes]:
    """Cases by passport, name, employer or permit number; the search is on the record, what was sought is not."""
    call = await call_of(request)
    given = {name: value.strip() for name in data.__struct_fields__ if (value := getattr(data, name))}
    if len(given) != 1:
        text = Text("请写一项，也只写一项。", "Give exactly one of them.")
        raise BadInput(text, errors=[FieldError(f"/{name}", text) for name in data.__struct_fields__])
    (by, value), keys = next(iter(given.items())), call.office.keys
    async with call.database.transaction(call.region) as tx:
        match by:
            case "passport_number":
                found = await queues.by_passport(tx, keys, call.region, value, NATIONALITIES)
            case "name":
                found = await queues.by_name(tx, keys, call.region, value)
            case "employer":
                found = await queues.by_employer(tx, keys, call.region, value)
            case _:
                found = await queues.by_permit(tx, keys, call.region, value)
        await AUDIT.run(tx, **audit_row(call.region, call.account.id, "search", detail={"by": by, "found": len(found)}))
    return json({"items": [line_view(line) for line in found]})


@get("/cases/{number:str}/messages", guards=[require_token(*lifecycle.STAFF)])
async def read_messages(request: Asked, number: FromPath[str]) -> Response[bytes]:
    """What went to and came from each agency, in order."""
    call = await call_of(request)
    async with call.database.transaction(call.region) as tx:
        case = await service.look(tx, call.office, call.account, call.region, number)
        found = await messages.messages_of_case(tx, call.region, case.row.id)
    return json({"items": found})


@post("/cases/{number:str}/{action:str}", status_code=404, guards=[require_token()], include_in_schema=False)
async def unknown(number: FromPath[str], action: FromPath[str]) -> None:
    """An action that the lifecycle does not know."""
    names = [name for name in actions.ACTIONS if name not in PARTY]
    raise NotFound(Text(f"没有这个动作。有：{'、'.join(names)}。", f"No such action. There are: {', '.join(names)}."))


def router() -> Router:
    """The calls of the desks."""
    takes = [action_call("cases", action) for action in actions.ACTIONS if action not in PARTY]
    return Router("/", route_handlers=[read_queue, search, read_messages, unknown, *takes], tags=["cases"])
