"""`permits contract`: writes the contract with the agencies as documents, or says which of them are out of date."""

import sys
from pathlib import Path

from integrations.documents import documents


def write(to: Path) -> None:
    """Write every document under a folder, and remove those of messages that are no more."""
    wanted = documents()
    for path, text in wanted.items():
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        (to / path).write_text(text, encoding="utf-8")
    for path in _others(to, wanted):
        (to / path).unlink()
    sys.stdout.write(f"{len(wanted)} documents written to {to}.\n")


def check(to: Path) -> int:
    """Name the documents that are not as the code has it; 1 where there are any."""
    wanted = documents()
    stale = [path for path, text in wanted.items() if not _same(to / path, text)]
    for path in [*stale, *_others(to, wanted)]:
        sys.stderr.write(f"out of date: {path}\n")
    return 1 if stale or _others(to, wanted) else 0


def _same(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


def _others(to: Path, wanted: dict[str, str]) -> list[str]:
    found = {path.relative_to(to).as_posix() for path in to.rglob("*.json")}
    return sorted(found - wanted.keys())
