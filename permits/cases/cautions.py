"""What speaks against an application, or soon will: windows and conditions of the item, what silence is about to mean.

Facts for people to act upon, each with its source; only what the law itself does not take keeps one from submitting.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Literal

import msgspec

from permits.cases.application import Application
from permits.cases.assessment import ABROAD, Assessment, age_on
from permits.cases.filing import FILINGS
from permits.cases.model import OPEN, Case, Held
from permits.i18n import Text
from permits.rules import conditions, silence, windows
from permits.rules.conditions import Situation
from permits.rules.law import Law, NoRule
from permits.rules.silence import Silence
from permits.rules.windows import MissingDate, Occasion, Window

CLOSING_DAYS = 30
"""So many calendar days before a window closes the applicant is told of it."""
_POINTERS = {
    "age": "/beneficiary/birth_date",
    "category": "/employment/circumstance",
    "circumstance": "/employment/circumstance",
    "passport_until": "/beneficiary/passport_expiry",
    "residence_until": "/beneficiary/residence_permit_expiry",
    "in_china": "/beneficiary/entry_date",
    "permit_until": "/permit/number",
    "holds_card": "/permit/number",
}
"""The field of the application that a condition hangs on."""


class Caution(msgspec.Struct, frozen=True):
    """One thing to know before one goes on."""

    kind: Literal["early", "closing", "late", "refused", "condition", "category"]
    text: Text
    source: str
    pointer: str = ""
    """The field that it hangs on; empty where it is none."""
    assumed: bool = False
    """Whether the office has yet to confirm the rule."""


def cautions(
    law: Law, application: Application, found: Assessment, on: dt.date, region: str, held: Held | None = None
) -> tuple[Caution, ...]:
    """Every caution about an application that would be filed on a day, under the law of that day."""
    facts = _occasion(application, found, held)
    said = _situation(application, found, on, held)
    return (
        *_of_window(law, application, facts, on, region),
        *_of_conditions(law, application.procedure, said, on, region),
        *_of_category(found),
    )


def _of_category(found: Assessment) -> Iterator[Caution]:
    """What the category itself brings: its usual age, its quota."""
    for one in found.classification.cautions if found.classification else ():
        yield Caution("category", Text(f"{one.text.zh}。", f"{one.text.en[:1].upper()}{one.text.en[1:]}."), one.source)


def _occasion(application: Application, found: Assessment, held: Held | None) -> Occasion:
    holder = application.beneficiary
    stay = holder.residence_permit_expiry or holder.visa_expiry
    return Occasion(
        circumstance=found.circumstance,
        permit_expiry=held.valid_until if held else None,
        stay_expiry=stay,
        event=application.permit.event_date,
        entry=holder.entry_date,
    )


def _of_window(law: Law, application: Application, facts: Occasion, on: dt.date, region: str) -> Iterator[Caution]:
    try:
        window = windows.window(law, application.procedure, facts, on, region)
    except (NoRule, MissingDate):
        return
    state = window.state(on)
    if state == "open":
        if window.closes and (window.closes - on).days <= CLOSING_DAYS:
            yield _caution(
                "closing", window, Text(f"最晚 {window.closes} 提交", f"submit by {window.closes}"), application
            )
    elif state == "early":
        yield _caution("early", window, Text(f"{window.opens} 起可以提交", f"from {window.opens} on"), application)
    else:
        said = Text(f"{window.closes} 已经截止", f"closed on {window.closes}")
        yield _caution(state, window, said, application)


def _caution(
    kind: Literal["early", "closing", "late", "refused"], window: Window, said: Text, application: Application
) -> Caution:
    text = Text(f"申请期限：{window.text.zh}；{said.zh}。", f"When to apply: {window.text.en}; {said.en}.")
    residence = application.beneficiary.residence_permit_expiry is not None
    pointer = "/beneficiary/residence_permit_expiry" if residence else "/beneficiary/visa_expiry"
    if application.permit.number is not None and FILINGS[application.procedure].permit == "must":
        pointer = "/permit/event_date" if application.permit.event_date else "/permit/number"
    return Caution(kind, text, f"{window.source}{window.article}", pointer, window.assumed)


def _of_conditions(law: Law, procedure: str, facts: Situation, on: dt.date, region: str) -> Iterator[Caution]:
    for one in conditions.obstacles(law, procedure, facts, on, region):
        text = Text(f"不符合申请条件：{one.text.zh}。", f"A condition is not met: {one.text.en}.")
        source = f"{one.source}{one.article}"
        yield Caution("condition", text, source, _POINTERS.get(one.field, ""), one.assumed)


def _situation(application: Application, found: Assessment, on: dt.date, held: Held | None) -> Situation:
    holder = application.beneficiary
    return Situation(
        circumstance=found.circumstance,
        category=found.category,
        age=age_on(holder.birth_date, on) if holder.birth_date else None,
        in_china=holder.entry_date is not None if application.procedure == ABROAD else None,
        residence_until=holder.residence_permit_expiry,
        passport_until=holder.passport_expiry,
        permit_until=held.valid_until if held else None,
        holds_card=held.card if held else None,
    )


def pending(case: Case, law: Law, permit_until: dt.date | None = None) -> Silence | None:
    """What silence would mean for a case now, and when; None where nothing of the kind runs.

    `permit_until` is the last day of the permit that is to be extended; by default that of the permit it names.
    """
    on, permit_until = case.row.rules_on, permit_until or (case.held.valid_until if case.held else None)
    if on is None:
        return None
    if case.row.state == "submitted":
        return _acceptance(case, law, on)
    waits = case.filing.runs == "continues" and case.row.state in OPEN and case.row.accepted_at
    return _extension(case, law, on, permit_until) if waits and permit_until else None


def undecided_extension(case: Case, law: Law, today: dt.date) -> Silence | None:
    """What silence means for an extension that is accepted, or held to be by now (Art. 32, 50)."""
    on, held = case.row.rules_on, case.held
    if on is None or held is None or case.filing.runs != "continues" or case.row.state not in OPEN:
        return None
    accepted = case.row.accepted_at is not None
    if not accepted and case.row.state == "submitted":
        found = _acceptance(case, law, on)
        accepted = found is not None and found.state(today) == "happened"
    return _extension(case, law, on, held.valid_until) if accepted else None


def _acceptance(case: Case, law: Law, on: dt.date) -> Silence | None:
    """Art. 32: reckoned from the day on which the documents, or the last corrections, came."""
    received = [c.started for c in case.clocks if (c.step, c.basis, c.state) == ("acceptance", "legal", "running")]
    return silence.deemed_acceptance(law, max(received), on, case.row.region) if received else None


def _extension(case: Case, law: Law, on: dt.date, permit_until: dt.date) -> Silence | None:
    try:
        window = windows.window(law, "extend", Occasion(permit_expiry=permit_until), on, case.row.region)
    except NoRule:
        return None
    closes = window.closes or permit_until
    return silence.deemed_extension(law, on, closes, permit_until, on, case.row.region)
