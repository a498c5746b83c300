"""An employer's standing in the scheme of notification plus commitment (告知承诺)."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from permits.rules.commitments import CreditRecord

Reason = Literal["false-commitment", "serious-bad-credit"]
"""What an entry of the credit record says."""


class Standing(msgspec.Struct, frozen=True):
    """What an employer's credit record says of committing; whether that bars it on a day is the law's to say."""

    record: CreditRecord = CreditRecord()

    @property
    def may_commit(self) -> bool:
        """Whether the record is clean."""
        return self.record == CreditRecord()


GOOD = Standing()


def standing(reasons: Iterable[str]) -> Standing:
    """The standing of an employer by what is not repaired in its record."""
    found = set(reasons)
    serious = "serious-bad-credit" in found
    return Standing(CreditRecord(serious_bad_credit=serious, false_commitment=bool(found - {"serious-bad-credit"})))
