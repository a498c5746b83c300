"""Answering what has to be corrected, a tick an item, and withdrawing before the decision."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from permits.cases import bodies, service
from permits.errors import BadInput, Conflict, FieldError, NotFound
from permits.i18n import Text
from permits.web.forms import Filled, Form
from permits.web.pages import page, posted, see
from permits.web.portal.ground import AGENT, Asked, Looked, desk_of, fresh, looked, version_of
from permits.web.portal.overview import progress

NOTHING_TICKED = Text("请先勾选已经改好的项目。", "Tick what you have put right first.")
NOT_CONFIRMED = Text("请确认要撤回。", "Confirm that you withdraw it.")
LONGEST_ANSWER = 1000


@get("/{number:str}/correct", guards=[AGENT])
async def correct_page(request: Asked, number: FromPath[str]) -> Response[Any]:
    """The list stands on the case's own page; this address is met by changing the language after a refused answer."""
    return see(f"{(await looked(request, number)).href}#corrections")


@post("/{number:str}/correct", guards=[AGENT], status_code=200)
async def correct(request: Asked, number: FromPath[str]) -> Response[Any]:
    """Hand in the ticked answers; what is not ticked stays open."""
    sent, desk = await posted(request), desk_of(request)
    try:
        body = bodies.Correct(answers=answers(sent))
        async with desk.database.transaction(desk.region) as tx:
            await service.act(
                tx, desk.office, desk.account, desk.region, number, "correct", body, version=version_of(sent)
            )
    except (BadInput, Conflict) as problem:
        if isinstance(problem, Conflict) and problem.type != "stale":
            raise
        again = fresh(sent, FieldError("/done", problem.detail))
        return await progress(request, await looked(request, number), again, status=problem.status)
    return see(f"/apply/{number}")


def answers(sent: Form) -> list[bodies.Answer]:
    """What was ticked, with what was written to it. Raises BadInput where nothing was."""
    ticked = sent.all("done")[:50]
    if not ticked:
        raise BadInput(NOTHING_TICKED, errors=[FieldError("/done", NOTHING_TICKED)])
    return [bodies.Answer(item[:60], sent.get(f"text.{item}")[:LONGEST_ANSWER]) for item in ticked]


@get("/{number:str}/withdraw", guards=[AGENT])
async def withdraw_page(request: Asked, number: FromPath[str]) -> Response[Any]:
    """Ask once more before an application is taken back."""
    found = await looked(request, number)
    return page(request, "portal/withdraw.html", looked=able(found), f=Filled())


def able(found: Looked) -> Looked:
    """The case, if it can be withdrawn. Raises NotFound for a draft, Conflict after the decision."""
    if found.draft:
        raise NotFound
    if "withdraw" not in found.seen.actions:
        raise Conflict(Text("已经决定或办结，不能撤回。", "It has been decided or closed and cannot be withdrawn."))
    return found


@post("/{number:str}/withdraw", guards=[AGENT], status_code=200)
async def withdraw(request: Asked, number: FromPath[str]) -> Response[Any]:
    """Take the application back."""
    sent, desk = await posted(request), desk_of(request)
    if sent.get("confirmed") != "true":
        again = Filled.again(sent, [FieldError("/confirmed", NOT_CONFIRMED)])
        return page(request, "portal/withdraw.html", status=400, looked=able(await looked(request, number)), f=again)
    async with desk.database.transaction(desk.region) as tx:
        await service.act(
            tx, desk.office, desk.account, desk.region, number, "withdraw", bodies.Body(), version=version_of(sent)
        )
    return see(f"/apply/{number}")
