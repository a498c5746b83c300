"""Figures and lists of permits as files for spreadsheets, with definition, days, filters and who fetched them inside.

A file is written whole, inside the transaction that reads it, before its first byte is sent: what arrives is complete.
Figures leave with small counts left out. Names are masked; the permit number, one for life, is the person's key.
"""

import asyncio
import io
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import BinaryIO

import asyncpg
import msgspec
from litestar.response import Stream

from permits import clock
from permits.accounts.model import Account
from permits.errors import TooLarge
from permits.i18n import Text
from permits.office import Office
from permits.register import service as register
from permits.register.store import PermitRow
from permits.rules.masking import mask_name
from permits.statistics import exports, store, suppression
from permits.statistics import service as statistics
from permits.statistics.model import DEFINITION, DIMENSIONS, Count
from permits.statistics.periods import end_of
from permits.statistics.sheets import MEDIA, MOST_ROWS, Cell, Format, Row, sheet
from permits.statistics.suppression import LEFT_OUT, Published
from permits.web.i18n import Lang
from permits.web.office import words
from permits.web.office.asked import Asked, Where
from permits.web.office.other_figures import COLUMNS, DEFINITIONS

AT_ONCE = 5_000
"""Permits read at once."""
CHUNK = 65_536
PERSON_KEY = Text("许可编号，一人一号，终身不变", "the permit number: one a person, for life")
SHEETS = (Text("说明", "About"), Text("数据", "Data"))


class Asker(msgspec.Struct, frozen=True):
    """Who fetches a file, in which city and language."""

    office: Office
    region: str
    account: Account
    lang: Lang


class Made(msgspec.Struct, frozen=True):
    """A file that is ready to be sent."""

    file: BinaryIO
    name: str
    form: Format


async def count_file(tx: asyncpg.Connection, asker: Asker, asked: Asked, by: tuple[str, ...], form: Format) -> Made:
    """A count, small figures left out; written down in the list of exports."""
    found = await statistics.valid_on(tx, asker.region, asked.on, asked.known, by)
    smallest = suppression.smallest_count(asker.office.law, clock.today(), asker.region)
    published = await asyncio.to_thread(suppression.publish, found, smallest)
    codes = [group.values["employer"] for group in found.groups] if by == ("employer",) else []
    employers = await store.employer_names(tx, asker.region, codes) if codes else {}
    lang = asker.lang
    titles = [title for name in by for title in (DIMENSIONS[name].of(lang), _named(name).of(lang))]
    sums = [Text("有效许可", "Valid permits").of(lang), Text("人数", "Persons").of(lang)]
    about = [*_about(asker, asked), *_noted(published.suppressed, smallest, lang)]
    rows = _count_rows(asker, asked, published, employers)
    made = await _written(f"valid-permits-{asked.on}", form, asker.lang, about, [*titles, *sums], _at_once(rows))
    await exports.log(
        tx, asker.region, asker.account, "count", form, asked.on, asked.known, {"by": list(by)}, len(found.groups),
        published.suppressed,
    )  # fmt: skip
    return made


def _named(name: str) -> Text:
    return Text(f"{DIMENSIONS[name].zh}（名称）", f"{DIMENSIONS[name].en}, in words")


def _noted(left_out: bool, smallest: int, lang: Lang) -> list[Row]:
    return [[Text("略去", "Left out").of(lang), suppression.note(smallest).of(lang)]] if left_out else []


def _count_rows(asker: Asker, asked: Asked, published: Published, employers: Mapping[str, str]) -> list[Row]:
    """A line a group, each code with its words, and the total."""
    count: Count = published.count
    rows: list[Row] = []
    for at, group in enumerate(() if published.withheld else count.groups):
        cells: list[Cell] = []
        for name, code in group.values.items():
            said = words.value(name, code, asker.office.law, asked.on, asker.region, employers)
            cells += [code, said.of(asker.lang)]
        figures: Row = (LEFT_OUT, LEFT_OUT) if at in published.hidden else (group.count, group.persons)
        rows.append([*cells, *figures])
    total: Row = (LEFT_OUT, LEFT_OUT) if published.total_hidden else (count.total, count.persons)
    word = [Text("合计", "Total").of(asker.lang)] if count.by else []
    return [*rows, [*word, *([""] * (2 * len(count.by) - 1)), *total]]


async def list_file(tx: asyncpg.Connection, asker: Asker, asked: Asked, where: Where, form: Format) -> Made:
    """The permits behind a figure, one a line; written down in the list of exports. Raises BadInput, TooLarge.

    Wants a transaction that has read nothing yet: figure and list are read in one snapshot.
    """
    await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    lang, total = asker.lang, await total_of(tx, asker.region, asked, where)
    if total > MOST_ROWS:
        raise TooLarge(Text("名单太长，请先缩小范围。", "The list is too long; narrow it first."))
    head: Row = [Text("有效许可", "Valid permits").of(lang), total]
    about = [*_about(asker, asked), *([DIMENSIONS[n].of(lang), code] for n, code in where.items()), head]
    titles = [title.of(lang) for title in COLUMNS.values()]
    made = await _written(f"permits-{asked.on}", form, lang, about, titles, _permits(tx, asker, asked, where))
    narrowed = {"by": sorted(where)}
    await exports.log(tx, asker.region, asker.account, "permits", form, asked.on, asked.known, narrowed, total)
    return made


async def figures_file(
    tx: asyncpg.Connection,
    asker: Asker,
    asked: Asked,
    name: str,
    titles: Sequence[str],
    rows: list[Row],
    form: Format,
    also: Sequence[tuple[Text, Cell]] = (),
) -> Made:
    """Other figures, one a line, with what else was asked for; written down in the list of exports."""
    left_out = any(suppression.LEFT_OUT in row for row in rows)
    smallest = suppression.smallest_count(asker.office.law, clock.today(), asker.region)
    further: list[Row] = [[title.of(asker.lang), value] for title, value in also]
    about = [*_about(asker, asked, DEFINITIONS[name]), *further, *_noted(left_out, smallest, asker.lang)]
    made = await _written(f"{name}-{asked.on}", form, asker.lang, about, titles, _at_once(rows))
    said = {"figures": name}
    await exports.log(tx, asker.region, asker.account, "count", form, asked.on, asked.known, said, len(rows), left_out)
    return made


async def total_of(tx: asyncpg.Connection, region: str, asked: Asked, where: Where) -> int:
    """The figure a list belongs to."""
    count = await statistics.valid_on(tx, region, asked.on, asked.known, tuple(where))
    return next((group.count for group in count.groups if group.values == where), 0) if where else count.total


async def _permits(tx: asyncpg.Connection, asker: Asker, asked: Asked, where: Where) -> AsyncIterator[list[Row]]:
    """The lines of a list, some thousands at once."""
    moment, after = end_of(asked.known), uuid.UUID(int=0)
    while True:
        found = await store.permits_valid_on(tx, asker.region, asked.on, moment, where, after, AT_ONCE)
        if not found:
            return
        yield await asyncio.to_thread(_permit_rows, asker, found)
        after = found[-1].id


def _permit_rows(asker: Asker, permits: Sequence[PermitRow]) -> list[Row]:
    names = (mask_name(register.names_of(asker.office.keys, asker.region, one).latin) for one in permits)
    pairs = zip(permits, names, strict=True)
    return [[name if column == "name" else getattr(one, column) for column in COLUMNS] for one, name in pairs]


def _about(asker: Asker, asked: Asked, definition: Text = DEFINITION) -> list[Row]:
    """What every file begins with."""
    lang = asker.lang
    known: Cell = asked.known or f"{clock.now():%Y-%m-%d %H:%M}"
    return [
        [Text("口径", "Definition").of(lang), definition.of(lang)],
        [Text("统计日", "Valid on").of(lang), asked.on],
        [Text("数据截至", "As known on").of(lang), known],
        [Text("人员标识", "Person's key").of(lang), PERSON_KEY.of(lang)],
        [Text("制表", "Made by").of(lang), f"{asker.account.name} {clock.now():%Y-%m-%d %H:%M}"],
    ]


async def _written(
    name: str, form: Format, lang: Lang, about: Sequence[Row], titles: Sequence[str], parts: AsyncIterator[list[Row]]
) -> Made:
    """The file, without a name on disk; each part is written in a thread, so that others are served meanwhile."""
    file: BinaryIO = await asyncio.to_thread(tempfile.TemporaryFile)
    try:
        out = sheet(form, file, (SHEETS[0].of(lang), SHEETS[1].of(lang)))
        out.about(about)
        out.head(titles)
        async for part in parts:
            await asyncio.to_thread(out.rows, part)
        await asyncio.to_thread(out.close)
    except BaseException:
        file.close()
        raise
    return Made(file, f"{name}.{form}", form)


async def _at_once(rows: list[Row]) -> AsyncIterator[list[Row]]:
    yield rows


def sent(made: Made) -> Stream:
    """The file as an answer, read a little at a time and gone afterwards."""
    size = made.file.seek(0, io.SEEK_END)
    headers = {
        "Content-Disposition": f'attachment; filename="{made.name}"',
        "Content-Length": str(size),
        "Cache-Control": "no-store",
    }
    return Stream(_chunks(made.file), media_type=MEDIA[made.form], headers=headers)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk
