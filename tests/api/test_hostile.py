"""What a hostile or careless caller of the JSON interface meets: a plain refusal that says why, never a broken one."""

import json

import aiohttp
import pytest

from tests.api.test_applications import drafted, supplied
from tests.cases.samples import application
from tests.files.uploads import pdf
from tests.serving import Answer, Caller, Serving

COMMITMENT = {"document": "experience", "text_version": 1, "answers": {}, "signed_by": "  "}


def pointers(answer: Answer) -> list[str]:
    assert answer.status == 400, answer.body
    return [error["pointer"] for error in answer.body["errors"]]


def upload(*files: bytes) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("kind", "passport")
    for content in files:
        form.add_field("file", content, filename="passport.pdf", content_type="application/pdf")
    return form


async def submitted(service: Serving, employer: Caller) -> str:
    number = await drafted(employer)
    await supplied(employer, number)
    assert (await employer.post(f"/api/v1/applications/{number}/submit", Idempotency_Key="once")).status == 200
    return number


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("beneficiary", "passport_number", "X12345678\n"),
        ("employer", "name", "泰州\u202e公司"),
        ("employer", "name", "   "),
        ("beneficiary", "surname", "  "),
        ("employment", "position", "厨师\x07"),
    ],
)
async def test_characters_that_nobody_sees_are_refused_where_they_stand(
    service: Serving, part: str, name: str, value: str
) -> None:
    body = application()
    body[part][name] = value
    answer = await (await service.caller("employer")).post("/api/v1/applications", body)
    assert pointers(answer) == [f"/{part}/{name}"]


async def test_text_that_no_database_keeps_is_named_with_everything_else_that_is_wrong(service: Serving) -> None:
    employer = await service.caller("employer")
    body = application()
    body["employer"]["name"], body["employment"]["position"] = "公司\0", "厨师\ud800"
    body["employment"]["months_per_year"] = 13
    sent = json.dumps(body).encode()
    answer = await employer.post("/api/v1/applications", sent, Content_Type="application/json")
    assert pointers(answer) == ["/employer/name", "/employment/position", "/employment/months_per_year"]


async def test_a_body_that_calls_itself_anything_but_json_is_refused(service: Serving) -> None:
    employer, body = await service.caller("employer"), json.dumps(application()).encode()
    for media_type, status in (
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/ld+json", 201),
    ):
        answer = await employer.post("/api/v1/applications", body, Content_Type=media_type)
        assert answer.status == status
    path = f"/api/v1/applications/{answer.body['number']}"
    assert (await employer.call("PATCH", path, b"{}", If_Match="1", Content_Type="text/plain")).status == 415


async def test_a_version_that_is_no_number_is_refused(service: Serving) -> None:
    employer = await service.caller("employer")
    path = f"/api/v1/applications/{await drafted(employer)}"
    for version in ("²", "x", "*", "-1"):
        assert pointers(await employer.call("PATCH", path, {}, If_Match=version)) == ["/version"]


async def test_text_that_the_database_cannot_hold_is_refused(service: Serving) -> None:
    clerk = await service.caller("clerk")
    for path in ("/api/v1/cases?q=%00", "/api/v1/permits/%00", "/api/v1/applications/%00"):
        assert (await clerk.get(path)).status in (400, 404), path


async def test_two_files_in_one_upload_are_refused(service: Serving) -> None:
    employer = await service.caller("employer")
    path = f"/api/v1/applications/{await drafted(employer)}/documents"
    assert pointers(await employer.post(path, upload(pdf(), pdf()))) == ["/file"]
    assert pointers(await employer.post(path, upload())) == ["/file"]


async def test_a_request_that_is_too_large_is_told_its_limit_once_it_has_been_sent(service: Serving) -> None:
    employer = await service.caller("employer")
    path = f"/api/v1/applications/{await drafted(employer)}/documents"
    for size in (10_600_000, 13_000_000, 20_000_000):
        answer = await employer.post(path, upload(pdf() + b"\n" * size))
        assert (answer.status, answer.body["type"]) == (413, "urn:one-window:problem:too-large")
        assert answer.body["max_bytes"] > 10_000_000


async def test_a_commitment_that_nobody_signed_is_refused(service: Serving) -> None:
    employer = await service.caller("employer")
    path = f"/api/v1/applications/{await drafted(employer)}/commitments"
    assert pointers(await employer.post(path, COMMITMENT)) == ["/signed_by"]


async def test_a_key_used_before_is_a_conflict_even_where_the_new_body_is_wrong(service: Serving) -> None:
    employer = await service.caller("employer")
    number = await submitted(service, employer)
    again = await employer.post(f"/api/v1/applications/{number}/submit", {"x": 1}, Idempotency_Key="once")
    assert (again.status, again.body["type"]) == (409, "urn:one-window:problem:idempotency-key-reused")
    fresh = await employer.post(f"/api/v1/applications/{number}/submit", {"x": 1})
    assert pointers(fresh) == ["/x"]


async def test_an_upload_asked_again_gets_its_answer_after_the_case_has_moved_on(service: Serving) -> None:
    employer = await service.caller("employer")
    number = await drafted(employer)
    path, kind = f"/api/v1/applications/{number}", "multipart/form-data; boundary=edge"
    fields = (('name="kind"', b"passport"), ('name="file"; filename="passport.pdf"', pdf()))
    parts = [f"--edge\r\nContent-Disposition: form-data; {of}\r\n\r\n".encode() + value for of, value in fields]
    body = b"\r\n".join([*parts, b"--edge--\r\n"])
    sent = {"Content_Type": kind, "Idempotency_Key": "scan"}
    first = await employer.post(f"{path}/documents", body, **sent)
    await supplied(employer, number)
    await employer.post(f"{path}/submit")
    assert (first.status, (await employer.post(f"{path}/documents", body, **sent)).raw) == (201, first.raw)


async def test_a_correction_names_a_field_or_a_document_of_the_case(service: Serving) -> None:
    employer, clerk = await service.caller("employer"), await service.caller("clerk")
    number = await submitted(service, employer)
    await clerk.post(f"/api/v1/cases/{number}/claim")
    items = [
        {"text": "x", "pointer": "/employer/shoe_size"},
        {"text": "x", "document": "horoscope"},
        {"text": "x"},
        {"text": "x", "pointer": "/employer/name"},
    ]
    answer = await clerk.post(f"/api/v1/cases/{number}/request-correction", {"items": items})
    assert pointers(answer) == ["/items/0/pointer", "/items/1/document", "/items/2"]


async def test_figures_of_a_city_that_one_does_not_manage_are_not_shown(service: Serving) -> None:
    manager, path = await service.caller("manager"), "/api/v1/statistics/valid-permits"
    assert (await manager.get(f"{path}?region=321200")).body["total"] == 0
    assert (await manager.get(f"{path}?region=110000")).status == 403
    assert pointers(await manager.get(f"{path}?region=x")) == ["/region"]


async def test_an_employer_is_found_by_its_code_however_it_is_typed(service: Serving) -> None:
    employer, clerk = await service.caller("employer"), await service.caller("clerk")
    number = await submitted(service, employer)
    code = application()["employer"]["credit_code"]
    found = await clerk.post("/api/v1/cases/search", {"employer": f" {code.lower()} "})
    assert [line["number"] for line in found.body["items"]] == [number]
    assert pointers(await clerk.post("/api/v1/cases/search", {"name": "  "})) == ["/name"]
