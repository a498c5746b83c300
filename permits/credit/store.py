"""The one question asked of the credit record: is this employer barred from committing?"""

from typing import Any

from sqlalchemy import ColumnElement, exists

from permits.credit.tables import credit_record


def barred(region: ColumnElement[str], credit_code: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether an employer has an unrepaired record, as a part of another statement."""
    return exists().where(
        credit_record.c.region == region,
        credit_record.c.credit_code == credit_code,
        credit_record.c.repaired_at.is_(None),
    )
