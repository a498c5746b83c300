"""The pages of the form: one section each, saved by itself; what is wrong comes back beside it with all that was typed.

After submitting, a page opens only the fields that a correction names; the others are shown and cannot be changed.
"""

from typing import Any

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from permits import clock
from permits.cases import drafting
from permits.cases.model import Case
from permits.errors import BadInput, Conflict, NotFound
from permits.web.forms import Filled, Form
from permits.web.pages import posted, see
from permits.web.portal import passport
from permits.web.portal.fields import Section, patch
from permits.web.portal.ground import AGENT, Asked, Looked, as_seen, desk_of, looked, opened, version_of
from permits.web.portal.section_page import again, prefilled, repaired, show
from permits.web.portal.stale import stale
from permits.web.portal.tasks import tasks_of


def section(found: Looked, key: str) -> Section:
    """The page of a key in the form of a case. Raises NotFound."""
    here = next((one for one in found.sections if one.key == key), None)
    if here is None:
        raise NotFound
    return here


@get("/{number:str}/{key:str}", guards=[AGENT])
async def open_section(request: Asked, number: FromPath[str], key: FromPath[str]) -> Response[str]:
    """A page of the form as the draft has it."""
    found = await looked(request, number)
    here = section(found, key)
    return show(request, found, here, Filled(prefilled(found, here)))


@post("/{number:str}/{key:str}", guards=[AGENT], status_code=200)
async def save_section(request: Asked, number: FromPath[str], key: FromPath[str]) -> Response[Any]:
    """Save a page; 400 with it again where something is wrong, 409 where the case changed meanwhile."""
    sent, desk = await posted(request), desk_of(request)
    here = section(await looked(request, number), key)
    if sent.get("then") == "fix":
        return show(request, await looked(request, number), here, Filled(repaired(here, sent, desk.office)))
    try:
        async with desk.database.transaction(desk.region) as tx:
            before = await drafting.own(tx, desk.office, desk.account, desk.region, number)
            case = await drafting.amend(
                tx, desk.office, desk.account, desk.region, number, changes(here, sent, before), version_of(sent)
            )
    except BadInput as problem:
        found = await looked(request, number)
        return show(request, found, here, again(sent, problem.errors, here), problem.errors)
    except Conflict as problem:
        if problem.type != "stale":
            raise
        return await stale(request, number, here, sent, problem)
    return see(onward(as_seen(desk, case), here, sent.get("then")))


def changes(here: Section, sent: Form, before: Case) -> dict[str, Any]:
    """What the page changes. Raises BadInput for lines of a passport that do not hold."""
    change = patch(here, sent, opened(before))
    lines = change.get("beneficiary", {}).get("mrz")
    if lines and (wrong := passport.problems(lines, clock.today())):
        raise BadInput(errors=wrong)
    return passport.refreshed(change, msgspec.to_builtins(before.beneficiary)) if lines else change


def onward(found: Looked, here: Section, then: str) -> str:
    """Where one goes after saving: the next page that is not done, or the list."""
    if not found.draft:
        return f"{found.href}#corrections"
    if then == "stay":
        return f"{found.href}/{here.key}"
    if then == "leave":
        return found.href
    tasks = tasks_of(found)
    places = [task.key for task in tasks]
    rest = tasks[places.index(here.key) + 1 :]
    return next((task.href for task in rest if task.state in ("next", "todo") and task.href), found.href)
