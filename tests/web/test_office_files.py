"""What leaves the office: whole files, definition inside, no formulas, no small figures, each written down."""

import csv
import io
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from permits.db.crypto import Keys
from permits.db.database import Database
from permits.register import service as register
from permits.statistics.model import DEFINITION
from permits.statistics.sheets import FORMULA, plain, sheet
from tests.register.samples import REGION, a_grant
from tests.web.figures import LAW, Client
from tests.web.shapes import shape

HOSTILE = [
    "=1+1", "+49", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")', "http://x.example", "\x0b", "　＝1", "123",
]  # fmt: skip


def csv_rows(content: bytes) -> list[list[str]]:
    """A CSV file with its byte order mark."""
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def xlsx_rows(content: bytes) -> list[list[list[Any]]]:
    """Both sheets of an XLSX file."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for page in book.worksheets:
        assert all(cell.data_type != "f" and cell.hyperlink is None for row in page.iter_rows() for cell in row)
    return [[[cell.value for cell in row] for row in page.iter_rows()] for page in book.worksheets]


@pytest.mark.usefixtures("filled")
async def test_a_count_comes_as_csv_with_its_definition_both_days_and_who_fetched_it(manager: Client) -> None:
    answer = await manager.get("/office/valid-permits.csv?on=2024-04-30&as_known_on=2024-05-01&by=nationality")
    rows = csv_rows(answer.content)
    assert answer.headers["content-disposition"] == 'attachment; filename="valid-permits-2024-04-30.csv"'
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert rows[:3] == [["口径", DEFINITION.zh], ["统计日", "2024-04-30"], ["数据截至", "2024-05-01"]]
    assert [row[0] for row in rows[3:6]] == ["人员标识", "制表", "略去"]
    assert rows[7] == ["国籍", "国籍（名称）", "有效许可", "人数"]
    assert rows[-1] == ["合计", "", "67", "67"]


@pytest.mark.usefixtures("filled")
async def test_a_count_comes_as_xlsx_in_two_sheets(manager: Client) -> None:
    answer = await manager.get("/office/valid-permits.xlsx?on=2024-12-31&by=permit_kind")
    about, data = xlsx_rows(answer.content)
    assert about[0][:2] == ["口径", DEFINITION.zh]
    assert data[0] == ["许可种类", "许可种类（名称）", "有效许可", "人数"]
    assert data[1][2:] == [64, 64]
    assert data[-1][2:] == [64, 64]


@pytest.mark.usefixtures("filled")
async def test_small_figures_stay_in_the_office_and_cannot_be_worked_out(manager: Client) -> None:
    rows = csv_rows((await manager.get("/office/valid-permits.csv?on=2024-12-31&by=nationality")).content)
    figures = {row[0]: row[2] for row in rows[8:-1]}
    assert figures == {"KOR": "57", "DEU": "*", "VNM": "*"}
    assert rows[-1][2] == "64"
    page = (await manager.get("/office/by/nationality?on=2024-12-31")).text
    assert 'nationality=DEU">3</a>' in page


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_a_list_comes_as_a_file_of_masked_names_and_no_formulas(
    manager: Client, database: Database, keys: Keys, form: str
) -> None:
    async with database.transaction(REGION) as tx:
        await register.grant(tx, LAW, keys, a_grant(200, employer_name="=1+1", nationality="FRA"))
    answer = await manager.get(f"/office/permits.{form}?on=2024-12-31&nationality=FRA")
    rows = csv_rows(answer.content) if form == "csv" else [row for page in xlsx_rows(answer.content) for row in page]
    assert [str(cell) for row in rows if row and row[0] in ("国籍", "有效许可") for cell in row[:2]] == [
        "国籍", "FRA", "有效许可", "1",
    ]  # fmt: skip
    assert (rows[-1][1], rows[-1][6]) == ("M** A** E**", "'=1+1" if form == "csv" else "=1+1")


@pytest.mark.usefixtures("filled")
async def test_a_list_is_as_long_as_its_figure_and_names_nobody(manager: Client) -> None:
    whole = (await manager.get("/office/permits.csv?on=2024-12-31")).content
    rows = csv_rows(whole)
    assert ["有效许可", "64"] in rows
    assert len(rows) - rows.index([]) - 2 == 64
    assert b"MUSTERFELD" not in whole


@pytest.mark.usefixtures("filled")
async def test_every_file_that_left_is_listed_with_who_fetched_it(manager: Client) -> None:
    await manager.get("/office/valid-permits.csv?on=2024-12-31&by=category")
    await manager.get("/office/permits.xlsx?on=2024-11-30&nationality=DEU")
    html = (await manager.get("/office/exports")).text
    rows = html.partition("<tbody>")[2].split("<tr>")[1:]
    assert len(rows) == 2
    assert "许可名单，国籍" in rows[0]
    assert "XLSX" in rows[0]
    assert "DEU" not in rows[0]
    assert "统计数，类别" in rows[1]
    assert "略去" in rows[1]


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_list_of_files_is_whole_while_nothing_left(manager: Client, lang: str) -> None:
    read = shape((await manager.get(f"/office/exports?lang={lang}")).text)
    assert (read.open, read.refused) == ([], [])


@pytest.mark.parametrize("url", ["valid-permits.xlsx?by=height", "permits.csv?category=A&sex=F&industry=C"])
async def test_a_file_that_cannot_be_made_is_refused_and_not_listed(manager: Client, url: str) -> None:
    assert (await manager.get(f"/office/{url}")).status_code == 400
    assert "还没有文件带出本局" in (await manager.get("/office/exports")).text


@given(st.text(max_size=30) | st.sampled_from(HOSTILE))
def test_nothing_in_a_csv_file_begins_like_a_formula(text: str) -> None:
    assert not plain(text).lstrip(" \u00a0\u3000").startswith(FORMULA)
    assert plain(text) in (text, f"'{text}")


@pytest.mark.parametrize("text", HOSTILE)
def test_xlsx_holds_text_as_text(text: str) -> None:
    file = io.BytesIO()
    out = sheet("xlsx", file, ("a", "b"))
    out.about([["x", text]])
    out.rows([[text, 3, None]])
    out.close()
    _, data = xlsx_rows(file.getvalue())
    assert data[0][1:2] == [3]
    assert data[0][0] in (text, None) or "\x0b" in text
