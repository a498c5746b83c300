"""How long cases take, in working days: by step against both clocks, and by whose turn it was. It only reads.

Gross is from the event that starts a step to the one that ends it; net leaves out the days on which its clock stood
still (Administrative Licensing Law Art. 45). The day of the event does not count (Art. 82).
"""

import datetime as dt
import functools
import uuid
from collections.abc import Iterable
from typing import Any

import asyncpg
from sqlalchemy import Date as DateType
from sqlalchemy import DateTime, Integer, String, Uuid, and_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.expression import ColumnElement, bindparam

from permits.cases.tables import cases, clock, event
from permits.db.statements import office_day, statement
from permits.errors import BadInput, FieldError
from permits.i18n import Text
from permits.rules import working_days
from permits.rules.law import Law
from permits.statistics.checks import one_of
from permits.statistics.taken import BASES, PARTIES, STEPS, DecidedCase, Party, Step, TimedCase, year_before, year_of

HALF, MOST = 0.5, 0.9
BACK, AHEAD = 800, 250
"""Calendar days around the day asked for whose working days the database is told."""


_REGION = bindparam("region", type_=String)
_SINCE, _ON = bindparam("since", type_=DateType), bindparam("on", type_=DateType)
_FROM, _UNTIL = (bindparam(name, type_=DateTime(timezone=True)) for name in ("from_at", "until_at"))
_DAYS = bindparam("days", type_=ARRAY(DateType))
_AFTER, _LIMIT = bindparam("after", type_=Uuid), bindparam("limit", type_=Integer)


def _nth(day: ColumnElement[Any]) -> ColumnElement[int]:
    """Which working day a day is, or the last before it is."""
    return func.width_bucket(day, _DAYS, type_=Integer)


def _one_of(column: ColumnElement[str], kinds: Iterable[str]) -> ColumnElement[bool]:
    return or_(*(column == kind for kind in kinds))


def _at(share: float, value: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.percentile_disc(share).within_group(value)


_gross = _nth(clock.c.ended_on) - _nth(clock.c.started)
_stood = func.greatest(_nth(clock.c.due) - _nth(clock.c.started) - clock.c.working_days, 0)
_ended = (clock.c.region == _REGION, clock.c.ended_on > _SINCE, clock.c.ended_on <= _ON)
_run = (
    select(clock, _gross.label("gross"), func.greatest(_gross - _stood, 0).label("net")).where(*_ended).subquery("run")
)
_STEPS = statement(
    select(
        _run.c.step,
        _run.c.basis,
        func.count().label("count"),
        func.count().filter(_run.c.state == "met").label("met"),
        func.mode().within_group(_run.c.working_days).label("limit"),
        _at(HALF, _run.c.net).label("half"),
        _at(MOST, _run.c.net).label("most"),
        _at(HALF, _run.c.gross).label("half_gross"),
        _at(MOST, _run.c.gross).label("most_gross"),
    ).group_by(_run.c.step, _run.c.basis)
)
_TIMED = statement(
    select(*(cases.c.number if name == "number" else _run.c[name] for name in TimedCase.__struct_fields__))
    .join(cases, and_(cases.c.region == _run.c.region, cases.c.id == _run.c.case_id))
    .where(_run.c.step == bindparam("step"), _run.c.basis == bindparam("basis"))
    .where(or_(bindparam("state") == "", _run.c.state == bindparam("state")))
    .where(or_(_run.c.case_id > _AFTER, and_(_run.c.case_id == _AFTER, _run.c.round > bindparam("round"))))
    .order_by(_run.c.case_id, _run.c.round)
    .limit(_LIMIT)
)
_TURNS = {
    "submitted": "office", "corrected": "office", "resumed": "office", "accepted": "office", "reopened": "office",
    "correction-requested": "applicant", "suspended": "special", "granted": "", "refused": "",
}  # fmt: skip
"""Whose turn it is after an event; after a decision nobody's here."""
_decided = (
    select(cases.c.region, cases.c.id, cases.c.number, office_day(cases.c.decided_at).label("decided"))
    .where(cases.c.region == _REGION, cases.c.decided_at.is_not(None), cases.c.deleted_at.is_(None))
    .where(cases.c.decided_at >= _FROM, cases.c.decided_at < _UNTIL)
    .cte("decided")
)
_of_police = event.c.kind.like("police-%")
_begun = _nth(office_day(event.c.at))
_turned = (
    select(
        _decided.c.id.label("case_id"),
        _decided.c.number,
        _decided.c.decided,
        event.c.kind,
        _begun.label("begun"),
        func.lead(_begun).over(partition_by=[event.c.case_id, _of_police], order_by=event.c.id).label("over"),
    )
    .join(_decided, and_(_decided.c.region == event.c.region, _decided.c.id == event.c.case_id))
    .where(event.c.region == _REGION, or_(_one_of(event.c.kind, _TURNS), _of_police))
    .subquery("turned")
)


def _spent(party: str) -> ColumnElement[Any]:
    kinds = [kind for kind, whose in _TURNS.items() if whose == party]
    days = func.sum(_turned.c.over - _turned.c.begun).filter(_one_of(_turned.c.kind, kinds))
    return cast(func.coalesce(days, 0), Integer).label(party)


def _first(*kinds: str) -> ColumnElement[int]:
    return func.min(_turned.c.begun, type_=Integer).filter(_one_of(_turned.c.kind, kinds))


_OURS = ("office", "applicant", "special")
_spans = (
    select(
        _turned.c.case_id,
        _turned.c.number,
        _turned.c.decided,
        *map(_spent, _OURS),
        (_first("police-granted", "police-refused") - _first("police-received")).label("police"),
    )
    .group_by(_turned.c.case_id, _turned.c.number, _turned.c.decided)
    .subquery("spans")
)
"""A case a row, from one look at its events: joined from two such looks, the planner's guess made them quadratic."""
_shares = select(_spans, (_spans.c.office + _spans.c.applicant + _spans.c.special).label("whole")).subquery("shares")
_PARTIES = statement(
    select(
        *(func.count(_shares.c[party]).label(f"{party}_count") for party in PARTIES),
        *(_at(HALF, _shares.c[party]).label(f"{party}_half") for party in PARTIES),
        *(_at(MOST, _shares.c[party]).label(f"{party}_most") for party in PARTIES),
    )
)
_DECIDED = statement(
    select(*(_shares.c[name] for name in DecidedCase.__struct_fields__))
    .where(_shares.c.case_id > _AFTER, or_(bindparam("party", type_=String) != "police", _shares.c.police.is_not(None)))
    .order_by(_shares.c.case_id)
    .limit(_LIMIT)
)


async def steps(tx: asyncpg.Connection, law: Law, region: str, on: dt.date) -> list[Step]:
    """How long each step took over the year up to a day, against each clock, in the order of the procedure."""
    found = await _STEPS.structs(tx, Step, region=region, **_year(law, on))
    order = [*STEPS]
    unknown = [one.step for one in found if one.step not in STEPS]
    if unknown:
        raise LookupError(f"clocks of steps that no figure knows: {unknown}")
    return sorted(found, key=lambda one: (order.index(one.step), BASES.index(one.basis)))


async def timed(
    tx: asyncpg.Connection,
    law: Law,
    region: str,
    on: dt.date,
    step: str,
    basis: str,
    state: str,
    cursor: str,
    size: int,
) -> tuple[list[TimedCase], str]:
    """The clocks behind a figure of `steps`, a page at a time, and where the next page begins ("" after the last).

    `state` met or missed narrows to those; "" takes all. Raises BadInput for what is none of these.
    """
    if step not in STEPS or basis not in BASES or state not in ("", "met", "missed"):
        raise BadInput(errors=[FieldError("/step", one_of(STEPS))])
    after, _, rounds = cursor.partition("-")
    given: dict[str, Any] = {"step": step, "basis": basis, "state": state}
    given |= {"after": _uuid(after), "round": int(rounds) if rounds.isdecimal() else 0, "limit": size + 1}
    found = await _TIMED.structs(tx, TimedCase, region=region, **given, **_year(law, on))
    last = found[size - 1] if len(found) > size else None
    return found[:size], f"{last.case_id.hex}-{last.round}" if last else ""


async def parties(tx: asyncpg.Connection, law: Law, region: str, on: dt.date) -> list[Party]:
    """How long each party took over the cases decided in the year up to a day."""
    row = await _PARTIES.one(tx, region=region, **_decided_in(law, on))
    assert row is not None
    found = ((party, *(row[f"{party}_{part}"] for part in ("count", "half", "most"))) for party in PARTIES)
    return [Party(party, count, half, most) for party, count, half, most in found if count]


async def decided(
    tx: asyncpg.Connection, law: Law, region: str, on: dt.date, party: str, cursor: str, size: int
) -> tuple[list[DecidedCase], str]:
    """The cases behind a party's figures, a page at a time, and where the next page begins ("" after the last).

    Raises BadInput for a party that nobody counts.
    """
    if party not in PARTIES:
        raise BadInput(errors=[FieldError("/party", one_of(PARTIES))])
    given: dict[str, Any] = {"party": party, "after": _uuid(cursor), "limit": size + 1}
    found = await _DECIDED.structs(tx, DecidedCase, region=region, **given, **_decided_in(law, on))
    return found[:size], found[size - 1].case_id.hex if len(found) > size else ""


def _year(law: Law, on: dt.date) -> dict[str, Any]:
    """The year up to a day, and the working days around it."""
    return {"since": year_before(on), "on": on, "days": _working_days(law, on)}


def _decided_in(law: Law, on: dt.date) -> dict[str, Any]:
    """The same for what is asked of decisions, by their instants."""
    return {"days": _working_days(law, on)} | dict(zip(("from_at", "until_at"), year_of(on), strict=True))


@functools.lru_cache(maxsize=64)
def _working_days(law: Law, on: dt.date) -> list[dt.date]:
    days = (on + dt.timedelta(days=n) for n in range(-min(BACK, on.toordinal() - 1), AHEAD))
    return [day for day in days if working_days.is_working_day(law, day)]


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(hex=text) if text else uuid.UUID(int=0)
    except ValueError:
        text_ = Text("请从第一页重新翻起。", "Begin again from the first page.")
        raise BadInput(errors=[FieldError("/cursor", text_)]) from None
