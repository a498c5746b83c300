"""Checking all answers, with where each comes from, and submitting once; then the receipt."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import asyncpg
import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from permits import clock
from permits.cases import service
from permits.cases.assessment import age_on, of_case
from permits.cases.filing import asked
from permits.cases.view import DocumentView
from permits.cases.words import field_at
from permits.db.ids import new_id
from permits.errors import BadInput, Conflict, FieldError
from permits.i18n import Text
from permits.rules.mrz import mrz
from permits.web.forms import Filled, Form
from permits.web.i18n import translator
from permits.web.pages import error_page, page, posted, see
from permits.web.parts import Source
from permits.web.points import ITEMS
from permits.web.portal.fields import Field, Section
from permits.web.portal.ground import AGENT, Asked, Looked, desk_of, looked, missing, to_supply, version_of
from permits.web.portal.plan import PERMIT, SECTIONS, section_of
from permits.web.portal.section_page import value_of
from permits.web.portal.sizes import size_words
from permits.web.portal.tasks import DOCUMENTS, forecast

YOU, ZONE = Text("您填写", "From you"), Text("护照机读区", "Passport zone")
RULES, UPLOADED, COMMITTED = Text("规则算出", "By the rules"), Text("上传", "Uploaded"), Text("承诺", "Committed")
HELD = Text("我们已有", "We have it")
REGISTER = Text("登记簿", "The register")
NOT_CONFIRMED = Text("请确认以上属实。", "Confirm that all of this is true.")
ZONE_FIELDS = {
    "beneficiary.surname": "surname",
    "beneficiary.given_names": "given_names",
    "beneficiary.sex": "sex",
    "beneficiary.birth_date": "birth",
    "beneficiary.nationality": "nationality",
    "beneficiary.passport_number": "number",
    "beneficiary.passport_expiry": "expiry",
}
"""The fields that the two lines of a passport say, by their names there."""


class Group(msgspec.Struct, frozen=True):
    """One list of answers."""

    key: str
    title: Text
    rows: list[Source]
    note: Text = Text("", "")


RECOGNISED = (
    "beneficiary.surname", "beneficiary.given_names", "beneficiary.chinese_name", "employment.position",
)  # fmt: skip
"""What one knows a permit by, whatever is applied for."""


class Open(msgspec.Struct, frozen=True):
    """Something that keeps the case from being submitted, and where it is put right."""

    text: Text
    what: Text | str
    href: str


def groups(found: Looked) -> list[Group]:
    """All answers, page by page, then the documents."""
    zone = mrz(tuple(found.seen.beneficiary["mrz"]), clock.today()).fields if "mrz" in found.seen.beneficiary else {}
    sections = (PERMIT, *SECTIONS) if found.case.filing.permit == "must" else SECTIONS
    titles, placed = dict.fromkeys(section.group for section in sections), set[str]()
    answers = [
        Group(f"g{at}", title, [row for s in sections if s.group == title for row in _rows(found, s, zone, placed)])
        for at, title in enumerate(titles)
    ]
    answers = [group for group in answers if group.rows]
    documents = found.seen.documents
    return [*answers, Group("documents", DOCUMENTS, [_document(found, one) for one in documents], _tally(documents))]


def _rows(found: Looked, section: Section, zone: dict[str, str], placed: set[str]) -> Iterator[Source]:
    """The answers of a page; each field stands once, and what the item has no use for not at all."""
    for field in section.fields:
        page = section_of(field.name, found.sections)
        if field.name in placed or not (page or _matters(found, field.name)):
            continue
        placed.add(field.name)
        href = f"{found.href}/{page.key}" if page else ""
        part, key = field.name.split(".")
        value = getattr(found.seen, part).get(key)
        if value not in (None, []) and field.kind != "lines":
            of_zone = field.name in ZONE_FIELDS and zone.get(ZONE_FIELDS[field.name]) == value
            source = REGISTER if page is None else ZONE if of_zone else YOU
            yield Source(field.label, _value(found, field), source, href, code=field.code)
    points = found.seen.points if found.case.filing.classified else None
    if section.key == "category" and found.seen.category and points is not None:
        page = section_of("employment.grounds", found.sections)
        href = f"{found.href}/{page.key}" if page else ""
        yield Source(Text("类别", "Category"), _category(found), RULES, href, Text("看依据", "See why"))


def _matters(found: Looked, name: str) -> bool:
    """Whether an item uses a fact that nobody types: it is asked for, or one knows the permit by it."""
    if found.case.filing.classified:
        return True
    circumstance = found.case.employment.circumstance
    return name in RECOGNISED or name in asked(found.case.row.procedure, circumstance)


def _value(found: Looked, field: Field) -> str:
    words = value_of(found, field)
    if field.name != "beneficiary.birth_date":
        return words
    age = age_on(dt.date.fromisoformat(words), clock.today())
    return f"{words}（{age} 周岁）" if found.desk.lang == "zh" else f"{words} (aged {age})"


def _category(found: Looked) -> Text:
    letter, points = found.seen.category, found.seen.points
    items = _items(found)
    return Text(
        f"{letter} 类，{points} 分：{'、'.join(f'{name.zh} {n}' for name, n in items)}",
        f"{letter}, {points} points: {', '.join(f'{name.en.lower()} {n}' for name, n in items)}",
    )


def _items(found: Looked) -> list[tuple[Text, int]]:
    on = found.case.row.rules_on or clock.today()
    held = of_case(found.desk.office.law, found.case, on).classification
    return [(ITEMS[key], points) for key, points in held.items.items() if points] if held else []


def _document(found: Looked, one: DocumentView) -> Source:
    if one.status == "on-register":
        return Source(one.title, Text("不用交", "Nothing to hand in"), HELD)
    value, source = Text("还没有交", "Still wanted"), Text("", "")
    if one.received_at:
        when = Text(translator("zh").moment(one.received_at), translator("en").moment(one.received_at))
        committed = Text(f"{when.zh} 承诺", f"Committed {when.en}")
        size = size_words(one.size) or "—"
        pages = Text(
            f"{one.pages or 1} 页，{size}，{when.zh} 收到", f"Pages: {one.pages or 1}, {size}, received {when.en}"
        )
        value, source = (committed, COMMITTED) if one.status == "committed" else (pages, UPLOADED)
    return Source(one.title, value, source, f"{found.href}/documents/{one.kind}")


def _tally(documents: Iterable[DocumentView]) -> Text:
    kinds = [one.status for one in documents]
    held, given, said = (kinds.count(s) for s in ("on-register", "uploaded", "committed"))
    return Text(
        f"不用交 {held} 样，承诺 {said} 样，上传 {given} 样", f"{held} held, {said} committed, {given} uploaded"
    )


def still_open(found: Looked, errors: Iterable[FieldError]) -> list[Open]:
    """Each reason against submitting, with the page where it is put right."""
    titles = {one.kind: one.title for one in to_supply(found)}
    return [_open(found, error, titles) for error in errors]


def _open(found: Looked, error: FieldError, titles: dict[str, str]) -> Open:
    part, _, kind = error.pointer.strip("/").partition("/")
    if part == "documents":
        return Open(error.text, titles.get(kind, kind), f"{found.href}/documents/{kind}")
    here = section_of(field_at(error.pointer), found.sections)
    field = next((f for f in here.fields if f.name == field_at(error.pointer)), None) if here else None
    return Open(error.text, field.label if field else "", f"{found.href}/{here.key}" if here else found.href)


# The page


@get("/{number:str}/check", guards=[AGENT])
async def check_page(request: Asked, number: FromPath[str]) -> Response[Any]:
    """All answers; what is still missing stands on top, and only a complete draft has the button."""
    found = await looked(request, number)
    return show(request, found, Filled({"idempotency_key": str(new_id())})) if found.draft else see(found.href)


def show(request: Asked, found: Looked, f: Filled, status: int = 200) -> Response[str]:
    """The page."""
    return page(
        request,
        "portal/check.html",
        status=status,
        looked=found,
        groups=groups(found),
        open=still_open(found, missing(found)),
        forecast=forecast(found),
        f=f,
    )


@post("/{number:str}/check", guards=[AGENT], status_code=200)
async def submit(request: Asked, number: FromPath[str]) -> Response[Any]:
    """Submit once: a second click under the same key leads to the same receipt."""
    sent = await posted(request)
    if sent.get("confirmed") != "true":
        errors = [FieldError("/confirmed", NOT_CONFIRMED)]
        return show(request, await looked(request, number), Filled.again(sent, errors), 400)
    try:
        await submitted(request, number, sent)
    except BadInput:
        return show(request, await looked(request, number), Filled.again(sent), 400)
    except Conflict as problem:
        return await conflict(request, number, sent, problem)
    return see(f"/apply/{number}/receipt")


async def submitted(request: Asked, number: str, sent: Form) -> None:
    """Run the use case; where another click was quicker, once more, to get its answer."""
    try:
        await run(request, number, sent)
    except (asyncpg.UniqueViolationError, Conflict) as quicker:
        if isinstance(quicker, Conflict) and quicker.type not in ("state", "stale"):
            raise
        await run(request, number, sent)


async def run(request: Asked, number: str, sent: Form) -> None:
    """The use case in a transaction of its own."""
    desk = desk_of(request)
    async with desk.database.transaction(desk.region) as tx:
        await service.submit(
            tx,
            desk.office,
            desk.account,
            desk.region,
            number,
            key=sent.get("idempotency_key")[:200] or None,
            request=hashlib.sha256(f"page {number}".encode()).digest(),
            lang=desk.lang,
            version=version_of(sent),
        )


async def conflict(request: Asked, number: str, sent: Form, problem: Conflict) -> Response[Any]:
    """The case changed meanwhile: the answers as they are now; another open case: where it is."""
    if problem.type == "stale":
        found = await looked(request, number)
        again = Filled({"idempotency_key": str(new_id())}, {"confirmed": problem.detail})
        return show(request, found, again, 409) if found.draft else see(found.href)
    other = problem.extra.get("number")
    return error_page(request, problem, back=f"/apply/{other or number}")


@get("/{number:str}/answers", guards=[AGENT])
async def answers(request: Asked, number: FromPath[str]) -> Response[Any]:
    """What was submitted, to read again."""
    found = await looked(request, number)
    return (
        see(f"{found.href}/check")
        if found.draft
        else page(request, "portal/answers.html", looked=found, groups=groups(found))
    )


@get("/{number:str}/receipt", guards=[AGENT])
async def receipt(request: Asked, number: FromPath[str]) -> Response[Any]:
    """What happens next and by when, and who is told."""
    found = await looked(request, number)
    if found.draft:
        return see(found.href)
    due = {clock.basis: clock.due for clock in found.case.clocks if clock.step == "acceptance" and clock.round == 1}
    decision = forecast(found)
    return page(request, "portal/receipt.html", looked=found, due=due, decision=decision)
