"""Use cases of a case, on a real database."""

import datetime as dt

import msgspec
import pytest

from permits.cases import drafting
from permits.cases.application import Application
from permits.decoding import convert
from permits.errors import BadInput, Conflict, Forbidden, NotFound
from permits.rules.mrz_writing import mrz_td3
from tests.cases.samples import Desk, application, person


async def test_the_straight_way_leads_from_draft_to_a_permit(desk: Desk) -> None:
    case = await desk.until("granted")
    assert case.row.state == "granted"
    permit = case.component("work_permit")
    assert permit is not None
    assert permit.facts["permit_number"]
    kinds = [event.kind for event in case.timeline]
    assert kinds == ["drafted", "submitted", "claimed", "accepted", "claimed", "recommended", "granted"]


async def test_submitting_twice_with_one_key_gives_the_same_answer(desk: Desk) -> None:
    await desk.draft()
    first = await desk.submit("key", b"1")
    assert await desk.submit("key", b"1") == first
    assert msgspec.json.decode(first.body)["state"] == "submitted"
    with pytest.raises(Conflict):
        await desk.submit("key", b"2")


async def test_a_second_open_case_of_the_same_passport_is_refused_with_its_number(desk: Desk) -> None:
    first = await desk.until("submitted")
    await desk.draft()
    with pytest.raises(Conflict) as refused:
        await desk.submit()
    assert refused.value.extra["number"] == first.row.number


async def test_a_draft_that_lacks_fields_names_each_at_submit(desk: Desk) -> None:
    case = await desk.draft()
    patch = {"employment": {"position": None, "annual_salary_cny": None}, "beneficiary": {"education": None}}
    await drafting.amend(desk.tx, desk.office, desk.employer, "321200", case.row.number, patch, case.row.version)
    with pytest.raises(BadInput) as refused:
        await desk.submit()
    pointers = {error.pointer for error in refused.value.errors}
    assert {"/employment/position", "/employment/annual_salary_cny", "/beneficiary/education"} <= pointers


async def test_who_recommended_may_not_decide(desk: Desk) -> None:
    await desk.until("recommended")
    both = person("reviewer", "decider")
    desk.reviewer = both
    await desk.act(desk.decider, "return", reasons="再看")
    await desk.act(both, "claim")
    await desk.act(both, "recommend", outcome="grant", reasons="同意")
    with pytest.raises(Conflict) as refused:
        await desk.act(both, "decide", outcome="grant")
    assert "另一人" in refused.value.detail.zh


async def test_a_refusal_needs_legal_clearance_and_stops_the_police(desk: Desk) -> None:
    await desk.until("review")
    await desk.act(desk.reviewer, "recommend", outcome="refuse", reasons="材料不实")
    with pytest.raises(Conflict):
        await desk.act(desk.decider, "decide", outcome="refuse")
    await desk.act(desk.legal, "clear", opinion="同意", cleared=True)
    case = await desk.act(desk.decider, "decide", outcome="refuse", reasons="材料不实")
    assert (case.row.state, case.status("residence_permit")) == ("refused", "stopped")


async def test_a_second_clerk_is_told_who_holds_the_case(desk: Desk) -> None:
    await desk.until("submitted")
    await desk.act(desk.clerk, "claim")
    other = person("clerk")
    with pytest.raises(Conflict) as refused:
        await desk.act(other, "accept")
    assert refused.value.extra["holder"]
    taken = await desk.act(other, "claim", take_over="同事请病假")
    assert taken.row.claim is not None
    assert taken.row.claim.by == other.id


async def test_a_correction_locks_all_but_what_was_asked_for(desk: Desk) -> None:
    await desk.until("submitted")
    await desk.act(desk.clerk, "claim")
    case = await desk.act(
        desk.clerk, "request-correction", items=[{"pointer": "/employment/annual_salary_cny", "text": "与合同不一致"}]
    )
    amend = (desk.tx, desk.office, desk.employer, "321200", case.row.number)
    with pytest.raises(Conflict):
        await drafting.amend(*amend, {"employment": {"position": "别的"}}, case.row.version)
    case = await drafting.amend(*amend, {"employment": {"annual_salary_cny": 300000}}, case.row.version)
    answers = [{"item": str(case.corrections[0].id), "text": "已更正"}]
    case = await desk.act(desk.employer, "correct", answers=answers)
    assert case.row.state == "submitted"
    assert [c.round for c in case.clocks if c.state == "running"] == [2, 2, 2]


@pytest.mark.parametrize("way", ["its number", "its field"])
async def test_an_item_is_answered_by_its_number_or_its_field_and_the_others_wait(desk: Desk, way: str) -> None:
    await desk.until("submitted")
    await desk.act(desk.clerk, "claim")
    items = [{"pointer": "/employment/position", "text": "请写全"}, {"document": "contract", "text": "缺印章"}]
    await desk.act(desk.clerk, "request-correction", items=items)
    first, second = (1, 0) if way == "its number" else ("contract", "/employment/position")
    case = await desk.act(desk.employer, "correct", answers=[{"item": first, "text": "已补"}])
    assert [c.answer for c in case.corrections] == [None, "已补"]
    with pytest.raises(BadInput):
        await desk.act(desk.employer, "correct", answers=[{"item": first, "text": "再补"}])
    case = await desk.act(desk.employer, "correct", answers=[{"item": second, "text": "已改"}])
    assert case.row.state == "submitted"


async def test_strangers_do_not_learn_of_a_case(desk: Desk) -> None:
    await desk.until("submitted")
    with pytest.raises(NotFound):
        await desk.look(person("employer"))
    with pytest.raises(Forbidden):
        await desk.act(person("manager"), "accept")


async def test_a_suspension_stops_the_clocks_and_resuming_moves_them(desk: Desk) -> None:
    case = await desk.until("review")
    due = case.row.legal_due
    case = await desk.act(
        desk.reviewer, "suspend", procedure="expert-review", expected_working_days=5, reasons="专家评审"
    )
    assert {c.state for c in case.clocks if c.step == "decision"} == {"paused"}
    assert case.row.due is None
    case = await desk.act(desk.reviewer, "resume")
    assert case.row.legal_due == due


async def test_a_zone_whose_number_is_out_of_bounds_is_refused_and_nothing_is_saved(desk: Desk) -> None:
    body = application(3)
    zone = mrz_td3(
        "MUSTER", "LENA", issuer="DEU", nationality="DEU", number="X1", birth=dt.date(1990, 1, 1), sex="F",
        expiry=dt.date(2031, 1, 1),
    )  # fmt: skip
    body["beneficiary"] = {"mrz": list(zone)}
    with pytest.raises(BadInput) as refused:
        await drafting.begin(desk.tx, desk.office, desk.employer, convert(body, Application), "321200")
    assert [error.pointer for error in refused.value.errors] == ["/beneficiary/passport_number"]
