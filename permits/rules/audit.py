"""Whether the law's files are whole: every entry with source and date, in both languages, no gap, overlap or loose end.

Pure: rows and the keys that code asks for come in, findings go out. It reads no file and mends nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import msgspec

from permits.rules.law import SHAPES, Dated, reach
from permits.rules.references import loose_ends

_DAY = timedelta(days=1)


class Row(msgspec.Struct, frozen=True):
    """One entry as it stands in a file, before anything is known to be right with it."""

    file: str
    table: str
    content: Any


class Used(msgspec.Struct, frozen=True):
    """A key that code asks for: in which file, of which table, as a regular expression for keys made up of parts."""

    file: str
    table: str
    pattern: str


class Finding(msgspec.Struct, frozen=True, order=True):
    """One thing that is wrong: where, with which key, and what."""

    file: str
    key: str
    zh: str
    en: str


class Placed(msgspec.Struct, frozen=True):
    """An entry that has its table's shape, with the file it stands in."""

    file: str
    table: str
    entry: Dated


def findings(rows: Iterable[Row], used: Iterable[Used]) -> tuple[Finding, ...]:
    """Everything that is wrong with the law's files, each thing once, in the order of files and keys."""
    wrong: list[Finding] = []
    placed = list(_shaped(rows, wrong))
    for one in placed:
        wrong.extend(_of_entry(one))
    for group in _groups(placed):
        wrong.extend(_of_times(group))
    wrong.extend(_unknown_keys(placed, used))
    wrong.extend(
        Finding(_file_of(placed, table, key), key, zh, en) for table, key, zh, en in loose_ends(_tables(placed))
    )
    return tuple(sorted(set(wrong)))


def _shaped(rows: Iterable[Row], wrong: list[Finding]) -> Iterator[Placed]:
    for row in rows:
        key = str(row.content.get("key", "")) if isinstance(row.content, Mapping) else ""
        if row.table not in SHAPES:
            text = f"没有名为 [[{row.table}]] 的表", f"no table of the law is called [[{row.table}]]"
            wrong.append(Finding(row.file, key, *text))
            continue
        try:
            yield Placed(row.file, row.table, msgspec.convert(row.content, SHAPES[row.table]))
        except msgspec.ValidationError as problem:
            text = f"[[{row.table}]] 的写法不对：{problem}", f"[[{row.table}]] has the wrong shape: {problem}"
            wrong.append(Finding(row.file, key, *text))


def _of_entry(placed: Placed) -> Iterator[Finding]:
    entry = placed.entry
    if not entry.source.strip():
        yield _finding(placed, "没有写出处", "no source")
    if entry.effective_until is not None and entry.effective_until < entry.effective_from:
        yield _finding(placed, "结束早于开始", "ends before it begins")
    for where in _one_language(msgspec.to_builtins(entry), ""):
        yield _finding(placed, f"{where}：缺少一种语言", f"{where}: one language is missing")


def _one_language(built: Any, where: str) -> Iterator[str]:
    """Where a sentence lacks one of its languages: in the entry's own texts, and in the words within a value."""
    if isinstance(built, Mapping):
        if set(built) & {"zh", "en"} and not all(str(built.get(lang, "")).strip() for lang in ("zh", "en")):
            yield where.strip(".") or "text"
        for name, value in built.items():
            yield from _one_language(value, f"{where}.{name}")
    elif isinstance(built, list):
        for number, value in enumerate(built, 1):
            yield from _one_language(value, f"{where}.{number}")


def _groups(placed: Iterable[Placed]) -> Iterable[Sequence[Placed]]:
    """The entries of one table, key and region, in the order of their days."""
    groups: dict[tuple[str, str, str], list[Placed]] = {}
    for one in placed:
        groups.setdefault((one.table, one.entry.key, reach(one.entry.region)), []).append(one)
    return [sorted(group, key=_from) for group in groups.values()]


def _from(placed: Placed) -> date:
    return placed.entry.effective_from


def _of_times(group: Sequence[Placed]) -> Iterator[Finding]:
    for one, after in pairwise(group):
        until, begins = one.entry.effective_until, after.entry.effective_from
        if until is None or until >= begins:
            yield _finding(after, f"{begins} 起与前一条重叠", f"overlaps the entry before from {begins}")
        elif until + _DAY < begins:
            first, last = until + _DAY, begins - _DAY
            yield _finding(after, f"{first} 至 {last} 没有规定", f"nothing is in force from {first} to {last}")


def _unknown_keys(placed: Sequence[Placed], used: Iterable[Used]) -> Iterator[Finding]:
    keys: dict[str, set[str]] = {}
    open_ended: dict[str, set[str]] = {}
    for one in placed:
        keys.setdefault(one.table, set()).add(one.entry.key)
        if one.entry.effective_until is None:
            open_ended.setdefault(one.table, set()).add(one.entry.key)
    for use in used:
        if not _any(use.pattern, keys.get(use.table, ())):
            yield Finding(
                use.file, use.pattern, f"[[{use.table}]] 里没有这个键", f"no entry of [[{use.table}]] has this key"
            )
        elif not _any(use.pattern, open_ended.get(use.table, ())):
            text = f"[[{use.table}]] 里的各条都已写明失效日", f"every entry of [[{use.table}]] with this key ends"
            yield Finding(use.file, use.pattern, *text)


def _any(pattern: str, keys: Iterable[str]) -> bool:
    return any(re.fullmatch(pattern, key) for key in keys)


def _tables(placed: Iterable[Placed]) -> Mapping[str, Sequence[Dated]]:
    tables: dict[str, list[Dated]] = {}
    for one in placed:
        tables.setdefault(one.table, []).append(one.entry)
    return tables


def _file_of(placed: Iterable[Placed], table: str, key: str) -> str:
    return next(one.file for one in placed if (one.table, one.entry.key) == (table, key))


def _finding(placed: Placed, zh: str, en: str) -> Finding:
    return Finding(placed.file, placed.entry.key, zh, en)
