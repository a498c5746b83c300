"""Shares of cases: each part is a subset of its whole, and each is the length of the list behind it."""

import datetime as dt

import pytest

from permits import clock
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.db.ids import new_id
from permits.errors import BadInput
from permits.office import Office
from permits.rules import law
from permits.statistics import shares
from tests.cases.samples import REGION, Desk

LAW = law.load()
MONDAY, ON = dt.date(2024, 3, 4), dt.date(2024, 3, 29)
RATED = (1, 3, 4, 5)
VISITS = {"post": 0, "window": 1}


@pytest.fixture
async def walked(office_time: None, database: Database, keys: Keys) -> None:
    """Two cases handed out, by post and at the window after a day at the police; one submitted; four ratings."""
    clock.set_offset((dt.datetime.combine(MONDAY, dt.time(10), clock.CITY) - clock.machine_now()).total_seconds())
    async with database.transaction(REGION) as tx:
        desks = [Desk(Office(LAW, keys), tx, seed) for seed in (1, 2, 3)]
        appointed = (
            "UPDATE component SET status = 'granted', facts = $2 WHERE region = $1 AND kind = 'residence_permit'"
        )
        for desk, how in zip(desks, VISITS, strict=False):
            await desk.until("granted")
            await tx.execute(appointed, REGION, {"when": "2024-03-05T10:00:00+08:00"})
            await desk.act(desk.clerk, "hand-out", to="样例", how=how, **({"tracking": "S1"} if how == "post" else {}))
        await desks[2].until("submitted")
        case_id = (await desks[0].look()).row.id
        event = (
            "INSERT INTO event (region, id, case_id, kind, at, by, role, detail) "
            "VALUES ($1, $2, $3, 'bureau-rating', $4, '', 'approval-bureau', $5)"
        )
        for grade in RATED:
            await tx.execute(event, REGION, new_id(), case_id, clock.now(), {"grade": grade, "channel": 1})


@pytest.mark.usefixtures("walked")
async def test_each_share_is_a_part_of_its_whole_and_the_length_of_its_list(database: Database) -> None:
    async with database.transaction(REGION) as tx:
        found = await shares.shares(tx, REGION, ON)
        for name, one in found.items():
            lists = [(await shares.cases_of(tx, REGION, ON, name, part, "", 50))[0] for part in ("", "yes", "no")]
            assert await shares.counted(tx, REGION, ON, name) == one
            assert [len(rows) for rows in lists] == [one.whole, one.part, one.whole - one.part], name
    assert {name: (one.part, one.whole) for name, one in found.items() if name != "kept"} == {
        "visits": (1, 2), "committed": (0, 3), "false": (0, 0), "rated": (2, 4)
    }  # fmt: skip
    assert 0 < found["kept"].part <= found["kept"].whole


@pytest.mark.usefixtures("walked")
async def test_by_post_somebody_comes_to_the_police_only(database: Database) -> None:
    async with database.transaction(REGION) as tx:
        found, _ = await shares.cases_of(tx, REGION, ON, "visits", "", "", 50)
    assert sorted((one.value, one.counts) for one in found) == [("1", True), ("2", False)]


@pytest.mark.usefixtures("walked")
async def test_what_ended_in_another_year_is_in_no_share(database: Database) -> None:
    async with database.transaction(REGION) as tx:
        later = await shares.shares(tx, REGION, ON + dt.timedelta(days=400))
    assert {(one.part, one.whole) for one in later.values()} == {(0, 0)}


@pytest.mark.usefixtures("walked")
async def test_pages_of_a_share_join_to_the_whole(database: Database) -> None:
    async with database.transaction(REGION) as tx:
        keys, cursor = [], ""
        while True:
            page, cursor = await shares.cases_of(tx, REGION, ON, "rated", "", cursor, 3)
            keys += [one.key for one in page]
            if not cursor:
                break
    assert len(set(keys)) == len(keys) == len(RATED)


async def test_what_is_no_share_is_refused_with_what_is(database: Database) -> None:
    async with database.transaction(REGION) as tx:
        for share, part in (("tea", ""), ("rated", "half")):
            with pytest.raises(BadInput) as refused:
                await shares.cases_of(tx, REGION, ON, share, part, "", 5)
            assert "visits" in refused.value.errors[0].text.en


@pytest.mark.parametrize(
    ("committed", "false", "left"),
    [
        ((40, 20), (20, 6), ((40, 20), (20, 6))),
        ((40, 20), (20, 2), ((40, 20), (20, None))),
        ((40, 20), (20, 18), ((40, 20), (20, None))),
        ((40, 38), (38, 9), ((40, None), (None, None))),
        ((40, 3), (3, 0), ((40, None), (None, None))),
        ((4, 0), (0, 0), ((None, None), (None, None))),
    ],
)
def test_a_share_leaves_without_what_is_small_or_tells_of_it(
    committed: tuple[int, int], false: tuple[int, int], left: tuple[object, object]
) -> None:
    found = {"committed": shares.Counted(*committed), "false": shares.Counted(*false)}
    assert tuple(shares.leaving(found, 5).values()) == left


def test_limits_are_the_offices_own_and_leave_whole() -> None:
    assert shares.leaving({"kept": shares.Counted(40, 39)}, 5) == {"kept": (40, 39)}
