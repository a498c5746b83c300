"""Documents: committed to after the notice, or uploaded one by one; a bad file stops nothing else."""

import hashlib

import httpx
import pytest

from permits.rules import commitments, law
from tests.files.uploads import pdf, picture
from tests.web.portal_browser import Browser, Files, form_of

KIND = "no-criminal-record"


def one(data: bytes, name: str = "scan.pdf", media: str = "application/pdf") -> Files:
    """A file as a form sends it."""
    return {"file": (name, data, media)}


@pytest.fixture
async def case(agent: Browser) -> str:
    """The address of a draft in category B, whose employer may commit."""
    address = await agent.begin()
    await agent.fill(address)
    return address


async def put(agent: Browser, page: str, files: Files, **change: str) -> httpx.Response:
    """Upload a file on a document's page."""
    return await agent.send(page, {"way": "upload"} | change, files=files)


async def test_the_notice_stands_in_full_before_the_first_commitment(agent: Browser, case: str) -> None:
    page = await agent.get(f"{case}/documents/{KIND}")
    text = law.load()
    notice = commitments.notice(text, "issue-in-china", __import__("permits.clock").clock.today(), "321200")
    for heading, body in notice.sections:
        assert heading.zh in page
        assert body.zh in page
    assert "无犯罪记录证明告知承诺书" in page


async def test_a_commitment_wants_every_statement_and_a_signer_and_says_so_at_once(agent: Browser, case: str) -> None:
    answer = await agent.send(f"{case}/documents/{KIND}", {"way": "commit", "answers.known": "true"}, files={})
    assert answer.status_code == 400
    for name in ("answers-meets", "answers-verification", "answers-foreigner", "signed_by"):
        assert f'href="#{name}"' in answer.text
    kept = form_of(answer.text, f"{case}/documents/{KIND}")
    assert kept["answers.known"] == ["true"]
    assert kept["way"] == ["commit"]


async def test_a_signed_commitment_stands_in_place_of_the_document(agent: Browser, case: str) -> None:
    affirmed = {f"answers.{key}": "true" for key in ("known", "meets", "verification", "foreigner")}
    done = await agent.send(
        f"{case}/documents/{KIND}", {"way": "commit", "signed_by": "陈立", "then": "leave"} | affirmed
    )
    assert done.headers["location"] == case
    assert "已承诺" in await agent.get(case)


async def test_a_way_that_is_closed_says_why(agent: Browser) -> None:
    address = await agent.begin()
    page = await agent.get(f"{address}/documents/{KIND}")
    assert "ow-way--shut" in page
    assert "确定类别后，方可知道能否承诺" in page


async def test_an_upload_shows_when_it_came_its_size_and_its_digest(agent: Browser, case: str) -> None:
    data = pdf(3)
    done = await put(agent, f"{case}/documents/contract", one(data, "合同.pdf"))
    assert done.status_code == 303
    page = await agent.get(f"{case}/documents/contract")
    digest = hashlib.sha256(data).hexdigest()
    assert digest[:8] in page
    assert "3 页" in page
    kept = await agent.client.get(f"{case}/documents/contract/file")
    assert kept.content == data
    assert kept.headers["content-disposition"].startswith("attachment")
    assert (await agent.client.get(f"{case}/documents/contract/page.png")).headers["content-type"] == "image/png"


async def test_one_bad_file_is_refused_beside_its_field_and_blocks_no_other(agent: Browser, case: str) -> None:
    wrong = await put(agent, f"{case}/documents/contract", one(b"MZ" + b"0" * 500, "contract.exe"))
    assert wrong.status_code == 400
    assert 'href="#file"' in wrong.text
    assert (await put(agent, f"{case}/documents/photo", one(picture(), "me.jpg", "image/jpeg"))).status_code == 303


async def test_a_file_that_is_too_large_is_told_the_limit(agent: Browser, case: str) -> None:
    answer = await put(agent, f"{case}/documents/contract", one(b"%PDF-" + b"0" * 11 * 2**20))
    assert answer.status_code == 413
    assert "最多 10 MB" in answer.text


async def test_a_picture_that_is_hard_to_read_is_taken_with_a_word_about_it(agent: Browser, case: str) -> None:
    answer = await put(agent, f"{case}/documents/photo", one(picture(size=(300, 400)), "me.jpg", "image/jpeg"))
    assert answer.status_code == 200
    assert "分辨率较低" in answer.text
    assert "已收到" in answer.text


async def test_without_a_choice_or_a_file_nothing_is_saved(agent: Browser, case: str) -> None:
    page = f"{case}/documents/{KIND}"
    assert "请选一种办法" in (await agent.send(page, {})).text
    assert "请选一个文件" in (await agent.send(page, {"way": "upload"})).text


async def test_a_document_can_be_replaced(agent: Browser, case: str) -> None:
    page = f"{case}/documents/contract"
    await put(agent, page, one(pdf(1)))
    await put(agent, page, one(pdf(2)))
    assert "2 页" in await agent.get(page)


async def test_a_commitment_after_the_case_changed_is_read_again_first(agent: Browser, case: str) -> None:
    page = await agent.get(f"{case}/documents/{KIND}")
    await agent.send(f"{case}/contact", {"employer.contact_name": "王芳"})
    affirmed = {f"answers.{key}": "true" for key in ("known", "meets", "verification", "foreigner")}
    answer = await agent.send(f"{case}/documents/{KIND}", {"way": "commit", "signed_by": "陈立"} | affirmed, page=page)
    assert answer.status_code == 409
    assert form_of(answer.text, f"{case}/documents/{KIND}")["signed_by"] == ["陈立"]


async def test_what_the_office_has_is_not_asked_for(agent: Browser, case: str) -> None:
    assert "不用交，我们已有或自己去查" in await agent.get(case)
    assert (await agent.client.get(f"{case}/documents/employer-registration")).status_code == 404
