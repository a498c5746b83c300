"""`permits token create` and `permits user create`: accounts made by whoever runs the machine."""

import asyncio
import getpass
import sys
from collections.abc import Sequence

from permits.accounts import service
from permits.db.database import Database
from permits.settings import settings


def create_token(email: str, label: str, days: int) -> None:
    """Print a new token of an account."""

    async def made() -> str:
        async with Database(settings().database_url) as database:
            return await service.create_token(database, await service.account_of(database, email), label, days)

    print(asyncio.run(made()))


def create_user(email: str, name: str, roles: Sequence[str], region: str | None) -> None:
    """Make an account with roles in one city."""
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")

    async def made() -> None:
        async with Database(settings().database_url) as database:
            await service.create_account(database, email, name, password, roles, region or settings().region)

    asyncio.run(made())
