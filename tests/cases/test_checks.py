"""What an application's values mean together."""

import datetime as dt
from typing import Any

import pytest

from permits import clock
from permits.cases import checks
from permits.cases.application import Application
from permits.decoding import convert
from permits.errors import BadInput
from permits.rules import law
from permits.rules.mrz_writing import mrz_td3
from tests.cases.samples import REGION, application

LAW = law.load()
BIRTH, EXPIRY = dt.date(1990, 5, 17), dt.date(2031, 3, 9)


def zone(**changes: Any) -> list[str]:
    known: dict[str, Any] = {
        "issuer": "D",
        "nationality": "D",
        "number": "C01X00T47",
        "birth": BIRTH,
        "sex": "F",
        "expiry": EXPIRY,
    }
    return list(mrz_td3("MUSTER", "LENA SOPHIE", **known | changes))


def filed(**holder: Any) -> Application:
    body = application()
    body["beneficiary"] = {"mrz": zone()} | holder
    return convert(body, Application)


def wrong(asked: Application) -> dict[str, str]:
    with pytest.raises(BadInput) as refused:
        checks.check_draft(asked, LAW, clock.today(), REGION)
    return {error.pointer: error.text.en for error in refused.value.errors}


def test_a_machine_readable_zone_fills_what_was_not_said() -> None:
    holder = checks.filled(filed().beneficiary, clock.today())
    assert (holder.surname, holder.given_names, holder.nationality) == ("MUSTER", "LENA SOPHIE", "DEU")
    assert (holder.passport_number, holder.sex) == ("C01X00T47", "F")
    assert (holder.birth_date, holder.passport_expiry) == (BIRTH, EXPIRY)


def test_what_differs_from_the_zone_is_named_field_by_field() -> None:
    found = wrong(filed(birth_date="1990-05-18", passport_number="C01X00T48", sex="M"))
    assert {"/beneficiary/birth_date", "/beneficiary/passport_number", "/beneficiary/sex"} <= found.keys()


def test_a_wrong_digit_of_the_zone_is_named() -> None:
    upper, lower = zone()
    misread = lower.replace("C01X00T47", "C01X00T41", 1)
    found = wrong(filed(mrz=[upper, misread]))
    assert "document number" in found["/beneficiary/mrz"]


def test_people_with_one_name_are_served() -> None:
    body = application()
    body["beneficiary"] |= {"surname": None}
    checks.check_complete(convert(body, Application), LAW, clock.today(), REGION)
    body["beneficiary"] |= {"given_names": None}
    with pytest.raises(BadInput) as refused:
        checks.check_complete(convert(body, Application), LAW, clock.today(), REGION)
    assert [error.pointer for error in refused.value.errors] == ["/beneficiary/surname"]


@pytest.mark.parametrize("nationality", ["DEU", "RKS", "XXA", "XXB", "XXC"])
def test_nationalities_that_iso_lacks_are_taken(nationality: str) -> None:
    body = application()
    body["beneficiary"]["nationality"] = nationality
    checks.check_draft(convert(body, Application), LAW, clock.today(), REGION)


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("employer", "credit_code", "91321200MA00000000"),
        ("employer", "district", "110101"),
        ("beneficiary", "nationality", "UTO"),
        ("beneficiary", "birth_date", "1850-01-01"),
        ("beneficiary", "entry_date", "2999-01-01"),
        ("beneficiary", "passport_expiry", "2001-01-01"),
        ("employment", "contract_end", "2001-01-01"),
        ("employment", "grounds", ["no-such-ground"]),
    ],
)
def test_a_field_that_is_there_and_wrong_is_named(part: str, field: str, value: Any) -> None:
    body = application()
    body[part][field] = value
    assert any(pointer.startswith(f"/{part}/{field}") for pointer in wrong(convert(body, Application)))
