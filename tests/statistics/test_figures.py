"""The figures on a real PostgreSQL, against a scan of what was granted and ended."""

import datetime as dt
import random
from collections import Counter
from typing import Literal, get_args

import msgspec
import pytest

from permits.db.crypto import Keys
from permits.db.database import Database
from permits.errors import BadInput
from permits.register import rollup
from permits.register import service as register
from permits.register.ledger import Cause, birthday
from permits.register.model import Amendment, Ending, Grant, Granted
from permits.rules import law
from permits.statistics import behind, recounting, service
from permits.statistics.model import CROSSED, DIMENSIONS, Change
from tests.register.samples import REGION, a_grant, an_ending, at

LAW = law.load()
START = dt.date(2023, 1, 1)
DAY = dt.timedelta(days=1)
ASKED = [START + n * 61 * DAY for n in range(14)]


class Life(msgspec.Struct):
    """A permit as the test remembers it."""

    grant: Grant
    granted: Granted
    ending: Ending | None = None

    def valid(self, on: dt.date, known: dt.date | None) -> bool:
        """By a naive look at its dates."""
        if known is not None and self.grant.recorded.date() > known:
            return False
        ended = self.ending is not None and (known is None or self.ending.recorded.date() <= known)
        if ended and self.ending is not None and self.ending.effective <= on:
            return False
        return self.grant.valid_from <= on <= self.grant.valid_until

    def value(self, name: str, on: dt.date) -> str:
        """What it counts under in a dimension."""
        if name == "age_band":
            ages = {18: "18-25", 26: "26-45", 46: "46-55", 56: "56-60", 61: "61+"}
            return [band for age, band in ages.items() if birthday(self.grant.birth_date, age) <= on][-1]
        return str(getattr(self.grant, "employer_code" if name == "employer" else name))


def _some_grant(draw: random.Random, n: int) -> Grant:
    valid_from = START + draw.randrange(-300, 600) * DAY
    return a_grant(
        draw.randrange(90),
        birth_date=dt.date(1960, 1, 1) + (n % 90) * 160 * DAY,
        valid_from=valid_from,
        valid_until=valid_from + draw.randrange(1, 700) * DAY,
        recorded=at(valid_from - draw.randrange(-40, 60) * DAY, draw.randrange(24)),
        category=draw.choice("ABC"),
        nationality=draw.choice(["DEU", "FRA", "KOR", "XXA"]),
        sex=draw.choice("FM"),
        industry=draw.choice("CIMP"),
        district=draw.choice(["321202", "321203", "321281"]),
        employer_code=draw.choice(["91321200000000000X", "913212000000000012"]),
        position_kind=draw.choice(["technical", "teaching"]),
        permit_kind=draw.choice(["issue-in-china", "issue-abroad"]),
    )


VANISHED = """
    INSERT INTO ledger_waiting (region, id, person_id, recorded, entries)
    SELECT region, gen_random_uuid(), person_id, recorded, replace(entries::text, '"granted"', '"vanished"')::jsonb
    FROM ledger_waiting WHERE region = $1
"""


@pytest.fixture
async def lives(database: Database, keys: Keys, request: pytest.FixtureRequest) -> list[Life]:
    """120 permits of 90 persons, a third of them ended, often late; recorded one after another as in life.

    Half of the ledger is summed up, unless the test says otherwise.
    """
    draw = random.Random(20241231)
    grants = [_some_grant(draw, n) for n in range(120)]
    births: dict[bytes, dt.date] = {}
    grants = [msgspec.structs.replace(g, birth_date=births.setdefault(g.passport_index, g.birth_date)) for g in grants]
    async with database.transaction(REGION) as tx:
        granted = await register.grant_many(tx, LAW, keys, grants)
        found = [Life(*pair) for pair in zip(grants, granted, strict=True)]
        for life in found[::3]:
            days = (life.grant.valid_until - life.grant.valid_from).days
            effective = life.grant.valid_from + draw.randrange(-3, days + 1) * DAY
            recorded = max(effective, life.grant.recorded.date()) + draw.randrange(0, 90) * DAY
            life.ending = an_ending(life.granted, effective, recorded, draw.choice(["cancelled", "revoked"]))
            await register.end(tx, LAW, keys, life.ending)
    for _ in range(getattr(request, "param", 2)):
        assert await rollup.sum_once(database, REGION, most=40)
    return found


@pytest.mark.parametrize("known_after", [None, 0, 45])
@pytest.mark.parametrize("lives", [0, 2, 4], indirect=True, ids=["not-summed", "half-summed", "summed"])
async def test_every_dimension_counts_what_a_scan_counts_now_and_as_known_then(
    database: Database, lives: list[Life], known_after: int | None
) -> None:
    async with database.transaction(REGION) as tx:
        for on in ASKED:
            known = None if known_after is None else on + known_after * DAY
            valid = [life for life in lives if life.valid(on, known)]
            for name in DIMENSIONS:
                count = await service.valid_on(tx, REGION, on, known, (name,))
                assert {g.values[name]: g.count for g in count.groups} == Counter(x.value(name, on) for x in valid)
                assert count.total == len(valid) == sum(group.count for group in count.groups)
                assert msgspec.json.decode(msgspec.json.encode(count.total)) == len(valid)


@pytest.mark.parametrize("lives", [0, 2, 4], indirect=True, ids=["not-summed", "half-summed", "summed"])
async def test_two_dimensions_crossed_count_what_a_scan_counts(database: Database, lives: list[Life]) -> None:
    by, on = ("nationality", "age_band"), ASKED[6]
    for known in (None, on, on + 200 * DAY):
        valid = [life for life in lives if life.valid(on, known)]
        async with database.transaction(REGION) as tx:
            count = await service.valid_on(tx, REGION, on, known, by)
        scanned = Counter(tuple(life.value(name, on) for name in by) for life in valid)
        assert {tuple(g.values.values()): g.count for g in count.groups} == scanned
    assert all(group.persons <= group.count for group in count.groups)
    assert count.json()["groups"][0].keys() == {*by, "count", "persons"}  # type: ignore[index]


async def test_persons_are_those_who_hold_a_valid_permit(database: Database, lives: list[Life]) -> None:
    async with database.transaction(REGION) as tx:
        for on in ASKED:
            count = await service.valid_on(tx, REGION, on, None, ("category",))
            assert count.persons == len({life.granted.person_id for life in lives if life.valid(on, None)})
            assert count.persons == sum(group.persons for group in count.groups) <= count.total


async def test_every_figure_is_the_length_of_the_list_behind_it(
    database: Database, keys: Keys, lives: list[Life]
) -> None:
    on, known = ASKED[7], ASKED[8]
    async with database.transaction(REGION) as tx:
        for moment in (None, known):
            for by in ((), ("age_band",), ("category", "district")):
                count = await service.valid_on(tx, REGION, on, moment, by)
                for values, figure in [({}, count.total), *((g.values, g.count) for g in count.groups)]:
                    page = await behind.permits_valid_on(tx, keys, REGION, on, moment, values, size=500)
                    assert (len(page.items), page.cursor) == (figure, None)
    assert all(item.name == "M** A** E**" for item in page.items)


async def test_a_list_comes_in_pages_without_gaps_or_repeats(database: Database, keys: Keys, lives: list[Life]) -> None:
    on, seen, cursor = ASKED[7], [], None
    async with database.transaction(REGION) as tx:
        while True:
            page = await behind.permits_valid_on(tx, keys, REGION, on, cursor=cursor, size=7)
            seen += [item.id for item in page.items]
            cursor = page.cursor
            if cursor is None:
                break
    assert sorted(seen) == sorted(life.granted.permit_id for life in lives if life.valid(on, None))


async def test_a_bridge_adds_up_to_the_figures_of_its_two_days(database: Database, lives: list[Life]) -> None:
    async with database.transaction(REGION) as tx:
        for since, to in [(ASKED[0], ASKED[5]), (ASKED[3], ASKED[4]), (ASKED[6], ASKED[6]), (ASKED[2], ASKED[13])]:
            bridge = await service.bridge(tx, REGION, since, to)
            totals = [(await service.valid_on(tx, REGION, day, None, ())).total for day in (since, to)]
            assert [bridge.from_.total, bridge.to.total] == totals
            assert totals[0] + sum(change.count for change in bridge.changes) == totals[1]


async def test_a_bridge_names_what_happened_and_calls_corrected_what_was_recorded_late(
    database: Database, keys: Keys
) -> None:
    since, to = dt.date(2023, 12, 31), dt.date(2024, 6, 30)
    async with database.transaction(REGION) as tx:
        made = await register.grant_many(tx, LAW, keys, [a_grant(n) for n in range(5)])
        await register.grant(tx, LAW, keys, a_grant(9, valid_until=dt.date(2024, 3, 31)))
        await register.end(tx, LAW, keys, an_ending(made[0], dt.date(2024, 2, 1), dt.date(2024, 3, 1)))
        await register.end(tx, LAW, keys, an_ending(made[1], dt.date(2024, 2, 1), dt.date(2024, 3, 1), "revoked"))
        await register.end(tx, LAW, keys, an_ending(made[2], dt.date(2024, 6, 1), dt.date(2024, 8, 1)))
        bridge = await service.bridge(tx, REGION, since, to)
    assert {change.kind: change.count for change in bridge.changes} == {
        "granted": 6,
        "expired": -1,
        "cancelled": -1,
        "revoked": -1,
        "corrected": -1,
    }
    assert msgspec.json.decode(msgspec.json.encode(bridge))["from"] == {"on": "2023-12-31", "total": 0}


async def test_the_series_of_month_ends_says_what_is_known_now_and_what_was_known_then(
    database: Database, lives: list[Life]
) -> None:
    async with database.transaction(REGION) as tx:
        series = await service.month_ends(tx, REGION, dt.date(2022, 12, 15), dt.date(2025, 1, 30))
        for point in series:
            now = await service.valid_on(tx, REGION, point.on, None, ())
            then = await service.valid_on(tx, REGION, point.on, point.on, ())
            assert (point.total, point.then) == (now.total, then.total)
    assert (len(series), series[0].on, series[-1].on) == (25, dt.date(2022, 12, 31), dt.date(2024, 12, 31))
    assert any(point.total != point.then for point in series)


async def test_the_expiring_are_the_valid_whose_last_day_is_near(
    database: Database, keys: Keys, lives: list[Life]
) -> None:
    on = ASKED[7]
    async with database.transaction(REGION) as tx:
        found = await behind.expiring(tx, keys, REGION, on, 60)
    wanted = [x for x in lives if x.ending is None and on <= x.grant.valid_until <= on + 60 * DAY and x.valid(on, None)]
    assert sorted(item.id for item in found) == sorted(life.granted.permit_id for life in wanted)
    assert [item.valid_until for item in found] == sorted(item.valid_until for item in found)


async def test_a_recount_from_the_register_agrees_with_the_ledger(
    database: Database, keys: Keys, lives: list[Life]
) -> None:
    for on in ASKED:
        async with database.transaction(REGION) as tx:
            recount = await recounting.recount(tx, LAW, keys, REGION, on)
        assert recount.total == sum(life.valid(on, None) for life in lives)
        assert (recount.differences, recount.figures > 50) == ((), True)


async def test_a_recount_by_what_was_recorded_by_a_day_agrees_with_the_figures_as_known_then(
    database: Database, keys: Keys, lives: list[Life]
) -> None:
    for on, known in ((ASKED[6], ASKED[6]), (ASKED[9], ASKED[5]), (ASKED[4], ASKED[7])):
        async with database.transaction(REGION) as tx:
            recount = await recounting.recount(tx, LAW, keys, REGION, on, known)
        assert recount.total == sum(life.valid(on, known) for life in lives)
        assert recount.differences == ()


@pytest.mark.parametrize("per", ["month", "year"])
async def test_flows_add_up_to_what_changed_and_each_is_the_length_of_its_list(
    database: Database, keys: Keys, lives: list[Life], per: Literal["month", "year"]
) -> None:
    async with database.transaction(REGION) as tx:
        flows = await service.flows(tx, REGION, dt.date(2023, 2, 11), dt.date(2024, 4, 3), per)
        before = await service.valid_on(tx, REGION, flows[0].first - DAY, None, ())
        after = await service.valid_on(tx, REGION, flows[-1].last, None, ())
        for flow in flows:
            for change in flow.changes:
                asked = (tx, keys, REGION, flow.first, flow.last, change.kind)
                page = await behind.permits_in_flow(*asked, size=500)
                assert sum(item.count for item in page.items) == change.count
    assert before.total + sum(change.count for flow in flows for change in flow.changes) == after.total
    assert [len(flows), str(flows[0].first)] == ([15, "2023-02-01"] if per == "month" else [2, "2023-01-01"])


async def test_extensions_and_changes_are_flows_that_change_no_total(database: Database, keys: Keys) -> None:
    async with database.transaction(REGION) as tx:
        granted = await register.grant(tx, LAW, keys, a_grant())
        day, last = dt.date(2024, 5, 3), dt.date(2025, 12, 31)
        extended = Amendment(
            region=REGION,
            permit_id=granted.permit_id,
            kind="extended",
            effective=day,
            recorded=at(day),
            valid_until=last,
        )
        await register.amend(tx, LAW, keys, extended)
        (flow,) = await service.flows(tx, REGION, dt.date(2024, 5, 20), dt.date(2024, 5, 20))
        page = await behind.permits_in_flow(tx, keys, REGION, flow.first, flow.last, "extended")
    assert flow.changes == (Change("extended", 1),)
    assert [item.permit.id for item in page.items] == [granted.permit_id]


async def test_a_cause_that_nobody_counts_fails_loudly(database: Database, lives: list[Life]) -> None:
    async with database.transaction(REGION) as tx:
        await tx.execute(VANISHED, REGION)
        with pytest.raises(LookupError, match="vanished"):
            await service.bridge(tx, REGION, ASKED[0], ASKED[9])


def test_every_cause_of_the_ledger_is_either_counted_or_neutral() -> None:
    assert set(get_args(Cause)) <= set(service.KINDS) | service.NEUTRAL


async def test_how_many_expire_soon_are_the_lengths_of_their_lists_in_pages(
    database: Database, keys: Keys, lives: list[Life]
) -> None:
    async with database.transaction(REGION) as tx:
        for days, count in (await behind.expiring_soon(tx, REGION, ASKED[7])).items():
            seen, cursor = [], None
            while len(seen) < 200:
                page = await behind.permits_expiring(tx, keys, REGION, ASKED[7], days, cursor, size=3)
                seen += [item.id for item in page.items]
                cursor = page.cursor
                if cursor is None:
                    break
            assert len(seen) == len(set(seen)) == count
        with pytest.raises(BadInput):
            await behind.permits_expiring(tx, keys, REGION, ASKED[7], 30, "2024-01-01.x")


@pytest.mark.parametrize("lives", [0, 4], indirect=True, ids=["not-summed", "summed"])
async def test_days_before_the_register_begins_and_knowledge_of_tomorrow_are_refused_with_what_is_possible(
    database: Database, lives: list[Life]
) -> None:
    first = min(life.grant.valid_from for life in lives)
    recorded = min(life.grant.recorded for life in lives).date()
    today = dt.date(2026, 1, 1)
    async with database.transaction(REGION) as tx:
        await service.require_within(tx, REGION, today, on=first, as_known_on=recorded)
        for asked, pointer, possible in (
            ({"on": first - DAY}, "/on", str(first)),
            ({"as_known_on": recorded - DAY}, "/as_known_on", str(recorded)),
            ({"as_known_on": today + DAY}, "/as_known_on", str(today)),
        ):
            with pytest.raises(BadInput) as refused:
                await service.require_within(tx, REGION, today, **asked)
            assert [(e.pointer, possible in e.text.en) for e in refused.value.errors] == [(pointer, True)]
    async with database.transaction("320100") as tx:
        await service.require_within(tx, "320100", today, on=first - DAY)


async def test_a_recount_names_the_figures_that_differ(database: Database, keys: Keys) -> None:
    async with database.transaction(REGION) as tx:
        granted = await register.grant(tx, LAW, keys, a_grant())
        await tx.execute("UPDATE permit SET category = 'A' WHERE region = $1 AND id = $2", REGION, granted.permit_id)
    async with database.transaction(REGION) as tx:
        recount = await recounting.recount(tx, LAW, keys, REGION, dt.date(2024, 6, 1))
    found = [(d.figure, d.register, d.ledger) for d in recount.differences]
    assert {("category A", 1, 0), ("category B", 0, 1), ("category, sex A, F", 1, 0)} <= set(found)
    assert all("category" in figure for figure, _, _ in found)


async def test_a_count_is_one_statement(database: Database, lives: list[Life]) -> None:
    asked: list[str] = []
    async with database.transaction(REGION) as tx:
        await service.valid_on(tx, REGION, ASKED[3], ASKED[4], ("category",))
        tx.add_query_logger(lambda record: asked.append(record.query))
        await service.valid_on(tx, REGION, ASKED[3], ASKED[4], ("category",))
    assert len([query for query in asked if "ledger" in query]) == 1


@pytest.mark.parametrize(
    "by", [("height",), ("category", "category"), ("employer", "category"), tuple(DIMENSIONS)[: CROSSED + 1]]
)
async def test_what_cannot_be_counted_by_is_refused_with_what_can(database: Database, by: tuple[str, ...]) -> None:
    async with database.transaction(REGION) as tx:
        with pytest.raises(BadInput) as refused:
            await service.valid_on(tx, REGION, START, None, by)
    assert [error.pointer for error in refused.value.errors] == ["/by"]


async def test_days_out_of_reach_and_foreign_cursors_are_refused(database: Database, keys: Keys) -> None:
    async with database.transaction(REGION) as tx:
        for asked, pointer in (
            (service.valid_on(tx, REGION, START, dt.date.max, ()), "/as_known_on"),
            (service.bridge(tx, REGION, START, dt.date.min), "/to"),
            (service.bridge(tx, REGION, START, START - DAY), "/to"),
            (behind.permits_valid_on(tx, keys, REGION, START, cursor="x"), "/cursor"),
        ):
            with pytest.raises(BadInput) as refused:
                await asked
            assert [error.pointer for error in refused.value.errors] == [pointer]
