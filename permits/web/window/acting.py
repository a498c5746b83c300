"""Taking an action from a page: the form read, the use case run, and what is shown where it did not go through.

A colleague who was quicker is named; nothing typed is lost.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from litestar.response import Response

from permits import clock
from permits.cases import service, timeline
from permits.cases.claims import holder
from permits.cases.model import Case
from permits.errors import BadInput, Conflict, FieldError, NotFound, Problem
from permits.i18n import Text
from permits.rules.validity import NotPossible
from permits.web.auth import person
from permits.web.forms import Filled, Form
from permits.web.pages import error_page, posted, see
from permits.web.state import database_of, office_of, region_of_request
from permits.web.window.bodies import body_of
from permits.web.window.opened import Asked
from permits.web.window.queue import reason
from permits.web.window.words import ACTIONS, STATES

NO_ACTION = Text("没有这一步。请从案件页面上的按钮进入。", "There is no such step. Use the buttons on the case.")
SHORT = 200
"""Characters of what was typed that the page of a conflict repeats in a line; all of it travels in the form."""
Show = Callable[..., Awaitable[Response[str]]]
"""Shows the page on which an action is prepared: request, number, what is filled in, status."""


async def act(request: Asked, number: str, action: str, area: str, shown_by: Mapping[str, Show]) -> Response[Any]:
    """Take an action; `shown_by` says which page shows its form again.

    That is where something is wrong, where a row was added to a list, or where what was typed is carried on.
    """
    if action not in shown_by:
        raise NotFound(NO_ACTION)
    sent = await posted(request)
    if "add" in sent.values or "carry" in sent.values:
        return await shown_by[action](request, number, f=Filled.again(sent), sent=sent)
    try:
        await _run(request, number, action, sent)
    except BadInput as problem:
        return await shown_by[action](request, number, f=Filled.again(sent, problem.errors), sent=sent, status=400)
    except Conflict as problem:
        return await conflict(request, number, action, area, sent, problem)
    return see(f"/{area}/{number}?done={action}")


async def _run(request: Asked, number: str, action: str, sent: Form) -> None:
    region, version = region_of_request(request), sent.get("version")
    seen = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None
    body = body_of(action, sent)
    try:
        async with database_of(request).transaction(region) as tx:
            await service.act(tx, office_of(request), person(request), region, number, action, body, version=seen)
    except NotPossible as why:
        raise BadInput(errors=[FieldError("/valid_until", why.text)]) from why


async def conflict(request: Asked, number: str, action: str, area: str, sent: Form, problem: Conflict) -> Response[str]:
    """The page that says who was quicker or what stands in the way, what holds now, and what is possible."""
    async with database_of(request).transaction(region_of_request(request)) as tx:
        case = await service.look(tx, office_of(request), person(request), region_of_request(request), number)
    view = service.seen(case, person(request), office_of(request), "zh")
    stale = problem.type == "stale"
    told = Conflict(_nothing_done(action, reason(problem), stale), type=problem.type, title=_title(case, problem))
    return error_page(
        request,
        told,
        held=sent,
        template="window/conflict.html",
        number=number,
        area=area,
        action=action,
        state=STATES[case.row.state],
        version=case.row.version,
        seen=sent.get("version"),
        typed=_typed(sent),
        possible=[ACTIONS[name] for name in view.actions if name in ACTIONS],
        again=action in view.actions,
        taken=holder(case, clock.now()) not in (None, str(person(request).id)),
    )


def _title(case: Case, problem: Problem) -> Text:
    """Who did what to the case last, where that is why; else that it cannot be done now."""
    if problem.type != "stale" or not case.timeline:
        return Text("现在不能这样办", "This cannot be done now")
    last = case.timeline[-1]
    said, at = timeline.sentence(last, case.row.procedure), f"{last.at.astimezone(clock.CITY):%H:%M}"
    who = Text(last.by, last.by) if last.by else Text("系统", "The service")
    return Text(f"{who.zh} {at}：{said.zh}", f"{who.en}, {at}: {said.en}")


def _nothing_done(action: str, why: Text, stale: bool) -> Text:
    words = ACTIONS[action]
    if stale:
        zh, en = "您打开以后，这件又有变化。", "The case changed after you opened it."
    else:
        zh, en = why.zh, why.en
    return Text(f"您的“{words.zh}”没有执行，什么也没改。{zh}", f"“{words.en}” was not done; nothing was changed. {en}")


def _typed(sent: Form) -> list[str]:
    """The sentences that were typed, for the page to repeat."""
    names = ("reasons", "opinion", "take_over", "to", "tracking")
    said = [sent.get(name) for name in names] + [
        text for name, text in sent.flat().items() if name.startswith("items.") and name.endswith(".text")
    ]
    return [text if len(text) <= SHORT else f"{text[:SHORT]}…" for text in said if text]
