"""What leaves the office gives nobody away: a reader who solves for what was left out is played by brute force."""

import datetime as dt
import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permits.statistics.model import Count, Group
from permits.statistics.suppression import Published, publish

SMALLEST = 3
ON = dt.date(2024, 12, 31)


def counted(groups: list[Group], by: tuple[str, ...]) -> Count:
    """A count of these groups."""
    total, persons = sum(g.count for g in groups), sum(g.persons for g in groups)
    return Count(ON, None, by, total, persons, tuple(groups))


def one_way(values: list[int]) -> Count:
    """By nationality."""
    return counted([Group({"nationality": str(n)}, value, value) for n, value in enumerate(values)], ("nationality",))


def two_way(rows: list[list[int]]) -> Count:
    """By nationality and category; what is nobody's is not listed."""
    groups = [
        Group({"nationality": str(r), "category": str(c)}, value, value)
        for r, row in enumerate(rows)
        for c, value in enumerate(row)
        if value
    ]
    return counted(groups, ("nationality", "category"))


def readings(published: Published, margins: list[Published]) -> list[tuple[int, ...]]:
    """Every way in which the groups left out can be filled in so that all that is published holds."""
    groups, hidden = published.count.groups, sorted(published.hidden)
    left = published.count.total - sum(g.count for at, g in enumerate(groups) if at not in published.hidden)
    found = []
    for values in _shared(left, len(hidden)):
        filled = [g.count for g in groups]
        for at, value in zip(hidden, values, strict=True):
            filled[at] = value
        if all(_holds_margin(published, one, filled) for one in margins):
            found.append(values)
    return found


def _shared(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Every way to share a total into parts of at least one."""
    for cuts in itertools.combinations(range(1, total), parts - 1) if parts else [()]:
        yield tuple(b - a for a, b in itertools.pairwise((0, *cuts, total))) if parts else ()


def _holds_margin(published: Published, margin: Published, filled: list[int]) -> bool:
    name = margin.count.by[0]
    if margin.withheld:
        return True
    for at, group in enumerate(margin.count.groups):
        parts = zip(published.count.groups, filled, strict=True)
        total = sum(value for g, value in parts if g.values[name] == group.values[name])
        if at not in margin.hidden and total != group.count:
            return False
    return True


def gives_away(published: Published, margins: list[Published]) -> list[int]:
    """The small groups of which a reader can tell that they are small."""
    if published.withheld or published.total_hidden:
        return []
    groups, hidden = published.count.groups, sorted(published.hidden)
    small = [at for at, g in enumerate(groups) if 0 < g.count < SMALLEST]
    shown = [at for at in small if at not in published.hidden]
    ways = readings(published, margins)
    assert tuple(groups[at].count for at in hidden) in ways
    told = [at for at in small if at in hidden and all(way[hidden.index(at)] < SMALLEST for way in ways)]
    return shown + told


@given(st.lists(st.integers(1, 6), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_no_reader_of_a_count_can_tell_that_a_group_is_small(values: list[int]) -> None:
    published = publish(one_way(values), SMALLEST)
    assert gives_away(published, []) == []


@given(st.lists(st.lists(st.integers(0, 4), min_size=2, max_size=2), min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_no_reader_of_a_crossed_count_and_both_its_sides_can_tell_that_a_group_is_small(rows: list[list[int]]) -> None:
    count = two_way(rows)
    sides = [one_way_of(count, name) for name in count.by]
    assert gives_away(publish(count, SMALLEST), [publish(side, SMALLEST) for side in sides]) == []


def one_way_of(count: Count, name: str) -> Count:
    """One side of a crossed count, as a file of its own would have it."""
    sums: dict[str, int] = {}
    for group in count.groups:
        sums[group.values[name]] = sums.get(group.values[name], 0) + group.count
    return counted([Group({name: value}, total, total) for value, total in sums.items()], (name,))


@pytest.mark.parametrize(
    ("values", "hidden"),
    [([9, 8, 2], {1, 2}), ([9, 8, 7], set()), ([9, 2, 2, 2], {1, 2, 3}), ([9, 9, 1, 2], {0, 2, 3})],
)
def test_a_single_small_group_takes_the_next_smallest_with_it(values: list[int], hidden: set[int]) -> None:
    published = publish(one_way(values), SMALLEST)
    assert len(published.hidden) == len(hidden)
    assert {at for at, value in enumerate(values) if value < SMALLEST} <= published.hidden
    assert not published.withheld


def test_a_small_total_is_left_out_itself() -> None:
    published = publish(one_way([1, 1]), SMALLEST)
    assert published.total_hidden
    assert published.hidden == {0, 1}


def test_groups_that_can_only_be_small_are_not_even_named() -> None:
    assert publish(one_way([2, 1]), SMALLEST).withheld


def test_permits_and_persons_of_a_group_go_together() -> None:
    groups = [Group({"sex": "F"}, 9, 2), Group({"sex": "M"}, 9, 9), Group({"sex": "X"}, 9, 9)]
    assert publish(counted(groups, ("sex",)), SMALLEST).hidden >= {0}


@pytest.mark.parametrize("smallest", [0, 1])
def test_a_setting_of_nothing_lets_everything_leave(smallest: int) -> None:
    published = publish(one_way([1, 2, 9]), smallest)
    assert not published.suppressed


def test_a_wide_crossed_count_is_worked_through_quickly_enough_to_be_asked_for() -> None:
    rows = [[(7 * r + 3 * c) % 11 for c in range(9)] for r in range(60)]
    published = publish(two_way(rows), 5)
    assert published.suppressed
    assert not published.withheld
