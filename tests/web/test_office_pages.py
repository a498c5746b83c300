"""The managers' pages over HTTP: every number is the length of the list behind it, and every look is recorded."""

import re
from collections import Counter
from html import unescape

import pytest

from permits.db.crypto import Keys
from permits.db.database import Database
from permits.register import service as register
from permits.statistics.model import DIMENSIONS
from tests.register.samples import REGION, a_grant
from tests.web.figures import DAY, LAW, TODAY, Client, enter, length, links
from tests.web.shapes import shape


@pytest.mark.usefixtures("filled")
async def test_every_number_of_the_board_is_the_length_of_the_list_it_opens(manager: Client) -> None:
    html = (await manager.get("/office/")).text
    found = dict(links(html))
    assert len(found) > 20
    for url, number in found.items():
        assert await length(manager, url) == number, url


@pytest.mark.usefixtures("filled")
async def test_every_breakdown_sums_to_the_headline_and_opens_its_lists(manager: Client) -> None:
    for dimension in DIMENSIONS:
        html = (await manager.get(f"/office/by/{dimension}?on=2024-06-01")).text
        *groups, (_, total) = links(html)
        assert sum(number for _, number in groups) == total == 65
        url, number = groups[-1]
        assert await length(manager, url) == number


@pytest.mark.usefixtures("filled")
async def test_the_headline_is_as_known_on_the_day_asked(manager: Client) -> None:
    for known, total in (("", 65), ("2024-05-01", 67), ("2024-05-20", 65), ("2024-02-01", 68)):
        html = (await manager.get(f"/office/?on=2024-04-30&as_known_on={known}")).text
        assert f"<b>{total}</b>" in html
        assert await length(manager, f"/office/permits?on=2024-04-30&as_known_on={known}") == total


@pytest.mark.usefixtures("filled")
async def test_what_was_recorded_late_is_shown_as_then_and_now_with_the_permits_that_differ(manager: Client) -> None:
    html = (await manager.get("/office/")).text
    row = html.partition('href="/office/?on=2024-04-30">')[2].partition("</tr>")[0]
    assert re.findall(r">([−\d]+)<", row) == ["67", "65", "−2"]
    url = unescape(re.findall(r'href="([^"]*)"', row)[0])
    assert await length(manager, url) == -2


@pytest.mark.usefixtures("filled")
async def test_the_change_is_against_the_same_day_a_year_before(manager: Client) -> None:
    html = (await manager.get("/office/?on=2024-12-31")).text
    assert "▲ 64</span> 比 2023-12-31" in html
    html = (await manager.get("/office/?on=2025-02-01")).text
    assert "▼" in html


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("typed", ["2024-13-01", "yesterday", "1900-01-01", "２０２４"])
async def test_a_wrong_day_is_named_at_its_field_and_today_is_shown(manager: Client, typed: str) -> None:
    answer = await manager.get("/office/", params={"on": typed})
    assert answer.status_code == 400
    assert 'id="on-error"' in answer.text
    assert f'value="{typed}"' in answer.text
    assert "<b>64</b>" in answer.text


@pytest.mark.parametrize("typed", ["20241231", "2024/12/31", "2024年12月31日", "2024-12-31"])
async def test_a_day_is_taken_as_people_write_it(manager: Client, typed: str) -> None:
    assert (await manager.get("/office/", params={"on": typed})).status_code == 200


@pytest.mark.parametrize(
    "url",
    ["/office/changes?from=2024-01-01&to=2024-12-31&kind=birthday", "/office/changes?from=x&to=2024-12-31&kind=granted",
     "/office/changes?kind=granted", "/office/permits?cursor=x", "/office/permits?category=B&sex=F&district=321202",
     "/office/permits?employer=X&sex=F", "/office/valid-permits.csv?by=height"],
)  # fmt: skip
async def test_what_cannot_be_listed_is_refused(manager: Client, url: str) -> None:
    assert (await manager.get(url)).status_code == 400


async def test_there_is_no_breakdown_by_what_nobody_counts(manager: Client) -> None:
    assert (await manager.get("/office/by/height")).status_code == 404


@pytest.mark.usefixtures("filled")
async def test_every_look_is_recorded_by_kinds_and_never_by_values(manager: Client, database: Database) -> None:
    for url in ("/office/", "/office/permits?nationality=DEU", "/office/expiring", "/office/by/sex",
                "/office/changes?from=2023-12-31&to=2024-12-31&kind=granted", "/office/valid-permits.csv",
                "/office/permits.csv"):  # fmt: skip
        assert (await manager.get(url)).status_code == 200
    async with database.transaction(REGION) as tx:
        rows = await tx.fetch("SELECT action, detail::text FROM audit WHERE region = $1 ORDER BY id", REGION)
    looks = Counter(row["action"] for row in rows)
    assert looks["statistics"] == 2
    assert looks["list-permits"] == 3
    assert (looks["export-statistics"], looks["export-permits"]) == (1, 1)
    assert all("DEU" not in row["detail"] for row in rows)


async def test_figures_are_for_managers_only(visitor: Client, database: Database) -> None:
    for path in ("/office/", "/office/permits", "/office/permits.csv", "/office/by/sex"):
        answer = await visitor.get(path)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in")
    clerk = await enter(visitor, database, "clerk", "decider")
    for path in ("/office/", "/office/permits", "/office/permits.csv", "/office/by/sex"):
        assert (await clerk.get(path)).status_code == 403


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "path",
    ["/office/?on=2024-12-31", "/office/?on=x", "/office/?print=1", "/office/?nationalities=all",
     "/office/permits?on=2024-12-31", "/office/permits?on=1999-01-01", "/office/expiring?days=30",
     "/office/by/employer?on=2024-12-31", "/office/changes?from=2023-12-31&to=2024-12-31&kind=granted"],
)  # fmt: skip
@pytest.mark.parametrize("empty", [True, False])
async def test_every_page_is_whole_in_both_languages_with_an_empty_register_too(
    manager: Client, database: Database, keys: Keys, path: str, lang: str, empty: bool
) -> None:
    if not empty:
        async with database.transaction(REGION) as tx:
            await register.grant_many(tx, LAW, keys, [a_grant(n, valid_until=TODAY + DAY) for n in range(3)])
    html = (await manager.get(f"{path}&lang={lang}" if "?" in path else path)).text
    read = shape(html)
    assert (read.open, read.refused) == ([], [])
    assert len(read.ids) == len(set(read.ids))
