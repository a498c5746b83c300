"""Taking over an old register: every problem by row and column, then all or nothing, and on where it stopped."""

import asyncio
import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from permits.db.crypto import Keys
from permits.db.database import Database
from permits.register import service as register
from permits.register.imports import columns, load, sheet
from permits.register.imports.cells import Cell
from permits.register.imports.cells import rows as rows_of
from permits.register.imports.columns import COLUMNS
from permits.register.imports.load import Result
from permits.register.imports.rows import Entry, head_of, read_row
from permits.register.imports.sheet import Problem, Unreadable
from permits.rules import law
from permits.rules.identifiers import make_permit_number
from permits.statistics import recounting
from permits.statistics import service as statistics
from tests.register.old_files import TITLES, a_row, as_cells, as_csv, xlsx
from tests.register.samples import REGION, a_grant

LAW = law.load()
TODAY = dt.date(2026, 11, 26)
ON = dt.date(2024, 6, 30)


async def run(
    database: Database, keys: Keys, path: Path, *, write: bool = True, sheet: str | None = None, tell: Any = None
) -> tuple[Result, list[Problem]]:
    """Take a file over; the result and every problem heard."""
    heard: list[Problem] = []
    given = load.source(path, REGION, TODAY, sheet)
    hear = heard.append
    found = await load.take_over(
        database, LAW, keys, given, write=write, hear=hear, tell=tell or (lambda *_: None)
    )  # fmt: skip
    assert found.problems == len(heard)
    return found, heard


async def valid(database: Database, on: dt.date = ON, known: dt.date | None = None) -> int:
    """Valid permits by the ledger."""
    async with database.transaction(REGION) as tx:
        return (await statistics.valid_on(tx, REGION, on, known, ())).total


async def left_over(database: Database) -> int:
    """Rows that wait to be written."""
    async with database.transaction(REGION) as tx:
        found: int = await tx.fetchval("SELECT count(*) FROM register_import_row")
        return found


@pytest.mark.parametrize("kind", ["xlsx", "utf-8-sig", "gb18030", "utf-16", ";", "\t"])
async def test_a_good_file_is_in_the_register_and_in_the_ledger(
    database: Database, keys: Keys, tmp_path: Path, kind: str
) -> None:
    rows = [a_row(n) for n in range(5)] + [a_row(9, ended_on=dt.date(2024, 3, 1), end_kind="注销")]
    if kind == "xlsx":
        path = xlsx(tmp_path / "old.xlsx", rows)
    elif kind in (";", "\t"):
        path = as_csv(tmp_path / "old.csv", rows, delimiter=kind)
    else:
        path = as_csv(tmp_path / "old.csv", rows, kind)
    found, heard = await run(database, keys, path)
    assert (heard, found.written, found.rows) == ([], True, 6)
    assert await valid(database) == 5
    assert await valid(database, dt.date(2024, 2, 29)) == 6
    assert await valid(database, ON, dt.date(2022, 12, 19)) == 0
    assert await left_over(database) == 0
    async with database.transaction(REGION) as tx:
        again = await recounting.recount(tx, LAW, keys, REGION, ON)
    assert again.differences == ()


async def test_a_dry_run_writes_nothing(database: Database, keys: Keys, tmp_path: Path) -> None:
    found, _ = await run(database, keys, xlsx(tmp_path / "old.xlsx", [a_row(1)]), write=False)
    assert (found.rows, found.problems, found.written) == (1, 0, False)
    assert await valid(database) == 0
    assert await left_over(database) == 0


WRONG = [
    ({"passport": None}, "A 护照号"),
    ({"passport": "12"}, "A 护照号"),
    ({"passport": 1e17}, "A 护照号"),
    ({"passport": 12.5}, "A 护照号"),
    ({"surname": None, "given_names": None}, "B 姓"),
    ({"sex": "X"}, "E 性别"),
    ({"birth_date": 31213}, "F 出生日期"),
    ({"birth_date": "15.06.1985"}, "F 出生日期"),
    ({"birth_date": "1985-02-30"}, "F 出生日期"),
    ({"birth_date": dt.datetime(1985, 6, 15, 10)}, "F 出生日期"),  # noqa: DTZ001  # as spreadsheets hold it
    ({"birth_date": dt.date(2020, 1, 1)}, "F 出生日期"),
    ({"nationality": "CHN"}, "G 国籍"),
    ({"nationality": "ZZZ"}, "G 国籍"),
    ({"category": "D"}, "H 类别"),
    ({"employer_code": "91321202MA0000001Y"}, "I 统一社会信用代码"),
    ({"employer_name": "=HYPERLINK(\"http://x\",\"y\")"}, "J 用人单位"),
    ({"employer_name": "字" * 201}, "J 用人单位"),
    ({"employer_name": "a\u200bb"}, "J 用人单位"),
    ({"industry": "Z"}, "K 行业"),
    ({"district": "火星区"}, "L 区县"),
    ({"position_kind": "boss"}, "N 岗位种类"),
    ({"permit_kind": "拍卖"}, "O 许可种类"),
    ({"permit_number": "!"}, "P 许可编号"),
    ({"valid_from": "45292"}, "Q 有效期自"),
    ({"valid_until": dt.date(2022, 1, 1)}, "R 有效期至"),
    ({"valid_until": dt.date(2099, 1, 1)}, "R 有效期至"),
    ({"granted_on": TODAY + dt.timedelta(days=1)}, "S 批准日期"),
    ({"ended_on": dt.date(2024, 1, 1)}, "U 终止方式"),
    ({"end_kind": "注销"}, "T 终止日"),
    ({"ended_on": dt.date(2025, 6, 1), "end_kind": "注销"}, "T 终止日"),
    ({"ended_on": dt.date(2022, 12, 1), "end_kind": "注销"}, "T 终止日"),
    ({"case_number": "1" * 51}, "V 案号"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "column"), WRONG)
async def test_what_is_wrong_is_told_by_row_and_column_and_nothing_is_written(
    database: Database, keys: Keys, tmp_path: Path, changes: dict[str, Any], column: str
) -> None:
    rows = [a_row(1), a_row(2, **changes), a_row(3)]
    found, heard = await run(database, keys, xlsx(tmp_path / "old.xlsx", rows))
    assert [(problem.row, problem.column) for problem in heard] == [(3, column)]
    assert not found.written
    assert await valid(database) == 0


async def test_every_problem_is_told_at_once(database: Database, keys: Keys, tmp_path: Path) -> None:
    rows = [a_row(n, sex="?", category="?", birth_date=40000) for n in range(1_200)]
    found, heard = await run(database, keys, as_csv(tmp_path / "old.csv", rows))
    assert len(heard) == found.problems == 3 * 1_200
    assert (heard[0].row, heard[-1].row) == (2, 1_201)


async def test_a_number_for_a_date_is_told_with_what_excel_would_make_of_it(
    database: Database, keys: Keys, tmp_path: Path
) -> None:
    _, heard = await run(database, keys, xlsx(tmp_path / "old.xlsx", [a_row(1, valid_from=44927)]))
    assert "2023-01-01" in heard[0].text.zh


async def test_merged_cells_are_told_with_their_place(database: Database, keys: Keys, tmp_path: Path) -> None:
    path = xlsx(tmp_path / "old.xlsx", [a_row(n) for n in range(4)])
    book = openpyxl.load_workbook(path)
    book.worksheets[0].merge_cells("H3:H5")
    book.save(path)
    _, heard = await run(database, keys, path)
    assert (heard[0].row, heard[0].column) == (3, "H")
    assert "H3:H5" in heard[0].text.zh


async def test_rows_that_repeat_or_contradict_each_other_are_told_with_the_earlier_row(
    database: Database, keys: Keys, tmp_path: Path
) -> None:
    later = {"valid_from": dt.date(2025, 1, 1), "valid_until": dt.date(2025, 12, 31)}
    rows = [
        a_row(1, permit_number="OLD1"), a_row(1, permit_number="OLD1"),
        a_row(1, birth_date=dt.date(1985, 6, 16), permit_number="OLD1", **later),
        a_row(2, permit_number="OLD1"), a_row(1, permit_number="OLD2", permit_kind="short-term"),
    ]  # fmt: skip
    _, heard = await run(database, keys, as_csv(tmp_path / "old.csv", rows))
    assert [(problem.row, problem.column) for problem in heard] == [
        (3, "A 护照号"), (4, "F 出生日期"), (5, "P 许可编号"), (6, "P 许可编号"),
    ]  # fmt: skip
    assert all("第 2 行" in problem.text.zh for problem in heard)


async def test_two_permits_of_one_person_keep_one_number(database: Database, keys: Keys, tmp_path: Path) -> None:
    later = {"valid_from": dt.date(2024, 6, 1), "valid_until": dt.date(2025, 12, 31)}
    rows = [a_row(1, permit_number="OLD-00001"), a_row(1, **later)]
    await run(database, keys, as_csv(tmp_path / "old.csv", rows))
    async with database.transaction(REGION) as tx:
        entry = await register.permit_by_number(tx, keys, REGION, "OLD00001", TODAY)
        count = await statistics.valid_on(tx, REGION, ON, None, ())
    assert len(entry.permits) == 2
    assert (count.total, count.persons) == (2, 1)


async def test_a_person_with_a_new_passport_keeps_number_and_history(
    database: Database, keys: Keys, tmp_path: Path
) -> None:
    later = {"valid_from": dt.date(2024, 6, 1), "valid_until": dt.date(2025, 12, 31)}
    last = {"valid_from": dt.date(2026, 1, 1), "valid_until": dt.date(2026, 12, 31)}
    rows = [a_row(1, permit_number="OLD1"), a_row(1, permit_number="OLD1", passport="NEW1", **later)]
    assert (await run(database, keys, as_csv(tmp_path / "old.csv", rows)))[0].written
    newest = [a_row(1, permit_number="OLD1", passport="NEWEST1", **last), a_row(1, passport="NEW1", **last)]
    assert (await run(database, keys, as_csv(tmp_path / "new.csv", newest[:1])))[0].written
    _, heard = await run(database, keys, as_csv(tmp_path / "again.csv", newest[1:]))
    assert [problem.text.en for problem in heard] == ["The register has this permit."]
    async with database.transaction(REGION) as tx:
        entry = await register.permit_by_number(tx, keys, REGION, "OLD1", TODAY)
        assert await tx.fetchval("SELECT count(*) FROM person_document") == 3
    assert len(entry.permits) == 3


async def test_one_passport_number_of_two_states_is_two_people(database: Database, keys: Keys, tmp_path: Path) -> None:
    rows = [a_row(1), a_row(1, nationality="FRA", birth_date=dt.date(1990, 1, 1), sex="男")]
    assert (await run(database, keys, as_csv(tmp_path / "old.csv", rows)))[0].written
    async with database.transaction(REGION) as tx:
        count = await statistics.valid_on(tx, REGION, ON, None, ())
    assert (count.total, count.persons) == (2, 2)


async def test_two_files_with_the_same_permits_at_once_bring_each_permit_once(
    database: Database, keys: Keys, tmp_path: Path
) -> None:
    rows = [a_row(n) for n in range(5)]
    files = [as_csv(tmp_path / "a.csv", rows), as_csv(tmp_path / "b.csv", rows[::-1]), tmp_path / "a.csv"]
    found = await asyncio.gather(*(run(database, keys, path) for path in files))
    assert sum(result.written for result, _ in found) == 1
    assert await valid(database) == 5


DAYS = [
    "2023年1月1日", "2023 年 01 月 01 日", "2023/1/1", "2023.01.01", "20230101", "２０２３年１月１日",
    "2023-01-01 00:00:00",
]  # fmt: skip


@pytest.mark.parametrize("said", DAYS)
def test_days_may_be_written_as_people_write_them(said: str) -> None:
    assert columns.day(Cell(said)) == dt.date(2023, 1, 1)


async def test_what_the_register_has_already_is_told(database: Database, keys: Keys, tmp_path: Path) -> None:
    index = keys.passport_index("DEU", "X0000001")
    async with database.transaction(REGION) as tx:
        await register.grant(tx, LAW, keys, a_grant(1, passport_index=index, permit_number="MINE1"))
        await register.grant(tx, LAW, keys, a_grant(2, permit_number="OTHER1"))
    rows = [
        a_row(1, valid_from=dt.date(2024, 1, 1), birth_date=dt.date(1985, 6, 15)),
        a_row(1, birth_date=dt.date(1985, 6, 15), permit_number="MINE2"), a_row(3, permit_number="OTHER1"),
    ]  # fmt: skip
    _, heard = await run(database, keys, as_csv(tmp_path / "old.csv", rows))
    assert [(problem.row, problem.column) for problem in heard] == [
        (2, "A 护照号"), (3, "P 许可编号"), (4, "P 许可编号"),
    ]  # fmt: skip


async def test_a_file_is_taken_over_once(database: Database, keys: Keys, tmp_path: Path) -> None:
    path = as_csv(tmp_path / "old.csv", [a_row(1)])
    assert (await run(database, keys, path))[0].written
    again, _ = await run(database, keys, path)
    assert (again.written, again.before is not None) == (False, True)
    assert await valid(database) == 1


class Stopped(Exception):
    """Somebody pulled the plug."""


@pytest.mark.parametrize("doing", ["check", "write"])
async def test_a_run_that_was_interrupted_leaves_nothing_in_the_register_and_goes_on(
    database: Database, keys: Keys, tmp_path: Path, doing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "AT_ONCE", 3)
    path = as_csv(tmp_path / "old.csv", [a_row(n) for n in range(10)])

    def pull(what: str, done: int, _: int) -> None:
        if what == doing and done >= 6:
            raise Stopped

    with pytest.raises(Stopped):
        await run(database, keys, path, tell=pull)
    assert await valid(database) == 0
    waiting = await left_over(database)
    assert waiting == (6 if doing == "check" else 10)
    done: list[str] = []
    found, _ = await run(database, keys, path, tell=lambda what, *_: done.append(what))
    assert found.written
    assert ("check" in done) == (doing == "check")
    assert (await valid(database), await left_over(database)) == (10, 0)


async def test_what_the_register_learned_meanwhile_stops_the_whole_of_it(
    database: Database, keys: Keys, tmp_path: Path
) -> None:
    path = as_csv(tmp_path / "old.csv", [a_row(1), a_row(2)])

    def pull(what: str, *_: int) -> None:
        if what == "write":
            raise Stopped

    with pytest.raises(Stopped):
        await run(database, keys, path, tell=pull)
    async with database.transaction(REGION) as tx:
        index = keys.passport_index("DEU", "X0000002")
        await register.grant(tx, LAW, keys, a_grant(2, passport_index=index, birth_date=dt.date(1990, 1, 1)))
    found, heard = await run(database, keys, path)
    assert (found.written, [problem.row for problem in heard]) == (False, [3])
    assert await valid(database) == 1


async def test_numbers_of_our_own_form_are_never_given_out_again(
    database: Database, keys: Keys, tmp_path: Path
) -> None:
    rows = [a_row(n) for n in range(3)] + [a_row(7, permit_number=make_permit_number(REGION, 2))]
    await run(database, keys, as_csv(tmp_path / "old.csv", rows))
    async with database.transaction(REGION) as tx:
        fresh = await register.grant(tx, LAW, keys, a_grant(50))
        numbers = await tx.fetch("SELECT number FROM person")
    assert len({row["number"] for row in numbers}) == 5
    assert fresh.permit_number == make_permit_number(REGION, 6)


async def test_names_and_passports_wait_sealed(database: Database, keys: Keys, tmp_path: Path) -> None:
    path = as_csv(tmp_path / "old.csv", [a_row(1)])

    def pull(what: str, *_: int) -> None:
        if what == "write":
            raise Stopped

    with pytest.raises(Stopped):
        await run(database, keys, path, tell=pull)
    async with database.transaction(REGION) as tx:
        entry: bytes = await tx.fetchval("SELECT entry FROM register_import_row")
    assert b"MUSTERFELD" not in entry
    assert b"X0000001" not in entry


def _two_sheets(path: Path) -> Path:
    book = openpyxl.load_workbook(xlsx(path, [a_row(1)]))
    book.copy_worksheet(book.worksheets[0])
    book.save(path)
    return path


def _other_sheet(path: Path) -> Path:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["日期", "金额"])
    book.save(path)
    return path


def _without(path: Path, *left_out: str) -> Path:
    book = openpyxl.Workbook()
    kept = [at for at, title in enumerate(TITLES) if title not in left_out]
    for cells in (TITLES, as_cells(a_row(1))):
        book.worksheets[0].append([cells[at] for at in kept])
    book.save(path)
    return path


def _twice(path: Path) -> Path:
    book = openpyxl.Workbook()
    book.worksheets[0].append([*TITLES, "国籍"])
    book.save(path)
    return path


def _bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", b" " * 50_000_000)
    return path


def _entities(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("xl/workbook.xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    return path


def _bytes(data: bytes) -> Any:
    def write(path: Path) -> Path:
        path.write_bytes(data)
        return path

    return write


HOSTILE = {
    "two sheets": (_two_sheets, "--sheet"),
    "another sheet": (_other_sheet, "没有一张看得见的表"),
    "no birth date": (lambda path: _without(path, "出生日期", "性别"), "缺“性别”"),
    "a column twice": (_twice, "有两列"),
    "a bomb": (_bomb, "压缩"),
    "entities": (_entities, "文档类型"),
    "a zip cut off": (_bytes(b"PK\x03\x04" + b"x" * 100), "读不了"),
    "old xls": (_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600), "另存为"),
    "no text": (_bytes(b"\xff\xff\xff\xff"), "编码"),
    "a picture": (_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 50), ""),
    "empty": (_bytes(b""), "列名"),
    "headings alone with a quote left open": (_bytes(('"' + ",".join(TITLES)).encode()), "读不了"),
}


@pytest.mark.parametrize("which", HOSTILE)
async def test_a_file_that_is_no_table_says_so(database: Database, keys: Keys, tmp_path: Path, which: str) -> None:
    make, words = HOSTILE[which]
    with pytest.raises(Unreadable) as wrong:
        await run(database, keys, make(tmp_path / "old.xlsx"))
    assert any(words in problem.text.zh for problem in wrong.value.problems)
    assert await left_over(database) == 0


async def test_a_file_without_a_row_has_a_problem(database: Database, keys: Keys, tmp_path: Path) -> None:
    found, heard = await run(database, keys, as_csv(tmp_path / "old.csv", []))
    assert (found.written, len(heard)) == (False, 1)


async def test_a_sheet_is_taken_by_its_name(database: Database, keys: Keys, tmp_path: Path) -> None:
    found, _ = await run(database, keys, _two_sheets(tmp_path / "old.xlsx"), sheet="许可")
    assert found.written


async def test_a_sheet_that_claims_a_million_columns_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "old.xlsx", [a_row(1)])
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["XFD9"] = "far"
    book.save(path)
    rows = list(sheet.open_table(path, TITLES).rows())
    assert [number for number, _ in rows] == [1, 2]
    assert max(len(cells) for _, cells in rows) <= sheet.MOST_COLUMNS + 1


ANYTHING = st.text(max_size=8) | st.integers() | st.floats() | st.booleans() | st.dates() | st.none()


@given(st.lists(ANYTHING, max_size=24))
def test_whatever_stands_in_the_cells_is_either_taken_or_told(cells: list[Any]) -> None:
    head = head_of(dict(enumerate(COLUMNS)))
    found = read_row(2, [Cell(value) for value in cells], head, TODAY)
    assert isinstance(found, Entry) or (found and all(problem.row == 2 for problem in found))


@given(st.fixed_dictionaries({}, optional={column.field: ANYTHING for column in COLUMNS}))
def test_a_good_row_with_anything_in_some_cells_is_either_taken_or_told(changes: dict[str, Any]) -> None:
    cells = [Cell(value) for value in as_cells(a_row(1, **changes))]
    found = read_row(2, cells, head_of(dict(enumerate(COLUMNS))), TODAY)
    if isinstance(found, Entry):
        assert found.valid_from <= found.valid_until
        assert (found.ended_on is None) == (found.end_kind is None)


def test_cells_say_what_openpyxl_takes_them_to_say(tmp_path: Path) -> None:
    half_past_one = dt.datetime.fromisoformat("2024-02-29T13:30")
    values = [
        "文字", "  a\nb  ", 7, -0.5, 1e300, True, False, dt.date(2024, 2, 29), half_past_one,
        dt.time(8, 30), dt.timedelta(hours=30), None, "=1+1", "#N/A", "<&>",
    ]  # fmt: skip
    book = openpyxl.Workbook()
    book.active.append([])
    for start in range(3):
        book.active.append([*([None] * start), *values])
    book.active.cell(9, 70).value = "far away"
    book.save(tmp_path / "any.xlsx")
    theirs = openpyxl.load_workbook(tmp_path / "any.xlsx", read_only=True)
    sheet_ = theirs.active
    with zipfile.ZipFile(tmp_path / "any.xlsx") as package:
        part = sheet_._worksheet_path.lstrip("/")
        ours = dict(rows_of(package, part, theirs, sheet_._shared_strings, 60))
    for number, row in enumerate(sheet_.iter_rows(), 1):
        wanted = [None if one.data_type in "f" else one.value for one in row][:60]
        found = [one.value for one in ours.get(number, [])]
        assert found == wanted[: len(found)], number
        assert not any(wanted[len(found) :])
    assert [one.formula for one in ours[2] if one.formula] == [True]
    assert [one.value for one in ours[2] if one.error] == ["#N/A"]
