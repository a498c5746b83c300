"""The routes of a simulated agency: messages in, its book to read, a page of its own.

What steers it (answers by hand, faults) is taken from this machine only, and from no other site's page.
"""

import asyncio
import ipaddress
import re
from collections import Counter
from typing import Any, Protocol

import msgspec
from aiohttp import web
from yarl import URL

from integrations import pages
from integrations.book import Book
from integrations.contract import CaseNumber, Malformed
from integrations.desk import Desk
from integrations.entries import Entry
from integrations.faults import READER, SWITCHES, Faults
from integrations.keyring import Side
from integrations.player import CaseNow
from integrations.receipts import sign_receipt
from integrations.sender import SIGNATURE_HEADERS
from integrations.transport import open_envelope

PAGE_SIZE = 100
DESK = web.AppKey("desk", Desk)


class Waker(Protocol):
    """Whoever carries messages out of the book."""

    def wake(self) -> None:
        """There may be something to do."""


SENDER: web.AppKey[Waker] = web.AppKey("sender", Waker)
KEYS = web.AppKey("keys", Side)
TURNED_AWAY: web.AppKey[Counter[str]] = web.AppKey("turned_away", Counter)
"""How often a message came while we were "down", so that at a rate it gets in some time."""


class AnswerNow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /answers."""

    case: CaseNumber
    kind: str
    body: dict[str, Any] = msgspec.field(default_factory=dict)


def reply(status: int, content: object) -> web.Response:
    """An answer in JSON."""
    return web.Response(status=status, body=msgspec.json.encode(content), content_type="application/json")


def problem(status: int, type: str, detail: str) -> web.Response:
    """An error as a problem document (RFC 9457)."""
    body = msgspec.json.encode({"type": type, "status": status, "title": type, "detail": detail})
    return web.Response(status=status, body=body, content_type="application/problem+json")


def refuse_strangers(request: web.Request) -> None:
    """Steering is for this machine, and not for a page of another site. Raises HTTPForbidden."""
    origin = request.headers.get("Origin")
    foreign = origin is not None and URL(origin).authority != request.host
    if foreign or request.remote is None or not ipaddress.ip_address(request.remote).is_loopback:
        raise web.HTTPForbidden(text="steering is for this machine only")


def known_case(request: web.Request, number: str) -> CaseNow:
    """The case of this number. Raises HTTPNotFound."""
    case = request.app[DESK].book.case(number)
    if case is None:
        raise web.HTTPNotFound(text="this book has no such case")
    return case


async def take_message(request: web.Request) -> web.Response:
    """POST /messages: a signed message of the office; 202 with the receipt once the book is on the disk."""
    data, desk = await request.read(), request.app[DESK]
    verified, envelope = open_envelope("POST", str(request.url), request.headers, data, request.app[KEYS].trusted)
    faults, known = desk.book.faults(envelope.case), desk.book.entry(envelope.id)
    turned_away = request.app[TURNED_AWAY]
    place = (envelope.case, "in", envelope.sequence, (known.times_received if known else 0) + turned_away[envelope.id])
    if faults.strikes("down", *place):
        turned_away[envelope.id] += 1
        return broken_off(request)
    turned_away.pop(envelope.id, None)
    if envelope.kind in desk.player.agency.asked:
        return signed_reply(request, 200, desk.listed(envelope), envelope.id)
    signature = {name: request.headers[name] for name in SIGNATURE_HEADERS}
    receipt = desk.receive(envelope, data, signature, verified.skew_seconds)
    request.app[SENDER].wake()
    if faults.strikes("slow_ms", *place):
        await asyncio.sleep(faults.slow_ms / 1000)
    if known is None and faults.strikes("lost_receipt", *place):
        return broken_off(request)
    return signed_reply(request, 202, receipt, envelope.id)


def signed_reply(request: web.Request, status: int, body: bytes, id: str) -> web.Response:
    """A receipt, or what stands in its place, signed for this very request."""
    signed = sign_receipt(status, body, request.headers, request.app[KEYS].signing, nonce=id)
    return web.Response(status=status, body=body, content_type="application/json", headers=signed.headers)


def broken_off(request: web.Request) -> web.Response:
    """No answer: the connection breaks."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)


def shown(entry: Entry) -> dict[str, Any]:
    """A message as GET /book shows it."""
    plain = {name: getattr(entry, name) for name in ("direction", "id", "sequence", "kind", "at", "times_received")}
    return plain | {"status": entry.status, "attempts": entry.attempts}


def page_of_book(book: Book, case: CaseNow) -> dict[str, Any]:
    """A case as GET /book shows it."""
    messages = [shown(entry) for entry in book.of_case(case.number)]
    return {"case": case.number, "state": case.state, "messages": messages, "applied": book.applied_kinds(case.number)}


async def show_case(request: web.Request) -> web.Response:
    """GET /book/{case}"""
    case = request.app[DESK].book.case(request.match_info["case"])
    if case is None:
        return problem(404, "not-found", "this book has no such case")
    return reply(200, page_of_book(request.app[DESK].book, case))


async def show_book(request: web.Request) -> web.Response:
    """GET /book?cursor=: all cases, a hundred at a time."""
    cursor, book = request.query.get("cursor", "0"), request.app[DESK].book
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 16):
        raise Malformed("the cursor is none of ours")
    cases = book.page(int(cursor), PAGE_SIZE)
    following = str(cases[-1].serial) if len(cases) == PAGE_SIZE else None
    return reply(200, {"items": [page_of_book(book, case) for case in cases], "cursor": following})


async def answer_now(request: web.Request) -> web.Response:
    """POST /answers: an answer in the agency's name, now; what its body lacks is the usual."""
    refuse_strangers(request)
    try:
        wanted = msgspec.json.decode(await request.read(), type=AnswerNow)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(str(error)) from None
    if request.app[DESK].book.case(wanted.case) is None:
        return problem(404, "not-found", "this book has no such case")
    entry = request.app[DESK].answer(wanted.case, wanted.kind, wanted.body)
    request.app[SENDER].wake()
    return reply(202, {"id": entry.id, "case": entry.number, "sequence": entry.sequence, "kind": entry.kind})


async def set_faults(request: web.Request) -> web.Response:
    """POST /faults: these in place of the case's; an empty body clears all. The answer lists what is on."""
    refuse_strangers(request)
    data = (await request.read()).strip()
    try:
        faults = READER.decode(data) if data not in (b"", b"{}") else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(str(error)) from None
    put_faults(request, faults)
    return show_all_faults(request)


async def show_faults(request: web.Request) -> web.Response:
    """GET /faults: what is on."""
    return show_all_faults(request)


def show_all_faults(request: web.Request) -> web.Response:
    """All faults that are on."""
    on = request.app[DESK].book.all_faults()
    return reply(200, {"faults": [{"case": faults.case} | msgspec.to_builtins(faults) for faults in on]})


def put_faults(request: web.Request, faults: Faults | None) -> None:
    """Sets a case's faults, or clears all; whatever can go now goes."""
    book = request.app[DESK].book
    with book.writing():
        if faults is None:
            book.clear_faults()
        else:
            book.set_faults(faults)
    request.app[SENDER].wake()


async def set_faults_by_form(request: web.Request) -> web.Response:
    """The page's form of faults; its second button clears all."""
    refuse_strangers(request)
    form = {name: str(value).strip() for name, value in (await request.post()).items()}
    if form.pop("clear", ""):
        put_faults(request, None)
        raise web.HTTPSeeOther(f"/?lang={pages.language(request)}")
    given = {name: name in SWITCHES or value for name, value in form.items() if value}
    try:
        faults = msgspec.convert(given, Faults, strict=False)
    except msgspec.ValidationError as error:
        page = pages.book_page(request.app[DESK], pages.language(request), wrong=str(error), given=form)
        return pages.response(page, status=400)
    put_faults(request, faults)
    raise web.HTTPSeeOther(f"/?lang={pages.language(request)}")


async def health(request: web.Request) -> web.Response:
    """GET /healthz: alive, and the office's time as this process has it."""
    return reply(200, {"ok": True, "now": request.app[DESK].now().isoformat()})


async def list_page(request: web.Request) -> web.Response:
    """GET /: the book for people."""
    return pages.response(pages.book_page(request.app[DESK], pages.language(request)))


async def case_page(request: web.Request) -> web.Response:
    """GET /cases/{case}: one case for people."""
    case = known_case(request, request.match_info["case"])
    return pages.response(pages.case_page(request.app[DESK], case, pages.language(request)))


async def answer_by_form(request: web.Request) -> web.Response:
    """A button of the page: an answer of this kind now, in the usual words or in those typed."""
    refuse_strangers(request)
    case = known_case(request, request.match_info["case"])
    form = await request.post()
    kind, typed = str(form.get("kind", "")), str(form.get("body", ""))
    try:
        body = msgspec.json.decode(typed or "{}", type=dict[str, Any])
        request.app[DESK].answer(case.number, kind, body)
    except (msgspec.DecodeError, RecursionError, Malformed) as error:
        page = pages.case_page(request.app[DESK], case, pages.language(request), wrong=str(error), typed={kind: typed})
        return pages.response(page, status=400)
    request.app[SENDER].wake()
    raise web.HTTPSeeOther(f"/cases/{case.number}?lang={pages.language(request)}")


async def send_again_by_form(request: web.Request) -> web.Response:
    """A button of the page: a message that the office refused goes out again as it was."""
    refuse_strangers(request)
    entry = request.app[DESK].book.entry(request.match_info["id"])
    if entry is None:
        raise web.HTTPNotFound(text="this book has no such message")
    with request.app[DESK].book.writing():
        request.app[DESK].book.send_again(entry.id)
    request.app[SENDER].wake()
    raise web.HTTPSeeOther(f"/cases/{entry.number}?lang={pages.language(request)}")


async def open_by_form(request: web.Request) -> web.Response:
    """The page's form of a case that only this book has: the office's comparison must find it."""
    refuse_strangers(request)
    number = str((await request.post()).get("number", "")).strip()
    if re.fullmatch(r"[0-9A-Za-z-]{1,50}", number) is None:
        page = pages.book_page(request.app[DESK], pages.language(request), wrong=number)
        return pages.response(page, status=400)
    with request.app[DESK].book.writing():
        request.app[DESK].book.open_case(number)
    raise web.HTTPSeeOther(f"/cases/{number}?lang={pages.language(request)}")
