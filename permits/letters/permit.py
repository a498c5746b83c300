"""The facts of the letters about a permit: granted, as it stands, ended. Pure: no clock, no database."""

import datetime as dt
from typing import Any

from permits.cases import assessment, promised
from permits.cases.model import Case
from permits.cases.words import CATEGORIES, outcome
from permits.i18n import Text
from permits.letters import model
from permits.letters.about import NO_LATIN_NAME, About, accepted_on, common, day_of, permit_facts, remedies, supplied
from permits.rules import procedures


def permit_number(case: Case) -> str:
    """The number of the case's work permit."""
    return str(permit_facts(case)["permit_number"])


def grant(about: About, number: str) -> model.Grant:
    """准予行政许可决定书."""
    facts = permit_facts(about.case)
    committed = any(d.status == "committed" for d in about.case.documents)
    return model.Grant(
        **common(about, "grant", number),
        **_verification(about),
        **_validity(about),
        accepted_on=accepted_on(about),
        permit_number=facts["permit_number"],
        decided=outcome(about.case.row.procedure, "grant"),
        committed=supplied(about, "committed"),
        licence=_licence(about),
        verify_by=promised.verify_by(about.law, about.day, about.region) if committed else None,
        certificate=about.certificate,
        remedies=remedies(about),
    )


def permit(about: About, number: str) -> model.Permit:
    """外国人工作许可证; its number is the permit's own."""
    return model.Permit(
        **common(about, "permit", number),
        **_verification(about),
        **_validity(about),
        position=about.case.employment.position or "",
        licence=_licence(about),
    )


def _licence(about: About) -> model.Licence | None:
    holder = about.case.beneficiary
    names = " ".join(filter(None, (holder.surname, holder.given_names)))
    return model.licence(permit_facts(about.case).get("licence"), names or NO_LATIN_NAME)


def _verification(about: About) -> dict[str, Any]:
    code = str(permit_facts(about.case)["verification_code"])
    return {"verification_code": code, "verification_url": f"{about.public_url}/verify/{code}"}


def _validity(about: About) -> dict[str, Any]:
    facts = permit_facts(about.case)
    category, first, last = facts["category"], *(dt.date.fromisoformat(facts[n]) for n in ("valid_from", "valid_until"))
    longest = assessment.longest(about.law, about.case, category, first)
    return {
        "category": model.Category(category, CATEGORIES[category]),
        "valid_from": first,
        "valid_until": last,
        "bound_by": longest.bound_by if last == longest.valid_until else None,
    }


def cancellation(about: About, number: str) -> model.Cancellation:
    """注销证明."""
    return model.Cancellation(**common(about, "cancellation", number), **_ended(about))


def revocation(about: About, number: str) -> model.Revocation:
    """撤销行政许可决定书."""
    return model.Revocation(**common(about, "revocation", number), **_ended(about))


def withdrawal(about: About, number: str) -> model.Withdrawal:
    """撤回行政许可决定书."""
    return model.Withdrawal(**common(about, "withdrawal", number), **_ended(about))


def _ended(about: About) -> dict[str, Any]:
    facts, row = permit_facts(about.case), about.case.row
    on, stated = row.rules_on or about.day, about.case.employment.circumstance or ""
    listed = procedures.circumstances(about.law, on, about.region, row.procedure)
    return {
        "accepted_on": day_of(row.accepted_at) if row.accepted_at else None,
        "permit_number": facts["permit_number"],
        "ended_on": dt.date.fromisoformat(facts["ended_on"]),
        "ground": next((one.title for one in listed if one.key == stated), Text(stated, stated)),
        "reasons": about.event.detail["reasons"],
        "licence": _licence(about),
        "certificate": about.certificate,
        "remedies": remedies(about),
    }
