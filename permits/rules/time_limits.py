"""The time limits (期限) of a case: what the law gives for each step, and what the city promises, in working days.

It never counts days: `working_days` does, and `clocks` says when a limit runs.
"""

import functools
from datetime import date
from typing import Literal

import msgspec

from permits.rules.law import Dated, Law, table
from permits.rules.procedures import Category, procedure

Step = Literal["pre-review", "acceptance", "decision", "delivery"]
Basis = Literal["legal", "promised"]


class _LimitEntry(Dated, frozen=True, kw_only=True):
    working_days: int
    procedures: tuple[str, ...] = ()
    """The items it holds for; empty: all."""
    joint: bool | None = None
    """Whether it holds for joint cases or for single ones; None: for both."""
    categories: tuple[Category, ...] = ()
    """The categories it holds for; empty: all."""


@table("limit")
class LimitEntry(_LimitEntry, frozen=True, kw_only=True):
    """One time limit in the files; of several that match a case the shortest holds."""

    step: Step
    basis: Basis


@table("whole_limit")
class WholeLimit(_LimitEntry, frozen=True, kw_only=True):
    """What a city promises for all steps together, from the application to the decision, instead of step by step."""


class Limit(msgspec.Struct, frozen=True):
    """A time limit of one step of a case."""

    step: Step
    basis: Basis
    working_days: int
    source: str
    article: str


def limits(law: Law, code: str, joint: bool, category: str | None, on: date, region: str) -> tuple[Limit, ...]:
    """The legal and the promised limit of each step of an item, in working days, in the order of the files.

    Raises `NoRule` for a procedure that is not offered then.
    """
    return _limits_of(law, code, joint, category, on, region)


@functools.lru_cache(maxsize=1024)  # all cases of a day and a category have the same
def _limits_of(law: Law, code: str, joint: bool, category: str | None, on: date, region: str) -> tuple[Limit, ...]:
    procedure(law, code, on, region)
    shortest: dict[tuple[Step, Basis], LimitEntry] = {}
    for entry in law.entries(LimitEntry, on=on, region=region):
        place = entry.step, entry.basis
        held = shortest.get(place)
        if _limits(entry, code, joint, category) and (held is None or entry.working_days < held.working_days):
            shortest[place] = entry
    return tuple(Limit(e.step, e.basis, e.working_days, e.source, e.article) for e in shortest.values())


def whole_limit(law: Law, code: str, joint: bool, category: str | None, on: date, region: str) -> WholeLimit | None:
    """The shortest promise for all steps together; None where the city promises step by step, or nothing."""
    found = (one for one in law.entries(WholeLimit, on=on, region=region) if _limits(one, code, joint, category))
    return min(found, key=lambda one: one.working_days, default=None)


def _limits(entry: _LimitEntry, code: str, joint: bool, category: str | None) -> bool:
    if entry.joint is not None and entry.joint != joint:
        return False
    return (not entry.procedures or code in entry.procedures) and (not entry.categories or category in entry.categories)
