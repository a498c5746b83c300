"""What entries of the law name of one another: a document, an item, a text. A name without an entry is a loose end.

Pure: it looks at keys, not at days and regions; what it finds is wrong on every day.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from permits.rules.commitments import CommitmentText, CreditRecord, NoticeEntry
from permits.rules.conditions import ConditionEntry, Situation
from permits.rules.law import Dated, reach

Tables = Mapping[str, Sequence[Dated]]
LooseEnd = tuple[str, str, str, str]
"""Table and key of the entry that names something, and what is wrong in both languages."""

NAMED: tuple[tuple[str, str, str], ...] = (
    ("circumstance", "procedure", "procedure"),
    ("document", "procedures", "procedure"),
    ("document", "circumstances", "circumstance"),
    ("document", "grounds", "ground"),
    ("exemption", "procedure", "procedure"),
    ("exemption", "circumstance", "circumstance"),
    ("exemption", "documents", "document"),
    ("limit", "procedures", "procedure"),
    ("whole_limit", "procedures", "procedure"),
    ("window", "procedure", "procedure"),
    ("window", "circumstances", "circumstance"),
    ("condition", "procedures", "procedure"),
    ("condition", "circumstances", "circumstance"),
    ("committable", "procedure", "procedure"),
    ("committable", "document", "document"),
    ("committable", "document", "commitment"),
    ("committable", "procedure", "notice"),
    ("committable", "circumstances", "circumstance"),
    ("committable", "unless_grounds", "ground"),
    ("notice", "key", "procedure"),
    ("joint_variant", "procedures", "procedure"),
    ("joint_variant", "parts", "joint_part"),
    ("joint_procedure", "procedures", "procedure"),
)
"""A table, its field, and the table in which the field's words must be keys."""
NOT_ENTRIES: Mapping[str, frozenset[str]] = {"ground": frozenset({"points"})}
"""Words that stand for something the code works out itself."""


def loose_ends(tables: Tables) -> Iterator[LooseEnd]:
    """Every name without an entry, every condition on an unknown fact, and every text whose version means two texts."""
    for table, field, target in NAMED:
        known = {entry.key for entry in tables.get(target, ())} | NOT_ENTRIES.get(target, frozenset())
        for entry in tables.get(table, ()):
            for name in _words(getattr(entry, field)):
                if name not in known:
                    yield table, entry.key, f"{field}：[[{target}]] 没有 {name}", f"{field}: no {name} in [[{target}]]"
    yield from _unknown_facts(tables)
    for table in ("commitment", "notice"):
        yield from _versions(table, tables.get(table, ()))


def _words(value: Any) -> Iterable[str]:
    return (value,) if isinstance(value, str) else value


def _unknown_facts(tables: Tables) -> Iterator[LooseEnd]:
    facts = (("condition", "field", Situation), ("commitment_bar", "key", CreditRecord))
    for table, field, shape in facts:
        for entry in tables.get(table, ()):
            name = getattr(entry, field)
            if name not in shape.__struct_fields__:
                yield table, entry.key, f"没有名为 {name} 的事实", f"no fact is called {name}"
    for entry in tables.get("condition", ()):
        if isinstance(entry, ConditionEntry) and not _fits(entry):
            yield "condition", entry.key, "value 与 test 不符", "the value does not fit the test"


def _fits(entry: ConditionEntry) -> bool:
    match entry.test:
        case "between":
            return isinstance(entry.value, list) and len(entry.value) == 2 and entry.value[0] <= entry.value[1]
        case "one-of":
            return isinstance(entry.value, list) and bool(entry.value)
        case "runs":
            return entry.value is None
        case "is" | "at-most" | "runs-months":
            return entry.value is not None


def _versions(table: str, entries: Iterable[Dated]) -> Iterator[LooseEnd]:
    """A version stands for one text: signed commitments name it, so that its words may never change under it."""
    seen: dict[tuple[str, str, int], Dated] = {}
    for entry in entries:
        assert isinstance(entry, CommitmentText | NoticeEntry)
        place = entry.key, reach(entry.region), entry.version
        if place in seen:
            yield table, entry.key, f"第 {entry.version} 版有两种文本", f"version {entry.version} stands for two texts"
        seen[place] = entry
