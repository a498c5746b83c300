"""The count for Prometheus: valid permits today, how far the sums are behind, what the last recount found.

Cheap: one question to the roll-up and the row of its state a city. It counts nothing itself.
"""

import asyncpg
from prometheus_client import Gauge

from permits import clock
from permits.register import standing
from permits.register.standing import Standing
from permits.statistics import service as statistics
from permits.statistics.model import Count

VALID = Gauge("permits_valid", "Valid permits today, as known now.", ["region", "category"])
WAITING = Gauge("permits_ledger_waiting", "Entries of the ledger that no sum holds yet.", ["region"])
BEHIND = Gauge("permits_ledger_summed_seconds", "Since the ledger was summed up last.", ["region"])
RECOUNTED = Gauge("permits_recount_seconds", "Since register and ledger were compared last.", ["region"])
COMPARED = Gauge("permits_recount_figures", "Figures that the last recount compared.", ["region"])
DIFFERENT = Gauge("permits_recount_differences", "Figures on which register and ledger disagreed then.", ["region"])


async def measure(tx: asyncpg.Connection, region: str) -> None:
    """Set the figures of a city's count; what never happened has no age."""
    _set(region, await statistics.valid_on(tx, region, clock.today(), None, ("category",)))
    _set_state(region, await standing.standing(tx, region))


def _set(region: str, found: Count) -> None:
    counts = {group.values["category"]: group.count for group in found.groups}
    for category in {*"ABC", *counts}:
        VALID.labels(region, category).set(counts.get(category, 0))


def _set_state(region: str, found: Standing) -> None:
    now = clock.machine_now()
    WAITING.labels(region).set(found.waiting)
    for gauge, at in ((BEHIND, found.summed_at), (RECOUNTED, found.checked_at)):
        if at is not None:
            gauge.labels(region).set((now - at).total_seconds())
    if found.figures is not None:
        COMPARED.labels(region).set(found.figures)
        DIFFERENT.labels(region).set(len(found.differences))
