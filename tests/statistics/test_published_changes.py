"""What leaves of bridges and flows gives no small figure away: a reader who tries every way to fill it in is played."""

import datetime as dt
import itertools
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from permits.statistics.model import Bridge, Change, Flow, Point
from permits.statistics.published_changes import Leaving, publish_bridge, publish_flows

SMALLEST, MOST = 3, 6
KINDS = ("granted", "expired", "revoked")
Months = list[list[int]]
"""For each month how many of each kind."""


def _changes(counts: list[int]) -> tuple[Change, ...]:
    signed = [(kind, count if kind == "granted" else -count) for kind, count in zip(KINDS, counts, strict=True)]
    return tuple(Change(kind, count) for kind, count in signed if count)


def _flows(months: Months) -> list[Flow]:
    days = [(dt.date(2024, n + 1, 1), dt.date(2024, n + 1, 28)) for n in range(len(months))]
    return [Flow(*span, _changes(counts)) for span, counts in zip(days, months, strict=True)]


def _bridge(months: Months) -> Bridge:
    sums = [sum(counts) for counts in zip(*months, strict=True)]
    net = sums[0] - sums[1] - sums[2]
    return Bridge(Point(dt.date(2023, 12, 31), 1000), Point(dt.date(2024, 12, 31), 1000 + net), _changes(sums))


def _possible(leaving: Leaving, net: int) -> Iterator[tuple[int, ...]]:
    """Every way to fill in one period: what is said stands, its totals are known, what is not named is nothing."""
    said = dict(leaving.changes)
    each = [
        range(MOST + 1)
        if leaving.withheld
        else range(1, MOST + 1)
        if said.get(kind, 0) is None
        else [abs(said.get(kind) or 0)]
        for kind in KINDS
    ]
    yield from (ways for ways in itertools.product(*each) if ways[0] - ways[1] - ways[2] == net)


def _told(months: Months) -> list[tuple[int, str]]:
    """The small figures of which a reader of the flows and of the bridge over them can tell that they are small."""
    flows, whole = publish_flows(_flows(months), SMALLEST), publish_bridge(_bridge(months), SMALLEST)
    nets = [counts[0] - counts[1] - counts[2] for counts in months]
    ways = [list(_possible(one, net)) for one, net in zip(flows, nets, strict=True)]
    sums = [None if whole.withheld else dict(whole.changes).get(kind, 0) for kind in KINDS]
    found = [
        way
        for way in itertools.product(*ways)
        if all(known is None or abs(known) == sum(month[k] for month in way) for k, known in enumerate(sums))
    ]
    assert tuple(map(tuple, months)) in found
    small = [(m, k) for m, counts in enumerate(months) for k, count in enumerate(counts) if 0 < count < SMALLEST]
    return [(m, KINDS[k]) for m, k in small if all(way[m][k] < SMALLEST for way in found)]


@given(st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=2, max_size=2))
@example([[4, 4, 1], [4, 4, 4]])
@example([[4, 0, 0], [0, 0, 1]])
@settings(max_examples=60, deadline=None)
def test_no_reader_of_flows_of_the_bridge_over_them_and_of_all_totals_can_tell_that_a_figure_is_small(
    months: Months,
) -> None:
    said = publish_flows(_flows(months), SMALLEST)
    assert all(one.withheld for one in said) or _told(months) == []


@pytest.mark.parametrize(
    ("counts", "left"),
    [
        ([9, 8, 7], {"granted": 9, "expired": -8, "revoked": -7}),
        ([9, 8, 1], {"granted": 9, "expired": None, "revoked": None}),
        ([7, 8, 1], {"granted": None, "expired": -8, "revoked": None}),
        ([9, 0, 1], {"granted": None, "revoked": None}),
    ],
)
def test_a_small_change_takes_the_smallest_other_with_it(counts: list[int], left: dict[str, int | None]) -> None:
    leaving = publish_bridge(_bridge([counts]), SMALLEST)
    assert (dict(leaving.changes), leaving.withheld) == (left, False)


def test_a_bridge_whose_totals_tell_its_only_change_names_none() -> None:
    assert publish_bridge(_bridge([[2, 0, 0]]), SMALLEST) == Leaving((), withheld=True)


def test_a_month_with_a_single_small_change_names_none_and_the_others_stay() -> None:
    months = [[2, 0, 0], [20, 9, 9], [20, 9, 9], [20, 9, 9]]
    alone, *others = publish_flows(_flows(months), SMALLEST)
    assert alone.withheld
    assert not any(one.withheld for one in others)
    assert sum(count is not None for one in others for _, count in one.changes) >= 6


def test_nothing_is_left_out_where_nothing_is_small_or_the_setting_is_nothing() -> None:
    for months, smallest in (([[20, 9, 9], [20, 9, 9]], SMALLEST), ([[2, 1, 0], [1, 1, 1]], 0)):
        assert not any(one.suppressed for one in publish_flows(_flows(months), smallest))


def test_ten_years_of_months_are_worked_through_quickly_enough_to_be_asked_for() -> None:
    flows = [
        Flow(
            dt.date(year, month, 1),
            dt.date(year, month, 28),
            _changes([(7 * month + year) % 30, (5 * month) % 20, month % 4]),
        )
        for year in range(2016, 2026)
        for month in range(1, 13)
    ]
    published = publish_flows(flows, 5)
    assert any(one.suppressed for one in published)
    assert sum(not one.withheld for one in published) > 60
