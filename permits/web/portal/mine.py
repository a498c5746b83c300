"""My cases: whose turn it is first, then what is in hand, drafts, and what is done; a deleted draft can come back."""

import datetime as dt
from typing import Any

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from permits import clock
from permits.cases import drafting, queues
from permits.cases.model import ENDED, SETTLED
from permits.cases.queues import Line
from permits.i18n import Text
from permits.web.pages import page, posted, see
from permits.web.parts import Light
from permits.web.portal.ground import AGENT, Asked, Desk, desk_of, require_version
from permits.web.portal.matters import matter
from permits.web.portal.permit import permits_of
from permits.web.portal.turns import ENDINGS, waiting

SHOWN_DONE = 10
SHOWN_TURN = 3
"""Drafts shown as panes of their own; the rest make a list."""


class Mine(msgspec.Struct, frozen=True):
    """One's cases, sorted by what they ask of one."""

    corrections: list[Line]
    drafts: list[Line]
    running: list[Line]
    done: list[Line]
    deleted: list[Line]


async def lines_of(desk: Desk) -> Mine:
    """One's cases in the city."""
    since = clock.now() - dt.timedelta(days=drafting.KEPT_DAYS)
    async with desk.database.transaction(desk.region) as tx:
        lines = await queues.mine(tx, desk.office.keys, desk.region, desk.account.id, since)
    return sorted_by_turn(lines)


def sorted_by_turn(lines: list[Line]) -> Mine:
    """Each line in the one list it belongs to."""
    kept = [line for line in lines if not line.deleted]
    drafts = [line for line in kept if line.state == "draft"]
    ended = [line for line in kept if line.state in ENDED]
    in_hand = [line for line in kept if line.state != "draft" and line.state not in ENDED]
    asked = [line for line in in_hand if line.open_corrections]
    running = [line for line in in_hand if not line.open_corrections]
    running.sort(key=lambda line: line.due or dt.date.max)
    return Mine(asked, drafts, running, ended[:SHOWN_DONE], [line for line in lines if line.deleted])


class Running(msgspec.Struct, frozen=True):
    """A case in hand and whom it waits for."""

    line: Line
    light: Light
    waiting: Text
    due: Text
    """What the promise is about."""


def _running(line: Line) -> Running:
    light, words = waiting(line.state, line.joint, line.parts.get("residence_permit", "not-wanted") in SETTLED)
    return Running(line, light, words, DUE.get(line.state, Text("", "")))


DUE = {
    "submitted": Text("答复是否受理", "whether it is accepted"),
    "accepted": Text("决定", "decision"),
    "review": Text("决定", "decision"),
    "recommended": Text("决定", "decision"),
    "granted": Text("送达", "delivery"),
    "refused": Text("送达", "delivery"),
}


@get("/", guards=[AGENT])
async def my_cases(request: Asked) -> Response[str]:
    """The list."""
    found = await lines_of(desk_of(request))
    gone = request.query_params.get("discarded")
    return page(
        request,
        "portal/cases.html",
        matter=matter,
        permits=await permits_of(desk_of(request)),
        corrections=found.corrections,
        panes=found.drafts[:SHOWN_TURN],
        others=found.drafts[SHOWN_TURN:],
        running=[_running(line) for line in found.running],
        done=[(line, ENDINGS[line.state]) for line in found.done],
        deleted=found.deleted,
        just=next((line for line in found.deleted if line.number == gone), None),
        days=drafting.KEPT_DAYS,
    )


@post("/{number:str}/discard", guards=[AGENT], status_code=200)
async def discard(request: Asked, number: FromPath[str]) -> Response[Any]:
    """Delete a draft; the list then offers to bring it back."""
    sent, desk = await posted(request), desk_of(request)
    async with desk.database.transaction(desk.region) as tx:
        require_version(await drafting.own(tx, desk.office, desk.account, desk.region, number), sent)
        await drafting.discard(tx, desk.office, desk.account, desk.region, number)
    return see(f"/apply/?discarded={number}")


@post("/{number:str}/restore", guards=[AGENT], status_code=200)
async def restore(request: Asked, number: FromPath[str]) -> Response[Any]:
    """Bring a deleted draft back and go to it."""
    await posted(request)
    desk = desk_of(request)
    async with desk.database.transaction(desk.region) as tx:
        await drafting.bring_back(tx, desk.office, desk.account, desk.region, number)
    return see(f"/apply/{number}")
