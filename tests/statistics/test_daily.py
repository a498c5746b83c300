"""The daily recount: once a day, and what it finds is told."""

import datetime as dt
from pathlib import Path

from permits import clock, doctor
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.office import Office
from permits.register import service as register
from permits.register import standing
from permits.rules import law
from permits.settings import Settings
from permits.statistics import jobs
from tests.register.samples import REGION, a_grant
from tests.serving import Serving

LAW = law.load()


async def _standing(database: Database) -> standing.Standing:
    async with database.transaction(REGION) as tx:
        return await standing.standing(tx, REGION)


async def _granted(database: Database, keys: Keys) -> None:
    async with database.transaction(REGION) as tx:
        day = clock.today()
        grants = [a_grant(n, valid_from=day - dt.timedelta(days=9), valid_until=day) for n in range(3)]
        await register.grant_many(tx, LAW, keys, grants)


async def test_the_register_is_recounted_once_a_day(database: Database, keys: Keys) -> None:
    await _granted(database, keys)
    office = Office(LAW, keys)
    assert [await jobs.check_daily(database, office, REGION) for _ in range(2)] == [True, False]
    found = await _standing(database)
    assert ((found.figures or 0) > 30, found.differences) == (True, ())


async def test_what_differs_is_told_by_the_doctor_and_to_operators(service: Serving, tmp_path: Path) -> None:
    await _granted(service.database, service.keys)
    async with service.database.transaction(REGION) as tx:
        await tx.execute("DELETE FROM ledger_waiting WHERE region = $1", REGION)
    await jobs.check_daily(service.database, Office(LAW, service.keys), REGION)
    ready = (await service.nobody().get("/readyz")).body["regions"][REGION]["ledger"]
    assert any("total: 3 ≠ 0" in words for words in ready["differences"])
    settings = Settings(data=tmp_path, key_file=tmp_path / "keys.json")
    sums, daily = await doctor.sums(service.database, settings, REGION)
    assert (sums.well, daily.well, "total: 3 ≠ 0" in daily.says) == (True, False, True)
    assert not all(one.well for one in await doctor.recounted(service.database, settings, REGION))
