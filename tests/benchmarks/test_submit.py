"""The measurement itself: everybody does the whole work, and the table says what it cost.

How much it may cost is no test, since machines differ: `permits bench submit` says.
"""

import shutil

import pytest

from permits import bench
from permits.bench import report
from permits.bench.report import Cost


def test_every_contestant_submits_every_case_and_is_charged_for_it() -> None:
    rounds = bench.measure(1, warm_up=5)
    assert [list(one) for one in rounds] == [["pgbench", "data layer", "whole POST"]] * bench.ROUNDS
    assert all(cost.database > 0 and cost.own > 0 for one in rounds for cost in one.values())
    assert all(one["data layer"].client == 0 < one["whole POST"].client for one in rounds)


def test_the_table_compares_with_the_bare_database_round_by_round() -> None:
    rounds = [
        {"pgbench": Cost(0.9, 0.1, 0), "data layer": Cost(1, own, 0), "whole POST": Cost(1, 2, 0.4)}
        for own in (0.5, 1, 0.8)
    ]
    assert report.ratios(rounds, "data layer", "pgbench") == pytest.approx((1.5, 1.8, 2))
    table = report.table(rounds, 100)
    assert "3 rounds of 100 cases" in table
    line = next(line for line in table.splitlines() if line.startswith("data layer"))
    assert line.split()[2:] == ["1.000", "0.800", "1.800", "1.80", "1.50", "2.00", "≤", "2.0", "0.000"]


def test_the_bare_database_is_measured_by_a_program_that_is_there() -> None:
    from permits.db import host

    assert (host.installed() / "bin" / "pgbench").exists() or shutil.which("pgbench")
