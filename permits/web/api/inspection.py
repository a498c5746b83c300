"""What was committed to and is to be verified, and the credit record of employers, over JSON. It only reads."""

import datetime as dt
from typing import Any

from litestar import Response, Router, get

from permits import clock
from permits.cases import promised
from permits.cases.promised import Promise
from permits.credit import service as credit
from permits.rules.law import Law
from permits.web.api.call import Asked, call_of, json
from permits.web.auth import require_token

INSPECTING = require_token("inspector", "legal")


@get("/inspection/commitments", guards=[INSPECTING])
async def commitments(request: Asked) -> Response[bytes]:
    """Commitments of granted cases nobody has verified yet, what is due first first: by when, and whether it passed."""
    call = await call_of(request)
    async with call.database.transaction(call.region) as tx:
        found = await promised.waiting(tx, call.region)
    return json({"items": [_said(call.office.law, one, call.region, clock.today()) for one in found]})


@get("/inspection/credit-record", guards=[INSPECTING])
async def credit_record(request: Asked) -> Response[bytes]:
    """What stands in the credit record and is not repaired, the latest first: by it the employer may not commit."""
    call = await call_of(request)
    async with call.database.transaction(call.region) as tx:
        found = await credit.open_entries(tx, call.region)
    return json({"items": [{name: getattr(one, name) for name in ENTRY} for one in found]})


ENTRY = ("id", "credit_code", "reason", "at")


def _said(law: Law, one: Promise, region: str, today: dt.date) -> dict[str, Any]:
    last, first = promised.last_days(law, one, region)
    facts = {"number": one.number, "permit_number": one.permit_number, "employer": one.employer, "document": one.kind}
    return facts | {"due": one.due, "verify_by": last, "overdue": today > first}


def router() -> Router:
    """The calls of inspectors and legal reviewers."""
    return Router("/", route_handlers=[commitments, credit_record], tags=["inspection"])
