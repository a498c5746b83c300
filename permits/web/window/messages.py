"""What went to and came from each agency about a case. It shows the log and sends nothing."""

from litestar.response import Response

from permits import clock
from permits.i18n import Text
from permits.routing import dead_letters, dossier, standing_in, watching, why
from permits.routing import store as routing
from permits.routing.dead_letters import DeadLetter
from permits.routing.model import Item
from permits.web.pages import page
from permits.web.parts import Light
from permits.web.state import database_of, region_of_request
from permits.web.window.casepage import surroundings
from permits.web.window.opened import Asked, open_case
from permits.web.window.words import AGENCIES, MESSAGES

STATUS: dict[str, tuple[Light, Text]] = {
    "queued": ("half", Text("等发送", "To be sent")),
    "delivered": ("done", Text("已送达", "Delivered")),
    "applied": ("done", Text("已处理", "Applied")),
    "waiting": ("pause", Text("等前一号", "Waits for the one before")),
    "refused": ("no", Text("被拒收", "Refused")),
    "quarantined": ("soon", Text("隔离，要人处理", "Set aside for a person")),
}
MOST_SQUARES = 6


async def messages_page(request: Asked, number: str) -> Response[str]:
    """The messages of a case by agency."""
    opened = await open_case(request, number)
    region = region_of_request(request)
    async with database_of(request).transaction(region) as tx:
        found = await routing.messages_of_case(tx, region, opened.case.row.id)
        owed = await watching.awaited_of_case(
            tx, opened.office.law, region, opened.case.row.id, opened.at, clock.offset()
        )
        papers = await standing_in.of_case(tx, region, opened.case.row.id)
        aside = await dead_letters.of_case(tx, region, opened.case.row.id)
    return page(
        request,
        "window/messages.html",
        agencies=[(AGENCIES[name], _of(found, name), _standing(found, name)) for name in ("police", "approval-bureau")],
        kinds=MESSAGES,
        open_letters=[id_ for id_, letter in aside.items() if letter.state == "open"],
        why={item.id: _why(item, aside.get(item.id)) for item in found if item.problem},
        owed=[(AGENCIES[one.agency], one.limit.title, one.due, one.late(opened.today)) for one in owed],
        papers=[(AGENCIES[one.agency], one) for one in papers],
        may_prove=bool(found) and any(opened.account.has(role, region) for role in dossier.MAY),
        may_stand_in=any(opened.account.has(role, region) for role in standing_in.MAY),
        statuses=STATUS,
        unified=opened.view.components["window"].get("unified_number"),
        most=MOST_SQUARES,
        **surroundings(opened),
    )


def _why(item: Item, letter: DeadLetter | None) -> Text:
    """Why a message was put aside, or is still under way."""
    return letter.why_aside if letter else why.of_line(item.problem or "")


def _of(found: list[Item], agency: str) -> list[Item]:
    return [item for item in found if item.agency == agency]


def _standing(found: list[Item], agency: str) -> tuple[Light, Text]:
    """How the exchange stands, in a word."""
    statuses = {item.status for item in _of(found, agency)}
    if not statuses:
        return "open", Text("还没有往来", "Nothing yet")
    if statuses & {"refused", "quarantined"}:
        return "soon", Text("有消息要人处理", "A message needs a person")
    if statuses & {"queued", "waiting"}:
        return "half", Text("有消息在路上", "A message is on its way")
    return "done", Text("往来齐", "All delivered")
