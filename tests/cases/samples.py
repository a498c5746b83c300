"""One helper call makes a case in a given state; people of the office and synthetic applications."""

import datetime as dt
import random
import uuid
from typing import Any

import asyncpg

from permits import clock
from permits.accounts.model import Account, RoleGrant
from permits.cases import actions, documents, drafting, service
from permits.cases.application import Application
from permits.cases.model import Case, Document
from permits.cases.once import Answer
from permits.cases.view import CaseView
from permits.db.ids import new_id
from permits.decoding import convert
from permits.office import Office

REGION = "321200"
ORDER = ("draft", "submitted", "accepted", "review", "recommended", "granted")
BASE31 = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def person(*roles: str, name: str = "示例") -> Account:
    """Somebody with these roles in the city."""
    grants = tuple(RoleGrant(role, REGION) for role in roles)
    return Account(new_id(), f"{uuid.uuid4().hex}@example.com", name, "zh", grants, certificate="示例 321200")


def credit_code(seed: random.Random) -> str:
    """A well-formed unified social credit code of nobody."""
    organisation = [seed.randrange(10) for _ in range(8)]
    check = 11 - sum(d * w for d, w in zip(organisation, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    body = "91321200" + "".join(map(str, organisation)) + {10: "X", 11: "0"}.get(check, str(check))
    total = sum(BASE31.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + BASE31[(31 - total % 31) % 31]


def application(seed: int = 1, **employment: Any) -> dict[str, Any]:
    """A complete application of nobody, who changes employer in category B or better."""
    r, day = random.Random(seed), clock.today()
    return {
        "procedure": "issue-in-china",
        "joint": True,
        "employer": {
            "credit_code": credit_code(r),
            "name": "泰州样例科技有限公司",
            "industry": "C",
            "district": "321202",
            "contact_name": "样例",
            "contact_phone": "13800000000",
            "contact_email": "agent@example.com",
        },
        "beneficiary": {
            "surname": "SPECIMENOV",
            "given_names": "DANUTA",
            "sex": "F",
            "birth_date": str(day.replace(year=day.year - 35, day=1)),
            "nationality": "DEU",
            "passport_number": f"X{r.randrange(10**7, 10**8)}",
            "passport_expiry": str(day.replace(year=day.year + 5, day=1)),
            "education": "master",
            "chinese": "none",
            "visa_type": "work-residence",
            "residence_permit_number": f"R{r.randrange(10**7, 10**8)}",
            "residence_permit_expiry": str(day + dt.timedelta(days=90)),
            "entry_date": str(day - dt.timedelta(days=10)),
        },
        "employment": {
            "position": "总工程师",
            "position_kind": "technical",
            "occupation": "2-02",
            "annual_salary_cny": 480000,
            "experience_years": 10,
            "months_per_year": 12,
            "place": "ordinary",
            "contract_start": str(day),
            "contract_end": str(day + dt.timedelta(days=700)),
            "grounds": [],
        }
        | employment,
    }


class Desk:
    """The people of one case, and the steps they take."""

    def __init__(self, office: Office, tx: asyncpg.Connection, seed: int = 1) -> None:
        self.office, self.tx, self.seed, self.number = office, tx, seed, ""
        self.employer, self.clerk, self.reviewer = person("employer"), person("clerk"), person("reviewer")
        self.decider, self.legal = person("decider"), person("legal")
        self.given: dict[str, Any] | None = None
        """What the next draft says; by default a whole application of the seed's person."""

    def seen(self, case: Case) -> CaseView:
        """The case as its employer sees it."""
        return service.seen(case, self.employer, self.office, "zh")

    async def draft(self, *, supply: bool = True) -> Case:
        """A draft with every document supplied."""
        asked = convert(self.given or application(self.seed), Application)
        case = await drafting.begin(self.tx, self.office, self.employer, asked, REGION)
        self.number = case.row.number
        for rule in self.seen(case).documents if supply else ():
            if rule.status == "wanted":
                given = Document(rule.kind, "uploaded", file_id=new_id(), received_at=clock.now())
                case = await documents.put_document(self.tx, case, given, self.employer)
        return case

    async def submit(self, key: str | None = None, request: bytes = b"") -> Answer:
        """Submit it."""
        return await service.submit(
            self.tx, self.office, self.employer, REGION, self.number, key=key, request=request, lang="zh"
        )

    async def act(self, who: Account, action: str, **body: Any) -> Case:
        """Take an action."""
        kind = actions.ACTIONS[action][0]
        return await service.act(self.tx, self.office, who, REGION, self.number, action, convert(body, kind))

    async def look(self, who: Account | None = None) -> Case:
        """The case as it is."""
        return await service.look(self.tx, self.office, who or self.clerk, REGION, self.number)

    async def until(self, state: str, outcome: str = "grant") -> Case:
        """A case in this state, on the straight way there."""
        await self.draft()
        if state != "draft":
            await self.submit()
        if state in ORDER[2:] or state == "refused":
            await self.act(self.clerk, "claim")
            await self.act(self.clerk, "accept")
        if state in ORDER[3:] or state == "refused":
            await self.act(self.reviewer, "claim")
        if state in ORDER[4:] or state == "refused":
            await self.act(self.reviewer, "recommend", outcome=outcome, reasons="审查意见")
        if state == "refused":
            await self.act(self.legal, "clear", opinion="同意", cleared=True)
        if state in ("granted", "refused"):
            await self.act(self.decider, "decide", outcome=outcome, reasons="决定")
        return await self.look(self.employer)
