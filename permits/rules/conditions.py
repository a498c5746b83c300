"""What must hold before an item may be applied for (申请条件), each condition with its source.

Pure: it compares what is stated with the dated entries. What is not stated is unknown, never a silent no.
"""

from datetime import date
from typing import Any, Literal

import msgspec

from permits.i18n import Text
from permits.rules.law import Dated, Law, table

Test = Literal["is", "one-of", "between", "at-most", "runs", "runs-months"]


@table("condition")
class ConditionEntry(Dated, frozen=True, kw_only=True):
    """One condition in the files: a field of `Situation`, how it is tested, and against what."""

    procedures: tuple[str, ...]
    circumstances: tuple[str, ...] = ()
    """The circumstances it holds for; empty: all."""
    field: str
    """The field of `Situation` that is looked at."""
    test: Test
    """`is` and `one-of` compare; `between` has both ends in; a date `runs` on the day, or for whole months on."""
    value: Any = None
    """What it is compared with: a word, a number, a list, or months."""
    text: Text
    """The condition in words."""


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What the conditions look at; None where it is not stated."""

    circumstance: str | None = None
    category: str | None = None
    age: int | None = None
    """Whole years on the day of the application."""
    in_china: bool | None = None
    same_employer: bool | None = None
    same_position: bool | None = None
    same_occupation: bool | None = None
    same_nationality: bool | None = None
    permit_until: date | None = None
    """Last day of the work permit held."""
    residence_until: date | None = None
    """Last day of the residence permit held."""
    passport_until: date | None = None
    """Last day of the passport."""
    days_of_work: int | None = None
    """Days of the short stay, both ends included."""
    task: str | None = None
    """Key of the short task; see `short_term`."""
    holds_card: bool | None = None
    """Whether the permit held is a plastic card."""
    signed_by: str | None = None
    """Who applies: employer or foreigner."""


class Condition(msgspec.Struct, frozen=True):
    """One condition, judged."""

    key: str
    text: Text
    holds: bool | None
    """Whether it is met; None where the fact is not stated."""
    field: str
    """The fact it hangs on."""
    source: str
    article: str
    assumed: bool


def of_item(law: Law, item: str, on: date, region: str) -> tuple[ConditionEntry, ...]:
    """Every condition of an item, in any circumstance: what a guide prints."""
    return tuple(entry for entry in law.entries(ConditionEntry, on=on, region=region) if item in entry.procedures)


def conditions(law: Law, item: str, facts: Situation, on: date, region: str) -> tuple[Condition, ...]:
    """The conditions of an item that a case comes under, each judged on a day."""
    asked = (one for one in of_item(law, item, on, region) if _asked(one, facts))
    return tuple(_judged(one, facts, on) for one in asked)


def obstacles(law: Law, item: str, facts: Situation, on: date, region: str) -> tuple[Condition, ...]:
    """The conditions that are known not to hold."""
    return tuple(one for one in conditions(law, item, facts, on, region) if one.holds is False)


def _asked(entry: ConditionEntry, facts: Situation) -> bool:
    return not entry.circumstances or facts.circumstance in entry.circumstances


def _judged(entry: ConditionEntry, facts: Situation, on: date) -> Condition:
    stated = getattr(facts, entry.field)
    holds = None if stated is None else _holds(entry, stated, on)
    return Condition(entry.key, entry.text, holds, entry.field, entry.source, entry.article, entry.assumed)


def _holds(entry: ConditionEntry, stated: Any, on: date) -> bool:
    match entry.test:
        case "is":
            return bool(stated == entry.value)
        case "one-of":
            return stated in entry.value
        case "between":
            return bool(entry.value[0] <= stated <= entry.value[1])
        case "at-most":
            return bool(stated <= entry.value)
        case "runs":
            return bool(on <= stated)
        case "runs-months":
            return bool(_months_on(on, entry.value) <= stated)


def _months_on(day: date, months: int) -> date:
    """The same day so many months on; the first of the next month where that month lacks it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        return date(year + (month == 11), (month + 1) % 12 + 1, 1)
