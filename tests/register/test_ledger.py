"""The rows of the ledger against a naive look at every permit, for any history; no database."""

import datetime as dt
import uuid
from collections import Counter

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from permits.register.ledger import Dimensions, Holding, Known, Row, age_band, age_bands, birthday, rows_of_history
from permits.register.model import EndKind
from permits.rules import law

START = dt.date(2023, 1, 1)
BANDS = age_bands(law.load(), START, "321200")
DAY = dt.timedelta(days=1)
KINDS: tuple[EndKind, ...] = ("cancelled", "revoked", "withdrawn-by-authority")


class Written(msgspec.Struct, frozen=True):
    """A row and the day on which it was recorded."""

    row: Row
    recorded: int


class History:
    """One person's permits as an office would record them, kept beside the rows that were written."""

    def __init__(self, birth: dt.date) -> None:
        self.birth = birth
        self.states: list[list[Holding]] = [[]]
        self.known: list[Known] = []
        self.rows: list[Written] = []

    def record(self, after: list[Holding]) -> None:
        """Write one change, a day after the one before it."""
        (changed,) = (one for one in after if one not in self.states[-1])
        added = Known(changed.permit_id, _at(len(self.states)), (changed,))
        self.rows += _written(self.known, [added], self.birth)
        self.known.append(added)
        self.states.append(after)

    def brought_in(self, order: list[uuid.UUID]) -> list[Written]:
        """The rows of the same history, recorded as it was, but brought in permit by permit."""
        rows: list[Written] = []
        known: list[Known] = []
        for permit in order:
            added = [one for one in self.known if one.permit_id == permit]
            rows += _written(known, added, self.birth)
            known += added
        return rows


def _at(day: int) -> dt.datetime:
    return dt.datetime(2023, 1, 1, tzinfo=dt.UTC) + day * DAY


def _written(known: list[Known], added: list[Known], birth: dt.date) -> list[Written]:
    return [Written(row, (at - _at(0)).days) for at, rows in rows_of_history(known, added, birth) for row in rows]


def _rows(before: list[Holding], after: Holding, birth: dt.date) -> list[Row]:
    """The rows of one change, recorded after all that is there."""
    known = [Known(one.permit_id, _at(n), (one,)) for n, one in enumerate(before)]
    added = [Known(after.permit_id, _at(len(before)), (after,))]
    return [one.row for one in _written(known, added, birth)]


def _holding(number: int, first: int, length: int, category: str) -> Holding:
    valid_from = START + first * DAY
    dimensions = Dimensions(category, "DEU", "F", "C", "321202", "X", "technical", "issue-in-china")
    return Holding(uuid.UUID(int=number), _at(number), valid_from, valid_from + length * DAY, dimensions, BANDS)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Grants that may overlap, and endings that may be backdated beyond the first day, in any order."""
    history = History(draw(st.dates(dt.date(1957, 1, 1), dt.date(2006, 12, 31))))
    for number in range(1, draw(st.integers(1, 6)) + 1):
        now = history.states[-1]
        running = [h for h in now if h.end_kind is None]
        ends: bool = draw(st.booleans())
        if running and ends:
            chosen = draw(st.sampled_from(running))
            days = (chosen.valid_until - chosen.valid_from).days
            effective = chosen.valid_from + draw(st.integers(-5, days)) * DAY
            kind = draw(st.sampled_from(KINDS))
            ended = msgspec.structs.replace(chosen, ended_on=effective, end_kind=kind)
            history.record([ended if h is chosen else h for h in now])
        else:
            first, length = draw(st.integers(0, 700)), draw(st.integers(0, 500))
            history.record([*now, _holding(number, first, length, draw(st.sampled_from("ABC")))])
    return history


def _scan(state: list[Holding], birth: dt.date, day: dt.date) -> Counter[Dimensions]:
    """The valid permits of a day, looked at one by one."""
    valid = [h for h in state if h.valid_from <= day <= h.valid_until and not (h.ended_on and h.ended_on <= day)]
    age = age_band(birth, day, BANDS)
    return Counter(msgspec.structs.replace(h.dimensions, age_band=age) for h in valid)


def _sums(rows: list[Row], day: dt.date) -> tuple[Counter[Dimensions], Counter[Dimensions]]:
    permits: Counter[Dimensions] = Counter()
    persons: Counter[Dimensions] = Counter()
    for row in rows:
        if row.entry.effective <= day:
            permits[row.entry.dimensions] += row.delta
            persons[row.entry.dimensions] += row.persons
    return permits, persons


def _days(history: History) -> list[dt.date]:
    """The days on which anything changes, and those around them."""
    turning = {written.row.entry.effective for written in history.rows}
    return sorted({day + shift * DAY for day in turning for shift in (-1, 0, 1)})


@given(histories())
@settings(max_examples=150, deadline=None)
def test_the_ledger_sums_to_what_a_naive_scan_counts_on_every_day_by_every_dimension(history: History) -> None:
    rows = [written.row for written in history.rows]
    for day in _days(history):
        assert +_sums(rows, day)[0] == _scan(history.states[-1], history.birth, day)


@given(histories())
@settings(max_examples=100, deadline=None)
def test_as_known_on_an_earlier_day_equals_replaying_only_what_was_recorded_by_then(history: History) -> None:
    for known, state in enumerate(history.states):
        rows = [written.row for written in history.rows if written.recorded <= known]
        for day in _days(history):
            permits, persons = _sums(rows, day)
            scanned = _scan(state, history.birth, day)
            assert +permits == scanned
            assert persons.total() == min(1, scanned.total())


@given(histories(), st.data())
@settings(max_examples=100, deadline=None)
def test_in_whatever_order_a_history_is_brought_in_a_person_counts_once_as_known_then(
    history: History, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(list(dict.fromkeys(one.permit_id for one in history.known))))
    brought_in = history.brought_in(order)
    for known, state in enumerate(history.states):
        rows = [written.row for written in brought_in if written.recorded <= known]
        for day in _days(history):
            permits, persons = _sums(rows, day)
            scanned = _scan(state, history.birth, day)
            assert +permits == scanned
            assert persons.total() == min(1, scanned.total())
            assert all(0 <= persons[group] <= permits[group] for group in permits)


@given(histories())
@settings(max_examples=100, deadline=None)
def test_a_person_counts_once_and_in_a_group_in_which_a_permit_counts(history: History) -> None:
    rows = [written.row for written in history.rows]
    for day in _days(history):
        permits, persons = _sums(rows, day)
        assert all(0 <= persons[group] <= permits[group] for group in permits)


@given(histories())
@settings(max_examples=50, deadline=None)
def test_no_group_is_ever_below_zero_and_all_ends_at_zero(history: History) -> None:
    rows = [written.row for written in history.rows]
    for day in _days(history):
        assert min(_sums(rows, day)[0].values(), default=0) >= 0
    assert not any(_sums(rows, dt.date(2100, 1, 1))[0].values())


def test_a_grant_writes_its_first_day_and_the_day_after_its_last() -> None:
    holding = _holding(1, 0, 99, "B")
    rows = _rows([], holding, dt.date(1990, 6, 1))
    assert [(r.entry.effective, r.delta, r.persons, r.entry.cause) for r in rows] == [
        (START, 1, 1, "granted"),
        (START + 100 * DAY, -1, -1, "expired"),
    ]


def test_a_backdated_cancellation_takes_effect_on_its_day_and_undoes_the_expiry() -> None:
    holding = _holding(1, 0, 99, "B")
    ended = msgspec.structs.replace(holding, ended_on=START + 10 * DAY, end_kind="cancelled")
    rows = _rows([holding], ended, dt.date(1990, 6, 1))
    assert sorted((r.entry.effective, r.delta, r.persons, r.entry.cause) for r in rows) == [
        (START + 10 * DAY, -1, -1, "cancelled"),
        (START + 100 * DAY, 1, 1, "expired"),
    ]


def test_a_birthday_that_crosses_an_age_band_writes_a_pair_which_an_earlier_end_undoes() -> None:
    holding, birth = _holding(1, 0, 99, "B"), dt.date(1977, 2, 1)
    pair = [r for r in _rows([], holding, birth) if r.entry.cause == "birthday"]
    assert sorted((str(r.entry.effective), r.entry.dimensions.age_band, r.delta) for r in pair) == [
        ("2023-02-01", "26-45", -1),
        ("2023-02-01", "46-55", 1),
    ]
    ended = msgspec.structs.replace(holding, ended_on=START + DAY, end_kind="revoked")
    undone = [r for r in _rows([holding], ended, birth) if r.entry.cause == "birthday"]
    assert sorted((r.entry.dimensions.age_band, r.delta) for r in undone) == [("26-45", 1), ("46-55", -1)]


def test_whoever_is_born_on_29_february_grows_older_on_1_march_in_ordinary_years() -> None:
    assert birthday(dt.date(1980, 2, 29), 46) == dt.date(2026, 3, 1)
    assert birthday(dt.date(1980, 2, 29), 44) == dt.date(2024, 2, 29)


def test_the_bands_read_as_whole_years_leave_no_age_out() -> None:
    born, on = dt.date(1980, 1, 1), dt.date(1980, 1, 1)
    ages = {17: "0-17", 18: "18-25", 25: "18-25", 26: "26-45", 45: "26-45", 46: "46-55", 56: "56-60", 61: "61+"}
    assert {age: age_band(born, on.replace(year=1980 + age), BANDS) for age in ages} == ages
