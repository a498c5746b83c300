"""The posts of the city's invented register: who holds each, from when until when, permit after permit.

Pure: the same seed gives the same posts, whatever the day of the first start; what was recorded after that is left out
by `history.py`.
"""

import datetime as dt
import random
from collections.abc import Iterator

import msgspec

from permits.demo import employers
from permits.demo.employers import Firm
from permits.demo.foreigners import DAY, Foreigner, foreigner
from permits.register.model import EndKind
from permits.rules.validity import anniversary

REPORTED = dt.date(2024, 12, 31)
"""The day for which the city reported 380 valid permits: every post of the report is held on it."""
FROM = dt.date(2022, 1, 4)
"""When the register begins; what held then was taken over from an older system."""

YEARS = {"A": (2, 3, 5), "B": (1, 2, 2, 2), "C": (1,)}
"""For how many years permits of each category are usually granted (domain.md §7)."""
RENEWED = 0.72
"""The share of permits whose holder stays for another."""
LEFT_EARLY = 0.5
"""The share of those who do not stay that leave before the last day."""
ENDS: tuple[EndKind, ...] = ("cancelled", "revoked", "withdrawn-by-authority")
KINDS = {"P": ("teaching",), "A": ("managerial", "technical"), "C": ("skilled", "other")}
"""Kinds of position: of schools, else of category A and C."""
POSITIONS = {
    "managerial": ("总经理", "运营总监", "生产副总经理", "项目经理"),
    "technical": ("总工程师", "研发工程师", "工艺工程师", "质量工程师", "软件工程师"),
    "teaching": ("英语教师", "外籍教师", "教学主管"),
    "skilled": ("厨师", "设备调试技师", "焊接技师"),
    "other": ("翻译", "客户代表"),
}


class Ended(msgspec.Struct, frozen=True):
    """How a permit ended before its last day."""

    effective: dt.date
    """The first day without it."""
    kind: EndKind
    late_days: int
    """So many days after it took effect it was recorded; below 0: before."""


class Held(msgspec.Struct, frozen=True):
    """One permit of the register's history."""

    post: int
    holder: Foreigner
    firm: Firm
    category: str
    position: str
    position_kind: str
    permit_kind: str
    valid_from: dt.date
    valid_until: dt.date
    ended: Ended | None = None

    @property
    def over(self) -> dt.date:
        """The first day on which it is no longer valid."""
        return self.ended.effective if self.ended else self.valid_until + DAY


class Post(msgspec.Struct, frozen=True):
    """A post that a foreigner holds: at which employer, of which category, since when there is one."""

    number: int
    category: str
    firm: Firm
    since: dt.date
    seed: str


def post(seed: str, number: int, category: str, since: dt.date) -> Post:
    """A post, whose employer the seed chooses."""
    return Post(number, category, employers.choose(random.Random(f"{seed} firm {number}")), since, seed)


def held_on_report(one: Post, until: dt.date) -> Iterator[Held]:
    """The permits of a post that is held on the day of the report: backwards from that day, then on `until` a day."""
    r = random.Random(f"{one.seed} post {one.number}")
    years = r.choice(YEARS[one.category])
    start = max(REPORTED - DAY * r.randrange(2, 365 * years - 2), one.since)
    holders = _holders(one, r)
    middle = _permit(one, r, next(holders), start, years)
    yield from _before(one, r, middle, holders)
    yield from _after(one, r, middle, holders, until)


def held_since(one: Post, until: dt.date) -> Iterator[Held]:
    """The permits of a post that came later, on `until` a day."""
    r = random.Random(f"{one.seed} post {one.number}")
    holders = _holders(one, r)
    yield from _after(one, r, _permit(one, r, next(holders), one.since), holders, until)


def _holders(one: Post, r: random.Random) -> Iterator[Foreigner]:
    for nth in range(100):
        yield foreigner(r, one.number * 100 + nth, dt.date(2024, 6, 30))


def _permit(one: Post, r: random.Random, holder: Foreigner, start: dt.date, years: int | None = None) -> Held:
    kinds = KINDS["P"] if one.firm.industry == "P" and one.category != "A" else KINDS.get(one.category)
    kind = r.choice(kinds) if kinds else r.choices(("technical", "managerial"), (4, 1))[0]
    return Held(
        post=one.number,
        holder=holder,
        firm=one.firm,
        category=one.category,
        position=r.choice(POSITIONS[kind]),
        position_kind=kind,
        permit_kind=r.choices(("issue-abroad", "issue-in-china"), (3, 2))[0],
        valid_from=start,
        valid_until=anniversary(start, years or r.choice(YEARS[one.category])) - DAY,
    )


def _renewed(held: Held, r: random.Random, start: dt.date, last: dt.date | None = None) -> Held:
    """Another permit of the same person in the same post."""
    until = last or anniversary(start, r.choice(YEARS[held.category])) - DAY
    return msgspec.structs.replace(held, valid_from=start, valid_until=until, ended=None)


def _before(one: Post, r: random.Random, held: Held, holders: Iterator[Foreigner]) -> Iterator[Held]:
    """The permits before one, back to where the post or the register begins."""
    while held.valid_from > max(one.since, FROM):
        stays = r.random() < RENEWED
        over = held.valid_from if stays else held.valid_from - DAY * r.randrange(15, 70)
        start = max(anniversary(over, -r.choice(YEARS[one.category])), one.since)
        if (over - start).days < 90:
            return
        if stays:
            held = _renewed(held, r, start, over - DAY)
        else:
            held = _permit(one, r, next(holders), start)
            held = _made_to_end(held, r, over)
        yield held


def _made_to_end(held: Held, r: random.Random, over: dt.date) -> Held:
    """The permit so that it is over on a day: run out, or ended some months before its last day."""
    if r.random() > LEFT_EARLY:
        return msgspec.structs.replace(held, valid_until=over - DAY)
    last = over + DAY * r.randrange(20, 200)
    return msgspec.structs.replace(held, valid_until=last, ended=_ended(r, over))


def _ended(r: random.Random, effective: dt.date) -> Ended:
    kind = r.choices(ENDS, (46, 3, 1))[0]
    return Ended(effective, kind, r.randrange(0, 4) if kind != "cancelled" else r.randrange(-5, 9))


def _after(one: Post, r: random.Random, held: Held, holders: Iterator[Foreigner], until: dt.date) -> Iterator[Held]:
    """A permit and those after it, up to a day."""
    while True:
        stays = r.random() < RENEWED
        if not stays and r.random() < LEFT_EARLY:
            held = _left_early(held, r)
        yield held
        if held.over > until:
            return
        if stays:
            held = _renewed(held, r, held.over)
        else:
            held = _permit(one, r, next(holders), held.over + DAY * r.randrange(15, 70))


def _left_early(held: Held, r: random.Random) -> Held:
    """The permit ended at some time after the day of the report."""
    first = max(held.valid_from, REPORTED) + 40 * DAY
    if first >= held.valid_until:
        return held
    effective = first + DAY * r.randrange((held.valid_until - first).days)
    return msgspec.structs.replace(held, ended=_ended(r, effective))
