"""Checking, submitting once, the receipt; then the two clocks, corrections, letters and withdrawing."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest

from integrations.police.messages import Appointment
from permits import clock
from permits.cases import service
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.letters import store as letters
from permits.letters.model import Issued
from permits.letters.service import _context
from permits.office import Office
from permits.routing import incoming
from permits.rules import law
from tests.cases.samples import Desk
from tests.files.uploads import pdf, picture
from tests.web.portal_browser import Browser

REGION = "321200"


@pytest.fixture
async def ready(agent: Browser) -> str:
    """The address of a draft that lacks nothing."""
    case = await agent.begin()
    await agent.fill(case)
    kinds = dict.fromkeys(re.findall(rf'href="{case}/documents/([a-z-]+)"', await agent.get(case)))
    for kind in kinds:
        name, data, media = (
            ("a.jpg", picture(), "image/jpeg") if kind == "photo" else ("a.pdf", pdf(), "application/pdf")
        )
        done = await agent.send(f"{case}/documents/{kind}", {"way": "upload"}, files={"file": (name, data, media)})
        assert done.status_code == 303, done.text
    return case


class Colleagues:
    """The people of the office, who act on the agent's own case."""

    def __init__(self, database: Database, keys: Keys, number: str) -> None:
        self.database, self.office, self.number = database, Office(law.load(), keys), number

    async def act(self, *steps: tuple[str, str, dict[str, Any]]) -> None:
        """Take these actions, each by the person of a desk."""
        async with self.database.transaction(REGION) as tx:
            desk = Desk(self.office, tx)
            desk.number = self.number
            for who, action, body in steps:
                await desk.act(getattr(desk, who), action, **body)


async def submit(agent: Browser, case: str) -> str:
    """Submit the case; its number."""
    done = await agent.send(f"{case}/check", {"confirmed": "true"})
    assert done.headers["location"] == f"{case}/receipt"
    return case.rpartition("/")[2]


async def test_a_draft_that_lacks_something_has_no_button_and_says_where_to_go(agent: Browser) -> None:
    case = await agent.begin()
    page = await agent.get(f"{case}/check")
    assert "办完才能提交" in page
    assert f'href="{case}/employer"' in page
    assert "提交申请</button>" not in page


async def test_every_answer_says_where_it_comes_from(agent: Browser, ready: str) -> None:
    page = await agent.get(f"{ready}/check")
    for source in ("您填写", "规则算出", "上传", "我们已有"):
        assert source in page


async def test_submitting_wants_the_tick(agent: Browser, ready: str) -> None:
    answer = await agent.send(f"{ready}/check", {})
    assert answer.status_code == 400
    assert "请确认以上属实" in answer.text


async def test_a_double_click_makes_one_case_and_both_lead_to_its_receipt(agent: Browser, ready: str) -> None:
    page = await agent.get(f"{ready}/check")
    first = await agent.send(f"{ready}/check", {"confirmed": "true"}, page=page)
    second = await agent.send(f"{ready}/check", {"confirmed": "true"}, page=page)
    assert first.headers["location"] == second.headers["location"] == f"{ready}/receipt"


async def test_the_receipt_says_what_comes_next_by_when_and_who_is_told(agent: Browser, ready: str) -> None:
    number = await submit(agent, ready)
    page = await agent.get(f"{ready}/receipt")
    assert number in page
    assert "答复是否受理" in page
    assert "法律规定最迟" in page
    assert "谁会知道" in page


async def test_a_change_since_the_answers_were_read_is_shown_before_submitting(agent: Browser, ready: str) -> None:
    page = await agent.get(f"{ready}/check")
    await agent.send(f"{ready}/contact", {"employer.contact_name": "王芳"})
    answer = await agent.send(f"{ready}/check", {"confirmed": "true"}, page=page)
    assert answer.status_code == 409
    assert "王芳" in answer.text


async def test_after_submitting_the_case_shows_two_clocks_and_whose_turn_it_is(agent: Browser, ready: str) -> None:
    await submit(agent, ready)
    page = await agent.get(ready)
    assert page.count('class="ow-clock"') == 2
    assert "现在不用您做什么" in page
    assert "经过" in page
    listed = await agent.get("/apply/")
    assert "我们：预审" in listed


async def test_what_was_submitted_can_be_read_and_not_changed(agent: Browser, ready: str) -> None:
    await submit(agent, ready)
    assert "总工程师" in await agent.get(f"{ready}/answers")
    page = await agent.get(f"{ready}/position")
    assert "提交以后不能改" in page
    assert 'name="employment.position"' not in page
    assert "保存</button>" not in page


async def test_a_correction_opens_what_it_names_and_nothing_else_and_is_answered_by_ticks(
    agent: Browser, ready: str, database: Database, keys: Keys
) -> None:
    number = await submit(agent, ready)
    items = [
        {"pointer": "/employment/annual_salary_cny", "text": "年薪与合同不一致。"},
        {"document": "contract", "text": "合同缺盖章页。"},
    ]
    office = Colleagues(database, keys, number)
    await office.act(("clerk", "claim", {}), ("clerk", "request-correction", {"items": items}))
    assert "还缺 2 样" in await agent.get("/apply/")
    page = await agent.get(ready)
    assert "年薪与合同不一致" in page
    assert f'href="{ready}/documents/contract"' in page

    field = await agent.get(f"{ready}/position")
    assert 'name="employment.annual_salary_cny"' in field
    assert 'name="employment.position"' not in field
    saved = await agent.send(f"{ready}/position", {"employment.annual_salary_cny": "500000"})
    assert saved.headers["location"] == f"{ready}#corrections"
    scan = {"file": ("b.pdf", pdf(2), "application/pdf")}
    assert (await agent.send(f"{ready}/documents/contract", {"way": "upload"}, files=scan)).status_code == 303

    nothing = await agent.send(f"{ready}/correct", {"done": []}, page=await agent.get(ready))
    assert nothing.status_code == 400
    ids = re.findall(r'name="done" type="checkbox" value="([0-9a-f-]+)"', await agent.get(ready))
    done = await agent.send(
        f"{ready}/correct", {"done": ids, f"text.{ids[0]}": "已按合同改。"}, page=await agent.get(ready)
    )
    assert done.headers["location"] == ready
    assert "现在不用您做什么" in await agent.get(ready)


async def test_withdrawing_asks_once_more_and_then_ends_the_case(agent: Browser, ready: str) -> None:
    await submit(agent, ready)
    unsure = await agent.send(f"{ready}/withdraw", {})
    assert unsure.status_code == 400
    done = await agent.send(f"{ready}/withdraw", {"confirmed": "true"})
    assert done.headers["location"] == ready
    assert "您已撤回" in await agent.get(ready)
    assert (await agent.client.get(f"{ready}/withdraw")).status_code == 409


async def test_a_granted_case_shows_the_permit_and_its_verification_code(
    agent: Browser, ready: str, database: Database, keys: Keys
) -> None:
    number = await submit(agent, ready)
    await Colleagues(database, keys, number).act(
        ("clerk", "claim", {}),
        ("clerk", "accept", {}),
        ("reviewer", "claim", {}),
        ("reviewer", "recommend", {"outcome": "grant", "reasons": "符合"}),
        ("decider", "decide", {"outcome": "grant", "reasons": "准予"}),
    )
    page = await agent.get(ready)
    assert "工作许可已准予" in page
    assert re.search(r'href="/verify/3212-[0-9A-Z-]+"', page)


async def test_a_second_case_of_the_same_passport_is_told_the_first_ones_number(agent: Browser, ready: str) -> None:
    number = await submit(agent, ready)
    second = await agent.begin()
    await agent.fill(second)
    kinds = dict.fromkeys(re.findall(rf'href="{second}/documents/([a-z-]+)"', await agent.get(second)))
    for kind in kinds:
        name, data, media = (
            ("a.jpg", picture(), "image/jpeg") if kind == "photo" else ("a.pdf", pdf(), "application/pdf")
        )
        await agent.send(f"{second}/documents/{kind}", {"way": "upload"}, files={"file": (name, data, media)})
    answer = await agent.send(f"{second}/check", {"confirmed": "true"})
    assert answer.status_code == 409
    assert number in answer.text
    assert f'href="/apply/{number}"' in answer.text


async def test_letters_are_handed_out_byte_for_byte_to_their_party_only(
    agent: Browser, ready: str, database: Database, keys: Keys
) -> None:
    number = await submit(agent, ready)
    letter, content = uuid.uuid4(), b"%PDF-1.7 a letter"
    async with database.transaction(REGION) as tx:
        case_id = await tx.fetchval("SELECT id FROM cases WHERE number = $1", number)
        issued = Issued(letter, case_id, "acceptance", 1, "泰科外受字〔2026〕第0001号", "0" * 64, clock.now())
        await letters.keep(tx, REGION, issued, keys.seal(content, _context(REGION, letter)), b"")
    assert f"/letters/{letter}.pdf" in await agent.get(ready)
    assert (await agent.client.get(f"{ready}/letters/{letter}.pdf")).content == content
    other = await agent.begin()
    assert (await agent.client.get(f"{other}/letters/{letter}.pdf")).status_code == 404
    assert (await agent.client.get(f"{ready}/letters/nonsense.pdf")).status_code == 404


async def test_the_one_visit_to_the_police_stands_on_top_with_its_time_and_place(
    agent: Browser, ready: str, database: Database, keys: Keys
) -> None:
    number = await submit(agent, ready)
    when = (clock.now() + dt.timedelta(days=3)).replace(hour=10, minute=20)
    body = Appointment(at=when, place="出入境大厅 6 号窗口", bring=("照片两张",))
    said = incoming.report("police", body, clock.now())
    assert said is not None
    async with database.transaction(REGION) as tx:
        case_id = await tx.fetchval("SELECT id FROM cases WHERE number = $1", number)
        await service.component_changed(tx, Office(law.load(), keys), REGION, case_id, said)
    page = await agent.get(ready)
    assert "本人来一次，只来这一次" in page
    assert "10:20" in page
    assert "出入境大厅 6 号窗口" in page
    assert "照片两张" in page
