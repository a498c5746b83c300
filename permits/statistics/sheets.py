"""Writes tables for spreadsheets, row by row, into a file: CSV and XLSX. Memory does not grow with the rows.

No cell is ever taken for a formula: CSV gets an apostrophe before what looks like one, XLSX holds it as text. It knows
nothing of what the rows mean.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import BinaryIO, Literal, Protocol

import xlsxwriter

Cell = str | int | float | dt.date | None
Row = Sequence[Cell]
Format = Literal["csv", "xlsx"]
MEDIA: dict[Format, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet would take for a formula, in both widths."""
LONGEST_CELL = 32_767
"""Characters of a cell in XLSX."""
MOST_ROWS = 1_000_000
"""Rows of a sheet; XLSX ends at 1,048,576."""
WIDTH = 18


class Sheet(Protocol):
    """A table being written: first what it is about, then its head, then its rows."""

    def about(self, rows: Iterable[Row]) -> None:
        """What the table counts, for which days, by whom."""

    def head(self, titles: Sequence[str]) -> None:
        """The names of the columns."""

    def rows(self, rows: Iterable[Row]) -> None:
        """Some rows more."""

    def close(self) -> None:
        """All of it is in the file."""


def sheet(form: Format, file: BinaryIO, names: tuple[str, str]) -> Sheet:
    """A table to be written into a file; XLSX has two sheets of these names, for what it is about and for the rows."""
    return _Csv(file) if form == "csv" else _Xlsx(file, names)


def plain(value: Cell) -> str:
    """A value no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.lstrip(" \u00a0\u3000").startswith(FORMULA) else text


class _Csv:
    """With a byte order mark, so that spreadsheets read it as UTF-8."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, lineterminator="\r\n")

    def about(self, rows: Iterable[Row]) -> None:
        self.rows([*rows, []])

    def head(self, titles: Sequence[str]) -> None:
        self._writer.writerow(titles)

    def rows(self, rows: Iterable[Row]) -> None:
        self._writer.writerows([plain(cell) for cell in row] for row in rows)

    def close(self) -> None:
        self._file.detach()


class _Xlsx:
    """Two sheets, each row written out as soon as the next begins."""

    def __init__(self, file: BinaryIO, names: tuple[str, str]) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._book = xlsxwriter.Workbook(file, options)
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._bold = self._book.add_format({"bold": True})
        self._names, self._at = names, 0
        self._sheet = self._new(names[0])

    def _new(self, name: str) -> "xlsxwriter.worksheet.Worksheet":
        made = self._book.add_worksheet(name)
        made.set_column(0, 30, WIDTH)
        self._at = 0
        return made

    def about(self, rows: Iterable[Row]) -> None:
        self.rows(rows)
        self._sheet = self._new(self._names[1])

    def head(self, titles: Sequence[str]) -> None:
        for column, title in enumerate(titles):
            self._sheet.write_string(self._at, column, title, self._bold)
        self._at += 1

    def rows(self, rows: Iterable[Row]) -> None:
        for row in rows:
            for column, cell in enumerate(row):
                self._write(column, cell)
            self._at += 1

    def _write(self, column: int, cell: Cell) -> None:
        if isinstance(cell, dt.date):
            self._sheet.write_datetime(self._at, column, dt.datetime.combine(cell, dt.time()), self._day)
        elif isinstance(cell, int | float):
            self._sheet.write_number(self._at, column, cell)
        elif cell:
            self._sheet.write_string(self._at, column, _legal(cell)[:LONGEST_CELL])

    def close(self) -> None:
        self._book.close()


def _legal(text: str) -> str:
    """Text without the control characters that XML has no place for."""
    return "".join(character for character in text if character >= " " or character in "\t\n")
