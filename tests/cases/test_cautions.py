"""What speaks against an application is shown with its source; only what the law does not take keeps one back."""

import datetime as dt
from typing import Any

import pytest

from permits import clock
from permits.cases import service
from permits.cases.application import Application
from permits.cases.assessment import assess
from permits.cases.cautions import Caution, cautions
from permits.credit.model import GOOD, Standing
from permits.decoding import convert
from permits.errors import BadInput
from permits.rules import law
from permits.rules.commitments import CreditRecord
from tests.cases.samples import REGION, Desk, application

LAW = law.load()
DAY = dt.timedelta(days=1)


def found(standing: Standing = GOOD, on: dt.date | None = None, **beneficiary: Any) -> tuple[Caution, ...]:
    """The cautions about a sample with these facts of the foreigner."""
    raw, day = application(), on or clock.today()
    raw["beneficiary"] |= beneficiary
    asked = convert(raw, Application)
    return cautions(LAW, asked, assess(LAW, asked, standing, day, REGION), day, REGION)


def test_an_application_in_good_time_meets_no_caution() -> None:
    assert found() == ()


@pytest.mark.parametrize(("days", "kind"), [(31, None), (30, "closing"), (0, "closing"), (-1, "refused")])
def test_the_end_of_the_stay_is_told_of_a_month_ahead_and_its_last_day_is_still_good(days: int, kind: str) -> None:
    until = clock.today() + days * DAY
    said = [one for one in found(residence_permit_expiry=str(until)) if one.kind in ("closing", "refused")]
    assert [one.kind for one in said] == ([kind] if kind else [])
    for one in said:
        assert str(until) in one.text.zh
        assert str(until) in one.text.en
        assert one.source
        assert one.pointer == "/beneficiary/residence_permit_expiry"


def test_conditions_that_do_not_hold_are_named_at_their_field() -> None:
    birth = clock.today().replace(year=clock.today().year - 17, day=1)
    said = {one.pointer: one for one in found(birth_date=str(birth), education="bachelor")}
    assert "18" in said["/beneficiary/birth_date"].text.zh
    assert said["/beneficiary/birth_date"].kind == "condition"


def test_what_a_category_brings_is_said() -> None:
    birth = clock.today().replace(year=clock.today().year - 64, day=1)
    said = [one for one in found(birth_date=str(birth)) if one.kind == "category"]
    assert any("60" in one.text.zh for one in said)


async def test_a_stay_that_has_ended_is_refused_at_its_field_and_a_caution_is_not(desk: Desk) -> None:
    case = await desk.draft()
    clock.set_offset(clock.offset().total_seconds() + 86_400 * 91)
    assert [one.kind for one in service.seen(case, desk.employer, desk.office, "zh").cautions] == ["refused"]
    with pytest.raises(BadInput) as refused:
        await desk.submit()
    assert "/beneficiary/residence_permit_expiry" in {error.pointer for error in refused.value.errors}
    clock.set_offset(clock.offset().total_seconds() - 86_400 * 6)
    assert [one.kind for one in service.seen(case, desk.employer, desk.office, "zh").cautions] == ["closing"]
    await desk.submit()


@pytest.mark.parametrize(("record", "says"), [
    (CreditRecord(false_commitment=True), "不实承诺"), (CreditRecord(serious_bad_credit=True), "不良信用"),
])  # fmt: skip
def test_who_may_not_commit_hands_everything_in_and_hears_why(record: CreditRecord, says: str) -> None:
    asked, day = convert(application(), Application), dt.date(2026, 11, 24)
    trusted, barred = (assess(LAW, asked, s, day, REGION).documents for s in (GOOD, Standing(record)))
    committable = {rule.kind for rule in trusted if "commit" in rule.ways}
    assert committable
    for rule in barred:
        assert "commit" not in rule.ways
        if rule.kind in committable:
            assert rule.why_not is not None
            assert says in rule.why_not.zh


def test_before_the_scheme_there_was_no_bar() -> None:
    asked, day = convert(application(), Application), dt.date(2019, 6, 3)
    rules = assess(LAW, asked, Standing(CreditRecord(false_commitment=True)), day, REGION).documents
    assert all(rule.why_not is None or "不实承诺" not in rule.why_not.zh for rule in rules)
