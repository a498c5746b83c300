"""What every page of a case stands on: who looks, the case itself, and what one may still change in it.

It reads and writes cases through their use cases only; only a case's own party gets in.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import asyncpg
from litestar.connection import Request

from permits import clock
from permits.accounts.model import Account
from permits.cases import checks, lifecycle, service, submission
from permits.cases.drafting import NO_CASE, changed
from permits.cases.model import Case
from permits.cases.view import CaseView, DocumentView
from permits.db.database import Database
from permits.errors import BadInput, FieldError, NotFound
from permits.i18n import Text
from permits.office import Office
from permits.web.auth import person, require
from permits.web.forms import Filled, Form
from permits.web.i18n import Lang
from permits.web.portal.fields import Section
from permits.web.portal.matters import matter
from permits.web.portal.plan import FIELDS, sections_of
from permits.web.state import database_of, office_of, region_of_request
from permits.web.visitor import lang_of

Asked = Request[Any, Any, Any]
AGENT = require("employer")
"""The guard of all these pages."""


class Desk(NamedTuple):
    """Who asks, in which city and language, and what answers stand on."""

    account: Account
    region: str
    lang: Lang
    office: Office
    database: Database


def desk_of(request: Asked) -> Desk:
    """The desk of a request."""
    return Desk(person(request), region_of_request(request), lang_of(request), office_of(request), database_of(request))


class Looked(NamedTuple):
    """A case as its party looks at it."""

    desk: Desk
    case: Case
    seen: CaseView

    @property
    def number(self) -> str:
        """The case number."""
        return self.case.row.number

    @property
    def draft(self) -> bool:
        """Whether it was not submitted yet."""
        return self.case.row.state == "draft"

    @property
    def href(self) -> str:
        """Its address."""
        return f"/apply/{self.number}"

    @property
    def sections(self) -> tuple[Section, ...]:
        """The pages of its form."""
        return sections_of(self.case.row.procedure, self.case.employment.circumstance)

    @property
    def matter(self) -> Text:
        """What it is about."""
        return matter(self.case.row.procedure, self.case.row.joint)

    @property
    def latin(self) -> str:
        """The foreigner's name in the passport's order: MUSTER Lena Sophie."""
        holder = self.case.beneficiary
        return " ".join(filter(None, (holder.surname, holder.given_names)))


async def looked(request: Asked, number: str) -> Looked:
    """One's own case. Raises NotFound for any other."""
    desk = desk_of(request)
    async with desk.database.transaction(desk.region) as tx:
        return await look(tx, desk, number)


async def look(tx: asyncpg.Connection, desk: Desk, number: str) -> Looked:
    """The same in a transaction that is open."""
    case = await service.look(tx, desk.office, desk.account, desk.region, number)
    if not lifecycle.is_party(case, desk.account):
        raise NotFound(NO_CASE)
    return as_seen(desk, case)


def as_seen(desk: Desk, case: Case) -> Looked:
    """A case one holds already, as its party sees it."""
    return Looked(desk, case, service.seen(case, desk.account, desk.office, desk.lang))


def version_of(sent: Form) -> int:
    """The version of the case that the page showed; 0, which fits none, where it is unreadable."""
    given = sent.get("version")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


def require_version(case: Case, sent: Form) -> None:
    """Conflict where the case changed after the page was opened."""
    if case.row.version != version_of(sent):
        raise changed(case)


def fresh(sent: Form, *errors: FieldError) -> Filled:
    """What was typed, on a page that shows the case as it is now: its version is the new one."""
    again = Filled.again(sent, errors)
    return Filled({name: value for name, value in again.values.items() if name != "version"}, again.errors)


def opened(case: Case) -> frozenset[str]:
    """The fields that may be changed: all of a draft's, afterwards those that a correction names."""
    if case.row.state == "draft":
        return frozenset(FIELDS)
    asked = [item.pointer for item in case.unanswered() if item.pointer]
    return frozenset(
        name
        for name, field in FIELDS.items()
        if any(field.pointer == pointer or field.pointer.startswith(f"{pointer}/") for pointer in asked)
    )


def may_supply(looked: Looked, kind: str) -> bool:
    """Whether a document may be supplied or replaced now."""
    return looked.draft or kind in {item.document for item in looked.case.unanswered()}


def missing(looked: Looked) -> tuple[FieldError, ...]:
    """Everything that keeps a draft from being submitted."""
    return tuple(_missing(looked))


def _missing(looked: Looked) -> Iterator[FieldError]:
    case, law, at = looked.case, looked.desk.office.law, clock.now()
    try:
        checks.check_complete(case.application, law, at.date(), case.row.region)
        submission.submitted(case, law, at)
    except BadInput as problem:
        yield from problem.errors


def to_supply(looked: Looked) -> list[DocumentView]:
    """The documents that the applicant supplies; what the office holds or fetches is left out."""
    return [document for document in looked.seen.documents if document.status != "on-register"]
