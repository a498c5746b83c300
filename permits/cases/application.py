"""What an application says: the fields of interface.md with their bounds. A draft may lack any of them.

Holds shapes only; what the values mean together is checked in `checks.py`.
"""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Line = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
Name = Annotated[str, Meta(max_length=100)]
Phone = Annotated[str, Meta(pattern=r"^\+?[0-9][0-9 \-]{4,19}$")]
Email = Annotated[str, Meta(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}$", max_length=200)]
Code3 = Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]
Passport = Annotated[str, Meta(pattern=r"^[A-Z0-9]{3,20}$")]

Education = Literal[
    "doctor",
    "master",
    "bachelor",
    "none",
    "skill-highest",
    "skill-senior-technician",
    "skill-technician",
    "skill-senior-worker",
]
Chinese = Literal["none", "hsk1", "hsk2", "hsk3", "hsk4", "hsk5", "former-national", "degree-in-chinese"]
Place = Literal["ordinary", "western", "north-east", "poverty-county"]
Other = Literal["top-university", "fortune-500", "patent", "five-years-in-china"]
PositionKind = Literal["managerial", "technical", "teaching", "skilled", "other"]
Visa = Literal[
    "none",
    "Z",
    "R",
    "F",
    "M",
    "Q1",
    "S1",
    "X1",
    "K",
    "L",
    "work-residence",
    "talent-residence",
    "family-residence",
    "private-residence",
    "study-residence",
]
Circumstance = Literal[
    "change-of-employer",
    "category-a",
    "family",
    "group-move",
    "regional-headquarters",
    "agreement",
    "representative-office",
    "short-term-holder",
    "r-visa",
    "local-policy",
    "change-of-name",
    "change-of-passport",
    "change-of-position",
    "change-of-category",
    "employment-ended",
    "death",
    "incapacity",
    "employer-gone",
    "vanished",
    "false-documents",
    "obtained-by-fraud",
    "false-commitment",
    "abuse-of-power",
    "beyond-powers",
    "procedure-violated",
    "not-qualified",
    "law-changed",
    "circumstances-changed",
]


class Employer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The employer (用人单位), the applicant in law, and its agent (经办人)."""

    credit_code: Annotated[str, Meta(pattern=r"^[0-9A-Z]{18}$")] | None = None
    name: Line | None = None
    industry: Annotated[str, Meta(pattern=r"^[A-T]$")] | None = None
    """Letter of GB/T 4754."""
    district: Annotated[str, Meta(pattern=r"^\d{6}$")] | None = None
    """District code of GB/T 2260."""
    contact_name: Name | None = None
    contact_phone: Phone | None = None
    contact_email: Email | None = None


class Beneficiary(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The foreigner (申请人) the permit is for; names as in the passport, either may be empty but not both."""

    surname: Name | None = None
    given_names: Name | None = None
    chinese_name: Name | None = None
    sex: Literal["F", "M", "X"] | None = None
    birth_date: dt.date | None = None
    nationality: Code3 | None = None
    passport_number: Passport | None = None
    passport_expiry: dt.date | None = None
    mrz: Annotated[list[Annotated[str, Meta(max_length=44)]], Meta(min_length=2, max_length=2)] | None = None
    education: Education | None = None
    chinese: Chinese | None = None
    visa_type: Visa | None = None
    visa_expiry: dt.date | None = None
    entry_date: dt.date | None = None
    residence_permit_number: Annotated[str, Meta(pattern=r"^[A-Z0-9]{4,20}$")] | None = None
    residence_permit_expiry: dt.date | None = None


class Employment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The work: position, pay in yuan a year before tax, contract, and what the category may rest on."""

    position: Line | None = None
    position_kind: PositionKind | None = None
    occupation: Annotated[str, Meta(pattern=r"^\d-\d{2}(-\d{2}){0,2}$")] | None = None
    """Class code of GB/T 6565, such as 2-02."""
    annual_salary_cny: Annotated[int, Meta(ge=0, le=100_000_000)] | None = None
    experience_years: Annotated[int, Meta(ge=0, le=70)] | None = None
    months_per_year: Annotated[int, Meta(ge=0, le=12)] | None = None
    place: Place | None = None
    contract_start: dt.date | None = None
    contract_end: dt.date | None = None
    grounds: Annotated[list[Annotated[str, Meta(max_length=60)]], Meta(max_length=20)] | None = None
    other: Annotated[list[Other], Meta(max_length=4)] | None = None
    local_bonus: Annotated[int, Meta(ge=0, le=10)] | None = None
    circumstance: Circumstance | None = None


class HeldPermit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The permit that an application is about: to extend, change or cancel it, or one that was held before."""

    number: Annotated[str, Meta(pattern=r"^[0-9A-Za-z][0-9A-Za-z \-]{2,39}$")] | None = None
    former_passport_number: Passport | None = None
    """The passport that the permit was granted on, where there is a new one."""
    event_date: dt.date | None = None
    """Day of the change, or of the end of the employment."""


class Application(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole application as it is posted, or as a draft holds it so far."""

    procedure: Annotated[str, Meta(max_length=40)]
    joint: bool = False
    employer: Employer = Employer()
    beneficiary: Beneficiary = Beneficiary()
    employment: Employment = Employment()
    permit: HeldPermit = HeldPermit()


PARTS = ("employer", "beneficiary", "employment", "permit")
PLACES = frozenset(
    place
    for part, kind in zip(PARTS, (Employer, Beneficiary, Employment, HeldPermit), strict=True)
    for place in (f"/{part}", *(f"/{part}/{name}" for name in kind.__struct_fields__))
)
"""Pointers to every part and field of an application."""

PERSONAL = {
    "employer": ("contact_name", "contact_phone", "contact_email"),
    "beneficiary": (
        "surname",
        "given_names",
        "chinese_name",
        "birth_date",
        "passport_number",
        "passport_expiry",
        "mrz",
        "visa_expiry",
        "entry_date",
        "residence_permit_number",
        "residence_permit_expiry",
    ),
    "permit": ("former_passport_number",),
}
"""Fields of personal data: kept sealed, apart from the facts that figures and rules need in the clear."""

REQUIRED = {
    "employer": ("credit_code", "name", "industry", "district", "contact_name", "contact_phone", "contact_email"),
    "beneficiary": (
        "sex",
        "birth_date",
        "nationality",
        "passport_number",
        "passport_expiry",
        "education",
        "chinese",
        "visa_type",
        "entry_date",
    ),
    "employment": (
        "position",
        "position_kind",
        "occupation",
        "annual_salary_cny",
        "experience_years",
        "months_per_year",
        "place",
        "contract_start",
        "contract_end",
    ),
}
"""What an application for a new permit must say; names, visa and residence permit have rules of their own in
`checks.py`, other items lines of their own in `filing.py`."""
