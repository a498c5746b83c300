"""From a case and what happened to it to the facts of the letter that this calls for. Pure: no clock, no database."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from permits.cases import assessment
from permits.cases.model import Case, Correction, Event
from permits.cases.words import CATEGORIES, named
from permits.clock import CITY
from permits.i18n import Text
from permits.letters import basis, model
from permits.rules import grounds, procedures
from permits.rules.law import Law
from permits.rules.nationality import NATIONALITIES

ASKERS = {
    "office": Text("本机关", "the office"),
    "police": Text("公安机关出入境管理机构", "the exit and entry police"),
    "approval-bureau": Text("行政审批局", "the approval bureau"),
}
ENDED_BY_LAW = Text("出现依法应当终止办理的情形", "The law ends the procedure in such a case")
"""What a termination says where its ground is none of the catalogue."""
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


def permit_number(case: Case) -> str:
    """The number of the case's work permit."""
    return str(_permit_facts(case)["permit_number"])


def _permit_facts(case: Case) -> dict[str, Any]:
    permit = case.component("work_permit")
    return permit.facts if permit else {}


def _common(about: About, kind: str, number: str) -> dict[str, Any]:
    case, on, region = about.case, about.day, about.region
    window = case.component("window")
    return {
        "office": about.office,
        "number": number,
        "issued_on": on,
        "case_number": case.row.number,
        "unified_number": (window.facts if window else {}).get("unified_number", ""),
        "employer": case.employer.name or "",
        "person": _person(case),
        "procedure": procedures.procedure(about.law, case.row.procedure, case.row.rules_on or on, region).title,
        "articles": basis.articles(about.law, kind, on=on, region=region),
        "joint": case.row.joint,
        "demo": about.demo,
    }


def _person(case: Case) -> model.Person:
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


def _received_on(about: About) -> dt.date:
    return day_of(about.case.row.submitted_at or about.event.at)


def _accepted_on(about: About) -> dt.date:
    return day_of(about.case.row.accepted_at or about.event.at)


def _remedies(about: About) -> model.Remedies:
    return basis.remedies(about.law, on=about.day, region=about.region)


def _titles(about: About) -> dict[str, Text]:
    found = assessment.of_case(about.law, about.case, about.day)
    return {rule.kind: rule.title for rule in found.documents}


def _supplied(about: About, status: str) -> tuple[Text, ...]:
    titles = _titles(about)
    kinds = [d.kind for d in about.case.documents if d.status == status]
    return tuple(titles.get(kind, Text(kind, kind)) for kind in kinds)


def acceptance(about: About, number: str) -> model.Acceptance:
    """受理通知书, with the limits as they stood on acceptance."""
    clocks = {c.basis: c for c in about.case.clocks if (c.step, c.round) == ("decision", 1)}
    limits = {name: model.Limit(clock.due, clock.working_days) for name, clock in clocks.items()}
    return model.Acceptance(
        **_common(about, "acceptance", number),
        received_on=_received_on(about),
        documents=_supplied(about, "uploaded"),
        committed=_supplied(about, "committed"),
        promised=limits.get("promised") or limits["legal"],
        legal=limits["legal"],
        provisional=any(clock.provisional for clock in clocks.values()),
    )


def not_acceptance(about: About, number: str) -> model.NotAcceptance:
    """不予受理通知书."""
    return model.NotAcceptance(
        **_common(about, "not-acceptance", number),
        received_on=_received_on(about),
        reasons=about.event.detail["reasons"],
        remedies=_remedies(about),
    )


def correction(about: About, number: str) -> model.Correction:
    """一次性告知补正通知书: all that is wanted at that moment, by whomever: one list."""
    at = about.event.at
    asked = [c for c in about.case.corrections if c.asked_at <= at and (c.answered_at is None or c.answered_at > at)]
    titles = _titles(about)
    return model.Correction(
        **_common(about, "correction", number),
        received_on=_received_on(about),
        items=tuple(model.Item(_subject(item, titles), ASKERS[item.asker], item.text) for item in asked),
    )


def _subject(item: Correction, titles: Mapping[str, Text]) -> Text:
    if item.document:
        return titles.get(item.document, Text(item.document, item.document))
    return named(item.pointer or "")


def grant(about: About, number: str) -> model.Grant:
    """准予行政许可决定书."""
    facts = _permit_facts(about.case)
    committed = [d for d in about.case.documents if d.status == "committed"]
    return model.Grant(
        **_common(about, "grant", number),
        **_verification(about),
        **_validity(about),
        accepted_on=_accepted_on(about),
        permit_number=facts["permit_number"],
        committed=_supplied(about, "committed"),
        verify_by=max((d.due for d in committed if d.due), default=None),
        certificate=about.certificate,
        remedies=_remedies(about),
    )


def permit(about: About, number: str) -> model.Permit:
    """外国人工作许可证; its number is the permit's own."""
    return model.Permit(
        **_common(about, "permit", number),
        **_verification(about),
        **_validity(about),
        position=about.case.employment.position or "",
    )


def _verification(about: About) -> dict[str, Any]:
    code = str(_permit_facts(about.case)["verification_code"])
    return {"verification_code": code, "verification_url": f"{about.public_url}/verify/{code}"}


def _validity(about: About) -> dict[str, Any]:
    facts = _permit_facts(about.case)
    category, first, last = facts["category"], *(dt.date.fromisoformat(facts[n]) for n in ("valid_from", "valid_until"))
    longest = assessment.longest(about.law, about.case, category, first)
    return {
        "category": model.Category(category, CATEGORIES[category]),
        "valid_from": first,
        "valid_until": last,
        "bound_by": longest.bound_by if last == longest.valid_until else None,
    }


def refusal(about: About, number: str) -> model.Refusal:
    """不予行政许可决定书, with reasons, articles and remedies."""
    return model.Refusal(
        **_common(about, "refusal", number),
        accepted_on=_accepted_on(about),
        reasons=about.event.detail["reasons"],
        certificate=about.certificate,
        remedies=_remedies(about),
    )


def cancellation(about: About, number: str) -> model.Cancellation:
    """注销证明."""
    return model.Cancellation(**_common(about, "cancellation", number), **_ended(about))


def revocation(about: About, number: str) -> model.Revocation:
    """撤销行政许可决定书."""
    return model.Revocation(**_common(about, "revocation", number), **_ended(about))


def withdrawal(about: About, number: str) -> model.Withdrawal:
    """撤回行政许可决定书."""
    return model.Withdrawal(**_common(about, "withdrawal", number), **_ended(about))


def _ended(about: About) -> dict[str, Any]:
    facts, row = _permit_facts(about.case), about.case.row
    on, stated = row.rules_on or about.day, about.case.employment.circumstance or ""
    listed = procedures.circumstances(about.law, on, about.region, row.procedure)
    return {
        "accepted_on": day_of(row.accepted_at) if row.accepted_at else None,
        "permit_number": facts["permit_number"],
        "ended_on": dt.date.fromisoformat(facts["ended_on"]),
        "ground": next((one.title for one in listed if one.key == stated), Text(stated, stated)),
        "reasons": about.event.detail["reasons"],
        "certificate": about.certificate,
        "remedies": _remedies(about),
    }


def termination(about: About, number: str) -> model.Termination:
    """终止办理通知书."""
    return model.Termination(
        **_common(about, "termination", number),
        accepted_on=_accepted_on(about),
        ground=_ground(about),
        reasons=about.event.detail["reasons"],
        remedies=_remedies(about),
    )


def _ground(about: About) -> Text:
    key = about.event.detail.get("ground") or ""
    listed = grounds.grounds(about.law, "terminate", about.day, about.region)
    return next((ground.title for ground in listed if ground.key == key), ENDED_BY_LAW)


BUILD: Mapping[str, Callable[[About, str], model.Letter]] = {
    "acceptance": acceptance,
    "not-acceptance": not_acceptance,
    "correction": correction,
    "grant": grant,
    "permit": permit,
    "refusal": refusal,
    "termination": termination,
    "cancellation": cancellation,
    "revocation": revocation,
    "withdrawal": withdrawal,
}
LETTERS_OF: Mapping[str, tuple[str, ...]] = {
    "accepted": ("acceptance",),
    "not-accepted": ("not-acceptance",),
    "correction-requested": ("correction",),
    "granted": ("permit", "grant"),
    "refused": ("refusal",),
    "terminated": ("termination",),
}
"""The letters that each event of a case calls for, the one that travels on last."""
ENDING: Mapping[str, str] = {
    "cancelled": "cancellation",
    "revoked": "revocation",
    "withdrawn-by-authority": "withdrawal",
}
"""The letter of a decision that ends a permit, by how it ends."""
EVENT_OF = {letter: event for event, letters in LETTERS_OF.items() for letter in letters} | dict.fromkeys(
    ENDING.values(), "granted"
)


def letters_of(case: Case, event: str) -> tuple[str, ...]:
    """The letters that an event of this case calls for."""
    if event == "granted" and case.filing.writes == "end":
        return (ENDING[case.filing.ends_as],)
    if event == "refused" and case.filing.by_office:  # the permit stays, and nothing was applied for
        return ()
    return LETTERS_OF[event]


def ordinal(case: Case, event: Event) -> int:
    """Whether it is the first, second … event of its kind in the case, and so its letter."""
    return [e.id for e in case.timeline if e.kind == event.kind].index(event.id) + 1
