"""Two days beside each other, the slider, and time taken, over HTTP: every number opens into what it counts."""

import datetime as dt
import re
from html import unescape

import pytest

from permits.db.crypto import Keys
from permits.db.database import Database
from permits.register import service as register
from permits.statistics.model import DIMENSIONS
from tests.register.samples import REGION, a_grant
from tests.web.figures import LAW, Client, length, links
from tests.web.shapes import shape


@pytest.mark.usefixtures("filled")
async def test_every_number_of_a_comparison_is_the_length_of_its_list(manager: Client) -> None:
    html = (await manager.get("/office/compare?from=2024-02-01&to=2024-06-01&by=category")).text
    found = dict(links(html))
    assert len(found) > 6
    for url, number in found.items():
        assert await length(manager, url) == number, url


@pytest.mark.usefixtures("filled")
async def test_groups_of_both_days_sum_to_the_totals_by_every_dimension(manager: Client) -> None:
    for dimension in DIMENSIONS:
        html = (await manager.get(f"/office/compare?from=2024-02-01&to=2024-06-01&by={dimension}")).text
        table = html.partition('id="gr"')[2]
        rows = [re.findall(r">([+−]?\d+)<", row.replace(" ", "")) for row in table.split("<tr>")[2:]]
        *groups, total = ([int(number.replace("−", "-")) for number in row] for row in rows)
        before, after = (sum(group[at] for group in groups) for at in (0, 1))
        assert (before, after) == (68, 65) == (total[0], total[1])


@pytest.mark.usefixtures("filled")
async def test_two_days_given_the_wrong_way_round_are_put_in_order(manager: Client) -> None:
    html = (await manager.get("/office/compare?from=2024-06-01&to=2024-02-01")).text
    assert "从 68 到 65" in html


async def test_a_wrong_day_to_compare_is_named_at_its_field_and_kept_as_typed(manager: Client) -> None:
    answer = await manager.get("/office/compare?from=2024-02-31&to=2024-06-01")
    assert answer.status_code == 400
    assert 'id="from-error"' in answer.text
    assert 'value="2024-02-31"' in answer.text


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(("at", "was", "day"), [("23", "24", "2024-11-30"), ("24", "24", "2024-06-01"),
                                                ("0", "24", "2022-12-31"), ("x", "24", "2024-06-01"),
                                                ("25", "24", "2024-06-01")])  # fmt: skip
async def test_the_slider_counts_where_it_was_moved_and_else_the_day_typed(
    manager: Client, at: str, was: str, day: str
) -> None:
    html = (await manager.get(f"/office/?on=2024-06-01&at={at}&was={was}")).text
    assert f'name="on" inputmode="numeric" autocomplete="off" maxlength="12" value="{day}"' in html


@pytest.mark.usefixtures("filled")
async def test_the_headline_says_which_day_and_what_was_known_when(manager: Client) -> None:
    html = (await manager.get("/office/?on=2024-04-30&as_known_on=2024-05-01")).text
    headline = html.partition('aria-labelledby="hd"')[2].partition("</section>")[0]
    assert "统计日 2024-04-30，按 2024-05-01 时的数据" in headline


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", ["/office/times?on=2024-12-31", "/office/compare?to=2024-12-31", "/office/times?on=x",
                                  "/office/times/cases?on=2024-12-31",
                                  "/office/times/steps?step=decision&basis=legal&state=missed"])  # fmt: skip
async def test_the_pages_are_whole_with_nothing_to_show(manager: Client, path: str, lang: str) -> None:
    answer = await manager.get(f"{path}&lang={lang}")
    read = shape(answer.text)
    assert (read.open, read.refused) == ([], [])
    assert answer.status_code == (400 if path.endswith("=x") else 200)


async def test_steps_that_nobody_counts_are_refused(manager: Client) -> None:
    for query in ("", "step=tea&basis=legal", "step=decision&basis=legal&state=x"):
        assert (await manager.get(f"/office/times/steps?{query}")).status_code == 400


@pytest.mark.usefixtures("filled")
async def test_a_link_between_the_pages_keeps_the_day(manager: Client) -> None:
    html = (await manager.get("/office/?on=2024-04-30")).text
    nav = html.partition('aria-label="统计的各页"')[2].partition("</nav>")[0]
    assert [unescape(url) for url in re.findall(r'href="([^"]*)"', nav)][:3] == [
        "/office/?on=2024-04-30",
        "/office/times?on=2024-04-30",
        "/office/compare?to=2024-04-30",
    ]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(("query", "field"), [("on=1999-01-01", "on"), ("as_known_on=2031-01-01", "as_known_on"),
                                              ("on=2024-06-01&as_known_on=2001-01-01", "as_known_on")])  # fmt: skip
async def test_a_day_that_the_register_does_not_reach_is_told_at_its_field(
    manager: Client, query: str, field: str
) -> None:
    answer = await manager.get(f"/office/?{query}")
    assert answer.status_code == 400
    assert f'id="{field}-error"' in answer.text
    assert "<b>64</b>" in answer.text
    typed = query.rpartition("=")[2]
    assert f'value="{typed}"' in answer.text


@pytest.mark.usefixtures("filled")
async def test_two_days_that_the_register_does_not_reach_are_told_at_their_field(manager: Client) -> None:
    answer = await manager.get("/office/compare?from=1999-01-01&to=2024-06-01")
    assert answer.status_code == 400
    assert 'id="from-error"' in answer.text
    assert 'value="1999-01-01"' in answer.text


async def test_a_register_younger_than_a_year_compares_without_complaint(
    manager: Client, database: Database, keys: Keys
) -> None:
    async with database.transaction(REGION) as tx:
        await register.grant(tx, LAW, keys, a_grant(1, valid_from=dt.date(2024, 11, 1)))
    answer = await manager.get("/office/compare")
    assert answer.status_code == 200
    assert "从 1 到 1" in answer.text
