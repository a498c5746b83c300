"""A row of the old system as an entry of the register, or everything that is wrong with it, cell by cell. Pure."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from permits.i18n import Text
from permits.register.imports.cells import Cell, Row
from permits.register.imports.columns import COLUMNS, Column, Read, Value
from permits.register.imports.sheet import HEAD_WITHIN, Problem, Unreadable, letter

MISSING = Text("不能空着。", "May not be empty.")
YOUNGEST, OLDEST = 14, 110
"""Of a holder when the permit began, in years."""
LONGEST_DAYS = 3_660
MOST_REMEMBERED = 5_000
"""Values of a column."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A permit of the old system, with its end where it had one."""

    row: int
    passport: str
    surname: str = ""
    given_names: str = ""
    chinese_name: str = ""
    sex: str
    birth_date: dt.date
    nationality: str
    category: str
    employer_code: str
    employer_name: str
    industry: str
    district: str
    position: str
    position_kind: str
    permit_kind: str
    permit_number: str | None = None
    valid_from: dt.date
    valid_until: dt.date
    granted_on: dt.date
    ended_on: dt.date | None = None
    end_kind: str | None = None
    case_number: str | None = None


class Place(msgspec.Struct, frozen=True):
    """Where a column stands, and how its cells are read."""

    at: int
    column: Column
    read: Read

    @property
    def name(self) -> str:
        """As people find it: its letter and heading."""
        return f"{letter(self.at)} {self.column.title.zh}"


Head = tuple[Place, ...]
"""The columns of a table."""


def remembered(read: Read) -> Read:
    """The same reading, quick where a value comes again: most columns have few."""
    known: dict[tuple[type, Any], Value | Text] = {}

    def again(cell: Cell) -> Value | Text:
        if cell.formula or cell.error:
            return read(cell)
        key = (cell.value.__class__, cell.value)
        if key in known:
            return known[key]
        found = read(cell)
        if len(known) < MOST_REMEMBERED:
            known[key] = found
        return found

    return again


def head_of(columns: Mapping[int, Column]) -> Head:
    """The columns of a table by their place, in a form that reads many rows quickly."""
    return tuple(Place(at, column, remembered(column.read)) for at, column in columns.items())


def read_head(rows: Iterator[Row]) -> tuple[int, Head]:
    """The row of the headings, and which column stands where. Raises Unreadable where columns lack or come twice."""
    known = {title: column for column in COLUMNS for title in (column.title.zh, column.title.en, column.field)}
    for number, cells in rows:
        said = {at: str(cell.value).strip() for at, cell in enumerate(cells) if cell.value is not None}
        found = {at: known[title] for at, title in said.items() if title in known}
        if len(found) * 2 > len(COLUMNS):
            head = head_of(found)
            _check_head(head)
            return number, head
        if number >= HEAD_WITHIN:
            break
    titles = [column.title for column in COLUMNS if column.wanted]
    zh, en = "、".join(title.zh for title in titles), ", ".join(title.en for title in titles)
    raise Unreadable(
        Text(
            f"文件是空的，或前 {HEAD_WITHIN} 行里没有列名。应有这些列：{zh}。",
            f"The file is empty, or has no headings in its first {HEAD_WITHIN} rows. Wanted: {en}.",
        )
    )


def _check_head(head: Head) -> None:
    fields = [place.column.field for place in head]
    lacking = [column.title for column in COLUMNS if column.wanted and column.field not in fields]
    twice = [column.title for column in COLUMNS if fields.count(column.field) > 1]
    texts = [Text(f"缺“{title.zh}”这一列。", f"The column “{title.en}” is missing.") for title in lacking]
    texts += [Text(f"“{title.zh}”有两列。", f"The column “{title.en}” is there twice.") for title in twice]
    if texts:
        raise Unreadable(*texts)


def read_row(number: int, cells: Sequence[Cell], head: Head, today: dt.date) -> Entry | list[Problem]:
    """The entry of a row, or its problems, all of them."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for place in head:
        found = place.read(cells[place.at]) if place.at < len(cells) else None
        if found is None and place.column.wanted:
            found = MISSING
        if isinstance(found, Text):
            problems.append(Problem(number, place.name, found))
        elif found is not None:
            values[place.column.field] = found
    together = [*_together(values, today)]
    if together:
        names = {place.column.field: place.name for place in head}
        problems += [Problem(number, names.get(field, ""), text) for field, text in together]
    return problems or Entry(row=number, **values)


def _together(values: Mapping[str, Any], today: dt.date) -> Iterator[tuple[str, Text]]:
    """What cells say that cannot be so together; what is missing or wrong alone is not looked at again."""
    if not (values.get("surname") or values.get("given_names")):
        yield "surname", Text("姓和名不能都空着。", "Surname and given names may not both be empty.")
    first, last = values.get("valid_from"), values.get("valid_until")
    if first and last and first > last:
        yield "valid_until", Text("早于有效期自。", "Before the first valid day.")
    if first and last and (last - first).days > LONGEST_DAYS:
        yield "valid_until", Text("有效期超过十年。", "Valid for more than ten years.")
    granted = values.get("granted_on")
    if granted and granted > today:
        yield "granted_on", Text("在今天以后。", "After today.")
    born = values.get("birth_date")
    if born and first and not YOUNGEST <= (first - born).days / 365.25 <= OLDEST:
        yield "birth_date", Text("与有效期对不上：年龄不可能。", "Impossible age on the first valid day.")
    yield from _ending(values, today)


def _ending(values: Mapping[str, Any], today: dt.date) -> Iterator[tuple[str, Text]]:
    ended, kind = values.get("ended_on"), values.get("end_kind")
    if (ended is None) != (kind is None):
        field = "ended_on" if ended is None else "end_kind"
        yield field, Text("终止日和终止方式要一起填。", "Day and kind of the end go together.")
    last, granted = values.get("valid_until"), values.get("granted_on")
    if ended and last and ended > last:
        yield (
            "ended_on",
            Text("晚于有效期至：那是到期，不是终止。", "After the last valid day: it had expired."),
        )
    if ended and granted and ended < granted:
        yield "ended_on", Text("早于批准日期。", "Before the permit was granted.")
    if ended and ended > today:
        yield "ended_on", Text("在今天以后。", "After today.")


def same_person(birth: dt.date, names: tuple[str, str, str], entry: Entry) -> bool:
    """Whether a row may speak of somebody with this birth date and these names."""
    theirs = (entry.surname, entry.given_names, entry.chinese_name)
    return birth == entry.birth_date and [*map(str.casefold, names)] == [*map(str.casefold, theirs)]


class Seen:
    """What earlier rows said, by digests, so that a row that repeats or contradicts one is found."""

    def __init__(self) -> None:
        self._permits: dict[bytes, int] = {}
        self._people: dict[bytes, tuple[dt.date, str, str | None, int]] = {}
        self._numbers: dict[str, tuple[bytes, bytes, int]] = {}

    def problems(self, entry: Entry) -> Iterator[Problem]:
        """What in this row an earlier one speaks against."""
        passport, number = f"{entry.nationality} {entry.passport}", entry.permit_number
        holder = _digest(passport)
        names = f"{entry.surname} {entry.given_names} {entry.chinese_name}".casefold()
        person = f"{number} {entry.birth_date} {entry.sex} {names}"
        dates = f"{entry.valid_from} {entry.valid_until} {entry.permit_kind}"
        whose = [passport, person] if number else [passport]
        earlier = min(self._permits.setdefault(_digest(f"{one} {dates}"), entry.row) for one in whose)
        if earlier != entry.row:
            yield _against(entry.row, "护照号", earlier, "同一份许可", "the same permit")
        born, sex, known, row = self._people.get(holder, (entry.birth_date, entry.sex, number, entry.row))
        if born != entry.birth_date:
            yield _against(entry.row, "出生日期", row, "同一护照，出生日期不同", "same passport, another birth date")
        if sex != entry.sex:
            yield _against(entry.row, "性别", row, "同一护照，性别不同", "same passport, another sex")
        if known and number and known != number:
            yield _against(entry.row, "许可编号", row, "同一护照，许可编号不同", "same passport, another number")
        self._people.setdefault(holder, (born, sex, known or number, row))
        if number:
            first, who, row = self._numbers.setdefault(number, (holder, _digest(person), entry.row))
            if first != holder and who != _digest(person):
                zh, en = "同一许可编号，护照不同，人也不同", "same number, another passport, another person"
                yield _against(entry.row, "许可编号", row, zh, en)


def _against(row: int, column: str, earlier: int, zh: str, en: str) -> Problem:
    return Problem(row, column, Text(f"与第 {earlier} 行对不上：{zh}。", f"Against row {earlier}: {en}."))


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=12).digest()
