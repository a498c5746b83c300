"""How a classification is shown: points by item as one bar, what would lift it, what each line rests on.

It only words and draws what the rules found.
"""

from itertools import pairwise

import msgspec

from permits.cases.words import CATEGORIES
from permits.i18n import Text
from permits.rules.classification import Classification, Gain, Profile
from permits.rules.law import Law
from permits.web.points import ITEMS, edition_of, stated

NOBODY_MOVES = "place"
"""The item that nobody who works in this city can change."""
FULL = 100
"""Points at the right end of the bar, unless there are more."""
GAP = 2.0
"""Between two parts of the bar."""
WIDE, NARROW = 14.0, 7.6
"""The width of a Chinese and of a Latin character of the words under the bar."""
NEXT = {"C": "B", "B": "A"}
"""The category above."""


class Part(msgspec.Struct, frozen=True):
    """One item: its points, and where they stand in the bar."""

    name: Text
    said: Text
    """What was stated."""
    points: int
    x: float = 0
    width: float = 0
    named: Text = Text("", "")
    """The name where it fits under the part."""
    detail: Text = Text("", "")
    """What was stated, where it fits."""


class Mark(msgspec.Struct, frozen=True):
    """A category's threshold in the bar."""

    x: float
    points: int
    category: str


class Step(msgspec.Struct, frozen=True):
    """Something that would add points."""

    text: Text
    item: Text
    before: int
    after: int
    points: int
    reached: int
    """The sum it leads to."""
    enough: bool
    share: int
    """Its points, at most what is missing: the length of its bar."""


class Score(msgspec.Struct, frozen=True):
    """A classification, ready to be shown."""

    category: str
    name: Text
    points: int
    edition: Text
    source: str
    width: int
    """Of the drawing, in its own units."""
    parts: tuple[Part, ...]
    """Every item of the table."""
    drawn: tuple[Part, ...]
    """Those with points."""
    marks: tuple[Mark, ...]
    rest: tuple[Part, ...]
    """What is not reached: up to the next category, and from there on."""
    next: str
    """The category above; empty for A."""
    missing: int
    """Points to the category above, 0 where the points have reached it already."""
    steps: tuple[Step, ...]
    together: bool
    """Whether the two best steps, none enough alone, are enough together."""
    grounds: tuple[Text, ...]
    """What would lead to the category above without any points."""
    why: tuple[Text, ...]
    """What gave this category."""


def score(law: Law, profile: Profile, found: Classification, width: int) -> Score:
    """The classification of a profile, drawn so many units wide."""
    edition = edition_of(law, found)
    unit = width / max(FULL, found.points)
    parts = [Part(name, _said(item, profile), found.items[item]) for item, name in ITEMS.items()]
    up = NEXT.get(found.category, "")
    least_of = {"B": edition.category_b, "A": edition.category_a}
    least = least_of.get(up, 0)
    steps = _steps(found, least - found.points)
    return Score(
        category=found.category,
        name=CATEGORIES[found.category],
        points=found.points,
        edition=edition.title,
        source=f"{edition.source} {edition.article}",
        width=width,
        parts=tuple(parts),
        drawn=tuple(_drawn(parts, unit)),
        marks=tuple(Mark(at * unit, at, letter) for letter, at in least_of.items()),
        rest=_rest(found.points, least, unit, width),
        next=up,
        missing=max(least - found.points, 0),
        steps=steps,
        together=_together(steps, least - found.points),
        grounds=tuple(gain.text for gain in found.gains if not gain.points),
        why=tuple(ground.text for ground in found.grounds if ground.category == found.category),
    )  # fmt: skip


def _drawn(parts: list[Part], unit: float) -> list[Part]:
    drawn, x = [], 0.0
    for part in parts:
        if part.points:
            width = part.points * unit - GAP
            named, detail = _fitting(part.name, width), _fitting(part.said, width)
            drawn.append(msgspec.structs.replace(part, x=x, width=width, named=named, detail=detail))
            x += part.points * unit
    return drawn


def _fitting(text: Text, width: float) -> Text:
    """The words where they fit, in each language by itself."""
    return Text(*(words if _length(words) <= width else "" for words in (text.zh, text.en)))


def _length(words: str) -> float:
    return sum(WIDE if ord(character) > 0x2E80 else NARROW for character in words)


def _rest(points: int, least: int, unit: float, width: int) -> tuple[Part, ...]:
    """The grey parts: what is missing to the category above, and what lies beyond."""
    cuts = [points, *([least] if least > points else []), width / unit]
    ends = [(a * unit, b * unit) for a, b in pairwise(cuts) if b - a > 0]
    return tuple(Part(Text("", ""), Text("", ""), 0, a, max(b - a - (GAP if b < width else 0), 0)) for a, b in ends)


def _steps(found: Classification, missing: int) -> tuple[Step, ...]:
    gains = [gain for gain in found.gains if gain.points and gain.item != NOBODY_MOVES]
    best_first = sorted(gains, key=lambda gain: (not gain.enough, -gain.points))
    return tuple(_step(gain, found, missing) for gain in best_first)


def _step(gain: Gain, found: Classification, missing: int) -> Step:
    before = found.items[gain.item]
    share = min(gain.points, max(missing, 0))
    return Step(
        gain.text, ITEMS[gain.item], before, before + gain.points, gain.points, found.points + gain.points,
        gain.enough, share,
    )  # fmt: skip


def _together(steps: tuple[Step, ...], missing: int) -> bool:
    none_alone = not any(step.enough for step in steps)
    return none_alone and len(steps) > 1 and steps[0].points + steps[1].points >= missing > 0


def _said(item: str, profile: Profile) -> Text:
    """What was stated for an item, in the few words that fit under the bar."""
    match item:
        case "salary":
            return Text(f"{profile.annual_salary_cny / 10_000:g} 万元", f"CNY {profile.annual_salary_cny:,}")
        case "place":
            return Text("泰州", "Taizhou")
        case "local_bonus":
            return Text("没有算", "not counted")
        case _:
            return stated(item, profile)
