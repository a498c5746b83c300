"""A paper answer in an agency's stead: two people, a scan, and the effect of the message it stands for."""

import hashlib
from typing import Any

import pytest

from permits.accounts.model import Account
from permits.cases.model import Case
from permits.db.ids import new_id
from permits.errors import BadInput, Conflict, Forbidden
from permits.files.model import Checked, Upload
from permits.routing import evidence, standing_in
from permits.routing.standing_in import StandIn
from tests.cases.samples import Desk, person
from tests.conftest import REGION
from tests.routing.bench import Bench

SCAN = b"%PDF-1.4 scan"


def scan() -> Upload:
    """A scan that was checked and stored."""
    digest = hashlib.sha256(SCAN).hexdigest()
    return Upload(new_id(), len(SCAN), Checked("答复.pdf", "pdf", "application/pdf", ".pdf", 1, 595, 842, digest, ()))


async def enter(
    bench: Bench, desk: Desk, kind: str, said: dict[str, Any], by: Account | None = None, **more: Any
) -> StandIn:
    """A clerk enters an answer of the police."""
    given: dict[str, Any] = {"reasons": "公安系统停用，纸质答复送达。", "scan": scan()} | more
    number = (await bench.case(desk)).row.number
    async with bench.database.transaction(REGION) as tx:
        return await standing_in.propose(
            tx, bench.office, by or desk.clerk, REGION, number, "police", kind, said, **given
        )


async def confirm(bench: Bench, entered: StandIn, by: Account) -> Case:
    """Somebody confirms it."""
    async with bench.database.transaction(REGION) as tx:
        case = await standing_in.confirm(tx, bench.office, by, REGION, entered.id)
    await bench.work_off()
    return case


GRANTED = {"number": "R1234567", "valid_until": "2028-03-01"}


async def test_a_paper_answer_takes_effect_once_another_person_confirms_it(bench: Bench) -> None:
    desk = await bench.until("granted")
    entered = await enter(bench, desk, "granted", GRANTED)
    assert (await bench.case(desk)).status("residence_permit") == "queued"
    assert entered.digest == hashlib.sha256(SCAN).hexdigest()
    with pytest.raises(Conflict):
        await confirm(bench, entered, desk.clerk)
    case = await confirm(bench, entered, desk.reviewer)
    residence = case.component("residence_permit")
    assert residence is not None
    assert (residence.status, residence.facts["number"]) == ("granted", "R1234567")
    assert case.timeline[-1].kind == "police-granted"
    assert case.timeline[-1].detail["on_paper"] is True
    async with bench.database.transaction(REGION) as tx:
        (proof,) = [entry for entry in await evidence.of_case(tx, REGION, case.row.id) if entry.direction == "in"]
    assert b'"outcome":"paper"' in proof.entry
    assert (await bench.out(desk, "approval-bureau"))[-1] == "ready-for-hand-out"
    with pytest.raises(Conflict):
        await confirm(bench, entered, person("clerk"))


async def test_an_answer_sent_back_has_no_effect_and_says_why(bench: Bench) -> None:
    desk = await bench.until("granted")
    entered = await enter(bench, desk, "granted", GRANTED)
    async with bench.database.transaction(REGION) as tx:
        with pytest.raises(BadInput):
            await standing_in.reject(tx, bench.office, desk.reviewer, REGION, entered.id, " ")
        await standing_in.reject(tx, bench.office, desk.reviewer, REGION, entered.id, "扫描件看不清。")
        (found,) = await standing_in.of_case(tx, REGION, entered.case_id)
    assert (found.state, found.why) == ("rejected", "扫描件看不清。")
    assert (await bench.case(desk)).status("residence_permit") == "queued"


async def test_everything_that_is_wrong_with_an_entry_is_named_at_once(bench: Bench) -> None:
    desk = await bench.until("accepted")
    with pytest.raises(BadInput) as wrong:
        await enter(bench, desk, "granted", {"number": "R1"}, reasons="", scan=None)
    assert {error.pointer for error in wrong.value.errors} == {"/granted", "/reasons", "/file"}
    with pytest.raises(BadInput) as wrong:
        await enter(bench, desk, "status", {})
    assert {error.pointer for error in wrong.value.errors} == {"/kind"}
    with pytest.raises(Forbidden):
        await enter(bench, desk, "granted", GRANTED, by=desk.employer)


async def test_what_was_entered_is_sealed_and_shown_only_to_staff_with_the_look_on_the_record(bench: Bench) -> None:
    desk = await bench.until("granted")
    entered = await enter(bench, desk, "granted", GRANTED)
    async with bench.database.transaction(REGION) as tx:
        assert b"R1234567" not in await tx.fetchval("SELECT body FROM stand_in")
        assert await standing_in.said(tx, bench.office, desk.reviewer, REGION, entered.id) == GRANTED
        looks = await tx.fetchval("SELECT count(*) FROM audit WHERE action = 'stand-in-look'")
        assert [one.id for one in await standing_in.waiting(tx, REGION)] == [entered.id]
    assert looks == 1
