"""The lists of the desks: what they hold, how they are narrowed, how a case is taken from them and found."""

import datetime as dt
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from permits import clock
from permits.cases import desk, lifecycle
from permits.cases.desk import Asker, Filter
from permits.db.crypto import Keys
from permits.db.database import Database
from tests.cases.samples import REGION
from tests.web.desks import Town, town_of, words
from tests.web.shapes import shape

STATES = ("submitted", "accepted", "review", "recommended", "granted", "refused")


@pytest.fixture
async def town(database: Database, keys: Keys, tmp_path: Path) -> AsyncIterator[Town]:
    """The office with its people."""
    async with town_of(database, keys, tmp_path) as found:
        yield found


def rows(html: str) -> int:
    return html.count('class="ow-code" href=')


def asker(town: Town) -> Asker:
    now = clock.now()
    return Asker(REGION, town.people["clerk"].id, now, now.date())


async def test_every_figure_is_the_length_of_the_list_behind_it(town: Town) -> None:
    for state in STATES:
        number = await town.case(state, "refuse" if state == "refused" else "grant")
    await town.act("clerk", number, "close")
    clerk = await town.enter("clerk")
    shown = "".join([(await clerk.get(f"/window/?queue={name}")).text for name in ("all", "ended")])
    lines = re.findall(r'href="(/window/\?[^"]+)"[^>]*><span>[^<]*</span><span>(\d+)</span>', shown)
    assert len(lines) > 15
    for href, figure in lines:
        behind = (await clerk.get(href.replace("&amp;", "&"))).text
        assert rows(behind) == int(figure), href


async def test_whose_turn_it_is_is_the_same_in_the_list_and_in_the_lifecycle(town: Town) -> None:
    for state in STATES:
        number = await town.case(state, "refuse" if state == "refused" else "grant")
    number = await town.case("submitted")
    await town.act("clerk", number, "claim")
    await town.act("clerk", number, "request-correction", items=[{"document": "contract", "text": "缺页"}])
    async with town.database.transaction(REGION) as tx:
        found = await desk.rows(tx, town.office.keys, asker(town), Filter())
    assert len(found) == len(STATES) + 1
    for one in found:
        assert one.waiting == lifecycle.waiting_on(await town.look(one.line.number)), one.line.state


async def test_pages_follow_one_another_without_gap_or_repetition(town: Town) -> None:
    numbers = {await town.case(state) for state in ("submitted", "accepted", "submitted", "review", "submitted")}
    seen: list[str] = []
    after = None
    async with town.database.transaction(REGION) as tx:
        for _ in range(3):
            found = await desk.rows(tx, town.office.keys, asker(town), Filter(), after=after, size=2)
            seen += [one.line.number for one in found]
            after = desk.place(found[-1].line)
    assert len(seen) == len(numbers)
    assert set(seen) == numbers


async def test_the_most_urgent_case_is_claimed_by_one_click(town: Town) -> None:
    clock.set_offset(-3 * 86400)
    older = await town.case()
    clock.set_offset(0)
    await town.case()
    clerk = await town.enter("clerk")
    shown = await clerk.click("/window/claim-next")
    assert older in shown.text
    assert "您认领于" in shown.text
    colleague = await town.enter("colleague")
    assert older not in (await colleague.click("/window/claim-next")).text


@pytest.mark.parametrize(("days", "in_queue", "in_case"), [
    (0, "", ""), (6, "将视为受理", "不答复，自收到申请材料之日"), (12, "已视为受理", "没有答复，自收到申请材料之日"),
])  # fmt: skip
async def test_the_queue_and_the_case_say_what_silence_means_before_it_does(
    town: Town, days: int, in_queue: str, in_case: str
) -> None:
    monday = dt.datetime(2026, 6, 1, 9, tzinfo=clock.CITY)
    clock.set_offset((monday - clock.machine_now()).total_seconds())
    number = await town.case()
    clock.set_offset((monday + dt.timedelta(days=days) - clock.machine_now()).total_seconds())
    clerk = await town.enter("clerk")
    queue, case = [words((await clerk.get(path)).text) for path in ("/window/?queue=all", f"/window/{number}")]
    marks = [mark for mark in ("将视为受理", "已视为受理") if mark in queue]
    assert marks == ([in_queue] if in_queue else [])
    assert ("自收到申请材料之日" in case) == bool(in_case)
    assert in_case in case


async def test_several_are_taken_at_once_and_each_says_what_became_of_it(town: Town) -> None:
    mine, taken = await town.case(), await town.case()
    await town.act("colleague", taken, "claim")
    clerk = await town.enter("clerk")
    shown = words((await clerk.post("/window/selected", do="claim", case=[mine, taken])).text)
    assert f"{mine} 已认领" in shown
    assert re.search(rf"{taken} colleague（虚构） 自 .* 起认领了这件", shown)


async def test_an_empty_list_says_so_and_what_to_do(town: Town) -> None:
    clerk = await town.enter("clerk")
    shown = words((await clerk.get("/window/?queue=mine")).text)
    assert "这里没有案件" in shown
    assert "认领最急的一件" in shown


async def test_without_a_wish_one_sees_the_first_list_in_which_something_lies(town: Town) -> None:
    number = await town.case()
    clerk = await town.enter("clerk")
    assert "待认领 1" in words((await clerk.get("/window/")).text)
    await town.act("clerk", number, "claim")
    assert "我的办件 1" in words((await clerk.get("/window/")).text)


async def test_only_staff_get_in(town: Town) -> None:
    number = await town.case()
    employer = await town.enter("employer")
    for path in ("/window/", "/review/", f"/window/{number}", f"/window/{number}/documents/contract/1.png"):
        assert (await employer.get(path)).status_code == 403
    nobody = await employer.client.get("/window/", cookies={"__Host-session": ""})
    assert nobody.status_code in (303, 403)


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_lists_are_whole_in_both_languages(town: Town, lang: str) -> None:
    await town.case()
    for name, paths in {
        "clerk": ("/window/", "/window/?queue=ended", "/window/hand-out", "/window/find", "/window/?light=late"),
        "decider": ("/review/", "/review/?queue=all&state=recommended"),
    }.items():
        person = await town.enter(name)
        for path in paths:
            answer = await person.get(path, lang)
            assert answer.status_code == 200, path
            assert shape(answer.text).refused == []


async def test_the_hand_out_list_tells_what_is_ready_from_what_waits_for_the_police(town: Town) -> None:
    await town.case("granted")
    clerk = await town.enter("clerk")
    shown = words((await clerk.get("/window/hand-out")).text)
    assert "等公安证件 1" in shown
    assert "可以发 0" in shown


# Finding


async def test_an_exact_case_number_goes_straight_to_the_case(town: Town) -> None:
    number = await town.case()
    clerk = await town.enter("clerk")
    answer = await clerk.post("/window/find", q=f" {number.lower()} ")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/window/{number}")


@pytest.mark.parametrize("how", ["passport", "name", "employer", "part of the employer", "permit"])
async def test_a_case_is_found_by_what_one_knows_of_it(town: Town, how: str) -> None:
    number = await town.case("granted")
    case = await town.look(number)
    permit = case.component("work_permit")
    assert permit
    sought = {
        "passport": case.beneficiary.passport_number,
        "name": case.beneficiary.surname,
        "employer": case.employer.credit_code,
        "part of the employer": "样例科技",
        "permit": permit.facts["permit_number"],
    }[how]
    clerk = await town.enter("clerk")
    answer = await clerk.post("/window/find", q=sought)
    assert answer.status_code == 200
    assert number in answer.text


async def test_a_search_is_on_record_without_its_words(town: Town) -> None:
    await town.case()
    clerk = await town.enter("clerk")
    await clerk.post("/window/find", q="SPECIMENOV")
    entries = await town.audit("search")
    assert [entry["found"] for entry in entries] == [1]
    assert "SPECIMENOV" not in str(entries)


async def test_drafts_and_strangers_are_not_found(town: Town) -> None:
    await town.case("draft")
    clerk = await town.enter("clerk")
    assert "没有找到" in (await clerk.post("/window/find", q="SPECIMENOV")).text
    assert "没有找到" in (await clerk.post("/window/find", q="' OR 1=1 --")).text


def test_a_due_date_is_soon_on_its_own_day_and_the_working_day_before(town: Town) -> None:
    from permits.web.window.limits import left, soon

    law, friday = town.office.law, dt.date(2024, 12, 6)
    assert soon(law, friday) == dt.date(2024, 12, 9)
    assert [left(law, friday, friday + dt.timedelta(days=n)) for n in (-1, 0, 3, 4)] == [-1, 0, 1, 2]
