"""The strip of an agency's circuit: a whole day, each stretch as it was, said in a sentence as well."""

import datetime as dt

import pytest

from permits.clock import CITY
from permits.routing.breakers import Change
from permits.web.agencies.circuit import NOT_KNOWN, strip

FLAPS = ((0, "open"), (5, "closed"))
NOW = dt.datetime(2026, 11, 24, 10, 30, tzinfo=CITY)
OFFSET = dt.timedelta(hours=1)


def change(hour: int, minute: int, state: str, days: int = 0) -> Change:
    """A change at this office time."""
    at = dt.datetime(2026, 11, 24 - days, hour, minute, tzinfo=CITY)
    return Change("police", at - OFFSET, state, "503 " if state == "open" else None)


@pytest.mark.parametrize(
    ("changes", "states", "zh"),
    [
        ([], [""], NOT_KNOWN.zh),
        ([change(8, 0, "closed", days=9)], ["closed"], "一直闭合"),
        (
            [change(8, 0, "closed", days=2), change(9, 41, "open"), change(10, 24, "half-open")],
            ["closed", "open", "half-open"],
            "闭合到 09:41，断开到 10:24，现在半开",
        ),
        ([change(10, 0, "closed")], ["", "closed"], "10:00 起闭合"),
        (
            [change(1, 0, "closed", days=1)] + [change(h, m, s) for h in (2, 3) for m, s in FLAPS],
            ["closed", "open", "closed", "open", "closed"],
            "断开 2 次，共 10 分；现在闭合",
        ),
    ],
)
def test_a_day_is_shown_stretch_by_stretch_and_said_in_a_sentence(
    changes: list[Change], states: list[str], zh: str
) -> None:
    found = strip(changes, NOW, OFFSET)
    assert [one.state for one in found.stretches] == states
    assert found.says.zh == zh
    assert (found.stretches[0].begin, found.stretches[-1].end) == (NOW - dt.timedelta(days=1), NOW)
    widths = [(one.end - one.begin) / dt.timedelta(days=1) for one in found.stretches]
    assert sum(widths) == pytest.approx(1)


def test_why_a_circuit_opened_is_said_in_both_languages() -> None:
    (_, opened) = strip([change(1, 0, "closed", days=2), change(10, 0, "open")], NOW, OFFSET).stretches
    assert opened.failure is not None
    assert (opened.failure.zh, opened.lasted.zh, opened.fill) == ("对方出错（503）", "30 分", "flate")
