"""The list of a desk: its facets, its page of cases, claiming the most urgent one and several at once."""

import base64
import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import asyncpg
from litestar.connection import Request
from litestar.response import Response

from permits import clock
from permits.accounts.audit import AUDIT, audit_row
from permits.cases import bodies, desk, queues, service
from permits.cases.desk import Asker, Filter
from permits.cases.model import ENDED
from permits.errors import Conflict, Forbidden, NotFound, Problem
from permits.i18n import Text
from permits.web.auth import person
from permits.web.forms import Form
from permits.web.pages import page, posted, see
from permits.web.state import database_of, office_of, region_of_request
from permits.web.visitor import roles_of
from permits.web.window import facets
from permits.web.window.facets import Choice, Chosen, Desk, Queue
from permits.web.window.limits import soon
from permits.web.window.rows import row

Asked = Request[Any, Any, Any]
WINDOW_TO_CLAIM = ("submitted",)
REVIEW_TO_CLAIM = ("accepted", "review", "special-procedure")
MOST_AT_ONCE = 500
"""Cases taken or put back by one click."""
TRIES = 5
"""How often the most urgent case is tried when colleagues are quicker."""


def mine(states: tuple[str, ...]) -> Queue:
    """The cases one holds."""
    return Queue("mine", Text("我的办件", "My cases"), Filter(states=states, held="mine"))


def to_claim(states: tuple[str, ...], *roles: str) -> Queue:
    """The cases nobody holds."""
    return Queue("claim", Text("待认领", "To claim"), Filter(states=states, held="free"), frozenset(roles))


def due_today(states: tuple[str, ...], today: dt.date) -> Queue:
    """The cases that are due today or late."""
    return Queue("due", Text("今天到期", "Due today or late"), Filter(states=states, due_by=today))


def _window(today: dt.date) -> tuple[Queue, ...]:
    every = desk.RUNNING
    return (
        mine(every),
        to_claim(WINDOW_TO_CLAIM, "clerk"),
        Queue("all", Text("全部在办", "All in hand"), Filter(states=every)),
        due_today(every, today),
        Queue("ended", Text("已办结", "Closed"), Filter(states=ENDED)),
    )


def _hand_out(today: dt.date) -> tuple[Queue, ...]:
    states = ("granted", "refused")
    return (
        Queue("ready", Text("可以发", "Ready"), Filter(states=states, waiting="office")),
        Queue("police", Text("等公安证件", "Waiting for the police"), Filter(states=states, waiting="police")),
        Queue("bureau", Text("等审批局", "Waiting for the bureau"), Filter(states=states, waiting="approval-bureau")),
        due_today(states, today),
    )


SIGNING = "/review/{}/decide"
WINDOW = Desk("/window/", "/window/{}", SIGNING, Text("办件", "Cases"), desk.RUNNING, _window)
HAND_OUT = Desk(
    "/window/hand-out",
    "/window/{}/hand-out",
    SIGNING,
    Text("发证", "Hand-out"),
    ("granted", "refused"),
    _hand_out,
)


def asker_of(request: Asked) -> Asker:
    """Who looks at a list, and when."""
    now = clock.now()
    return Asker(region_of_request(request), person(request).id, now, soon(office_of(request).law, now.date()))


def offered(request: Asked, at: Desk) -> list[Queue]:
    """The lists of a desk that the roles of this person open."""
    return [queue for queue in at.queues(clock.today()) if not queue.roles or queue.roles & roles_of(request)]


async def show(request: Asked, at: Desk, *, results: tuple[tuple[str, Text], ...] = ()) -> Response[str]:
    """The list as its address asks; `results` says what became of each case of the last click."""
    asker, office, asked = asker_of(request), office_of(request), dict(request.query_params)
    lists = offered(request, at)
    states = (*at.states, *ENDED) if asked.get("queue") == "ended" else at.states
    async with database_of(request).transaction(asker.region) as tx:
        groups = await desk.groups(tx, asker, states)
        chosen = facets.choose(lists, asked, groups, asker.now.date())
        found = await desk.rows(tx, office.keys, asker, chosen.by(), after=_after(asked.get("after")))
        await _recorded(tx, request, chosen)
    decides = "decider" in roles_of(request)
    signs = bool(roles_of(request) & {"decider", "legal"})
    rows = [
        row(
            one,
            office.law,
            asker.now.date(),
            href=at.signing if signs and one.line.state == "recommended" else at.case,
            here=asked.get("here", ""),
            decides=decides,
        )
        for one in found
    ]
    more = desk.place(found[-1].line) if len(found) == queues.PAGE else None
    return _page(request, at, lists, chosen, groups, rows=rows, more=more, asked=asked, results=results)


async def beside(request: Asked, at: Desk) -> list[Choice]:
    """The lists of a desk with their figures, for a page that stands beside them."""
    asker = asker_of(request)
    async with database_of(request).transaction(asker.region) as tx:
        groups = await desk.groups(tx, asker, at.states)
    return facets.lists(at, offered(request, at), "", groups, asker.now.date())


async def _recorded(tx: asyncpg.Connection, request: Asked, chosen: Chosen) -> None:
    account, region = person(request), region_of_request(request)
    detail = {"queue": chosen.queue.key, **chosen.values}
    await AUDIT.run(tx, **audit_row(region, account.id, "queue", detail=detail))


def _page(
    request: Asked, at: Desk, lists: list[Queue], chosen: Chosen, groups: list[desk.Group], **more: Any
) -> Response[str]:
    today, cursor = clock.today(), more.pop("more")
    following = facets.address(at, chosen.queue.key, chosen.values, after=_cursor(cursor)) if cursor else ""
    first = facets.address(at, chosen.queue.key, chosen.values) if more.pop("asked").get("after") else ""
    return page(
        request,
        "window/queue.html",
        at=at,
        queue=chosen.queue,
        total=facets.count(groups, chosen.by(), today),
        lists=facets.lists(at, lists, chosen.queue.key, groups, today),
        groups=facets.facets(at, chosen, groups, today),
        lights=[
            (light, choice)
            for light, words in facets.LIGHTS.items()
            for choice in facets.choices(at, chosen, groups, today, "light")
            if choice.words == words
        ],
        chips=facets.chips(at, chosen),
        claims=any(queue.key == "claim" for queue in lists) and chosen.queue.key != "ended",
        first=first,
        following=following,
        **more,
    )


def _cursor(place: tuple[dt.date, uuid.UUID]) -> str:
    return base64.urlsafe_b64encode(f"{place[0]}/{place[1]}".encode()).decode()


def _after(cursor: str | None) -> tuple[dt.date, uuid.UUID] | None:
    """Where a page goes on; the beginning where the address was tampered with."""
    try:
        due, _, last = base64.urlsafe_b64decode((cursor or "").encode()).decode().partition("/")
        return dt.date.fromisoformat(due), uuid.UUID(last)
    except ValueError:
        return None


# Taking several, or the most urgent one


async def claim_next(request: Asked, at: Desk) -> Response[Any]:
    """Claim the case of the desk that is due first, the next one where a colleague was quicker."""
    await posted(request)
    asker, office = asker_of(request), office_of(request)
    free = next((queue for queue in offered(request, at) if queue.key == "claim"), None)
    if free is None:
        raise Forbidden
    async with database_of(request).transaction(asker.region) as tx:
        found = await desk.rows(tx, office.keys, asker, free.by, size=TRIES)
    for one in found:
        if not isinstance(await _taken(request, one.line.number, "claim"), Problem):
            return see(f"{at.case.format(one.line.number)}?done=claim")
    return see(f"{at.path}?queue=claim")


async def _taken(request: Asked, number: str, action: str) -> Problem | None:
    """What stood in the way of an action, which has a transaction of its own."""
    region, office, body = region_of_request(request), office_of(request), BODIES[action]()
    try:
        async with database_of(request).transaction(region) as tx:
            await service.act(tx, office, person(request), region, number, action, body)
    except (Conflict, Forbidden, NotFound) as problem:
        return problem
    return None


BODIES: dict[str, Callable[[], bodies.Body]] = {"claim": bodies.Claim, "release": bodies.Body}
DONE = {"claim": Text("已认领", "Claimed"), "release": Text("已放回", "Put back")}


async def selected(request: Asked, at: Desk) -> Response[str]:
    """Claim or put back what was ticked, one by one; the list again with what became of each."""
    sent = await posted(request)
    action = sent.get("do") if sent.get("do") in BODIES else "claim"
    results = []
    for number in _ticked(sent):
        problem = await _taken(request, number, action)
        results.append((number, reason(problem) if problem else DONE[action]))
    return await show(request, at, results=tuple(results))


def _ticked(sent: Form) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sent.all("case")))[:MOST_AT_ONCE]


def reason(problem: Problem) -> Text:
    """Why something was not done, without the codes of what is possible instead."""
    return Text(problem.detail.zh.split("现在可以：")[0], problem.detail.en.split(" Possible now:")[0])
