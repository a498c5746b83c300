"""Ready drafts to submit: synthetic, complete, every document supplied, made by the use cases that make real ones."""

import datetime as dt
import itertools
import random

import asyncpg
from stdnum.cn import uscc

from permits import clock
from permits.bench.ground import Ground
from permits.cases import documents, drafting, service
from permits.cases.application import Application, Beneficiary, Education, Employer, Employment
from permits.cases.model import Case, Document
from permits.db.database import Database
from permits.db.ids import new_id
from permits.rules.credit_code import ORGANISATION_WEIGHTS

NATIONALITIES = ("DEU", "FRA", "GBR", "USA", "KOR", "JPN", "IND", "PAK", "RUS", "BRA", "ZAF", "CAN")
EDUCATIONS: tuple[Education, ...] = ("doctor", "master", "bachelor")

_numbers = itertools.count(1)


def application(region: str, today: dt.date, number: int) -> Application:
    """A complete application of nobody; `number` makes it differ from the others, its passport from each of them."""
    r = random.Random(number)  # noqa: S311 -- not a secret
    return Application(
        "issue-in-china", True, _employer(region, r), _beneficiary(today, number, r), _employment(today, r)
    )


def _employer(region: str, r: random.Random) -> Employer:
    return Employer(
        credit_code=credit_code(region, r),
        name="基准测试（虚构）有限公司",
        industry=r.choice("CIJMP"),
        district=f"{region[:4]}02",
        contact_name="虚构",
        contact_phone="13800000000",
        contact_email="bench@example.com",
    )


def credit_code(region: str, r: random.Random) -> str:
    """A well-formed unified social credit code of nobody."""
    digits = [r.randrange(10) for _ in range(8)]
    check = -sum(digit * weight for digit, weight in zip(digits, ORGANISATION_WEIGHTS, strict=True)) % 11
    body = f"91{region}" + "".join(map(str, digits)) + ("X" if check == 10 else str(check))
    return body + uscc.calc_check_digit(body)


def _beneficiary(today: dt.date, number: int, r: random.Random) -> Beneficiary:
    return Beneficiary(
        surname="SPECIMENOV",
        given_names="DANUTA",
        sex="F",
        birth_date=dt.date(today.year - r.randrange(28, 55), 1, 1),
        nationality=r.choice(NATIONALITIES),
        passport_number=f"X{number:08}",
        passport_expiry=dt.date(today.year + 7, 1, 1),
        education=r.choice(EDUCATIONS),
        chinese="none",
        visa_type="work-residence",
        residence_permit_number="R1234567",
        residence_permit_expiry=today + dt.timedelta(days=90),
        entry_date=today - dt.timedelta(days=10),
    )


def _employment(today: dt.date, r: random.Random) -> Employment:
    return Employment(
        position="总工程师",
        position_kind="technical",
        occupation="2-02",
        annual_salary_cny=r.randrange(360_000, 900_000),
        experience_years=r.randrange(5, 25),
        months_per_year=12,
        place="ordinary",
        contract_start=today,
        contract_end=today + dt.timedelta(days=365 * r.randrange(1, 6)),
        grounds=[],
    )


async def made(ground: Ground, database: Database, count: int) -> list[Case]:
    """So many drafts, ready to be submitted."""
    async with database.transaction(ground.region) as tx:
        drafts = [await draft(ground, tx) for _ in range(count)]
        rows = [_document(case, kind) for case in drafts for kind in _wanted(ground, case)]
        await documents.PUT_DOCUMENT.many(tx, rows)
    return drafts


def _wanted(ground: Ground, case: Case) -> list[str]:
    return [d.kind for d in service.seen(case, ground.account, ground.office, "zh").documents if d.ways]


async def draft(ground: Ground, tx: asyncpg.Connection) -> Case:
    """A draft of nobody, without documents."""
    asked = application(ground.region, clock.today(), next(_numbers))
    return await drafting.begin(tx, ground.office, ground.account, asked, ground.region)


def _document(case: Case, kind: str) -> dict[str, object]:
    given = Document(kind, "uploaded", file_id=new_id(), received_at=clock.now(), media="pdf", pages=2, size=180_000)
    values = {f"new_{name}": getattr(given, name) for name in Document.__struct_fields__}
    return {"new_region": case.row.region, "new_case_id": case.row.id, **values}
