"""What a letter is made from, and what letters have in common. Pure: no clock, no database."""

import datetime as dt
from typing import Any, NamedTuple

from permits.cases import assessment
from permits.cases.model import Case, Event
from permits.clock import CITY
from permits.i18n import Text
from permits.letters import basis, model
from permits.rules import procedures
from permits.rules.law import Law
from permits.rules.nationality import NATIONALITIES

NO_LATIN_NAME = "—"


class About(NamedTuple):
    """What a letter is made from."""

    case: Case
    event: Event
    law: Law
    demo: bool
    public_url: str
    certificate: str
    """The decider's law-enforcement certificate; empty where nobody decided."""

    @property
    def region(self) -> str:
        """The city."""
        return self.case.row.region

    @property
    def day(self) -> dt.date:
        """The office's day on which it happened, and which the letter bears."""
        return day_of(self.event.at)

    @property
    def office(self) -> model.Office:
        """The authority as its letters name it."""
        return basis.office(self.law, on=self.day, region=self.region, demo=self.demo)


def day_of(at: dt.datetime) -> dt.date:
    """The city's date of an instant."""
    return at.astimezone(CITY).date()


def permit_facts(case: Case) -> dict[str, Any]:
    """What the register wrote, as the case keeps it."""
    permit = case.component("work_permit")
    return permit.facts if permit else {}


def common(about: About, kind: str, number: str) -> dict[str, Any]:
    """What every letter tells."""
    case, on, region = about.case, about.day, about.region
    window = case.component("window")
    return {
        "office": about.office,
        "number": number,
        "issued_on": on,
        "case_number": case.row.number,
        "unified_number": (window.facts if window else {}).get("unified_number", ""),
        "employer": case.employer.name or "",
        "person": person(case),
        "procedure": procedures.procedure(about.law, case.row.procedure, case.row.rules_on or on, region).title,
        "articles": basis.articles(about.law, kind, on=on, region=region),
        "joint": case.row.joint,
        "demo": about.demo,
    }


def person(case: Case) -> model.Person:
    """The foreigner that a case is about."""
    holder = case.beneficiary
    code = holder.nationality or ""
    assert holder.birth_date is not None
    return model.Person(
        latin_name=", ".join(filter(None, (holder.surname, holder.given_names))) or NO_LATIN_NAME,
        chinese_name=holder.chinese_name or "",
        nationality=NATIONALITIES.get(code, Text(code, code)),
        sex=holder.sex or "X",
        birth_date=holder.birth_date,
        passport_number=holder.passport_number or "",
    )


def received_on(about: About) -> dt.date:
    """The day on which the application came."""
    return day_of(about.case.row.submitted_at or about.event.at)


def accepted_on(about: About) -> dt.date:
    """The day on which it was accepted."""
    return day_of(about.case.row.accepted_at or about.event.at)


def remedies(about: About) -> model.Remedies:
    """What one may do who disagrees, by the law of the day."""
    return basis.remedies(about.law, on=about.day, region=about.region)


def titles(about: About) -> dict[str, Text]:
    """What the documents of the case are called, by kind."""
    found = assessment.of_case(about.law, about.case, about.day)
    return {rule.kind: rule.title for rule in found.documents}


def supplied(about: About, status: str) -> tuple[Text, ...]:
    """The documents that came in one way, by title."""
    called = titles(about)
    kinds = [d.kind for d in about.case.documents if d.status == status]
    return tuple(called.get(kind, Text(kind, kind)) for kind in kinds)
