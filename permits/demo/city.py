"""Lays the demonstration city: the register's history and the cases, all in one transaction, or nothing.

Laid once, from the instant of the first start; where there is a case or a permit already, nothing is done.
"""

import datetime as dt
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
from sqlalchemy import bindparam, or_, select

from permits.accounts.model import Account
from permits.cases.tables import cases
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.db.statements import statement
from permits.demo.history import Recorded, history
from permits.demo.posts import REPORTED, Held
from permits.demo.scripts import Timed, timed
from permits.demo.stage import Stage
from permits.files.storage import Storage
from permits.office import Office
from permits.register import service as register
from permits.register.model import Ending, Grant, Granted
from permits.register.tables import permit
from permits.settings import Settings

GROUNDS = {
    "cancelled": ("employment-ended", "聘用关系已经结束。"),
    "revoked": ("false-documents", "核查发现资历证明不实。"),
    "withdrawn-by-authority": ("circumstances-changed", "准予许可所依据的客观情况发生重大变化。"),
}
"""Ground and reasons of each way a permit ends."""

_LAID = statement(
    select(
        or_(
            select(cases.c.id).where(cases.c.region == bindparam("region")).exists(),
            select(permit.c.id).where(permit.c.region == bindparam("region")).exists(),
        )
    )
)


async def lay(
    database: Database,
    office: Office,
    storage: Storage,
    settings: Settings,
    people: Mapping[str, Account],
    at: dt.datetime,
) -> None:
    """Lay the city as it stands at an office instant, unless there is one."""
    async with database.transaction(settings.region) as tx:
        if await _LAID.value(tx, region=settings.region):
            return
        scripts, began = timed(office.law, at), time.monotonic()
        found = history(office.law, at, counted_elsewhere(scripts))
        await _register(tx, office, settings.region, found)
        _say(f"{len(found)} permits since 2022", began)
        stage = Stage(tx, office, storage, settings, people)
        for nth, one in enumerate(scripts):
            await stage.play(one, nth)
        _say(f"{len(scripts)} cases", began)
        stage.agencies.fill_books(settings.data / "agencies", at)


def counted_elsewhere(scripts: Sequence[Timed]) -> Mapping[str, int]:
    """By category, how many permits the cases themselves grant that hold on the day of the report."""
    return Counter(one.script.category for one in scripts if one.granted_on and one.granted_on <= REPORTED)


async def _register(tx: asyncpg.Connection, office: Office, region: str, found: Sequence[Recorded]) -> None:
    """Write the history, by the time of recording; whose permit ended before its last day never got another."""
    grants = [_grant(one, office.keys, region) for one in found]
    made = await register.grant_many(tx, office.law, office.keys, grants)
    ended = [(one, granted) for one, granted in zip(found, made, strict=True) if one.ended_at is not None]
    for one, granted in sorted(ended, key=lambda pair: pair[0].ended_at or pair[0].granted_at):
        await register.end(tx, office.law, office.keys, _ending(one, granted, region))


def _grant(one: Recorded, keys: Keys, region: str) -> Grant:
    held, holder = one.held, one.held.holder
    return Grant(
        region=region,
        case_id=None,
        case_number=None,
        category=held.category,
        nationality=holder.nationality,
        sex=holder.sex,
        birth_date=holder.birth_date,
        passport_index=keys.passport_index(holder.nationality, holder.passport_number),
        surname=holder.surname,
        given_names=holder.given_names,
        chinese_name=holder.chinese_name,
        **_work(held),
        valid_from=held.valid_from,
        valid_until=held.valid_until,
        recorded=one.granted_at,
    )


def _work(held: Held) -> dict[str, Any]:
    return {
        "industry": held.firm.industry,
        "district": held.firm.district,
        "employer_code": held.firm.credit_code,
        "employer_name": held.firm.name,
        "position": held.position,
        "position_kind": held.position_kind,
        "permit_kind": held.permit_kind,
    }


def _ending(one: Recorded, granted: Granted, region: str) -> Ending:
    assert one.held.ended is not None
    assert one.ended_at is not None
    ground, reasons = GROUNDS[one.held.ended.kind]
    return Ending(
        region=region,
        permit_id=granted.permit_id,
        effective=one.held.ended.effective,
        kind=one.held.ended.kind,
        ground=ground,
        reasons=reasons,
        recorded=one.ended_at,
    )


def _say(what: str, began: float) -> None:
    print(f"  {what}: {time.monotonic() - began:.1f} s", flush=True)
