"""What a measurement stands on: a migrated PostgreSQL of its own, durable as the demonstration's, and an employer.

Everything lies in a temporary folder and goes with it.
"""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import asyncpg
import msgspec
from sqlalchemy import func, literal_column, select

from permits.accounts import service as accounts
from permits.accounts.model import Account
from permits.cases.store import bind
from permits.cases.tables import cases
from permits.db import crypto, host, migrate
from permits.db.database import Database
from permits.db.embedded import Embedded, temporary
from permits.db.statements import statement
from permits.office import Office
from permits.rules import law
from permits.settings import settings

PASSWORD = "only-for-measuring"  # noqa: S105 -- of an account that nobody reaches


class Unmeasurable(RuntimeError):
    """This machine cannot measure; the message says what is missing."""


class Ground(msgspec.Struct, frozen=True):
    """A migrated, empty database, the law and keys, and an employer's agent with a token."""

    server: Embedded
    folder: Path
    url: str
    """Of the database, as the application's role."""
    office: Office
    account: Account
    token: str

    @property
    def region(self) -> str:
        """The city it all happens in."""
        return self.account.regions[0]

    @property
    def env(self) -> Mapping[str, str]:
        """The environment of a web server on this ground."""
        ours = {"PERMITS_DATABASE_URL": self.url, "PERMITS_DATA": str(self.folder), "PERMITS_REGIONS": self.region}
        return {name: value for name, value in os.environ.items() if not name.startswith("PERMITS_")} | ours

    def servers(self) -> list[int]:
        """The numbers of all processes of the database."""
        return host.working_in(self.server.cluster)


@contextlib.contextmanager
def laid() -> Iterator[Ground]:
    """A ground for one measurement."""
    with tempfile.TemporaryDirectory(prefix="permits-bench-") as folder, temporary(fast=False) as server:
        migrate.upgrade(server.url("permits_migrator", "permits"))
        url = server.url("permits_app", "permits")
        office = Office(law.load(), crypto.create(Path(folder) / "keys" / "data.json"))
        account, token = asyncio.run(_employer(url))
        yield Ground(server, Path(folder), url, office, account, token)


async def _employer(url: str) -> tuple[Account, str]:
    async with Database(url) as database:
        region = settings().region
        account = await accounts.create_account(
            database, "bench@example.com", "虚构 Invented", PASSWORD, ["employer"], region
        )
        return account, await accounts.create_token(database, account, "bench", 1)


_SUBMITTED = statement(
    select(func.count())
    .select_from(cases)
    .where(cases.c.region == bind("region", cases.c.region), cases.c.state == literal_column("'submitted'"))
)


async def require_submitted(ground: Ground, count: int) -> None:
    """Unmeasurable unless exactly so many cases stand submitted: nobody is measured for work not done."""
    async with Database(ground.url) as database, database.transaction(ground.region) as tx:
        found = await _SUBMITTED.value(tx, region=ground.region)
    if found != count:
        raise Unmeasurable(f"{found} cases were submitted instead of {count}.")


async def take_statistics(ground: Ground) -> None:
    """Clean the tables and count them, as PostgreSQL does by itself within minutes."""
    connection = await asyncpg.connect(ground.server.url("permits_migrator", "permits"))
    await connection.execute("VACUUM (ANALYZE)")
    await connection.close()
