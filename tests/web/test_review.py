"""Review and decision: what a recommendation stands on, four eyes, legal clearance, the letter before it is signed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from permits import clock
from permits.cases import bodies, revoking
from permits.db.crypto import Keys
from permits.db.database import Database
from tests.cases.samples import REGION, Desk
from tests.web.desks import Town, town_of, version, words
from tests.web.shapes import shape


@pytest.fixture
async def town(database: Database, keys: Keys, tmp_path: Path) -> AsyncIterator[Town]:
    """The office with its people."""
    async with town_of(database, keys, tmp_path) as found:
        yield found


async def refusing(town: Town) -> str:
    number = await town.case("review")
    await town.act("reviewer", number, "recommend", outcome="refuse", reasons="岗位不真实")
    return number


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("state", ["accepted", "review", "recommended", "granted", "refused"])
async def test_review_and_decision_are_whole_in_every_state_and_language(town: Town, state: str, lang: str) -> None:
    number = await town.case(state, "refuse" if state == "refused" else "grant")
    for name in ("reviewer", "decider", "legal"):
        person = await town.enter(name)
        for path in (f"/review/{number}", f"/review/{number}/decide", f"/review/{number}/return"):
            answer = await person.get(path, lang)
            assert answer.status_code == 200, path
            read = shape(answer.text)
            assert read.refused == []
            assert len(read.ids) == len(set(read.ids)), sorted(i for i in read.ids if read.ids.count(i) > 1)


async def test_the_page_shows_what_the_points_and_the_validity_stand_on(town: Town) -> None:
    number = await town.case("review")
    reviewer = await town.enter("reviewer")
    shown = words((await reviewer.get(f"/review/{number}")).text)
    assert "薪资 480,000 元 合同，上传 450,000 元以上 20" in shown
    assert "最早，由它限定" in shown
    assert "不超过聘用合同期限" in shown


async def test_a_grant_is_recommended_with_what_the_rules_worked_out(town: Town) -> None:
    number = await town.case("review")
    reviewer = await town.enter("reviewer")
    form = (await reviewer.get(f"/review/{number}")).text
    fields = {"outcome": "grant", "reasons": "材料齐全", "category": "", "valid_from": "", "valid_until": ""}
    shown = await reviewer.click(f"/review/{number}/recommend", version=version(form), **fields)
    assert "建议已提交" in words(shown.text)
    said = (await town.look(number)).row.recommendation
    assert said
    assert (said.outcome, said.category in ("A", "B", "C")) == ("grant", True)
    assert said.valid_until


async def test_a_longer_validity_than_the_rules_give_is_refused_beside_the_field(town: Town) -> None:
    number = await town.case("review")
    reviewer = await town.enter("reviewer")
    fields = {"outcome": "grant", "reasons": "我写的理由", "valid_until": "2099-01-01"}
    answer = await reviewer.post(f"/review/{number}/recommend", **fields)
    assert answer.status_code == 400
    assert "最长到" in answer.text
    assert "我写的理由" in answer.text
    assert 'value="2099-01-01"' in answer.text


async def test_a_refusal_needs_reasons_of_its_own(town: Town) -> None:
    number = await town.case("review")
    reviewer = await town.enter("reviewer")
    same = {"outcome": "refuse", "reasons": "属 B 类；材料齐全。", "suggested": "属 B 类；材料齐全。"}
    assert (await reviewer.post(f"/review/{number}/recommend", **same)).status_code == 400
    assert (await town.look(number)).row.state == "review"
    own = await reviewer.post(f"/review/{number}/recommend", **same | {"reasons": "岗位不真实"})
    assert own.status_code == 303


async def test_who_recommended_sees_no_button_to_sign_and_a_forced_try_is_a_409_that_says_why(town: Town) -> None:
    number = await town.case("accepted")
    await town.act("both", number, "claim")
    await town.act("both", number, "recommend", outcome="grant", reasons="同意")
    both = await town.enter("both")
    page = (await both.get(f"/review/{number}/decide")).text
    assert f'action="/review/{number}/decide"' not in page
    assert "审查是您提的，不能由您决定" in page
    forced = await both.post(f"/review/{number}/decide", outcome="grant", seen="true")
    assert forced.status_code == 409
    assert "须由另一人决定" in words(forced.text)


async def test_the_letter_is_read_before_it_is_signed(town: Town) -> None:
    number = await town.case("recommended")
    decider = await town.enter("decider")
    page = (await decider.get(f"/review/{number}/decide")).text
    assert "预览，未签发，不具效力" in page
    assert "准予许可" in page
    unread = await decider.post(f"/review/{number}/decide", version=version(page), outcome="grant", reasons="补充一句")
    assert unread.status_code == 400
    assert "请先看过决定书" in unread.text
    assert "补充一句" in unread.text
    signed = await decider.click(f"/review/{number}/decide", version=version(page), outcome="grant", seen="true")
    assert "决定已签发" in words(signed.text)
    assert (await town.look(number)).row.state == "granted"


async def test_a_refusal_is_cleared_by_the_legal_reviewer_before_it_is_signed(town: Town) -> None:
    number = await refusing(town)
    decider, legal = await town.enter("decider"), await town.enter("legal")
    before = (await decider.get(f"/review/{number}/decide")).text
    assert "还没有审核意见，不能签发" in before
    assert "岗位不真实" in before
    assert f'action="/review/{number}/decide"' not in before
    missing = await legal.post(f"/review/{number}/clear", opinion="事实清楚")
    assert missing.status_code == 400
    assert "事实清楚" in missing.text
    await legal.click(f"/review/{number}/clear", opinion="事实清楚", cleared="yes")
    after = (await decider.get(f"/review/{number}/decide")).text
    assert "事实清楚" in after
    await decider.click(f"/review/{number}/decide", version=version(after), outcome="refuse", seen="true")
    assert (await town.look(number)).row.state == "refused"


async def test_what_is_not_cleared_goes_back_to_the_reviewer(town: Town) -> None:
    number = await refusing(town)
    legal = await town.enter("legal")
    await legal.click(f"/review/{number}/clear", opinion="证据不足", cleared="no")
    assert (await town.look(number)).row.state == "review"


async def test_a_decider_who_disagrees_returns_it_with_reasons(town: Town) -> None:
    number = await town.case("recommended")
    decider = await town.enter("decider")
    empty = await decider.post(f"/review/{number}/return", reasons="")
    assert empty.status_code == 400
    shown = await decider.click(f"/review/{number}/return", reasons="请补核高校名单")
    assert "已退回审查" in words(shown.text)


async def test_a_special_procedure_stops_the_clocks_and_says_what_was_wrong_in_its_own_form(town: Town) -> None:
    number = await town.case("review")
    reviewer = await town.enter("reviewer")
    wrong = await reviewer.post(
        f"/review/{number}/suspend", procedure="hearing", expected_working_days="many", reasons="听取意见"
    )
    assert wrong.status_code == 400
    assert 'value="听取意见"' in wrong.text
    assert "材料齐全" in wrong.text, "the recommendation keeps its own words"
    fields = {"procedure": "hearing", "expected_working_days": "7", "reasons": "听取意见"}
    shown = words((await reviewer.click(f"/review/{number}/suspend", **fields)).text)
    assert "决定承诺 暂停" in shown
    assert "听证" in shown
    assert "时限继续" in words((await reviewer.click(f"/review/{number}/resume")).text)


async def test_a_longer_limit_is_asked_for_by_one_and_approved_by_another(town: Town) -> None:
    number = await town.case("review")
    reviewer, decider = await town.enter("reviewer"), await town.enter("decider")
    wrong = await reviewer.post(f"/review/{number}/extend-limit", working_days="11", reasons="等函调")
    assert wrong.status_code == 400
    assert "等函调" in wrong.text
    await reviewer.click(f"/review/{number}/extend-limit", working_days="10", reasons="等函调")
    asked = words((await decider.get(f"/review/{number}/approve-extension")).text)
    assert "等函调" in asked
    before = (await town.look(number)).row.legal_due
    await decider.click(f"/review/{number}/approve-extension")
    after = (await town.look(number)).row.legal_due
    assert before
    assert after
    assert after > before


async def test_a_closed_case_is_reopened_by_two(town: Town) -> None:
    number = await town.case("refused", "refuse")
    await town.act("clerk", number, "close")
    reviewer, decider = await town.enter("reviewer"), await town.enter("decider")
    await reviewer.click(f"/review/{number}/reopen", reasons="复议撤销原决定")
    assert "复议撤销原决定" in (await decider.get(f"/review/{number}/approve-reopening")).text
    await decider.click(f"/review/{number}/approve-reopening")
    assert (await town.look(number)).row.state == "review"


async def test_a_case_that_waits_for_a_signature_opens_where_it_is_signed(town: Town) -> None:
    number = await town.case("recommended")
    decider, reviewer = await town.enter("decider"), await town.enter("reviewer")
    assert f'href="/review/{number}/decide"' in (await decider.get("/review/?queue=all")).text
    assert f'href="/review/{number}"' in (await reviewer.get("/review/?queue=all")).text


async def test_the_decision_that_ends_a_permit_is_shown_as_its_own_letter_and_waits_for_clearance(town: Town) -> None:
    number = await town.case("granted")
    part = (await town.look(number)).component("work_permit")
    assert part
    body = bodies.EndPermit(clock.today(), "false-documents", "核查发现资历证明不实。")
    async with town.database.transaction(REGION) as tx:
        permit = part.facts["permit_number"]
        case = await revoking.open_case(tx, town.office, town.people["clerk"], REGION, permit, "revoke", body)
    for action, said in (("claim", {}), ("recommend", {"outcome": "grant", "reasons": "情况属实"})):
        await town.act("reviewer", case.row.number, action, **said)
    decider = await town.enter("decider")
    answer = await decider.get(f"/review/{case.row.number}/decide")
    said_there = words(answer.text)
    assert answer.status_code == 200
    assert "撤销行政许可决定书" in said_there
    assert "本机关依职权立案审查" in said_there
    assert "还没有审核意见，不能签发" in said_there


async def test_a_revocation_is_cleared_and_signed_at_the_pages(town: Town) -> None:
    number = await town.case("granted")
    part = (await town.look(number)).component("work_permit")
    assert part
    permit, inspector = part.facts["permit_number"], await town.enter("inspector")
    today = clock.today()
    day = {"effective-year": f"{today.year}", "effective-month": f"{today.month}", "effective-day": f"{today.day}"}
    bare = words((await inspector.post(f"/window/permits/{permit}/revoke", **day)).text)
    assert "请选依据。 请写理由。" in bare
    said = day | {"ground": "false-documents", "reasons": "核查发现资历证明不实。"}
    opened = await inspector.post(f"/window/permits/{permit}/revoke", **said)
    case = opened.headers["location"].rpartition("/")[2]
    shown = words((await inspector.get(f"/window/{case}")).text)
    assert all(one in shown for one in ("检查人员 inspector", f"许可 {permit}", "没有申请材料"))
    reviewer, legal, decider = [await town.enter(who) for who in ("reviewer", "legal", "decider")]
    await reviewer.click(f"/review/{case}/claim")
    page = words((await reviewer.get(f"/review/{case}")).text)
    assert all(one in page for one in ("要终止的许可", "核查发现资历证明不实。", "撤销许可 不撤销"))
    assert "积分" not in page
    await reviewer.click(f"/review/{case}/recommend", outcome="grant", reasons="情况属实")
    assert 'id="sign"' not in (await decider.get(f"/review/{case}/decide")).text
    await legal.click(f"/review/{case}/clear", cleared="yes", opinion="事实清楚")
    page = words((await decider.get(f"/review/{case}/decide")).text)
    assert all(one in page for one in ("审查建议：撤销许可", "签发：撤销许可"))
    signed = await decider.click(f"/review/{case}/decide", outcome="grant", seen="true")
    assert "决定：撤销许可" in words(signed.text)


async def test_who_decides_is_told_that_the_permit_has_ended_meanwhile(town: Town) -> None:
    number = await town.case("granted")
    part = (await town.look(number)).component("work_permit")
    assert part
    async with town.database.transaction(REGION) as tx:
        desk = Desk(town.office, tx, town.seed)
        for name in ("employer", "clerk", "reviewer", "decider"):
            setattr(desk, name, town.people[name])
        contact = {"contact_name": "样例", "contact_phone": "13800000000", "contact_email": "agent@example.com"}
        desk.given = {
            "procedure": "cancel", "employer": contact, "employment": {"circumstance": "employment-ended"},
            "permit": {"number": part.facts["permit_number"], "event_date": str(clock.today())},
        }  # fmt: skip
        case = (await desk.until("recommended")).row.number
    decider, clerk, agent = [await town.enter(who) for who in ("decider", "clerk", "employer")]
    assert "这件不能再准予" not in (await decider.get(f"/review/{case}/decide")).text
    end = {
        name: f"{getattr(clock.today(), name.partition('-')[2])}"
        for name in ("effective-year", "effective-month", "effective-day")
    }
    path = f"/window/permits/{part.facts['permit_number']}/cancel"
    await clerk.click(path, **end, ground="employment-ended", reasons="聘用关系已经终止")
    for who, page in ((decider, f"/review/{case}/decide"), (clerk, f"/window/{case}"), (agent, f"/apply/{case}")):
        assert f"已自 {clock.today()} 起注销，这件不能再准予" in (await who.get(page)).text
