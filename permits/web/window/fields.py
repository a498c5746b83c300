"""The fields of an application as the desks show them: name, value in words, where it comes from, what proves it."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from permits.cases.view import CaseView
from permits.cases.words import FIELDS
from permits.i18n import Text
from permits.rules import masking
from permits.web.labels import words
from permits.web.window.words import CIRCUMSTANCES, nationality

PROVES: Mapping[str, tuple[str, ...]] = {
    "passport": (
        "beneficiary.surname", "beneficiary.given_names", "beneficiary.sex", "beneficiary.birth_date",
        "beneficiary.nationality", "beneficiary.passport_number", "beneficiary.passport_expiry",
    ),
    "stay-permit": (
        "beneficiary.visa_type", "beneficiary.visa_expiry", "beneficiary.residence_permit_number",
        "beneficiary.residence_permit_expiry", "beneficiary.entry_date",
    ),
    "photo": ("beneficiary.sex", "beneficiary.birth_date"),
    "contract": (
        "employer.name", "employment.position", "employment.annual_salary_cny", "employment.months_per_year",
        "employment.contract_start", "employment.contract_end",
    ),
    "experience": ("employment.experience_years", "employment.occupation", "employment.position_kind"),
    "degree": ("beneficiary.education", "employment.other"),
    "no-criminal-record": ("beneficiary.surname", "beneficiary.given_names", "beneficiary.nationality"),
    "health-certificate": ("beneficiary.surname", "beneficiary.given_names", "beneficiary.birth_date"),
    "cancellation-proof": ("beneficiary.surname", "beneficiary.given_names"),
    "circumstance-proof": ("employment.circumstance",),
    "accommodation": ("beneficiary.surname", "beneficiary.given_names"),
    "employer-registration": ("employer.name", "employer.credit_code", "employer.industry", "employer.district"),
    "application-form": ("employer.name", "employment.position"),
}  # fmt: skip
"""Which fields each document is read for."""
FROM_MRZ = frozenset(
    {"surname", "given_names", "sex", "birth_date", "nationality", "passport_number", "passport_expiry"}
)
"""Fields that a machine-readable zone fills."""
NOTHING = Text("—", "—")


class Field(msgspec.Struct, frozen=True):
    """One field of the application."""

    pointer: str
    label: Text
    value: Text
    source: Text
    corrected: bool
    """Whether a correction of it is asked for and not answered."""


def raw(view: CaseView, name: str) -> Any:
    """A field's value as it was filed, masked where the view is."""
    part, _, field = name.partition(".")
    return getattr(view, part).get(field)


def value(view: CaseView, name: str, *, unmasked: bool = False) -> Text:
    """A field's value in words; a birth date keeps its year only, unless it is asked for."""
    found = raw(view, name)
    if found in (None, "", []):
        return NOTHING
    if name == "beneficiary.birth_date" and not unmasked:
        found = masking.mask_birth(dt.date.fromisoformat(found))
    if name == "employment.annual_salary_cny":
        return Text(f"{found:,} 元", f"CNY {found:,}")
    if isinstance(found, list):
        said = [word(name, one) for one in found]
        return Text("、".join(w.zh for w in said), ", ".join(w.en for w in said))
    return word(name, found)


def word(name: str, code: Any) -> Text:
    """A code in words; what has none stays as it is."""
    if name == "beneficiary.nationality":
        return nationality(code)
    if name == "employment.circumstance":
        return CIRCUMSTANCES.get(code, Text(code, code))
    return words(name, str(code))


def fields(view: CaseView, kind: str, *, unmasked: bool = False) -> list[Field]:
    """The fields that a document is read for."""
    return [field(view, name, unmasked=unmasked) for name in PROVES.get(kind, ()) if raw(view, name) not in (None, [])]


def field(view: CaseView, name: str, *, unmasked: bool = False) -> Field:
    """One field as the page shows it."""
    pointer = "/" + name.replace(".", "/")
    asked = any(item.pointer == pointer and not item.answered for item in view.corrections)
    return Field(pointer, FIELDS[name], value(view, name, unmasked=unmasked), source(view, name), asked)


def source(view: CaseView, name: str) -> Text:
    """Where a value comes from."""
    part, _, field = name.partition(".")
    if part == "beneficiary" and field in FROM_MRZ and view.beneficiary.get("mrz"):
        return Text("护照机读区", "passport's MRZ")
    return Text("申请表", "form")


def proved(kind: str) -> Text:
    """What a document is read for, in a line."""
    names = [FIELDS[name] for name in PROVES.get(kind, ())][:4]
    return Text("、".join(n.zh for n in names), ", ".join(n.en for n in names))


def correctable() -> Iterable[tuple[str, Text]]:
    """Every field a correction may name, by its pointer."""
    for name, called in FIELDS.items():
        if name != "beneficiary.mrz":
            yield "/" + name.replace(".", "/"), called
