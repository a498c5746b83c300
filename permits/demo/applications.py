"""What the demonstration's employers write in their applications, and the specimens they upload. Pure; all invented."""

import datetime as dt
import random
from typing import Any

import msgspec

from permits.cases.application import Application, Beneficiary, Employer, Employment
from permits.cases.model import Case
from permits.demo import employers, papers
from permits.demo.foreigners import DAY, Foreigner, foreigner
from permits.demo.papers import Sheet
from permits.demo.posts import POSITIONS
from permits.demo.scripts import Script
from permits.rules.mrz_writing import mrz_td3
from permits.rules.nationality import NATIONALITIES
from permits.rules.validity import anniversary

FIRST_SERIAL = 900_000
"""Passports of applicants are numbered from here on, those of the register's history below."""
AGENTS = {"employer1": ("陆经办", "13800000001"), "employer2": ("何经办", "13800000002")}

STAY: dict[str, dict[str, Any]] = {
    "A": {"education": "doctor", "chinese": "hsk5", "visa_type": "R"},
    "B": {"education": "master", "chinese": "hsk2", "visa_type": "work-residence"},
    "C": {"education": "none", "chinese": "none", "visa_type": "work-residence"},
}
WORK: dict[str, dict[str, Any]] = {
    "A": {"position_kind": "technical", "occupation": "2-02", "annual_salary_cny": 620_000, "experience_years": 12},
    "B": {"position_kind": "technical", "occupation": "2-02", "annual_salary_cny": 310_000, "experience_years": 8},
    "C": {"position_kind": "skilled", "occupation": "4-03", "annual_salary_cny": 110_000, "experience_years": 1},
}
INDUSTRIES = {"A": "CIM", "B": "CIM", "C": "CH"}
"""Where people of such work are employed."""
CONTRACT_YEARS = {"A": 5, "B": 2, "C": 1}


def application(script: Script, nth: int, on: dt.date) -> Application:
    """The whole application of a case, as on the day it is begun."""
    r = random.Random(f"application {nth}")
    holder = _holder(script, nth, on, r)
    return Application(
        procedure="issue-in-china",
        joint=script.joint,
        employer=_employer(script, r),
        beneficiary=_beneficiary(script, holder, on, r),
        employment=_employment(script, on, r),
    )


def begun(script: Script, nth: int, on: dt.date) -> Application:
    """The same when only the employer's part is filled in."""
    whole = application(script, nth, on)
    return msgspec.structs.replace(whole, beneficiary=Beneficiary(), employment=Employment())


def _holder(script: Script, nth: int, on: dt.date, r: random.Random) -> Foreigner:
    """Somebody between 30 and 43, for whom the points of each category come out as the script says."""
    found = foreigner(r, FIRST_SERIAL + nth, on, script.nationality)
    return msgspec.structs.replace(found, birth_date=on - DAY * r.randrange(30 * 366, 43 * 365))


def _employer(script: Script, r: random.Random) -> Employer:
    firm, (agent, phone) = employers.choose(r, INDUSTRIES[script.category]), AGENTS[script.agent]
    return Employer(
        credit_code=firm.credit_code,
        name=firm.name,
        industry=firm.industry,
        district=firm.district,
        contact_name=f"{agent}（虚构）",
        contact_phone=phone,
        contact_email=f"{script.agent}@taizhou.example",
    )


def _beneficiary(script: Script, holder: Foreigner, on: dt.date, r: random.Random) -> Beneficiary:
    expiry = on + DAY * r.randrange(900, 3000)
    until = on + DAY * r.randrange(45, 120)
    stay = STAY[script.category]
    if stay["visa_type"] == "work-residence":
        number = f"{r.randrange(10**8, 10**9)}"
        stay = stay | {"residence_permit_number": number, "residence_permit_expiry": until}
    else:
        stay = stay | {"visa_expiry": until}
    return Beneficiary(
        **msgspec.structs.asdict(holder),
        **stay,
        passport_expiry=expiry,
        mrz=list(_zone(holder, expiry)),
        entry_date=on - DAY * r.randrange(8, 60),
    )


def _zone(holder: Foreigner, expiry: dt.date) -> tuple[str, str]:
    return mrz_td3(
        holder.surname,
        holder.given_names,
        issuer=holder.nationality,
        nationality=holder.nationality,
        number=holder.passport_number,
        birth=holder.birth_date,
        sex=holder.sex,
        expiry=expiry,
    )


def _employment(script: Script, on: dt.date, r: random.Random) -> Employment:
    work = WORK[script.category]
    return Employment(
        **work,
        position=r.choice(POSITIONS[work["position_kind"]]),
        months_per_year=12,
        place="ordinary",
        contract_start=on,
        contract_end=anniversary(on, CONTRACT_YEARS[script.category]) + DAY * 20,
        grounds=[],
    )


def upload(case: Case, kind: str, title: str, accepts: tuple[str, ...]) -> tuple[bytes, str]:
    """A specimen of a document of the case, and the name it is uploaded under."""
    if "pdf" not in accepts:
        return papers.portrait(random.Random(case.row.number)), "照片.jpg"
    return papers.pdf(_sheet(case, kind, title)), f"{title}.pdf"


def _sheet(case: Case, kind: str, title: str) -> Sheet:
    holder, work = case.beneficiary, case.employment
    nation = NATIONALITIES[holder.nationality or "XXA"]
    facts = [
        ("姓名 Name", f"{holder.surname}, {holder.given_names}"),
        ("国籍 Nationality", f"{nation.zh} {nation.en}"),
        ("出生日期 Date of birth", f"{holder.birth_date}"),
        ("护照号 Passport", f"{holder.passport_number}"),
        ("用人单位 Employer", f"{case.employer.name}"),
        ("岗位 Position", f"{work.position}"),
    ]
    if kind == "contract":
        facts += [
            ("期限 Period", f"{work.contract_start} – {work.contract_end}"),
            ("年薪 Salary", f"{work.annual_salary_cny} CNY"),
        ]
    return Sheet(title, facts, (holder.mrz or ()) if kind == "passport" else ())
