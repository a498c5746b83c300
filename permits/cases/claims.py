"""Who holds a case: each desk has one claim on it, which runs out. Nothing is claimed or released here."""

import datetime as dt

from permits.cases.model import Case, State

CLAIM_HOURS = 8
"""A claim runs out after a working day, so that nobody's absence hides a case."""


def desk_of(state: State) -> str:
    """Whose desk a case in this state lies on: each desk has one claim."""
    return "window" if state in ("submitted", "correction", "granted", "refused") else "review"


def holder(case: Case, at: dt.datetime) -> str | None:
    """Who holds the case's claim, if anybody does and it has not run out."""
    claim = case.row.claim
    if claim is None or claim.desk != desk_of(case.row.state) or at - claim.at > dt.timedelta(hours=CLAIM_HOURS):
        return None
    return str(claim.by)
