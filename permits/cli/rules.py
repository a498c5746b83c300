"""`permits rules check` and `permits rules explain`: reads the law's files and our own code, prints what the rules say.

It changes no file and decides nothing: what is wrong, and what holds, is worked out in `permits.rules`.
"""

import ast
import asyncio
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import permits
from permits.errors import Unavailable
from permits.i18n import Text
from permits.own_law.store import Entry
from permits.rules import procedures
from permits.rules.audit import Finding, Row, Used, findings
from permits.rules.explain import explain
from permits.rules.law import DATA, SHAPES, Dated, Law, LawError, NoRule, load

CODE = Path(permits.__file__).parent
TABLES = {shape.__name__: name for name, shape in SHAPES.items()}
"""The table of each shape, by the shape's name in code."""


def check(lang: str = "zh", data: Path = DATA) -> int:
    """Print what is wrong with the law's files in a folder, one line each; 1 where anything is."""
    found = audit(data)
    for one in found:
        sys.stdout.write(f"{one.file}: {one.key or '-'}: {one.zh if lang == 'zh' else one.en}\n")
    said = (
        Text("规则完好。", "The rules are whole.")
        if not found
        else Text(f"{len(found)} 处问题。", f"{len(found)} wrong.")
    )
    sys.stdout.write(f"{said.of(lang)}\n")
    return int(bool(found))


def audit(data: Path = DATA, code: Path = CODE) -> tuple[Finding, ...]:
    """What is wrong with the law in a folder, for the code in another."""
    rows, unreadable = read(data)
    return tuple(sorted([*unreadable, *findings(rows, used_keys(code))]))


def read(data: Path) -> tuple[list[Row], list[Finding]]:
    """Every entry of every file, and the files that are no TOML."""
    rows: list[Row] = []
    wrong: list[Finding] = []
    for path in sorted(data.glob("*.toml")):
        try:
            content = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
            wrong.append(Finding(path.name, "", f"读不出来：{problem}", f"cannot be read: {problem}"))
            continue
        rows.extend(Row(path.name, name, row) for name, part in content.items() for row in _rows(part))
    return rows, wrong


def _rows(part: object) -> Sequence[object]:
    return part if isinstance(part, list) else [part]


def used_keys(code: Path) -> Iterator[Used]:
    """The keys that the code asks the law for: the words given to `setting(…)` and to `entry(Shape, …)`."""
    for path in sorted(code.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            table, asked = _asked(call)
            for pattern in _patterns(asked, tree):
                yield Used(path.relative_to(code).as_posix(), table, pattern)


def _asked(call: ast.Call) -> tuple[str, Iterable[ast.expr]]:
    """The table that a call looks into, and the arguments that may be a key."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in ("setting", "_setting"):
        return "setting", call.args
    if name == "entry" and call.args:
        shape = call.args[0]
        return TABLES.get(getattr(shape, "attr", getattr(shape, "id", "")), ""), call.args[1:]
    return "", ()


def _patterns(asked: Iterable[ast.expr], tree: ast.Module) -> Iterator[str]:
    for expression in asked:
        if isinstance(expression, ast.Name):
            yield from (p for value in _assigned(expression.id, tree) for p in _patterns([value], tree))
        elif isinstance(expression, ast.IfExp):
            yield from _patterns([expression.body, expression.orelse], tree)
        elif isinstance(expression, ast.JoinedStr):
            yield "".join(_part(part) for part in expression.values)
        elif isinstance(expression, ast.Constant) and isinstance(expression.value, str):
            yield re.escape(expression.value).replace(r"\-", "-")


def _assigned(name: str, tree: ast.Module) -> Iterator[ast.expr]:
    """What a name stands for: what is assigned to it, or each of the words that a loop gives it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            yield node.value
        elif isinstance(node, ast.comprehension | ast.For) and _is_over(node, name):
            yield from getattr(node.iter, "elts", ())


def _is_over(loop: ast.comprehension | ast.For, name: str) -> bool:
    return isinstance(loop.target, ast.Name) and loop.target.id == name


def _part(part: ast.expr) -> str:
    return re.escape(str(part.value)).replace(r"\-", "-") if isinstance(part, ast.Constant) else ".+"


def explain_item(item: str, on: date | None, region: str | None, lang: str = "zh") -> int:
    """Print what holds for an item and from where; 1 where it is not offered then, with those that are."""
    from permits import clock
    from permits.settings import settings

    day, place = on or clock.today(), region or settings().region
    try:
        law, own = asyncio.run(_law_of(settings().database_url, lang))
        sys.stdout.write("".join(f"{line}\n" for line in (*_told(law, item, day, place, lang), *own)))
    except (LawError, tomllib.TOMLDecodeError) as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 1
    except NoRule as missing:
        sys.stderr.write(f"{_not_offered(law, item, missing, day, place).of(lang)}\n")
        return 1
    return 0


async def _law_of(url: str, lang: str) -> tuple[Law, list[str]]:
    """The law of the files with the office's own entries where a database is configured, and a line naming those."""
    from permits.db.database import Database
    from permits.own_law import service, store

    if not url:
        return load(), []
    try:
        async with Database(url, 1) as database, database.transaction(None) as tx:
            entries = await store.in_force(tx)
    except Unavailable:
        sys.stderr.write("The database is away: the law of the files alone. 数据库连不上，只有文件里的规则。\n")
        return load(), []
    return service.assembled(entries), [_own(entries, lang)] if entries else []


def _own(entries: Sequence[Entry], lang: str) -> str:
    named = ", ".join(f"{one.kind} {one.key}" for one in entries)
    return f"\n本机关自己载入的也算在内：{named}" if lang == "zh" else f"\nWith the office's own entries: {named}"


def _told(law: Law, item: str, on: date, region: str, lang: str) -> Iterator[str]:
    yield f"{procedures.procedure(law, item, on, region).title.of(lang)}  [{item}, {on}, {region}]"
    for section in explain(law, item, on, region):
        yield f"\n{section.title.of(lang)}"
        before: Dated | None = None
        for line in section.lines:
            if before is not None and before is not line.entry:
                yield _from(before, lang)
            yield f"  - {line.text.of(lang)}"
            before = line.entry
        if before is not None:
            yield _from(before, lang)


def _from(entry: Dated, lang: str) -> str:
    """Where the lines above stand: source, article, days, region, and whether the office has yet to confirm it."""
    zh = lang == "zh"
    days = f"{entry.effective_from} 起" if zh else f"from {entry.effective_from}"
    if entry.effective_until is not None:
        days += f"至 {entry.effective_until}" if zh else f" to {entry.effective_until}"
    place = "" if entry.region == "*" else (f"，地区 {entry.region}" if zh else f", region {entry.region}")
    ours = ("，待确认" if zh else ", to be confirmed") if entry.assumed else ""
    article = f" {entry.article}" if entry.article else ""
    return (
        f"      {entry.source}{article}（{days}{place}{ours}）"
        if zh
        else f"      {entry.source}{article} ({days}{place}{ours})"
    )


def _not_offered(law: Law, item: str, missing: NoRule, on: date, region: str) -> Text:
    offered = ", ".join(one.code for one in procedures.procedures(law, on, region))
    if missing.key != item:
        return Text(f"{on} 在 {region} 没有规定：{missing.key}", f"No rule in force on {on} in {region}: {missing.key}")
    if not offered:
        return Text(f"{on} 在 {region} 没有可办的事项。", f"No item is offered on {on} in {region}.")
    return Text(f"{on} 没有事项 {item}。可选：{offered}", f"No item {item} on {on}. There are: {offered}")
