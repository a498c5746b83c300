"""Grants and endings for tests, of invented people."""

import datetime as dt
import hashlib
import uuid
from typing import Any

from permits.clock import CITY
from permits.register.model import Ending, EndKind, Grant, Granted

REGION = "321200"


def at(day: dt.date, hour: int = 10) -> dt.datetime:
    """An office instant of a day."""
    return dt.datetime.combine(day, dt.time(hour), CITY)


def passport(number: int) -> bytes:
    """A blind index of somebody's passport."""
    return hashlib.sha256(str(number).encode()).digest()[:16]


def a_grant(person: int = 1, **changes: Any) -> Grant:
    """A permit for one of many invented persons, valid for 2024."""
    valid_from = changes.get("valid_from", dt.date(2024, 1, 1))
    usual: dict[str, Any] = {
        "region": REGION,
        "case_id": uuid.uuid4(),
        "case_number": "3212-24-000001-X",
        "category": "B",
        "nationality": "DEU",
        "sex": "F",
        "birth_date": dt.date(1985, 6, 15),
        "passport_index": passport(person),
        "surname": "MUSTERFELD",
        "given_names": "ALICE ERIKA",
        "chinese_name": "",
        "industry": "C",
        "district": "321202",
        "employer_code": "91321200000000000X",
        "employer_name": "泰州样例科技有限公司",
        "position": "总工程师",
        "position_kind": "technical",
        "permit_kind": "issue-in-china",
        "valid_from": valid_from,
        "valid_until": dt.date(2024, 12, 31),
        "recorded": at(valid_from - dt.timedelta(days=10)),
    }
    return Grant(**usual | changes)


def an_ending(granted: Granted, effective: dt.date, recorded: dt.date, kind: EndKind = "cancelled") -> Ending:
    """The end of a permit from a day on, recorded on another."""
    return Ending(
        region=REGION,
        permit_id=granted.permit_id,
        effective=effective,
        kind=kind,
        ground="employment-ended",
        reasons="劳动关系已经结束",
        recorded=at(recorded),
    )
