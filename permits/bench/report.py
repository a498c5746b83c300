"""What a measurement says, as a table: CPU a case in milliseconds, and how many times that of the bare database."""

from collections.abc import Mapping, Sequence
from statistics import median

import msgspec

AIMS = {"data layer": 2.0, "whole POST": 3.2}
"""At most so many times the bare database's CPU."""


class Cost(msgspec.Struct, frozen=True):
    """What one contestant spent in one round, in milliseconds of CPU a case."""

    database: float
    """All processes of PostgreSQL."""
    own: float
    """Its own process."""
    client: float
    """The HTTP client, which does not count."""

    @property
    def whole(self) -> float:
        """What counts."""
        return self.database + self.own


Round = Mapping[str, Cost]
"""What each contestant spent, by its name."""


def ratios(rounds: Sequence[Round], name: str, base: str) -> tuple[float, float, float]:
    """The smallest, middle and largest of a contestant's ratios to another, round by round."""
    found = [one[name].whole / one[base].whole for one in rounds]
    return min(found), median(found), max(found)


def table(rounds: Sequence[Round], size: int) -> str:
    """The table; the first contestant is what the others are compared with."""
    names = list(rounds[0])
    head = f"CPU in ms a case, {len(rounds)} rounds of {size} cases each, middle of the rounds:\n\n"
    heads = ("database", "process", "together", "ratio", "least", "most", "aim", "(client)")
    titles = f"{'':12}" + "".join(f"{title:>10}" for title in heads) + "\n"
    return head + titles + "".join(_line(rounds, name, names[0]) for name in names)


def _line(rounds: Sequence[Round], name: str, base: str) -> str:
    costs = [one[name] for one in rounds]
    spent = [median(getattr(cost, part) for cost in costs) for part in ("database", "own", "whole")]
    least, middle, most = ratios(rounds, name, base)
    aim = f"≤ {AIMS[name]}" if name in AIMS else ""
    parts = [*(f"{ms:.3f}" for ms in spent), *(f"{ratio:.2f}" for ratio in (middle, least, most)), aim]
    client = f"{median(cost.client for cost in costs):.3f}"
    return f"{name:12}" + "".join(f"{part:>10}" for part in (*parts, client)) + "\n"
