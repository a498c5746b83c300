"""Reports: kept byte for byte, fetched again, compared with today's data; small groups are not in the PDF."""

import datetime as dt
import hashlib
import re
from typing import Any

import msgspec
import pypdfium2
import pytest

from permits.db.crypto import Keys
from permits.db.database import Database
from permits.errors import BadInput
from permits.register import service as register
from permits.statistics import reports
from permits.statistics.shares import SHARES
from permits.web.office.reports import printed
from tests.register.samples import REGION, a_grant, at
from tests.web.figures import LAW, Client, enter
from tests.web.shapes import shape

NOVEMBER = "month:2024-11-30"


async def proof(client: Client) -> str:
    """What the forms of these pages carry."""
    found = re.search(r'name="csrf" value="([^"]*)"', (await client.get("/office/reports")).text)
    assert found
    return found[1]


async def issue(client: Client, period: str = NOVEMBER) -> str:
    """Issue a report; the address of its page."""
    answer = await client.post("/office/reports", data={"csrf": await proof(client), "period": period})
    assert answer.status_code == 303
    return answer.headers["location"]


async def pdf_of(client: Client, address: str) -> bytes:
    """The report as it was issued."""
    return (await client.get(f"{address}/pdf")).content


async def backdated(database: Database, keys: Keys) -> None:
    """A permit of November that is recorded only now."""
    async with database.transaction(REGION) as tx:
        await register.grant(tx, LAW, keys, a_grant(300, category="A", valid_from=dt.date(2024, 11, 1)))


def words_of(pdf: bytes) -> str:
    """All the words of a PDF, their spaces left out."""
    book = pypdfium2.PdfDocument(pdf)
    return "".join("".join(page.get_textpage().get_text_bounded().split()) for page in book)


@pytest.mark.usefixtures("filled")
async def test_a_report_is_kept_byte_for_byte_and_its_digest_is_shown(manager: Client) -> None:
    address = await issue(manager)
    first, second = await pdf_of(manager, address), await pdf_of(manager, address)
    assert first == second
    assert first.startswith(b"%PDF-")
    assert hashlib.sha256(first).hexdigest() in (await manager.get(address)).text


@pytest.mark.usefixtures("filled")
async def test_the_pdf_says_the_figure_its_definition_and_when_it_was_known(manager: Client) -> None:
    said = words_of(await pdf_of(manager, await issue(manager)))
    assert "2024年11月报" in said
    assert "64" in said
    assert "没过最后一天" in said
    assert "2024-12-3112:00" in said


@pytest.mark.usefixtures("filled")
async def test_small_groups_are_not_in_the_pdf(manager: Client) -> None:
    said = words_of(await pdf_of(manager, await issue(manager)))
    assert "德国" not in said
    assert "越南" not in said
    assert "韩国SouthKorea57" in said
    assert "其余2组2others7" in said
    assert "小于5的组" in said


@pytest.mark.usefixtures("filled")
async def test_the_pdf_says_the_shares_of_the_year_with_their_definitions_in_both_languages(manager: Client) -> None:
    address = await issue(manager)
    said, html = words_of(await pdf_of(manager, address)), (await manager.get(f"{address}?lang=en")).text
    for share in SHARES.values():
        assert "".join(share.name.zh.split()) in said
        assert "".join(share.about.en.split()) in said
        assert share.about.en in html


def _facts(**changes: Any) -> reports.Facts:
    usual: dict[str, Any] = {
        "kind": "month", "since": "2024-10-31", "until": "2024-11-30", "before": 60, "total": 64, "persons": 64,
        "total_hidden": False, "smallest": 5, "changes": [{"kind": "granted", "count": 4}], "months": [], "parts": [],
        "steps": [],
    }  # fmt: skip
    return msgspec.convert(usual | changes, reports.Facts)


def _share(part: int, whole: int = 40, **changes: bool) -> dict[str, Any]:
    hidden = {"whole_hidden": False, "part_hidden": False}
    return {"share": "rated", "whole": whole, "part": part, **hidden, **changes}


def test_a_report_of_before_there_were_shares_is_compared_by_what_it_says() -> None:
    older, now = _facts(), _facts(shares=[_share(30)])
    assert (older.shares, reports.differences(older, now)) == ((), [])
    differs = reports.differences(_facts(shares=[_share(29)]), now)
    assert [(one.name.zh, one.then, one.now) for one in differs] == [("好评，一至三等", 29, 30)]


def test_small_changes_and_shares_are_not_printed_and_the_report_says_so() -> None:
    facts = _facts(changes_hidden=["granted"], shares=[_share(2, part_hidden=True)])
    made = printed(facts, REGION, 1, at(dt.date(2024, 12, 31)), "甲")
    assert made["left_out"]
    assert [one["count"] for one in made["changes"]] == [None]
    assert [(one["part"], one["whole"], one["percent"]) for one in made["shares"]] == [(None, 40, "")]
    assert printed(_facts(changes_withheld=True), REGION, 1, at(dt.date(2024, 12, 31)), "甲")["changes"] == []


@pytest.mark.usefixtures("filled")
async def test_a_report_asked_for_again_is_the_same_one_while_its_figures_hold(manager: Client) -> None:
    assert await issue(manager) == await issue(manager)


@pytest.mark.usefixtures("filled")
async def test_what_was_recorded_later_is_shown_beside_the_report_and_makes_a_further_edition(
    manager: Client, database: Database, keys: Keys
) -> None:
    address = await issue(manager)
    before = await pdf_of(manager, address)
    assert "现在的数与报告一致" in (await manager.get(address)).text
    await backdated(database, keys)
    html = (await manager.get(address)).text
    row = html.partition("2024-11-30 有效许可</th>")[2].partition("</tr>")[0]
    assert re.findall(r">([+−]?\d+)<", row) == ["64", "65", "+1"]
    assert "类别：A 类" in html
    second = await issue(manager)
    assert second != address
    assert "第 2 版" in (await manager.get(second)).text
    assert await pdf_of(manager, address) == before
    assert await pdf_of(manager, second) != before


@pytest.mark.usefixtures("filled")
async def test_the_board_shows_what_was_reported_beside_what_is_known_now(
    manager: Client, database: Database, keys: Keys
) -> None:
    await issue(manager)
    await backdated(database, keys)
    pane = (await manager.get("/office/")).text.partition('id="rs"')[2].partition("</section>")[0]
    assert re.findall(r">([+−]?\d+)<", pane) == ["64", "65", "+1"]


@pytest.mark.usefixtures("filled")
async def test_every_fetching_of_a_report_is_written_down(manager: Client) -> None:
    address = await issue(manager)
    await pdf_of(manager, address)
    html = (await manager.get("/office/exports")).text
    assert "报告" in html.partition("<tbody>")[2]
    assert "PDF" in html.partition("<tbody>")[2]


@pytest.mark.parametrize(
    "period",
    ["", "month", "month:2024-12-31", "year:2024-12-31", "month:2024-11-29", "week:2024-11-30", "month:1900-01-31",
     "year:x"],
)  # fmt: skip
async def test_what_is_no_period_or_not_over_is_refused_beside_its_field(manager: Client, period: str) -> None:
    answer = await manager.post("/office/reports", data={"csrf": await proof(manager), "period": period})
    assert answer.status_code == 400
    assert 'id="period-error"' in answer.text


async def test_a_report_of_an_empty_register_is_a_report(manager: Client) -> None:
    address = await issue(manager, "year:2023-12-31")
    assert (await pdf_of(manager, address)).startswith(b"%PDF-")
    assert (await manager.get(address)).status_code == 200


async def test_reports_are_for_managers_and_unknown_ones_are_not_found(manager: Client, database: Database) -> None:
    for path in ("", "/pdf"):
        assert (await manager.get(f"/office/reports/01890000-0000-7000-8000-000000000000{path}")).status_code == 404


async def test_a_clerk_sees_no_reports(visitor: Client, database: Database) -> None:
    clerk = await enter(visitor, database, "clerk")
    assert (await clerk.get("/office/reports")).status_code == 403


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_pages_are_whole_in_both_languages(manager: Client, lang: str) -> None:
    address = await issue(manager)
    for path in ("/office/reports", address, "/office/"):
        read = shape((await manager.get(f"{path}?lang={lang}")).text)
        assert (read.open, read.refused) == ([], [])
        assert len(read.ids) == len(set(read.ids))


@pytest.mark.parametrize("day", [dt.date(2024, 1, 1), dt.date(2024, 12, 31), dt.date(2024, 2, 29)])
def test_only_periods_that_are_over_are_offered(day: dt.date) -> None:
    for kind in reports.KINDS:
        offered = reports.periods(kind, day)
        assert max(offered) < day
        assert len(set(offered)) == len(offered) == reports.FURTHEST[kind]
        assert all(reports.period(kind, str(last), day)[2] == last for last in offered)
    with pytest.raises(BadInput):
        reports.period("month", str(day), day)
