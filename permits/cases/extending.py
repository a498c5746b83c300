"""What the law itself extends: an extension asked for in time and undecided when the permit ends (Art. 50).

The register gets it as a version of its own, once, in the transaction that notes it on the case; a person decides
the case all the same, but can no longer refuse it. Until it is written, whoever looks is told what will be.
"""

import datetime as dt
import uuid
from collections.abc import Collection

import asyncpg
from sqlalchemy import ARRAY, String, any_, bindparam, select

from permits import clock
from permits.cases import assessment, store
from permits.cases.cautions import undecided_extension
from permits.cases.filing import FILINGS
from permits.cases.model import OPEN, Case
from permits.cases.tables import cases
from permits.db.statements import statement
from permits.i18n import Text
from permits.office import Office
from permits.register import service as register
from permits.register.model import Amendment
from permits.rules.law import Law
from permits.rules.validity import NotPossible

GROUND = "silence"
"""The ground of such a version."""
ART_50 = Text(
    "行政许可法第五十条：届满前没有决定，视为准予延续",
    "Administrative Licensing Law Art. 50: not decided before it ended, held to be extended",
)
CONTINUING = [code for code, filing in FILINGS.items() if filing.runs == "continues"]
_EXTENDING = statement(
    select(cases.c.id).where(
        cases.c.region == store.REGION,
        cases.c.held["permit_id"].astext == any_(bindparam("permit_ids", type_=ARRAY(String))),
        cases.c.procedure == any_(bindparam("procedures", type_=ARRAY(String))),
        cases.c.state == any_(bindparam("states", type_=ARRAY(String))),
    )
)
"""The open cases that extend one of some permits."""


def until(case: Case, law: Law, today: dt.date) -> dt.date | None:
    """The last day to which the law has extended the case's permit by today; None where it has not.

    It is the day that granting all that was asked for would give, in the category held.
    """
    found, held = undecided_extension(case, law, today), case.held
    if held is None or found is None or found.state(today) != "happened":
        return None
    try:
        last = assessment.longest(law, case, held.category, found.counts_from).valid_until
    except NotPossible:
        return None
    return last if last > held.valid_until else None


async def write(tx: asyncpg.Connection, office: Office, case: Case, last: dt.date) -> None:
    """The version that the law makes; nobody decided it. The case is locked by the caller."""
    held = case.held
    assert held is not None
    amendment = Amendment(
        region=case.row.region,
        permit_id=held.permit_id,
        kind="extended",
        effective=held.valid_until + dt.timedelta(days=1),
        valid_until=last,
        recorded=clock.now(),
        ground=GROUND,
        reasons=ART_50.zh,
        case_id=case.row.id,
        case_number=case.row.number,
    )
    await register.amend(tx, office.law, office.keys, amendment)


async def carried(
    tx: asyncpg.Connection, office: Office, region: str, permit_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, dt.date]:
    """The last days of those of some expired permits that the law has extended and the register has not yet."""
    if not permit_ids:
        return {}
    wanted = [str(one) for one in permit_ids]
    rows = await _EXTENDING.all(tx, region=region, permit_ids=wanted, procedures=CONTINUING, states=list(OPEN))
    found = await store.by_ids(tx, office.keys, region, [row["id"] for row in rows])
    last = {case.held.permit_id: until(case, office.law, clock.today()) for case in found if case.held}
    return {permit_id: day for permit_id, day in last.items() if day}
