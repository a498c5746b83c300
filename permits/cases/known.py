"""What the office knows already is read, not asked: the permit an application names, its holder, employer and papers.

An agent learns of a permit only what is theirs: they filed one of its cases, or name its holder's passport beside it.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any, NamedTuple

import asyncpg
import msgspec
from msgspec.structs import replace

from permits.accounts.model import Account
from permits.cases import queues, sealing, store
from permits.cases.application import Application
from permits.cases.filing import FILINGS
from permits.cases.model import Case, Held
from permits.cases.permit_checks import IN_FORCE
from permits.clock import CITY
from permits.errors import FieldError
from permits.i18n import Text
from permits.office import Office
from permits.register import service as register
from permits.register import store as kept
from permits.register.model import RegisteredPermit, RegisterEntry
from permits.rules.law import Law, NoRule
from permits.rules.validity import anniversary

UNKNOWN = Text("登记簿上没有这个许可编号，请对照许可。", "The register has no such number; compare it with the permit.")
NOT_THEIRS = Text(
    "许可编号和护照对不上：请填发许可时用的护照号，换了护照的另填原护照号。",
    "Number and passport do not belong together: give the passport the permit was granted on, or the former one.",
)
NOT_ABOUT_A_PERMIT = Text("这个事项不用填许可编号。", "This procedure is about no permit held.")
FROM_THE_REGISTER = {
    "employer": {"credit_code": "employer_code", "name": "employer_name", "industry": "industry",
                 "district": "district"},
    "beneficiary": {"sex": "sex", "nationality": "nationality"},
    "employment": {"position": "position", "position_kind": "position_kind"},
}  # fmt: skip
"""Fields of an application and the facts of the register that answer them."""
FROM_THE_LAST_CASE = {
    "employer": ("contact_name", "contact_phone", "contact_email"),
    "beneficiary": ("passport_number", "passport_expiry", "education", "chinese", "visa_type", "entry_date",
                    "residence_permit_number", "residence_permit_expiry"),
    "employment": ("occupation", "place", "annual_salary_cny", "months_per_year", "other", "grounds", "local_bonus"),
}  # fmt: skip
"""Fields that the last case of the permit answers, for whoever filed it."""

ISSUING = ("granted", "extended", "changed", "replaced")
"""Versions of a permit that are issued anew."""


class Known(NamedTuple):
    """An application with what is known filled in, and the permit it is about as the register has it."""

    application: Application
    held: Held | None
    problems: tuple[FieldError, ...] = ()


async def read(
    tx: asyncpg.Connection, office: Office, account: Account, region: str, application: Application, today: dt.date
) -> Known:
    """The application with all that the register knows of the permit it names, or of the one its asker filed before."""
    filing = FILINGS.get(application.procedure)
    if application.permit.number is None and filing is not None and filing.permit == "must":
        application = await _numbered(tx, office, account, region, application, today)
    number = application.permit.number
    if number is None or filing is None:
        return Known(application, None)
    if filing.permit == "none":
        return Known(application, None, (FieldError("/permit/number", NOT_ABOUT_A_PERMIT),))
    permits = await kept.by_number(tx, region, number.strip().upper())
    if not permits:
        return Known(application, None, (FieldError("/permit/number", UNKNOWN),))
    entry = await register.permit_by_number(tx, office.keys, region, number, today)
    filed = await _filed(tx, account, region, entry)
    proved = await _proved(tx, office, region, application, permits[0].person_id)
    if not (filed or proved):
        told = application.beneficiary.passport_number is not None
        return Known(application, None, (FieldError("/permit/number", NOT_THEIRS),) if told else ())
    return await _known(tx, office, region, application, entry, today, filed)


async def _numbered(
    tx: asyncpg.Connection, office: Office, account: Account, region: str, application: Application, today: dt.date
) -> Application:
    """The application with the number of the permit on its passport, where the asker filed a case of that person."""
    index = sealing.passport_index(application, office.keys)
    holders = await kept.lock_by_passport(tx, region, [index]) if index else []
    if len(holders) != 1 or not await kept.by_number(tx, region, holders[0].number):
        return application
    entry = await register.permit_by_number(tx, office.keys, region, holders[0].number, today)
    if not await _filed(tx, account, region, entry):
        return application
    return replace(application, permit=replace(application.permit, number=entry.number))


async def _filed(tx: asyncpg.Connection, account: Account, region: str, entry: RegisterEntry) -> bool:
    cases = {version.case_id for permit in entry.permits for version in permit.history}
    return await queues.filed_any(tx, region, account.id, cases)


async def _proved(
    tx: asyncpg.Connection, office: Office, region: str, application: Application, person_id: uuid.UUID
) -> bool:
    """Whether the application names a passport that the register knows the holder by."""
    former = application.permit.former_passport_number
    given = [sealing.passport_index(application, office.keys)]
    if former:
        old = replace(application, beneficiary=replace(application.beneficiary, passport_number=former))
        given.append(sealing.passport_index(old, office.keys))
    known = await kept.documents_of(tx, region, person_id)
    return any(index in known for index in given if index)


def _meant(application: Application, entry: RegisterEntry) -> RegisteredPermit:
    """Of several permits the one in force, with this employer where it is named."""
    running = [one for one in entry.permits if one.status in ("valid", "not-yet-valid")] or [entry.permits[-1]]
    employer = application.employer.credit_code
    return next((one for one in reversed(running) if one.employer_code == employer), running[-1])


async def _known(
    tx: asyncpg.Connection, office: Office, region: str, application: Application, entry: RegisterEntry, today: dt.date,
    filed: bool,
) -> Known:  # fmt: skip
    permit = _meant(application, entry)
    last = await last_case(tx, office, region, entry) if filed else None
    if FILINGS[application.procedure].writes == "grant":  # another employer may apply, for other work
        birth = await register.birth_date(tx, office.keys, region, permit.person_id)
        told = {"beneficiary": _register_says(permit, entry, birth)["beneficiary"]}
        full = _filled(application, _together(told, _last_case_says(last, today) if last else {}))
    else:
        full = await of_register(tx, office, region, application, entry, permit, last, today)
    held = await held_of(tx, office, region, entry, permit, today)
    return Known(full, await _compared(tx, office, region, held, full, entry, permit.person_id))


async def _compared(
    tx: asyncpg.Connection, office: Office, region: str, held: Held, application: Application, entry: RegisterEntry,
    person_id: uuid.UUID,
) -> Held:  # fmt: skip
    """The permit held, with what of its holder the application says as the register has it."""
    holder, names = application.beneficiary, msgspec.structs.asdict(entry.names)
    same = all((getattr(holder, name) or "") == value for name, value in names.items())
    known = await kept.documents_of(tx, region, person_id)
    return replace(held, same_names=same, same_passport=sealing.passport_index(application, office.keys) in known)


async def of_register(
    tx: asyncpg.Connection, office: Office, region: str, application: Application, entry: RegisterEntry,
    permit: RegisteredPermit, last: Case | None, today: dt.date,
) -> Application:  # fmt: skip
    """The application with what the register says of a permit, and the last of its cases where it is given."""
    birth = await register.birth_date(tx, office.keys, region, permit.person_id)
    told = _register_says(permit, entry, birth)
    return _filled(application, _together(told, _last_case_says(last, today) if last else {}))


async def last_case(tx: asyncpg.Connection, office: Office, region: str, entry: RegisterEntry) -> Case | None:
    """The latest of the cases in which a person's permits were decided."""
    found = await store.by_ids(tx, office.keys, region, _case_ids(entry))
    return found[-1] if found else None


async def held_of(
    tx: asyncpg.Connection, office: Office, region: str, entry: RegisterEntry, permit: RegisteredPermit, today: dt.date
) -> Held:
    """A permit as a case about it keeps it."""
    cases = await store.by_ids(tx, office.keys, region, _case_ids(entry))
    years = office.law.setting("document.kept_years", on=today, region=region).value
    return Held(
        permit_id=permit.id,
        number=entry.number,
        version=permit.version,
        status=permit.end_kind or permit.status,  # one whose end is registered for a day to come has ended
        category=permit.category,
        valid_from=permit.valid_from,
        valid_until=permit.valid_until,
        employer_code=permit.employer_code,
        nationality=permit.nationality,
        position=permit.position,
        documents=sorted(_kept(cases, anniversary(today, -years))),
        card=is_card(office.law, region, permit),
    )


def is_card(law: Law, region: str, permit: RegisteredPermit) -> bool:
    """Whether a permit in force is a plastic card: issued as one, it stays one until it is issued anew (不变不换)."""
    if permit.status not in IN_FORCE:
        return False
    last = next((one for one in reversed(permit.history) if one.kind in ISSUING), None)
    on = last.recorded.astimezone(CITY).date() if last else permit.valid_from
    try:
        return bool(law.setting("permit.plastic_card", on=on, region=region).value)
    except NoRule:
        return False


def _case_ids(entry: RegisterEntry) -> list[uuid.UUID]:
    found = (version.case_id for permit in entry.permits for version in permit.history)
    return [case_id for case_id in dict.fromkeys(found) if case_id]


def _kept(cases: Iterable[Case], since: dt.date) -> set[str]:
    """The kinds of documents that were handed in since a day and are not asked for again."""
    papers = (paper for case in cases for paper in case.documents)
    return {paper.kind for paper in papers if paper.received_at and paper.received_at.date() >= since}


Told = dict[str, dict[str, Any]]


def _register_says(permit: RegisteredPermit, entry: RegisterEntry, birth: dt.date) -> Told:
    names = {name: value or None for name, value in msgspec.structs.asdict(entry.names).items()}
    told: Told = {
        part: {name: getattr(permit, fact) for name, fact in facts.items()} for part, facts in FROM_THE_REGISTER.items()
    }
    told["beneficiary"] |= names | {"birth_date": birth}
    return told


def _last_case_says(case: Case, today: dt.date) -> Told:
    """What was said before and still holds; experience grows by the years that went by."""
    told: Told = {
        part: {name: getattr(getattr(case, part), name) for name in names} for part, names in FROM_THE_LAST_CASE.items()
    }
    since, years = case.row.submitted_at, case.employment.experience_years
    if since and years is not None:
        told["employment"]["experience_years"] = years + (today - since.date()).days // 365
    for name in ("passport_expiry", "residence_permit_expiry"):
        day = told["beneficiary"][name]
        if day and day <= today:
            told["beneficiary"][name] = None
    return told


def _together(first: Told, then: Told) -> Told:
    parts = {*first, *then}
    return {part: then.get(part, {}) | first.get(part, {}) for part in parts}


def _filled(application: Application, told: Told) -> Application:
    """The application with what is known where nothing was said."""
    parts = {}
    for part, facts in told.items():
        said = getattr(application, part)
        fresh = {name: value for name, value in facts.items() if value is not None and getattr(said, name) is None}
        parts[part] = replace(said, **fresh)
    return replace(application, **parts)
