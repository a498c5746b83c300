"""What expires by itself is noted once, and an undecided extension keeps it from being noted."""

import asyncio
import datetime as dt

from permits import clock
from permits.cases import expiring
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.office import Office
from permits.register import service as register
from permits.register.model import Amendment, RegisterEntry
from tests.cases.samples import REGION, Desk
from tests.cases.test_held import extension, held
from tests.register.samples import a_grant, an_ending, at

DAY = dt.timedelta(days=1)


async def entry(database: Database, keys: Keys, number: str) -> RegisterEntry:
    async with database.transaction(REGION) as tx:
        return await register.permit_by_number(tx, keys, REGION, number, clock.today())


async def test_each_last_day_that_passed_is_noted_once_however_often_and_at_once(
    database: Database, keys: Keys, office: Office
) -> None:
    async with database.transaction(REGION) as tx:
        made = await register.grant_many(tx, office.law, keys, [a_grant(n) for n in range(5)])
        running = await register.grant(tx, office.law, keys, a_grant(9, valid_until=clock.today()))
        await register.end(tx, office.law, keys, an_ending(made[4], dt.date(2024, 5, 1), dt.date(2024, 5, 1)))
    counts = await asyncio.gather(*(expiring.note(database, REGION) for _ in range(3)))
    assert sum(counts) == 4
    assert await expiring.note(database, REGION) == 0
    noted = (await entry(database, keys, made[0].permit_number)).permits[0]
    last = noted.history[-1]
    assert (noted.status, last.kind, last.effective, last.version) == ("expired", "expired", dt.date(2025, 1, 1), 2)
    assert last.facts.valid_until == dt.date(2024, 12, 31)
    for other, kinds in ((made[4], ["granted", "cancelled"]), (running, ["granted"])):
        history = (await entry(database, keys, other.permit_number)).permits[0].history
        assert [version.kind for version in history] == kinds


async def test_a_permit_whose_extension_is_undecided_is_left_alone_and_extended_later(
    database: Database, keys: Keys, office: Office
) -> None:
    async with database.transaction(REGION) as tx:
        desk = Desk(office, tx)
        number = await held(desk)
        desk.given = extension(number)
        await desk.until("review")
        assert [str(one) for one in await expiring.undecided(tx, REGION)] == [
            str((await register.permit_by_number(tx, keys, REGION, number, clock.today())).permits[0].id)
        ]


async def test_what_was_noted_as_expired_can_still_be_extended_and_expires_anew(
    database: Database, keys: Keys, office: Office
) -> None:
    async with database.transaction(REGION) as tx:
        made = await register.grant(tx, office.law, keys, a_grant())
    await expiring.note(database, REGION)
    extended = Amendment(
        region=REGION, permit_id=made.permit_id, kind="extended", effective=dt.date(2025, 1, 1),
        valid_until=dt.date(2025, 6, 30), recorded=at(dt.date(2025, 1, 20)),
    )  # fmt: skip
    async with database.transaction(REGION) as tx:
        await register.amend(tx, office.law, keys, extended)
    assert await expiring.note(database, REGION) == 1
    history = (await entry(database, keys, made.permit_number)).permits[0].history
    assert sorted(version.version for version in history) == [1, 2, 3, 4]
    assert [v.kind for v in sorted(history, key=lambda v: v.version)] == ["granted", "expired", "extended", "expired"]
