"""Correcting a registration error on the register's page: one officer proposes, another confirms or drops."""

import uuid
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from permits import decoding
from permits.cases import holding, mending
from permits.cases.bodies import CorrectPermit
from permits.cases.words import CATEGORIES
from permits.errors import BadInput, Conflict, FieldError, NotFound
from permits.i18n import Text
from permits.register.corrections import NOT_FOUND, Proposed
from permits.register.model import RegisteredPermit, RegisterEntry
from permits.rules.nationality import NATIONALITIES
from permits.web.auth import person
from permits.web.forms import Filled, Form
from permits.web.labels import OPTIONS
from permits.web.pages import page, posted, see
from permits.web.permit_lines import CODES, NAMES, value
from permits.web.state import database_of, office_of, region_of_request
from permits.web.window.opened import Asked

TITLE = Text("更正登记", "Correct the register")
SAYS = Text(
    "只改录入时登错的；情况后来变了的，走变更。由另一人确认后才写进登记簿，原来的记录保留。",
    "Only what was registered wrongly; what changed later is an application for a change. Another person confirms it "
    "before the register has it, and what was recorded stays.",
)
EMPTY = Text("（删去，登记簿上不再有）", "(taken out: the register has none then)")
HOW = ("confirm", "drop")
HOLDER = {
    "surname": Text("姓（同护照）", "Surname as in the passport"),
    "given_names": Text("名（同护照）", "Given names as in the passport"),
    "chinese_name": Text("中文姓名", "Chinese name"),
}
ASKED = {name: label for name, label in NAMES.items() if name != "permit_kind"}
DAYS = ("valid_from", "valid_until")
CHOICES = {
    "category": list(CATEGORIES.items()),
    "nationality": list(NATIONALITIES.items()),
    **{name: list(OPTIONS[field].items()) for name, field in CODES.items()},
}
"""The codes of the facts that are chosen, not typed."""
NO_STEP = Text("没有这一步。", "There is no such step.")


async def waiting(request: Asked, entry: RegisterEntry) -> list[tuple[Proposed, list[tuple[Text, Text]], bool]]:
    """What waits for a second person: each with its facts in words, and whether this person may confirm it."""
    office, region, account = office_of(request), region_of_request(request), person(request)
    async with database_of(request).transaction(region) as tx:
        found = [one for held in entry.permits for one in await mending.waiting(tx, office, region, held)]
    officer = account.has_any(mending.OFFICERS, region)
    return [(one, _in_words(one), officer and one.proposed_by != account.id) for one in found]


def _in_words(one: Proposed) -> list[tuple[Text, Text]]:
    return [
        ({**ASKED, **HOLDER}.get(name, Text(name, name)), _said_now(name, said)) for name, said in one.facts.items()
    ]


def _said_now(name: str, said: Any) -> Text:
    return value(name, said) if said != "" else EMPTY


@get("/permits/{number:str}/correct")
async def mend_page(request: Asked, number: FromPath[str]) -> Response[str]:
    """The form, filled with what the register says now."""
    return await _show(request, number, None)


async def _show(request: Asked, number: str, f: Filled | None, status: int = 200) -> Response[str]:
    office, account, region = office_of(request), person(request), region_of_request(request)
    async with database_of(request).transaction(region) as tx:
        entry = await holding.look(tx, office, account, region, number)
    permit = next((one for one in entry.permits if one.status in holding.IN_FORCE), entry.permits[-1])
    return page(
        request,
        "window/permit_mend.html",
        status=status,
        f=f or Filled(_said(entry, permit)),
        title=TITLE,
        says=SAYS,
        what="correct",
        entry=entry,
        possible=account.has_any(mending.OFFICERS, region),
        asked=ASKED,
        holder=HOLDER,
        days=DAYS,
        choices=CHOICES,
    )


def _said(entry: RegisterEntry, permit: RegisteredPermit) -> dict[str, str | tuple[str, ...]]:
    facts = {name: str(getattr(permit, name)) for name in ASKED} | {name: getattr(entry.names, name) for name in HOLDER}
    named: dict[str, Any] = {f"facts.{name}": said for name, said in facts.items()}
    return named | {"verification_code": permit.verification_code}


@post("/permits/{number:str}/correct", status_code=200)
async def propose(request: Asked, number: FromPath[str]) -> Response[Any]:
    """Propose a correction; what is wrong comes back beside its field with all that was typed."""
    sent = await posted(request)
    office, account, region = office_of(request), person(request), region_of_request(request)
    try:
        body = decoding.convert(_body(sent), CorrectPermit)
        async with database_of(request).transaction(region) as tx:
            await mending.propose(tx, office, account, region, number, body)
    except BadInput as wrong:
        errors = [FieldError(_place(error.pointer), error.text) for error in wrong.errors]
        return await _show(request, number, Filled.again(sent, errors), 400)
    return see(f"/window/permits/{number}?done=correct#mend")


def _place(pointer: str) -> str:
    return "/reasons" if pointer == "/facts" else pointer


def _body(sent: Form) -> dict[str, Any]:
    """The form as a body; a name that was emptied is stated as empty, for that is what is meant."""
    body: dict[str, Any] = {"facts": {}} | sent.nested()
    emptied = {name: "" for name in HOLDER if f"facts.{name}" in sent.values and not sent.get(f"facts.{name}").strip()}
    return body | {"facts": body["facts"] | emptied}


@post("/permits/{number:str}/corrections/{correction:uuid}/{how:str}", status_code=200)
async def settle(
    request: Asked, number: FromPath[str], correction: FromPath[uuid.UUID], how: FromPath[str]
) -> Response[Any]:
    """Confirm a correction that another proposed, or drop it."""
    if how not in HOW:
        raise NotFound(NO_STEP)
    await posted(request)
    office, account, region = office_of(request), person(request), region_of_request(request)
    try:
        async with database_of(request).transaction(region) as tx:
            await mending.settle(tx, office, account, region, number, correction, confirmed=how == "confirm")
    except Conflict:
        return see(f"/window/permits/{number}?done=stale#mend")
    except NotFound as gone:
        if gone.detail is not NOT_FOUND:
            raise
        return see(f"/window/permits/{number}?done=settled")
    return see(f"/window/permits/{number}?done={how}")


HANDLERS = [mend_page, propose, settle]
