"""An employer's standing in the scheme of notification plus commitment (告知承诺)."""

import msgspec

from permits.i18n import Text


class Standing(msgspec.Struct, frozen=True):
    """Whether an employer may commit, and if not, why (国办发〔2020〕42号)."""

    may_commit: bool = True
    why: Text | None = None


GOOD = Standing()
BROKEN = Standing(
    False,
    Text(
        "该单位有不实承诺记录，信用修复前不适用告知承诺，请上传证明材料。",
        "This employer made a false commitment; until that is repaired, documents are handed in.",
    ),
)


def standing(barred: bool) -> Standing:
    """The standing of an employer whose record says so."""
    return BROKEN if barred else GOOD
