"""Fills an empty demonstration and makes its tokens; a program of its own: `python -m permits.demo.prepare --help`.

What was laid at the first start stays; only tokens are made anew at each start.
"""

import argparse
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from permits import clock
from permits.demo.ready import Account
from permits.settings import Settings, settings


def prepare(settings: Settings, at: datetime, empty: bool) -> list[Account]:
    """Make keys, people and, unless `empty`, the city's cases where there are none, dated from the office time `at`.

    Returns everybody whom one can sign in as, each with a new token.
    """
    return []


def main(arguments: Sequence[str] | None = None) -> int:
    """Prepare what the settings name, and write the accounts as JSON for the program that started this one."""
    parser = argparse.ArgumentParser(prog="permits.demo.prepare", description=__doc__)
    parser.add_argument("--empty", action="store_true", help="people only, no cases")
    parser.add_argument("--accounts", type=Path, required=True, metavar="FILE", help="where the accounts are written")
    given = parser.parse_args(arguments)
    accounts = prepare(settings(), clock.now(), given.empty)
    with open(os.open(given.accounts, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(msgspec.json.encode(accounts))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
