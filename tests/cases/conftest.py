"""A case needs the law, keys and a transaction."""

from collections.abc import AsyncIterator

import pytest

from permits.db.crypto import Keys
from permits.db.database import Database
from permits.office import Office
from permits.rules import law
from tests.cases.samples import REGION, Desk


@pytest.fixture
def office(keys: Keys) -> Office:
    """The law and the keys."""
    return Office(law.load(), keys)


@pytest.fixture
async def desk(database: Database, office: Office) -> AsyncIterator[Desk]:
    """The people of one case, in one transaction."""
    async with database.transaction(REGION) as tx:
        yield Desk(office, tx)
