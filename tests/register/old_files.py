"""Files of an old system for tests: as they should be, and with one thing wrong."""

import csv
import datetime as dt
import io
from pathlib import Path
from typing import Any

import openpyxl

from permits.register.imports.columns import COLUMNS
from permits.rules.identifiers import ALPHABET

TITLES = [column.title.zh for column in COLUMNS]


def credit_code(n: int) -> str:
    """One of many codes that hold."""
    body = f"91321202MA{n:07d}"
    weights = [pow(3, at, 31) for at in range(17)]
    total = sum(ALPHABET.index(c) * w for c, w in zip(body, weights, strict=True))
    return body + ALPHABET[-total % 31]


def a_row(n: int = 1, **changes: Any) -> dict[str, Any]:
    """A row of one of many invented people, by field."""
    usual: dict[str, Any] = {
        "passport": f"X{n:07d}",
        "surname": "MUSTERFELD",
        "given_names": f"ALICE {n}",
        "sex": "女",
        "birth_date": dt.date(1985, 6, 15),
        "nationality": "DEU",
        "category": "B",
        "employer_code": credit_code(n % 50),
        "employer_name": f"泰州示例第{n % 50}公司",
        "industry": "C",
        "district": "海陵区",
        "position": "工程师",
        "position_kind": "技术",
        "permit_kind": "issue-in-china",
        "valid_from": dt.date(2023, 1, 1),
        "valid_until": dt.date(2024, 12, 31),
        "granted_on": dt.date(2022, 12, 20),
    }
    return usual | changes


def as_cells(row: dict[str, Any]) -> list[Any]:
    """The row's cells in the order of the headings."""
    return [row.get(column.field) for column in COLUMNS]


def xlsx(path: Path, rows: list[dict[str, Any]], title: str = "许可") -> Path:
    """A workbook with one sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for cells in (TITLES, *map(as_cells, rows)):
        sheet.append(cells)
    book.save(path)
    return path


def as_csv(path: Path, rows: list[dict[str, Any]], encoding: str = "utf-8-sig", delimiter: str = ",") -> Path:
    """A CSV file."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([TITLES, *map(as_cells, rows)])
    path.write_bytes(out.getvalue().encode(encoding))
    return path
