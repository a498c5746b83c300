"""By what the ledger is summed up, and which of those sums make up a question. Pure: dates in, ranges out.

A question is an area of (recorded day, effective day); sums are kept for whole years, months, thirds of a month and
days, so an area is put together of a few of them, some taken away again: from the nearest end of a month, of a year.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, product
from typing import Literal

import msgspec

Grain = Literal["l", "y", "m", "t", "d", "r"]
"""Whole lustra (five years), years, months, thirds of a month (from the 1st, 11th and 21st on), days; or the rest."""
BEGIN, END = dt.date.min, dt.date.max
"""Before and after all that can be asked about."""
_DAY = dt.timedelta(days=1)

CODES = {
    "category": "c",
    "nationality": "n",
    "sex": "s",
    "age_band": "a",
    "industry": "i",
    "district": "d",
    "position_kind": "p",
    "permit_kind": "k",
    "employer_code": "e",
    "cause": "x",
}
"""The columns of the ledger that sums are kept by, and what they are called there: a letter, a pair has two."""
CROSSED_WITH_NONE = {"employer_code", "cause"}


class Figure(msgspec.Struct, frozen=True):
    """One or two columns that sums are kept by."""

    columns: tuple[str, ...]
    level: int
    """How finely: see `CELLS`."""

    @property
    def code(self) -> str:
        """What `ledger_total.by` calls it."""
        return "".join(CODES[name] for name in self.columns)


FIGURES = (
    *(Figure((name,), 0 if name == "employer_code" else 2) for name in CODES),
    *(Figure(pair, 1) for pair in combinations((name for name in CODES if name not in CROSSED_WITH_NONE), 2)),
)
KNOWN_THEN = 2
"""From this level on sums are kept by what was known when."""
CELLS = (
    {"*l": 0, "*y": 0, "*m": 1, "*t": 1, "*d": 2, "yd": KNOWN_THEN, "dy": KNOWN_THEN}
    | {known + effective: KNOWN_THEN for known in "ymt" for effective in "ymt"}
)  # fmt: skip
"""The grain of the recorded and of the effective day (`*`: whenever recorded), and from which level on it is kept.

Employers are too many for months, pairs for days and for what was known when: there the ledger itself is read. So it
is where a few days of one kind, five at most, meet part of a year of the other.
"""
_BY_COLUMNS = {frozenset(figure.columns): figure for figure in FIGURES}


class Area(msgspec.Struct, frozen=True):
    """Days of recording and of effect, each from its first up to, and without, its last, and how they count."""

    cell: str
    """Which sums make it up."""
    known_from: dt.date
    known_to: dt.date
    effective_from: dt.date
    effective_to: dt.date
    sign: int
    """1 or -1."""


class Cover(msgspec.Struct, frozen=True):
    """The areas that make up a question."""

    summed: tuple[Area, ...]
    """Of the sums kept."""
    whenever: tuple[Area, ...] = ()
    """Of the ledger's own rows: some days of effect, whenever recorded."""
    since: tuple[Area, ...] = ()
    """Of the ledger's own rows: all that was recorded from some day on and takes effect up to another."""
    by_effect: tuple[Area, ...] = ()
    """Of the ledger's own rows: single days of effect, recorded on some days."""
    by_recording: tuple[Area, ...] = ()
    """Of the ledger's own rows: single days of recording, taking effect on some days."""


def figure_of(columns: tuple[str, ...]) -> Figure:
    """The figure of these columns, in whatever order; no column is the total. Raises KeyError where none is kept."""
    return _BY_COLUMNS[frozenset(columns or ("category",))]


def cover(figure: Figure, on: dt.date, known: dt.date | None = None, since: dt.date | None = None) -> Cover:
    """What takes effect by a day, and after `since` where given, as known at the end of another day or now."""
    parts = [(1, on), *([(-1, since)] if since else [])]
    return _sorted(figure, [area for sign, day in parts for area in _by(figure, day, known, sign)])


def late(figure: Figure, on: dt.date, known: dt.date, since: dt.date) -> Cover:
    """What takes effect by a day and after `since`, and was recorded after the end of another day."""
    return _sorted(figure, [*_after(figure, on, known, 1), *_after(figure, since, known, -1)])


def whole_months(first: dt.date, end: dt.date) -> Cover:
    """What takes effect from the first day of a month up to, and without, that of another one."""
    return Cover((Area("*m", BEGIN, END, first, end, 1),))


def _sorted(figure: Figure, areas: list[Area]) -> Cover:
    kept = [area for area in areas if CELLS.get(area.cell, 9) <= figure.level]
    raw = [area for area in areas if area not in kept]
    whenever = [area for area in raw if area.cell[0] == "*"]
    since = [area for area in raw if area.cell == "rr"]
    by_effect = [one for area in raw if area.cell == "rd" for one in _single(area, "effective")]
    by_recording = [one for area in raw if area.cell == "dr" for one in _single(area, "known")]
    return Cover(*map(tuple, (kept, whenever, since, by_effect, by_recording)))


def _single(area: Area, which: str) -> Iterator[Area]:
    """Day by day."""
    first, end = getattr(area, f"{which}_from"), getattr(area, f"{which}_to")
    for day in (first + n * _DAY for n in range((end - first).days)):
        yield msgspec.structs.replace(area, **{f"{which}_from": day, f"{which}_to": day + _DAY})


def _by(figure: Figure, on: dt.date, known: dt.date | None, sign: int) -> Iterator[Area]:
    for grain, start, end, way in _upto(on):
        yield Area(f"*{grain}", BEGIN, END, start, end, sign * way)
    if known is not None:
        yield from _after(figure, on, known, -sign)


def _after(figure: Figure, on: dt.date, known: dt.date, sign: int) -> Iterator[Area]:
    """What takes effect by a day and was recorded after the end of another."""
    first = known + _DAY
    if figure.level < KNOWN_THEN:
        yield Area("rr", first, END, BEGIN, on + _DAY, sign)
        return
    recorded, days_recorded = _days_apart(_from(first, "ymtd"))
    effective, days_effective = _days_apart(_upto(on, "ymtd"))
    yield from _crossed(recorded, effective, sign)
    yield from _crossed(days_recorded, _upto(on, "yr"), sign)
    yield from _crossed(_from(_nearest(first, "t"), "yr"), days_effective, sign)


def _days_apart(steps: list["Step"]) -> tuple[list["Step"], list["Step"]]:
    return [step for step in steps if step[0] != "d"], [step for step in steps if step[0] == "d"]


def _crossed(recorded: Sequence["Step"], effective: Sequence["Step"], sign: int) -> Iterator[Area]:
    for (known, since, until, before), (grain, start, end, way) in product(recorded, effective):
        yield Area(known + grain, since, until, start, end, sign * before * way)


Step = tuple[str, dt.date, dt.date, int]
"""Whole periods of a grain from one day up to another, added (1) or taken away (-1)."""


def _upto(day: dt.date, grains: str = "lymtd") -> list[Step]:
    """All time up to the end of a day, from the coarsest grain to the finest."""
    ends = _ends(day + _DAY, grains)
    return _steps(zip(grains, [BEGIN, *ends], ends, strict=False))


def _from(day: dt.date, grains: str) -> list[Step]:
    """All time from a day on."""
    ends = _ends(day, grains)
    return _steps(zip(grains, ends, [END, *ends], strict=False))


def _ends(day: dt.date, grains: str) -> list[dt.date]:
    """A day, preceded by the nearest end of a period of each coarser grain, each as near to the next."""
    found = [day]
    for grain in reversed(grains[:-1]):
        found.insert(0, _nearest(found[0], grain))
    return found


def _steps(moves: Iterable[tuple[str, dt.date, dt.date]]) -> list[Step]:
    return [(g, *((a, b, 1) if a < b else (b, a, -1))) for g, a, b in moves if a != b]


def _nearest(day: dt.date, grain: str) -> dt.date:
    """The beginning of a period that is nearest."""
    return min(_beginnings(day, grain), key=lambda begin: abs(day - begin))


def _beginnings(day: dt.date, grain: str) -> list[dt.date]:
    """Those of the periods around a day, the last one after it."""
    if grain == "l":
        return [dt.date(year, 1, 1) for year in (day.year - day.year % 5, day.year - day.year % 5 + 5)]
    if grain == "y":
        return [dt.date(day.year, 1, 1), dt.date(day.year + 1, 1, 1)]
    starts = (1, 11, 21) if grain == "t" else (1,)
    return [*(day.replace(day=start) for start in starts), (day.replace(day=28) + 4 * _DAY).replace(day=1)]
