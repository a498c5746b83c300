"""Starting an application: which item, joint or not, and what it takes. What cannot be filed online yet says so."""

from functools import partial
from typing import Any

import asyncpg
import msgspec
from litestar import get, post
from litestar.response import Response

from permits import clock, decoding
from permits.cases import drafting, holding, queues
from permits.cases.application import HeldPermit
from permits.cases.filing import ONLINE, filing_of
from permits.cases.once import LONGEST_KEY, Answer, Asking, once
from permits.db.ids import new_id
from permits.errors import BadInput, FieldError
from permits.i18n import Text
from permits.register import service as register
from permits.rules import procedures
from permits.rules.procedures import Procedure
from permits.web.forms import Filled, Form
from permits.web.pages import page, posted, see
from permits.web.portal import carried
from permits.web.portal.carried import labels
from permits.web.portal.ground import AGENT, Asked, Desk, desk_of
from permits.web.portal.mine import Mine, lines_of
from permits.web.portal.permit import permits_of
from permits.web.portal.promise import Promise, promises

HOLDERS = frozenset({"extend", "change", "cancel", "replace"})
"""Items for whoever has a work permit already."""
FIRST = "issue-in-china"
"""The item that most come for."""
LONGEST_NUMBER = 40
UNDER_WAY = Text(
    "这份许可的同一件事已经在办：{}，在“我的申请”里看进度。",
    "This is under way for the permit already: {}; see My cases for where it stands.",
)
CHOOSE = Text("请选要办的事。", "Choose what to apply for.")


class Item(msgspec.Struct, frozen=True):
    """One service item as a way to choose."""

    procedure: Procedure
    shut: Text | None
    """Why it cannot be chosen."""
    takes: Promise


SHUT = Text(
    "网上还不能办这一项，请到窗口办。{when}。", "This cannot be filed online yet; please come to the window. {when}."
)


def items(desk: Desk) -> list[Item]:
    """The items on offer today."""
    law, today = desk.office.law, clock.today()
    takes = promises(law, today, desk.region)
    found = procedures.procedures(law, today, desk.region)
    return [Item(one, None if one.code in ONLINE else _shut(one), takes[one.code]) for one in found]


def _shut(one: Procedure) -> Text:
    return Text(SHUT.zh.format(when=one.when.zh), SHUT.en.format(when=one.when.en))


@get("/start", guards=[AGENT])
async def start_page(request: Asked) -> Response[str]:
    """Choose what to apply for."""
    asked = request.query_params
    first = {
        "procedure": asked["procedure"] if asked.get("procedure") in ONLINE else FIRST,
        "permit": asked.get("permit", "")[:LONGEST_NUMBER],
        "joint": "true",
        "idempotency_key": str(new_id()),
    }
    return await show(request, Filled(first), carried=carried.read({name: asked.getall(name) for name in asked}))


@post("/start", guards=[AGENT], status_code=200)
async def begin(request: Asked) -> Response[Any]:
    """Make the draft and go to its task list; a second click leads to the same draft."""
    sent, desk = await posted(request), desk_of(request)
    if sent.get("procedure") not in ONLINE:
        errors = [FieldError("/procedure", CHOOSE)]
        return await show(request, Filled.again(sent, errors), status=400, carried=carried.read(sent.values))
    try:
        answer = await once(desk.database, _asking(desk, sent), partial(_begun, desk, sent))
    except BadInput as problem:
        again = Filled.again(sent, problem.errors)
        return await show(request, again, status=400, carried=carried.read(sent.values))
    return see(f"/apply/{answer.body.decode()}")


def _asking(desk: Desk, sent: Form) -> Asking:
    """The page's key with what was chosen: who goes back and chooses otherwise gets another draft."""
    key, chosen = sent.get("idempotency_key")[:LONGEST_KEY], f"{sent.get('procedure')} {sent.get(joint_of(sent))}"
    chosen = f"{chosen} {sent.get('permit')}".rstrip()
    request = f"page start {chosen}"
    return Asking(desk.region, desk.account.id, f"{key} {request}" if key else None, request.encode())


def joint_of(sent: Form) -> str:
    """The box of the chosen item that asks for the residence permit too: each item has its own."""
    return joint_box(sent.get("procedure"))


def joint_box(code: str) -> str:
    """The name of the box of an item."""
    return "joint" if code == FIRST else f"joint-{code}"


async def _begun(desk: Desk, sent: Form, tx: asyncpg.Connection) -> Answer:
    """A new draft; the answer is its number."""
    about_a_permit = filing_of(sent.get("procedure")).permit == "must"  # what is held says more than the self-check
    if about_a_permit and sent.get("permit"):
        await _none_under_way(tx, desk, sent)
    stated = {} if about_a_permit else carried.read(sent.values)
    asked = carried.application(sent.get("procedure"), sent.get(joint_of(sent)) == "true", stated)
    if about_a_permit and sent.get("permit"):
        held = decoding.convert({"number": sent.get("permit")}, HeldPermit, "/permit")
        asked = msgspec.structs.replace(asked, permit=held)
    case = await drafting.begin(tx, desk.office, desk.account, asked, desk.region)
    return Answer(303, case.row.number.encode())


async def _none_under_way(tx: asyncpg.Connection, desk: Desk, sent: Form) -> None:
    """Raises BadInput where the same is applied for already, with its number: nobody fills in a form for nothing."""
    number = sent.get("permit").strip().upper()
    if number not in await queues.permit_numbers(tx, desk.region, desk.account.id):
        return
    entry = await register.permit_by_number(tx, desk.office.keys, desk.region, number, clock.today())
    for permit in entry.permits:
        for one in await holding.pending(tx, desk.office, desk.region, permit):
            if one.procedure == sent.get("procedure"):
                zh, en = UNDER_WAY.zh.format(one.number), UNDER_WAY.en.format(one.number)
                raise BadInput(errors=[FieldError("/permit", Text(zh, en))])


async def show(
    request: Asked, f: Filled, status: int = 200, carried: dict[str, tuple[str, ...]] | None = None
) -> Response[str]:
    """The page; drafts that are open already come first, so that nobody begins the same thing twice."""
    desk = desk_of(request)
    found: Mine = await lines_of(desk)
    all_items = items(desk)
    return page(
        request,
        "portal/start.html",
        status=status,
        fresh=[item for item in all_items if item.procedure.code not in HOLDERS],
        holders=[item for item in all_items if item.procedure.code in HOLDERS],
        drafts=found.drafts,
        permits=await permits_of(desk),
        joint_box=joint_box,
        carried=carried or {},
        named=labels(carried or {}),
        f=f,
    )
