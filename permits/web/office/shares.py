"""How a whole is shared: a split bar, districts in their places, the depth of a cell. Pure, as `charts`."""

from collections.abc import Mapping, Sequence

import msgspec


class Piece(msgspec.Struct, frozen=True):
    """One part of a bar that is split."""

    x: float
    width: float
    key: str
    value: int


class Pane(msgspec.Struct, frozen=True):
    """One district in its place."""

    x: int
    y: int
    code: str
    value: int
    percent: int
    heat: int


def split(values: Mapping[str, int], width: float, gap: float = 2.0) -> tuple[Piece, ...]:
    """One bar split by share, in the order given; parts without anything are left out."""
    parts = [(key, value) for key, value in values.items() if value]
    total = sum(value for _, value in parts)
    usable, pieces, x = width - gap * max(len(parts) - 1, 0), [], 0.0
    for key, value in parts:
        pieces.append(Piece(x, usable * value / total, key, value))
        x += usable * value / total + gap
    return tuple(pieces)


PLACES = {
    "321281": (146, 0),
    "321204": (146, 74),
    "321202": (0, 74),
    "321203": (0, 148),
    "321283": (146, 148),
    "321282": (146, 222),
}
"""Where each district lies, roughly: north above, the Yangtze below."""
DISTRICT_HEATS = (0.25, 0.4, 0.7, 0.9)
"""From which share of the greatest a district is a step deeper."""
CELL_HEATS = (0.065, 0.17, 0.34, 0.6)
"""The same for a cell of a table."""


def districts(values: Mapping[str, int]) -> tuple[Pane, ...]:
    """The six districts in their places."""
    most, total = max(values.values(), default=0), sum(values.values())
    return tuple(
        Pane(x, y, code, values.get(code, 0), round(100 * values.get(code, 0) / total) if total else 0,
             heat(values.get(code, 0), most, DISTRICT_HEATS))
        for code, (x, y) in PLACES.items()
    )  # fmt: skip


def heat(value: int, most: int, thresholds: Sequence[float] = CELL_HEATS) -> int:
    """How deep a figure's ground is, from 0 (nothing) to 5 (the most)."""
    return 1 + sum(value >= share * most for share in thresholds) if value else 0
