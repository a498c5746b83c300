"""A document of a case: committed to, or uploaded; one POST a file, so that one bad scan never blocks the others."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Response

from permits import clock
from permits.cases import bodies, documents, drafting
from permits.cases.view import DocumentView
from permits.decoding import convert
from permits.errors import BadInput, Conflict, FieldError, NotFound, TooLarge
from permits.files import service as files
from permits.files.model import FileLine, Upload
from permits.i18n import Text
from permits.rules import commitments, procedures
from permits.rules.law import Law
from permits.web.forms import Filled, Form, field_of
from permits.web.pages import page, posted, see
from permits.web.portal.ground import (
    AGENT,
    Asked,
    Looked,
    desk_of,
    fresh,
    look,
    looked,
    may_supply,
    require_version,
    to_supply,
)
from permits.web.portal.sizes import size_words
from permits.web.portal.tasks import tasks_of
from permits.web.state import storage_of

LARGEST_BODY = 40 * 1024 * 1024
"""Bytes of a request: more than a document may have, so that one that is too large is refused beside its field."""
PREVIEW_WIDTH = 360
NO_WAY = Text("请选一种办法。", "Choose one way.")
NO_FILE = Text("请选一个文件。", "Choose a file.")
NO_SIGNER = Text("请写签署人的姓名。", "Write the name of the person who signs.")
NO_DOCUMENT = Text("这件申请不需要这份材料。", "This case does not ask for this document.")


@get("/{number:str}/documents/{kind:str}", guards=[AGENT])
async def open_document(request: Asked, number: FromPath[str], kind: FromPath[str]) -> Response[str]:
    """The page of a document, with its ways."""
    found = await looked(request, number)
    ways = document_of(found, kind).ways
    return show(request, found, kind, Filled({"way": ways[0] if len(ways) == 1 else ""}))


@post("/{number:str}/documents/{kind:str}", guards=[AGENT], status_code=200, request_max_body_size=LARGEST_BODY)
async def save_document(request: Asked, number: FromPath[str], kind: FromPath[str]) -> Response[Any]:
    """Commit or upload; what is wrong comes back beside its field, and nothing else of the case is touched."""
    sent = await posted(request)
    try:
        warnings = await supply(request, number, kind, sent)
    except (BadInput, TooLarge) as problem:
        again = Filled.again(sent, [FieldError(f"/{placed(e.pointer)}", e.text) for e in problem.errors])
        return show(request, await looked(request, number), kind, again, status=problem.status)
    except Conflict as problem:
        if problem.type not in ("stale", "text-version"):
            raise
        again = fresh(sent, FieldError("/way", problem.detail))
        return show(request, await looked(request, number), kind, again, status=409)
    found = await looked(request, number)
    if warnings:
        return show(request, found, kind, Filled(), warnings=warnings)
    return see(onward(found, kind, sent.get("then")))


def placed(pointer: str) -> str:
    """Where an error stands on the page: what is said of the document itself belongs to the choice of a way."""
    name = field_of(pointer)
    return "way" if name in ("kind", "document", "text_version") else name


async def supply(request: Asked, number: str, kind: str, sent: Form) -> tuple[Text, ...]:
    """Do what was chosen; what the person should look at in an upload."""
    if sent.get("way") == "commit":
        await commit(request, number, kind, sent)
        return ()
    if sent.get("way") == "upload":
        return (await upload(request, number, kind, sent)).checked.warnings
    raise BadInput(errors=[FieldError("/way", NO_WAY)])


async def commit(request: Asked, number: str, kind: str, sent: Form) -> None:
    """Sign the commitment that was shown. Raises BadInput naming everything that is missing at once."""
    desk = desk_of(request)
    async with desk.database.transaction(desk.region) as tx:
        case = await drafting.own(tx, desk.office, desk.account, desk.region, number)
        text = documents.rule_for(desk.office, case, kind, "commit").commitment
        assert text is not None
        require_version(case, sent)
        answers, signer = affirmed(text, sent), sent.get("signed_by")
        wrong = [FieldError(f"/answers/{q.key}", unaffirmed(q)) for q in text.questions if q.key not in answers]
        if missing := [*wrong, *([] if signer else [FieldError("/signed_by", NO_SIGNER)])]:
            raise BadInput(errors=missing)
        body = {"document": kind, "text_version": version(sent), "answers": answers, "signed_by": signer}
        address = request.client.host if request.client else ""
        await documents.commit(
            tx, desk.office, desk.account, desk.region, number, convert(body, bodies.Commit),
            lang=desk.lang, address=address,
        )  # fmt: skip


def affirmed(text: commitments.CommitmentText, sent: Form) -> dict[str, bool]:
    """The statements that were ticked."""
    return {q.key: True for q in text.questions if sent.get(f"answers.{q.key}") == "true"}


def unaffirmed(question: commitments.Question) -> Text:
    """What is said where a statement was not ticked."""
    return Text(
        f"请确认：{question.text.zh}不能确认的，请上传证明材料。",
        f"Affirm this or upload the proof instead: {question.text.en}",
    )


def version(sent: Form) -> int:
    """The version of the text that was shown."""
    given = sent.get("text_version")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 0


async def upload(request: Asked, number: str, kind: str, sent: Form) -> Upload:
    """Take a file in. Raises BadInput or TooLarge for one that cannot be taken, Unavailable without storage."""
    desk, file = desk_of(request), chosen(sent)
    async with desk.database.transaction(desk.region) as tx:
        case = await drafting.own(tx, desk.office, desk.account, desk.region, number)
        rule = documents.rule_for(desk.office, case, kind, "upload")
    data = await file.read()
    taken = await files.take_in(storage_of(request), desk.region, data, file.filename, rule.accepts, rule.max_bytes)
    async with desk.database.transaction(desk.region) as tx:
        await documents.attach(tx, desk.office, desk.account, desk.region, number, kind, taken)
    return taken


def chosen(sent: Form) -> UploadFile:
    """The file of the form. Raises BadInput where none was chosen."""
    file = next((one for one in sent.files.get("file", ()) if one.filename), None)
    if file is None:
        raise BadInput(errors=[FieldError("/file", NO_FILE)])
    return file


def onward(found: Looked, kind: str, then: str) -> str:
    """Where one goes afterwards: the next thing that is open, or the list."""
    if not found.draft:
        return f"{found.href}#corrections"
    tasks = tasks_of(found)
    rest = tasks[[task.key for task in tasks].index(kind) + 1 :]
    open_ones = [task.href for task in rest if task.state in ("next", "todo")]
    return found.href if then == "leave" or not open_ones else open_ones[0]


def document_of(found: Looked, kind: str) -> DocumentView:
    """A document of the case that the applicant supplies. Raises NotFound."""
    document = next((one for one in to_supply(found) if one.kind == kind), None)
    if document is None:
        raise NotFound(NO_DOCUMENT)
    return document


def show(
    request: Asked, found: Looked, kind: str, f: Filled, *, status: int = 200, warnings: Iterable[Text] = ()
) -> Response[str]:
    """The page of a document."""
    document, all_kinds = document_of(found, kind), [one.kind for one in to_supply(found)]
    law, on = found.desk.office.law, found.case.row.rules_on or clock.today()
    return page(
        request,
        "portal/document.html",
        status=status,
        looked=found,
        document=document,
        kept=_kept(law, kind, on, found.desk.region),
        place=all_kinds.index(kind) + 1,
        places=len(all_kinds),
        notice=commitments.notice(law, found.case.row.procedure, on, found.desk.region)
        if document.commitment
        else None,
        first=not any(one.status == "committed" for one in found.case.documents),
        accept=",".join(f"image/{one}" if one != "pdf" else "application/pdf" for one in document.accepts),
        open=may_supply(found, kind),
        size=size_words(document.max_bytes),
        held_size=size_words(document.size),
        asked=[item.text for item in found.case.unanswered() if item.document == kind],
        warnings=warnings,
        f=f,
    )


def _kept(law: Law, kind: str, on: dt.date, region: str) -> bool:
    """Whether one that was handed in lately is not asked for again; others are, each time."""
    entries = law.entries(procedures.DocumentEntry, on=on, region=region)
    return any(entry.key == kind and entry.kept for entry in entries)


# What was uploaded


async def stored(request: Asked, number: str, kind: str) -> tuple[FileLine, str]:
    """The document that holds now, without its bytes. Raises NotFound where none was uploaded."""
    desk = desk_of(request)
    async with desk.database.transaction(desk.region) as tx:
        found = await look(tx, desk, number)
        held = next((one for one in found.case.documents if one.kind == kind and one.file_id), None)
        if held is None or held.file_id is None:
            raise NotFound(Text("没有这份材料。", "There is no such document."))
        return await files.find(tx, desk.office.keys, desk.region, held.file_id), desk.region


@get("/{number:str}/documents/{kind:str}/file", guards=[AGENT])
async def download(request: Asked, number: FromPath[str], kind: FromPath[str]) -> Response[bytes]:
    """The document as it was uploaded, to be kept; it is never shown inside a page of ours."""
    line, region = await stored(request, number, kind)
    data = await storage_of(request).get(region, line.id)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(line.name)}", "Cache-Control": "no-store"}
    return Response(data, media_type=line.media, headers=headers)


@get("/{number:str}/documents/{kind:str}/page.png", guards=[AGENT])
async def preview(request: Asked, number: FromPath[str], kind: FromPath[str]) -> Response[bytes]:
    """The first page as a picture, so that one sees whether the scan can be read."""
    line, region = await stored(request, number, kind)
    picture = await files.page_picture(storage_of(request), region, line, 1, PREVIEW_WIDTH)
    return Response(picture, media_type="image/png", headers={"Cache-Control": "private, no-store"})
