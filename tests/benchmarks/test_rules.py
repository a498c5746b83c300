"""The measurement of the rules measures: how fast a machine is, no test judges."""

import pytest

from permits import cli


def test_what_a_classification_and_a_deadline_cost_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "rules", "--rounds", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines[3:]] == ["classification", "deadline", "deadline, paused"]
    assert all(float(line[18:28]) > 0 for line in lines[3:])
