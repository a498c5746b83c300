"""The ways a desk's list can be narrowed, each with its figure and its address. A figure is the length of its list."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlencode

import msgspec
from msgspec.structs import replace

from permits.cases.desk import Filter, Group, passes
from permits.i18n import Text
from permits.web.window.words import PROCEDURES, STATES, WAITING

LIGHTS = {
    "late": Text("超期", "Late"),
    "soon": Text("将到期", "Due soon"),
    "fine": Text("正常", "On time"),
    "pause": Text("暂停", "Paused"),
}
DIMENSIONS: Mapping[str, tuple[Text, Mapping[str, Text]]] = {
    "waiting": (Text("在等谁", "Waiting on"), WAITING),
    "state": (Text("状态", "State"), STATES),
    "procedure": (Text("事项", "Procedure"), PROCEDURES),
    "category": (Text("类别", "Category"), {letter: Text(letter, letter) for letter in "ABC"}),
    "light": (Text("时限", "Limit"), LIGHTS),
}
"""What a list is narrowed by, besides its queue: the name in the address, its title and its values."""


class Queue(msgspec.Struct, frozen=True):
    """One list of a desk."""

    key: str
    words: Text
    by: Filter
    roles: frozenset[str] = frozenset()
    """Who is offered it; empty: everybody."""


class Desk(msgspec.Struct, frozen=True):
    """A desk: where its list stands, where its cases open, its lists in the order they are offered."""

    path: str
    case: str
    """Address of a case, its number left open."""
    signing: str
    """The same of a case that waits for a signature, for whoever signs or clears it."""
    title: Text
    states: tuple[str, ...]
    """Every state the desk deals with now."""
    queues: Callable[[dt.date], tuple[Queue, ...]]
    """Its lists on a day."""


class Choice(msgspec.Struct, frozen=True):
    """One line of the facets."""

    words: Text
    count: int | None
    href: str
    current: bool = False


class Chosen(msgspec.Struct, frozen=True):
    """What a visitor of the list has asked for."""

    queue: Queue
    values: Mapping[str, str]
    """By the names of `DIMENSIONS`."""

    def by(self, without: str = "") -> Filter:
        """The filter of it all, or of all but one dimension."""
        given = {name: value for name, value in self.values.items() if name != without}
        state = given.pop("state", None)
        states = tuple(s for s in self.queue.by.states if state in (None, s))
        return replace(self.queue.by, states=states, **given)


def choose(queues: Iterable[Queue], asked: Mapping[str, str], groups: list[Group], today: dt.date) -> Chosen:
    """What the address asks; without a list in it, the first in which something lies."""
    offered = list(queues)
    named = next((queue for queue in offered if queue.key == asked.get("queue")), None)
    filled = next((queue for queue in offered if count(groups, queue.by, today)), offered[0])
    values = {name: asked[name] for name, (_, known) in DIMENSIONS.items() if asked.get(name) in known}
    queue = named or filled
    return Chosen(queue, {n: v for n, v in values.items() if n == "state" or getattr(queue.by, n) in (None, v)})


def count(groups: Iterable[Group], by: Filter, today: dt.date) -> int:
    """How many cases pass a filter."""
    return sum(group.count for group in groups if passes(group, by, today))


def address(desk: Desk, queue: str, values: Mapping[str, str], **more: str) -> str:
    """The address of a list."""
    return f"{desk.path}?{urlencode({'queue': queue, **values, **more})}"


def lists(desk: Desk, queues: Iterable[Queue], here: str, groups: list[Group], today: dt.date) -> list[Choice]:
    """The desk's lists, `here` the key of the open one; what is over and done with has a figure only while open."""
    return [
        Choice(
            queue.words,
            None if queue.key == "ended" and here != "ended" else count(groups, queue.by, today),
            address(desk, queue.key, {}),
            queue.key == here,
        )
        for queue in queues
    ]


def facets(desk: Desk, chosen: Chosen, groups: list[Group], today: dt.date) -> list[tuple[Text, list[Choice]]]:
    """Every dimension but the lights, with the values that lead anywhere."""
    found = [(title, choices(desk, chosen, groups, today, name)) for name, (title, _) in DIMENSIONS.items()]
    return [(title, lines) for title, lines in found[:-1] if lines]


def choices(desk: Desk, chosen: Chosen, groups: list[Group], today: dt.date, name: str) -> list[Choice]:
    """The values of one dimension; the one chosen leads back."""
    base, mine = chosen.by(without=name), []
    for value, words in DIMENSIONS[name][1].items():
        by = narrowed(base, name, value)
        current = chosen.values.get(name) == value
        figure = count(groups, by, today)
        if figure or current:
            rest = {n: v for n, v in chosen.values.items() if n != name}
            href = address(desk, chosen.queue.key, rest if current else rest | {name: value})
            mine.append(Choice(words, figure, href, current))
    return mine


def narrowed(by: Filter, name: str, value: str) -> Filter:
    """The filter with one more condition."""
    if name == "state":
        return replace(by, states=tuple(s for s in by.states if s == value))
    held = getattr(by, name)
    if held not in (None, value):
        return replace(by, states=())
    return replace(by, **{name: value})


def chips(desk: Desk, chosen: Chosen) -> list[Choice]:
    """What the list is narrowed by now, each with the address without it."""
    return [
        Choice(
            DIMENSIONS[name][1][value],
            None,
            address(desk, chosen.queue.key, {n: v for n, v in chosen.values.items() if n != name}),
        )
        for name, value in chosen.values.items()
    ]
