"""The agencies' board: what it shows, what is done from it, and by whom."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from integrations.police.adapter import status_request
from integrations.signing import ensure_keys
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.db.ids import new_id
from permits.routing import dead_letters, evidence, reconciling, why, writing
from permits.routing.model import Stream
from permits.settings import settings
from tests.cases.samples import REGION
from tests.files.uploads import pdf
from tests.web.desks import Person, Town, town_of, words
from tests.web.shapes import shape

GRANTED = {"number": "R1234567", "valid_until-year": "2028", "valid_until-month": "3", "valid_until-day": "1"}


@pytest.fixture
async def town(database: Database, keys: Keys, tmp_path: Path) -> AsyncIterator[Town]:
    """The office with its people."""
    async with town_of(database, keys, tmp_path) as found:
        yield found


async def whole(person: Person, path: str, lang: str = "zh") -> str:
    """A page that is well formed; its text."""
    answer = await person.get(path, lang)
    assert answer.status_code == 200, (path, answer.status_code, words(answer.text)[:400])
    read = shape(answer.text)
    assert read.refused == []
    assert len(read.ids) == len(set(read.ids))
    return answer.text


async def enter(person: Person, case: str, *, scan: bytes | None = None, **fields: str) -> str:
    """Enter the grant of a residence permit that came on paper; the text of the answer."""
    sent = {"csrf": person.csrf, "reasons": "公安系统停用，纸质送达", **GRANTED, **fields}
    files = {"file": ("答复.pdf", scan, "application/pdf")} if scan else {"file": ("", b"", "application/pdf")}
    answer = await person.client.post(f"/agencies/{case}/paper?answer=police/granted", data=sent, files=files)
    return answer.headers.get("location", "") or answer.text


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_board_is_whole_in_both_languages_and_closed_to_others(town: Town, lang: str) -> None:
    await town.case("accepted")
    text = await whole(await town.enter("clerk"), "/agencies/", lang)
    assert ("现在对账" if lang == "zh" else "Compare books now") in text
    for name in ("manager", "employer", "legal"):
        assert (await (await town.enter(name)).get("/agencies/")).status_code == 403


async def test_the_board_loads_itself_again_only_for_whoever_wants_that(town: Town) -> None:
    clerk = await town.enter("clerk")
    assert "refresh" not in (await clerk.get("/agencies/")).headers
    assert (await clerk.get("/agencies/?every=15")).headers["refresh"] == "15"


async def test_a_comparison_is_begun_by_a_button_and_shown_as_it_goes(town: Town) -> None:
    clerk = await town.enter("clerk")
    assert "还没有对过账" in await whole(clerk, "/agencies/")
    after = await clerk.click("/agencies/reconcile")
    assert "已经去问对方" in words(after.text)
    assert "正在问对方" in words(after.text)
    assert len(await town.audit("reconcile")) == 1
    await reconciling.advance(town.database, town.office, REGION)
    assert "核对项" in await whole(clerk, "/agencies/")


async def put_aside(town: Town, number: str) -> str:
    """A message of a case that the police refused for good; its id."""
    case = await town.look(number)
    async with town.database.transaction(REGION) as tx:
        of, agency = Stream(REGION, case.row.id, "police"), writing.agency_of("police")
        made = await writing.queue(tx, town.office, agency, of, number, "status-request", status_request())
        await tx.execute("UPDATE message SET status = 'quarantined' WHERE id = $1", made)
        said = why.of_answer("400", b"{}")
        await dead_letters.put_aside(tx, REGION, made, case.row.id, "police", "out", "status-request", said)
    return str(made)


async def test_a_message_put_aside_is_looked_at_mended_or_settled_with_a_reason(town: Town) -> None:
    number = await town.case("accepted")
    clerk, id_ = await town.enter("clerk"), await put_aside(town, number)
    assert "对方退回（400），没有说明理由。" in await whole(clerk, "/agencies/")
    assert "They refused it (400) without a reason." in await whole(clerk, "/agencies/", "en")
    shown = await whole(clerk, f"/agencies/messages/{id_}")
    assert "改后重发" in shown
    assert len(await town.audit("message-look")) == 1
    refused = await clerk.post(f"/agencies/messages/{id_}/mend", body='{"missing": "x"}', reasons="改")
    assert refused.status_code == 400
    assert "{&#34;missing&#34;: &#34;x&#34;}" in refused.text
    refused = await clerk.post(f"/agencies/messages/{id_}/settle", reasons="")
    assert refused.status_code == 400
    after = await clerk.click(f"/agencies/messages/{id_}/mend", body='{"missing": [1]}', reasons="对方要求")
    assert "对方退回" not in after.text
    assert "改后重发" in await whole(clerk, f"/agencies/messages/{id_}")
    again = await clerk.post(f"/agencies/messages/{id_}/settle", reasons="再处理")
    assert again.status_code == 409


async def test_a_paper_answer_takes_two_people_and_its_scan(town: Town) -> None:
    number = await town.case("granted")
    clerk, reviewer = await town.enter("clerk"), await town.enter("reviewer")
    assert "录入纸质答复" in await whole(clerk, f"/window/{number}/messages")
    await whole(clerk, f"/agencies/{number}/paper")
    scan = pdf(1)
    assert await enter(clerk, number, scan=scan) == "/agencies/?done=entered"
    async with town.database.transaction(REGION) as tx:
        id_ = await tx.fetchval("SELECT id FROM stand_in")
    assert f"/agencies/paper/{id_}" in await whole(reviewer, "/agencies/")
    own = await whole(clerk, f"/agencies/paper/{id_}")
    assert "要由另一个人确认" in own
    assert "R1234567" in own
    assert (await clerk.post(f"/agencies/paper/{id_}/confirm")).status_code == 409
    picture = await reviewer.get(f"/agencies/paper/{id_}/1.png")
    assert picture.headers["content-type"] == "image/png"
    assert (await reviewer.get(f"/agencies/paper/{id_}/file")).content == scan
    after = await reviewer.click(f"/agencies/paper/{id_}/confirm")
    assert "已确认" in words(after.text)
    assert (await town.look(number)).status("residence_permit") == "granted"
    assert "已确认" in await whole(reviewer, f"/window/{number}/messages")


async def test_what_is_missing_in_a_paper_answer_is_named_at_once_and_nothing_typed_is_lost(town: Town) -> None:
    number = await town.case("granted")
    clerk = await town.enter("clerk")
    page = await enter(clerk, number, number="R7654321", reasons="", **{"valid_until-day": "32"})
    text = words(page)
    assert 'value="R7654321"' in page
    assert "日期要按年、月、日填写" in text
    assert "请写明为什么代录" in text
    assert "请上传纸质答复的扫描件" in text
    assert await enter(clerk, number, scan=b"not a document") != "/agencies/?done=entered"


async def test_a_cases_evidence_is_saved_from_its_page_by_the_window_alone(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure_keys(tmp_path / "agencies")
    monkeypatch.setenv("PERMITS_AGENCY_KEYS", str(tmp_path / "agencies"))
    settings.cache_clear()
    number = await town.case("accepted")
    clerk, reviewer = await town.enter("clerk"), await town.enter("reviewer")
    place = f"/agencies/{number}/evidence/file"
    assert (await clerk.get(place)).status_code == 409
    assert (await reviewer.get(place)).status_code == 403
    case = await town.look(number)
    async with town.database.transaction(REGION) as tx:
        of, agency = Stream(REGION, case.row.id, "police"), writing.agency_of("police")
        made = await writing.queue(tx, town.office, agency, of, number, "status-request", status_request())
        proof = evidence.Proof(None, "paper", b"scan")
        sent = evidence.Exchanged(of, "out", made, b"{}", None, proof)
        await evidence.record(tx, town.office.keys, sent)
    assert place in await whole(clerk, f"/window/{number}/messages")
    assert place not in await whole(reviewer, f"/window/{number}/messages")
    saved = await clerk.get(place)
    assert (saved.status_code, saved.headers["content-type"]) == (200, "application/zip")
    assert saved.content.startswith(b"PK")
    settings.cache_clear()


async def test_a_paper_answer_names_all_that_is_to_be_corrected_at_once(town: Town) -> None:
    number = await town.case("review")
    clerk, reviewer = await town.enter("clerk"), await town.enter("reviewer")
    path = f"/agencies/{number}/paper?answer=police/correction-wanted"
    assert "补正第 3 项" in words(await whole(clerk, path))
    sent = {"csrf": clerk.csrf, "reasons": "纸质送达", "document-1": "photo", "text-1": "请换照片"}
    sent |= {"document-5": "photo"}
    scan = {"file": ("答复.pdf", pdf(1), "application/pdf")}
    refused = await clerk.client.post(path, data=sent, files=scan)
    assert refused.status_code == 400
    assert 'href="#text-5"' in refused.text
    assert "<details" in refused.text.partition("补正第 4 项")[0]
    sent |= {"text-5": "照片要白底", "document-2": "passport", "text-2": "缺签证页"}
    entered = await clerk.client.post(path, data=sent, files=scan)
    assert entered.headers["location"] == "/agencies/?done=entered"
    async with town.database.transaction(REGION) as tx:
        id_ = await tx.fetchval("SELECT id FROM stand_in")
    text = words(await whole(reviewer, f"/agencies/paper/{id_}", "en"))
    assert "Correction 3" in text
    await reviewer.click(f"/agencies/paper/{id_}/confirm")
    assert [(one.document, one.text) for one in (await town.look(number)).unanswered()] == [
        ("photo", "请换照片"), ("passport", "缺签证页"), ("photo", "照片要白底")
    ]  # fmt: skip


async def test_a_difference_is_settled_with_a_reason(town: Town) -> None:
    number = await town.case("accepted")
    case = await town.look(number)
    run, task = new_id(), new_id()
    async with town.database.transaction(REGION) as tx:
        await tx.execute(
            "INSERT INTO reconciliation (region, id, agency, started_at, finished_at, cases, checks, differences)"
            " VALUES ($1, $2, 'police', now(), now(), 1, 3, 1)",
            REGION,
            run,
        )
        await tx.execute(
            "INSERT INTO difference (region, id, run_id, agency, case_id, case_number, field, ours, theirs, found_at,"
            " seen_in, state) VALUES ($1, $2, $3, 'police', $4, $5, 'state', 'received', 'granted', now(), $3, 'open')",
            REGION,
            task,
            run,
            case.row.id,
            number,
        )
    clerk = await town.enter("clerk")
    assert "已签发" in await whole(clerk, "/agencies/")
    await whole(clerk, f"/agencies/differences/{task}", "en")
    refused = await clerk.post(f"/agencies/differences/{task}", reasons=" ")
    assert refused.status_code == 400
    await clerk.click(f"/agencies/differences/{task}", reasons="电话核对，以公安为准")
    assert "电话核对" in await whole(clerk, f"/agencies/differences/{task}")
