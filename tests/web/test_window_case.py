"""The case page of the window: what is shown, what can be done, and what happens when two do it at once."""

import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from permits.cases.outbox import Happening
from permits.cases.service import Report, component_changed
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.letters import jobs
from permits.settings import Settings
from tests.cases.samples import REGION
from tests.web.desks import Town, town_of, version, words
from tests.web.shapes import shape


@pytest.fixture
async def town(database: Database, keys: Keys, tmp_path: Path) -> AsyncIterator[Town]:
    """The office with its people."""
    async with town_of(database, keys, tmp_path) as found:
        yield found


async def claimed(town: Town) -> str:
    number = await town.case()
    await town.act("clerk", number, "claim")
    return number


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("state", ["submitted", "accepted", "review", "recommended", "granted", "refused"])
async def test_a_case_is_shown_whole_in_every_state_and_language(town: Town, state: str, lang: str) -> None:
    number = await town.case(state, "refuse" if state == "refused" else "grant")
    for name in ("clerk", "decider", "manager"):
        person = await town.enter(name)
        for path in (f"/window/{number}", f"/window/{number}/messages", f"/window/{number}/hand-out"):
            answer = await person.get(path, lang)
            assert answer.status_code == 200, path
            read = shape(answer.text)
            assert read.refused == []
            assert len(read.ids) == len(set(read.ids)), sorted(i for i in read.ids if read.ids.count(i) > 1)


async def test_only_what_is_possible_has_a_button_and_the_rest_says_why(town: Town) -> None:
    number = await town.case()
    clerk = await town.enter("clerk")
    before = (await clerk.get(f"/window/{number}")).text
    assert f'action="/window/{number}/claim"' in before
    assert f'action="/window/{number}/accept"' not in before
    assert "还不能：受理" in before
    assert "请先认领这件" in before
    after = (await clerk.click(f"/window/{number}/claim", version=version(before))).text
    assert f'action="/window/{number}/accept"' in after
    assert "还不能" not in after


async def test_accepting_records_which_documents_were_checked(town: Town) -> None:
    number = await claimed(town)
    clerk = await town.enter("clerk")
    seen = version((await clerk.get(f"/window/{number}")).text)
    shown = await clerk.click(f"/window/{number}/accept", version=seen, checked=["contract", "passport"])
    assert "已受理" in words(shown.text)
    checked = {d.kind for d in (await town.look(number)).documents if d.checked_by == "clerk（虚构）"}
    assert checked == {"contract", "passport"}


async def test_the_passport_is_masked_until_it_is_shown_which_is_on_record(town: Town) -> None:
    number = await town.case()
    whole = (await town.look(number)).beneficiary.passport_number or ""
    clerk = await town.enter("clerk")
    assert whole not in (await clerk.get(f"/window/{number}")).text
    answer = await clerk.post(f"/window/{number}/show")
    assert (answer.status_code, whole in answer.text) == (200, True)
    assert [entry["fields"][0] for entry in await town.audit("show-personal")] == ["passport_number"]
    assert (await clerk.get(f"/window/{number}/show?lang=en")).headers["location"] == f"/window/{number}?lang=en"


async def test_a_document_is_shown_as_a_picture_and_the_original_only_saved(town: Town) -> None:
    number = await town.case()
    await town.upload(number, "contract", pages=2)
    clerk = await town.enter("clerk")
    page = await clerk.get(f"/window/{number}/documents/contract/2.png")
    assert (page.status_code, page.headers["content-type"], page.content[:4]) == (200, "image/png", b"\x89PNG")
    assert (await clerk.get(f"/window/{number}/documents/contract/3.png")).status_code == 404
    original = await clerk.get(f"/window/{number}/documents/contract/file")
    assert original.content.startswith(b"%PDF")
    assert original.headers["content-disposition"].startswith("attachment")
    assert [entry["page"] for entry in await town.audit("document-page")] == [2, 3]
    assert [entry["kind"] for entry in await town.audit("document-file")] == ["contract"]


@pytest.mark.parametrize("path", ["documents/degree-of-nobody/1.png", "documents/contract/x.png", "letters/1.pdf"])
async def test_what_a_case_has_not_got_is_not_found(town: Town, path: str) -> None:
    number = await town.case()
    clerk = await town.enter("clerk")
    assert (await clerk.get(f"/window/{number}/{path}")).status_code == 404


async def test_a_letter_is_given_out_for_its_own_case_only(town: Town, tmp_path: Path) -> None:
    number, other = await town.case("accepted"), await town.case()
    case = await town.look(number)
    accepted = next(event for event in case.timeline if event.kind == "accepted")
    happened = Happening(REGION, accepted.id, case.row.id, "accepted")
    await jobs.on_event(town.database, town.office, Settings(data=tmp_path, demo=True), happened)
    clerk = await town.enter("clerk")
    shown = (await clerk.get(f"/window/{number}")).text
    letter = shown.partition(f"/window/{number}/letters/")[2].partition(".pdf")[0]
    assert uuid.UUID(letter)
    answer = await clerk.get(f"/window/{number}/letters/{letter}.pdf")
    assert answer.content.startswith(b"%PDF")
    assert (await clerk.get(f"/window/{other}/letters/{letter}.pdf")).status_code == 404


# Corrections


async def test_adding_a_row_to_the_list_of_corrections_loses_nothing(town: Town) -> None:
    number = await claimed(town)
    clerk = await town.enter("clerk")
    answer = await clerk.post(
        f"/window/{number}/request-correction",
        add="/employment/annual_salary_cny",
        items__0__what="contract",
        items__0__text="缺第二页",
    )
    assert answer.status_code == 200
    assert "缺第二页" in answer.text
    assert '<option value="/employment/annual_salary_cny" selected>' in answer.text
    assert (await town.look(number)).row.state == "submitted"


async def test_turning_to_another_document_loses_no_tick_and_no_word(town: Town) -> None:
    number = await claimed(town)
    clerk = await town.enter("clerk")
    fields = {"checked": ["passport", "photo"], "items__0__what": "contract", "items__0__text": "缺第二页"}
    page = (await clerk.post(f"/window/{number}/turn", turn="contract/2", **fields)).text
    assert page.count('name="checked"') > 3
    assert re.findall(r'name="checked" value="([^"]+)"[^>]* checked>', page) == ["passport", "photo"]
    assert "缺第二页" in page
    assert re.search(r'value="contract/1" aria-current="true"', page)


async def test_a_correction_without_words_is_named_and_the_others_are_kept(town: Town) -> None:
    number = await claimed(town)
    clerk = await town.enter("clerk")
    fields = {"items__0__what": "contract", "items__0__text": "", "items__1__what": "", "items__1__text": "请说明年薪"}
    answer = await clerk.post(f"/window/{number}/request-correction", **fields)
    assert answer.status_code == 400
    assert "请说明年薪" in answer.text
    assert answer.text.count("govuk-error-message") >= 1
    assert (await town.look(number)).corrections == ()


async def test_all_corrections_go_out_at_once(town: Town) -> None:
    number = await claimed(town)
    clerk = await town.enter("clerk")
    fields = {
        "items__0__what": "contract", "items__0__text": "缺第二页", "items__1__what": "", "items__1__text": "",
        "items__2__what": "/employment/annual_salary_cny", "items__2__text": "与合同不一致",
    }  # fmt: skip
    shown = await clerk.click(f"/window/{number}/request-correction", **fields)
    asked = (await town.look(number)).corrections
    assert [(c.document, c.pointer) for c in asked] == [("contract", None), (None, "/employment/annual_salary_cny")]
    assert "税前年薪（元） ：与合同不一致" in words(shown.text)


# Bad input, and colleagues


async def test_a_missing_ground_is_said_beside_it_and_the_reasons_are_kept(town: Town) -> None:
    number = await claimed(town)
    clerk = await town.enter("clerk")
    form = (await clerk.get(f"/window/{number}/not-accept")).text
    assert "隐瞒有关情况或者提供虚假材料" in form
    answer = await clerk.post(f"/window/{number}/not-accept", version=version(form), reasons="公章与登记不符")
    assert answer.status_code == 400
    assert "这一项必填" in answer.text
    assert "公章与登记不符" in answer.text
    shown = await clerk.click(f"/window/{number}/not-accept", ground="false-documents", reasons="公章与登记不符")
    assert "已决定不予受理" in words(shown.text)
    assert "依据 隐瞒有关情况或者提供虚假材料 理由 公章与登记不符" in words(shown.text)


async def test_a_version_that_has_changed_is_a_409_that_shows_what_was_typed_and_carries_it_on(town: Town) -> None:
    number = await claimed(town)
    clerk = await town.enter("clerk")
    seen = version((await clerk.get(f"/window/{number}")).text)
    async with town.database.transaction(REGION) as tx:
        case = await town.look(number)
        report = Report(agency="approval-bureau", kind="window", status="registered", event="bureau-registered")
        await component_changed(tx, town.office, REGION, case.row.id, report)
    fields = {"ground": "false-documents", "reasons": "公章与登记不符"}
    answer = await clerk.post(f"/window/{number}/not-accept", version=seen, **fields)
    assert answer.status_code == 409
    said = words(answer.text)
    assert f"{number}，您打开的是第 {seen} 版" in said
    assert "没有丢：“公章与登记不符”" in said
    assert "什么也没改" in said
    again = await clerk.post(f"/window/{number}/not-accept", carry="1", version=seen, **fields)
    assert again.status_code == 200
    assert "公章与登记不符" in again.text
    done = await clerk.post(f"/window/{number}/not-accept", version=version(again.text), **fields)
    assert done.status_code == 303


async def test_of_two_clerks_at_once_one_accepts_and_the_other_is_told_who_holds_it(town: Town) -> None:
    number = await town.case()
    first, second = await town.enter("clerk"), await town.enter("colleague")
    await first.click(f"/window/{number}/claim")
    refused = await second.post(f"/window/{number}/accept")
    assert refused.status_code == 409
    said = words(refused.text)
    assert "clerk（虚构） 自" in said
    assert "claim" not in said
    assert f"/window/{number}/take-over" in refused.text
    assert (await first.post(f"/window/{number}/accept")).status_code == 303


async def test_a_case_is_taken_over_with_a_reason_that_stays_on_record(town: Town) -> None:
    number = await claimed(town)
    colleague = await town.enter("colleague")
    form = (await colleague.get(f"/window/{number}/take-over")).text
    assert "clerk（虚构）" in words(form)
    shown = await colleague.click(f"/window/{number}/claim", version=version(form), take_over="同事请病假")
    assert "您认领于" in shown.text
    assert {"take_over": True} in await town.audit("claim")


async def test_a_role_that_may_not_is_told_so(town: Town) -> None:
    number = await town.case()
    manager = await town.enter("manager")
    assert (await manager.post(f"/window/{number}/accept")).status_code == 403
    assert (await manager.get(f"/window/{number}/nonsense")).status_code == 404
    assert (await manager.post(f"/window/{number}/nonsense")).status_code == 404


async def test_another_site_can_do_nothing_here(town: Town) -> None:
    number = await town.case()
    clerk = await town.enter("clerk")
    clerk.csrf = "forged"
    assert (await clerk.post(f"/window/{number}/claim")).status_code == 403


# Handing out


async def ready(town: Town) -> str:
    number = await town.case("granted")
    case = await town.look(number)
    async with town.database.transaction(REGION) as tx:
        granted = Report(agency="police", kind="residence_permit", status="granted", event="police-granted")
        await component_changed(tx, town.office, REGION, case.row.id, granted)
    return number


async def test_a_posted_result_needs_its_tracking_number(town: Town) -> None:
    number = await ready(town)
    clerk = await town.enter("clerk")
    answer = await clerk.post(f"/window/{number}/hand-out", who="other", to="王五", how="post")
    assert answer.status_code == 400
    assert "邮寄请填运单号" in answer.text
    assert 'value="王五"' in answer.text
    shown = await clerk.click(f"/window/{number}/hand-out", who="other", to="王五", how="post", tracking="SF1")
    assert "已发证" in words(shown.text)


async def test_the_agent_on_record_is_named_by_a_click(town: Town) -> None:
    number = await ready(town)
    clerk = await town.enter("clerk")
    form = (await clerk.get(f"/window/{number}/hand-out")).text
    fields = {"who": "agent", "agent": "样例", "holder": "SPECIMENOV", "how": "window"}
    await clerk.click(f"/window/{number}/hand-out", version=version(form), **fields)
    given = (await town.look(number)).row.hand_out
    assert given
    assert (given.to, given.how) == ("样例", "window")


async def test_next_and_previous_lead_through_the_cases_in_hand(town: Town) -> None:
    first, second = await claimed(town), await claimed(town)
    clerk = await town.enter("clerk")
    assert (await clerk.get(f"/window/{first}/next")).headers["location"] == f"/window/{second}"
    assert (await clerk.get(f"/window/{second}/previous")).headers["location"] == f"/window/{first}"
    assert (await clerk.get(f"/window/{second}/next")).headers["location"].startswith("/window/?here=")


async def test_what_others_did_since_ones_last_look_stands_on_top(town: Town) -> None:
    number = await claimed(town)
    clerk = await town.enter("clerk")
    await clerk.get(f"/window/{number}")
    case = await town.look(number)
    async with town.database.transaction(REGION) as tx:
        report = Report(agency="approval-bureau", kind="window", status="registered", event="bureau-registered")
        await component_changed(tx, town.office, REGION, case.row.id, report)
    shown = words((await clerk.get(f"/window/{number}")).text)
    assert "您上次查看" in shown
    assert "审批局登记" in shown.partition("您上次查看")[2][:80]
