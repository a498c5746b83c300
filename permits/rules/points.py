"""The points tables (积分要素计分赋值表): an edition as printed, what it gives a profile, what would give more.

It never says which edition is in force and draws no conclusion from the sum: that is `classification`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from permits.i18n import Text
from permits.rules.law import Dated, table

if TYPE_CHECKING:
    from permits.rules.classification import Profile

YOUNGEST, OLDEST = 18, 100
"""Whole years between which an age is believed; a foreigner who works is 18 (外国人在中国就业管理规定 Art. 7)."""
MOST_PAY_CNY = 100_000_000
MOST_EXPERIENCE_YEARS = 70
MOST_MONTHS = 12


class Band(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of a table for values that lie in a range."""

    from_: int = msgspec.field(name="from")
    """Lowest value, included."""
    to: int | None = None
    """Highest value; None where there is none."""
    open: bool = False
    """Whether the highest value itself lies outside, printed `[35,45)`."""
    points: int

    def holds(self, value: int, *, closed: bool = False) -> bool:
        """Whether the value lies in the band; `closed` reads an open end as included."""
        return self.from_ <= value and (
            self.to is None or value < self.to or (value == self.to and (closed or not self.open))
        )


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of a table for a thing one has or has not."""

    code: str
    points: int
    text: Text


class Experience(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points for years of relevant experience: so many at the first counted, one more for each further year."""

    from_years: int
    points: int
    at_most: int

    def of(self, years: int) -> int:
        """The points for whole years of experience."""
        return 0 if years < self.from_years else min(self.points + years - self.from_years, self.at_most)


@table("points_table")
class PointsTable(Dated, frozen=True, kw_only=True):
    """One edition of the points table; `key` names it for good."""

    title: Text
    category_a: int
    """Points from which a person falls into category A."""
    category_b: int
    salary: tuple[Band, ...]
    """By yearly pay in China, yuan."""
    education: tuple[Row, ...]
    experience: Experience
    months: tuple[Band, ...]
    """By months worked in China a year."""
    chinese: tuple[Row, ...]
    place: tuple[Row, ...]
    age: tuple[Band, ...]
    """By age in years."""
    other: tuple[Row, ...]
    other_most: int
    """Points for `other` are given once, at most these."""
    local_bonus_most: int


class Step(msgspec.Struct, frozen=True):
    """A line of the table that one could reach."""

    item: str
    points: int
    text: Text


def items(edition: PointsTable, profile: "Profile", *, whole_years: bool) -> dict[str, int]:
    """Points by item of a profile that has no `problems`. `whole_years`: an age band's open end is read as included."""
    return {
        "salary": _in_bands(edition.salary, profile.annual_salary_cny),
        "education": _in_rows(edition.education, profile.education),
        "experience": edition.experience.of(profile.experience_years),
        "months": _in_bands(edition.months, profile.months_per_year),
        "chinese": _in_rows(edition.chinese, profile.chinese),
        "place": _in_rows(edition.place, profile.place),
        "age": _in_bands(edition.age, profile.age, closed=whole_years),
        "other": min(sum(_in_rows(edition.other, code) for code in set(profile.other)), edition.other_most),
        "local_bonus": profile.local_bonus,
    }


def _in_bands(bands: tuple[Band, ...], value: int, *, closed: bool = False) -> int:
    """The points of the band that holds the value; 0 in a gap of the table itself (the trial edition's ages)."""
    return next((band.points for band in bands if band.holds(value, closed=closed)), 0)


def _in_rows(rows: tuple[Row, ...], code: str) -> int:
    return next(row.points for row in rows if row.code == code)


def steps(edition: PointsTable) -> Iterator[Step]:
    """Every line a person could reach by what they or the employer can change: all but age."""
    for band in edition.salary:
        yield Step("salary", band.points, _pay(band.from_))
    for item in ("education", "chinese", "place", "other"):
        rows: tuple[Row, ...] = getattr(edition, item)
        yield from (Step(item, row.points, row.text) for row in rows)
    first = edition.experience
    for more in range(first.at_most - first.points + 1):
        yield Step("experience", first.points + more, _experience(first.from_years + more))
    for band in edition.months:
        yield Step("months", band.points, _months(band.from_))
    for points in range(1, edition.local_bonus_most + 1):
        yield Step("local_bonus", points, _bonus(points))


def _pay(cny: int) -> Text:
    return Text(f"年薪达到 {cny:,} 元", f"yearly pay of {cny:,} yuan")


def _experience(years: int) -> Text:
    return Text(f"相关工作经历满 {years} 年", f"{years} years of relevant experience")


def _months(months: int) -> Text:
    return Text(f"每年在华工作满 {months} 个月", f"{months} months of work in China a year")


def _bonus(points: int) -> Text:
    return Text(f"地方鼓励性加分 {points} 分", f"a local bonus of {points} points")


def problems(edition: PointsTable, profile: "Profile") -> Iterator[tuple[str, Text]]:
    """Every value the edition has no line for, as (JSON pointer within the profile, what may stand there)."""
    bounds = {
        "annual_salary_cny": (0, MOST_PAY_CNY),
        "experience_years": (0, MOST_EXPERIENCE_YEARS),
        "months_per_year": (0, MOST_MONTHS),
        "age": (YOUNGEST, OLDEST),
        "local_bonus": (0, edition.local_bonus_most),
    }
    for field, (least, most) in bounds.items():
        if not least <= getattr(profile, field) <= most:
            yield f"/{field}", Text(f"应为 {least} 至 {most} 的整数。", f"A whole number from {least} to {most}.")
    for field in ("education", "chinese", "place"):
        yield from _unknown(f"/{field}", getattr(profile, field), getattr(edition, field), edition)
    for at, code in enumerate(profile.other):
        yield from _unknown(f"/other/{at}", code, edition.other, edition)


def _unknown(pointer: str, code: Any, rows: tuple[Row, ...], edition: PointsTable) -> Iterator[tuple[str, Text]]:
    codes = [row.code for row in rows]
    if code not in codes:
        yield pointer, Text(
            f"{edition.title.zh}中没有此项。可填：{'、'.join(codes)}。",
            f"The {edition.title.en[0].lower()}{edition.title.en[1:]} has no such line. Possible: {', '.join(codes)}.",
        )
