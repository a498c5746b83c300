"""Reads the published cases of tests/vectors."""

import json
from datetime import date
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parents[1] / "vectors"


def vectors(file: str) -> Any:
    """A whole file of cases."""
    return json.loads((VECTORS / file).read_text("utf-8"))


def cases(group: str, key: str = "cases") -> list[Any]:
    """The cases of one group of published.json."""
    found: list[Any] = vectors("published.json")["cases"][group][key]
    return found


def day(text: str) -> date:
    """A date as the cases write it."""
    return date.fromisoformat(text)
