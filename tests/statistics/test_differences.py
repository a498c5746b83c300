"""What one question counts more than another: every row counts as often as in the one less as in the other."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permits.db.crypto import Keys
from permits.db.database import Database
from permits.register import rollup
from permits.register import service as register
from permits.register.figures import FIGURES, Area, Cover, cover, figure_of
from permits.register.model import Grant
from permits.rules import law
from permits.statistics import service
from permits.statistics.differences import difference
from tests.register.samples import REGION, a_grant, an_ending

LAW = law.load()

DAYS = st.dates(dt.date(2019, 1, 1), dt.date(2026, 12, 31))
KNOWN = st.none() | DAYS
COLUMNS = st.sampled_from([figure.columns for figure in FIGURES])


def _areas(found: Cover) -> list[Area]:
    return [area for name in Cover.__struct_fields__ for area in getattr(found, name)]


def _times(found: Cover, recorded: dt.date, effective: dt.date) -> int:
    return sum(
        area.sign
        for area in _areas(found)
        if area.known_from <= recorded < area.known_to and area.effective_from <= effective < area.effective_to
    )


@given(COLUMNS, st.tuples(DAYS, KNOWN), st.tuples(DAYS, KNOWN), st.tuples(DAYS, DAYS))
@settings(max_examples=150, deadline=None)
def test_a_row_counts_as_often_as_in_the_one_less_as_in_the_other(
    columns: tuple[str, ...],
    one: tuple[dt.date, dt.date | None],
    other: tuple[dt.date, dt.date | None],
    row: tuple[dt.date, dt.date],
) -> None:
    figure = figure_of(columns)
    asked = [cover(figure, *question) for question in (one, other)]
    assert _times(difference(*asked), *row) == _times(asked[0], *row) - _times(asked[1], *row)


@pytest.mark.parametrize("by", ["employer", "nationality"])
async def test_groups_of_some_days_are_those_of_each_day_by_itself(database: Database, keys: Keys, by: str) -> None:
    async with database.transaction(REGION) as tx:
        made = await register.grant_many(tx, LAW, keys, [_some(n) for n in range(40)])
        for n in range(0, 40, 3):
            ending = an_ending(made[n], _some(n).valid_from + dt.timedelta(days=90), dt.date(2024, 4 + n % 8, 9))
            await register.end(tx, LAW, keys, ending)
    while await rollup.sum_once(database, REGION, most=25):
        pass
    then = dt.date(2024, 6, 17)
    days = [(dt.date(2024, 3, 5), then), (dt.date(2024, 5, 20), None), (then, then), (dt.date(2024, 9, 3), then)]
    async with database.transaction(REGION) as tx:
        found = await service.ranking(tx, REGION, by, days, 100)
        alone = [await service.valid_on(tx, REGION, on, known, (by,)) for on, known in days]
    each = [{g.values[by]: (g.count, g.persons) for g in one.groups} for one in alone]
    ranked = {r.code: list(zip(r.counts, r.persons, strict=True)) for r in found.ranks}
    assert ranked == {code: [one.get(code, (0, 0)) for one in each] for code in ranked}
    assert ranked.keys() == set().union(*each)


def _some(n: int) -> Grant:
    first = dt.date(2023, 10, 1) + dt.timedelta(days=11 * n)
    facts = {"employer_code": f"9132120000000000{n % 5:02}", "nationality": ("DEU", "FRA", "KOR")[n % 3]}
    return a_grant(n % 31, **facts, valid_from=first, valid_until=first + dt.timedelta(days=200))


def test_of_two_neighbouring_days_as_known_now_hardly_anything_is_read() -> None:
    figure = figure_of(("employer_code",))
    days = [cover(figure, dt.date(2024, 12, 30)), cover(figure, dt.date(2024, 12, 31))]
    assert all(area.effective_from >= dt.date(2024, 12, 1) for area in _areas(difference(*days)))
    assert _areas(difference(days[0], days[0])) == []
