"""Ours into the agencies' words and back."""

from datetime import date, datetime, timedelta

import msgspec
import pytest

from integrations.approval_bureau import adapter as bureau
from integrations.approval_bureau.messages import HandedOut, Rating, Registered
from integrations.contract import CorrectionItem, Malformed
from integrations.police import adapter as police
from integrations.police.messages import (
    Appointment,
    CorrectionWanted,
    Granted,
    Received,
    Refused,
)
from tests.integrations.agency_samples import APPLICATION, BUREAU_FACTS, CASE_FACTS, NOW, PERMIT


def test_the_police_get_only_the_fields_they_need() -> None:
    sent = msgspec.to_builtins(police.review_package(CASE_FACTS))
    assert sent["person"]["passport_number"] == APPLICATION["beneficiary"]["passport_number"]
    assert sent["matter"] == "issue"
    text = msgspec.json.encode(sent).decode()
    assert "480000" not in text
    assert "master" not in text


def test_a_package_without_a_passport_is_refused_by_its_place() -> None:
    lacking = dict(APPLICATION["beneficiary"]) | {"passport_number": None}
    with pytest.raises(Malformed, match="passport_number"):
        police.review_package(msgspec.structs.replace(CASE_FACTS, beneficiary=lacking))


def test_the_residence_permit_is_never_asked_for_beyond_the_passport() -> None:
    assert police.permit_granted(PERMIT).residence_until == date(2028, 3, 1)
    assert police.permit_granted(PERMIT).valid_until == date(2028, 11, 23)
    longer = msgspec.structs.replace(PERMIT, passport_expiry=date(2035, 1, 1))
    assert police.permit_granted(longer).residence_until == date(2028, 11, 23)


def test_a_stop_takes_only_the_three_reasons() -> None:
    assert police.stop("refused", date(2026, 11, 24)).reason == "refused"
    with pytest.raises(Malformed):
        police.stop("bored", date(2026, 11, 24))


def test_a_supplied_correction_carries_answers_and_the_data_as_they_are_now() -> None:
    body = police.correction_supplied(CASE_FACTS, {"photo": "新照片"})
    assert [(answer.item, answer.text) for answer in body.answers] == [("photo", "新照片")]
    assert body.person == police.review_package(CASE_FACTS).person


@pytest.mark.parametrize(
    ("body", "status", "facts"),
    [
        (Received(receipt_number="R1"), "received", {"receipt_number": "R1"}),
        (Appointment(), "appointment", {}),
        (
            Granted(number="1", valid_until=date(2028, 3, 1)),
            "granted",
            {"number": "1", "valid_until": "2028-03-01"},
        ),
        (Refused(reasons="不符"), "refused", {"reasons": "不符"}),
    ],
)
def test_an_answer_of_the_police_moves_the_residence_permit(
    body: Received | Appointment | Granted | Refused, status: str, facts: dict[str, str]
) -> None:
    news = police.news(body)
    assert (news.component, news.status, news.facts) == ("residence_permit", status, facts)


def test_a_correction_wanted_by_the_police_comes_as_a_list_of_items() -> None:
    items = (CorrectionItem(document="photo", text="模糊"), CorrectionItem(pointer="/beneficiary/sex", text="不符"))
    news = police.news(CorrectionWanted(items=items))
    assert (news.status, news.corrections, news.facts) == ("correction-wanted", items, {})


def test_a_correction_item_names_a_field_or_a_document_and_not_both() -> None:
    for wrong in ({}, {"pointer": "/a", "document": "photo"}):
        with pytest.raises(ValueError, match="either"):
            CorrectionItem(text="x", **wrong)


def test_the_bureau_gets_the_acceptance_in_the_standards_forms() -> None:
    body = bureau.register(BUREAU_FACTS)
    assert (body.accepted_at, body.promised_finish) == ("20261124T090000", "20261201T235959")
    assert (body.applicant, body.channel) == ("泰州样例科技有限公司", 2)


def test_instants_are_written_in_the_citys_time() -> None:
    assert bureau.stamp(datetime.fromisoformat("2026-11-24T01:00:00+00:00")) == "20261124T090000"


@pytest.mark.parametrize(("passed", "action"), [(True, "通过"), (False, "退回"), (None, "其他")])
def test_a_step_is_passed_returned_or_other(passed: bool | None, action: str) -> None:
    facts = bureau.StepFacts(step="审查", person="样例", unit="科技局", started=NOW, ended=NOW, passed=passed)
    body = bureau.progress(facts)
    assert (body.action, body.state) == (action, 2)
    assert bureau.progress(msgspec.structs.replace(facts, ended=None)).state == 1


def test_a_step_carries_its_special_procedure() -> None:
    facts = bureau.StepFacts(step="审查", person="样例", unit="科技局", started=NOW)
    special = bureau.special(
        extension=True, reason="案情复杂", started=NOW, ended=NOW + timedelta(days=1), result="延长"
    )
    assert bureau.progress(facts, special).special == special
    assert (special.type, special.ended) == (1, "20261125T090000")


def test_hand_out_and_finish_name_the_licences() -> None:
    licence = bureau.LicenceFacts(
        name="外国人工作许可", number="321200469920X", issuer="科技局", valid_from=date(2026, 11, 25)
    )
    assert bureau.ready_for_hand_out([licence], "post").licences[0].valid_from == "20261125"
    finish = bureau.closed(person="样例", at=NOW, outcome="granted", licences=[licence], region="321200", mailed=True)
    assert (finish.closed_at, finish.licences[0].valid_until, finish.fee_cny) == ("20261124T090000", None, 0)


def test_an_answer_of_the_bureau_moves_the_window_and_a_rating_does_not() -> None:
    assert bureau.news(Registered(unified_number="1")).facts == {"unified_number": "1"}
    assert bureau.news(Registered(unified_number="1")).status == "registered"
    assert bureau.news(HandedOut(to="样例")).status == "handed-out"
    assert bureau.news(Rating(grade=5)).status is None
    assert bureau.news(Rating(grade=5)).facts["grade"] == 5
