"""The direct grounds (直接赋予资格项) of a category as dated data: what each takes, what proves it, what limits it.

A ground has conditions where the standard lists several ways to hold it; one claims either. It weighs no points.
"""

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from permits.i18n import Text
from permits.rules.law import Dated, Law, table

if TYPE_CHECKING:
    from permits.rules.classification import Profile


class Basis(Dated, frozen=True, kw_only=True):
    """What a ground and a condition of one have in common."""

    text: Text
    evidence: tuple[Text, ...] = ()
    """The papers that prove it."""
    education: tuple[str, ...] = ()
    """The education it takes, one of these; empty where any does."""
    experience_years: int = 0
    """Years of experience it takes."""
    oldest: int | None = None
    """The age it takes, at most; None where any does."""
    offered: bool = True
    """False where a province's own standard leaves out what holds elsewhere."""


@table("ground")
class Ground(Basis, frozen=True, kw_only=True):
    """Something that by itself gives a category."""

    category: str
    times_average: int | None = None
    """Held by pay alone, from so many times last year's local average; None where it is claimed."""


@table("ground_condition")
class Condition(Basis, frozen=True, kw_only=True):
    """One of the ways to hold a ground, as the standard lists them; it states all that it takes by itself."""

    ground: str
    """Key of the ground."""


@table("age_limit")
class AgeLimit(Dated, frozen=True, kw_only=True):
    """The age up to which a category is open; of several that fit, the highest holds."""

    oldest: int
    """Whole years, included."""
    categories: tuple[str, ...]
    procedures: tuple[str, ...] = ()
    """The items it holds for; empty: all."""
    certificate: str = ""
    """Code of the certificate it takes; empty where none is."""


@table("quota")
class Quota(Dated, frozen=True, kw_only=True):
    """How many permits of a category, or on a ground, are given a year."""

    category: str
    places: int | None = None
    """So many a year; None where no number is published."""
    text: Text


class GroundHeld(msgspec.Struct, frozen=True):
    """A ground that the person holds."""

    key: str
    category: str
    text: Text
    """The condition, where one was claimed."""
    source: str
    """Document and article."""
    evidence: tuple[Text, ...] = ()
    """The papers that prove it; empty where what is stated elsewhere does."""


class Claim(msgspec.Struct, frozen=True):
    """A ground or a condition as one may hold it on a day in a region."""

    key: str
    """What is claimed: the key of a ground or of a condition."""
    rank: tuple[str, int]
    """Its place: the best category first, then the order of the file."""
    basis: Basis
    held: GroundHeld
    """What holding it means; its key is the ground's."""
    cny: int | None = None
    """The yearly pay that gives it; None where it is claimed, or no local average is loaded."""


def claims(law: Law, wage: int | None, on: date, region: str) -> tuple[Claim, ...]:
    """Everything one may hold on a day in a region, each ground followed by its conditions.

    `wage`: last year's local average in yuan; None where none is loaded: then pay alone gives no category there.
    """
    conditions = law.entries(Condition, on=on, region=region)
    found: list[Claim] = []
    for ground in law.entries(Ground, on=on, region=region):
        of_it = [condition for condition in conditions if condition.ground == ground.key]
        for basis in (ground, *of_it) if ground.offered else ():
            if basis.offered:
                found.append(_claim(ground, basis, len(found), wage))
    return tuple(found)


def _claim(ground: Ground, basis: Basis, at: int, wage: int | None) -> Claim:
    source = f"{basis.source} {basis.article}".strip()
    held = GroundHeld(ground.key, ground.category, basis.text, source, basis.evidence)
    cny = ground.times_average * wage if ground.times_average is not None and wage is not None else None
    return Claim(basis.key, (ground.category, at), basis, held, cny)


def by_pay(claim: Claim) -> bool:
    """Whether pay alone gives it."""
    return isinstance(claim.basis, Ground) and claim.basis.times_average is not None


def why_not(claim: Claim, profile: "Profile") -> Text | None:
    """Why what else is stated speaks against a claim; None where nothing does."""
    basis = claim.basis
    if by_pay(claim):
        return _pay_speaks_against(claim, profile.annual_salary_cny)
    if basis.education and profile.education not in basis.education:
        return Text("所填学历不符合此项条件。", "It takes another education than the one stated.")
    if 0 <= profile.experience_years < basis.experience_years:
        years = basis.experience_years
        return Text(f"此项需 {years} 年相关工作经历。", f"It takes {years} years of relevant experience.")
    if basis.oldest is not None and profile.age > basis.oldest:
        return Text(f"此项限 {basis.oldest} 岁及以下。", f"It takes an age of at most {basis.oldest}.")
    return None


def _pay_speaks_against(claim: Claim, pay: int) -> Text | None:
    if claim.cny is None:
        return Text("本地区没有社会平均工资数据，不能按工资认定。", "No average wage is loaded for this region.")
    if pay < claim.cny:
        return Text(f"需年薪 {claim.cny:,} 元。", f"It takes {claim.cny:,} yuan a year.")
    return None


def age_limit(
    law: Law, category: str, on: date, region: str, procedure: str = "", certificates: Collection[str] = ()
) -> AgeLimit | None:
    """The age up to which a category is open for an item, with these certificates; None where there is no limit."""
    fitting = [
        limit
        for limit in law.entries(AgeLimit, on=on, region=region)
        if category in limit.categories
        and (not limit.procedures or procedure in limit.procedures)
        and (not limit.certificate or limit.certificate in certificates)
    ]
    return max(fitting, key=_oldest, default=None)


def _oldest(limit: AgeLimit) -> int:
    return limit.oldest


def quota(law: Law, category: str, on: date, region: str) -> Quota | None:
    """The quota of a category on a day in a region; None where there is none."""
    found = (entry for entry in law.entries(Quota, on=on, region=region) if entry.category == category)
    return next(found, None)
