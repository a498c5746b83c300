"""What the project's own documents promise."""

from pathlib import Path

from permits.cases import lifecycle

ROOT = Path(__file__).parents[1]


def test_the_diagram_in_contributing_is_the_table_of_the_code() -> None:
    assert "\n".join(lifecycle.diagram()) in (ROOT / "CONTRIBUTING.md").read_text()
