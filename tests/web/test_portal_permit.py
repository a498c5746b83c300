"""My permits: their versions, and extending, changing and cancelling one with shorter forms."""

import datetime as dt

from permits import clock
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.office import Office
from permits.rules import law
from tests.cases.samples import REGION, Desk, application
from tests.web.portal_browser import Browser, date
from tests.web.shapes import shape

DAY = dt.timedelta(days=1)


async def held(agent: Browser, database: Database, keys: Keys, days: int = 60) -> str:
    """The number of a permit granted in a case of the agent, which runs for so many days more."""
    async with database.transaction(REGION) as tx:
        desk = Desk(Office(law.load(), keys), tx)
        desk.employer = await agent.account(tx)
        desk.given = application(1, contract_end=str(clock.today() + days * DAY)) | {"joint": False}
        part = (await desk.until("granted")).component("work_permit")
    assert part
    return str(part.facts["permit_number"])


async def test_the_list_leads_to_the_permit_and_the_permit_to_what_can_be_applied_for(
    agent: Browser, database: Database, keys: Keys
) -> None:
    number = await held(agent, database, keys)
    assert f"/apply/permits/{number}" in await agent.get("/apply/")
    page = await agent.get(f"/apply/permits/{number}")
    assert shape(page).refused == []
    assert all(f"/apply/start?procedure={code}" in page for code in ("extend", "change", "cancel"))
    assert "示例" not in page  # officers' names are for colleagues


async def test_the_permit_of_others_is_not_found(agent: Browser) -> None:
    assert (await agent.client.get("/apply/permits/321200000001X")).status_code == 404


async def test_an_extension_asks_only_what_the_register_does_not_know(
    agent: Browser, database: Database, keys: Keys
) -> None:
    number = await held(agent, database, keys)
    start = await agent.get(f"/apply/start?procedure=extend&permit={number}")
    begun = await agent.send("/apply/start", {"joint-extend": [None]}, page=start)
    assert begun.status_code == 303, begun.text
    case = begun.headers["location"]
    page = await agent.get(case)
    assert "SPECIMENOV" in page
    assert f"{case}/permit" in page
    assert not any(f"{case}/{section}" in page for section in ("employer", "education", "category"))
    position = await agent.get(f"{case}/position")
    assert "employment.contract_end" in position
    assert "employment.position_kind" not in position
    today = clock.today()
    fields = date("employment.contract_start", str(today)) | date("employment.contract_end", str(today + 500 * DAY))
    assert (await agent.send(f"{case}/position", fields)).status_code == 303
    check = await agent.get(f"{case}/check")
    assert "登记簿" in check
    assert "总工程师" in check
    assert (await agent.client.get(f"{case}/education")).status_code == 404


async def test_a_cancellation_is_short_and_names_what_is_wrong_on_its_own_page(
    agent: Browser, database: Database, keys: Keys
) -> None:
    number = await held(agent, database, keys)
    start = await agent.get(f"/apply/start?procedure=cancel&permit={number}")
    case = (await agent.send("/apply/start", {}, page=start)).headers["location"]
    said = {"employment.circumstance": "employment-ended"}
    wrong = await agent.send(f"{case}/permit", said | date("permit.event_date", str(clock.today() + DAY)))
    assert (wrong.status_code, "permit-event_date" in wrong.text) == (400, True)
    right = await agent.send(f"{case}/permit", said | date("permit.event_date", str(clock.today())))
    assert right.status_code == 303
    assert "聘用关系终止" in await agent.get(f"{case}/permit")


async def test_an_extension_that_is_no_longer_taken_is_not_offered_and_the_page_says_what_to_do(
    agent: Browser, database: Database, keys: Keys
) -> None:
    page = await agent.get(f"/apply/permits/{await held(agent, database, keys, days=20)}")
    assert "procedure=extend" not in page
    assert "不足30日的，国家系统不再受理" in page
    assert "另行申请新的许可" in page


async def test_what_is_under_way_is_not_begun_a_second_time(agent: Browser, database: Database, keys: Keys) -> None:
    number = await held(agent, database, keys)
    async with database.transaction(REGION) as tx:
        desk = Desk(Office(law.load(), keys), tx)
        desk.employer = await agent.account(tx)
        said = {"number": number, "event_date": str(clock.today())}
        work = {"circumstance": "employment-ended"}
        contact = {"contact_name": "样例", "contact_phone": "13800000000", "contact_email": "agent@example.com"}
        desk.given = {"procedure": "cancel", "employer": contact, "employment": work, "permit": said}
        case = (await desk.until("submitted")).row.number
    page = await agent.get(f"/apply/permits/{number}")
    assert "前答复是否受理" in page
    assert "procedure=cancel" not in page
    assert "procedure=extend" in page
    start = await agent.get(f"/apply/start?procedure=cancel&permit={number}")
    again = await agent.send("/apply/start", {}, page=start)
    assert (again.status_code, f"已经在办：{case}" in again.text) == (400, True)
