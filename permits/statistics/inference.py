"""What a reader of published figures can work out of those left out; every figure is a flow from one sum to another.

What goes into a sum comes out of it, and whoever reads knows all that is published. A small figure is safe once the
reader must think it possible that it is not small, because others left out could make up for it. Pure.
"""

import heapq
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence

import msgspec

Node = tuple[str, ...]
Room = dict[Node, dict[Node, int]]
"""How far what goes from one sum to another could be otherwise."""
_NO_END = 1 << 40


def is_small(count: int, smallest: int) -> bool:
    """Whether a figure by itself stays in the office."""
    return 0 < count < smallest


class Edge(msgspec.Struct, eq=False):
    """A figure as a flow from one sum to another."""

    tail: Node
    head: Node
    value: int
    """Never below zero."""
    place: int | None = None
    """Which of the figures it is; None for a sum, which is left out or not before this begins."""
    hidden: bool = False
    cost: int = 0
    """How much is lost where it is left out; by default its value."""
    row: int | None = None
    """A figure that is not even named: where it is left out, so are all figures of this row."""
    whole: bool = False
    """The total, which is left out by itself and protected by nothing."""


class Network:
    """Figures and their sums, and which of them are left out."""

    def __init__(self, edges: Sequence[Edge]) -> None:
        self.edges = edges
        self._room: Room = defaultdict(lambda: defaultdict(int))
        self._rows: dict[int, list[Edge]] = defaultdict(list)
        for edge in edges:
            if edge.row is not None:
                self._rows[edge.row].append(edge)
            if edge.hidden:
                self._open(edge, 1)

    def protect(self, smallest: int) -> bool:
        """Leave out so many more that no small one can be told; False where one of them can all the same."""
        small = [edge for edge in self.edges if is_small(edge.value, smallest) and not edge.whole]
        for edge in small:
            if edge.place is not None and not edge.hidden:
                self._hide(edge)
        return all(self._protected(edge, smallest) for edge in small if edge.hidden)

    def _protected(self, edge: Edge, smallest: int) -> bool:
        while True:
            room, missing = self._pushed(edge, smallest)
            if not missing:
                return True
            way = self._cheapest(room, edge)
            if not way:
                return False
            for one in way:
                self._hide(one)

    def _hide(self, edge: Edge) -> None:
        """Leave a figure out; with one that is not named all of its row."""
        unnamed = edge.row is not None and edge.value == 0
        for one in self._rows[edge.row] if unnamed and edge.row is not None else (edge,):
            if not one.hidden:
                one.hidden = True
                self._open(one, 1)

    def _open(self, edge: Edge, way: int) -> None:
        self._room[edge.tail][edge.head] += way * _NO_END
        self._room[edge.head][edge.tail] += way * max(edge.value - 1, 0)

    def _pushed(self, edge: Edge, smallest: int) -> tuple[Room, int]:
        """The room that is left once a figure is as much greater as it must be able to be, and what is missing."""
        self._open(edge, -1)
        room: Room = defaultdict(dict, {node: dict(others) for node, others in self._room.items()})
        self._open(edge, 1)
        missing = smallest - edge.value if edge.tail != edge.head else 0
        while missing > 0 and (path := _path(room, edge.head, edge.tail)):
            gain = min(missing, *(room[a][b] for a, b in path))
            for a, b in path:
                room[a][b] -= gain
                room[b][a] = room[b].get(a, 0) + gain
            missing -= gain
        return room, missing

    def _cheapest(self, room: Room, edge: Edge) -> list[Edge]:
        """Those to leave out besides, so that one more way leads round an edge, with the least loss."""
        arcs = self._arcs(room)
        came: dict[Node, tuple[Node, Edge | None]] = {}
        waiting: list[tuple[int, int, Node, Node, Edge | None]] = [(0, 0, edge.head, edge.head, None)]
        tick = 0
        while waiting and edge.tail not in came:
            cost, _, here, before, by = heapq.heappop(waiting)
            if here in came:
                continue
            came[here] = before, by
            for there, (more, other) in arcs[here].items():
                tick += 1
                heapq.heappush(waiting, (cost + more, tick, there, here, other))
        return _taken(came, edge) if edge.tail in came else []

    def _arcs(self, room: Room) -> dict[Node, dict[Node, tuple[int, Edge | None]]]:
        """From each sum to others: for nothing where there is room, else at the cost of a figure left out."""
        arcs: dict[Node, dict[Node, tuple[int, Edge | None]]] = defaultdict(dict)
        for edge in self.edges:
            if edge.place is not None and not edge.hidden:
                cost = (edge.cost or edge.value, edge)
                ways = [(edge.tail, edge.head)] + [(edge.head, edge.tail)] * (edge.value > 1)
                for a, b in ways:
                    arcs[a][b] = min(arcs[a].get(b, cost), cost, key=lambda one: one[0])
        for a, others in room.items():
            arcs[a] |= {b: (0, None) for b, left in others.items() if left > 0}
        return arcs


def _taken(came: dict[Node, tuple[Node, Edge | None]], edge: Edge) -> list[Edge]:
    """The figures on the way that was found."""
    found, at = [], edge.tail
    while at != edge.head:
        at, by = came[at]
        if by is not None:
            found.append(by)
    return found


def _path(room: Room, start: Node, end: Node) -> list[tuple[Node, Node]]:
    """A way with room from one sum to another, as its steps; empty where there is none."""
    came: dict[Node, Node] = {start: start}
    waiting = deque([start])
    while waiting and end not in came:
        here = waiting.popleft()
        for there, left in room.get(here, {}).items():
            if left > 0 and there not in came:
                came[there] = here
                waiting.append(there)
    return _steps(came, start, end) if end in came else []


def _steps(came: dict[Node, Node], start: Node, end: Node) -> list[tuple[Node, Node]]:
    steps, at = [], end
    while at != start:
        steps.append((came[at], at))
        at = came[at]
    return steps[::-1]


def places(edges: Iterable[Edge]) -> frozenset[int]:
    """Which figures are left out."""
    return frozenset(edge.place for edge in edges if edge.hidden and edge.place is not None)
