"""Documents and letters of a case handed to staff of its city, each look on the record. Nothing is shown in a frame.

An uploaded file is shown as a picture of its page; the original is only ever downloaded.
"""

import uuid
from urllib.parse import quote

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from permits.accounts.audit import look_row
from permits.cases import store
from permits.cases.drafting import NO_CASE
from permits.cases.model import Case
from permits.cases.service import may_see
from permits.errors import NotFound
from permits.files import service as files
from permits.files.model import FileLine
from permits.i18n import Text
from permits.letters import service as letters
from permits.letters import store as kept
from permits.web.auth import person
from permits.web.state import database_of, office_of, region_of_request, storage_of
from permits.web.window.opened import Asked

NO_DOCUMENT = Text("这件没有这份材料。", "This case has no such document.")
NO_LETTER = Text("这件没有这份文书。", "This case has no such letter.")
WIDTH, WIDEST = 720, 1600
"""Pixels of a page: beside the fields, and on its own."""


async def _file(request: Asked, number: str, kind: str, action: str, detail: dict[str, object]) -> FileLine:
    """The file of a document, the look at it on the record. Raises NotFound."""
    region, account, office = region_of_request(request), person(request), office_of(request)
    audit = look_row(region, account.id, action, subject=number, detail={"kind": kind, **detail})
    async with database_of(request).transaction(region) as tx:
        case = await store.look(tx, office.keys, number, audit)
        if case is None or not may_see(case, account):
            raise NotFound(NO_CASE)
        return await files.find(tx, office.keys, region, _file_id(case, kind))


def _file_id(case: Case, kind: str) -> uuid.UUID:
    found = next((document.file_id for document in case.documents if document.kind == kind), None)
    if found is None:
        raise NotFound(NO_DOCUMENT)
    return found


@get("/{number:str}/documents/{kind:str}/{picture:str}")
async def page_picture(
    request: Asked, number: FromPath[str], kind: FromPath[str], picture: FromPath[str]
) -> Response[bytes]:
    """A page of a document as a picture: 1.png."""
    name, _, ending = picture.partition(".")
    if ending != "png" or not (name.isascii() and name.isdigit() and len(name) < 4):
        raise NotFound(NO_DOCUMENT)
    wide = request.query_params.get("width") == str(WIDEST)
    line = await _file(request, number, kind, "document-page", {"page": int(name)})
    width = WIDEST if wide else WIDTH
    drawn = await files.page_picture(storage_of(request), region_of_request(request), line, int(name), width)
    return Response(drawn, media_type="image/png")


@get("/{number:str}/documents/{kind:str}/file")
async def original(request: Asked, number: FromPath[str], kind: FromPath[str]) -> Response[bytes]:
    """A document as it was uploaded, to be saved."""
    line = await _file(request, number, kind, "document-file", {})
    data = await storage_of(request).get(region_of_request(request), line.id)
    return Response(data, media_type=line.media, headers=saved_as(line.name))


@get("/{number:str}/letters/{letter:str}")
async def letter_pdf(request: Asked, number: FromPath[str], letter: FromPath[str]) -> Response[bytes]:
    """A letter as it was issued: its id with .pdf."""
    region, account, office = region_of_request(request), person(request), office_of(request)
    audit = look_row(region, account.id, "letter", subject=number, detail={"letter": letter[:40]})
    async with database_of(request).transaction(region) as tx:
        case = await store.look(tx, office.keys, number, audit)
        if case is None or not may_see(case, account):
            raise NotFound(NO_CASE)
        found = await kept.letter_by_id(tx, region, letter_id(letter))
        if found is None or found.case_id != case.row.id:
            raise NotFound(NO_LETTER)
        pdf = await letters.pdf_of(tx, office.keys, region, found.id)
    return Response(pdf, media_type="application/pdf", headers=saved_as(f"{number}-{found.kind}.pdf"))


def letter_id(letter: str) -> uuid.UUID:
    """The id in an address such as 0190….pdf. Raises NotFound."""
    try:
        return uuid.UUID(letter.removesuffix(".pdf"))
    except ValueError as wrong:
        raise NotFound(NO_LETTER) from wrong


def saved_as(name: str) -> dict[str, str]:
    """The header that gives a download its name."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}


HANDLERS = [page_picture, original, letter_pdf]
