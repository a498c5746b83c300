"""Categories, points of both editions with every band's edges, grounds, what lifts a person, and what is refused."""

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from permits.rules import classification, direct_grounds
from permits.rules.classification import Classification, Profile, classify
from permits.rules.direct_grounds import Condition, Ground, age_limit
from permits.rules.law import NoRule, load
from permits.rules.points import Band, PointsTable
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


@pytest.mark.parametrize(
    ("on", "edition"),
    [
        (date(2016, 11, 1), "trial-2016"),
        (date(2017, 3, 31), "trial-2016"),
        (date(2017, 4, 1), "provisional-2017"),
        (ON, "provisional-2017"),
    ],
)
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


@pytest.mark.parametrize(
    ("pay", "keys"), [(99_046 * 4 - 1, []), (99_046 * 4, ["salary-4x"]), (99_046 * 6, ["salary-6x", "salary-4x"])]
)
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
    ("language-teacher", "B", {"education": "bachelor", "experience_years": 2}), ("skills-certificate", "B", {}),
    ("national-project", "B", {}), ("intergovernmental", "C", {}), ("household-staff", "C", {}), ("seasonal", "C", {}),
    ("quota-graduate", "C", {}), ("special-field", "C", {}), ("short-term-work", "C", {}),
    ("employment-rules", "C", {}),
])  # fmt: skip
def test_each_ground_gives_its_category_with_text_and_source(key: str, category: str, more: dict[str, Any]) -> None:
    found = of(grounds=(key,), **more)
    assert found.category == category
    (held,) = [it for it in found.grounds if it.key == key]
    assert held.category == category
    assert held.text.zh
    assert held.text.en
    assert held.source
    assert held.evidence


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


@pytest.mark.parametrize(
    ("field", "value"), [("education", "skill-technician"), ("chinese", "former-national"), ("other", ("patent",))]
)
def test_what_an_edition_has_no_line_for_is_said_and_never_a_silent_zero(field: str, value: Any) -> None:
    pointer = f"/{field}/0" if field == "other" else f"/{field}"
    assert set(wrong("trial-2016", **{field: value})) == {pointer}
    assert not wrong("provisional-2017", **{field: value})


@pytest.mark.parametrize(("key", "more", "says"), [
    ("young-talent", {"education": "doctor", "age": 41}, "40"),
    ("young-talent", {"education": "master", "age": 30}, "education"),
    ("bachelor-two-years", {"education": "bachelor", "experience_years": 1}, "2 years"),
    ("chinese-university-master", {"education": "bachelor"}, "education"), ("salary-6x", {}, "594,276"),
    ("language-teacher", {"education": "bachelor", "experience_years": 1}, "2 years"),
    ("teacher-licence", {"education": "none"}, "education"),
    ("employed-professional", {"education": "master", "experience_years": 1}, "2 years"),
    ("points", {}, "no such ground"),
])  # fmt: skip
def test_a_ground_that_the_rest_speaks_against_is_refused(key: str, more: dict[str, Any], says: str) -> None:
    assert says in wrong(grounds=(key,), **more)["/grounds/0"]


def test_a_profile_with_problems_is_not_classified() -> None:
    with pytest.raises(ValueError, match="problems"):
        of(age=17)


GROUNDS, CONDITIONS = LAW.every(Ground), LAW.every(Condition)


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda it: it.key)
def test_each_condition_of_a_ground_gives_the_grounds_category_with_its_own_words(condition: Condition) -> None:
    education = condition.education[0] if condition.education else "none"
    found = of(grounds=(condition.key,), education=education, experience_years=condition.experience_years)
    (ground,) = [it for it in GROUNDS if it.key == condition.ground]
    (held,) = [it for it in found.grounds if it.key == ground.key]
    assert (held.category, held.text, found.category) == (ground.category, condition.text, ground.category)
    assert condition.evidence
    assert all(it.zh and it.en for it in (condition.text, *condition.evidence))
    assert condition.article in held.source


def test_keys_of_grounds_and_conditions_are_their_own() -> None:
    keys = [it.key for it in (*GROUNDS, *CONDITIONS)]
    assert len(keys) == len(set(keys))
    assert {it.ground for it in CONDITIONS} <= {it.key for it in GROUNDS}
    assert "points" not in keys


def test_of_a_ground_and_its_condition_the_condition_is_named_and_two_conditions_are_two() -> None:
    found = of(grounds=("international-award", "nobel-prize"))
    assert ["诺贝尔" in it.text.zh for it in found.grounds] == [True]
    assert len(of(grounds=("academician", "nobel-prize", "nobel-prize")).grounds) == 2


def test_a_teacher_with_a_licence_needs_no_years_of_teaching() -> None:
    assert of(grounds=("teacher-licence",), education="bachelor").category == "B"
    assert of(grounds=("teacher-degree",), education="bachelor").grounds[0].key == "language-teacher"


def test_grounds_stand_in_the_order_of_category_and_file_whatever_the_order_of_the_claims() -> None:
    claimed = ("skills-certificate", "entrepreneur", "talent-programme", "intergovernmental")
    found = of(grounds=claimed, annual_salary_cny=600_000)
    assert [it.key for it in found.grounds] == [
        "talent-programme", "salary-6x", "entrepreneur", "salary-4x", "skills-certificate", "intergovernmental"
    ]  # fmt: skip


def test_a_salary_ground_may_be_claimed_where_pay_gives_it_and_counts_once() -> None:
    assert [it.key for it in of(annual_salary_cny=400_000, grounds=("salary-4x",)).grounds] == ["salary-4x"]
    profile = msgspec.structs.replace(PLAIN, annual_salary_cny=9_000_000, grounds=("salary-4x",))
    ((pointer, text),) = classification.problems(LAW, profile, ON, "110000")
    assert pointer == "/grounds/0"
    assert "No average wage" in text.en


def test_pay_one_yuan_short_is_refused_as_a_claim() -> None:
    assert "396,184" in wrong(grounds=("salary-4x",), annual_salary_cny=396_183)["/grounds/0"]
    assert not wrong(grounds=("salary-4x",), annual_salary_cny=396_184)


def test_where_no_average_is_loaded_pay_lifts_nobody() -> None:
    assert not {"salary-4x", "salary-6x"} & {gain.item for gain in of(region="110000").gains}


def test_a_provinces_own_standard_is_a_matter_of_entries() -> None:
    own = {"key": "jiangsu-chain-leader", "category": "A", "effective_from": "2027-01-01", "region": "32",
           "text": {"zh": "链主企业", "en": "a leading enterprise"}, "source": "苏"}  # fmt: skip
    left_out = {"key": "encouraged-post", "category": "A", "effective_from": "2027-01-01", "region": "32",
                "offered": False, "text": {"zh": "不再适用", "en": "no longer"}, "source": "苏"}  # fmt: skip
    one = {"key": "nobel-prize", "ground": "international-award", "effective_from": "2027-01-01", "region": "32",
           "offered": False, "text": {"zh": "不再适用", "en": "no longer"}, "source": "苏"}  # fmt: skip
    law = load([{"ground": [own, left_out], "ground_condition": [one]}])

    def keys(on: date, region: str, *claimed: str) -> list[str]:
        profile = msgspec.structs.replace(PLAIN, grounds=claimed)
        return [at for at, _ in classification.problems(law, profile, on, region)]

    then = date(2027, 1, 1)
    claimed = ("jiangsu-chain-leader", "encouraged-post", "major-employer", "nobel-prize", "academician")
    assert keys(then, CITY, *claimed) == ["/grounds/1", "/grounds/2", "/grounds/3"]
    assert keys(then, "110000", *claimed) == ["/grounds/0"]
    assert keys(date(2026, 12, 31), CITY, *claimed) == ["/grounds/0"]
    found = classify(law, msgspec.structs.replace(PLAIN, grounds=("jiangsu-chain-leader",)), then, CITY)
    assert found.category == "A"
    assert "encouraged-post" not in {it.item for it in classify(law, MASTER, then, CITY).gains}


@pytest.mark.parametrize(("category", "region", "procedure", "certificates", "oldest"), [
    ("A", CITY, "", (), None), ("B", CITY, "", (), 60), ("C", CITY, "", (), 60), ("B", CITY, "extend", (), 60),
    ("B", "110000", "", (), 60), ("B", "110000", "extend", (), 70), ("B", "110000", "change", (), 60),
    ("B", "110000", "", ("listed-65",), 65), ("B", "110000", "", ("listed-70", "listed-65"), 70),
    ("B", CITY, "", ("listed-65",), 60), ("C", "110000", "extend", ("listed-70",), 60),
])  # fmt: skip
def test_the_age_up_to_which_a_category_is_open(
    category: str, region: str, procedure: str, certificates: tuple[str, ...], oldest: int | None
) -> None:
    found = age_limit(LAW, category, ON, region, procedure, certificates)
    assert (found.oldest if found else None) == oldest


@pytest.mark.parametrize(("age", "grounds", "keys"), [
    (60, ("skills-certificate",), []), (61, ("skills-certificate",), ["age"]), (61, ("talent-programme",), []),
    (60, (), ["quota"]), (61, (), ["age", "quota"]),
])  # fmt: skip
def test_age_and_quota_are_told_as_what_the_category_brings(
    age: int, grounds: tuple[str, ...], keys: list[str]
) -> None:
    found = of(age=age, grounds=grounds).cautions
    assert [it.key for it in found] == keys
    assert all(it.text.zh and it.text.en and it.source for it in found)


def test_a_quota_of_places_is_an_entry() -> None:
    entry = {"key": "C", "category": "C", "effective_from": "2026-01-01", "region": "32", "places": 20, "source": "苏",
             "text": {"zh": "20 名", "en": "20 places"}}  # fmt: skip
    found = direct_grounds.quota(load([{"quota": [entry]}]), "C", ON, CITY)
    assert found is not None
    assert found.places == 20
    assert direct_grounds.quota(LAW, "B", ON, CITY) is None


@pytest.mark.parametrize(("changes", "item", "zh", "en"), [
    ({"annual_salary_cny": 49_999}, "salary", "年薪不满 50,000 元", "yearly pay under 50,000 yuan"),
    ({"annual_salary_cny": 300_000}, "salary", "年薪达到 250,000 元、不满 350,000 元",
     "yearly pay of 250,000 yuan, and under 350,000 yuan"),
    ({"annual_salary_cny": 450_000}, "salary", "年薪达到 450,000 元", "yearly pay of 450,000 yuan"),
    ({"experience_years": 1}, "experience", "相关工作经历不满 2 年", "under 2 years of experience"),
    ({"experience_years": 2}, "experience", "相关工作经历满 2 年", "2 years of relevant experience"),
    ({"experience_years": 5}, "experience", "相关工作经历满 5 年", "5 years of relevant experience"),
    ({"experience_years": 30}, "experience", "相关工作经历满 17 年", "17 years of relevant experience"),
    ({"months_per_year": 2}, "months", "每年在华工作不满 3 个月", "under 3 months of work in China a year"),
    ({"months_per_year": 8}, "months", "每年在华工作满 6 个月、不满 9 个月",
     "6 months of work in China a year, and under 9"),
    ({"months_per_year": 9}, "months", "每年在华工作满 9 个月", "9 months of work in China a year"),
    ({"age": 45}, "age", "26 至 45 岁", "26 to 45 years old"),
    ({"age": 61}, "age", "61 岁及以上", "61 years old or more"),
    ({"local_bonus": 3}, "local_bonus", "地方鼓励性加分 3 分", "a local bonus of 3 points"),
    ({}, "local_bonus", "表中没有对应的一项", "no line of the table"),
    ({}, "other", "表中没有对应的一项", "no line of the table"),
    ({"other": ("patent", "fortune-500")}, "other", "有世界 500 强企业任职经验；具有专利等知识产权",
     "experience with a Fortune 500 company; patents or other intellectual property"),
    ({"chinese": "hsk2"}, "chinese", "HSK 二级", "HSK level 2"),
    ({"education": "skill-technician"}, "education", "技师或相当", "technician"),
])  # fmt: skip
def test_the_answer_names_the_band_that_gave_each_item_its_points(
    changes: dict[str, Any], item: str, zh: str, en: str
) -> None:
    found = of(**changes)
    (line,) = [line for line in found.lines if line.item == item]
    assert (line.text.zh, line.text.en, line.points) == (zh, en, found.items[item])


def test_each_line_names_its_source_down_to_the_column() -> None:
    lines = of(edition="trial-2016").lines
    assert [line.item for line in lines] == [*of().items]
    assert all("151号" in line.source and "（试行）：" in line.source for line in lines)
    assert [line.source.rpartition("：")[2] for line in lines] == [
        "年薪", "受教育程度或职业资格", "相关工作年限", "年工作时间", "汉语水平", "工作地区",
        "年龄", "其他", "省级鼓励性加分"
    ]  # fmt: skip
    assert of(other=("patent",)).lines[7].source.endswith("：其他")


def test_an_age_in_a_gap_of_the_table_gives_nothing_and_says_so() -> None:
    reading = {"key": "classification.age_bands", "effective_from": "2016-11-01", "region": "44", "source": "试读",
               "value": "as-printed"}  # fmt: skip
    law = load([{"setting": [reading]}])
    lines = {age: classify(law, msgspec.structs.replace(PLAIN, age=age), ON, "440100", "trial-2016").lines[6]
             for age in (44, 45)}  # fmt: skip
    assert (lines[45].points, lines[45].text.en) == (0, "no line of the table")
    assert lines[44].text.en == "26 to 44 years old"


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_bounds_of_every_number_are_the_last_that_are_believed(edition: str) -> None:
    edges = {"annual_salary_cny": (0, 100_000_000), "experience_years": (0, 70), "months_per_year": (0, 12),
             "age": (18, 100), "local_bonus": (0, 10)}  # fmt: skip
    for field, (least, most) in edges.items():
        assert not wrong(edition, **{field: least}) | wrong(edition, **{field: most})
        below, above = wrong(edition, **{field: least - 1}), wrong(edition, **{field: most + 1})
        assert below == above == {f"/{field}": f"A whole number from {least} to {most}."}
        assert of(edition=edition, **{field: most}).items is not None


def test_gains_stand_in_the_order_of_the_table_and_then_the_grounds() -> None:
    found = [gain.item for gain in of().gains]
    table = ["salary", "education", "experience", "months", "chinese", "place", "other", "local_bonus"]
    assert found[:8] == table
    assert found[8:10] == ["bachelor-two-years", "chinese-university-master"]
    assert all(gain.points == 0 and gain.enough for gain in of().gains[8:])
    assert not {it.key for it in CONDITIONS} & set(found)


def test_a_step_that_is_not_enough_is_the_largest_there_is() -> None:
    gains = {gain.item: gain for gain in of().gains}
    assert {item: gain.points for item, gain in gains.items() if gain.points} == {
        "salary": 20, "education": 20, "experience": 20, "months": 15, "chinese": 5, "place": 10, "other": 5,
        "local_bonus": 10}  # fmt: skip
    assert not any(gain.enough for gain in gains.values() if gain.points)
    assert gains["place"].text.en == "the western region"
    assert gains["chinese"].text.en == "HSK level 5 or higher"
    assert gains["salary"].text.en == "yearly pay of 450,000 yuan"
    assert gains["months"].text.en == "9 months of work in China a year"


def test_an_item_at_its_top_lifts_no_more() -> None:
    top = {"annual_salary_cny": 450_000, "education": "doctor", "months_per_year": 12}
    assert not {"salary", "education", "months"} & {gain.item for gain in of(**top).gains}


def test_the_smallest_step_that_is_enough_is_enough_to_the_point() -> None:
    base = {"education": "doctor", "months_per_year": 12, "age": 30}  # 50 points
    gains = {gain.item: gain for gain in of(**base).gains}
    assert (gains["experience"].points, gains["experience"].enough) == (10, True)
    assert (gains["salary"].points, gains["salary"].text.en) == (11, "yearly pay of 150,000 yuan")
    assert (gains["local_bonus"].points, gains["local_bonus"].enough) == (10, True)
    assert (gains["other"].points, gains["other"].enough) == (5, False)


def test_somebody_in_b_by_a_ground_is_lifted_by_the_points_that_lack_to_85() -> None:
    gains = {gain.item: gain for gain in of(grounds=("skills-certificate",)).gains}
    assert {gain.category for gain in gains.values()} == {"A"}
    assert not gains["salary"].enough


def test_the_source_of_points_is_the_tables_and_of_a_ground_its_article() -> None:
    found = {it.key: it for it in of(MASTER).grounds}
    assert found["points"].source.startswith("外专发〔2017〕40号 ")
    assert found["points"].source.endswith("通知 附件 积分要素计分赋值表（暂行）")
    assert found["points"].text.en == "78 points, 60 or more"
    assert found["salary-4x"].source == "外国人来华工作分类标准（试行） 外国专业人才 第（五）项"
    assert found["salary-4x"].text.en == "pay of at least 4 times last year's local average"


def test_the_ages_of_the_provisional_edition_are_closed_however_the_trials_are_read() -> None:
    reading = {"key": "classification.age_bands", "effective_from": "2016-11-01", "region": "44", "source": "试读",
               "value": "as-printed"}  # fmt: skip
    law = load([{"setting": [reading]}])
    ages = {age: classify(law, msgspec.structs.replace(PLAIN, age=age), ON, "440100", "provisional-2017").items["age"]
            for age in (25, 26, 45, 55, 60)}  # fmt: skip
    assert ages == {25: 10, 26: 15, 45: 15, 55: 10, 60: 5}


@pytest.mark.parametrize(("band", "closed", "holds"), [
    (Band(from_=3, to=6, open=True, points=1), False, [3, 4, 5]), (Band(from_=3, to=6, points=1), False, [3, 4, 5, 6]),
    (Band(from_=3, to=6, open=True, points=1), True, [3, 4, 5, 6]), (Band(from_=7, points=1), False, [7, 8]),
    (Band(from_=3, to=6, points=1), True, [3, 4, 5, 6]),
])  # fmt: skip
def test_a_band_holds_what_lies_between_its_ends(band: Band, closed: bool, holds: list[int]) -> None:
    assert [value for value in range(9) if band.holds(value, closed=closed)] == holds
    assert [value for value in range(9) if band.from_ <= value <= band.most(closed=closed)] == holds
