"""The addresses of the agencies' board: the board, comparisons and their differences, paper answers.

Only the window, the review and administrators get in; what each may do the use cases say.
"""

from typing import Any
from urllib.parse import quote

import asyncpg
from litestar import Router, get, post
from litestar.params import FromPath
from litestar.response import Response

from permits.accounts.audit import AUDIT, audit_row
from permits.cases import service as cases
from permits.cases.model import Case
from permits.errors import BadInput, FieldError, NotFound, TooLarge
from permits.files import service as files
from permits.files.model import MEDIA, FileLine, Upload
from permits.i18n import Text
from permits.routing import differences, reconciling, standing_in
from permits.routing.standing_in import SCAN_BYTES, StandIn
from permits.web import auth
from permits.web.agencies import aside, papers
from permits.web.agencies import board as boards
from permits.web.agencies.evidence import evidence
from permits.web.agencies.ids import NO_SUCH, known
from permits.web.agencies.papers import Choice
from permits.web.auth import Asked, person
from permits.web.forms import Filled, Form
from permits.web.pages import page, posted, see
from permits.web.state import database_of, office_of, region_of_request, storage_of
from permits.web.window.words import AGENCIES, MESSAGES

ROLES = ("clerk", "reviewer", "admin")
EVERY_S = 15
"""How often the board loads itself again, for whoever wants that."""
LARGEST_BODY = SCAN_BYTES + 262_144
WIDTH = 720
TOLD = {
    "asked": Text(
        "已经去问对方，答复到了就比对。", "The agencies are being asked; their answers are compared as they come."
    ),
    "settled": Text("已处理，留在记录里。", "Settled, and on the record."),
    "entered": Text("已录入，等另一个人确认。", "Entered; it waits for another person."),
    "confirmed": Text("已确认，进了案件。", "Confirmed; the case has it."),
    "rejected": Text("已退回。", "Sent back."),
}
"""What is said on the board after something was done."""


@get("/")
async def show(request: Asked) -> Response[str]:
    """The board as it is now."""
    everything, every = request.query_params.get("all") == "1", request.query_params.get("every") == str(EVERY_S)
    async with database_of(request).transaction(region_of_request(request)) as tx:
        found = await boards.board(tx, office_of(request), region_of_request(request), everything=everything)
    return page(
        request,
        "agencies/board.html",
        headers={"Refresh": str(EVERY_S)} if every else None,
        board=found,
        every=every,
        everything=everything,
        most=boards.SHOWN,
        told=TOLD.get(request.query_params.get("done", "")),
        agencies=AGENCIES,
        kinds=MESSAGES,
    )


@post("/reconcile", status_code=200)
async def reconcile(request: Asked) -> Response[None]:
    """Begin to compare the books now."""
    await posted(request)
    region = region_of_request(request)
    async with database_of(request).transaction(region) as tx:
        await reconciling.start(tx, person(request), region)
    return see("/agencies/?done=asked")


@get("/reconcile")
async def after_reconcile(request: Asked) -> Response[None]:
    """The board again, in the other language."""
    return see("/agencies/")


# Differences


@get("/differences/{id:str}")
async def difference(request: Asked, id: FromPath[str]) -> Response[str]:
    """One difference, and the form that settles it."""
    return await _difference(request, id, Filled())


async def _difference(request: Asked, id: str, f: Filled, status: int = 200) -> Response[str]:
    async with database_of(request).transaction(region_of_request(request)) as tx:
        found = await differences.task(tx, region_of_request(request), known(id))
    if found is None:
        raise NotFound(NO_SUCH)
    return page(request, "agencies/difference.html", status=status, f=f, task=boards.shown(found))


@post("/differences/{id:str}", status_code=200)
async def settle(request: Asked, id: FromPath[str]) -> Response[Any]:
    """Settle a difference with a reason."""
    sent, region = await posted(request), region_of_request(request)
    try:
        async with database_of(request).transaction(region) as tx:
            await reconciling.settle(tx, person(request), region, known(id), sent.get("reasons"))
    except BadInput as wrong:
        return await _difference(request, id, Filled.again(sent, wrong.errors), wrong.status)
    return see("/agencies/?done=settled")


# Paper answers


@get("/{number:str}/paper")
async def paper(request: Asked, number: FromPath[str]) -> Response[str]:
    """The form of a paper answer."""
    return await _paper(request, number, Filled())


async def _paper(request: Asked, number: str, f: Filled, status: int = 200) -> Response[str]:
    case, offered = await _offered(request, number)
    chosen = _chosen(request, offered)
    return page(
        request,
        "agencies/paper.html",
        status=status,
        f=f,
        number=case.row.number,
        choices=offered,
        chosen=chosen,
        seen=papers.SEEN_ITEMS,
        more=any(f.value(field.name) for pair in chosen.items[papers.SEEN_ITEMS :] for field in pair),
    )


async def _offered(request: Asked, number: str) -> tuple[Case, list[Choice]]:
    region, office = region_of_request(request), office_of(request)
    async with database_of(request).transaction(region) as tx:
        case = await cases.look(tx, office, person(request), region, number)
    return case, papers.choices(tuple(_documents(request, case).items()), case.row.joint)


def _documents(request: Asked, case: Case) -> dict[str, Text]:
    """What the case's documents are called, by their kind."""
    seen = [cases.seen(case, person(request), office_of(request), lang).documents for lang in ("zh", "en")]
    return {zh.kind: Text(str(zh.title), str(en.title)) for zh, en in zip(*seen, strict=True)}


def _chosen(request: Asked, offered: list[Choice]) -> Choice:
    wanted = request.query_params.get("answer")
    return next((one for one in offered if one.value == wanted), offered[0])


@post("/{number:str}/paper", status_code=200, request_max_body_size=LARGEST_BODY)
async def enter_paper(request: Asked, number: FromPath[str]) -> Response[Any]:
    """Enter a paper answer with its scan; what is wrong comes back beside its field, all at once."""
    sent, (_, offered) = await posted(request), await _offered(request, number)
    chosen = _chosen(request, offered)
    said, errors = papers.read(chosen, sent)
    scan, wrong = await _scan(request, sent)
    try:
        await _propose(request, number, chosen, said, sent.get("reasons"), scan, [*errors, *wrong])
    except BadInput as problem:
        named = {error.pointer: error for error in problem.errors}
        return await _paper(request, number, Filled.again(sent, named.values()), problem.status)
    return see("/agencies/?done=entered")


async def _scan(request: Asked, sent: Form) -> tuple[Upload | None, list[FieldError]]:
    """The scan in storage, or what is wrong with it."""
    file = next((one for one in sent.files.get("file", ()) if one.filename), None)
    if file is None:
        return None, []
    region, storage = region_of_request(request), storage_of(request)
    try:
        return await files.take_in(storage, region, await file.read(), file.filename, tuple(MEDIA), SCAN_BYTES), []
    except (BadInput, TooLarge) as problem:
        return None, [FieldError("/file", error.text) for error in problem.errors] or [
            FieldError("/file", problem.detail)
        ]


async def _propose(
    request: Asked,
    number: str,
    chosen: Choice,
    said: dict[str, Any],
    reasons: str,
    scan: Upload | None,
    errors: list[FieldError],
) -> None:
    """Enter it, or raise BadInput with the form's errors before those of the answer."""
    region, (agency, _, kind) = region_of_request(request), chosen.value.partition("/")
    try:
        async with database_of(request).transaction(region) as tx:
            account, office = person(request), office_of(request)
            await standing_in.propose(tx, office, account, region, number, agency, kind, said, reasons, scan)
            if errors:
                raise BadInput(errors=errors)
    except BadInput as problem:
        if not errors:
            raise
        own = {error.pointer for error in errors}
        further = [one for one in problem.errors if one.pointer in ("/reasons", "/file") and one.pointer not in own]
        raise BadInput(errors=[*errors, *further]) from problem


@get("/paper/{id:str}")
async def paper_entered(request: Asked, id: FromPath[str]) -> Response[str]:
    """A paper answer that was entered, beside its scan."""
    return await _entered(request, id, Filled())


async def _entered(request: Asked, id: str, f: Filled, status: int = 200) -> Response[str]:
    region, account, office = region_of_request(request), person(request), office_of(request)
    async with database_of(request).transaction(region) as tx:
        one, number = await _found(tx, region, id)
        said = await standing_in.said(tx, office, account, region, one.id)
        case = await cases.look(tx, office, account, region, number)
    return page(
        request,
        "agencies/confirm.html",
        status=status,
        f=f,
        one=one,
        number=number,
        agency=AGENCIES[one.agency],
        what=MESSAGES[one.kind],
        said=papers.shown(f"{one.agency}/{one.kind}", said, _documents(request, case)),
        own=one.proposed_by == account.id,
    )


async def _found(tx: asyncpg.Connection, region: str, id: str) -> tuple[StandIn, str]:
    """A paper answer and its case's number. Raises NotFound."""
    found = await standing_in.one(tx, region, known(id))
    if found is None:
        raise NotFound(NO_SUCH)
    return found


@post("/paper/{id:str}/{step:str}", status_code=200)
async def decide_paper(request: Asked, id: FromPath[str], step: FromPath[str]) -> Response[Any]:
    """Confirm a paper answer, or send it back."""
    sent, region = await posted(request), region_of_request(request)
    account, office = person(request), office_of(request)
    try:
        async with database_of(request).transaction(region) as tx:
            if step == "confirm":
                await standing_in.confirm(tx, office, account, region, known(id))
            elif step == "reject":
                await standing_in.reject(tx, office, account, region, known(id), sent.get("why"))
            else:
                raise NotFound(NO_SUCH)
    except BadInput as wrong:
        return await _entered(request, id, Filled.again(sent, wrong.errors), wrong.status)
    return see(f"/agencies/?done={'confirmed' if step == 'confirm' else 'rejected'}")


@get("/paper/{id:str}/{name:str}")
async def scan_of(request: Asked, id: FromPath[str], name: FromPath[str]) -> Response[Any]:
    """The scan: its first page as a picture, or the file to be saved; each look on the record."""
    if name in ("confirm", "reject"):
        return see(f"/agencies/paper/{id}")
    if name not in ("1.png", "file"):
        raise NotFound(NO_SUCH)
    region, line = region_of_request(request), await _line(request, id, name)
    if name == "1.png":
        drawn = await files.page_picture(storage_of(request), region, line, 1, WIDTH)
        return Response(drawn, media_type="image/png")
    data = await storage_of(request).get(region, line.id)
    saved = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(line.name)}"}
    return Response(data, media_type=line.media, headers=saved)


async def _line(request: Asked, id: str, name: str) -> FileLine:
    region, account, office = region_of_request(request), person(request), office_of(request)
    async with database_of(request).transaction(region) as tx:
        one, number = await _found(tx, region, id)
        detail = {"scan": name}
        row = audit_row(region, account.id, "stand-in-scan", case_id=one.case_id, subject=number, detail=detail)
        await AUDIT.run(tx, **row)
        assert one.file_id is not None
        return await files.find(tx, office.keys, region, one.file_id)


def agencies_router() -> Router:
    """Everything under /agencies."""
    handlers = [show, reconcile, after_reconcile, difference, settle, paper, enter_paper]
    handlers += [paper_entered, decide_paper, scan_of, evidence]
    return Router("/agencies", route_handlers=[*handlers, *aside.HANDLERS], guards=[auth.require(*ROLES)])
