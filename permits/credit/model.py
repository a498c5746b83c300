"""An employer's standing in the scheme of notification plus commitment (告知承诺)."""

import msgspec

from permits.rules.commitments import CreditRecord


class Standing(msgspec.Struct, frozen=True):
    """What an employer's credit record says of committing; whether that bars it on a day is the law's to say."""

    record: CreditRecord = CreditRecord()

    @property
    def may_commit(self) -> bool:
        """Whether the record is clean."""
        return self.record == CreditRecord()


GOOD = Standing()
BROKEN = Standing(CreditRecord(false_commitment=True))


def standing(barred: bool) -> Standing:
    """The standing of an employer whose record says so."""
    return BROKEN if barred else GOOD
