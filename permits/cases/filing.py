"""One line for each item that runs through cases: what must be said, which permit it is about, what granting writes.

A table only; the law's own dates, documents, windows and limits stand in `permits/rules/data`.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from permits.cases.application import REQUIRED

Writes = Literal["grant", "extension", "change", "replacement", "end"]
Runs = Literal["new", "continues", "kept", "ends"]


class Filing(msgspec.Struct, frozen=True, kw_only=True):
    """How one item is filed and what its grant does."""

    asks: tuple[str, ...]
    """What a submitted application must say, as `part.field`, whoever said it: the applicant or the register."""
    by_circumstance: Mapping[str, tuple[str, ...]] = {}
    """What it must say besides in one circumstance."""
    types: tuple[str, ...] | None = None
    """What the form asks of the applicant; None: all of it."""
    types_in: Mapping[str, tuple[str, ...]] = {}
    """What it asks besides in one circumstance."""
    permit: Literal["none", "may", "must"] = "must"
    """Whether it is about a permit that is held."""
    same: tuple[str, ...] = ()
    """Facts that must be as the register has them: another one needs another item."""
    writes: Writes
    """What granting writes into the register."""
    runs: Runs
    """How long what is granted runs: anew, on from the old last day, as before, or it ends."""
    ends_as: Literal["cancelled", "revoked", "withdrawn-by-authority"] = "cancelled"
    """How a permit ends where granting ends it."""
    classified: bool = True
    """Whether the category is worked out anew where the application says enough."""
    cleared: bool = False
    """Whether legal clearance comes before a grant is signed too (法制审核)."""
    by_office: bool = False
    """Whether the office opens it, not an applicant."""


def _whole(parts: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(f"{part}.{name}" for part, names in parts.items() for name in names)


_EMPLOYER = _whole({"employer": REQUIRED["employer"]})
_CONTACT = ("employer.contact_name", "employer.contact_phone", "employer.contact_email")
_WHO = (
    "permit.number", "beneficiary.sex", "beneficiary.birth_date", "beneficiary.nationality",
    "beneficiary.passport_number", "beneficiary.passport_expiry",
)  # fmt: skip
_PASSPORT = ("beneficiary.passport_number", "beneficiary.passport_expiry", "beneficiary.nationality")
_STAY = (
    "beneficiary.visa_type", "beneficiary.visa_expiry", "beneficiary.residence_permit_number",
    "beneficiary.residence_permit_expiry", "beneficiary.entry_date",
)  # fmt: skip
_PAY = (
    "employment.annual_salary_cny", "employment.months_per_year", "employment.contract_start",
    "employment.contract_end",
)  # fmt: skip
_POSITION = ("employment.position", "employment.position_kind", "employment.occupation")
_PROFILE = (
    "beneficiary.education", "beneficiary.chinese", "employment.experience_years", "employment.place",
    *_PAY, "employment.other", "employment.grounds", "employment.local_bonus",
)  # fmt: skip

FILINGS: Mapping[str, Filing] = {
    "issue-in-china": Filing(asks=_whole(REQUIRED), permit="may", writes="grant", runs="new"),
    "extend": Filing(
        asks=(*_EMPLOYER, *_WHO, "beneficiary.visa_type", "beneficiary.entry_date", *_PAY),
        types=("permit.number", "permit.former_passport_number", *_CONTACT, *_PASSPORT, *_STAY, *_PAY),
        same=("employer.credit_code", "beneficiary.nationality", "employment.position"),
        writes="extension",
        runs="continues",
    ),
    "change": Filing(
        asks=(*_EMPLOYER, *_WHO, "permit.event_date", "employment.circumstance", "beneficiary.visa_type"),
        by_circumstance={
            "change-of-passport": ("permit.former_passport_number",),
            "change-of-position": _POSITION,
            "change-of-category": _whole({"employment": REQUIRED["employment"]}),
        },
        types=("permit.number", "permit.event_date", "employment.circumstance", *_CONTACT, *_PASSPORT, *_STAY),
        types_in={
            "change-of-name": ("beneficiary.surname", "beneficiary.given_names", "beneficiary.chinese_name"),
            "change-of-passport": ("permit.former_passport_number",),
            "change-of-position": _POSITION,
            "change-of-category": _PROFILE,
        },
        same=("employer.credit_code", "beneficiary.nationality"),
        writes="change",
        runs="kept",
    ),
    "cancel": Filing(
        asks=(*_EMPLOYER, *_WHO, "permit.event_date", "employment.circumstance"),
        types=("permit.number", "permit.event_date", "employment.circumstance", *_CONTACT, *_PASSPORT),
        same=("employer.credit_code", "beneficiary.nationality"),
        writes="end",
        runs="ends",
        classified=False,
    ),
    "replace": Filing(
        asks=(*_EMPLOYER, *_WHO),
        types=("permit.number", "permit.former_passport_number", *_CONTACT, *_PASSPORT),
        same=("employer.credit_code", "beneficiary.nationality"),
        writes="replacement",
        runs="kept",
        classified=False,
    ),
    "revoke": Filing(
        asks=(), writes="end", runs="ends", ends_as="revoked", classified=False, cleared=True, by_office=True,
    ),
    "withdraw": Filing(
        asks=(), writes="end", runs="ends", ends_as="withdrawn-by-authority", classified=False, cleared=True,
        by_office=True,
    ),
}  # fmt: skip
"""Every item that can be filed, by its code; the others are dealt with at the window."""


def filing_of(procedure: str) -> Filing:
    """The line of an item. KeyError for one that does not run through cases."""
    return FILINGS[procedure]


def asked(procedure: str, circumstance: str | None) -> tuple[str, ...]:
    """What an application must say when it is submitted, as `part.field`."""
    filing = FILINGS[procedure]
    return (*filing.asks, *filing.by_circumstance.get(circumstance or "", ()))


def typed_by(procedure: str, circumstance: str | None) -> tuple[str, ...] | None:
    """What the form asks of the applicant, as `part.field`; None: everything."""
    filing = FILINGS[procedure]
    if filing.types is None:
        return None
    return (*filing.types, *filing.types_in.get(circumstance or "", ()))


ONLINE = frozenset(code for code, filing in FILINGS.items() if not filing.by_office)
"""The items that applicants file here."""
