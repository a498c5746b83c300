"""The addresses of the window: lists, search, the case with its steps, documents and letters.

Only staff get in; what each may do the lifecycle says, not the address.
"""

from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response
from litestar.router import Router

from permits.cases import desk
from permits.cases.lifecycle import STAFF
from permits.errors import NotFound
from permits.web.auth import require
from permits.web.pages import see
from permits.web.state import database_of, office_of
from permits.web.window import evidence, mend, permit, queue
from permits.web.window.acting import NO_ACTION, Show, act
from permits.web.window.casepage import case_page, show_page, turn
from permits.web.window.facets import Desk
from permits.web.window.find import find, found_page
from permits.web.window.handout import hand_out_page
from permits.web.window.messages import messages_page
from permits.web.window.opened import Asked
from permits.web.window.steps import shows, step_page

STEPS = ("not-accept", "terminate", "take-over", "close")
"""What has a page of its own here."""
ACTIONS: dict[str, Show] = {
    "claim": shows("window", "take-over"),
    "release": case_page,
    "accept": case_page,
    "request-correction": case_page,
    "not-accept": shows("window", "not-accept"),
    "terminate": shows("window", "terminate"),
    "hand-out": hand_out_page,
    "close": shows("window", "close"),
}
"""What is done here, and the page that shows its form again."""


@get("/")
async def cases(request: Asked) -> Response[str]:
    """The list of cases."""
    return await queue.show(request, queue.WINDOW)


@get("/hand-out")
async def results(request: Asked) -> Response[str]:
    """The results that wait to be handed out."""
    return await queue.show(request, queue.HAND_OUT)


@post("/claim-next")
async def claim_next(request: Asked) -> Response[Any]:
    """Claim the case that is due first."""
    return await queue.claim_next(request, queue.WINDOW)


@post("/selected", status_code=200)
async def selected(request: Asked) -> Response[str]:
    """Claim or put back several cases."""
    return await queue.selected(request, queue.WINDOW)


@get(["/selected", "/claim-next"])
async def after_selected(request: Asked) -> Response[None]:
    """The list again, in the other language."""
    return back(request, "/window/")


@post("/find", status_code=200)
async def find_cases(request: Asked) -> Response[Any]:
    """Find cases."""
    return await find(request)


@get("/find")
async def finding(request: Asked) -> Response[str]:
    """The empty search, in either language."""
    return found_page(request, "", [])


@get("/{number:str}")
async def one_case(request: Asked, number: FromPath[str]) -> Response[str]:
    """A case."""
    return await case_page(request, number)


@get("/{number:str}/{step:str}")
async def one_step(request: Asked, number: FromPath[str], step: FromPath[str]) -> Response[Any]:
    """A step that has a page of its own; anything else is prepared on the case itself."""
    match step:
        case "hand-out":
            return await hand_out_page(request, number)
        case "messages":
            return await messages_page(request, number)
        case "next" | "previous":
            return await neighbour(request, queue.WINDOW, number, step)
    if step in STEPS:
        return await step_page(request, number, "window", step)
    if step in ACTIONS or step in ("show", "turn"):
        return back(request, f"/window/{number}")
    raise NotFound(NO_ACTION)


@post("/{number:str}/{step:str}", status_code=200)
async def take_step(request: Asked, number: FromPath[str], step: FromPath[str]) -> Response[Any]:
    """Take a step."""
    if step == "show":
        return await show_page(request, number)
    if step == "turn":
        return await turn(request, number)
    return await act(request, number, step, "window", ACTIONS)


def back(request: Asked, path: str) -> Response[None]:
    """A page of ours with the query kept: the language may stand in it."""
    query = urlencode(list(request.query_params.multi_items()))
    return see(f"{path}?{query}" if query else path)


async def neighbour(request: Asked, at: Desk, number: str, step: str) -> Response[None]:
    """The case before or after this one among those one holds; the list where there is none."""
    asker = queue.asker_of(request)
    async with database_of(request).transaction(asker.region) as tx:
        found = await desk.rows(tx, office_of(request).keys, asker, queue.mine(at.states).by)
    numbers = [one.line.number for one in found]
    after = numbers.index(number) + (1 if step == "next" else -1) if number in numbers else 0
    if 0 <= after < len(numbers):
        return see(at.case.format(numbers[after]))
    return see(f"{at.path}?{urlencode({'here': number})}")


def window_router() -> Router:
    """Every page of the window."""
    handlers = [
        cases, results, claim_next, selected, after_selected, find_cases, finding, one_case, one_step, take_step,
        *evidence.HANDLERS, *permit.HANDLERS, *mend.HANDLERS,
    ]  # fmt: skip
    return Router("/window", route_handlers=handlers, guards=[require(*STAFF)])
