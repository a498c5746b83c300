"""Extended, changed, cancelled through cases: read from the register what is known, in time, one version each."""

import datetime as dt
from typing import Any

import asyncpg
import pytest

from permits import clock
from permits.cases import cautions, deadlines, drafting, holding
from permits.cases.application import Application
from permits.cases.model import Case
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.decoding import convert
from permits.errors import BadInput
from permits.office import Office
from permits.register import service as register
from permits.register.model import RegisterEntry
from tests.cases.samples import REGION, Desk, application, person

DAY = dt.timedelta(days=1)
CONTACT = {"contact_name": "样例", "contact_phone": "13800000000", "contact_email": "agent@example.com"}


async def held(desk: Desk, days: int = 60) -> str:
    """The number of a permit that runs so many days more, granted in a case of the desk's employer."""
    desk.given = application(desk.seed, contract_end=str(clock.today() + days * DAY)) | {"joint": False}
    case = await desk.until("granted")
    part = case.component("work_permit")
    assert part
    return str(part.facts["permit_number"])


def extension(number: str, **changes: Any) -> dict[str, Any]:
    """All that whoever filed the permit's case says to extend it."""
    today = clock.today()
    work = {"contract_start": str(today), "contract_end": str(today + 500 * DAY)}
    return {"procedure": "extend", "employer": CONTACT, "employment": work, "permit": {"number": number}} | changes


def cancellation(number: str, **changes: Any) -> dict[str, Any]:
    """The same to cancel it."""
    said = {"number": number, "event_date": str(clock.today() - 3 * DAY)}
    work = {"circumstance": "employment-ended"}
    return {"procedure": "cancel", "employer": CONTACT, "employment": work, "permit": said} | changes


async def entry(tx: asyncpg.Connection, keys: Keys, number: str) -> RegisterEntry:
    return await register.permit_by_number(tx, keys, REGION, number, clock.today())


async def wrong(desk: Desk) -> set[str]:
    """What submitting complains about."""
    with pytest.raises(BadInput) as refused:
        await desk.submit()
    return {error.pointer for error in refused.value.errors}


async def test_whoever_filed_the_permit_is_asked_only_what_is_new(desk: Desk, keys: Keys) -> None:
    number = await held(desk)
    desk.given = extension(number)
    case = await desk.until("draft")
    assert (case.employer.credit_code, case.employment.position) != (None, None)
    assert (case.beneficiary.surname, case.beneficiary.passport_number is None) == ("SPECIMENOV", False)
    assert case.beneficiary.birth_date is not None
    assert {d.kind: d.status for d in desk.seen(case).documents}["current-permit"] == "on-register"


async def test_an_extension_goes_from_draft_to_a_new_version_with_the_same_number(desk: Desk, keys: Keys) -> None:
    number = await held(desk)
    desk.given = extension(number)
    case = await desk.until("granted")
    part = case.component("work_permit")
    assert part
    assert part.facts["permit_number"] == number
    found = await entry(desk.tx, keys, number)
    assert len(found.permits) == 1
    assert [v.kind for v in found.permits[0].history] == ["granted", "extended"]
    until = clock.today() + 500 * DAY
    assert (found.permits[0].valid_until, found.permits[0].history[1].case_number) == (until, case.row.number)
    assert found.permits[0].history[1].effective == clock.today() + 61 * DAY
    assert found.permits[0].history[1].decider == desk.decider.name


@pytest.mark.parametrize(("days", "pointers"), [(200, {"/permit/number"}), (20, {"/permit/number"}), (60, set())])
async def test_an_extension_is_filed_from_90_to_30_days_before_the_end(
    desk: Desk, days: int, pointers: set[str]
) -> None:
    number = await held(desk, days)
    desk.given = extension(number)
    await desk.draft()
    assert (await wrong(desk) if pointers else (await desk.submit(), set())[1]) == pointers


async def test_another_employer_position_or_nationality_is_no_extension(desk: Desk) -> None:
    number = await held(desk)
    other = application(9)["employer"]["credit_code"]
    desk.given = extension(number, beneficiary={"nationality": "FRA"}, employer=CONTACT | {"credit_code": other})
    desk.given["employment"]["position"] = "销售经理"
    await desk.draft()
    assert {"/employer/credit_code", "/beneficiary/nationality", "/employment/position"} <= await wrong(desk)


async def test_who_filed_no_case_of_it_names_the_passport_beside_the_number(desk: Desk, office: Office) -> None:
    number, stranger = await held(desk), person("employer")
    passport = application(desk.seed)["beneficiary"]["passport_number"]

    async def begin(**holder: str) -> Case:
        asked = convert(extension(number, beneficiary=holder), Application)
        return await drafting.begin(desk.tx, office, stranger, asked, REGION)

    bare = await begin()
    assert (bare.held, bare.beneficiary.surname, bare.employer.name) == (None, None, None)
    with pytest.raises(BadInput) as refused:
        await begin(passport_number="X0000000", nationality="DEU")
    assert [error.pointer for error in refused.value.errors] == ["/permit/number"]
    proved = await begin(passport_number=passport, nationality="DEU")
    assert (proved.beneficiary.surname, proved.held is None) == ("SPECIMENOV", False)
    assert proved.employment.annual_salary_cny is None


async def test_silence_until_the_permit_ends_is_a_fact_that_is_shown(desk: Desk, office: Office) -> None:
    number = await held(desk)
    desk.given = extension(number)
    case = await desk.until("review")
    found = cautions.pending(case, office.law)
    assert found is not None
    assert (found.last_day, found.state(clock.today())) == (clock.today() + 60 * DAY, "quiet")
    assert found.state(clock.today() + 61 * DAY) == "happened"
    seen = desk.seen(case).silence
    assert seen
    assert seen.happens_on == clock.today() + 61 * DAY


async def test_the_permit_tells_of_its_undecided_extension_and_what_silence_means(desk: Desk, keys: Keys) -> None:
    number = await held(desk)
    desk.given = extension(number)
    await desk.until("review")
    permit = (await entry(desk.tx, keys, number)).permits[0]
    (found,) = await holding.pending(desk.tx, desk.office, REGION, permit)
    assert (found.number, found.procedure) == (desk.number, "extend")
    assert found.silence
    assert found.silence.happens_on == clock.today() + 61 * DAY
    await desk.act(desk.reviewer, "recommend", outcome="grant", reasons="同意")
    await desk.act(desk.decider, "decide", outcome="grant")
    assert await holding.pending(desk.tx, desk.office, REGION, permit) == []


async def test_the_permit_on_a_passport_is_found_for_whoever_filed_it_and_for_nobody_else(desk: Desk) -> None:
    number = await held(desk)
    known = application(desk.seed)["beneficiary"]
    holder = {name: known[name] for name in ("passport_number", "nationality")}
    desk.given = extension(number, beneficiary=holder) | {"permit": {}}
    case = await desk.draft()
    assert (case.application.permit.number, case.held is not None) == (number, True)
    desk.employer = person("employer")
    stranger = await desk.draft()
    assert (stranger.application.permit.number, stranger.held, stranger.beneficiary.surname) == (None, None, None)


async def test_a_change_of_position_makes_a_version_and_keeps_the_last_day(desk: Desk, keys: Keys) -> None:
    number = await held(desk)
    work = {"circumstance": "change-of-position", "position": "首席科学家", "position_kind": "managerial",
            "occupation": "2-02"}  # fmt: skip
    said = {"number": number, "event_date": str(clock.today() - DAY)}
    desk.given = {"procedure": "change", "employer": CONTACT, "employment": work, "permit": said}
    await desk.until("granted")
    permit = (await entry(desk.tx, keys, number)).permits[0]
    assert [v.kind for v in permit.history] == ["granted", "changed"]
    assert (permit.position, permit.valid_until) == ("首席科学家", clock.today() + 60 * DAY)


async def test_a_new_passport_is_a_change_and_leads_to_the_same_person_afterwards(desk: Desk, keys: Keys) -> None:
    number = await held(desk)
    old = application(desk.seed)["beneficiary"]["passport_number"]
    holder = {"passport_number": "N7654321", "passport_expiry": str(clock.today() + 3000 * DAY)}
    said = {"number": number, "event_date": str(clock.today()), "former_passport_number": old}
    desk.given = {
        "procedure": "change", "employer": CONTACT, "beneficiary": holder, "permit": said,
        "employment": {"circumstance": "change-of-passport"},
    }  # fmt: skip
    await desk.until("granted")
    desk.given = extension(number, beneficiary={"passport_number": "N7654321", "nationality": "DEU"})
    desk.employer = person("employer")
    assert (await desk.draft()).held is not None


async def test_a_cancellation_ends_the_permit_from_the_day_the_work_ended(desk: Desk, keys: Keys) -> None:
    number = await held(desk)
    desk.given = cancellation(number)
    await desk.until("granted")
    permit = (await entry(desk.tx, keys, number)).permits[0]
    # the permit began today: it cannot end before its first day
    assert (permit.status, permit.ended_on, permit.end_kind) == ("cancelled", clock.today(), "cancelled")
    assert permit.history[-1].ground == "employment-ended"


async def test_a_cancelled_permit_is_neither_extended_nor_cancelled_again(desk: Desk) -> None:
    number = await held(desk)
    desk.given = cancellation(number)
    await desk.until("granted")
    desk.given = extension(number)
    await desk.draft()
    assert "/permit/number" in await wrong(desk)


async def test_a_late_cancellation_is_taken_and_the_lateness_noted(desk: Desk) -> None:
    number = await held(desk)
    desk.given = cancellation(number, permit={"number": number, "event_date": str(clock.today() - 40 * DAY)})
    case = await desk.until("submitted")
    assert "late" in case.timeline[-1].detail


async def test_a_circumstance_of_another_item_is_refused(desk: Desk) -> None:
    desk.given = cancellation("321200000001X", employment={"circumstance": "family"})
    with pytest.raises(BadInput) as refused:
        await desk.draft()
    assert {"/employment/circumstance", "/permit/number"} == {error.pointer for error in refused.value.errors}


async def test_a_former_holders_papers_of_the_last_three_years_are_not_asked_for_again(desk: Desk) -> None:
    number = await held(desk)
    desk.given = application(desk.seed) | {"permit": {"number": number}}
    desk.given["employer"] = application(9)["employer"]
    wanted = {d.kind: d.status for d in desk.seen(await desk.draft(supply=False)).documents}
    assert {wanted[kind] for kind in ("experience", "degree", "no-criminal-record")} == {"on-register"}
    assert wanted["contract"] == "wanted"


async def test_silence_on_an_extension_filed_in_time_is_told_of_before_the_permit_ends(
    database: Database, office: Office
) -> None:
    async with database.transaction(REGION) as tx:
        desk = Desk(office, tx)
        desk.given = extension(await held(desk, 40))
        case = await desk.until("accepted")
    assert case.held
    last = case.held.valid_until
    near = cautions.pending(case, office.law)
    assert near
    assert (near.kind, near.last_day, near.counts_from) == ("extension", last, last + DAY)
    for day, raised in ((near.raise_on - DAY, 0), (near.raise_on, 1), (last, 0), (last + DAY, 1), (last + 3 * DAY, 0)):
        moment = dt.datetime.combine(day, dt.time(9), clock.CITY)
        clock.set_offset((moment - clock.machine_now()).total_seconds())
        assert (await deadlines.sweep(database, office, REGION)).raised == raised, day


def reissue(number: str) -> dict[str, Any]:
    """The same to have a card reissued."""
    return {"procedure": "replace", "employer": CONTACT, "permit": {"number": number}}


async def test_a_card_is_reissued_as_an_electronic_permit_of_the_same_validity(desk: Desk, keys: Keys) -> None:
    today = dt.date(2024, 11, 25)
    clock.set_offset((dt.datetime.combine(today, dt.time(9), clock.CITY) - clock.machine_now()).total_seconds())
    try:
        number = await held(desk)
        before = (await entry(desk.tx, keys, number)).permits[0]
        clock.set_offset((clock.offset() + 10 * DAY).total_seconds())
        desk.given = reissue(number)
        case = await desk.until("granted")
    finally:
        clock.set_offset(0)
    after = (await entry(desk.tx, keys, number)).permits[0]
    assert [(v.kind, v.case_number) for v in after.history[1:]] == [("replaced", case.row.number)]
    assert (after.valid_until, after.verification_code) == (before.valid_until, before.verification_code)
    old, new = (str(one.licence).split(".") for one in (before, after))
    assert (old[-4:-2], new[-2], old[-2]) == (new[-4:-2], "002", "001")


async def test_what_is_electronic_already_is_not_reissued(desk: Desk) -> None:
    desk.given = reissue(await held(desk))
    await desk.draft()
    assert await wrong(desk) == {"/permit/number"}


async def test_a_new_passport_is_another_number_than_the_former(desk: Desk) -> None:
    number = await held(desk)
    passport = (await desk.look(desk.employer)).beneficiary.passport_number
    said = {"number": number, "event_date": str(clock.today()), "former_passport_number": passport}
    work = {"circumstance": "change-of-passport"}
    desk.given = {"procedure": "change", "employer": CONTACT, "employment": work, "permit": said}
    await desk.draft()
    assert await wrong(desk) == {"/beneficiary/passport_number"}


@pytest.mark.parametrize(
    ("circumstance", "field"),
    [
        ("change-of-position", "employment/position"),
        ("change-of-name", "beneficiary/surname"),
        ("change-of-passport", "beneficiary/passport_number"),
    ],
)
async def test_a_change_that_changes_nothing_is_none(desk: Desk, circumstance: str, field: str) -> None:
    said = {"number": await held(desk), "event_date": str(clock.today())}
    if circumstance == "change-of-passport":
        said["former_passport_number"] = "N0000001"
    desk.given = {
        "procedure": "change", "employer": CONTACT, "permit": said, "employment": {"circumstance": circumstance},
    }  # fmt: skip
    await desk.draft()
    assert await wrong(desk) == {f"/{field}"}
    desk.given["beneficiary"] = {"surname": "MUSTERFELD", "given_names": "DANUTA", "passport_number": "N7654321"}
    desk.given["employment"]["position"] = "首席科学家"
    await desk.draft()
    await desk.submit()
