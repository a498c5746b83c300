"""Fills an empty demonstration and makes its tokens; a program of its own: `python -m permits.demo.prepare --help`.

What was laid at the first start stays; only tokens are made anew at each start.
"""

import argparse
import asyncio
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from integrations.signing import ensure_keys
from permits import clock
from permits.db import crypto
from permits.db.database import Database
from permits.demo import city, staff
from permits.demo.ready import Account
from permits.files.storage import open_storage
from permits.office import Office
from permits.own_law import service as own_law
from permits.settings import Settings, settings


async def prepare(settings: Settings, at: datetime, empty: bool) -> Sequence[Account]:
    """Make keys, people and, unless `empty`, the city's cases where there are none, dated from the office time `at`.

    Returns everybody whom one can sign in as, each with a new token.
    """
    keys = crypto.create(settings.keys_path)
    ensure_keys(settings.agency_keys_path)
    async with Database(settings.database_url, settings.pool_size) as database:
        people = await staff.ensure(database, settings.region)
        if not empty:
            storage = open_storage(settings.storage_url, settings.data, keys)
            office = Office(await own_law.current(database), keys)
            await city.lay(database, office, storage, settings, people, at)
        return await staff.listed(database, people)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prepare what the settings name, and write the accounts as JSON for the program that started this one."""
    parser = argparse.ArgumentParser(prog="permits.demo.prepare", description=__doc__)
    parser.add_argument("--empty", action="store_true", help="people only, no cases")
    parser.add_argument("--accounts", type=Path, required=True, metavar="FILE", help="where the accounts are written")
    given = parser.parse_args(arguments)
    accounts = asyncio.run(prepare(settings(), clock.now(), given.empty))
    with open(os.open(given.accounts, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(msgspec.json.encode(accounts))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
