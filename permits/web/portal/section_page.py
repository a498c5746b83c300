"""What a page of the form shows: its fields, what is locked, what is wrong here and elsewhere, what stands beside."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from litestar.response import Response

from permits import clock
from permits.cases.application import PARTS
from permits.cases.assessment import of_case
from permits.cases.words import CATEGORIES, field_at
from permits.errors import FieldError
from permits.i18n import Text
from permits.office import Office
from permits.rules import procedures
from permits.rules.credit_code import credit_code
from permits.web.forms import Filled, Form, field_of
from permits.web.labels import words
from permits.web.pages import page
from permits.web.portal import category, passport
from permits.web.portal.fields import Field, Options, Section, capitals, shown
from permits.web.portal.ground import Asked, Looked, opened
from permits.web.portal.plan import FIELDS, section_of

CREDIT = "employer.credit_code"
GROUNDS, CIRCUMSTANCE = "employment.grounds", "employment.circumstance"


def show(request: Asked, found: Looked, here: Section, f: Filled, errors: Iterable[FieldError] = ()) -> Response[str]:
    """The page of a section, with what is typed and, where it is wrong, why."""
    fields = opened(found.case)
    return page(
        request,
        here.template,
        status=400 if errors else 200,
        looked=found,
        section=here,
        place=[s.key for s in found.sections if s.group == here.group].index(here.key) + 1,
        places=sum(s.group == here.group for s in found.sections),
        fields=[(field, options_of(found, field)) for field in here.fields if field.name in fields],
        locked=[Fact(field.label, value_of(found, field)) for field in here.fields if field.name not in fields],
        f=f,
        elsewhere=elsewhere(here, errors, found),
        asked=[
            i.text for i in found.case.unanswered() if section_of(field_at(i.pointer or ""), found.sections) is here
        ],
        **extras(found, here, f),
    )


class Fact(msgspec.Struct, frozen=True):
    """A field that cannot be changed now."""

    label: Text
    value: str


class Elsewhere(msgspec.Struct, frozen=True):
    """Something wrong that is put right on another page."""

    text: Text
    title: Text
    href: str


def value_of(found: Looked, field: Field) -> str:
    """A field of the case in words."""
    part, key = field.name.split(".")
    return shown(field, getattr(found.seen, part).get(key), found.desk.lang, options_of(found, field)) or "—"


def options_of(found: Looked, field: Field) -> Options:
    """The codes of a field with their words; grounds are the law's."""
    on, region = found.case.row.rules_on or clock.today(), found.desk.region
    law, procedure = found.desk.office.law, found.case.row.procedure
    if field.name == CIRCUMSTANCE and found.case.filing.permit == "must":
        return [(one.key, one.title) for one in procedures.circumstances(law, on, region, procedure)]
    return category.grounds(law, on, region) if field.name == GROUNDS else field.options


def elsewhere(here: Section, errors: Iterable[FieldError], found: Looked) -> list[Elsewhere]:
    """The errors whose fields stand on other pages."""
    return [
        Elsewhere(error.text, place.title, f"{found.href}/{place.key}")
        for error in errors
        if (place := section_of(field_at(error.pointer), found.sections)) and place is not here
    ]


def prefilled(found: Looked, here: Section) -> Mapping[str, str | tuple[str, ...]]:
    """What the page is filled with: the draft, and what is known of the agent where nothing was said."""
    parts = {name: getattr(found.seen, name) for name in PARTS}
    values = dict(Filled.of(parts).values)
    if found.draft and here.key == "contact":
        values.setdefault("employer.contact_name", found.desk.account.name)
        values.setdefault("employer.contact_email", found.desk.account.email)
    if found.draft and here.key == "position" and found.case.filing.permit != "must":
        values.setdefault("employment.place", "ordinary")
    return values


def again(sent: Form, errors: Iterable[FieldError], here: Section) -> Filled:
    """What was just sent, with the errors of this page beside their fields."""
    own = [FieldError(f"/{placed(e.pointer)}", e.text) for e in errors if field_at(e.pointer) in here.names]
    return Filled.again(sent, own)


def placed(pointer: str) -> str:
    """Where an error stands on its page: the second line of the passport has a place of its own."""
    if pointer == "/beneficiary/mrz/1":
        return f"{passport.NAME}-2"
    name = field_at(pointer)
    return name if name in FIELDS else field_of(pointer)


def repaired(here: Section, sent: Form, office: Office) -> dict[str, str | tuple[str, ...]]:
    """What was sent, with the one character put right that the page had offered; nothing is saved yet."""
    values = dict(Filled.again(sent).values)
    if here.key == "employer":
        check = credit_code(sent.get(CREDIT))
        values[CREDIT] = check.fields.get("repair", sent.get(CREDIT))
    lines = passport.typed(sent)
    read = passport.read(lines, clock.today()) if here.key == "passport" else None
    if read and read.repair:
        values[passport.NAME] = (lines[0], read.repair.line)
    return values


def extras(found: Looked, here: Section, f: Filled) -> dict[str, Any]:
    """What a page shows beside its fields."""
    today, region = found.case.row.rules_on or clock.today(), found.desk.region
    if here.template == "portal/section.html":
        return {}
    if here.key == "employer":
        code = capitals(f.value(CREDIT))
        return {"check": credit_code(code) if code else None, "code": code}
    if here.key == "passport":
        lines = [capitals(line) for line in f.all(passport.NAME)]
        return {"lines": (*lines, "", "")[:2], "read": passport.read(lines, today)}
    if here.key == "visa":
        held = of_case(found.desk.office.law, found.case, today).circumstance
        return {"circumstance": words("employment.circumstance", held) if held else None}
    if here.key == "category":
        law = found.desk.office.law
        points = category.explained(law, found.case.application, today, region)
        return {"points": points, "names": CATEGORIES}
    return {}
