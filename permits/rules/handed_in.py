"""What need not be handed in again, and how a foreign paper is authenticated. Pure: what is held is told to it."""

from collections.abc import Iterable
from datetime import date

import msgspec

from permits.rules.law import Dated, Law, table
from permits.rules.validity import anniversary


@table("apostille")
class ApostilleStates(Dated, frozen=True, kw_only=True):
    """States between which and China the Apostille Convention is in force from a day on."""

    states: tuple[str, ...]
    """ISO 3166 alpha-3."""


class HandedIn(msgspec.Struct, frozen=True):
    """A document that was handed in for an earlier permit of the same person."""

    kind: str
    on: date
    occupation: str | None = None
    """Class code of GB/T 6565 of the work it was handed in for."""


def apostille(law: Law, state: str, on: date, region: str) -> bool:
    """Whether an apostille is enough for the papers of a state on a day (取消外国公文书认证要求的公约)."""
    return any(state in entry.states for entry in law.entries(ApostilleStates, on=on, region=region))


def still_held(
    law: Law, earlier: Iterable[HandedIn], occupation: str | None, circumstance: str | None, on: date, region: str
) -> frozenset[str]:
    """The kinds not asked for again: handed in within `document.kept_years` for the same occupation.

    Where the region says so for the circumstance, age does not matter. What is kept at all is the document's own
    entry (`kept`).
    """
    years = law.setting("document.kept_years", on=on, region=region).value
    whatever_age = law.setting("document.kept_always_circumstances", on=on, region=region).value
    return frozenset(
        paper.kind
        for paper in earlier
        if paper.on <= on
        and paper.occupation == occupation
        and (circumstance in whatever_age or on <= anniversary(paper.on, years))
    )
