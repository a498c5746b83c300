"""The cells of one sheet of an XLSX file, row by row, from its XML as the bytes pass by; nothing of it is kept.

Cells mean what openpyxl takes them to mean, which reads the workbook around the sheet; this reads only the many cells,
several times as quickly. It interprets no formula and repairs nothing.
"""

import datetime as dt
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any
from xml.parsers import expat

import msgspec
from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import from_excel, from_ISO8601

CHUNK = 1 << 18
_MAIN = ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main")
_TAGS = {f"{space} {tag}": tag for space in _MAIN for tag in ("row", "c", "v", "f", "is", "t", "rPh")}


class Cell(msgspec.Struct, frozen=True):
    """One cell as it stands in the file."""

    value: str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | None
    formula: bool = False
    error: bool = False


EMPTY = Cell(None)
Row = tuple[int, Sequence[Cell]]
_ERROR = Cell("#VALUE!", error=True)


class Malformed(ValueError):
    """The sheet's XML says what no sheet says."""


class Reading:
    """The rows of a sheet as its elements come; `rows` holds those that are whole and not yet taken."""

    def __init__(self, book: Any, strings: Any, most_columns: int) -> None:
        self.rows: list[Row] = []
        self._strings, self._most = strings, most_columns
        self._dates, self._spans, self._epoch = book._date_formats, book._timedelta_formats, book.epoch
        self._columns: dict[str, int] = {}
        self._number, self._cells = 0, list[Cell]()
        self._kind, self._style, self._at = "n", 0, -1
        self._formula, self._skipped, self._text = False, 0, list[str]()
        self._value: str | None = None

    def parser(self) -> expat.XMLParserType:
        """A parser that fills this."""
        made = expat.ParserCreate(namespace_separator=" ")
        made.buffer_text = True
        made.StartElementHandler, made.EndElementHandler = self._start, self._end
        made.StartDoctypeDeclHandler = _refused
        self._parser = made
        return made

    def _start(self, name: str, given: dict[str, str]) -> None:
        match _TAGS.get(name):
            case "c":
                self._kind, self._style = given.get("t", "n"), int(given.get("s", 0))
                self._at = self._place(given["r"]) if "r" in given else self._at + 1
                self._formula, self._value = False, None
            case "v" | "t" if not self._skipped:
                self._text = []
                self._parser.CharacterDataHandler = self._text.append
            case "f":
                self._formula = True
            case "rPh":
                self._skipped += 1
            case "row":
                self._number = int(given.get("r", self._number + 1))
                self._cells, self._at = [], -1

    def _end(self, name: str) -> None:
        match _TAGS.get(name):
            case "c":
                if self._at < self._most:
                    self._cells += [EMPTY] * (self._at - len(self._cells))
                    self._cells[self._at :] = [self._cell()]
            case "v" | "t" if not self._skipped:
                self._parser.CharacterDataHandler = None
                text = "".join(self._text)
                self._value = text if name.endswith("v") or self._value is None else self._value + text
            case "rPh":
                self._skipped -= 1
            case "row":
                self.rows.append((self._number, self._cells))

    def _place(self, name: str) -> int:
        """Where a cell stands, from 0, by its name such as AB12."""
        letters = name.rstrip("0123456789")
        if letters not in self._columns:
            self._columns[letters] = column_index_from_string(letters) - 1
        return self._columns[letters]

    def _cell(self) -> Cell:
        if self._formula:
            return Cell(None, formula=True)
        if not self._value:
            return Cell(self._value) if self._value is not None and self._kind in ("str", "inlineStr") else EMPTY
        match self._kind:
            case "s":
                return Cell(self._strings[int(self._value)])
            case "n":
                return self._number_or_day(self._value)
            case "str" | "inlineStr":
                return Cell(self._value)
            case "b":
                return Cell(bool(int(self._value)))
            case "d":
                return Cell(from_ISO8601(self._value))
            case "e":
                return Cell(self._value, error=True)
        raise Malformed(f"a cell of the kind {self._kind!r}")

    def _number_or_day(self, said: str) -> Cell:
        value = float(said) if "." in said or "E" in said or "e" in said else int(said)
        if self._style not in self._dates:
            return Cell(value)
        try:
            day: dt.datetime = from_excel(value, self._epoch, timedelta=self._style in self._spans)
        except (OverflowError, ValueError):
            return _ERROR
        return Cell(day)


def _refused(*_: object) -> None:
    raise Malformed("a document type")


def rows(package: zipfile.ZipFile, part: str, book: Any, strings: Any, most_columns: int) -> Iterator[Row]:
    """Every row of a sheet that stands in its XML. Raises Malformed, ExpatError, and whatever a broken part brings."""
    reading = Reading(book, strings, most_columns)
    parser = reading.parser()
    with package.open(part) as file:
        while chunk := file.read(CHUNK):
            parser.Parse(chunk, False)
            yield from reading.rows
            reading.rows.clear()
        parser.Parse(b"", True)
    yield from reading.rows
