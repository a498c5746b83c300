"""What a letter says comes out of the case: the ground of a termination, and what each correction is about."""

import pytest
from msgspec.structs import replace

from permits import clock
from permits.cases.model import Case
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.i18n import Text
from permits.letters import facts
from permits.letters.about import About
from permits.letters.model import Grant
from permits.office import Office
from permits.rules import law
from permits.rules.grounds import grounds
from tests.cases.samples import Desk
from tests.conftest import REGION

LAW = law.load()


@pytest.fixture
def office(keys: Keys) -> Office:
    """The law and the keys."""
    return Office(LAW, keys)


def about(case: Case) -> About:
    """The last event of a case, as its letter is made from it."""
    return About(case, case.timeline[-1], LAW, True, "http://127.0.0.1:8000", "")


async def ended(database: Database, office: Office, ground: str) -> Text:
    """The ground that the letter of a terminated case names."""
    async with database.transaction(REGION) as tx:
        desk = Desk(office, tx)
        await desk.until("accepted")
        case = await desk.act(desk.clerk, "terminate", ground=ground, reasons="申请人已离境")
    return facts.termination(about(case), "1").ground


async def test_a_termination_names_the_ground_that_was_chosen(database: Database, office: Office) -> None:
    chosen = grounds(LAW, "terminate", clock.today(), REGION)[0]
    assert await ended(database, office, chosen.key) == chosen.title


async def test_a_ground_outside_the_catalogue_is_left_to_the_reasons(database: Database, office: Office) -> None:
    assert await ended(database, office, "other") == facts.ENDED_BY_LAW


async def test_a_correction_names_the_document_the_field_or_the_part_of_the_form(
    database: Database, office: Office
) -> None:
    pointers = ("/employment/annual_salary_cny", "/employment/grounds", "/employer")
    asked = [{"document": "contract"}, *({"pointer": pointer} for pointer in pointers)]
    async with database.transaction(REGION) as tx:
        desk = Desk(office, tx)
        await desk.until("submitted")
        await desk.act(desk.clerk, "claim")
        case = await desk.act(desk.clerk, "request-correction", items=[item | {"text": "请更正"} for item in asked])
    subjects = [item.subject.zh for item in facts.correction(about(case), "1").items]
    assert subjects[1:] == ["税前年薪（元）", "依据", "用人单位信息"]
    assert "合同" in subjects[0]


async def test_a_grant_says_what_granting_the_item_means(database: Database, office: Office) -> None:
    async with database.transaction(REGION) as tx:
        case = await Desk(office, tx).until("granted")
    extension = replace(case, row=replace(case.row, procedure="extend"))
    said = [facts.BUILD["grant"](about(one), "1") for one in (case, extension)]
    assert [letter.decided.zh for letter in said if isinstance(letter, Grant)] == ["准予许可", "准予延期"]
