"""Any history of a register, summed up at any moment and by several at once, against a look at every permit.

Grants, extensions, changes, endings, any of them backdated; every dimension, as known now and as known then.

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
from permits.register.model import Amendment, Ending, Grant, Granted
from permits.rules import law
from permits.statistics import behind, recounting, service
from tests.register.samples import a_grant, an_ending, at

LAW = law.load()
START = dt.date(2023, 11, 3)
DAY = dt.timedelta(days=1)
BIRTHS = [dt.date(1960 + 4 * n, 1 + n, 3 + 2 * n) for n in range(9)]
BY = ((), *recounting.BY)
FACTS = ("category", "nationality", "sex", "industry", "district", "employer_code", "position_kind", "permit_kind")
_cities = itertools.count(500001)


class State(msgspec.Struct, frozen=True):
    """A permit as it was from one recording to the next."""

    recorded: dt.date
    valid_from: dt.date
    valid_until: dt.date
    stretches: tuple[tuple[dt.date, dict[str, str]], ...]
    """From which day on it counted by which facts."""
    ended_on: dt.date | None = None


class Kept(msgspec.Struct):
    """A permit as the test remembers it."""

    person: int
    granted: Granted
    states: list[State]

    @property
    def now(self) -> State:
        """As it stands."""
        return self.states[-1]

    def _known(self, known: dt.date | None) -> State | None:
        found = [state for state in self.states if known is None or state.recorded <= known]
        return found[-1] if found else None

    def valid(self, on: dt.date, known: dt.date | None) -> bool:
        """By a look at its dates."""
        state = self._known(known)
        if state is None or not state.valid_from <= on <= state.valid_until:
            return False
        return state.ended_on is None or on < state.ended_on

    def values(self, on: dt.date, known: dt.date | None, by: tuple[str, ...]) -> tuple[str, ...]:
        """What it counts under."""
        state = self._known(known)
        assert state
        facts = [facts for since, facts in state.stretches if since <= on][-1]
        age = age_band(BIRTHS[self.person], on, age_bands(LAW, state.valid_from, "321200"))
        return tuple({**facts, "age_band": age, "employer": facts["employer_code"]}[name] for name in by)


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
        """At the end every dimension is asked for, now and as known earlier, and the register itself recounts."""
        try:
            self._ask_all()
        finally:
            self.run(self.database.close())
            self.runner.close()

    def _ask_all(self) -> None:
        for by in BY:
            self.ask(by, self.today, None)
        for by, back in itertools.product(recounting.BY[:9], (20, 70, 160)):
            self.ask(by, self.today, self.today - back * DAY)
        for known in (None, self.today - 5 * DAY):
            assert self.run(self._recounted(known)) == ()

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
        facts = {name: str(getattr(grant, name)) for name in FACTS}
        state = State(grant.recorded.date(), grant.valid_from, grant.valid_until, ((grant.valid_from, facts),))
        self.kept.append(Kept(person, made, [state]))

    async def _end(self, kept: Kept, ending: Ending) -> None:
        async with self.database.transaction(self.region) as tx:
            await register.end(tx, LAW, self.keys, ending)
        kept.states.append(msgspec.structs.replace(kept.now, recorded=self.today, ended_on=ending.effective))

    async def _amend(self, kept: Kept, **what: Any) -> None:
        amendment = Amendment(
            region=self.region, permit_id=kept.granted.permit_id, recorded=at(self.today), reasons="示例", **what
        )
        async with self.database.transaction(self.region) as tx:
            await register.amend(tx, LAW, self.keys, amendment)

    async def _recounted(self, known: dt.date | None) -> Any:
        async with self.database.transaction(self.region) as tx:
            found = await recounting.recount(tx, LAW, self.keys, self.region, self.today, known)
        return found.differences

    @rule(days=st.integers(5, 100))
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

    def _running(self) -> list[Kept]:
        return [kept for kept in self.kept if kept.now.ended_on is None]

    @precondition(lambda self: self._running())
    @rule(data=st.data(), back=st.integers(-20, 90), kind=st.sampled_from(["cancelled", "revoked"]))
    def end_which_may_be_backdated(self, data: st.DataObject, back: int, kind: Any) -> None:
        kept = data.draw(st.sampled_from(self._running()))
        effective = min(self.today - back * DAY, kept.now.valid_until)
        ending = an_ending(kept.granted, effective, self.today, kind)
        ending = msgspec.structs.replace(ending, region=self.region)
        self.run(self._end(kept, ending), rollup.sum_once(self.database, self.region, 3))

    @precondition(lambda self: self._running())
    @rule(data=st.data(), days=st.integers(1, 300))
    def extend(self, data: st.DataObject, days: int) -> None:
        kept = data.draw(st.sampled_from(self._running()))
        last = kept.now.valid_until
        self.run(self._amend(kept, kind="extended", effective=last + DAY, valid_until=last + days * DAY))
        kept.states.append(msgspec.structs.replace(kept.now, recorded=self.today, valid_until=last + days * DAY))

    @precondition(lambda self: self._running())
    @rule(data=st.data(), part=st.integers(0, 100), facts=GRANTS)
    def change_from_a_day_on_that_may_have_passed(self, data: st.DataObject, part: int, facts: dict[str, str]) -> None:
        kept = data.draw(st.sampled_from(self._running()))
        began, old = kept.now.stretches[-1]
        day = began + (kept.now.valid_until - began).days * part // 100 * DAY
        changed = {name: facts[name] for name in ("category", "district", "employer_code")}
        self.run(self._amend(kept, kind="changed", effective=day, facts=changed))
        before = kept.now.stretches[:-1] if day == began else kept.now.stretches
        stretches = (*before, (day, old | changed))
        kept.states.append(msgspec.structs.replace(kept.now, recorded=self.today, stretches=stretches))

    @rule(most=st.integers(1, 9))
    def sum_up_a_few(self, most: int) -> None:
        self.run(rollup.sum_once(self.database, self.region, most))

    @rule()
    def sum_up_anew(self) -> None:
        self.run(rebuilding.rebuild(self.database, self.region))

    @rule(by=st.sampled_from(recounting.BY[:9]) | st.sampled_from(BY), on=DAYS, known=st.none() | DAYS)
    def ask(self, by: tuple[str, ...], on: dt.date, known: dt.date | None) -> None:
        count, listed, employers = self.run(self._count(by, on, known))
        valid = [kept for kept in self.kept if kept.valid(on, known)]
        groups = {tuple(group.values.values()): group.count for group in count.groups if group.count}
        assert groups == (Counter(kept.values(on, known, by) for kept in valid) if by else {})
        assert count.total == listed == len(valid)
        assert count.persons == len({kept.person for kept in valid})
        assert employers == len({kept.values(on, known, ("employer",)) for kept in valid})

    async def _count(self, by: tuple[str, ...], on: dt.date, known: dt.date | None) -> Any:
        async with self.database.transaction(self.region) as tx:
            count = await service.valid_on(tx, self.region, on, known, by)
            page = await behind.permits_valid_on(tx, self.keys, self.region, on, known, size=500)
            employers = await service.employers(tx, self.region, on, known)
        return count, len(page.items), employers

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
        max_examples=6, stateful_step_count=24, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(Register, settings=bounds)
