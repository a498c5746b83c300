"""Commands beside a demonstration: without a database of their own they work on its database, keys and clock.

The demonstration leaves the environment of its programs in its data folder while it runs, readable by its owner only.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

FILE = "environment.json"
OWN = "PERMITS_"


def leave(folder: Path, environment: Mapping[str, str]) -> None:
    """Let commands find what the programs of this demonstration work with."""
    path = folder / FILE
    path.unlink(missing_ok=True)
    found = {name: value for name, value in environment.items() if name.startswith(OWN)}
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        json.dump(found, file)


def withdraw(folder: Path) -> None:
    """Nothing runs there any more."""
    (folder / FILE).unlink(missing_ok=True)


def join() -> None:
    """Work with the demonstration that runs in this data folder (PERMITS_DATA), where no other database is named."""
    if os.environ.get("PERMITS_DATABASE_URL"):
        return
    try:
        found: dict[str, str] = json.loads((Path(os.environ.get("PERMITS_DATA") or "var") / FILE).read_text())
    except (OSError, ValueError):
        return
    os.environ.update(found)
