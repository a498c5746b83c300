"""The register's page of one person: versions and history, the licence, and the end of a permit by the window."""

import datetime as dt
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from permits import clock
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.register import service as register
from permits.register.model import Amendment, Granted
from tests.register.samples import REGION, a_grant, at
from tests.web.desks import Town, town_of, words
from tests.web.shapes import shape

DAY = dt.timedelta(days=1)


@pytest.fixture
async def town(database: Database, keys: Keys, tmp_path: Path) -> AsyncIterator[Town]:
    """The office with its people."""
    async with town_of(database, keys, tmp_path) as found:
        yield found


async def granted(town: Town, **changes: Any) -> Granted:
    today = clock.today()
    usual = {"valid_from": today - 100 * DAY, "valid_until": today + 200 * DAY, "recorded": at(today - 110 * DAY)}
    async with town.database.transaction(REGION) as tx:
        return await register.grant(tx, town.office.law, town.office.keys, a_grant(**usual | changes))


def end(day: dt.date, **changes: str) -> dict[str, str]:
    parts = {"effective-year": f"{day.year}", "effective-month": f"{day.month}", "effective-day": f"{day.day}"}
    return parts | {"ground": "employment-ended", "reasons": "聘用关系已经终止"} | changes


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_page_of_a_permit_shows_every_version_and_what_changed(town: Town, lang: str) -> None:
    made = await granted(town, decider="甲")
    changed = Amendment(
        region=REGION, permit_id=made.permit_id, kind="changed", effective=clock.today() - 9 * DAY,
        recorded=at(clock.today()), facts={"position": "首席科学家"}, decider="乙",
    )  # fmt: skip
    async with town.database.transaction(REGION) as tx:
        await register.amend(tx, town.office.law, town.office.keys, changed)
    clerk = await town.enter("clerk")
    answer = await clerk.get(f"/window/permits/{made.permit_number}", lang)
    read = shape(answer.text)
    assert (answer.status_code, read.refused, len(read.ids)) == (200, [], len(set(read.ids)))
    said = words(answer.text)
    assert all(word in said for word in ("MUSTERFELD", made.permit_number, "总工程师", "首席科学家", "甲", "乙"))
    assert ("晚 9 天" if lang == "zh" else "9 days late") in said
    paper = await clerk.get(f"/window/permits/{made.permit_number}?print=1", lang)
    assert all(word in words(paper.text) for word in ("clerk（虚构）", "总工程师", "首席科学家"))
    assert f"/window/permits/{made.permit_number}/cancel" not in paper.text


async def test_managers_see_on_its_page_who_looked_at_a_permit_and_others_do_not(town: Town) -> None:
    made = await granted(town)
    page = f"/window/permits/{made.permit_number}"
    clerk, manager = [await town.enter(role) for role in ("clerk", "manager")]
    assert "谁看过" not in (await clerk.get(page)).text
    html = (await manager.get(page)).text
    looks = re.findall(r"<li><span lang=.zh-CN.>(.*?)</span>", html.partition("谁看过")[2])
    assert len(looks) == 2
    assert "Who looked" in (await manager.get(page, "en")).text
    assert f'href="{page}"' in (await manager.get("/office/permits")).text


async def test_a_permit_without_a_case_is_found_by_its_number(town: Town) -> None:
    made, clerk = await granted(town), await town.enter("clerk")
    answer = await clerk.post("/window/find", q=made.permit_number.lower())
    assert answer.headers["location"] == f"/window/permits/{made.permit_number}"


async def test_the_window_cancels_a_permit_and_what_is_wrong_comes_back_with_all_that_was_typed(town: Town) -> None:
    made, clerk = await granted(town), await town.enter("clerk")
    path = f"/window/permits/{made.permit_number}/cancel"
    assert (await clerk.get(path)).status_code == 200
    wrong = await clerk.post(path, **end(clock.today() + 300 * DAY, reasons="一句话"))
    assert wrong.status_code == 400
    assert "一句话" in wrong.text
    done = await clerk.click(path, **end(clock.today()))
    assert "已注销" in words(done.text)
    assert "已注销" in words((await clerk.get(f"/verify/{made.verification_code}")).text)
    letter = done.text.split(f'href="/window/permits/{made.permit_number}/letters/')[1].split('"')[0]
    pdf = await clerk.get(f"/window/permits/{made.permit_number}/letters/{letter}")
    assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert (await clerk.get(f"/window/permits/{made.permit_number}/letters/{made.permit_id}.pdf")).status_code == 404
    assert (await clerk.post(path, **end(clock.today()))).status_code == 409


async def test_a_permit_that_ends_on_a_day_to_come_is_not_ended_a_second_time(town: Town) -> None:
    made, clerk = await granted(town), await town.enter("clerk")
    path = f"/window/permits/{made.permit_number}"
    done = await clerk.click(f"{path}/cancel", **end(clock.today() + 3 * DAY))
    assert f"自 {clock.today() + 3 * DAY} 起终止" in words(done.text)
    assert not any(f"{path}/{what}" in done.text for what in ("cancel", "revoke", "withdraw"))
    assert "现在不能这样办" in words((await clerk.get(f"{path}/revoke")).text)


async def test_only_the_window_may_cancel_and_the_page_of_nobody_is_not_found(town: Town) -> None:
    made = await granted(town)
    manager, agent = await town.enter("manager"), await town.enter("employer")
    assert "cancel" not in (await manager.get(f"/window/permits/{made.permit_number}")).text
    assert (await manager.post(f"/window/permits/{made.permit_number}/cancel", **end(clock.today()))).status_code == 403
    assert (await agent.get(f"/window/permits/{made.permit_number}")).status_code == 403
    assert (await manager.get("/window/permits/321200000001X")).status_code == 404
    assert (await manager.get(f"/window/permits/{made.permit_number}/nonsense")).status_code == 404


async def test_a_registration_error_is_corrected_by_two_people(town: Town) -> None:
    made = await granted(town)
    path = f"/window/permits/{made.permit_number}"
    clerk, reviewer = await town.enter("clerk"), await town.enter("reviewer")
    assert shape((await clerk.get(f"{path}/correct")).text).refused == []
    nothing = await clerk.post(f"{path}/correct", facts__category="B", reasons="一句话")
    assert (nothing.status_code, "一句话" in nothing.text) == (400, True)
    proposed = await clerk.click(f"{path}/correct", facts__category="A", reasons="录入有误")
    assert "须由另一人确认" in words(proposed.text)
    seen = (await reviewer.get(path)).text
    confirm = next(part.split('"')[0] for part in seen.split('action="') if part.split('"')[0].endswith("/confirm"))
    assert (await clerk.post(confirm)).status_code == 403
    done = await reviewer.click(confirm)
    assert "类别由“B 类”改“A 类”" in words(done.text)
    assert "已经有人办过" in words((await reviewer.click(confirm)).text)


async def test_a_name_registered_by_mistake_is_emptied_and_the_page_says_so(town: Town) -> None:
    made = await granted(town, chinese_name="莱娜")
    path = f"/window/permits/{made.permit_number}"
    clerk, reviewer = await town.enter("clerk"), await town.enter("reviewer")
    names = {"facts__surname": "MUSTERFELD", "facts__given_names": "ALICE ERIKA"}
    nameless = {"facts__surname": " ", "facts__given_names": "", "facts__chinese_name": "", "reasons": "录入有误"}
    wrong = await clerk.post(f"{path}/correct", **nameless)
    assert (wrong.status_code, "姓和名至少留一项" in wrong.text) == (400, True)
    proposed = await clerk.click(f"{path}/correct", **names, facts__chinese_name="", reasons="护照上没有中文名")
    assert "中文姓名 （删去，登记簿上不再有）" in words(proposed.text)
    seen = (await reviewer.get(path)).text
    confirm = next(part.split('"')[0] for part in seen.split('action="') if part.split('"')[0].endswith("/confirm"))
    done = await reviewer.click(confirm)
    assert "更正 ： 中文姓名删去" in words(done.text).replace("更正：", "更正 ： ")
    assert "莱娜" not in done.text.split("<h1")[1].split("</h1>")[0]
