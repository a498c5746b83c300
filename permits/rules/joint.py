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


def joint_variants(law: Law, item: str, on: date, region: str) -> tuple[JointVariant, ...]:
    """The joint procedures that an item may be filed in, the plainest first."""
    return tuple(one for one in law.entries(JointVariant, on=on, region=region) if item in one.procedures)


def parts(law: Law, variant: JointVariant, on: date, region: str) -> tuple[JointPart, ...]:
    """The matters of a joint procedure. Raises `NoRule` for one that is not in force."""
    return tuple(law.entry(JointPart, key, on=on, region=region) for key in variant.parts)
