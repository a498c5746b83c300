"""The window cancels a permit by itself: the register's end of it and the letter that tells it, in one transaction.

No case led to it, so the letter belongs to the permit; parties and staff find it beside the version.
"""

import datetime as dt
from typing import Any

import asyncpg

from permits.accounts.model import Account
from permits.cases import bodies, holding, known
from permits.cases.model import Case
from permits.clock import CITY
from permits.i18n import Text
from permits.letters import basis, model, service
from permits.letters.about import NO_LATIN_NAME
from permits.office import Office
from permits.register import service as register
from permits.register.model import NamedVersion, RegisteredPermit, RegisterEntry
from permits.rules import procedures
from permits.rules.nationality import NATIONALITIES
from permits.settings import Settings

KIND = "direct-cancellation"
ITEM = "cancel"


async def cancel(
    tx: asyncpg.Connection, office: Office, settings: Settings, account: Account, region: str, number: str,
    body: bodies.EndPermit,
) -> RegisterEntry:  # fmt: skip
    """Cancel a permit by the office itself (注销) and issue the decision; what the register holds then.

    Raises as `cases.holding.cancel`.
    """
    entry, permit = await holding.cancel(tx, office, account, region, number, body)
    version = permit.history[-1]
    day = version.recorded.astimezone(CITY).date()
    last = await known.last_case(tx, office, region, entry)
    birth = await register.birth_date(tx, office.keys, region, permit.person_id)
    facts = _facts(office, settings, region, permit, version, day) | {"person": _person(permit, version, birth, last)}
    await service.issue_numbered(
        tx, office.keys, region, None, lambda made: model.DirectCancellation(**facts, number=made),
        office=facts["office"], kind=KIND, issued_at=version.recorded, permit_id=permit.id,
    )  # fmt: skip
    return entry


def _facts(
    office: Office, settings: Settings, region: str, permit: RegisteredPermit, version: NamedVersion, day: dt.date
) -> dict[str, Any]:
    law, ground = office.law, version.ground or ""
    listed = procedures.circumstances(law, day, region, ITEM)
    return {
        "office": basis.office(law, on=day, region=region, demo=settings.demo),
        "issued_on": day,
        "case_number": "",
        "employer": permit.employer_name,
        "procedure": procedures.procedure(law, ITEM, day, region).title,
        "articles": basis.articles(law, KIND, on=day, region=region),
        "remedies": basis.remedies(law, on=day, region=region),
        "demo": settings.demo,
        "permit_number": permit.number,
        "ended_on": version.effective,
        "ground": next((one.title for one in listed if one.key == ground), Text(ground, ground)),
        "reasons": version.reasons or "",
        "accepted_on": None,
        "certificate": "",
        "licence": model.licence(permit.licence, version.names.latin),
    }


def _person(permit: RegisteredPermit, version: NamedVersion, birth: dt.date, last: Case | None) -> model.Person:
    """The holder; the register keeps no passport that one can read, the last case may."""
    names, state = version.names, permit.nationality
    return model.Person(
        latin_name=", ".join(filter(None, (names.surname, names.given_names))) or NO_LATIN_NAME,
        chinese_name=names.chinese_name,
        nationality=NATIONALITIES.get(state, Text(state, state)),
        sex=permit.sex,
        birth_date=birth,
        passport_number=(last.beneficiary.passport_number if last else None) or "",
    )
