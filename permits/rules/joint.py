"""Joint matters (一件事, 联办): what may be filed together in one form, and which offices take part.

It says what belongs together; who tells whom, and when, is `routing`.
"""

from datetime import date
from typing import Literal

from permits.i18n import Text
from permits.rules.law import Dated, Law, table

Residence = Literal["issue", "extend", "change"]


class _Part(Dated, frozen=True, kw_only=True):
    title: Text


@table("joint_part")
class JointPart(_Part, frozen=True, kw_only=True):
    """One matter that a joint procedure may hold. Its key is the word for it."""

    office: Text
    """Who decides it."""
    within_days: int | None = None
    """Calendar days after the grant of the work permit within which it must be done; None where no rule says."""


@table("joint_variant")
class JointVariant(_Part, frozen=True, kw_only=True):
    """One joint procedure."""

    procedures: tuple[str, ...]
    """The items that may be filed so."""
    parts: tuple[str, ...]
    """The matters it holds, keys of `joint_part`, beside the work permit."""
    residence: Residence
    """What the police are asked for."""
    once: bool = True
    """Whether one form and one set of documents serve all parts."""


@table("joint_procedure")
class JointProcedure(Dated, frozen=True, kw_only=True):
    """How a city does joint cases: what may be filed so, where the one visit is, and when the police get the papers."""

    procedures: tuple[str, ...]
    """The items that may be filed jointly."""
    categories: tuple[str, ...]
    """The categories for which it is offered."""
    package_on: Literal["submission", "acceptance"]
    """When the police get the package: with the application, where their own officers take the papers in; else with
    the acceptance."""
    counter: Text
    """Where the person comes, once."""
    papers_checked_by: Literal["window", "police", "both"]
    """Whose people look at the originals."""


def joint_procedure(law: Law, on: date, region: str) -> JointProcedure | None:
    """How joint cases are done in a city, None where nothing is published or agreed."""
    return next((one for one in law.entries(JointProcedure, on=on, region=region) if one.key == "joint"), None)


def offered(law: Law, item: str, category: str | None, on: date, region: str) -> bool:
    """Whether an item may be filed jointly by somebody of this category, None being unknown yet."""
    found = joint_procedure(law, on, region)
    return found is not None and item in found.procedures and (category is None or category in found.categories)


def joint_variants(law: Law, item: str, on: date, region: str) -> tuple[JointVariant, ...]:
    """The joint procedures that an item may be filed in, the plainest first."""
    return tuple(one for one in law.entries(JointVariant, on=on, region=region) if item in one.procedures)


def parts(law: Law, variant: JointVariant, on: date, region: str) -> tuple[JointPart, ...]:
    """The matters of a joint procedure. Raises `NoRule` for one that is not in force."""
    return tuple(law.entry(JointPart, key, on=on, region=region) for key in variant.parts)
