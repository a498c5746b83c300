"""Figures of the JSON interface as a file, where the caller accepts one: the same files as the managers' pages send."""

import datetime as dt
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import msgspec
from litestar.response import Stream

from permits import clock
from permits.i18n import Text
from permits.statistics.sheets import MEDIA, Cell, Format, Row
from permits.statistics.suppression import smallest_count
from permits.web.api.call import Asked, Call
from permits.web.i18n import Lang
from permits.web.office import asked as asking
from permits.web.office import files, other_figures

_NEVER = re.compile(r"(^|;)\s*q=0(\.0*)?\s*$")
"""What is said of a kind that is not accepted."""


def accepted(request: Asked) -> Format | None:
    """The kind of file that a call accepts before JSON; None where it names none."""
    wanted = [one.partition(";") for one in request.headers.get("accept", "").lower().split(",")]
    named = {kind.strip() for kind, _, rest in wanted if not _NEVER.search(rest)}
    return next((form for form, media in MEDIA.items() if any(media.startswith(kind) for kind in named if kind)), None)


def smallest(call: Call, region: str) -> int:
    """The least figure that leaves the office today."""
    return smallest_count(call.office.law, clock.today(), region)


async def count_file(
    call: Call,
    tx: asyncpg.Connection,
    region: str,
    on: dt.date,
    as_known_on: dt.date | None,
    by: tuple[str, ...],
    form: Format,
) -> Stream:
    """Valid permits of a day as CSV or XLSX, small figures left out, written down in the list of exports."""
    asker = files.Asker(call.office, region, call.account, call.lang)
    return files.sent(await files.count_file(tx, asker, asking.Asked(on, as_known_on), by, form))


async def list_file(
    call: Call,
    tx: asyncpg.Connection,
    region: str,
    on: dt.date,
    as_known_on: dt.date | None,
    where: Mapping[str, str],
    form: Format,
) -> Stream:
    """The permits behind a count, names masked; the transaction has read nothing yet."""
    asker = files.Asker(call.office, region, call.account, call.lang)
    return files.sent(await files.list_file(tx, asker, asking.Asked(on, as_known_on), dict(where), form))


async def figures(
    call: Call, tx: asyncpg.Connection, region: str, name: str, on: dt.date, items: Sequence[Any], form: Format,
    as_known_on: dt.date | None = None, also: Sequence[tuple[Text, Cell]] = (),
) -> Stream:  # fmt: skip
    """Figures of a day in a list as CSV or XLSX, one a line, codes in words too; small ones are left out already."""
    lines = [msgspec.to_builtins(one, builtin_types=(dt.date, uuid.UUID)) for one in items]
    found = [title for title in dict.fromkeys(title for line in lines for title in line) if title != "id"]
    asker = files.Asker(call.office, region, call.account, call.lang)
    heads = [head for title in found for head in _headings(title, call.lang)]
    rows: list[Row] = [
        [cell for title in found for cell in _cells(title, line.get(title), call.lang)] for line in lines
    ]
    made = await files.figures_file(tx, asker, asking.Asked(on, as_known_on), name, heads, rows, form, also)
    return files.sent(made)


def _headings(title: str, lang: Lang) -> list[str]:
    text = other_figures.TITLES.get(title, Text(title, title))
    words = Text(f"{text.zh}（名称）", f"{text.en}, in words")
    return [one.of(lang) for one in ((text, words) if other_figures.named(title) else (text,))]


def _cells(title: str, value: Any, lang: Lang) -> list[Cell]:
    words = other_figures.said(title, value)
    return [_cell(value), words.of(lang)] if words else [_cell(value)]


def _cell(value: Any) -> Cell:
    return value if isinstance(value, Cell) else str(value)
