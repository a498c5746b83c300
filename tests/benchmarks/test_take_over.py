"""The measurement of taking over a register measures: every row is taken, each part of the work is charged."""

from permits.bench import take_over


def test_every_row_is_taken_over_and_each_part_is_charged() -> None:
    cost = take_over.measure(30)
    assert cost.rows == 30
    assert list(cost.seconds) == ["check", "write"]
    assert all(seconds > 0 for seconds in cost.seconds.values())
    assert cost.peak_mb > 0
