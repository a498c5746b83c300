"""The form in sections: begun, filled in, refused with everything kept, taken up again. No scripts anywhere."""

import asyncio
import datetime as dt
import random

import httpx
import pytest

from permits import clock
from permits.db.database import Database
from permits.rules.mrz_writing import mrz_td3
from tests.accounts.people import someone
from tests.cases.samples import credit_code
from tests.web.portal_browser import Browser, date, form_of, next_year

GOOD_CODE = credit_code(random.Random(7))
WRONG_CODE = GOOD_CODE[:6] + "O" + GOOD_CODE[7:]


def passport() -> tuple[str, str]:
    """The two lines of a synthetic passport."""
    return mrz_td3(
        "MUSTER", "LENA SOPHIE", issuer="DEU", nationality="DEU", number="C0DEM0047", birth=dt.date(1983, 5, 16),
        sex="F", expiry=dt.date(2031, 8, 20),
    )  # fmt: skip


async def test_without_a_case_the_list_says_how_to_begin(agent: Browser) -> None:
    page = await agent.get("/apply/")
    assert "您还没有申请" in page
    assert 'href="/apply/start"' in page


async def test_a_draft_begins_with_its_task_list_and_the_first_thing_next(agent: Browser) -> None:
    page = await agent.get(await agent.begin())
    assert "17 项已办 0 项" in page or "项已办 0 项" in page
    assert page.count("下一项") == 1
    assert "我们承诺" in page
    assert "法律规定最迟" in page


async def test_a_double_click_makes_one_draft_and_another_choice_or_page_another_one(agent: Browser) -> None:
    page = await agent.get("/apply/start")
    first, second = await asyncio.gather(*(agent.send("/apply/start", {}, page=page) for _ in range(2)))
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    single = await agent.send("/apply/start", {"joint": [None]}, page=page)
    assert len({first.headers["location"], single.headers["location"], await agent.begin()}) == 3


async def test_what_the_self_check_stated_stands_in_the_draft_and_what_is_out_of_bounds_does_not(
    agent: Browser,
) -> None:
    page = await agent.get("/apply/start?education=master&experience_years=9&annual_salary_cny=0300000&chinese=klingon")
    assert "自查里填的会带进申请表" in page
    begun = await agent.send("/apply/start", {}, page=page)
    case = begun.headers["location"]
    studied = form_of(await agent.get(f"{case}/education"), f"{case}/education")
    assert studied["employment.experience_years"] == ["9"]
    assert studied["beneficiary.education"] == ["master"]
    assert form_of(await agent.get(f"{case}/position"), f"{case}/position")["employment.annual_salary_cny"] == [
        "300000"
    ]


async def test_items_that_cannot_be_filed_online_say_so_and_cannot_be_chosen(agent: Browser) -> None:
    page = await agent.get("/apply/start")
    assert page.count("网上还不能办这一项") == 2
    answer = await agent.send("/apply/start", {"procedure": "short-term"})
    assert answer.status_code == 400
    assert "请选要办的事" in answer.text


async def test_the_whole_form_is_filled_page_by_page(agent: Browser) -> None:
    case = await agent.begin()
    await agent.fill(case)
    page = await agent.get(case)
    assert "B 类" in page
    assert page.count("已完成") == 7


async def test_saving_leads_to_the_next_page_that_is_open_or_back_to_the_list(agent: Browser) -> None:
    case = await agent.begin()
    contact = {"employer.contact_name": "陈立", "employer.contact_phone": "13800000000"}
    on = await agent.send(f"{case}/contact", contact)
    assert on.headers["location"] == f"{case}/passport"
    back = await agent.send(f"{case}/contact", contact | {"then": "leave"})
    assert back.headers["location"] == case


async def test_what_is_wrong_comes_back_beside_its_field_and_all_that_was_typed_is_kept(agent: Browser) -> None:
    case = await agent.begin()
    typed = {
        "employment.position": "总化学师",
        "employment.annual_salary_cny": "五十万",
        "employment.months_per_year": "13",
        **date("employment.contract_start", f"{next_year()}-13-40"),
    }
    answer = await agent.send(f"{case}/position", typed)
    assert answer.status_code == 400
    for wrong in ("employment-annual_salary_cny", "employment-months_per_year", "employment-contract_start"):
        assert f'href="#{wrong}"' in answer.text
    kept = form_of(answer.text, f"{case}/position")
    assert {name: kept[name] for name in typed} == {name: [value] for name, value in typed.items()}
    assert "总化学师" not in await agent.get(f"{case}/position")


async def test_thousands_apart_and_small_letters_are_put_right(agent: Browser) -> None:
    case = await agent.begin()
    await agent.send(f"{case}/position", {"employment.annual_salary_cny": "520,000"})
    pay = form_of(await agent.get(f"{case}/position"), f"{case}/position")["employment.annual_salary_cny"]
    assert pay == ["520000"]
    await agent.send(f"{case}/employer", {"employer.credit_code": f" {GOOD_CODE.lower()} "})
    assert form_of(await agent.get(f"{case}/employer"), f"{case}/employer")["employer.credit_code"] == [GOOD_CODE]


async def test_a_wrong_credit_code_offers_the_one_character_and_never_saves_it_unasked(agent: Browser) -> None:
    case = await agent.begin()
    answer = await agent.send(f"{case}/employer", {"employer.credit_code": WRONG_CODE})
    assert answer.status_code == 400
    assert GOOD_CODE in answer.text
    fixed = await agent.send(f"{case}/employer", {"then": "fix"}, page=answer.text)
    assert form_of(fixed.text, f"{case}/employer")["employer.credit_code"] == [GOOD_CODE]
    assert GOOD_CODE not in await agent.get(f"{case}/employer")


async def test_the_credit_code_is_checked_while_one_types(agent: Browser) -> None:
    case = await agent.begin()
    csrf = form_of(await agent.get(f"{case}/employer"), f"{case}/employer")["csrf"]
    good = await agent.client.post("/apply/check/credit-code", data={"csrf": csrf, "value": GOOD_CODE})
    wrong = await agent.client.post("/apply/check/credit-code", data={"csrf": csrf, "value": WRONG_CODE})
    assert "代码没有写错" in good.text
    assert GOOD_CODE in wrong.text


async def test_the_two_lines_of_a_passport_fill_in_the_rest(agent: Browser) -> None:
    case, lines = await agent.begin(), passport()
    await agent.send(f"{case}/passport", {"beneficiary.mrz": list(lines)})
    kept = form_of(await agent.get(f"{case}/passport"), f"{case}/passport")
    assert kept["beneficiary.mrz"] == list(lines)
    assert kept["beneficiary.surname"] == ["MUSTER"]
    assert kept["beneficiary.nationality"] == ["DEU"]
    assert kept["beneficiary.birth_date-year"] == ["1983"]
    assert "五个校验位全对" in await agent.get(f"{case}/passport")


async def test_a_wrong_digit_of_the_two_lines_is_named_with_its_place_and_its_repair(agent: Browser) -> None:
    case, (first, second) = await agent.begin(), passport()
    answer = await agent.send(f"{case}/passport", {"beneficiary.mrz": [first, second.replace("0047", "0041")]})
    assert answer.status_code == 400
    assert "第 2 行第 10 位" in answer.text
    assert "第二行第 9 位是 <b>7</b>" in answer.text
    fixed = await agent.send(f"{case}/passport", {"then": "fix"}, page=answer.text)
    assert form_of(fixed.text, f"{case}/passport")["beneficiary.mrz"] == [first, second]


async def test_new_lines_replace_what_the_old_ones_filled_in(agent: Browser) -> None:
    case = await agent.begin()
    await agent.send(f"{case}/passport", {"beneficiary.mrz": list(passport())})
    other = mrz_td3(
        "BEISPIEL", "", issuer="FRA", nationality="FRA", number="X10", birth=dt.date(1990, 1, 2), sex="M",
        expiry=dt.date(2032, 1, 1),
    )  # fmt: skip
    assert (await agent.send(f"{case}/passport", {"beneficiary.mrz": list(other)})).status_code == 303
    kept = form_of(await agent.get(f"{case}/passport"), f"{case}/passport")
    assert (kept["beneficiary.surname"], kept["beneficiary.given_names"]) == (["BEISPIEL"], [""])
    assert kept["beneficiary.passport_number"] == ["X10"]


async def test_a_person_with_one_name_goes_on(agent: Browser) -> None:
    case = await agent.begin()
    one_name = {"beneficiary.surname": "", "beneficiary.given_names": "SUKARNO"}
    assert (await agent.send(f"{case}/passport", one_name)).status_code == 303
    assert "SUKARNO" in await agent.get(case)


async def test_a_stay_that_soon_ends_is_told_of_on_the_task_list_and_before_submitting(agent: Browser) -> None:
    case = await agent.begin()
    until = clock.today() + dt.timedelta(days=20)
    await agent.fill(case, **date("beneficiary.residence_permit_expiry", str(until)))
    for page in (case, f"{case}/check"):
        assert f"最晚 {until} 提交" in await agent.get(page)


async def test_an_emptied_field_is_removed(agent: Browser) -> None:
    case = await agent.begin()
    await agent.send(f"{case}/education", {"employment.experience_years": "0"})
    assert form_of(await agent.get(f"{case}/education"), f"{case}/education")["employment.experience_years"] == ["0"]
    await agent.send(f"{case}/education", {"employment.experience_years": ""})
    assert form_of(await agent.get(f"{case}/education"), f"{case}/education")["employment.experience_years"] == [""]


async def test_points_are_explained_item_by_item(agent: Browser) -> None:
    case = await agent.begin()
    await agent.fill(case)
    page = await agent.get(f"{case}/category")
    for item in ("薪资", "学历", "经验", "在华时间", "年龄"):
        assert item in page
    assert "离 A 类还差" in page
    ticked = await agent.send(f"{case}/category", {"employment.other": ["top-university", "patent"]})
    assert ticked.status_code == 303
    assert form_of(await agent.get(f"{case}/category"), f"{case}/category")["employment.other"] == [
        "top-university", "patent",
    ]  # fmt: skip


async def test_a_ground_that_does_not_fit_is_refused_where_it_stands(agent: Browser) -> None:
    case = await agent.begin()
    await agent.fill(case)
    answer = await agent.send(f"{case}/category", {"employment.grounds": ["young-talent"]})
    assert answer.status_code == 400
    assert "所填学历不符合" in answer.text


async def test_what_is_wrong_on_another_page_is_named_with_the_way_there(agent: Browser) -> None:
    case = await agent.begin()
    await agent.fill(case)
    assert (await agent.send(f"{case}/category", {"employment.grounds": ["bachelor-two-years"]})).status_code == 303
    answer = await agent.send(f"{case}/education", {"beneficiary.education": "none"})
    assert answer.status_code == 400
    assert f'href="{case}/category"' in answer.text
    assert form_of(answer.text, f"{case}/education")["beneficiary.education"] == ["none"]


async def test_whoever_was_second_sees_both_versions_and_can_use_the_one_typed(agent: Browser) -> None:
    case = await agent.begin()
    page = await agent.get(f"{case}/position")
    await agent.send(f"{case}/position", {"employment.position": "工程师"})
    second = await agent.send(f"{case}/position", {"employment.position": "总化学师"}, page=page)
    assert second.status_code == 409
    assert "工程师" in second.text
    assert "总化学师" in second.text
    assert "总化学师" not in await agent.get(f"{case}/position")
    used = await agent.send(f"{case}/position", {}, page=second.text)
    assert used.status_code == 303
    assert "总化学师" in await agent.get(f"{case}/position")


async def test_a_deleted_draft_can_be_brought_back_from_the_list(agent: Browser) -> None:
    case = await agent.begin()
    gone = await agent.send(f"{case}/discard", {}, page=await agent.get(case))
    listed = await agent.get(gone.headers["location"])
    assert "已删除" in listed
    assert (await agent.client.get(case)).status_code == 404
    back = await agent.send(f"{case}/restore", {}, page=listed)
    assert back.headers["location"] == case
    assert (await agent.client.get(case)).status_code == 200


async def test_open_drafts_are_listed_before_one_begins_another(agent: Browser) -> None:
    case = await agent.begin()
    page = await agent.get("/apply/start")
    assert "您还有 1 份草稿没有填完" in page
    assert f'href="{case}"' in page


@pytest.mark.parametrize("path", ["", "/employer", "/documents/contract", "/check", "/answers", "/receipt"])
async def test_another_agent_finds_no_such_case(
    agent: Browser, web: httpx.AsyncClient, database: Database, path: str
) -> None:
    case = await agent.begin()
    await someone(database, "other@demo.example", "employer")
    web.cookies.clear()
    other = Browser(web, "other@demo.example")
    await other.sign_in()
    assert (await web.get(case + path)).status_code == 404


async def test_a_visitor_is_led_to_the_sign_in_page_and_a_clerk_is_refused(
    web: httpx.AsyncClient, database: Database
) -> None:
    assert (await web.get("/apply/")).headers["location"].startswith("/sign-in")
    await someone(database, "wang@demo.example", "clerk")
    clerk = Browser(web, "wang@demo.example")
    await clerk.sign_in()
    assert (await web.get("/apply/")).status_code == 403


async def test_a_session_that_ended_in_mid_form_loses_nothing(agent: Browser) -> None:
    case = await agent.begin()
    page = await agent.get(f"{case}/position")
    agent.client.cookies.clear()
    held = await agent.send(f"{case}/position", {"employment.position": "总化学师"}, page=page)
    assert held.status_code == 401
    assert "总化学师" in held.text
    fields = form_of(held.text, f"{case}/position?held=1") | {"password": ["a long enough password"]}
    saved = await agent.client.post(f"{case}/position?held=1", data=fields)
    assert saved.status_code == 303
    assert "总化学师" in await agent.get(f"{case}/position")


async def test_every_page_speaks_english_too(agent: Browser) -> None:
    case = await agent.begin()
    for path in ("/employer", "/contact", "/passport", "/education", "/visa", "/position", "/category", "/check", ""):
        page = await agent.get(f"{case}{path}?lang=en")
        assert '<html lang="en"' in page
        assert "任务清单" not in page
