"""Reads the file of an old system, XLSX or CSV, row by row: cells as they are, and what is wrong with the file itself.

Memory is bounded: of XLSX openpyxl's read-only mode reads what stands around the sheets, `cells` the cells. It knows no
merged cells; these are found by looking through the sheet's own XML for its `mergeCell` elements as the bytes pass by.
Nothing is repaired or guessed.
"""

import codecs
import csv
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec
import openpyxl
from openpyxl.utils import get_column_letter

from permits.i18n import Text
from permits.register.imports import cells
from permits.register.imports.cells import Cell, Row

MOST_ROWS = 500_000
MOST_COLUMNS = 60
MOST_BYTES, MOST_UNPACKED = 200_000_000, 1_000_000_000
"""Of the file, and of everything packed in it."""
MOST_RATIO = 200
"""A part of an honest workbook packs to no less than this share of itself."""
LONGEST = 1_000
"""Characters of a cell."""
CHUNK = 1 << 20
HEAD_WITHIN = 10
"""The headings stand in one of so many first rows."""
DAMAGED = Text(
    "工作簿读不了：已损坏或不完整。请用 Excel 或 WPS 打开，另存为没有密码的 XLSX。",
    "The workbook cannot be read, it is damaged or cut off: open it and save it as XLSX without a password.",
)
OLD_OR_LOCKED = Text(
    "这是旧的 XLS 格式或加了密码，请另存为没有密码的 XLSX。", "Old XLS or protected: save it as XLSX, no password."
)
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]{0,200}?ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong, and where."""

    row: int
    """As the spreadsheet numbers it; 0: the file as a whole."""
    column: str
    """Letter and heading; empty: the whole row."""
    text: Text

    def __str__(self) -> str:
        place = f"{self.row}\t{self.column}" if self.row else "—\t—"
        return f"{place}\t{self.text.zh}\t{self.text.en}"


class Unreadable(Exception):
    """The file cannot be read at all, or not as a table; the problems say why."""

    def __init__(self, *texts: Text) -> None:
        super().__init__()
        self.problems = [Problem(0, "", text) for text in texts]


class Table(Protocol):
    """A file's one table."""

    def rows(self) -> Iterator[Row]:
        """Every row that is not empty, from the first on. Raises Unreadable."""

    def problems(self) -> list[Problem]:
        """What is wrong with the table as a whole."""


def open_table(path: Path, wanted: Sequence[str], name: str | None = None) -> Table:
    """The table of a file; of a workbook the sheet of a name, or the one that has the wanted headings.

    Raises Unreadable.
    """
    if not path.is_file():
        raise Unreadable(Text("没有这个文件。", "There is no such file."))
    if path.stat().st_size > MOST_BYTES:
        raise Unreadable(Text("文件过大。", "The file is too large."))
    with path.open("rb") as file:
        first = file.read(8)
    if first.startswith(b"PK\x03\x04"):
        return Workbook(path, wanted, name)
    if first.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(OLD_OR_LOCKED)
    return Delimited(path)


class Delimited(Table):
    """A CSV file in UTF-8, GB 18030 or (as Excel's “Unicode text” is) UTF-16, with commas, semicolons or tabs."""

    def __init__(self, path: Path) -> None:
        self._path, self._encoding = path, _encoding_of(path)
        self._delimiter = _delimiter_of(path, self._encoding)

    def problems(self) -> list[Problem]:
        return []

    def rows(self) -> Iterator[Row]:
        with self._path.open(encoding=self._encoding, newline="") as file:
            reader = csv.reader(file, delimiter=self._delimiter, strict=True)
            number = 0
            while True:
                number += 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    raise Unreadable(
                        Text(
                            f"第 {number} 行读不了：引号没有成对，或一格过长。",
                            f"Row {number} cannot be read: a quotation mark stands alone, or a cell is too long.",
                        )
                    ) from error
                _check_length(number, len(cells))
                if any(cell.strip() for cell in cells):
                    yield number, [Cell(cell or None) for cell in cells]


def _encoding_of(path: Path) -> str:
    with path.open("rb") as file:
        marked = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            with path.open(encoding=encoding, newline="") as file:
                while file.read(CHUNK):
                    pass
            return encoding
        except UnicodeError:
            continue
    raise Unreadable(
        Text(
            "文字编码不是 UTF-8 或 GB 18030，请在 Excel 或 WPS 里另存为“CSV UTF-8”。",
            "The text is neither UTF-8 nor GB 18030: save it as “CSV UTF-8”.",
        )
    )


def _delimiter_of(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, newline="") as file:
        head = file.readline(100_000)
    return max(",;\t", key=head.count)


class Workbook(Table):
    """The one sheet of an XLSX file that holds the table."""

    def __init__(self, path: Path, wanted: Sequence[str], name: str | None) -> None:
        self._path = path
        _check_package(path)
        try:
            self._book = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
        except Exception as error:  # openpyxl raises whatever a broken part makes it raise
            raise Unreadable(DAMAGED) from error
        self._sheet = self._sheet_of(wanted, name)

    def problems(self) -> list[Problem]:
        found = []
        for merged in _merged_of(self._path, self._part()):
            letter, row = re.match(r"([A-Z]+)(\d+)", merged).groups()  # type: ignore[union-attr]  # as matched above
            text = Text(f"{merged} 是合并的单元格，请拆开并逐行填写。", f"{merged} is merged: split it, fill each row.")
            found.append(Problem(int(row), letter, text))
        return found

    def _part(self) -> str:
        return _part_of(self._sheet)

    def _cells(self, sheet: Any) -> Iterator[Row]:
        with zipfile.ZipFile(self._path) as package:
            yield from cells.rows(package, _part_of(sheet), self._book, sheet._shared_strings, MOST_COLUMNS + 1)

    def rows(self) -> Iterator[Row]:
        try:
            for number, found in self._cells(self._sheet):
                _check_length(number, len(found))
                if any(cell.value is not None or cell.formula for cell in found):
                    yield number, found
        except Unreadable:
            raise
        except Exception as error:
            raise Unreadable(DAMAGED) from error

    def _sheet_of(self, wanted: Sequence[str], name: str | None) -> Any:
        """The sheet of this name, or the only one that has the wanted headings."""
        titles = self._book.sheetnames
        sheets = [self._book[title] for title in titles if hasattr(self._book[title], "iter_rows")]
        if name is not None:
            found = [sheet for sheet in sheets if sheet.title == name]
        else:
            found = [sheet for sheet in sheets if sheet.sheet_state == "visible" and self._has_head(sheet, wanted)]
        if len(found) == 1:
            return found[0]
        titles = "、".join(sheet.title for sheet in sheets) or "—"
        if found:
            raise Unreadable(
                Text(f"几张表都像，请用 --sheet 指明：{titles}。", f"Several sheets fit, name one: {titles}.")
            )
        columns = "、".join(wanted)
        raise Unreadable(
            Text(
                f"没有一张看得见的表有这些列：{columns}。现有的表：{titles}。",
                f"No visible sheet has these columns: {columns}. The sheets: {titles}.",
            )
        )

    def _has_head(self, sheet: Any, wanted: Sequence[str]) -> bool:
        try:
            for number, row in self._cells(sheet):
                if number > HEAD_WITHIN:
                    return False
                said = {str(cell.value).strip() for cell in row if cell.value is not None}
                if sum(title in said for title in wanted) * 2 > len(wanted):
                    return True
        except Exception:  # a sheet that cannot be read has no headings; the one with the table says why
            return False
        return False


def _part_of(sheet: Any) -> str:
    return str(sheet._worksheet_path).lstrip("/")  # openpyxl has no other name for it


def _check_length(number: int, columns: int) -> None:
    if number > MOST_ROWS + HEAD_WITHIN:
        raise Unreadable(Text(f"超过 {MOST_ROWS} 行，请分成几个文件。", f"More than {MOST_ROWS} rows: split the file."))
    if columns > MOST_COLUMNS * 4:
        raise Unreadable(Text(f"第 {number} 行的列太多。", f"Row {number} has too many columns."))


def _check_package(path: Path) -> None:
    """No bomb, no document type: the packed parts are looked at before anything reads them."""
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
            if sum(part.file_size for part in parts) > MOST_UNPACKED or len(parts) > 2_000:
                raise Unreadable(Text("工作簿解开后过大。", "The workbook is too large once unpacked."))
            if any(part.file_size > MOST_RATIO * max(part.compress_size, 5_000) for part in parts):
                raise Unreadable(Text("工作簿压缩得不正常。", "The workbook is packed like no honest one."))
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with package.open(part) as file:
                        if b"<!DOCTYPE" in file.read(4_096):
                            raise Unreadable(Text("工作簿含文档类型声明。", "The workbook declares a document type."))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise Unreadable(DAMAGED) from error


def _merged_of(path: Path, part: str) -> Iterator[str]:
    """The merged places of a sheet, from its XML as the bytes pass by."""
    with zipfile.ZipFile(path) as package, package.open(part) as file:
        before = b""
        while chunk := file.read(CHUNK):
            text = before + chunk
            last = 0
            for found in _MERGED.finditer(text):
                yield found[1].decode()
                last = found.end()
            before = text[max(last, len(text) - 400) :]


def letter(index: int) -> str:
    """The letter of a column, the first being 0."""
    return str(get_column_letter(index + 1))
