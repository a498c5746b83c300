"""The service items (事项) as the public sees them: who, when, how long, which documents. All from the law's files."""

import datetime as dt

import msgspec

from permits.cases.filing import ONLINE as ONLINE
from permits.i18n import Text
from permits.rules import procedures, time_limits, windows, working_days
from permits.rules.law import Law
from permits.rules.procedures import Facts, Procedure
from permits.rules.windows import MissingDate, Occasion

MAIN = "issue-in-china"


class Item(msgspec.Struct, frozen=True):
    """One line of the list of items."""

    code: str
    title: Text
    when: Text
    result: Text
    promised: int
    """Working days to the decision."""
    legal: int
    joint: int | None
    """Working days promised where it is filed with the residence permit; None where it cannot be."""
    online: bool


class Papers(msgspec.Struct, frozen=True):
    """One document as two categories hand it in."""

    title: Text
    now: bool
    """Whether it may be committed to in the person's category."""
    later: bool
    """Whether it may be in the one above."""


class Dates(msgspec.Struct, frozen=True):
    """When a case accepted today is decided."""

    joint: bool
    """Whether it is decided together with the residence permit."""
    promised_days: int
    promised: dt.date
    legal_days: int
    legal: dt.date
    most_years: int
    """So many years at most a permit of the category runs."""


class When(msgspec.Struct, frozen=True):
    """Within what time one applies for an item."""

    text: Text
    opens: dt.date | None
    closes: dt.date | None
    state: windows.State


def items(law: Law, on: dt.date, region: str) -> list[Item]:
    """The items offered on a day."""
    return [_item(law, one, on, region) for one in procedures.procedures(law, on, region)]


def _item(law: Law, one: Procedure, on: dt.date, region: str) -> Item:
    single = _decision(law, one.code, False, on, region)
    joint = _decision(law, one.code, True, on, region)["promised"] if one.joint else None
    numbers = single["promised"], single["legal"], joint, one.code in ONLINE
    return Item(one.code, one.title, one.when, one.result, *numbers)


def joint_limits(law: Law, on: dt.date, region: str) -> dict[str, int]:
    """Working days to the decision of a joint case, promised and legal."""
    return _decision(law, MAIN, True, on, region)


def _decision(law: Law, code: str, joint: bool, on: dt.date, region: str) -> dict[str, int]:
    """Working days to the decision by basis; where a city promises nothing, the law's own limit is its promise."""
    found = time_limits.limits(law, code, joint, None, on, region)
    days: dict[str, int] = {one.basis: one.working_days for one in found if one.step == "decision"}
    return {"promised": days["legal"]} | days


def papers(law: Law, item: str, category: str, above: str, on: dt.date, region: str) -> list[Papers]:
    """The documents one hands in for an item, joint where it can be, in a category and in the one above."""
    mine = _ways(law, item, category, on, region)
    better = _ways(law, item, above or category, on, region)
    return [
        Papers(title, "commit" in ways, kind in better and "commit" in better[kind][1])
        for kind, (title, ways) in mine.items()
    ]


def _ways(law: Law, item: str, category: str, on: dt.date, region: str) -> dict[str, tuple[Text, tuple[str, ...]]]:
    joint = procedures.procedure(law, item, on, region).joint
    found = procedures.documents(law, Facts(procedure=item, category=category, joint=joint), on, region)
    return {one.kind: (one.title, one.ways) for one in found if not one.on_register}


def dates(law: Law, item: str, category: str, on: dt.date, region: str) -> Dates:
    """What follows if a case of an item, joint where it can be, is accepted today."""
    joint = procedures.procedure(law, item, on, region).joint
    found = time_limits.limits(law, item, joint, category, on, region)
    given: dict[str, int] = {one.basis: one.working_days for one in found if one.step == "decision"}
    days = {"promised": given["legal"]} | given
    due = {basis: working_days.add(law, on, count).due for basis, count in days.items()}
    years = law.setting(f"validity.most_years.{category}", on=on, region=region).value
    return Dates(joint, days["promised"], due["promised"], days["legal"], due["legal"], years)


def when(law: Law, item: str, until: dt.date | None, on: dt.date, region: str) -> When | None:
    """Within what time one applies; `until` is the day that the window of the item is counted from."""
    facts = Occasion(stay_expiry=until, permit_expiry=until, entry=until)
    entries = windows.windows(law, item, on, region)
    if not entries:
        return None
    try:
        found = windows.window(law, item, facts, on, region)
    except MissingDate:
        return When(entries[0].text, None, None, "open")
    return When(found.text, found.opens, found.closes, found.state(on))
