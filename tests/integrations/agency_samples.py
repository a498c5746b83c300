"""Synthetic messages of the office for the agencies' tests."""

from datetime import date, datetime
from typing import Any

from integrations.agencies import AGENCIES
from integrations.approval_bureau import adapter as bureau
from integrations.clock import CITY
from integrations.contract import Body, encode, new_id, write
from integrations.police import adapter as police

CASE = "3212-26-000001-A"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=CITY)
APPLICATION: dict[str, dict[str, Any]] = {
    "employer": {
        "credit_code": "91321200MA1TESTX0A",
        "name": "泰州样例科技有限公司",
        "industry": "C",
        "district": "321202",
        "contact_name": "样例",
        "contact_phone": "13800000000",
    },
    "beneficiary": {
        "surname": "SYNTHBERG",
        "given_names": "ALICE",
        "sex": "F",
        "birth_date": "1990-05-01",
        "nationality": "DEU",
        "passport_number": "X12345678",
        "passport_expiry": "2028-03-01",
        "education": "master",
        "visa_type": "work-residence",
        "residence_permit_number": "R12345678",
    },
    "employment": {
        "position": "总工程师",
        "annual_salary_cny": 480000,
        "contract_start": "2026-11-24",
        "contract_end": "2028-11-23",
    },
}
CASE_FACTS = police.CaseFacts(
    procedure="issue-in-china",
    employer=APPLICATION["employer"],
    beneficiary=APPLICATION["beneficiary"],
    employment=APPLICATION["employment"],
    accepted_on=date(2026, 11, 24),
)
PERMIT = police.PermitFacts(
    permit_number="321200469920X",
    category="B",
    valid_from=date(2026, 11, 25),
    valid_until=date(2028, 11, 23),
    passport_expiry=date(2028, 3, 1),
)
BUREAU_FACTS = bureau.CaseFacts(
    item_code="11371000494416240Y3000106107005",
    item_name="境内申请外国人来华工作许可",
    employer_name="泰州样例科技有限公司",
    employer_code="91321200MA1TESTX0A",
    unit="泰州市科学技术局",
    unit_code="11321200014477007Q",
    clerk="样例",
    accepted_at=NOW,
    acceptance_number="2026-000001",
    promised=date(2026, 12, 1),
    region="321200",
)


def message(agency: str, kind: str, body: Body, *, sequence: int = 1, case: str = CASE, id: str | None = None) -> bytes:
    """An encoded envelope of the office."""
    envelope = write(
        AGENCIES[agency], kind, body, case=case, sequence=sequence, sent_at=NOW, id=new_id() if id is None else id
    )
    return encode(envelope)


def package(sequence: int = 1, case: str = CASE) -> bytes:
    """The review package."""
    return message("police", "review-package", police.review_package(CASE_FACTS), sequence=sequence, case=case)


def grant(sequence: int = 2, case: str = CASE) -> bytes:
    """The granted work permit."""
    return message("police", "permit-granted", police.permit_granted(PERMIT), sequence=sequence, case=case)


def registration(case: str = CASE) -> bytes:
    """The registration at the bureau."""
    return message("approval-bureau", "register", bureau.register(BUREAU_FACTS), case=case)
