"""Service items: what an application in China asks for, in which ways, and within what limits."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from permits.i18n import Text
from permits.rules.law import NoRule, load
from permits.rules.procedures import (
    DocumentRule,
    Facts,
    circumstances,
    documents,
    every_document,
    infer_circumstance,
    procedure,
    procedures,
)
from permits.rules.time_limits import limits

TAIZHOU = "321200"
BEIJING = "110000"
GUANGZHOU = "440100"
DAY = date(2026, 11, 24)
CODES = ["issue-in-china", "issue-abroad", "short-term", "extend", "change", "cancel", "replace"]


def wanted(on: date = DAY, region: str = TAIZHOU, **facts: Any) -> Mapping[str, DocumentRule]:
    """The documents of a change of employer, joint, category B, unless said otherwise; by kind."""
    case = {"circumstance": "change-of-employer", "category": "B", "joint": True, "residence_days": 700, **facts}
    return {d.kind: d for d in documents(load(), Facts(procedure="issue-in-china", **case), on, region)}


def uploads(rules: Mapping[str, DocumentRule]) -> set[str]:
    return {kind for kind, rule in rules.items() if rule.ways == ("upload",)}


def committable(rules: Mapping[str, DocumentRule]) -> set[str]:
    return {kind for kind, rule in rules.items() if "commit" in rule.ways}


def test_seven_items_are_offered_each_in_both_languages() -> None:
    items = procedures(load(), DAY, TAIZHOU)
    assert [item.code for item in items] == CODES
    assert all(text.zh and text.en for item in items for text in (item.title, item.who, item.when, item.result))
    assert all(item.law for item in items)


@pytest.mark.parametrize(
    ("on", "title"),
    [
        (date(2024, 11, 30), "Replacement of a lost or damaged work permit card"),
        (date(2024, 12, 1), "Reissue as electronic permit"),
    ],
)
def test_replacement_became_reissue_as_electronic_permit_on_1_december_2024(on: date, title: str) -> None:
    assert procedure(load(), "replace", on, TAIZHOU).title.en == title


def test_from_1_december_2024_notice_and_permit_from_abroad_are_one_procedure() -> None:
    before, after = (procedure(load(), "issue-abroad", on, TAIZHOU) for on in (date(2024, 11, 30), date(2024, 12, 1)))
    assert (before.joint, after.joint) == (False, True)


def test_an_item_that_is_not_offered_is_no_rule() -> None:
    with pytest.raises(NoRule):
        documents(load(), Facts(procedure="no-such-item"), DAY, TAIZHOU)
    with pytest.raises(NoRule):
        procedure(load(), "issue-in-china", date(2016, 1, 1), TAIZHOU)


def test_a_change_of_employer_in_category_b_leaves_something_to_commit_to_and_something_to_upload() -> None:
    rules = wanted()
    assert committable(rules) == {"experience", "no-criminal-record"}
    assert uploads(rules) == {
        "passport", "stay-permit", "photo", "contract", "degree", "health-certificate", "cancellation-proof",
    }  # fmt: skip


def test_whoever_may_commit_may_also_hand_in_the_proof() -> None:
    assert all("upload" in rule.ways for rule in wanted().values() if not rule.on_register)


def test_what_the_office_makes_or_fetches_is_never_asked_for() -> None:
    rules = wanted()
    held = {kind for kind, rule in rules.items() if rule.on_register}
    assert held == {"application-form", "employer-registration", "accommodation"}
    assert all(rules[kind].ways == () for kind in held)


def test_accommodation_is_a_matter_of_joint_cases_only() -> None:
    assert "accommodation" not in wanted(joint=False)


def test_a_photo_is_a_picture_and_everything_else_may_be_a_pdf() -> None:
    rules = wanted()
    assert rules["photo"].accepts == ("jpeg", "png")
    assert all(rule.accepts[:2] == ("pdf", "jpeg") for kind, rule in rules.items() if kind != "photo")


def test_the_size_of_a_file_is_a_setting() -> None:
    assert {rule.max_bytes for rule in wanted().values()} == {10 * 1024 * 1024}


def test_category_a_may_commit_to_experience_degree_and_criminal_record() -> None:
    rules = wanted(category="A", circumstance="r-visa", grounds=("talent-programme",))
    assert committable(rules) == {"experience", "degree", "no-criminal-record"}


def test_whoever_holds_category_a_by_points_proves_degree_and_experience_and_is_told_why() -> None:
    rules = wanted(category="A", circumstance="r-visa", grounds=("points",))
    assert committable(rules) == {"no-criminal-record"}
    for kind in ("degree", "experience"):
        why = rules[kind].why_not
        assert why is not None
        assert "依据" in why.zh
        assert "ground" in why.en


def test_category_c_hands_in_everything() -> None:
    rules = wanted(category="C")
    assert committable(rules) == set()
    assert rules["degree"].why_not is not None


def test_while_the_category_is_unknown_nothing_is_committed_to() -> None:
    rules = wanted(category=None)
    assert committable(rules) == set()
    assert rules["experience"].why_not is not None


def test_an_employer_who_is_not_trusted_hands_in_everything_and_is_told_why() -> None:
    why = Text("曾作出不实承诺", "a commitment was false")
    rules = wanted(may_commit=False, may_not_commit_why=why)
    assert committable(rules) == set()
    assert rules["experience"].why_not == why


def test_nobody_may_commit_to_health_and_no_reason_is_owed_for_it() -> None:
    assert wanted(category="A", circumstance="r-visa")["health-certificate"].why_not is None


def test_a_document_to_commit_to_comes_with_the_text_to_sign() -> None:
    rules = wanted()
    shown = {kind: rule.commitment.document for kind, rule in rules.items() if rule.commitment}
    assert shown == {"experience": "experience", "no-criminal-record": "no-criminal-record"}


@pytest.mark.parametrize(("joint", "days", "asked"), [(True, 365, True), (True, 364, False), (False, None, False)])
def test_after_a_change_of_employer_only_the_police_want_a_health_certificate_from_a_year_on(
    joint: bool, days: int | None, asked: bool
) -> None:
    assert ("health-certificate" in wanted(joint=joint, residence_days=days)) is asked


def test_beijing_asks_for_no_criminal_record_again_after_a_change_of_employer() -> None:
    assert "no-criminal-record" not in wanted(region=BEIJING)
    assert "no-criminal-record" in wanted(region=BEIJING, circumstance="family")


def test_what_was_handed_in_lately_is_not_asked_for_again() -> None:
    held = frozenset({"degree", "experience", "contract"})
    rules = wanted(on_register=held)
    assert rules["degree"].on_register
    assert rules["experience"].ways == ()
    assert rules["contract"].ways == ("upload",), "a contract is asked for each time"


def test_a_leaving_certificate_is_asked_for_after_a_change_of_employer_only() -> None:
    assert "cancellation-proof" in wanted()
    assert "cancellation-proof" not in wanted(circumstance="family")


@pytest.mark.parametrize(
    ("on", "nationality", "words"),
    [
        (date(2023, 11, 6), "DEU", "consulate"),
        (date(2023, 11, 7), "DEU", "apostille"),
        (date(2024, 1, 10), "CAN", "consulate"),
        (date(2024, 1, 11), "CAN", "apostille"),
    ],
)
def test_an_apostille_is_enough_from_the_day_the_convention_is_in_force(on: date, nationality: str, words: str) -> None:
    assert words in wanted(on=on, nationality=nationality)["degree"].notes[-1].en


@pytest.mark.parametrize("nationality", ["IND", "VNM"])
def test_without_the_convention_between_both_states_a_paper_is_legalised(nationality: str) -> None:
    assert "consulate" in wanted(nationality=nationality)["degree"].notes[-1].en


def test_while_the_state_is_unknown_both_ways_are_told() -> None:
    words = wanted(nationality=None)["degree"].notes[-1].en
    assert "apostille" in words
    assert "consular legalisation" in words


def asked(item: str, on: date = DAY, region: str = TAIZHOU, **facts: Any) -> set[str]:
    """What the applicant hands in for another item, beside the passport."""
    rules = documents(load(), Facts(procedure=item, **facts), on, region)
    return {rule.kind for rule in rules if rule.ways} - {"passport"}


@pytest.mark.parametrize(
    ("item", "circumstance", "kinds"),
    [
        ("extend", None, {"stay-permit", "contract"}),
        ("change", "change-of-name", {"stay-permit", "photo", "contract", "change-proof"}),
        ("change", "change-of-passport", {"stay-permit", "photo", "contract", "former-passport"}),
        ("change", "change-of-position", {"stay-permit", "photo", "contract", "change-proof"}),
        ("change", "change-of-category", {"stay-permit", "photo", "contract", "change-proof"}),
        ("cancel", "employment-ended", {"end-proof"}),
        ("cancel", "death", {"death-proof"}),
        ("cancel", "incapacity", {"incapacity-proof"}),
        ("cancel", "employer-gone", {"employer-gone-proof"}),
        ("replace", None, set()),
        ("short-term", None, {"photo", "contract", "experience", "no-criminal-record"}),
        (
            "issue-abroad",
            None,
            {"photo", "contract", "experience", "degree", "no-criminal-record", "health-certificate"},
        ),
    ],
)
def test_each_item_asks_for_its_own_documents_by_circumstance(
    item: str, circumstance: str | None, kinds: set[str]
) -> None:
    assert asked(item, circumstance=circumstance) == kinds


@pytest.mark.parametrize(
    ("circumstance", "kinds"), [("lost", {"loss-announcement"}), ("damaged", {"damaged-card"}), (None, set())]
)
def test_replacing_a_card_asked_for_proof_until_30_november_2024(circumstance: str | None, kinds: set[str]) -> None:
    assert asked("replace", date(2024, 11, 30), circumstance=circumstance) == kinds
    assert asked("replace", date(2024, 12, 1), circumstance=circumstance) == set()


def test_beijing_wants_a_newspapers_notice_of_who_vanished() -> None:
    assert asked("cancel", region=BEIJING, circumstance="vanished") == {"newspaper-notice"}


@pytest.mark.parametrize("ground", ["salary-4x", "salary-6x", "points"])
def test_beijing_wants_a_salary_committed_to_where_it_carries_the_category_and_its_tax_record_later(
    ground: str,
) -> None:
    facts: dict[str, Any] = {"category": "A", "grounds": (ground,)}
    assert "salary-commitment" in asked("issue-in-china", region=BEIJING, **facts)
    assert "salary-commitment" not in asked("issue-in-china", **facts)
    assert "salary-commitment" not in asked("issue-in-china", region=BEIJING, category="A", grounds=("young-talent",))
    assert "tax-record" in asked("extend", region=BEIJING, **facts)
    assert "tax-record" in asked("cancel", region=BEIJING, **facts)


def of_item(item: str, region: str = TAIZHOU, **facts: Any) -> Mapping[str, DocumentRule]:
    return {rule.kind: rule for rule in documents(load(), Facts(procedure=item, **facts), DAY, region)}


@pytest.mark.parametrize("category", ["A", "B", "C", None])
def test_from_abroad_everybody_may_commit_to_be_examined_after_entry(category: str | None) -> None:
    assert "commit" in of_item("issue-abroad", category=category)["health-certificate"].ways


def test_from_abroad_category_a_may_commit_as_in_china_and_b_may_not() -> None:
    three = {"experience", "degree", "no-criminal-record"}
    assert committable(of_item("issue-abroad", category="A")) == {*three, "health-certificate"}
    assert committable(of_item("issue-abroad", category="B")) == {"health-certificate"}
    barred = of_item("issue-abroad", category="A", grounds=("young-talent",))
    assert committable(barred) == {"no-criminal-record", "health-certificate"}
    assert barred["degree"].why_not is not None


@pytest.mark.parametrize("category", ["A", "B", "C", None])
def test_for_90_days_or_less_no_criminal_record_is_a_commitment_whatever_the_category(category: str | None) -> None:
    rules = of_item("short-term", category=category)
    assert committable(rules) == {"no-criminal-record"}
    assert committable(of_item("short-term", category=category, may_commit=False)) == set()


@pytest.mark.parametrize("item", CODES)
def test_no_circumstance_of_one_item_is_one_of_another(item: str) -> None:
    own = {one.key for one in circumstances(load(), DAY, BEIJING, item)}
    others = {one.key for code in CODES if code != item for one in circumstances(load(), DAY, BEIJING, code)}
    assert own & others == set()


def test_a_form_of_a_category_is_asked_of_that_category_alone() -> None:
    entry = {"key": "extra", "effective_from": DAY, "source": "试验", "title": {"zh": "附加", "en": "extra"},
             "procedures": ["extend"], "categories": ["C"]}  # fmt: skip
    law = load([{"document": [entry]}])
    found = {
        category: "extra"
        in {rule.kind for rule in documents(law, Facts(procedure="extend", category=category), DAY, TAIZHOU)}
        for category in ("A", "C", None)
    }
    assert found == {"A": False, "C": True, None: False}


def test_the_public_list_holds_the_documents_of_every_circumstance() -> None:
    kinds = {entry.key for entry in every_document(load(), "issue-in-china", DAY, TAIZHOU)}
    assert kinds == {*wanted(), "circumstance-proof"}


@pytest.mark.parametrize("code", CODES)
def test_every_item_asks_for_a_passport_and_never_for_the_form(code: str) -> None:
    rules = {d.kind: d for d in documents(load(), Facts(procedure=code), DAY, TAIZHOU)}
    assert rules["passport"].ways == ("upload",)
    assert rules["application-form"].on_register


def days(joint: bool, category: str | None, region: str = TAIZHOU) -> dict[tuple[str, str], int]:
    found = limits(load(), "issue-in-china", joint, category, DAY, region)
    return {(limit.step, limit.basis): limit.working_days for limit in found}


def test_the_law_gives_5_days_to_accept_20_to_decide_10_to_deliver() -> None:
    legal = {step: n for (step, basis), n in days(joint=False, category="B").items() if basis == "legal"}
    assert legal == {"acceptance": 5, "decision": 20, "delivery": 10}


def test_a_joint_case_keeps_the_20_days_of_a_single_authority_and_is_promised_in_7() -> None:
    joint = days(joint=True, category="B")
    assert joint["decision", "legal"] == 20
    assert joint["decision", "promised"] == 7


def test_category_a_is_promised_a_pre_review_in_1_day() -> None:
    assert days(joint=True, category="A")["pre-review", "promised"] == 1
    assert days(joint=True, category=None)["pre-review", "promised"] == 3


def test_no_promise_is_longer_than_the_law() -> None:
    for code in CODES:
        for joint in (False, True):
            found = {(x.step, x.basis): x.working_days for x in limits(load(), code, joint, "B", DAY, TAIZHOU)}
            assert all(found[step, "promised"] <= n for (step, basis), n in found.items() if basis == "legal")


def test_a_city_that_promised_nothing_keeps_the_law() -> None:
    assert {basis for _, basis in days(joint=True, category="B", region=GUANGZHOU)} == {"legal"}


def test_each_limit_names_its_source() -> None:
    decision = next(x for x in limits(load(), "issue-in-china", False, "B", DAY, TAIZHOU) if x.step == "decision")
    assert (decision.source, decision.article) == ("《中华人民共和国行政许可法》", "第四十二条第一款")


@pytest.mark.parametrize(
    ("visa", "category", "expiry", "circumstance"),
    [
        ("work-residence", "B", DAY, "change-of-employer"),
        ("work-residence", "B", date(2026, 11, 23), None),
        ("work-residence", "A", date(2027, 1, 1), "change-of-employer"),
        ("R", "A", None, "r-visa"),
        ("M", "A", None, "category-a"),
        ("M", "B", None, None),
        ("family-residence", "B", date(2027, 1, 1), "family"),
        ("Q1", None, None, "family"),
        ("none", "A", None, None),
        (None, None, None, None),
    ],
)
def test_the_circumstance_is_inferred_from_the_persons_papers(
    visa: str | None, category: str | None, expiry: date | None, circumstance: str | None
) -> None:
    inferred = infer_circumstance(
        load(), visa_type=visa, category=category, residence_permit_expiry=expiry, on=DAY, region=TAIZHOU
    )
    assert inferred == circumstance
