"""The points tables (积分要素计分赋值表): an edition as printed, what it gives a profile, what would give more.

It never says which edition is in force and draws no conclusion from the sum: that is `classification`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from permits.i18n import Text
from permits.rules.law import Dated, table
from permits.rules.points_words import COLUMNS, NOTHING, UNBOUNDED, WORDS, bonus, experience

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

    def most(self, *, closed: bool = False) -> int:
        """The highest whole value the band holds; `UNBOUNDED` where there is none."""
        if self.to is None:
            return UNBOUNDED
        return self.to - (self.open and not closed)


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

    @property
    def enough_years(self) -> int:
        """From how many years on no further year counts."""
        return self.from_years + self.at_most - self.points


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


class Line(msgspec.Struct, frozen=True):
    """A line of the table: one that gave an item its points, or one that a person could reach."""

    item: str
    points: int
    text: Text
    """What the line asks for."""
    source: str
    """Document, article and column."""


class Rung(NamedTuple):
    """A band as whole values, both ends included."""

    least: int
    most: int
    line: Line


class Climb(NamedTuple):
    """The lines of an item that one could reach, rising, one for each number of points."""

    points: tuple[int, ...]
    lines: tuple[Line, ...]


class Sheet(msgspec.Struct, frozen=True):
    """An edition laid out to be read fast: for each item and value the line that holds it."""

    bands: Mapping[str, tuple[Rung, ...]]
    """Salary, months, age."""
    rows: Mapping[str, Mapping[str, Line]]
    """Education, Chinese, place, other: the line of each code."""
    counted: Mapping[str, tuple[Line, ...]]
    """Experience and local bonus: the line of each whole number from 0."""
    gaps: Mapping[str, Line]
    """The line of an item that nothing gives points for."""
    climbs: Mapping[str, Climb]
    """All items but age: nobody grows younger."""
    other_most: int
    bounds: Mapping[str, tuple[int, int]]
    """The least and the most that is believed of each number in a profile."""
    title: Text


def sheet(edition: PointsTable, *, whole_years: bool) -> Sheet:
    """The edition laid out. `whole_years`: an age band's open end is read as included."""
    bands = {item: tuple(_rungs(edition, item, whole_years)) for item in ("salary", "months", "age")}
    rows = {item: _by_code(edition, item) for item in ("education", "chinese", "place", "other")}
    counted = {"experience": tuple(_years(edition)), "local_bonus": tuple(_bonuses(edition))}
    gaps = {item: _line(edition, item, 0, NOTHING) for item in ("salary", "months", "age", "other")}
    reached = {
        **{
            item: [_line(edition, item, at.line.points, WORDS[item](at.least, UNBOUNDED)) for at in bands[item]]
            for item in ("salary", "months")
        },
        **{item: by_code.values() for item, by_code in rows.items()},
        **counted,
    }
    climbs = {item: _climb(reached[item]) for item in COLUMNS if item in reached}
    return Sheet(bands, rows, counted, gaps, climbs, edition.other_most, _bounds(edition), edition.title)


def lines(read: Sheet, profile: "Profile") -> tuple[Line, ...]:
    """The line that gives each item its points, in the order of the table, of a profile that has no `problems`."""
    rows, counted = read.rows, read.counted
    return (
        _in_bands(read, "salary", profile.annual_salary_cny),
        rows["education"][profile.education],
        counted["experience"][profile.experience_years],
        _in_bands(read, "months", profile.months_per_year),
        rows["chinese"][profile.chinese],
        rows["place"][profile.place],
        _in_bands(read, "age", profile.age),
        _other(read, profile.other),
        counted["local_bonus"][profile.local_bonus],
    )


def _in_bands(read: Sheet, item: str, value: int) -> Line:
    """The band that holds the value; the table itself may have a gap (the trial edition's ages)."""
    for least, most, line in read.bands[item]:
        if least <= value <= most:
            return line
    return read.gaps[item]


def _other(read: Sheet, codes: tuple[str, ...]) -> Line:
    """All that is held, its points given once."""
    if not codes:
        return read.gaps["other"]
    held = [line for code, line in read.rows["other"].items() if code in codes]
    text = Text("；".join(line.text.zh for line in held), "; ".join(line.text.en for line in held))
    return Line("other", min(sum(line.points for line in held), read.other_most), text, held[0].source)


def _line(edition: PointsTable, item: str, points: int, text: Text) -> Line:
    return Line(item, points, text, f"{edition.source} {edition.article}：{COLUMNS[item]}")


def _rungs(edition: PointsTable, item: str, whole_years: bool) -> Iterator[Rung]:
    bands: tuple[Band, ...] = getattr(edition, item)
    for band in bands:
        most = band.most(closed=whole_years and item == "age")
        yield Rung(band.from_, most, _line(edition, item, band.points, WORDS[item](band.from_, most)))


def _years(edition: PointsTable) -> Iterator[Line]:
    table_of = edition.experience
    for years in range(MOST_EXPERIENCE_YEARS + 1):
        counted = min(years, table_of.enough_years)
        fewer = Text(f"相关工作经历不满 {table_of.from_years} 年", f"under {table_of.from_years} years of experience")
        text = fewer if years < table_of.from_years else experience(counted)
        yield _line(edition, "experience", table_of.of(years), text)


def _bonuses(edition: PointsTable) -> Iterator[Line]:
    for points in range(edition.local_bonus_most + 1):
        yield _line(edition, "local_bonus", points, bonus(points) if points else NOTHING)


def _by_code(edition: PointsTable, item: str) -> dict[str, Line]:
    rows: tuple[Row, ...] = getattr(edition, item)
    return {row.code: _line(edition, item, row.points, row.text) for row in rows}


def _climb(reached: Iterable[Line]) -> Climb:
    """Of several lines with the same points the first."""
    found: dict[int, Line] = {}
    for line in reached:
        found.setdefault(line.points, line)
    rising = tuple(sorted(found))
    return Climb(rising, tuple(found[points] for points in rising))


def _bounds(edition: PointsTable) -> dict[str, tuple[int, int]]:
    return {
        "annual_salary_cny": (0, MOST_PAY_CNY),
        "experience_years": (0, MOST_EXPERIENCE_YEARS),
        "months_per_year": (0, MOST_MONTHS),
        "age": (YOUNGEST, OLDEST),
        "local_bonus": (0, edition.local_bonus_most),
    }


def problems(read: Sheet, profile: "Profile") -> Iterator[tuple[str, Text]]:
    """Every value the edition has no line for, as (JSON pointer within the profile, what may stand there)."""
    for field, (least, most) in read.bounds.items():
        if not least <= getattr(profile, field) <= most:
            yield f"/{field}", Text(f"应为 {least} 至 {most} 的整数。", f"A whole number from {least} to {most}.")
    for field in ("education", "chinese", "place"):
        if getattr(profile, field) not in read.rows[field]:
            yield f"/{field}", _no_line(read, field)
    for at, code in enumerate(profile.other):
        if code not in read.rows["other"]:
            yield f"/other/{at}", _no_line(read, "other")


def _no_line(read: Sheet, item: str) -> Text:
    codes = read.rows[item]
    return Text(
        f"{read.title.zh}中没有此项。可填：{'、'.join(codes)}。",
        f"The {read.title.en[0].lower()}{read.title.en[1:]} has no such line. Possible: {', '.join(codes)}.",
    )
