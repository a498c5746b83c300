"""The register's history up to the first start: grants and endings, such that 380 permits hold on 2024-12-31.

Pure: the same first start gives the same history. Nothing in it is recorded after that instant.
"""

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from permits.clock import CITY
from permits.demo.employers import firms
from permits.demo.foreigners import DAY, foreigner
from permits.demo.posts import FROM, REPORTED, Ended, Held, held_on_report, held_since, post
from permits.rules import working_days
from permits.rules.law import Law

SEED = "泰州示例 1"
REPORT = {"A": 46, "B": 287, "C": 47}
"""Valid permits on the day of the report, by category: 380."""
OLD, NEW_2022, NEW_2023 = 310, 16, 28
"""How many posts there were before the register began, and how many came in 2022 and 2023; the others in 2024."""
LATER, EVERY_DAYS = 60, 19
"""So many posts come after the report, one every so many days."""
LATE = ((9, dt.date(2023, 2, 20), dt.date(2023, 6, 12)), (3, dt.date(2024, 4, 15), dt.date(2024, 7, 8)))
"""Cancellations that came to be known late: how many, from when on they took effect, when they were recorded."""


class Recorded(msgspec.Struct, frozen=True):
    """A permit with the instants at which its grant and its end were recorded."""

    held: Held
    granted_at: dt.datetime
    ended_at: dt.datetime | None = None


def history(law: Law, until: dt.datetime, elsewhere: Mapping[str, int]) -> list[Recorded]:
    """Everything recorded up to an office instant, by the time of the grant.

    `elsewhere` says by category how many permits hold on the day of the report that this history need not give.
    """
    found = (_recorded(law, held, until) for held in _held(until.date(), elsewhere))
    return sorted((one for one in found if one), key=lambda one: (one.granted_at, one.held.valid_from))


def _held(until: dt.date, elsewhere: Mapping[str, int]) -> Iterator[Held]:
    for number, category in enumerate(_categories()):
        if not _left_out(number, category, elsewhere):
            yield from held_on_report(post(SEED, number, category, _since(number)), until)
    for nth in range(LATER):
        since = REPORTED + DAY * (EVERY_DAYS * (nth + 1))
        if since < until:
            yield from held_since(post(SEED, 400 + nth, "ABBBBBBC"[nth % 8], since), until)
    yield from _ended_late()


def _categories() -> Sequence[str]:
    """The category of each post, in an order that has nothing to do with its age."""
    every = [category for category, count in REPORT.items() for _ in range(count)]
    random.Random(SEED).shuffle(every)
    return every


def _left_out(number: int, category: str, elsewhere: Mapping[str, int]) -> bool:
    """Whether a post makes room for a permit that comes from elsewhere: the last ones of its category do."""
    later = _categories()[number + 1 :].count(category)
    return later < elsewhere.get(category, 0)


def _since(number: int) -> dt.date:
    """Since when a post exists."""
    if number < OLD:
        return dt.date(2021, 7, 1)
    nth = number - OLD
    for year, count in ((2022, NEW_2022), (2023, NEW_2023)):
        if nth < count:
            return dt.date(year, 1, 10) + DAY * (340 * nth // count)
        nth -= count
    return dt.date(2024, 1, 10) + DAY * (320 * nth // (sum(REPORT.values()) - OLD - NEW_2022 - NEW_2023))


def _ended_late() -> Iterator[Held]:
    number = 600
    for count, effective, recorded in LATE:
        for nth in range(count):
            number, r = number + 1, random.Random(f"{SEED} late {number}")
            firm, day = firms()[(7 * number) % len(firms())], effective + DAY * (3 * nth)
            yield Held(
                post=number,
                holder=foreigner(r, number * 100, day),
                firm=firm,
                category="B",
                position="工艺工程师",
                position_kind="technical",
                permit_kind="issue-abroad",
                valid_from=day - DAY * 400,
                valid_until=day + DAY * 200,
                ended=Ended(day, "cancelled", (recorded - day).days),
            )


def _recorded(law: Law, held: Held, until: dt.datetime) -> Recorded | None:
    """The permit as it was recorded up to an instant; None where it was not, or had passed before the register."""
    if held.over <= FROM:
        return None
    r = random.Random(f"{SEED} {held.post} {held.valid_from}")
    granted_at = max(_office_hour(law, r, held.valid_from - DAY * r.randrange(2, 20)), _first_hour(held))
    if granted_at > until:
        if not held.valid_from <= REPORTED < held.over:
            return None
        granted_at = _office_hour(law, r, until.date() - DAY * r.randrange(1, 21))
    if held.ended is None:
        return Recorded(held, granted_at)
    ended_at = _office_hour(law, r, _known_on(held.ended))
    if granted_at < ended_at <= until:
        return Recorded(held, granted_at, ended_at)
    return Recorded(msgspec.structs.replace(held, ended=None, valid_until=held.over - DAY), granted_at)


def _first_hour(held: Held) -> dt.datetime:
    """When the register began: everything that held then was entered in one morning."""
    return dt.datetime.combine(FROM, dt.time(8, 30), CITY) + dt.timedelta(seconds=held.post)


def _known_on(ended: Ended) -> dt.date:
    """When an end was recorded; never after the report, where it took effect before."""
    day = ended.effective + DAY * ended.late_days
    return min(day, REPORTED) if ended.effective <= REPORTED else day


def _office_hour(law: Law, r: random.Random, day: dt.date) -> dt.datetime:
    """An instant at which the office works, on a day or the last working day before it."""
    while not working_days.is_working_day(law, day):
        day -= DAY
    return dt.datetime.combine(day, dt.time(r.choice((9, 10, 11, 14, 15, 16)), r.randrange(60), r.randrange(60)), CITY)
