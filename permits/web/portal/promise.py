"""What an item takes, said before one begins: within what time, which papers, how long a decision, by which law.

All of it is read from the law's files on the day it is asked for; nothing here adds a rule of its own.
"""

import datetime as dt

import msgspec

from permits.i18n import Text
from permits.rules import procedures, windows
from permits.rules.law import Law
from permits.rules.procedures import Procedure
from permits.web.public import items as public


class Promise(msgspec.Struct, frozen=True):
    """What one item takes."""

    when: Text
    papers: tuple[Text, ...]
    """What the applicant hands in whatever the circumstance."""
    some: tuple[Text, ...]
    """What only some circumstances ask for."""
    promised: int
    """Working days to the decision."""
    legal: int
    joint: int | None
    """Working days promised where it is filed with the residence permit; None where it cannot be."""
    law: tuple[Text, ...]


def promises(law: Law, on: dt.date, region: str) -> dict[str, Promise]:
    """The promise of every item on offer on a day, by its code."""
    lines = {one.code: one for one in public.items(law, on, region)}
    return {one.code: _promise(law, one, lines[one.code], on, region) for one in procedures.procedures(law, on, region)}


def _promise(law: Law, one: Procedure, line: public.Item, on: dt.date, region: str) -> Promise:
    entries = procedures.every_document(law, one.code, on, region)
    asked = [entry for entry in entries if entry.supplied_by == "applicant"]
    return Promise(
        when=_when(law, one, on, region),
        papers=tuple(entry.title for entry in asked if not entry.circumstances),
        some=tuple(entry.title for entry in asked if entry.circumstances),
        promised=line.promised,
        legal=line.legal,
        joint=line.joint,
        law=one.law,
    )


def _when(law: Law, one: Procedure, on: dt.date, region: str) -> Text:
    """The region's own window where one holds whatever the circumstance; else the item's own words."""
    found = [entry.text for entry in windows.windows(law, one.code, on, region) if not entry.circumstances]
    return found[0] if found else one.when
