"""Extended, changed, ended, corrected: every version kept whole, and a ledger that agrees with a count day by day."""

import datetime as dt
import random
from collections import Counter
from typing import Any

import pytest

from permits.db.crypto import Keys
from permits.db.database import Database
from permits.errors import BadInput, Conflict
from permits.register import service
from permits.register.model import Amendment, Correction, Ending, Granted, Names
from permits.rules import law
from permits.rules.identifiers import licence_identifier
from permits.statistics import recounting
from permits.statistics import service as figures
from tests.register.samples import REGION, a_grant, an_ending, at, passport

LAW = law.load()
FIRST, LAST, DAY = dt.date(2024, 1, 1), dt.date(2024, 12, 31), dt.timedelta(days=1)


async def _grant(database: Database, keys: Keys, person: int = 1, **changes: object) -> Granted:
    async with database.transaction(REGION) as tx:
        return await service.grant(tx, LAW, keys, a_grant(person, **changes))


async def _amend(database: Database, keys: Keys, granted: Granted, **said: Any) -> None:
    usual: dict[str, Any] = {"kind": "changed", "effective": dt.date(2024, 6, 1), "recorded": at(dt.date(2024, 6, 1))}
    async with database.transaction(REGION) as tx:
        amendment = Amendment(region=REGION, permit_id=granted.permit_id, **usual | said)
        await service.amend(tx, LAW, keys, amendment)


async def _count(database: Database, on: dt.date, by: str, known: dt.date | None = None) -> dict[str, int]:
    async with database.transaction(REGION) as tx:
        found = await figures.valid_on(tx, REGION, on, known, (by,))
    return {group.values[by]: group.count for group in found.groups}


async def test_every_version_keeps_all_that_it_said(database: Database, keys: Keys) -> None:
    granted = await _grant(database, keys, decider="甲")
    await _amend(
        database, keys, granted, facts={"position": "首席科学家"}, decider="乙", case_number="3212-24-000002-X"
    )
    extended = {"kind": "extended", "effective": LAST + DAY, "valid_until": dt.date(2025, 12, 31)}
    await _amend(database, keys, granted, **extended, names=Names("MUSTERFELD", "ALICE"), facts={"category": "A"})
    async with database.transaction(REGION) as tx:
        await service.end(tx, LAW, keys, an_ending(granted, dt.date(2025, 3, 1), dt.date(2025, 3, 2)))
        entry = await service.permit_by_number(tx, keys, REGION, granted.permit_number, dt.date(2025, 3, 1))
    history = entry.permits[0].history
    assert [v.kind for v in history] == ["granted", "changed", "extended", "cancelled"]
    assert [v.version for v in history] == [1, 2, 3, 4]
    assert [v.facts.position for v in history] == ["总工程师", *["首席科学家"] * 3]
    assert [v.facts.category for v in history] == ["B", "B", "A", "A"]
    assert [str(v.facts.valid_until) for v in history] == ["2024-12-31", "2024-12-31", "2025-12-31", "2025-12-31"]
    assert [v.facts.end_kind for v in history] == [None, None, None, "cancelled"]
    assert [v.names.given_names for v in history] == ["ALICE ERIKA", "ALICE ERIKA", "ALICE", "ALICE"]
    assert [v.decider for v in history[:2]] == ["甲", "乙"]


async def test_a_new_version_of_the_electronic_licence_keeps_the_serial(database: Database, keys: Keys) -> None:
    granted = await _grant(database, keys)
    await _amend(database, keys, granted, facts={"position": "首席科学家"})
    again = await _grant(database, keys, valid_from=dt.date(2025, 2, 1), valid_until=dt.date(2026, 1, 31))
    async with database.transaction(REGION) as tx:
        entry = await service.permit_by_number(tx, keys, REGION, again.permit_number, FIRST)
    read = [licence_identifier(v.licence or "") for one in entry.permits for v in one.history]
    assert all(one.valid for one in read)
    first, second, other = (one.fields for one in read)
    assert (first["serial"], first["version"], second["version"]) == (second["serial"], "001", "002")
    assert other["serial"] != first["serial"]
    assert entry.permits[0].licence == entry.permits[0].history[-1].licence


async def test_a_change_counts_by_the_new_facts_from_its_day_on_and_by_the_old_before(
    database: Database, keys: Keys
) -> None:
    granted = await _grant(database, keys)
    await _amend(database, keys, granted, facts={"position_kind": "managerial"})
    assert await _count(database, dt.date(2024, 5, 31), "position_kind") == {"technical": 1}
    assert await _count(database, dt.date(2024, 6, 1), "position_kind") == {"managerial": 1}
    assert await _count(database, dt.date(2024, 6, 1), "position_kind", dt.date(2024, 5, 31)) == {"technical": 1}
    assert await _count(database, LAST + DAY, "position_kind") == {}


async def test_an_extension_lengthens_and_an_earlier_end_still_ends(database: Database, keys: Keys) -> None:
    granted = await _grant(database, keys)
    extended = {"kind": "extended", "effective": LAST + DAY, "valid_until": dt.date(2025, 12, 31)}
    await _amend(database, keys, granted, **extended, facts={"category": "A"})
    assert await _count(database, LAST, "category") == {"B": 1}
    assert await _count(database, LAST + DAY, "category") == {"A": 1}
    async with database.transaction(REGION) as tx:
        await service.end(tx, LAW, keys, an_ending(granted, dt.date(2024, 4, 1), dt.date(2025, 2, 1)))
    assert await _count(database, dt.date(2024, 3, 31), "category") == {"B": 1}
    assert await _count(database, LAST + DAY, "category") == {}
    assert await _count(database, LAST + DAY, "category", dt.date(2025, 1, 31)) == {"A": 1}


async def test_nothing_happens_to_a_permit_that_has_ended(database: Database, keys: Keys) -> None:
    granted = await _grant(database, keys)
    async with database.transaction(REGION) as tx:
        await service.end(tx, LAW, keys, an_ending(granted, dt.date(2024, 5, 1), dt.date(2024, 5, 1)))
    with pytest.raises(Conflict):
        await _amend(database, keys, granted)


async def test_every_day_that_cannot_be_is_named_at_once(database: Database, keys: Keys) -> None:
    granted = await _grant(database, keys)
    with pytest.raises(BadInput) as wrong:
        await _amend(database, keys, granted, effective=FIRST - DAY, valid_until=FIRST)
    assert [error.pointer for error in wrong.value.errors] == ["/valid_until", "/effective"]


async def test_a_new_passport_leads_to_the_same_person_and_never_to_two(database: Database, keys: Keys) -> None:
    granted, other = await _grant(database, keys), await _grant(database, keys, person=2)
    await _amend(database, keys, granted, passport_index=passport(3))
    later = await _grant(database, keys, person=3, valid_from=dt.date(2025, 1, 1), valid_until=dt.date(2025, 6, 30))
    assert later.permit_number == granted.permit_number
    with pytest.raises(Conflict):
        await _amend(database, keys, other, passport_index=passport(3))


def _correction(granted: Granted, **facts: Any) -> Correction:
    return Correction(
        region=REGION,
        permit_id=granted.permit_id,
        facts=facts,
        reasons="录入有误",
        recorded=at(dt.date(2024, 9, 1)),
        proposer="甲",
        decider="乙",
    )


async def test_a_correction_holds_for_all_days_and_stands_in_the_history_with_both_people(
    database: Database, keys: Keys
) -> None:
    granted = await _grant(database, keys)
    await _amend(database, keys, granted, facts={"position_kind": "managerial"})
    async with database.transaction(REGION) as tx:
        await service.correct(tx, LAW, keys, _correction(granted, category="A", surname="MUSTERFELDT"))
        entry = await service.permit_by_number(tx, keys, REGION, granted.permit_number, FIRST)
    for day in (FIRST, dt.date(2024, 7, 1)):
        assert await _count(database, day, "category") == {"A": 1}
        assert await _count(database, day, "category", dt.date(2024, 8, 31)) == {"B": 1}
    assert await _count(database, FIRST, "position_kind") == {"technical": 1}
    last = entry.permits[0].history[-1]
    assert (last.kind, last.proposer, last.decider, last.reasons) == ("corrected", "甲", "乙", "录入有误")
    assert entry.names.surname == "MUSTERFELDT"
    assert entry.permits[0].history[0].names.surname == "MUSTERFELD"


class _Days:
    """Permits as a brute-force model: by what each is counted on every day."""

    def __init__(self) -> None:
        self.days: dict[object, dict[dt.date, str]] = {}

    def put(self, permit: object, first: dt.date, last: dt.date, value: str) -> None:
        self.days.setdefault(permit, {}).update({first + n * DAY: value for n in range((last - first).days + 1)})

    def cut(self, permit: object, end: dt.date) -> None:
        self.days[permit] = {day: value for day, value in self.days[permit].items() if day < end}

    def on(self, day: dt.date) -> dict[str, int]:
        return dict(Counter(days[day] for days in self.days.values() if day in days))


@pytest.mark.parametrize("seed", range(4))
async def test_random_lives_count_as_a_model_of_single_days(database: Database, keys: Keys, seed: int) -> None:
    r, model, last, changed = random.Random(seed), _Days(), {}, {}
    running: list[Granted] = []
    for step in range(40):
        recorded, what = at(dt.date(2025, 1, 1) + step * DAY), r.choice(["grant", "change", "extend", "end"])
        if what == "grant" or not running:
            first = FIRST + r.randrange(200) * DAY
            until = first + r.randrange(1, 150) * DAY
            made = await _grant(database, keys, r.randrange(6), valid_from=first, valid_until=until, recorded=recorded)
            running.append(made)
            last[made], changed[made] = until, first
            model.put(made, first, until, "B")
            continue
        made = r.choice(running)
        if what == "end":
            running.remove(made)
            end = changed[made] - 20 * DAY + r.randrange((last[made] - changed[made]).days + 21) * DAY
            async with database.transaction(REGION) as tx:
                said = {"kind": "cancelled", "ground": "x", "reasons": "x", "recorded": recorded}
                await service.end(
                    tx,
                    LAW,
                    keys,
                    Ending(region=REGION, permit_id=made.permit_id, effective=end, **said),  # type: ignore[arg-type]
                )
            model.cut(made, end)
            continue
        until = last[made] + r.randrange(1, 90) * DAY if what == "extend" else last[made]
        day = (
            last[made] + DAY
            if what == "extend"
            else changed[made] + r.randrange((until - changed[made]).days + 1) * DAY
        )
        category = r.choice("ABC")
        await _amend(
            database, keys, made, kind="extended" if what == "extend" else "changed", effective=day,
            valid_until=until if what == "extend" else None, facts={"category": category}, recorded=recorded,
        )  # fmt: skip
        before = model.days[made].get(day - DAY)
        model.put(made, day, until, category)
        last[made], changed[made] = until, changed[made] if before == category and day > changed[made] else day
    for day in (FIRST + n * DAY for n in range(0, 600, 7)):
        assert await _count(database, day, "category") == model.on(day), day
    for known in (None, dt.date(2025, 1, 20)):
        async with database.transaction(REGION) as tx:
            found = await recounting.recount(tx, LAW, keys, REGION, FIRST + 150 * DAY, known)
        assert found.differences == ()
