"""Which category (A, B, C) a person falls into, and why: direct grounds, pay against the local average, and points.

外国人来华工作分类标准（试行）: the best category that any one ground gives. It weighs what is stated and decides no
application.
"""

import functools
from collections.abc import Iterator
from datetime import date

import msgspec

from permits.i18n import Text
from permits.rules import points
from permits.rules.law import Dated, Law, NoRule, table
from permits.rules.points import PointsTable, Step

POINTS = "points"
"""Key of the ground that the points table gives."""


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is stated of a person and a post. Codes are those of the interface."""

    annual_salary_cny: int
    """Yearly pay in China, whole yuan."""
    education: str
    experience_years: int
    """Whole years of relevant experience."""
    months_per_year: int
    """Months of work in China a year."""
    chinese: str
    place: str
    age: int
    """Whole years."""
    other: tuple[str, ...] = ()
    local_bonus: int = 0
    """Points by provincial criteria."""
    grounds: tuple[str, ...] = ()
    """Keys of direct grounds that are claimed."""


@table("ground")
class Ground(Dated, frozen=True, kw_only=True):
    """A condition that by itself gives a category."""

    category: str
    text: Text
    times_average: int | None = None
    """Held by pay alone, from so many times last year's local average; None where it is claimed."""
    education: tuple[str, ...] = ()
    """The education it takes, one of these; empty where any does."""
    experience_years: int = 0
    """Years of experience it takes."""
    oldest: int | None = None
    """The age it takes, at most; None where any does."""


class GroundHeld(msgspec.Struct, frozen=True):
    """A ground that the person holds."""

    key: str
    category: str
    text: Text
    source: str
    """Document and article."""


class Gain(msgspec.Struct, frozen=True):
    """Something that would lift the person, or bring them nearer to, the next category."""

    item: str
    """The item of the points table, or the key of a ground."""
    category: str
    """The category it leads to."""
    points: int
    """Points it would add; 0 for a ground."""
    enough: bool
    """Whether it alone is enough."""
    text: Text


class Classification(msgspec.Struct, frozen=True):
    """A category with everything that led to it."""

    category: str
    points: int
    items: dict[str, int]
    edition: str
    """Key of the points table."""
    grounds: tuple[GroundHeld, ...]
    """All grounds held, those of the best category first; empty for a category C that none gives."""
    gains: tuple[Gain, ...]
    """What would lift the person, in the order of the table; empty in category A."""


class _Rules(msgspec.Struct, frozen=True):
    """What of the law bears on a classification, on a day in a region."""

    points_table: PointsTable
    whole_years: bool
    grounds: tuple[Ground, ...]
    average_wage: int | None
    """Yuan; None where none is loaded: then pay alone gives no category there."""
    steps: tuple[Step, ...]


def classify(law: Law, profile: Profile, on: date, region: str, edition: str | None = None) -> Classification:
    """The category on a day in a region, by the points table in force or by `edition`, for comparison.

    The profile must have no `problems` (ValueError). NoRule: no table is in force, or there is no such edition.
    """
    rules = _rules(law, on, region, edition)
    if any(_problems(rules, profile)):
        raise ValueError("the profile has problems")
    items = points.items(rules.points_table, profile, whole_years=rules.whole_years)
    total = sum(items.values())
    held = [_held(ground) for ground in rules.grounds if _holds(ground, profile, rules.average_wage)]
    held = sorted([*held, *_by_points(rules.points_table, total)], key=lambda ground: ground.category)
    category = held[0].category if held else "C"
    gains = tuple(_gains(rules, items, category))
    return Classification(category, total, items, rules.points_table.key, tuple(held), gains)


def problems(
    law: Law, profile: Profile, on: date, region: str, edition: str | None = None
) -> tuple[tuple[str, Text], ...]:
    """Every value that is wrong, as (JSON pointer within the profile, what may stand there). NoRule as `classify`."""
    return tuple(_problems(_rules(law, on, region, edition), profile))


def editions(law: Law) -> tuple[str, ...]:
    """The keys of all editions of the points table."""
    return tuple(points_table.key for points_table in law.every(PointsTable))


@functools.lru_cache(maxsize=256)
def _rules(law: Law, on: date, region: str, edition: str | None) -> _Rules:
    points_table = _points_table(law, on, region, edition)
    reading = law.setting("classification.age_bands", on=on, region=region).value
    return _Rules(
        points_table,
        reading == "whole-years",
        law.entries(Ground, on=on, region=region),
        _average_wage(law, on, region),
        tuple(points.steps(points_table)),
    )


def _points_table(law: Law, on: date, region: str, edition: str | None) -> PointsTable:
    key = edition or law.setting("classification.edition", on=on, region=region).value
    found = next((points_table for points_table in law.every(PointsTable) if points_table.key == key), None)
    if found is None:
        raise NoRule("classification.edition", on, region)
    return found


def _average_wage(law: Law, on: date, region: str) -> int | None:
    try:
        return int(law.setting("classification.average_wage_cny", on=on, region=region).value)
    except NoRule:
        return None


def _holds(ground: Ground, profile: Profile, wage: int | None) -> bool:
    if ground.times_average is not None:
        return wage is not None and profile.annual_salary_cny >= ground.times_average * wage
    return ground.key in profile.grounds


def _held(ground: Ground) -> GroundHeld:
    return GroundHeld(ground.key, ground.category, ground.text, f"{ground.source} {ground.article}".strip())


def _by_points(points_table: PointsTable, total: int) -> Iterator[GroundHeld]:
    for category, least in (("A", points_table.category_a), ("B", points_table.category_b)):
        if total >= least:
            text = Text(f"积分 {total} 分，达到 {least} 分", f"{total} points, {least} or more")
            yield GroundHeld(POINTS, category, text, f"{points_table.source} {points_table.article}")
            return


def _gains(rules: _Rules, items: dict[str, int], category: str) -> Iterator[Gain]:
    if category == "A":
        return
    to = "B" if category == "C" else "A"
    least = rules.points_table.category_b if to == "B" else rules.points_table.category_a
    yield from _by_item(rules.steps, items, to, least - sum(items.values()))
    for ground in rules.grounds:
        if ground.category == to and ground.times_average is None:
            yield Gain(ground.key, to, 0, True, ground.text)
        elif ground.category == to and rules.average_wage is not None and ground.times_average is not None:
            yield Gain(ground.key, to, 0, True, _pay(ground, ground.times_average * rules.average_wage))


def _by_item(steps: tuple[Step, ...], items: dict[str, int], to: str, missing: int) -> Iterator[Gain]:
    """For each item the smallest step that is enough by itself, else the largest there is."""
    better: dict[str, list[Step]] = {}
    for step in steps:
        if step.points > items[step.item]:
            better.setdefault(step.item, []).append(step)
    for item, found in better.items():
        enough = [step for step in found if step.points - items[item] >= missing]
        step = min(enough, key=_points) if enough else max(found, key=_points)
        yield Gain(item, to, step.points - items[item], bool(enough), step.text)


def _points(step: Step) -> int:
    return step.points


def _pay(ground: Ground, cny: int) -> Text:
    return Text(f"{ground.text.zh}（年薪 {cny:,} 元）", f"{ground.text.en} ({cny:,} yuan a year)")


def _problems(rules: _Rules, profile: Profile) -> Iterator[tuple[str, Text]]:
    yield from points.problems(rules.points_table, profile)
    known = {ground.key: ground for ground in rules.grounds}
    for at, key in enumerate(profile.grounds):
        why = _why_not(known[key], profile, rules.average_wage) if key in known else _unknown(tuple(known))
        if why:
            yield f"/grounds/{at}", why


def _unknown(keys: tuple[str, ...]) -> Text:
    return Text(f"没有这项条件。可填：{'、'.join(keys)}。", f"There is no such ground. Possible: {', '.join(keys)}.")


def _why_not(ground: Ground, profile: Profile, wage: int | None) -> Text | None:
    """Why what else is stated speaks against a claimed ground; None where nothing does."""
    if ground.times_average is not None and not _holds(ground, profile, wage):
        if wage is None:
            return Text("本地区没有社会平均工资数据，不能按工资认定。", "No average wage is loaded for this region.")
        cny = ground.times_average * wage
        return Text(f"需年薪 {cny:,} 元。", f"It takes {cny:,} yuan a year.")
    if ground.education and profile.education not in ground.education:
        return Text("所填学历不符合此项条件。", "It takes another education than the one stated.")
    if 0 <= profile.experience_years < ground.experience_years:
        years = ground.experience_years
        return Text(f"此项需 {years} 年相关工作经历。", f"It takes {years} years of relevant experience.")
    if ground.oldest is not None and profile.age > ground.oldest:
        return Text(f"此项限 {ground.oldest} 岁及以下。", f"It takes an age of at most {ground.oldest}.")
    return None
