"""The handlers of views: a figures page kept under a name of one's own, opened again, forgotten."""

import uuid
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from permits import clock
from permits.errors import BadInput, NotFound
from permits.statistics import views
from permits.web import auth
from permits.web.forms import Filled
from permits.web.office import asked as asking
from permits.web.office.asked import managed_region
from permits.web.office.notes import note
from permits.web.pages import page, posted, see
from permits.web.state import database_of


@get("/views")
async def shown(request: auth.Asked) -> Response[str]:
    """One's own views, and with `save=ADDRESS` a form to keep one more."""
    address = str(request.query_params.get("save", ""))[: views.LONGEST_ADDRESS]
    return await _page(request, Filled({"address": address}))


@post("/views")
async def save(request: auth.Asked) -> Response[Any]:
    """Keep a view; a wrong name is told beside its field."""
    sent, region, account = await posted(request), managed_region(auth.person(request)), auth.person(request)
    follow = sent.get("follow") == "1"
    try:
        async with database_of(request).transaction(region) as tx:
            await views.save(tx, region, account.id, sent.get("name"), sent.get("address"), follow=follow)
            await note(tx, request, "save-view", asking.Asked(clock.today(), None))
    except BadInput as wrong:
        return await _page(request, Filled.again(sent, wrong.errors), 400)
    return see("/office/views")


@post("/views/{view_id:uuid}/forget")
async def forget(request: auth.Asked, view_id: FromPath[uuid.UUID]) -> Response[None]:
    """Drop a view of one's own."""
    await posted(request)
    region, account = managed_region(auth.person(request)), auth.person(request)
    async with database_of(request).transaction(region) as tx:
        if not await views.forget(tx, region, account.id, view_id):
            raise NotFound
        await note(tx, request, "forget-view", asking.Asked(clock.today(), None))
    return see("/office/views")


async def _page(request: auth.Asked, filled: Filled, status: int = 200) -> Response[str]:
    region, account = managed_region(auth.person(request)), auth.person(request)
    async with database_of(request).transaction(region) as tx:
        found = await views.of_account(tx, region, account.id)
    asked = asking.Asked(clock.today(), None)
    return page(
        request, "office/views.html", status=status, asked=asked, items=found, filled=filled,
        longest=views.LONGEST_NAME, follows=status == 200 or filled.value("follow") == "1",
    )  # fmt: skip


HANDLERS: list[Any] = [shown, save, forget]
