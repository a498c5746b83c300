"""The pages without sign-in, over HTTP against the real handlers, rules and register."""

import datetime as dt
import re
from collections.abc import AsyncIterator
from html import unescape

import httpx
import pytest
from litestar import Litestar

from permits import clock
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.errors import Problem, Unavailable
from permits.office import Office
from permits.register import service as register
from permits.register.model import EndKind
from permits.rules import law, procedures, time_limits
from permits.rules.identifiers import make_case_number, make_verification_code
from permits.web.assets import bring_up_to_date
from permits.web.headers import add_headers
from permits.web.pages import error_page
from permits.web.public.pages import public_router
from permits.web.statics import static_router
from tests.built import built
from tests.register.samples import REGION, a_grant, an_ending
from tests.web.shapes import shape

LAW = law.load()
NOON = dt.datetime(2024, 6, 3, 12, tzinfo=clock.CITY)
TODAY, DAY = NOON.date(), dt.timedelta(days=1)
EXAMPLE = "/?salary_wan=30&education=bachelor&experience_years=17&age=42"
PAIRS = {"salary_wan": "30", "education": "bachelor", "experience_years": "17", "age": "42"}
Client = httpx.AsyncClient


@pytest.fixture(scope="module", autouse=True)
def _assets() -> None:
    bring_up_to_date()


@pytest.fixture(autouse=True)
def _noon(office_time: None) -> None:
    clock.set_offset((NOON - clock.machine_now()).total_seconds())


def application(database: Database, keys: Keys) -> Litestar:
    """The public pages, as the service serves them."""
    return built("public", public, {"database": database, "office": Office(LAW, keys), "csrf_key": b"k" * 32})


def public() -> Litestar:
    """The public pages alone."""
    handlers = {Problem: error_page}
    return Litestar([public_router(), static_router()], before_send=[add_headers], exception_handlers=handlers)


@pytest.fixture
async def client(database: Database, keys: Keys) -> AsyncIterator[Client]:
    """Somebody who is not signed in, and reads Chinese."""
    transport = httpx.ASGITransport(application(database, keys))  # type: ignore[arg-type]
    headers = {"Accept-Language": "zh-CN"}
    async with httpx.AsyncClient(transport=transport, base_url="https://city.example", headers=headers) as made:
        yield made


def words(html: str) -> str:
    """What a page says, without its marks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


async def test_the_front_page_lists_every_item_with_what_we_promise_and_the_law_gives(client: Client) -> None:
    html = (await client.get("/")).text
    rows = re.findall(r'<a href="/guide/([a-z-]+)">.*?<b class="ow-num">(\d+)</b>.*?/ (\d+)<', html, re.DOTALL)
    for code, promised, legal in rows:
        limits = time_limits.limits(LAW, code, False, None, TODAY, REGION)
        decision = {one.basis: one.working_days for one in limits if one.step == "decision"}
        assert (int(promised), int(legal)) == (decision["promised"], decision["legal"])
    assert [code for code, _, _ in rows] == [one.code for one in procedures.procedures(LAW, TODAY, REGION)]


async def test_the_check_says_category_points_by_item_and_what_would_lift(client: Client) -> None:
    answer = await client.get(EXAMPLE)
    said = words(answer.text)
    assert answer.status_code == 200
    assert "可以申请，属于 B 类" in said
    assert 'aria-label="74 分：薪资 14，学历 10，经验 20，在华时间 15，年龄 15"' in answer.text
    assert "离 A 类还差 11 分" in said
    assert "学历 10 变 20" in said


async def test_both_languages_ask_in_their_own_unit_and_mean_the_same(client: Client) -> None:
    in_yuan = EXAMPLE.replace("salary_wan=30", "annual_salary_cny=300,000")
    for url in (EXAMPLE, in_yuan):
        assert "You may apply: category B" in words((await client.get(f"{url}&lang=en")).text)
    front = (await client.get("/?lang=en")).text
    assert 'name="annual_salary_cny"' in front
    assert 'value="300,000"' in front


async def test_more_answers_raise_the_points(client: Client) -> None:
    said = words((await client.get(f"{EXAMPLE}&chinese=hsk5&other=patent&other=fortune-500")).text)
    assert "84 分" in said


async def test_pay_alone_may_give_a_category_and_the_page_says_so(client: Client) -> None:
    said = words((await client.get("/?annual_salary_cny=900000&education=none&experience_years=0&age=50")).text)
    assert "属于 A 类" in said
    assert "平均工资收入不低于本地区上年度社会平均工资收入 6 倍" in said


async def test_every_wrong_entry_comes_back_at_its_field_with_what_was_typed(client: Client) -> None:
    answer = await client.get("/?salary_wan=much&education=bachelor&experience_years=1.5&age=12")
    assert answer.status_code == 400
    for name in ("salary_wan", "experience_years", "age"):
        assert f'id="{name}-error"' in answer.text
    assert 'value="much"' in answer.text
    assert 'value="1.5"' in answer.text


@pytest.mark.parametrize("typed", ["３０", " 30 ", "30.0", "1e400", "nan", "-1", "9" * 30])
async def test_numbers_are_read_as_people_type_them_and_nothing_breaks(client: Client, typed: str) -> None:
    params = {"salary_wan": typed, "education": "bachelor", "experience_years": "17", "age": "42"}
    answer = await client.get("/", params=params)
    assert answer.status_code == (200 if typed.strip() in ("３０", "30", "30.0") else 400)


@pytest.mark.parametrize(("situation", "until", "says"), [
    ("issue-in-china", "2024-08-31", "最晚 2024 年 8 月 31 日"), ("issue-in-china", "2024/5/1", "已截止"),
    ("issue-in-china", "", "填上到期日"), ("extend", "2024年7月20日", "最晚 2024 年 6 月 20 日"),
    ("extend", "2025-01-31", "2024 年 11 月 2 日 起"), ("issue-abroad", "2024-08-31", "最晚 2024 年 8 月 30 日"),
])  # fmt: skip
async def test_the_check_says_until_when_one_applies(client: Client, situation: str, until: str, says: str) -> None:
    answer = await client.get("/", params={**PAIRS, "situation": situation, "until": until})
    assert answer.status_code == 200
    assert says in words(answer.text).replace("日起", "日 起")


@pytest.mark.parametrize(("situation", "until", "field"), [
    ("nowhere", "", "situation"), ("extend", "tomorrow", "until"), ("extend", "1800-01-01", "until"),
    ("extend", "2024-02-30", "until"),
])  # fmt: skip
async def test_a_situation_or_day_that_cannot_be_comes_back_at_its_field(
    client: Client, situation: str, until: str, field: str
) -> None:
    answer = await client.get("/", params={**PAIRS, "situation": situation, "until": until})
    assert answer.status_code == 400
    assert f'href="#{field}"' in answer.text


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_result_prints_without_forms_and_opens_an_application_with_what_was_stated(
    client: Client, lang: str
) -> None:
    shown = unescape((await client.get(f"{EXAMPLE}&chinese=hsk3&other=patent&lang={lang}")).text)
    (start,) = re.findall(r'href="/apply/start\?([^"]*)"', shown)
    assert "annual_salary_cny=300000&education=bachelor&experience_years=17" in start
    assert "chinese=hsk3&other=patent" in start
    (paper,) = re.findall(r'href="(/\?[^"]*print=1)"', shown)
    printed = await client.get(f"{paper}&lang={lang}")
    assert printed.status_code == 200
    assert "<form" not in printed.text.partition("<main")[2].partition("</main>")[0]
    assert "82 " in words(printed.text)
    assert shape(printed.text).refused == []


async def test_points_are_shown_while_one_types_and_nothing_where_something_is_wrong(client: Client) -> None:
    answer = await client.get(f"/check/points{EXAMPLE[1:]}")
    assert answer.status_code == 200
    assert "74 分" in words(answer.text)
    assert "<html" not in answer.text
    wrong = await client.get("/check/points?salary_wan=much")
    assert (wrong.status_code, wrong.text) == (204, "")


async def test_the_open_figures_are_todays(client: Client, database: Database, keys: Keys) -> None:
    async with database.transaction(REGION) as tx:
        grants = [a_grant(n, nationality=nation) for n, nation in enumerate(("DEU", "DEU", "KOR"))]
        await register.grant_many(tx, LAW, keys, [*grants, a_grant(2, nationality="KOR")])
    found = re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", (await client.get("/")).text)
    assert found == [("有效许可", "4"), ("持证人数", "3"), ("聘用单位", "1"), ("来自的国家和地区", "2")]


async def test_the_front_page_stands_while_the_database_is_away(keys: Keys) -> None:
    away = application(Database("postgresql://nobody@127.0.0.1:1/nothing"), keys)
    transport = httpx.ASGITransport(away)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="https://city.example") as client:
        answer = await client.get("/?lang=zh")
        assert answer.status_code == 200
        assert "数字暂时查不到" in answer.text
        code = make_verification_code(REGION, b"0" * 12)
        assert (await client.get(f"/verify/{code}")).status_code == Unavailable.status


ENDED: list[tuple[EndKind, str]] = [
    ("cancelled", "已注销"),
    ("revoked", "已撤销"),
    ("withdrawn-by-authority", "已撤回"),
]


@pytest.mark.parametrize(("kind", "word"), ENDED)
async def test_a_permit_that_was_ended_says_how_and_since_when(
    client: Client, database: Database, keys: Keys, kind: EndKind, word: str
) -> None:
    async with database.transaction(REGION) as tx:
        made = await register.grant(tx, LAW, keys, a_grant())
        await register.end(tx, LAW, keys, an_ending(made, TODAY - 9 * DAY, TODAY - DAY, kind))
    said = words((await client.get(f"/verify/{made.verification_code}")).text)
    assert f" {word} 自 2024 年 5 月 25 日起不再有效" in said


@pytest.mark.parametrize(
    ("first", "last", "word"),
    [(-9, 0, "有效"), (0, 9, "有效"), (1, 9, "还没开始"), (-9, -1, "已到期")],
)
async def test_a_permit_is_good_from_its_first_to_its_last_day(
    client: Client, database: Database, keys: Keys, first: int, last: int, word: str
) -> None:
    grant = a_grant(valid_from=TODAY + first * DAY, valid_until=TODAY + last * DAY)
    async with database.transaction(REGION) as tx:
        made = await register.grant(tx, LAW, keys, grant)
    answer = await client.get(f"/verify/{made.verification_code}")
    assert f'<p id="an">{word}</p>' in answer.text
    assert f"{grant.valid_from} 至 {grant.valid_until}" in answer.text


async def test_a_verified_permit_is_masked(client: Client, database: Database, keys: Keys) -> None:
    async with database.transaction(REGION) as tx:
        made = await register.grant(tx, LAW, keys, a_grant())
    html = (await client.get(f"/verify/{made.verification_code}")).text
    assert "M** A** E**" in html
    for secret in ("MUSTERFELD", "ALICE", "1985"):
        assert secret not in html


async def test_a_code_is_taken_as_people_type_it(client: Client, database: Database, keys: Keys) -> None:
    async with database.transaction(REGION) as tx:
        made = await register.grant(tx, LAW, keys, a_grant())
    code = made.verification_code
    for typed in (code.lower(), code.replace("-", ""), code.replace("-", " – "), f"  {code}\n"):
        answer = await client.get("/verify/", params={"code": typed})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/verify/{code}")


async def test_an_unknown_code_is_not_found_and_the_page_says_what_to_look_at(client: Client) -> None:
    unknown, other = (make_verification_code(region, b"0" * 12) for region in (REGION, "320500"))
    wrong = unknown[:-1] + ("1" if unknown[-1] != "1" else "2")
    for code, why in (
        (unknown, "这份许可不是我们发的"), (wrong, "有一位抄错了"), (other, "别的城市"), ("3212-X", "四位城市代码"),
    ):  # fmt: skip
        answer = await client.get(f"/verify/{code}")
        assert answer.status_code == 404
        assert why in answer.text
        assert f'value="{code}"' in answer.text


async def test_a_case_number_leads_to_its_case_and_a_mistyped_one_comes_back(client: Client) -> None:
    number = make_case_number(REGION, 2024, 12)
    answer = await client.get("/track", params={"number": f" {number.lower()} "})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/apply/{number}")
    wrong = number[:-1] + ("1" if number[-1] != "1" else "2")
    again = await client.get("/track", params={"number": wrong})
    assert again.status_code == 400
    assert f'value="{wrong}"' in again.text


async def test_an_item_that_is_not_offered_has_no_guide(client: Client) -> None:
    assert (await client.get("/guide/nothing")).status_code == 404


async def test_only_what_can_be_filed_here_offers_to_start(client: Client) -> None:
    assert "/apply/start" in (await client.get("/guide/issue-in-china")).text
    assert "/apply/start" in (await client.get("/guide/extend")).text
    assert "/apply/start" not in (await client.get("/guide/short-term")).text


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "path",
    ["/", EXAMPLE, "/?age=x", "/track", "/verify/", "/verify/3212-X", "/about/privacy", "/about/accessibility",
     *(f"/guide/{one.code}" for one in procedures.procedures(LAW, TODAY, REGION))],
)  # fmt: skip
async def test_every_page_is_whole_in_both_languages(client: Client, path: str, lang: str) -> None:
    answer = await client.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
    read = shape(answer.text)
    assert (read.open, read.refused) == ([], [])
    assert len(read.ids) == len(set(read.ids))
    assert answer.headers["content-language"] == {"zh": "zh-CN", "en": "en"}[lang]
    assert "set-cookie" not in answer.headers or "session" not in answer.headers["set-cookie"]
