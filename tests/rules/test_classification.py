"""Categories, points of both editions with every band's edges, grounds, what lifts a person, and what is refused."""

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from permits.rules import classification
from permits.rules.classification import Classification, Profile, classify
from permits.rules.law import NoRule, load
from permits.rules.points import PointsTable
from tests.rules.published import cases, vectors

LAW = load()
ON = date(2026, 11, 24)
CITY = "321200"
EDITIONS = ("trial-2016", "provisional-2017")
PLAIN = Profile(annual_salary_cny=0, education="none", experience_years=0, months_per_year=0, chinese="none",
                place="ordinary", age=61)  # fmt: skip
MASTER = Profile(annual_salary_cny=480_000, education="master", experience_years=10, months_per_year=12,
                 chinese="none", place="ordinary", age=36)  # fmt: skip


def of(profile: Profile = PLAIN, edition: str | None = None, region: str = CITY, **changes: Any) -> Classification:
    """The classification of a profile with some changes."""
    return classify(LAW, msgspec.structs.replace(profile, **changes), ON, region, edition)


def profiles(table: PointsTable) -> st.SearchStrategy[Profile]:
    """Any profile that an edition can judge."""
    codes = {name: st.sampled_from([row.code for row in getattr(table, name)])
             for name in ("education", "chinese", "place")}  # fmt: skip
    other = st.lists(st.sampled_from([row.code for row in table.other]), max_size=3).map(tuple)
    return st.builds(Profile, annual_salary_cny=st.integers(0, 1_000_000), experience_years=st.integers(0, 70),
                     months_per_year=st.integers(0, 12), age=st.integers(18, 100), other=other,
                     local_bonus=st.integers(0, 10), grounds=st.just(()), **codes)  # fmt: skip


ANY = st.sampled_from(LAW.every(PointsTable)).flatmap(lambda table: st.tuples(st.just(table.key), profiles(table)))


def wrong(edition: str | None = None, **changes: Any) -> dict[str, str]:
    """Each pointer that is named wrong, with the English words."""
    profile = msgspec.structs.replace(PLAIN, **changes)
    return {at: text.en for at, text in classification.problems(LAW, profile, ON, CITY, edition)}


@pytest.mark.parametrize("case", vectors("classification.json")["cases"], ids=lambda case: case["name"])
def test_a_published_example_of_the_provisional_edition_comes_out_as_printed(case: dict[str, Any]) -> None:
    found = classify(LAW, msgspec.convert(case["profile"], Profile), ON, CITY, "provisional-2017")
    assert (found.points, found.category, found.items) == (case["points"], case["category"], case["items"])


@pytest.mark.parametrize("case", cases("points_examples"), ids=lambda case: case["name"])
def test_a_published_example_of_points_comes_out_as_printed(case: dict[str, Any]) -> None:
    found = classify(LAW, msgspec.convert(case["profile"], Profile), ON, "110000", case["edition"])
    assert (found.points, found.items, found.edition) == (case["points"], case["items"], case["edition"])
    assert found.category == case["category_by_points"]


ITEM_OF = {"experience_years": "experience", "annual_salary_cny": "salary", "months_per_year": "months"}


@pytest.mark.parametrize("case", cases("points_items"), ids=str)
def test_a_published_line_of_the_tables_gives_its_points(case: dict[str, Any]) -> None:
    value = tuple(case["value"]) if isinstance(case["value"], list) else case["value"]
    found = of(edition=case["edition"], **{case["item"]: value})
    assert found.items[ITEM_OF.get(case["item"], case["item"])] == case["points"]


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize(("field", "item", "edges"), [
    ("annual_salary_cny", "salary", {0: 0, 49_999: 0, 50_000: 5, 69_999: 5, 70_000: 8, 149_999: 8, 150_000: 11,
                                     249_999: 11, 250_000: 14, 349_999: 14, 350_000: 17, 449_999: 17, 450_000: 20}),
    ("months_per_year", "months", {0: 0, 2: 0, 3: 5, 5: 5, 6: 10, 8: 10, 9: 15, 12: 15}),
    ("age", "age", {18: 10, 25: 10, 26: 15, 45: 15, 46: 10, 55: 10, 56: 5, 60: 5, 61: 0, 100: 0}),
    ("place", "place", {"western": 10, "north-east": 10, "poverty-county": 10, "ordinary": 0}),
    ("local_bonus", "local_bonus", {0: 0, 1: 1, 10: 10}),
])  # fmt: skip
def test_both_editions_give_the_same_at_every_edge(edition: str, field: str, item: str, edges: dict[Any, int]) -> None:
    assert {value: of(edition=edition, **{field: value}).items[item] for value in edges} == edges


@pytest.mark.parametrize(("edition", "field", "item", "edges"), [
    ("trial-2016", "experience_years", "experience", {0: 0, 1: 0, 2: 5, 3: 6, 11: 14, 12: 15, 13: 15, 70: 15}),
    ("provisional-2017", "experience_years", "experience", {1: 0, 2: 5, 3: 6, 16: 19, 17: 20, 18: 20, 70: 20}),
    ("trial-2016", "education", "education", {"doctor": 20, "master": 15, "bachelor": 10, "none": 0}),
    ("provisional-2017", "education", "education", {
        "doctor": 20, "master": 15, "bachelor": 10, "none": 0, "skill-highest": 20, "skill-senior-technician": 20,
        "skill-technician": 15, "skill-senior-worker": 10}),
    ("trial-2016", "chinese", "chinese", {
        "degree-in-chinese": 10, "hsk5": 10, "hsk4": 8, "hsk3": 6, "hsk2": 4, "hsk1": 2, "none": 0}),
    ("provisional-2017", "chinese", "chinese", {
        "former-national": 5, "degree-in-chinese": 5, "hsk5": 5, "hsk4": 4, "hsk3": 3, "hsk2": 2, "hsk1": 1,
        "none": 0}),
    ("trial-2016", "other", "other", {(): 0, ("top-university",): 5, ("top-university", "fortune-500"): 5}),
    ("provisional-2017", "other", "other", {
        ("patent",): 5, ("five-years-in-china",): 5, ("patent", "fortune-500", "top-university"): 5}),
])  # fmt: skip
def test_each_edition_gives_its_own_points(edition: str, field: str, item: str, edges: dict[Any, int]) -> None:
    assert {value: of(edition=edition, **{field: value}).items[item] for value in edges} == edges


@pytest.mark.parametrize(("points", "category"), [(59, "C"), (60, "B"), (84, "B"), (85, "A")])
def test_sixty_points_make_b_and_eighty_five_make_a(points: int, category: str) -> None:
    base = {"education": "doctor", "months_per_year": 12, "age": 30}  # 50 points
    more = {59: {"local_bonus": 9}, 60: {"local_bonus": 10},
            84: {"local_bonus": 10, "place": "western", "experience_years": 11},
            85: {"local_bonus": 10, "place": "western", "experience_years": 12}}[points]  # fmt: skip
    found = of(**base, **more)
    assert (found.points, found.category) == (points, category)
    assert [(it.key, it.category) for it in found.grounds] == ([("points", category)] if category != "C" else [])


def test_the_age_bands_of_the_trial_edition_may_be_read_as_printed() -> None:
    reading = {"key": "classification.age_bands", "effective_from": "2016-11-01", "region": "44", "source": "试读",
               "value": "as-printed"}  # fmt: skip
    law = load([{"setting": [reading]}])
    ages = {age: classify(law, msgspec.structs.replace(PLAIN, age=age), ON, "440100", "trial-2016").items["age"]
            for age in (24, 25, 26, 44, 45, 54, 55, 59, 60)}  # fmt: skip
    assert ages == {24: 10, 25: 0, 26: 15, 44: 15, 45: 0, 54: 10, 55: 0, 59: 5, 60: 0}


@pytest.mark.parametrize(("on", "edition"), [(date(2016, 11, 1), "trial-2016"), (date(2017, 3, 31), "trial-2016"),
                                             (date(2017, 4, 1), "provisional-2017"), (ON, "provisional-2017")])
def test_the_edition_in_force_is_the_days(on: date, edition: str) -> None:
    assert classify(LAW, PLAIN, on, CITY).edition == edition


def test_a_provincial_edition_is_an_entry_and_touches_no_other_province() -> None:
    table = msgspec.to_builtins(LAW.every(PointsTable)[1]) | {"key": "jiangsu-2027", "category_b": 50}
    setting = {"key": "classification.edition", "effective_from": "2027-01-01", "region": "32", "source": "苏",
               "value": "jiangsu-2027"}  # fmt: skip
    law = load([{"points_table": [table], "setting": [setting]}])
    assert classify(law, PLAIN, date(2027, 1, 1), CITY).edition == "jiangsu-2027"
    assert classify(law, PLAIN, date(2026, 12, 31), CITY).edition == "provisional-2017"
    assert classify(law, PLAIN, date(2027, 1, 1), "110000").edition == "provisional-2017"
    assert "jiangsu-2027" in classification.editions(law)


def test_no_edition_before_the_first_and_none_of_an_unknown_name() -> None:
    with pytest.raises(NoRule):
        classify(LAW, PLAIN, date(2016, 10, 31), CITY)
    with pytest.raises(NoRule):
        of(edition="trial-1999")


def test_a_master_of_ten_years_on_480_000_is_b_by_points() -> None:
    found = of(MASTER)
    assert (found.category, found.points) == ("B", 78)
    assert {it.key for it in found.grounds} == {"points", "salary-4x"}


def test_a_doctor_with_hsk_5_on_480_000_is_a_with_88_points() -> None:
    found = of(MASTER, education="doctor", chinese="hsk5")
    assert (found.category, found.points, found.gains) == ("A", 88, ())
    assert found.grounds[0].key == "points"


@pytest.mark.parametrize(("pay", "keys"), [(99_046 * 4 - 1, []), (99_046 * 4, ["salary-4x"]),
                                           (99_046 * 6, ["salary-6x", "salary-4x"])])
def test_pay_of_four_and_six_times_the_local_average_gives_b_and_a(pay: int, keys: list[str]) -> None:
    found = of(annual_salary_cny=pay)
    assert [it.key for it in found.grounds] == keys
    assert found.category == (found.grounds[0].category if keys else "C")


def test_the_local_average_is_the_days_and_without_one_pay_alone_gives_nothing() -> None:
    rich = msgspec.structs.replace(PLAIN, annual_salary_cny=97_577 * 4)
    assert classify(LAW, rich, date(2025, 6, 30), CITY).category == "B"
    assert classify(LAW, rich, date(2025, 7, 1), CITY).category == "C"
    assert of(annual_salary_cny=10_000_000, region="110000").category == "C"


@pytest.mark.parametrize(("key", "category", "more"), [
    ("talent-programme", "A", {}), ("international-award", "A", {}), ("encouraged-post", "A", {}),
    ("entrepreneur", "A", {}), ("young-talent", "A", {"education": "doctor", "age": 40}),
    ("bachelor-two-years", "B", {"education": "bachelor", "experience_years": 2}),
    ("chinese-university-master", "B", {"education": "master"}), ("top-100-graduate", "B", {"education": "bachelor"}),
    ("language-teacher", "B", {"education": "bachelor"}), ("skills-certificate", "B", {}),
    ("intergovernmental", "C", {}), ("household-staff", "C", {}), ("seasonal", "C", {}),
])  # fmt: skip
def test_each_ground_gives_its_category_with_text_and_source(key: str, category: str, more: dict[str, Any]) -> None:
    found = of(grounds=(key,), **more)
    assert found.category == category
    (held,) = [it for it in found.grounds if it.key == key]
    assert held.category == category
    assert held.text.zh
    assert held.text.en
    assert held.source


def test_the_best_ground_gives_the_category_and_all_are_named() -> None:
    found = of(MASTER, grounds=("talent-programme",))
    assert found.category == "A"
    assert [it.key for it in found.grounds] == ["talent-programme", "salary-4x", "points"]


def test_what_would_lift_a_person_names_the_smallest_step_that_is_enough() -> None:
    gains = {gain.item: gain for gain in of(MASTER).gains}
    assert {gain.category for gain in gains.values()} == {"A"}
    assert (gains["experience"].points, gains["experience"].enough) == (7, True)
    assert "17" in gains["experience"].text.en
    assert (gains["education"].points, gains["education"].enough) == (5, False)
    assert (gains["local_bonus"].points, gains["local_bonus"].enough) == (7, True)
    assert "594,276" in gains["salary-6x"].text.zh
    assert gains["talent-programme"].enough
    assert not {"age", "months", "salary"} & set(gains)


def test_what_would_lift_a_person_in_c_leads_to_b() -> None:
    gains = of(education="bachelor", experience_years=2, months_per_year=12, age=30).gains
    salary = next(gain for gain in gains if gain.item == "salary")
    assert (salary.category, salary.points, salary.enough) == ("B", 17, True)
    assert "350,000" in salary.text.en
    assert {"bachelor-two-years", "salary-4x"} <= {gain.item for gain in gains}
    assert "talent-programme" not in {gain.item for gain in gains}


@given(ANY)
def test_a_step_that_is_said_to_be_enough_is_enough(drawn: tuple[str, Profile]) -> None:
    edition, profile = drawn
    found = of(profile, edition, "110000")
    table = next(table for table in LAW.every(PointsTable) if table.key == edition)
    least = {"C": table.category_b, "B": table.category_a, "A": 0}[found.category]
    for gain in (gain for gain in found.gains if gain.points):
        assert gain.enough is (found.points + gain.points >= least)


@given(ANY, st.integers(0, 500_000))
def test_more_pay_never_gives_fewer_points_nor_a_worse_category(drawn: tuple[str, Profile], more: int) -> None:
    edition, profile = drawn
    before = of(profile, edition)
    after = of(profile, edition, annual_salary_cny=profile.annual_salary_cny + more)
    assert after.points >= before.points
    assert after.category <= before.category


@given(ANY)
def test_the_items_add_up_to_the_points(drawn: tuple[str, Profile]) -> None:
    found = of(drawn[1], drawn[0])
    assert sum(found.items.values()) == found.points
    assert list(found.items) == ["salary", "education", "experience", "months", "chinese", "place", "age", "other",
                                 "local_bonus"]  # fmt: skip


def test_every_wrong_field_is_named_at_once() -> None:
    numbers = {"annual_salary_cny": -1, "experience_years": -1, "months_per_year": 13, "age": 17, "local_bonus": 11}
    codes = {"education": "x", "chinese": "hsk9", "place": "", "other": ("patent", "prize")}
    found = wrong(**numbers, **codes, grounds=("talent-programme", "luck"))
    assert set(found) == {"/annual_salary_cny", "/education", "/experience_years", "/months_per_year", "/chinese",
                          "/place", "/age", "/other/1", "/local_bonus", "/grounds/1"}  # fmt: skip
    assert "18 to 100" in found["/age"]
    assert "doctor, master, bachelor" in found["/education"]


@pytest.mark.parametrize(("field", "good", "bad"), [
    ("annual_salary_cny", (0, 100_000_000), (-1, 100_000_001)), ("experience_years", (0, 70), (-1, 71)),
    ("months_per_year", (0, 12), (-1, 13)), ("age", (18, 100), (17, 101)), ("local_bonus", (0, 10), (-1, 11)),
])  # fmt: skip
def test_a_number_has_bounds(field: str, good: tuple[int, int], bad: tuple[int, int]) -> None:
    assert not [value for value in good if wrong(**{field: value})]
    assert [set(wrong(**{field: value})) for value in bad] == [{f"/{field}"}] * 2


@pytest.mark.parametrize(("field", "value"), [("education", "skill-technician"), ("chinese", "former-national"),
                                              ("other", ("patent",))])
def test_what_an_edition_has_no_line_for_is_said_and_never_a_silent_zero(field: str, value: Any) -> None:
    pointer = f"/{field}/0" if field == "other" else f"/{field}"
    assert set(wrong("trial-2016", **{field: value})) == {pointer}
    assert not wrong("provisional-2017", **{field: value})


@pytest.mark.parametrize(("key", "more", "says"), [
    ("young-talent", {"education": "doctor", "age": 41}, "40"),
    ("young-talent", {"education": "master", "age": 30}, "education"),
    ("bachelor-two-years", {"education": "bachelor", "experience_years": 1}, "2 years"),
    ("chinese-university-master", {"education": "bachelor"}, "education"), ("salary-6x", {}, "594,276"),
    ("points", {}, "no such ground"),
])  # fmt: skip
def test_a_ground_that_the_rest_speaks_against_is_refused(key: str, more: dict[str, Any], says: str) -> None:
    assert says in wrong(grounds=(key,), **more)["/grounds/0"]


def test_a_profile_with_problems_is_not_classified() -> None:
    with pytest.raises(ValueError, match="problems"):
        of(age=17)
