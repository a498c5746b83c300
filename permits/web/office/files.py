"""The permits behind a figure as a CSV file: what it lists, for which day, as known when, one permit a line.

Names are masked; the permit number, which a person keeps for life, tells persons apart.
"""

import csv
import datetime as dt
import io

import asyncpg

from permits.db.crypto import Keys
from permits.i18n import Text
from permits.statistics import service as statistics
from permits.statistics.model import DEFINITION, DIMENSIONS, ListedPermit
from permits.web.i18n import Lang
from permits.web.office.asked import Asked, Where

LONGEST_FILE = 100_000
"""Permits in one file at most: more than any city of ours will ever hold."""
COLUMNS = {
    "number": Text("许可编号", "Permit number"),
    "name": Text("持证人（遮名）", "Holder, masked"),
    "category": Text("类别", "Category"),
    "nationality": Text("国籍", "Nationality"),
    "district": Text("区县", "District"),
    "employer_code": Text("统一社会信用代码", "Credit code"),
    "employer_name": Text("用人单位", "Employer"),
    "valid_from": Text("有效期自", "Valid from"),
    "valid_until": Text("有效期至", "Valid until"),
    "ended_on": Text("终止日", "Ended on"),
    "end_kind": Text("终止方式", "How it ended"),
    "case_number": Text("案号", "Case"),
}
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula."""


async def whole_list(tx: asyncpg.Connection, keys: Keys, region: str, asked: Asked, where: Where) -> list[ListedPermit]:
    """Every permit behind a figure."""
    items: list[ListedPermit] = []
    cursor = None
    while len(items) < LONGEST_FILE:
        page = await statistics.permits_valid_on(
            tx, keys, region, asked.on, asked.known, where, cursor, statistics.MOST
        )
        items += page.items
        cursor = page.cursor
        if cursor is None:
            break
    return items


def list_csv(items: list[ListedPermit], asked: Asked, where: Where, known_now: dt.date, lang: Lang) -> str:
    """The file, with a byte order mark so that spreadsheets read it as UTF-8."""
    file = io.StringIO()
    write = csv.writer(file, lineterminator="\r\n").writerows
    write([[Text("口径", "Definition").of(lang), DEFINITION.of(lang)]])
    write([[Text("统计日", "Valid on").of(lang), asked.on]])
    write([[Text("数据截至", "As known on").of(lang), asked.known or known_now]])
    write([DIMENSIONS[name].of(lang), code] for name, code in where.items())
    write([[Text("有效许可", "Valid permits").of(lang), len(items)], []])
    write([[title.of(lang) for title in COLUMNS.values()]])
    write([_plain(getattr(item, name)) for name in COLUMNS] for item in items)
    return "\ufeff" + file.getvalue()


def _plain(value: object) -> str:
    """A value no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
