"""What a case is warned of as people see it: cautions about the application, and what silence of the office means."""

import datetime as dt
from collections.abc import Iterator

import msgspec

from permits.cases import cautions, extending
from permits.cases.assessment import Assessment
from permits.cases.model import OPEN, Case
from permits.rules.law import Law


class SilenceView(msgspec.Struct, frozen=True):
    """What silence of the authority means by law, and when."""

    kind: str
    """acceptance or extension."""
    state: str
    """quiet, raised (people are told) or happened."""
    raise_on: dt.date
    last_day: dt.date
    """The last day on which an answer prevents it."""
    happens_on: dt.date
    counts_from: dt.date
    provisional: bool
    text: str
    source: str
    extended_until: dt.date | None = None
    """Of an extension that happened: to which day the register has it now."""


class CautionView(msgspec.Struct, frozen=True):
    """What speaks against an application, or soon will; shown, and only `refused` keeps one from submitting."""

    kind: str
    """early, closing, late, refused, condition or category."""
    text: str
    source: str
    pointer: str


def cautions_of(case: Case, law: Law, found: Assessment, today: dt.date, lang: str) -> Iterator[CautionView]:
    """Of a draft as it would be filed today, later as it was filed; none once it is decided."""
    if case.row.state not in ("draft", *OPEN):
        return
    on = case.row.rules_on or today
    for one in cautions.cautions(law, case.application, found, on, case.row.region, case.held):
        yield CautionView(one.kind, one.text.of(lang), one.source, one.pointer)


def silence_of(case: Case, law: Law, today: dt.date, lang: str) -> SilenceView | None:
    """What silence means for the case by now, if anything."""
    found = cautions.pending(case, law)
    if found is None:
        return None
    days = found.raise_on, found.last_day, found.happens_on, found.counts_from
    source, last = f"{found.source}{found.article}", extending.until(case, law, today)
    return SilenceView(found.kind, found.state(today), *days, found.provisional, found.text.of(lang), source, last)
