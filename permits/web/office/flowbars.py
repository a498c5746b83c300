"""Where the bars of the flows stand: what came above the line, what went below it. Pure, as `charts`."""

import math
from collections.abc import Mapping, Sequence

import msgspec

WIDTH, HIGH = 1248.0, 150.0
"""Of the chart of flows."""
MINUS = ("expired", "cancelled", "revoked", "withdrawn-by-authority")


class FlowBar(msgspec.Struct, frozen=True):
    """One month or year: what came above the line, what went below it."""

    name: str
    x: float
    width: float
    middle: float
    up: int
    up_y: float
    up_high: float
    down: int
    down_high: float


class FlowChart(msgspec.Struct, frozen=True):
    """Bars of what came and went; the line between them at `base`."""

    bars: tuple[FlowBar, ...]
    base: float
    every: int
    """Each so many-th bar has room for its words."""


def drawn(periods: Sequence[tuple[str, Mapping[str, int]]]) -> FlowChart:
    """What each period brought and took, on one scale from zero."""
    up = [max(counts.get("granted", 0), 0) for _, counts in periods]
    down = [-sum(min(counts.get(kind, 0), 0) for kind in MINUS) for _, counts in periods]
    unit = HIGH / max(max(up, default=0) + max(down, default=0), 1)
    base, step = 24 + unit * max(up, default=0), WIDTH / max(len(periods), 1)
    wide = min(0.6 * step, 48.0)
    bars = tuple(
        FlowBar(name, step * n + (step - wide) / 2, wide, step * (n + 0.5), came, base - unit * came, unit * came,
                went, unit * went)
        for n, ((name, _), came, went) in enumerate(zip(periods, up, down, strict=True))
    )  # fmt: skip
    return FlowChart(bars, base, max(1, math.ceil(44 / step)))
