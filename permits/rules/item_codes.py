"""The code of a service item as an authority carries it out (实施编码, GB/T 39554.1-2020).

Credit code of the body (18), level (1), basic code (12). It composes and takes apart; no length is fixed but the
credit code's, for the standard leaves room.
"""

from datetime import date

import msgspec

from permits.rules.credit_code import credit_code
from permits.rules.law import Law, NoRule

CREDIT_CODE_LENGTH = 18
LEVELS = "123456"
"""1 the state, 2 a province, 3 a city, 4 a county, 5 a town, 6 a village."""


class ItemCode(msgspec.Struct, frozen=True):
    """The parts of an item code."""

    credit_code: str
    level: str
    basic_code: str

    def __str__(self) -> str:
        return f"{self.credit_code}{self.level}{self.basic_code}"


def parse(text: str) -> ItemCode:
    """The parts of a code. ValueError, naming the part: a wrong credit code, an unknown level, no basic code."""
    found = ItemCode(text[:CREDIT_CODE_LENGTH], text[CREDIT_CODE_LENGTH : CREDIT_CODE_LENGTH + 1], text[19:])
    if not credit_code(found.credit_code).valid:
        raise ValueError("credit_code: not the credit code of a body")
    if not found.level or found.level not in LEVELS:
        raise ValueError("level: 1 to 6")
    if not (found.basic_code.isascii() and found.basic_code.isdigit()):
        raise ValueError("basic_code: digits only")
    return found


def item_code(law: Law, item: str, on: date, region: str) -> ItemCode | None:
    """The code of an item in a region, of its settings; None while the region has not stated the parts."""
    try:
        body, level, basic = (
            law.setting(key, on=on, region=region).value
            for key in ("bureau.unit_code", "item.level", f"item.basic_code.{item}")
        )
    except NoRule:
        return None
    return ItemCode(body, str(level), basic)
