"""The lanes of time per step: half within, nine in ten within, our promise, the law's limit. Pure, as `charts`."""

import math
from collections.abc import Sequence

import msgspec

from permits.i18n import Text
from permits.statistics import taken
from permits.statistics.taken import STEPS, Step

LEFT, RIGHT, HIGH = 92.0, 376.0, 38.0
"""Where day 0 and the last day stand, and how high a lane is."""
SHOWN = {"police": Text("公安居留许可", "Police"), "whole": Text("提交到决定", "Whole")}
"""The parties that have a lane."""
SCALES = (5, 10, 20, 30, 40, 60, 100, 200, 400, 1000)
"""Lengths of the axis in working days; each parts into lines at fifths or fourths."""


class Lane(msgspec.Struct, frozen=True):
    """One step: figures in working days, places in the units of the drawing."""

    step: str
    name: Text
    y: float
    count: int
    half: int
    half_x: float
    most: int
    most_x: float
    half_gross: int
    most_gross: int
    promised: int | None
    promised_x: float
    kept: int
    """Promised clocks that were met; of `promised_count`."""
    promised_count: int
    legal: int | None
    """None where the law sets no limit for the step."""
    legal_x: float
    legal_kept: int
    legal_count: int


class Party(msgspec.Struct, frozen=True):
    """How long one party took over decided cases: a lane under those of the steps."""

    party: str
    name: Text
    y: float
    half: int
    half_x: float
    most: int
    most_x: float
    legal: int | None
    legal_x: float


class Lanes(msgspec.Struct, frozen=True):
    """The chart of all steps, and of the parties that have a lane."""

    lanes: tuple[Lane, ...]
    parties: tuple[Party, ...]
    grid: tuple[tuple[float, int], ...]
    height: float
    base: float
    """Where the axis' figures stand."""


def lanes(steps: Sequence[Step], parties: Sequence[taken.Party] = (), police_limit: int | None = None) -> Lanes:
    """One lane a step, then the police's and the whole, on one axis that begins at zero."""
    named = [one for name in SHOWN for one in parties if one.party == name]
    by_step = {name: {one.basis: one for one in steps if one.step == name} for name in STEPS}
    found = {name: bases for name, bases in by_step.items() if bases}
    limits = [max(one.most, one.limit) for one in steps] + [max(one.most, police_limit or 0) for one in named]
    longest = max(limits, default=5)
    last = next((scale for scale in SCALES if scale >= longest), longest)
    day = (RIGHT - LEFT) / last
    made = tuple(_lane(n, name, bases, day) for n, (name, bases) in enumerate(found.items()))
    others = tuple(_party(len(made) + n, one, day, police_limit) for n, one in enumerate(named))
    parts = 4 if last in (20, 40, 60) else 5
    grid = tuple((LEFT + day * last * n / parts, math.ceil(last * n / parts)) for n in range(parts + 1))
    base = HIGH * (len(made) + len(others)) + 8
    return Lanes(made, others, grid, base + 26, base)


def _party(nth: int, one: taken.Party, day: float, police_limit: int | None) -> Party:
    limit = police_limit if one.party == "police" else None
    places = {"half_x": LEFT + day * one.half, "most_x": LEFT + day * one.most, "legal_x": LEFT + day * (limit or 0)}
    return Party(one.party, SHOWN[one.party], y=22 + HIGH * nth, half=one.half, most=one.most, legal=limit, **places)


def _lane(nth: int, name: str, bases: dict[str, Step], day: float) -> Lane:
    one = bases.get("promised") or bases["legal"]
    promised, legal = bases.get("promised"), bases.get("legal")
    return Lane(
        step=name,
        name=STEPS[name],
        y=22 + HIGH * nth,
        count=one.count,
        half=one.half,
        half_x=LEFT + day * one.half,
        most=one.most,
        most_x=LEFT + day * one.most,
        half_gross=one.half_gross,
        most_gross=one.most_gross,
        promised=promised.limit if promised else None,
        promised_x=LEFT + day * promised.limit if promised else 0,
        kept=promised.met if promised else 0,
        promised_count=promised.count if promised else 0,
        legal=legal.limit if legal else None,
        legal_x=LEFT + day * legal.limit if legal else 0,
        legal_kept=legal.met if legal else 0,
        legal_count=legal.count if legal else 0,
    )
