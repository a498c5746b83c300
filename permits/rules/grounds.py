"""The grounds on which an application is not accepted or its procedure ended, as the desks offer them.

A catalogue to choose from: it pre-writes a letter and decides nothing; the reasons stay the officer's own words.
"""

from datetime import date
from typing import Literal

from permits.i18n import Text
from permits.rules.law import Dated, Law, table

GroundAction = Literal["not-accept", "terminate"]


@table("refusal_ground")
class RefusalGround(Dated, frozen=True, kw_only=True):
    """One ground. Its key is unique over both actions, and is what the case keeps."""

    action: GroundAction
    title: Text
    """What is the matter, as the letter says it."""


def grounds(law: Law, action: str, on: date, region: str) -> tuple[RefusalGround, ...]:
    """The grounds of an action that hold on a day in a region, in the order of the file."""
    return tuple(ground for ground in law.entries(RefusalGround, on=on, region=region) if ground.action == action)


def title_of(law: Law, key: str, on: date, region: str) -> Text:
    """What a ground says; the key itself for one that is not in the catalogue of that day."""
    found = (ground for ground in law.entries(RefusalGround, on=on, region=region) if ground.key == key)
    return next((ground.title for ground in found), Text(key, key))
