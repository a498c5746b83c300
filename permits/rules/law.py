"""The law as dated entries: reads the TOML files, checks them, and says which entry is in force on a day in a region.

It never knows today's date and never decides anything: the rules ask it, naming the day and the region.
"""

import functools
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import msgspec

DATA = Path(__file__).parent / "data"
SHAPES: dict[str, "type[Dated]"] = {}
"""The shape of each table of the law, by the table's name in the files; filled by `table`."""


class LawError(Exception):
    """The law's own files are wrong: an entry of the wrong shape, or two in force at once."""


class NoRule(Exception):
    """No entry is in force for this key on this day in this region."""

    def __init__(self, key: str, on: date, region: str) -> None:
        super().__init__(f"no rule {key!r} in force on {on} in region {region!r}")
        self.key, self.on, self.region = key, on, region


class Dated(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every entry of the law carries: what it is called, when and where it holds, and who says so."""

    key: str
    """What the entry is about; one entry a key is in force on a day in a region."""
    effective_from: date
    """First day in force."""
    effective_until: date | None = None
    """Last day in force; None while no end is known."""
    region: str = "*"
    """GB/T 2260 code or its beginning: "321200" beats "32", which beats "*", the whole country."""
    source: str
    """The document the entry was read in."""
    article: str = ""
    """The article or item of the source."""
    assumed: bool = False
    """True where the source does not say exactly this and the value is ours, to be confirmed by the office."""

    def in_force(self, on: date) -> bool:
        """Whether the entry holds on the day `on`, both ends included."""
        return self.effective_from <= on and (self.effective_until is None or on <= self.effective_until)


Shape = TypeVar("Shape", bound=Dated)


def table(name: str) -> Callable[[type[Shape]], type[Shape]]:
    """Declare a Struct as the shape of the entries `[[name]]` in the files."""

    def declare(shape: type[Shape]) -> type[Shape]:
        SHAPES[name] = shape
        return shape

    return declare


@table("setting")
class Setting(Dated, frozen=True, kw_only=True):
    """One number, word or list that a rule needs and the law or the city may change."""

    value: Any
    """The value; its unit is part of the key's name (`_days`, `_bytes`, `_cny`)."""


class Law(msgspec.Struct, frozen=True, eq=False):
    """All entries of the law, of every date and region. An immutable value: hand it to every rule."""

    tables: Mapping[type[Dated], Mapping[str, tuple[Dated, ...]]]

    def every(self, shape: type[Shape]) -> tuple[Shape, ...]:
        """All entries of a table, whether in force or not, in the order of the files."""
        return tuple(entry for entries in self.keys(shape).values() for entry in entries)

    def entries(self, shape: type[Shape], *, on: date, region: str) -> tuple[Shape, ...]:
        """The entries of a table in force on a day in a region, one a key, in the order of the files."""
        return tuple(_in_force(self, shape, on, region).values())

    def entry(self, shape: type[Shape], key: str, *, on: date, region: str) -> Shape:
        """The entry of this key in force on a day in a region. Raises `NoRule`."""
        found = _in_force(self, shape, on, region).get(key)
        if found is None:
            raise NoRule(key, on, region)
        return found

    def setting(self, key: str, *, on: date, region: str) -> Setting:
        """The setting of this key in force on a day in a region. Raises `NoRule`."""
        return self.entry(Setting, key, on=on, region=region)

    def keys(self, shape: type[Shape]) -> Mapping[str, tuple[Shape, ...]]:
        """All entries of a table by their key."""
        return self.tables.get(shape, {})  # type: ignore[return-value]  # entries are filed under their own shape


def reach(region: str) -> str:
    """The beginning that all codes of a region share: "" for the country, "32" for a province, "3212" for a city."""
    return "" if region == "*" else region.removesuffix("00").removesuffix("00")


def _in_force(law: Law, shape: type[Shape], on: date, region: str) -> Mapping[str, Shape]:
    return _of_a_day(law, shape, on, region)  # type: ignore[return-value]  # a cache cannot say that it keeps the shape


@functools.lru_cache(maxsize=4096)  # all cases of a day and a region read the same entries
def _of_a_day(law: Law, shape: type[Dated], on: date, region: str) -> Mapping[str, Dated]:
    found = ((key, _nearest(entries, on, region)) for key, entries in law.keys(shape).items())
    return {key: entry for key, entry in found if entry is not None}


def _nearest(entries: Iterable[Dated], on: date, region: str) -> Dated | None:
    held = [entry for entry in entries if entry.in_force(on) and region.startswith(reach(entry.region))]
    return max(held, key=lambda entry: len(reach(entry.region)), default=None)


def load(extra: Sequence[Mapping[str, Any]] = ()) -> Law:
    """The law from the files, with further entries of the same form as a file: `{"setting": [{"key": …}, …]}`.

    Raises `LawError` where an entry has the wrong shape or overlaps another of its key and region.
    """
    return _assemble([*_files(), *(("extra", content) for content in extra)]) if extra else _from_files()


@functools.cache
def _from_files() -> Law:
    return _assemble(_files())


def _files() -> list[tuple[str, Mapping[str, Any]]]:
    return [(path.name, tomllib.loads(path.read_text("utf-8"))) for path in sorted(DATA.glob("*.toml"))]


def _assemble(files: Iterable[tuple[str, Mapping[str, Any]]]) -> Law:
    tables: dict[type[Dated], dict[str, tuple[Dated, ...]]] = {}
    for entry in _checked(files):
        keys = tables.setdefault(type(entry), {})
        keys[entry.key] = (*keys.get(entry.key, ()), entry)
    for keys in tables.values():
        for entries in keys.values():
            _refuse_overlap(entries)
    return Law(tables)


def _checked(files: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[Dated]:
    for file, content in files:
        for name, rows in content.items():
            if name not in SHAPES:
                raise LawError(f"{file}: no table of the law is called {name!r}")
            try:
                yield from (msgspec.convert(row, SHAPES[name]) for row in rows)
            except msgspec.ValidationError as wrong:
                raise LawError(f"{file}: [[{name}]]: {wrong}") from wrong


def _refuse_overlap(entries: Sequence[Dated]) -> None:
    by_place = sorted(entries, key=lambda entry: (reach(entry.region), entry.effective_from))
    for one, next_one in pairwise(by_place):
        if reach(one.region) == reach(next_one.region) and one.in_force(next_one.effective_from):
            raise LawError(f"{one.key!r} in region {one.region!r}: two entries in force on {next_one.effective_from}")
