"""The pages of flows, shares and looks over HTTP: each figure opens a list as long as it is, each look is shown."""

import datetime as dt
import re
from html import unescape

import pytest

from permits.db.crypto import Keys
from permits.db.database import Database
from permits.register import service as register
from permits.statistics.looks import ACTIONS
from permits.statistics.shares import SHARES
from tests.register.samples import REGION, a_grant
from tests.web.figures import DAY, LAW, TODAY, Client
from tests.web.shapes import shape

YEAR = "from=2024-01-01&to=2024-12-31"


def _opens(html: str) -> list[tuple[str, int]]:
    """Every figure of the flows with the address of its list."""
    found = re.findall(r'<a href="(/office/flows/permits[^"]*)">([+−]?\d+)</a>', html)
    return [(unescape(url), int(number.replace("−", "-"))) for url, number in found]


async def _sum(client: Client, url: str) -> int:
    """What the rows of a list of changes add up to, on all its pages."""
    total = 0
    while url:
        html = (await client.get(url)).text
        total += sum(int(n.replace("−", "-")) for n in re.findall(r'<tr><td class="n">([+−]?\d+)</td>', html))
        onward = re.search(r'href="([^"]*)" rel="next"', html)
        url = unescape(onward[1]) if onward else ""
    return total


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("known", ["", "&as_known_on=2024-05-01"])
async def test_every_flow_is_what_its_list_adds_up_to_as_known_then_too(manager: Client, known: str) -> None:
    figures = _opens((await manager.get(f"/office/flows?{YEAR}{known}")).text)
    assert sorted(n for _, n in figures) == ([-1, -1, 68] if known else [-2, -1, -1, 68])
    for url, number in figures:
        assert await _sum(manager, url) == number, url


@pytest.mark.usefixtures("filled")
async def test_the_board_as_known_then_tells_the_same_total_in_its_bridge(manager: Client) -> None:
    html = (await manager.get("/office/?on=2024-04-30&as_known_on=2024-05-01")).text
    assert "<b>67</b>" in html
    assert re.search(r"<h2>从 0 到 67</h2>", html)
    days = "from=2024-01-31&to=2024-04-30"
    late = await manager.get(f"/office/changes?{days}&kind=corrected&as_known_on=2024-06-01")
    assert re.search(r"<h1.*−2.*</h1>", late.text)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("asked", "field"), [("from=1999-01-01", "from"), ("to=x", "to"), ("as_known_on=2199-01-01", "as_known_on")]
)
async def test_a_day_that_cannot_be_asked_about_is_told_beside_its_field(
    manager: Client, asked: str, field: str
) -> None:
    for lang in ("zh", "en"):
        answer = await manager.get(f"/office/flows?{asked}&lang={lang}")
        assert (answer.status_code, f'id="{field}-error"' in answer.text) == (400, True)


async def test_each_share_has_its_page_and_what_is_none_is_not_found(manager: Client) -> None:
    for name, share in SHARES.items():
        for part in ("", "yes", "no"):
            html = (await manager.get(f"/office/shares/{name}?part={part}")).text
            assert share.about.zh in html
            assert (shape(html).open, shape(html).refused) == ([], [])
    assert (await manager.get("/office/shares/tea")).status_code == 404
    assert (await manager.get("/office/shares/kept?part=half")).status_code == 400


@pytest.mark.usefixtures("filled")
async def test_who_looked_is_shown_with_the_latest_first_and_narrowed_by_kind(manager: Client) -> None:
    for url in ("/office/by/sex?on=2024-06-30", "/office/permits", "/office/valid-permits.csv", "/office/shares/kept"):
        assert (await manager.get(url)).status_code == 200
    html = (await manager.get("/office/looks")).text
    rows = re.findall(r'<tr><th scope="row"(.*?)</tr>', html, re.DOTALL)
    assert [next(a for a in ACTIONS if ACTIONS[a].zh in row) for row in rows] == [
        "list-cases", "export-statistics", "list-permits", "statistics"
    ]  # fmt: skip
    assert re.search("性别.*2024-06-30", rows[-1])
    narrowed = (await manager.get("/office/looks?action=list-permits")).text
    assert len(re.findall(r'<tr><th scope="row"', narrowed)) == 1
    assert (await manager.get("/office/looks?action=tea")).status_code == 400
    assert "看许可名单" in (await manager.get("/office/")).text


async def test_what_runs_out_soon_says_whether_it_is_being_extended(
    manager: Client, database: Database, keys: Keys
) -> None:
    days = (10, 30, 50)
    async with database.transaction(REGION) as tx:
        grants = [a_grant(n, valid_until=TODAY + left * DAY) for n, left in enumerate(days)]
        await register.grant_many(tx, LAW, keys, grants)
    for url in ("/office/", "/office/expiring?days=60"):
        html = (await manager.get(url)).text
        found = [html.index(words) for words in ("没有申请，已过期限", "今天是最后一天", "未申请")]
        assert found == sorted(found)
        assert f"{TODAY + dt.timedelta(days=20):%m-%d}" in html
