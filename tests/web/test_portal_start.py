"""Before one begins: each item says when, what it needs, how long it takes, what it costs and by which law."""

import html
import re

import pytest

from permits import clock
from permits.cases.filing import ONLINE
from permits.rules import law, procedures, time_limits
from tests.cases.samples import REGION
from tests.web.desks import words
from tests.web.portal_browser import Browser
from tests.web.shapes import shape

DAYS = {"zh": r"(\d+) 个", "en": r"\b(\d+)\b"}


def told(page: str, item: str) -> str:
    """What the page says of one item."""
    return html.unescape(
        words("<main" + page.split(f'id="procedure-{item}"')[1].split('<span class="ow-way__frame">')[0])
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_each_item_says_what_it_needs_how_long_it_takes_what_it_costs_and_by_which_law(
    agent: Browser, lang: str
) -> None:
    agent.client.headers["accept-language"] = lang
    page = await agent.get("/apply/start")
    assert shape(page).refused == []
    found, today = law.load(), clock.today()
    for item in procedures.procedures(found, today, REGION):
        said = told(page, item.code)
        assert f"/guide/{item.code}" in page
        if item.code not in ONLINE:
            continue
        assert all(one.of(lang) in said for one in item.law)
        asked = [
            one for one in procedures.every_document(found, item.code, today, REGION) if one.supplied_by == "applicant"
        ]
        assert all(one.title.of(lang) in said for one in asked)
        assert ("不收费" if lang == "zh" else "Free of charge") in said
        assert (("最多一次" if item.joint else "不用来") if lang == "zh" else "The foreigner comes") in said
        assert set(re.findall(DAYS[lang], said)) >= {str(days) for days in decided(found, item)}


def decided(found: law.Law, item: procedures.Procedure) -> set[int]:
    """Working days to a decision on an item: by promise and by law, alone and, where that can be, joint."""
    each = (False, True) if item.joint else (False,)
    limits = [one for joint in each for one in time_limits.limits(found, item.code, joint, None, clock.today(), REGION)]
    return {one.working_days for one in limits if one.step == "decision"}


async def test_the_published_promises_stand_beside_what_the_law_gives(agent: Browser) -> None:
    page = await agent.get("/apply/start")
    assert "10 个工作日 法律给 20 个；和居留许可一起办 7 个" in told(page, "issue-in-china")
    assert "5 个工作日 法律给 20 个；和居留许可一起办 7 个" in told(page, "extend")
    ended = told(page, "cancel")
    assert "5 个工作日 法律给 20 个" in ended
    assert "居留许可" not in ended
    assert "看情形另要：聘用关系终止证明" in ended
    assert "有效期届满前90日至30日" in told(page, "extend")
