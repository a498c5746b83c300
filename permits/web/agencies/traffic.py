"""A day's traffic with an agency as a drawing: what was sent stands above the line, what was received below. Pure."""

import datetime as dt
from collections.abc import Iterable

import msgspec

from permits.routing.watching import Hour

HOURS = 24
LEFT, STEP, WIDTH = 45.0, 139 / 6, 127 / 6
LINE, GAP, TALLEST = 76.0, 1.0, 57.0
LABELLED = 3
"""Every third hour has its name."""


class Bar(msgspec.Struct, frozen=True):
    """One hour: places in the drawing, and the figures."""

    x: str
    middle: str
    width: str
    sent_y: str
    sent_height: str
    failed_height: str
    received_height: str
    hour: dt.datetime
    sent: int
    failed: int
    received: int
    labelled: bool
    """Whether the hour's name stands under it."""


class Traffic(msgspec.Struct, frozen=True):
    """The last day with an agency."""

    bars: tuple[Bar, ...]
    most_sent: Bar | None
    """The hour with the most messages sent, whose figure is written; None where none was."""
    sent: int
    failed: int
    received: int


def traffic(found: Iterable[Hour], now: dt.datetime) -> Traffic:
    """The last 24 hours, the present one last."""
    last = now.replace(minute=0, second=0, microsecond=0)
    known = {one.hour: one for one in found}
    moments = [last - dt.timedelta(hours=HOURS - 1 - n) for n in range(HOURS)]
    hours = [known.get(at) or Hour("", at, 0, 0, 0) for at in moments]
    most = max(max(one.sent, one.received) for one in hours) or 1
    bars = tuple(_bar(n, one, most) for n, one in enumerate(hours))
    busiest = max(bars, key=lambda bar: bar.sent)
    return Traffic(
        bars,
        busiest if busiest.sent else None,
        sum(one.sent for one in hours),
        sum(one.failed for one in hours),
        sum(one.received for one in hours),
    )


def _bar(nth: int, one: Hour, most: int) -> Bar:
    x, sent = LEFT + STEP * nth, TALLEST * one.sent / most
    return Bar(
        x=f"{x:.1f}",
        middle=f"{x + WIDTH / 2:.1f}",
        width=f"{WIDTH:.1f}",
        sent_y=f"{LINE - GAP - sent:.1f}",
        sent_height=f"{sent:.1f}",
        failed_height=f"{TALLEST * one.failed / most:.1f}",
        received_height=f"{TALLEST * one.received / most:.1f}",
        hour=one.hour,
        sent=one.sent,
        failed=one.failed,
        received=one.received,
        labelled=nth % LABELLED == 1,
    )
