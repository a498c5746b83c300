"""What the rules say of an application on a day: circumstance, category and points, documents, longest validity.

Pure: the application, the law and a day in, answers out.
"""

import datetime as dt

import msgspec

from permits.cases.application import Application
from permits.cases.model import Case
from permits.credit.model import Standing
from permits.rules import classification, procedures, validity
from permits.rules.classification import Classification, Profile
from permits.rules.law import Law
from permits.rules.procedures import DocumentRule, Facts

ABROAD = "issue-abroad"


class Assessment(msgspec.Struct, frozen=True):
    """The rules' whole answer about an application."""

    circumstance: str | None
    classification: Classification | None
    documents: tuple[DocumentRule, ...]

    @property
    def category(self) -> str | None:
        """A, B or C; None while the application does not say enough."""
        return self.classification.category if self.classification else None


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


def assess(law: Law, application: Application, standing: Standing, on: dt.date, region: str) -> Assessment:
    """Everything the rules say of an application under the law of a day."""
    found = _classified(law, profile(application, on), on, region)
    circumstance = _circumstance(law, application, found, on, region)
    facts = _facts(application, standing, found, circumstance)
    return Assessment(circumstance, found, procedures.documents(law, facts, on, region))


def _classified(law: Law, asked: Profile | None, on: dt.date, region: str) -> Classification | None:
    """The category, None while what is stated is not whole or has problems."""
    try:
        return classification.classify(law, asked, on, region) if asked else None
    except ValueError:
        return None


def of_case(law: Law, case: Case, today: dt.date) -> Assessment:
    """The same of a case: under the law of the day it was submitted, of today while it is a draft."""
    return assess(law, case.application, case.standing, case.row.rules_on or today, case.row.region)


def _circumstance(
    law: Law, application: Application, found: Classification | None, on: dt.date, region: str
) -> str | None:
    holder = application.beneficiary
    return application.employment.circumstance or procedures.infer_circumstance(
        law,
        visa_type=holder.visa_type,
        category=found.category if found else None,
        residence_permit_expiry=holder.residence_permit_expiry,
        on=on,
        region=region,
    )


def _facts(application: Application, standing: Standing, found: Classification | None, held: str | None) -> Facts:
    work = application.employment
    days = (work.contract_end - work.contract_start).days if work.contract_start and work.contract_end else None
    return Facts(
        procedure=application.procedure,
        circumstance=held,
        category=found.category if found else None,
        grounds=_resting_on(found) if found else (),
        joint=application.joint,
        residence_days=days,
        may_commit=standing.may_commit,
        may_not_commit_why=standing.why,
        nationality=application.beneficiary.nationality,
    )


def _resting_on(found: Classification) -> tuple[str, ...]:
    """The grounds that carry the category itself; a lesser ground is no reason to ask for its proof."""
    return tuple(ground.key for ground in found.grounds if ground.category == found.category)


def longest(law: Law, case: Case, category: str, start: dt.date) -> validity.Validity:
    """The longest the permit may run, from a first day on, with what binds it (domain.md §7)."""
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
