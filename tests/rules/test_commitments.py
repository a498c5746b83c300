"""Notification plus commitment: what the applicant is told, what is signed, and what binds it."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permits.rules.commitments import (
    CommitmentText,
    Committable,
    CreditRecord,
    barred,
    commitment,
    committable,
    digest,
    due,
    notice,
    shown,
    wrong_answers,
)
from permits.rules.law import NoRule, load

TAIZHOU = "321200"
DAY = date(2026, 11, 24)
KINDS = ["degree", "experience", "no-criminal-record"]
ALL_KINDS = [*KINDS, "health-certificate"]
BEIJING = "110000"
NOTICES = [(item, region) for item in ("issue-in-china", "issue-abroad", "short-term") for region in (TAIZHOU, BEIJING)]
SIGNED_AT = "2026-11-24T09:00:00+08:00"


def text(kind: str = "degree") -> CommitmentText:
    return commitment(load(), kind, DAY, TAIZHOU)


def affirmed(of: CommitmentText) -> dict[str, bool]:
    return {question.key: True for question in of.questions}


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("本事项实行告知承诺制", "Notification plus commitment applies"),
        ("行政许可法", "Administrative Licensing Law"),
        ("需要证明的条件或事实", "fact to be proved"),
        ("承诺的方式", "How to commit"),
        ("不受任何不利影响", "never a disadvantage"),
        ("信用修复", "until the record is repaired"),
        ("民事责任", "Civil"),
        ("行政责任", "Administrative: "),
        ("刑事责任", "Criminal"),
        ("核查", "verifies"),
        ("不向社会公开", "not published"),
    ],
)
def test_the_notice_says_all_that_the_guidance_demands(zh: str, en: str) -> None:
    for item, region in NOTICES:
        told = notice(load(), item, DAY, region)
        assert zh in "".join(part.zh for section in told.sections for part in section)
        assert en in "".join(part.en for section in told.sections for part in section)


@pytest.mark.parametrize(
    ("item", "region", "zh", "en"),
    [
        ("issue-in-china", TAIZHOU, "最高学位", "highest degree"),
        ("issue-abroad", TAIZHOU, "入境后30日内体检", "within 30 days of entry"),
        ("issue-abroad", BEIJING, "代扣代缴个人所得税", "withholds its tax"),
        ("short-term", TAIZHOU, "外国人无犯罪记录", "no criminal record"),
    ],
)
def test_each_notice_names_the_facts_of_its_own_item(item: str, region: str, zh: str, en: str) -> None:
    _, body = notice(load(), item, DAY, region).sections[2]
    assert zh in body.zh
    assert en in body.en


def test_the_notice_carries_its_version_and_source() -> None:
    told = notice(load(), "issue-in-china", DAY, TAIZHOU)
    assert told.version == 1
    assert "国办发〔2020〕42号" in told.source


@pytest.mark.parametrize("kind", ALL_KINDS)
@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("知晓", "knows everything"),
        ("符合申请", "condition for a work permit"),
        ("真实、准确", "true and exact"),
        ("法律责任", "bears the consequences"),
        ("同意行政机关", "agrees that the authority verifies"),
    ],
)
def test_each_commitment_says_all_that_the_guidance_demands(kind: str, zh: str, en: str) -> None:
    words = text(kind).text
    assert zh in words.zh
    assert en in words.en


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_personal_facts_are_signed_by_the_foreigner_too(kind: str) -> None:
    assert text(kind).signer == "both"
    assert "foreigner" in affirmed(text(kind))


def test_every_document_that_may_be_committed_to_has_a_text() -> None:
    lines = committable(load(), "issue-in-china", DAY, TAIZHOU)
    assert {line.document for line in lines} == set(KINDS)
    assert all(text(line.document).questions for line in lines)


def test_what_was_published_for_category_a_only_is_marked_assumed_for_b() -> None:
    lines = committable(load(), "issue-in-china", DAY, TAIZHOU)
    assert {line.categories: line.assumed for line in lines} == {("A",): False, ("B",): True}


def test_a_text_that_does_not_exist_is_no_rule() -> None:
    with pytest.raises(NoRule):
        text("passport")
    with pytest.raises(NoRule):
        notice(load(), "no-such-item", DAY, TAIZHOU)


def test_a_new_wording_leaves_earlier_days_with_the_old_one() -> None:
    question = {"key": "known", "text": {"zh": "已知晓", "en": "known"}}
    later = {
        "key": "degree", "version": 2, "effective_from": date(2027, 1, 1), "region": TAIZHOU, "source": "试验",
        "signer": "employer", "title": {"zh": "新", "en": "new"}, "text": {"zh": "新", "en": "new"},
        "questions": [question],
    }  # fmt: skip
    law = load([{"commitment": [later]}])
    versions = [commitment(law, "degree", on, TAIZHOU).version for on in (date(2026, 12, 31), date(2027, 1, 1))]
    assert versions == [1, 2]


def test_the_words_shown_hold_title_text_and_every_statement() -> None:
    of = text()
    for lang in ("zh", "en"):
        words = shown(of, lang)
        assert words.startswith(of.title.of(lang))
        assert all(question.text.of(lang) in words for question in of.questions)


def test_a_commitment_with_every_statement_affirmed_may_be_signed() -> None:
    assert wrong_answers(text(), affirmed(text())) == ()


@pytest.mark.parametrize(
    ("changed", "pointers"),
    [
        ({"known": False}, ["/answers/known"]),
        ({"known": False, "meets": False}, ["/answers/known", "/answers/meets"]),
        ({"invented": True}, ["/answers/invented"]),
    ],
)
def test_every_answer_that_is_wrong_is_named_at_once(changed: dict[str, bool], pointers: list[str]) -> None:
    found = wrong_answers(text(), affirmed(text()) | changed)
    assert [pointer for pointer, _ in found] == pointers


def test_a_statement_left_out_is_named() -> None:
    assert len(wrong_answers(text(), {})) == len(text().questions)


def bound(words: str = "words", signed_by: str = "样例", signed_at: str = SIGNED_AT, signed_from: str = "") -> str:
    return digest(text(), words, affirmed(text()), signed_by, signed_at, signed_from)


def test_the_digest_can_be_made_again_from_the_kept_parts() -> None:
    of = text()
    backwards = dict(reversed(affirmed(of).items()))
    assert digest(of, "words", backwards, "样例", SIGNED_AT) == bound()
    assert len(bound()) == 64


def test_the_digest_changes_with_anything_it_binds() -> None:
    of = text()
    others = {
        bound(),
        bound(words="other words"),
        bound(signed_by="别人"),
        bound(signed_at="2026-11-24T09:00:01+08:00"),
        bound(signed_from="192.0.2.7"),
        digest(of, "words", affirmed(of) | {"known": False}, "样例", SIGNED_AT),
        digest(text("experience"), "words", affirmed(of), "样例", SIGNED_AT),
    }
    assert len(others) == 7


@pytest.mark.parametrize(
    "item", ["issue-in-china", "issue-abroad", "short-term", "extend", "change", "cancel", "replace"]
)
@pytest.mark.parametrize("region", [TAIZHOU, BEIJING])
def test_every_item_with_a_list_has_a_notice_and_a_text_for_each_document(item: str, region: str) -> None:
    lines = committable(load(), item, DAY, region)
    if lines:
        assert notice(load(), item, DAY, region).sections
    assert all(commitment(load(), line.document, DAY, region).questions for line in lines)


def test_a_salary_is_the_employers_own_to_commit_to() -> None:
    assert commitment(load(), "salary-commitment", DAY, BEIJING).signer == "employer"


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (CreditRecord(), []),
        (CreditRecord(serious_bad_credit=True), ["serious bad-credit record"]),
        (CreditRecord(false_commitment=True), ["false commitment"]),
        (
            CreditRecord(serious_bad_credit=True, false_commitment=True),
            ["serious bad-credit record", "false commitment"],
        ),
    ],
)
def test_who_has_a_bad_record_may_not_commit_and_is_told_every_reason(record: CreditRecord, words: list[str]) -> None:
    reasons = barred(load(), record, DAY, TAIZHOU)
    assert len(reasons) == len(words)
    assert all(word in reason.text.en for word, reason in zip(words, reasons, strict=True))
    assert all("until that is repaired" in reason.text.en and reason.source for reason in reasons)


def test_nobody_was_barred_before_the_guidance() -> None:
    record = CreditRecord(serious_bad_credit=True, false_commitment=True)
    assert barred(load(), record, date(2020, 10, 26), TAIZHOU) == ()
    assert len(barred(load(), record, date(2020, 10, 27), TAIZHOU)) == 2


def line_of(item: str, document: str) -> Committable:
    return next(line for line in committable(load(), item, DAY, TAIZHOU) if line.document == document)


def test_the_health_certificate_is_due_30_days_after_entry() -> None:
    line = line_of("issue-abroad", "health-certificate")
    assert line.due_from == "entry"
    assert due(line, date(2026, 1, 10)) == date(2026, 2, 9)


def test_what_is_only_verified_is_never_due() -> None:
    assert due(line_of("short-term", "no-criminal-record"), DAY) is None


def new_wording(kind: str, begins: date, zh: str, en: str) -> dict[str, Any]:
    """A city's next wording of a text, from a day on."""
    return {
        "key": kind, "version": 2, "effective_from": begins, "region": TAIZHOU, "source": "试验", "signer": "both",
        "title": {"zh": zh, "en": en}, "text": {"zh": zh, "en": en},
        "questions": [{"key": "known", "text": {"zh": zh, "en": en}}],
    }  # fmt: skip


@given(
    kind=st.sampled_from(ALL_KINDS),
    days=st.integers(1, 3000),
    zh=st.text(min_size=1, max_size=30),
    en=st.text(min_size=1, max_size=30),
    lang=st.sampled_from(["zh", "en"]),
)
def test_a_changed_text_never_changes_a_signed_one(kind: str, days: int, zh: str, en: str, lang: str) -> None:
    signed = text(kind)
    answers = affirmed(signed)
    kept = shown(signed, lang)
    bound_then = digest(signed, kept, answers, "样例", SIGNED_AT)

    changed = load([{"commitment": [new_wording(kind, DAY + timedelta(days=days), zh, en)]}])

    of_that_day = commitment(changed, kind, DAY, TAIZHOU)
    assert shown(of_that_day, lang) == kept
    assert digest(of_that_day, kept, answers, "样例", SIGNED_AT) == bound_then
    later = commitment(changed, kind, DAY + timedelta(days=days), TAIZHOU)
    assert later.version == 2
    assert digest(later, shown(later, lang), answers, "样例", SIGNED_AT) != bound_then


@given(words=st.text(), other=st.text())
def test_other_words_are_never_bound_by_the_same_digest(words: str, other: str) -> None:
    assert (bound(words) == bound(other)) is (words == other)
