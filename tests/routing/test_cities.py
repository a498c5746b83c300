"""The published joint procedures of Jiangmen, Beijing and Shanghai, and Taizhou's own, played from the law's data."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from permits.errors import BadInput
from permits.letters import facts
from permits.letters.about import About
from permits.office import Office
from permits.rules import law
from permits.rules.joint import JointProcedure, joint_procedure, offered
from permits.rules.law import Law
from tests.cases.samples import Desk
from tests.conftest import REGION
from tests.routing.bench import Bench, Writer

LAW = law.load()
CITIES = {"Taizhou": REGION, "Jiangmen": "440700", "Beijing": "110000", "Shanghai": "310000"}
TODAY = date(2026, 11, 24)


def as_in(region: str) -> Law:
    """Our law, with joint cases done here as they are done there."""
    there = joint_procedure(LAW, TODAY, region)
    assert there is not None
    return Law({**LAW.tables, JointProcedure: {"joint": (replace(there, region=REGION, effective_until=None),)}})


def bench_of(bench: Bench, city: str) -> Bench:
    """The same bench in a city that does joint cases as another."""
    return Bench(bench.database, Office(as_in(CITIES[city]), bench.office.keys))


async def bodies(bench: Bench, desk: Desk) -> dict[str, dict[str, Any]]:
    """What was made for the police, by kind."""
    return {e.kind: e.body for e in await bench.envelopes(desk) if e.schema.startswith("police")}


def test_each_of_the_four_is_dated_and_sourced_and_only_ours_is_unpublished() -> None:
    found = {city: joint_procedure(LAW, TODAY, region) for city, region in CITIES.items()}
    assert all(one is not None and one.source for one in found.values())
    assert {city for city, one in found.items() if one and "待确认" in one.source} == {"Taizhou"}
    assert joint_procedure(LAW, TODAY, "650100") is None


@pytest.mark.parametrize("city", ["Taizhou", "Beijing", "Shanghai"])
async def test_where_the_window_accepts_the_police_get_the_package_with_the_acceptance_and_the_decision_with_its_letter(
    bench: Bench, police: Writer, city: str
) -> None:
    there = bench_of(bench, city)
    desk = await there.until("submitted")
    assert await there.out(desk, "police") == []
    await there.act(desk, desk.clerk, "claim")
    number = (await there.act(desk, desk.clerk, "accept")).row.number
    assert await there.out(desk, "police") == ["review-package"]
    await there.act(desk, desk.reviewer, "claim")
    await there.act(desk, desk.reviewer, "recommend", outcome="grant", reasons="同意")
    await there.act(desk, desk.decider, "decide", outcome="grant", reasons="同意")
    assert (await bodies(there, desk))["permit-granted"]["decision"]["number"]
    assert "ready-for-hand-out" not in await there.out(desk, "approval-bureau")
    await police.write(number, 1, "granted", number="R1", valid_until="2028-03-01")
    await there.work_off()
    assert (await there.out(desk, "approval-bureau"))[-1] == "ready-for-hand-out"


async def test_in_jiangmen_the_police_have_the_package_before_the_visit_and_are_stopped_before_it_too(
    bench: Bench, police: Writer
) -> None:
    there = bench_of(bench, "Jiangmen")
    desk = await there.until("submitted")
    number = (await there.case(desk)).row.number
    assert await there.out(desk, "police") == ["review-package"]
    await police.write(number, 1, "received")
    await police.write(number, 2, "appointment", at="2026-12-01T09:30:00+08:00", place="出入境窗口")
    assert (await there.case(desk)).status("residence_permit") == "appointment"
    await there.act(desk, desk.clerk, "claim")
    await there.act(desk, desk.clerk, "accept")
    assert await there.out(desk, "police") == ["review-package"]
    assert await there.out(desk, "approval-bureau") == ["register"]
    await there.act(desk, desk.employer, "withdraw")
    assert await there.out(desk, "police") == ["review-package", "stop"]


async def test_in_jiangmen_a_withdrawal_before_the_visit_stops_the_police_and_tells_the_bureau_nothing(
    bench: Bench,
) -> None:
    there = bench_of(bench, "Jiangmen")
    desk = await there.until("submitted")
    await there.act(desk, desk.employer, "withdraw")
    assert await there.out(desk, "police") == ["review-package", "stop"]
    assert await there.out(desk, "approval-bureau") == []


@pytest.mark.parametrize(
    ("city", "item", "category", "on", "holds"),
    [
        ("Taizhou", "change", "C", TODAY, True),
        ("Taizhou", "cancel", "A", TODAY, False),
        ("Beijing", "extend", "C", TODAY, True),
        ("Beijing", "change", "A", TODAY, False),
        ("Beijing", "issue-in-china", "A", date(2023, 1, 31), False),
        ("Shanghai", "issue-in-china", "B", date(2022, 6, 1), False),
        ("Shanghai", "issue-in-china", "B", TODAY, True),
        ("Shanghai", "issue-in-china", "C", TODAY, False),
        ("Jiangmen", "issue-in-china", "C", date(2022, 8, 9), False),
        ("Jiangmen", "issue-in-china", "C", date(2022, 8, 10), True),
    ],
)
def test_what_may_be_filed_jointly_is_the_citys_by_item_category_and_day(
    city: str, item: str, category: str, on: date, holds: bool
) -> None:
    assert offered(LAW, item, category, on, CITIES[city]) is holds


async def test_a_joint_application_of_a_category_that_the_city_does_not_offer_is_refused_by_its_field(
    bench: Bench,
) -> None:
    there = joint_procedure(LAW, date(2020, 1, 1), "310000")
    assert there is not None
    only_a = replace(there, region=REGION, effective_until=None)
    office = Office(Law({**LAW.tables, JointProcedure: {"joint": (only_a,)}}), bench.office.keys)
    async with Bench(bench.database, office).desk() as desk:
        await desk.draft()
        with pytest.raises(BadInput) as refused:
            await desk.submit()
    assert "/joint" in {error.pointer for error in refused.value.errors}


async def test_corrections_of_both_sides_are_one_list_and_only_who_asked_is_told_again(
    bench: Bench, police: Writer
) -> None:
    desk = await bench.until("review")
    number = (await bench.case(desk)).row.number
    await police.write(number, 1, "received")
    await police.write(number, 2, "correction-wanted", items=[{"document": "photo", "text": "照片不清晰"}])
    items = [{"pointer": "/employment/position", "text": "岗位写得不具体"}]
    await bench.act(desk, desk.reviewer, "request-correction", items=items)
    listed = (await bench.case(desk)).corrections
    assert {(c.asker, c.pointer or c.document) for c in listed if c.answered_at is None} == {
        ("police", "photo"),
        ("office", "/employment/position"),
    }
    case = await bench.case(desk)
    asked = next(e for e in case.timeline if e.kind == "correction-requested")
    letter = facts.correction(About(case, asked, LAW, True, "http://127.0.0.1", ""), "1")
    assert [(item.asked_by.en, item.wanted) for item in letter.items] == [
        (facts.ASKERS["police"].en, "照片不清晰"),
        (facts.ASKERS["office"].en, "岗位写得不具体"),
    ]
    office_item = next(str(c.id) for c in listed if c.asker == "office")
    await bench.act(desk, desk.employer, "correct", answers=[{"item": office_item, "text": "已写明"}])
    assert "correction-supplied" not in await bench.out(desk, "police")
    police_item = next(str(c.id) for c in listed if c.asker == "police")
    await bench.act(desk, desk.employer, "correct", answers=[{"item": police_item, "text": "已换照片"}])
    assert await bench.out(desk, "police") == ["review-package", "correction-supplied"]
    answers = (await bodies(bench, desk))["correction-supplied"]["answers"]
    assert answers == [{"item": "photo", "text": "已换照片"}]
