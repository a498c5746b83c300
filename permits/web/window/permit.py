"""The register's page of one person: how the permit stands, every version with its letters, the electronic licence.

Cancelling is done here; every look and every end is on the record.
"""

from typing import Any

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from permits import clock
from permits.cases import holding, known, revoking
from permits.cases.bodies import EndPermit
from permits.cases.filing import filing_of
from permits.cases.holding import Pending
from permits.cases.mending import OFFICERS
from permits.cases.revoking import OPENERS
from permits.errors import BadInput, Conflict, FieldError, NotFound
from permits.i18n import Text
from permits.letters import direct
from permits.letters import service as letters
from permits.letters.kinds import TITLES
from permits.office import Office
from permits.register.model import RegisteredPermit
from permits.rules import procedures
from permits.settings import settings
from permits.statistics.looks import Look, of_permit
from permits.web.auth import person
from permits.web.forms import Filled, Form
from permits.web.pages import page, posted, see
from permits.web.permit import Shown, licence, shown
from permits.web.permit_lines import lines
from permits.web.public.verification import WORDS
from permits.web.state import database_of, office_of, region_of_request
from permits.web.visitor import lang_of
from permits.web.window import mend, twotimes
from permits.web.window.evidence import letter_id, saved_as
from permits.web.window.opened import Asked
from permits.web.window.words import PROCEDURES, nationality

MOST_LOOKS = 20
NO_STEP = Text("没有这一步。请从许可页面上的按钮进入。", "There is no such step. Use the buttons on the permit's page.")


class End(msgspec.Struct, frozen=True):
    """One way in which the office ends a permit."""

    title: Text
    says: Text
    roles: frozenset[str]


ENDS = {
    "cancel": End(
        Text("注销许可", "Cancel the permit"),
        Text(
            "由窗口直接登记。生效日可以在过去：从那天起不再计入有效许可，登记日是今天。",
            "Registered by the window. It may take effect in the past: from that day on the permit no longer counts.",
        ),
        frozenset({"clerk"}),
    ),
    "revoke": End(
        Text("立案撤销", "Open a revocation"),
        Text(
            "另立一件案：审查、法制审核、由另一人决定。决定签发前许可照旧有效。",
            "Opens a case: review, legal clearance, another person decides. Until it is signed the permit stands.",
        ),
        frozenset(OPENERS),
    ),
    "withdraw": End(
        Text("立案撤回", "Open a withdrawal"),
        Text(
            "所依据的法律或客观情况变了。另立一件案，程序和撤销相同；造成财产损失的依法补偿。",
            "The law or the facts changed. Opens a case that runs as a revocation does; losses are made good by law.",
        ),
        frozenset(OPENERS),
    ),
}
LEFT_OUT = {
    "/effective": Text("请写从哪天起不再有效。", "Say from which day on it no longer holds."),
    "/ground": Text("请选依据。", "Choose the ground."),
    "/reasons": Text("请写理由。", "Give the reasons."),
}
DONE = {
    "cancel": Text(
        "已注销，决定书已出具，在版本表里。核验页随即显示。",
        "Cancelled; the decision stands beside its version, and the verification page says so at once.",
    ),
    "correct": Text("已提出更正，等另一人确认。", "The correction is proposed; another person confirms it."),
    "confirm": Text("已更正；原来的记录保留。", "Corrected; what was recorded before is kept."),
    "drop": Text("这条更正已作废。", "The correction is dropped."),
    "settled": Text("这条更正已经有人办过，结果在版本表里。", "It is settled already; the versions show how."),
    "stale": Text("提出以后许可又有变化，没有更正。请重新提出。", "The permit changed since; nothing was corrected."),
}


async def _pending(request: Asked, found: Shown) -> list[Pending]:
    office, region = office_of(request), region_of_request(request)
    async with database_of(request).transaction(region) as tx:
        return await holding.pending(tx, office, region, found.current)


def _runs(one: RegisteredPermit) -> bool:
    """Whether a permit is in force and no end of it is registered, not even for a day to come."""
    return one.status in holding.IN_FORCE and one.ended_on is None


async def _shown(request: Asked, number: str) -> Shown:
    office, account, region = office_of(request), person(request), region_of_request(request)
    async with database_of(request).transaction(region) as tx:
        entry = await holding.look(tx, office, account, region, number)
        return await shown(tx, office.law, region, entry, lang_of(request), inside=True)


@get("/permits/{number:str}")
async def permit_page(request: Asked, number: FromPath[str]) -> Response[str]:
    """A person's permits."""
    found = await _shown(request, number)
    now, account, region = found.current, person(request), region_of_request(request)
    versions = lines(found)
    running = any(_runs(one) for one in found.entry.permits)
    return page(
        request,
        "window/permit.html",
        entry=found.entry,
        current=now,
        word=WORDS[now.status],
        nationality=nationality(now.nationality),
        lines=versions,
        times=twotimes.drawn(found.entry.permits, versions, clock.today()),
        titles=TITLES,
        licence=licence(now.licence, found.lang),
        card=known.is_card(office_of(request).law, region, now),
        ends=[(key, one.title) for key, one in ENDS.items() if running and account.has_any(one.roles, region)],
        pending=await _pending(request, found),
        procedures=PROCEDURES,
        mends=await mend.waiting(request, found.entry),
        mending=account.has_any(OFFICERS, region),
        on_paper=request.query_params.get("print") == "1",
        done=DONE.get(request.query_params.get("done", "")),
        looked=await _looked(request, found.entry.number) if account.has("manager", region) else None,
    )


async def _looked(request: Asked, number: str) -> list[Look]:
    """Who looked last, for managers: whoever looks is on the record, and others' looks are not everybody's matter."""
    region = region_of_request(request)
    async with database_of(request).transaction(region) as tx:
        return await of_permit(tx, region, number, MOST_LOOKS)


@get("/permits/{number:str}/{what:str}")
async def end_page(request: Asked, number: FromPath[str], what: FromPath[str]) -> Response[str]:
    """The form that ends a permit."""
    today = clock.today()
    first = {"effective-year": f"{today.year}", "effective-month": f"{today.month}", "effective-day": f"{today.day}"}
    return await show(request, number, what, Filled(first))


async def show(request: Asked, number: str, what: str, f: Filled, status: int = 200) -> Response[str]:
    """The same, filled. Raises NotFound for what is no way to end a permit."""
    if what not in ENDS:
        raise NotFound(NO_STEP)
    found, region = await _shown(request, number), region_of_request(request)
    grounds = procedures.circumstances(office_of(request).law, clock.today(), region, what)
    running = [one for one in found.entry.permits if _runs(one)]
    return page(
        request,
        "window/permit_end.html",
        status=status,
        f=f,
        what=what,
        title=ENDS[what].title,
        says=ENDS[what].says,
        entry=found.entry,
        running=running,
        possible=bool(running) and person(request).has_any(ENDS[what].roles, region),
        grounds=[(one.key, one.title, one.article) for one in grounds],
    )


@post("/permits/{number:str}/{what:str}", status_code=200)
async def end(request: Asked, number: FromPath[str], what: FromPath[str]) -> Response[Any]:
    """End a permit; what is wrong comes back beside its field with all that was typed."""
    if what not in ENDS:
        raise NotFound(NO_STEP)
    sent = await posted(request)
    try:
        body = body_of(sent, office_of(request), what, region_of_request(request))
        return see(await _run(request, number, what, body))
    except BadInput as wrong:
        errors = [FieldError(one.pointer, _named(sent, one)) for one in wrong.errors]
        return await show(request, number, what, Filled.again(sent, errors), 400)
    except Conflict as why:
        errors = [FieldError("/effective", why.detail)]
        return await show(request, number, what, Filled.again(sent, errors), 409)


def _named(sent: Form, wrong: FieldError) -> Text:
    """What is wrong; of what was left out, which it is."""
    return wrong.text if sent.get(wrong.pointer.strip("/")) else LEFT_OUT.get(wrong.pointer, wrong.text)


def body_of(sent: Form, office: Office, what: str, region: str) -> EndPermit:
    """The form as a body. Raises BadInput naming every wrong field."""
    names = ("effective", "ground", "reasons", "verification_code")
    raw = {name: value for name in names if (value := sent.get(name))}
    return holding.read_end(raw, office.law, what, clock.today(), region)


async def _run(request: Asked, number: str, what: str, body: EndPermit) -> str:
    """Do it; where to go then."""
    office, account, region = office_of(request), person(request), region_of_request(request)
    async with database_of(request).transaction(region) as tx:
        if filing_of(what).by_office:
            case = await revoking.open_case(tx, office, account, region, number, what, body)
            return f"/window/{case.row.number}"
        await direct.cancel(tx, office, settings(), account, region, number, body)
    return f"/window/permits/{number}?done={what}"


@get("/permits/{number:str}/letters/{name:str}")
async def letter_pdf(request: Asked, number: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """A letter that no case led to, as it was issued: its id with .pdf."""
    office, account, region = office_of(request), person(request), region_of_request(request)
    async with database_of(request).transaction(region) as tx:
        entry = await holding.look(tx, office, account, region, number, "letter")
        wanted, mine = letter_id(name), [one.id for one in entry.permits]
        letter, pdf = await letters.of_permit(tx, office.keys, region, mine, wanted)
    return Response(pdf, media_type="application/pdf", headers=saved_as(f"{number}-{letter.kind}.pdf"))


HANDLERS = [letter_pdf, permit_page, end_page, end]
