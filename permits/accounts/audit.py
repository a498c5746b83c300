"""The record of who did and who looked at what: written in the transaction of the act itself, never afterwards.

It holds numbers and kinds, never a name, a passport or a value; whoever reads the record learns no personal data.
"""

import uuid
from typing import Any

from sqlalchemy import ColumnElement, bindparam, insert, select
from sqlalchemy.sql.dml import Insert

from permits import clock
from permits.accounts.tables import audit
from permits.db.ids import new_id
from permits.db.statements import statement


def _bind(name: str) -> Any:
    return bindparam(f"audit_{name}", type_=audit.c[name].type)


def audit_insert() -> Insert:
    """The insert of one entry, whose parameters `audit_row` gives; use it as a CTE of a writing statement."""
    return insert(audit).values({column.name: _bind(column.name) for column in audit.c})


def audit_look(case_id: ColumnElement[uuid.UUID]) -> Insert:
    """The insert of one entry about the one case that `case_id` (a column of a CTE) finds; none where it finds none.

    For reads: `found = select(...).cte("found")`, then `audit_look(found.c.id).cte("looked")` beside it.
    """
    columns = [case_id if column is audit.c.case_id else _bind(column.name) for column in audit.c]
    names = [column.name for column in audit.c]
    return insert(audit).from_select(names, select(*columns)).returning(audit.c.id)


AUDIT = statement(audit_insert())
"""One entry on its own: `await AUDIT.run(tx, **audit_row(...))`."""


def audit_row(
    region: str,
    account_id: uuid.UUID | None,
    action: str,
    *,
    case_id: uuid.UUID | None = None,
    subject: str | None = None,
    detail: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The parameters of one entry, dated now by both clocks.

    `account_id` None is the service itself or its operator; `subject` is a number (case, permit, letter);
    `detail` says what was seen or changed by kinds, never by values.
    """
    row = look_row(region, account_id, action, subject=subject, detail=detail)
    return row | {"audit_case_id": case_id}


def look_row(
    region: str,
    account_id: uuid.UUID | None,
    action: str,
    *,
    subject: str | None = None,
    detail: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The parameters of `audit_look`, which finds the case by itself."""
    return {
        "audit_region": region,
        "audit_id": new_id(),
        "audit_at": clock.machine_now(),
        "audit_office_at": clock.now(),
        "audit_account_id": account_id,
        "audit_action": action,
        "audit_subject": subject,
        "audit_detail": detail or {},
    }
