"""People for the tests of accounts, made by one call."""

from permits.accounts import service
from permits.accounts.model import Account, SignedIn
from permits.db.database import Database

REGION = "321200"
PASSWORD = "a long enough password"
ADDRESS = "192.0.2.7"


async def someone(database: Database, email: str = "wang@demo.example", *roles: str) -> Account:
    """An account in the city, a clerk unless roles are named."""
    return await service.create_account(database, email, "王芳（虚构）", PASSWORD, roles or ("clerk",), REGION)


async def enter(database: Database, email: str = "wang@demo.example", password: str = PASSWORD) -> SignedIn:
    """Sign in from one desk."""
    return await service.sign_in(database, email, password, ADDRESS, "a browser")


async def actions(database: Database) -> list[str]:
    """The city's audit so far, oldest first."""
    async with database.transaction(REGION) as tx:
        rows = await tx.fetch("SELECT action FROM audit WHERE region = $1 ORDER BY id", REGION)
    return [row["action"] for row in rows]
