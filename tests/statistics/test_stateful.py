"""Any history of grants and endings, summed up at any moment, by several at once, against a look at every permit.

Each run has a city of its own in one database.
"""

import asyncio
import datetime as dt
import itertools
from collections import Counter
from collections.abc import Coroutine
from typing import Any

import hypothesis.strategies as st
import msgspec
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from permits.db.crypto import Keys
from permits.db.database import Database
from permits.register import rebuilding, rollup
from permits.register import service as register
from permits.register.ledger import age_band, age_bands
from permits.register.model import Ending, Grant, Granted
from permits.rules import law
from permits.statistics import recounting, service
from tests.register.samples import a_grant, an_ending, at

LAW = law.load()
START = dt.date(2023, 11, 3)
DAY = dt.timedelta(days=1)
BIRTHS = [dt.date(1960 + 4 * n, 1 + n, 3 + 2 * n) for n in range(9)]
BY = ((), *recounting.BY)
_cities = itertools.count(500001)


class Kept(msgspec.Struct):
    """A permit as the test remembers it."""

    person: int
    grant: Grant
    granted: Granted
    ending: Ending | None = None

    def valid(self, on: dt.date, known: dt.date | None) -> bool:
        """By a look at its dates."""
        if known and self.grant.recorded.date() > known:
            return False
        ended = self.ending if self.ending and (not known or self.ending.recorded.date() <= known) else None
        return self.grant.valid_from <= on <= self.grant.valid_until and not (ended and ended.effective <= on)

    def values(self, on: dt.date, by: tuple[str, ...]) -> tuple[str, ...]:
        """What it counts under."""
        age = age_band(self.grant.birth_date, on, age_bands(LAW, self.grant.valid_from, self.grant.region))
        facts = {**msgspec.structs.asdict(self.grant), "age_band": age, "employer": self.grant.employer_code}
        return tuple(str(facts[name]) for name in by)


GRANTS = st.fixed_dictionaries(
    {
        "category": st.sampled_from("ABC"),
        "nationality": st.sampled_from(["DEU", "FRA", "XXA"]),
        "sex": st.sampled_from("FM"),
        "industry": st.sampled_from("CP"),
        "district": st.sampled_from(["321202", "321281"]),
        "employer_code": st.sampled_from(["91321200000000000X", "913212000000000012"]),
        "position_kind": st.sampled_from(["technical", "teaching"]),
        "permit_kind": st.sampled_from(["issue-in-china", "short-term"]),
    }
)
PEOPLE = st.integers(0, 5)
DAYS = st.integers(-100, 500).map(lambda n: START + n * DAY)


class Register(RuleBasedStateMachine):
    """A city's register, and what it should say."""

    url: str
    keys: Keys

    def __init__(self) -> None:
        super().__init__()
        self.region, self.today, self.kept = str(next(_cities)), START, list[Kept]()
        self.runner = asyncio.Runner()
        self.database = Database(self.url, 4)

    def teardown(self) -> None:
        """At the end every dimension is asked for, and the register itself recounts."""
        for by in BY:
            self.ask(by, self.today, None)
        for known in (None, self.today - 5 * DAY):
            assert self.run(self._recounted(known)) == ()
        self.run(self.database.close())
        self.runner.close()

    def run(self, *doing: Coroutine[Any, Any, Any]) -> Any:
        """Do it, all at once where it is more."""

        async def together() -> list[Any]:
            return await asyncio.gather(*doing)

        found = self.runner.run(together())
        return found[0] if len(found) == 1 else found

    def _grant(self, person: int, facts: dict[str, str], after: int, length: int) -> Grant:
        first = self.today + after * DAY
        return a_grant(
            person,
            **facts,
            region=self.region,
            birth_date=BIRTHS[person],
            valid_from=first,
            valid_until=first + length * DAY,
            recorded=at(self.today),
        )

    async def _write(self, person: int, grant: Grant) -> None:
        async with self.database.transaction(self.region) as tx:
            made = await register.grant(tx, LAW, self.keys, grant)
        self.kept.append(Kept(person, grant, made))

    async def _end(self, kept: Kept, ending: Ending) -> None:
        async with self.database.transaction(self.region) as tx:
            await register.end(tx, LAW, self.keys, ending)
        kept.ending = ending

    async def _recounted(self, known: dt.date | None) -> Any:
        async with self.database.transaction(self.region) as tx:
            found = await recounting.recount(tx, LAW, self.keys, self.region, self.today, known)
        return found.differences

    @rule(days=st.integers(1, 40))
    def time_passes(self, days: int) -> None:
        self.today += days * DAY

    @rule(person=PEOPLE, facts=GRANTS, after=st.integers(-40, 60), length=st.integers(0, 400))
    def grant(self, person: int, facts: dict[str, str], after: int, length: int) -> None:
        self.run(self._write(person, self._grant(person, facts, after, length)))

    @rule(people=st.tuples(PEOPLE, PEOPLE), facts=GRANTS, lengths=st.tuples(st.integers(0, 200), st.integers(0, 200)))
    def grant_two_and_sum_up_at_once(
        self, people: tuple[int, int], facts: dict[str, str], lengths: tuple[int, int]
    ) -> None:
        writing = [self._write(p, self._grant(p, facts, 3, n)) for p, n in zip(people, lengths, strict=True)]
        self.run(*writing, rollup.sum_all(self.database, self.region), rollup.sum_once(self.database, self.region, 2))

    @precondition(lambda self: any(not kept.ending for kept in self.kept))
    @rule(data=st.data(), back=st.integers(-20, 90), kind=st.sampled_from(["cancelled", "revoked"]))
    def end_which_may_be_backdated(self, data: st.DataObject, back: int, kind: Any) -> None:
        kept = data.draw(st.sampled_from([kept for kept in self.kept if not kept.ending]))
        effective = min(self.today - back * DAY, kept.grant.valid_until)
        ending = an_ending(kept.granted, effective, self.today, kind)
        ending = msgspec.structs.replace(ending, region=self.region)
        self.run(self._end(kept, ending), rollup.sum_once(self.database, self.region, 3))

    @rule(most=st.integers(1, 9))
    def sum_up_a_few(self, most: int) -> None:
        self.run(rollup.sum_once(self.database, self.region, most))

    @rule()
    def sum_up_anew(self) -> None:
        self.run(rebuilding.rebuild(self.database, self.region))

    @rule(by=st.sampled_from(BY), on=DAYS, known=st.none() | DAYS)
    def ask(self, by: tuple[str, ...], on: dt.date, known: dt.date | None) -> None:
        count, listed = self.run(self._count(by, on, known))
        valid = [kept for kept in self.kept if kept.valid(on, known)]
        groups = {tuple(group.values.values()): group.count for group in count.groups if group.count}
        assert groups == (Counter(kept.values(on, by) for kept in valid) if by else {})
        assert count.total == listed == len(valid)
        assert count.persons == len({kept.person for kept in valid})

    async def _count(self, by: tuple[str, ...], on: dt.date, known: dt.date | None) -> Any:
        async with self.database.transaction(self.region) as tx:
            count = await service.valid_on(tx, self.region, on, known, by)
            page = await service.permits_valid_on(tx, self.keys, self.region, on, known, size=500)
        return count, len(page.items)

    @rule(since=DAYS, length=st.integers(0, 300))
    def bridge(self, since: dt.date, length: int) -> None:
        to = since + length * DAY
        found = self.run(self._bridge(since, to))
        sums = [sum(kept.valid(day, None) for kept in self.kept) for day in (since, to)]
        assert [found.from_.total, found.to.total] == sums
        assert sums[0] + sum(change.count for change in found.changes) == sums[1]

    async def _bridge(self, since: dt.date, to: dt.date) -> Any:
        async with self.database.transaction(self.region) as tx:
            return await service.bridge(tx, self.region, since, to)


def test_whatever_happens_the_figures_are_what_a_look_at_every_permit_says(database_url: str, keys: Keys) -> None:
    Register.url, Register.keys = database_url, keys
    bounds = settings(
        max_examples=10, stateful_step_count=24, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(Register, settings=bounds)
