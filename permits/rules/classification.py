"""Which category (A, B, C) a person falls into, and why: direct grounds, pay against the local average, and points.

外国人来华工作分类标准（试行）: the best category that any one ground gives. It weighs what is stated and decides no
application.
"""

import functools
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from datetime import date

import msgspec

from permits.i18n import Text
from permits.rules import direct_grounds, points
from permits.rules.direct_grounds import AgeLimit, Claim
from permits.rules.direct_grounds import Ground as Ground
from permits.rules.direct_grounds import GroundHeld as GroundHeld
from permits.rules.law import Law, NoRule
from permits.rules.points import Climb, Line, PointsTable, Sheet

POINTS = "points"
"""Key of the ground that the points table gives."""
NEXT = {"C": "B", "B": "A"}
"""The category above."""


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
    """Keys of direct grounds, or of their conditions, that are claimed."""


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


class Caution(msgspec.Struct, frozen=True):
    """Something the category itself brings that a person must weigh."""

    key: str
    """`age` or `quota`."""
    text: Text
    source: str


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
    lines: tuple[Line, ...] = ()
    """The line of the table that gave each item its points."""
    cautions: tuple[Caution, ...] = ()


class _Rules(msgspec.Struct, frozen=True):
    """What of the law bears on a classification, on a day in a region, laid out to be read fast."""

    table: PointsTable
    sheet: Sheet
    claims: Mapping[str, Claim]
    pay: tuple[Claim, ...]
    """Those that pay alone gives here."""
    lifts: Mapping[str, tuple[Gain, ...]]
    """The grounds of each category, as what would lift a person to it."""
    ages: Mapping[str, AgeLimit]
    quotas: Mapping[str, Caution]


def classify(law: Law, profile: Profile, on: date, region: str, edition: str | None = None) -> Classification:
    """The category on a day in a region, by the points table in force or by `edition`, for comparison.

    The profile must have no `problems` (ValueError). NoRule: no table is in force, or there is no such edition.
    """
    rules = _rules(law, on, region, edition)
    if any(_problems(rules, profile)):
        raise ValueError("the profile has problems")
    lines = points.lines(rules.sheet, profile)
    items = {line.item: line.points for line in lines}
    total = sum(items.values())
    held = tuple(sorted([*_held(rules, profile), *_by_points(rules.table, total)], key=_category))
    category = held[0].category if held else "C"
    gains = tuple(_gains(rules, items, total, category))
    cautions = tuple(_cautions(rules, profile, category))
    return Classification(category, total, items, rules.table.key, held, gains, lines, cautions)


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
    table = _points_table(law, on, region, edition)
    reading = law.setting("classification.age_bands", on=on, region=region).value
    claims = direct_grounds.claims(law, _average_wage(law, on, region), on, region)
    return _Rules(
        table,
        points.sheet(table, whole_years=reading == "whole-years"),
        {claim.key: claim for claim in claims},
        tuple(claim for claim in claims if claim.cny is not None),
        {category: tuple(_lifts(claims, category)) for category in NEXT.values()},
        {c: limit for c in "ABC" if (limit := direct_grounds.age_limit(law, c, on, region))},
        {c: caution for c in "ABC" if (caution := _quota(law, c, on, region))},
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


def _lifts(claims: tuple[Claim, ...], category: str) -> Iterator[Gain]:
    for claim in claims:
        if claim.held.category != category or claim.key != claim.held.key:
            continue
        if claim.cny is not None:
            yield Gain(claim.key, category, 0, True, _pay(claim.basis.text, claim.cny))
        elif not direct_grounds.by_pay(claim):
            yield Gain(claim.key, category, 0, True, claim.basis.text)


def _pay(text: Text, cny: int) -> Text:
    return Text(f"{text.zh}（年薪 {cny:,} 元）", f"{text.en} ({cny:,} yuan a year)")


def _held(rules: _Rules, profile: Profile) -> tuple[GroundHeld, ...]:
    """The grounds held, in order; of a ground and a condition of it that are both claimed, the condition."""
    found = [claim for claim in rules.pay if claim.cny is not None and profile.annual_salary_cny >= claim.cny]
    found += [rules.claims[key] for key in {*profile.grounds} if not direct_grounds.by_pay(rules.claims[key])]
    exact = {claim.held.key for claim in found if claim.key != claim.held.key}
    found = [claim for claim in found if claim.key not in exact]
    return tuple(claim.held for claim in sorted(found, key=_rank))


def _rank(claim: Claim) -> tuple[str, int]:
    return claim.rank


def _category(ground: GroundHeld) -> str:
    return ground.category


def _by_points(table: PointsTable, total: int) -> Iterator[GroundHeld]:
    for category, least in (("A", table.category_a), ("B", table.category_b)):
        if total >= least:
            text = Text(f"积分 {total} 分，达到 {least} 分", f"{total} points, {least} or more")
            yield GroundHeld(POINTS, category, text, f"{table.source} {table.article}")
            return


def _gains(rules: _Rules, items: Mapping[str, int], total: int, category: str) -> Iterator[Gain]:
    if category == "A":
        return
    to = NEXT[category]
    missing = (rules.table.category_b if to == "B" else rules.table.category_a) - total
    for item, climb in rules.sheet.climbs.items():
        line = _step(climb, items[item], missing)
        if line is not None:
            more = line.points - items[item]
            yield Gain(item, to, more, more >= missing, line.text)
    yield from rules.lifts[to]


def _step(climb: Climb, now: int, missing: int) -> Line | None:
    """Of the lines above the present one the lowest that is enough by itself, else the highest there is."""
    if climb.points[-1] <= now:
        return None
    at = bisect_left(climb.points, now + max(missing, 1))
    return climb.lines[min(at, len(climb.lines) - 1)]


def _cautions(rules: _Rules, profile: Profile, category: str) -> Iterator[Caution]:
    limit = rules.ages.get(category)
    if limit is not None and profile.age > limit.oldest:
        text = Text(
            f"{category} 类一般不超过 {limit.oldest} 周岁",
            f"category {category} is as a rule open up to {limit.oldest}",
        )
        yield Caution("age", text, f"{limit.source} {limit.article}".strip())
    if category in rules.quotas:
        yield rules.quotas[category]


def _quota(law: Law, category: str, on: date, region: str) -> Caution | None:
    found = direct_grounds.quota(law, category, on, region)
    return Caution("quota", found.text, f"{found.source} {found.article}".strip()) if found else None


def _problems(rules: _Rules, profile: Profile) -> Iterator[tuple[str, Text]]:
    yield from points.problems(rules.sheet, profile)
    for at, key in enumerate(profile.grounds):
        known = rules.claims.get(key)
        why = direct_grounds.why_not(known, profile) if known else _unknown(tuple(rules.claims))
        if why:
            yield f"/grounds/{at}", why


def _unknown(keys: tuple[str, ...]) -> Text:
    return Text(f"没有这项条件。可填：{'、'.join(keys)}。", f"There is no such ground. Possible: {', '.join(keys)}.")
