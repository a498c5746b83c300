"""What a grant writes into the register, by item: a new permit, its extension, its change, its reissue, its end.

Each writes in the transaction of the decision; `filing.py` says which item does which.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import asyncpg

from permits.cases.doing import with_component
from permits.cases.filing import Writes
from permits.cases.guards import EXTENDED_BY_LAW
from permits.cases.model import Case, Component, Held, Signed
from permits.credit import service as credit
from permits.office import Office
from permits.register import service as register
from permits.register.model import AmendKind, Amendment, Ending, Grant, Names, Permit
from permits.rules.commitments import entered

Facts = dict[str, Any]


async def granted(tx: asyncpg.Connection, office: Office, case: Case) -> Case:
    """The granted case with its part of the register, which is written now. Raises what the register raises."""
    facts = await WRITE[case.filing.writes](tx, office, case)
    return with_component(case, Component("work_permit", "granted", facts))


async def _grant(tx: asyncpg.Connection, office: Office, case: Case) -> Facts:
    made = await register.grant(tx, office.law, office.keys, _as_grant(case))
    decision = _decision(case)
    return {
        "permit_number": made.permit_number,
        "category": decision.category,
        "valid_from": str(decision.valid_from),
        "valid_until": str(decision.valid_until),
        "verification_code": made.verification_code,
        "licence": made.licence,
    }


def _as_grant(case: Case) -> Grant:
    holder, employer, work, decision = case.beneficiary, case.employer, case.employment, _decision(case)
    known: dict[str, Any] = {
        "category": decision.category,
        "valid_from": decision.valid_from,
        "valid_until": decision.valid_until,
        "nationality": holder.nationality,
        "sex": holder.sex,
        "birth_date": holder.birth_date,
        "passport_index": case.row.passport_index,
        "industry": employer.industry,
        "district": employer.district,
        "employer_code": employer.credit_code,
        "employer_name": employer.name,
        "position": work.position,
        "position_kind": work.position_kind,
    }
    return Grant(permit_kind=case.row.procedure, **_decided(case), **_names(case), **known)


def _names(case: Case) -> dict[str, Any]:
    names = ("surname", "given_names", "chinese_name")
    return {name: getattr(case.beneficiary, name) or "" for name in names}


async def _extend(tx: asyncpg.Connection, office: Office, case: Case) -> Facts:
    held, decision = _held(case), _decision(case)
    changes = {"valid_until": decision.valid_until, "effective": decision.valid_from}
    facts = {"category": decision.category or held.category}
    if case.last_event(EXTENDED_BY_LAW) is not None:
        return await _confirm(tx, office, case, facts, changes)
    return await _amend(tx, office, case, "extended", facts, changes)


async def _confirm(tx: asyncpg.Connection, office: Office, case: Case, facts: Facts, changes: Facts) -> Facts:
    """The decision on what the law extended before it (Art. 50): it stands, and what is new besides is a change."""
    now = await register.held(tx, case.row.region, _held(case).permit_id)
    if now.ended_on is not None:
        return _facts(now)
    last = changes["valid_until"] if changes["valid_until"] != now.valid_until else None
    same = last is None and facts["category"] == now.category
    same = same and register.names_of(office.keys, case.row.region, now) == Names(**_names(case))
    if same and not case.application.permit.former_passport_number:
        return _facts(now)
    return await _amend(tx, office, case, "changed", facts, {**changes, "valid_until": last})


async def _change(tx: asyncpg.Connection, office: Office, case: Case) -> Facts:
    held, work, decision = _held(case), case.employment, _decision(case)
    facts = {"category": decision.category or held.category, "employer_name": case.employer.name}
    if case.employment.circumstance == "change-of-position":
        facts |= {"position": work.position, "position_kind": work.position_kind}
    return await _amend(tx, office, case, "changed", facts, {"effective": decision.at.date()})


async def _replace(tx: asyncpg.Connection, office: Office, case: Case) -> Facts:
    return await _amend(tx, office, case, "replaced", {}, {"effective": _decision(case).at.date()})


async def _amend(
    tx: asyncpg.Connection, office: Office, case: Case, kind: AmendKind, facts: Facts, changes: Facts
) -> Facts:
    amendment = Amendment(
        **_decided(case),
        permit_id=_held(case).permit_id,
        kind=kind,
        facts={name: value for name, value in facts.items() if value},
        names=Names(**_names(case)),
        passport_index=case.row.passport_index,
        reasons=_decision(case).reasons or None,
        **changes,
    )
    return _facts(await register.amend(tx, office.law, office.keys, amendment))


def ends_on(case: Case, held: Held, today: dt.date) -> dt.date:
    """From which day on the permit no longer holds if its end is decided today: the day stated, within its own days."""
    day = case.application.permit.event_date or today
    return min(max(day, held.valid_from), held.valid_until)


async def _end(tx: asyncpg.Connection, office: Office, case: Case) -> Facts:
    held, decision = _held(case), _decision(case)
    ending = Ending(
        **_decided(case),
        permit_id=held.permit_id,
        effective=ends_on(case, held, decision.at.date()),
        kind=case.filing.ends_as,
        ground=case.employment.circumstance or "",
        reasons=decision.reasons,
    )
    ended = await register.end(tx, office.law, office.keys, ending)
    if ending.kind == "revoked" and (reason := entered(office.law, ending.ground, decision.at.date(), ending.region)):
        await credit.enter(tx, ending.region, held.employer_code, case.row.id, reason, decision.at)
    return _facts(ended)


def _facts(permit: Permit) -> Facts:
    facts = {
        "permit_number": permit.number,
        "category": permit.category,
        "valid_from": str(permit.valid_from),
        "valid_until": str(permit.valid_until),
        "verification_code": permit.verification_code,
        "licence": permit.licence,
    }
    return facts | ({"ended_on": str(permit.ended_on)} if permit.ended_on else {})


def _decided(case: Case) -> dict[str, Any]:
    decision = _decision(case)
    return {
        "region": case.row.region,
        "case_id": case.row.id,
        "case_number": case.row.number,
        "recorded": decision.at,
        "decider": decision.name,
        "decider_id": decision.by,
    }


def _decision(case: Case) -> Signed:
    assert case.row.decision is not None
    return case.row.decision


def _held(case: Case) -> Held:
    assert case.held is not None
    return case.held


WRITE: Mapping[Writes, Callable[[asyncpg.Connection, Office, Case], Awaitable[Facts]]] = {
    "grant": _grant,
    "extension": _extend,
    "change": _change,
    "replacement": _replace,
    "end": _end,
}
