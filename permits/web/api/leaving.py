"""The lines of files of changes and shares: what is small stays in the office. Pure.

Every line has the names that the JSON has; what is left out is written as the counts' files write it.
"""

from collections.abc import Sequence
from typing import Any

from permits.statistics import shares
from permits.statistics.inference import is_small
from permits.statistics.model import Bridge, Flow
from permits.statistics.published_changes import Leaving, publish_bridge, publish_flows
from permits.statistics.shares import Counted
from permits.statistics.suppression import LEFT_OUT

Lines = Sequence[Any]


def whole(items: Lines, smallest: int) -> Lines:
    """All of it: figures of the office's own work."""
    return items


def bridge(found: Bridge, smallest: int) -> Lines:
    """Both totals with what made the difference between them."""
    ends = [(kind, _said(point.total, smallest)) for kind, point in (("from", found.from_), ("to", found.to))]
    return [
        {"kind": kind, "count": count} for kind, count in [ends[0], *_kinds(publish_bridge(found, smallest)), ends[1]]
    ]


def flows(found: Sequence[Flow], smallest: int) -> Lines:
    """What each period brought by kind."""
    published = zip(found, publish_flows(found, smallest), strict=True)
    return [
        {"first": flow.first, "last": flow.last, "kind": kind, "count": count}
        for flow, leaving in published
        for kind, count in _kinds(leaving)
    ]


def commitments(items: Lines, smallest: int) -> Lines:
    """How many used a commitment, and how many were found false."""
    counted = {one["share"]: Counted(one["whole"], one["part"]) for one in items}
    said = shares.leaving(counted, smallest)
    return [{"share": name, "whole": _or_left_out(w), "part": _or_left_out(p)} for name, (w, p) in said.items()]


def _kinds(leaving: Leaving) -> list[tuple[str, int | str]]:
    if leaving.withheld:
        return [(LEFT_OUT, LEFT_OUT)]
    return [(kind, _or_left_out(count)) for kind, count in leaving.changes]


def _said(count: int, smallest: int) -> int | str:
    return LEFT_OUT if is_small(count, smallest) else count


def _or_left_out(count: int | None) -> int | str:
    return LEFT_OUT if count is None else count
