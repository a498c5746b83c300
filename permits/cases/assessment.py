"""What the rules say of an application on a day: circumstance, category and points, documents, longest validity.

Pure: the application, the law and a day in, answers out.
"""

import datetime as dt

import msgspec

from permits.cases.application import Application
from permits.cases.filing import FILINGS
from permits.cases.model import Case, Held
from permits.credit.model import Standing
from permits.i18n import Text
from permits.rules import classification, commitments, procedures, validity
from permits.rules.classification import Classification, Profile
from permits.rules.commitments import CommitmentBar
from permits.rules.law import Law
from permits.rules.procedures import DocumentRule, Facts

ABROAD = "issue-abroad"
UNCHANGED = Text("有效期不变", "its last day stays")


class Assessment(msgspec.Struct, frozen=True):
    """The rules' whole answer about an application."""

    circumstance: str | None
    classification: Classification | None
    documents: tuple[DocumentRule, ...]
    held_category: str | None = None
    """The category of the permit it is about."""

    @property
    def category(self) -> str | None:
        """A, B or C, of the permit held where it is not worked out anew; None while the application says too little."""
        return self.classification.category if self.classification else self.held_category


def age_on(birth: dt.date, day: dt.date) -> int:
    """Age in whole years on a day."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def profile(application: Application, on: dt.date) -> Profile | None:
    """What the points table asks about; None while something of it is missing."""
    holder, work = application.beneficiary, application.employment
    if (
        holder.birth_date is None
        or holder.education is None
        or holder.chinese is None
        or work.annual_salary_cny is None
        or work.experience_years is None
        or work.months_per_year is None
        or work.place is None
    ):
        return None
    return Profile(
        annual_salary_cny=work.annual_salary_cny,
        education=holder.education,
        experience_years=work.experience_years,
        months_per_year=work.months_per_year,
        chinese=holder.chinese,
        place=work.place,
        age=age_on(holder.birth_date, on),
        other=tuple(work.other or ()),
        local_bonus=work.local_bonus or 0,
        grounds=tuple(work.grounds or ()),
    )


def assess(
    law: Law, application: Application, standing: Standing, on: dt.date, region: str, held: Held | None = None
) -> Assessment:
    """Everything the rules say of an application, and of the permit it is about, under the law of a day."""
    filing = FILINGS.get(application.procedure)
    asked = profile(application, on) if filing is None or filing.classified else None
    found = _classified(law, asked, on, region)
    circumstance = _circumstance(law, application, found, on, region)
    before = held.category if held else None
    bars = commitments.barred(law, standing.record, on, region)
    facts = _facts(application, bars, found, circumstance, held)
    return Assessment(circumstance, found, procedures.documents(law, facts, on, region), before)


def _classified(law: Law, asked: Profile | None, on: dt.date, region: str) -> Classification | None:
    """The category, None while what is stated is not whole or has problems."""
    try:
        return classification.classify(law, asked, on, region) if asked else None
    except ValueError:
        return None


def of_case(law: Law, case: Case, today: dt.date) -> Assessment:
    """The same of a case: under the law of the day it was submitted, of today while it is a draft."""
    return assess(law, case.application, case.standing, case.row.rules_on or today, case.row.region, case.held)


def _circumstance(
    law: Law, application: Application, found: Classification | None, on: dt.date, region: str
) -> str | None:
    holder, stated = application.beneficiary, application.employment.circumstance
    if stated or not (filing := FILINGS.get(application.procedure)) or filing.writes != "grant":
        return stated
    return procedures.infer_circumstance(
        law,
        visa_type=holder.visa_type,
        category=found.category if found else None,
        residence_permit_expiry=holder.residence_permit_expiry,
        on=on,
        region=region,
    )


def _facts(
    application: Application,
    bars: tuple[CommitmentBar, ...],
    found: Classification | None,
    circumstance: str | None,
    held: Held | None,
) -> Facts:
    work = application.employment
    days = (work.contract_end - work.contract_start).days if work.contract_start and work.contract_end else None
    return Facts(
        procedure=application.procedure,
        circumstance=circumstance,
        category=found.category if found else held.category if held else None,
        grounds=_resting_on(found) if found else (),
        joint=application.joint,
        residence_days=days,
        may_commit=not bars,
        may_not_commit_why=bars[0].text if bars else None,
        nationality=application.beneficiary.nationality,
        on_register=frozenset(held.documents if held else ()),
    )


def _resting_on(found: Classification) -> tuple[str, ...]:
    """The grounds that carry the category itself; a lesser ground is no reason to ask for its proof."""
    return tuple(ground.key for ground in found.grounds if ground.category == found.category)


def longest(law: Law, case: Case, category: str, start: dt.date) -> validity.Validity:
    """The longest the permit may run, from a first day on, with what binds it (domain.md §7).

    What is extended runs on from its old last day; what is changed or cancelled keeps its own.
    """
    held = case.held
    if held and case.filing.runs in ("kept", "ends"):
        return validity.Validity(start, held.valid_until, UNCHANGED, "")
    if held and case.filing.runs == "continues":
        start = held.valid_until + dt.timedelta(days=1)
    work, holder = case.employment, case.beneficiary
    assert work.contract_start is not None
    assert work.contract_end is not None
    assert holder.passport_expiry is not None
    return validity.longest(
        law,
        category,
        contract_start=max(work.contract_start, start),
        contract_end=work.contract_end,
        passport_expiry=holder.passport_expiry,
        on=case.row.rules_on or start,
        region=case.row.region,
    )
