"""The JSON interface from draft to decision, over real HTTP."""

import asyncio
from typing import Any

import aiohttp

from tests.cases.samples import application
from tests.files.uploads import pdf, picture
from tests.serving import Answer, Caller, Serving


async def drafted(employer: Caller, seed: int = 1, **employment: Any) -> str:
    made = await employer.post("/api/v1/applications", application(seed, **employment))
    assert made.status == 201, made.body
    return str(made.body["number"])


async def supplied(employer: Caller, number: str) -> None:
    case = (await employer.get(f"/api/v1/applications/{number}")).body
    for document in case["documents"]:
        if document["status"] == "wanted":
            answer = await supply(employer, number, document)
            assert answer.status == 201, answer.body


async def supply(employer: Caller, number: str, document: dict[str, Any]) -> Answer:
    path = f"/api/v1/applications/{number}"
    if "commit" in document["ways"]:
        text = document["commitment"]
        answers = {question["key"]: True for question in text["questions"]}
        body = {"document": document["kind"], "text_version": text["text_version"], "answers": answers}
        return await employer.post(f"{path}/commitments", body | {"signed_by": "样例"})
    form = aiohttp.FormData()
    form.add_field("kind", document["kind"])
    content = picture() if "pdf" not in document["accepts"] else pdf()
    form.add_field("file", content, filename=f"{document['kind']}.bin", content_type="application/octet-stream")
    return await employer.post(f"{path}/documents", form)


async def test_an_application_goes_from_draft_to_permit(service: Serving) -> None:
    employer, clerk, reviewer, decider, manager = [
        await service.caller(role) for role in ("employer", "clerk", "reviewer", "decider", "manager")
    ]
    before = (await manager.get("/api/v1/statistics/valid-permits")).body["total"]
    number = await drafted(employer)
    await supplied(employer, number)
    sent = await employer.post(f"/api/v1/applications/{number}/submit", Idempotency_Key="one")
    again = await employer.post(f"/api/v1/applications/{number}/submit", Idempotency_Key="one")
    assert (sent.status, sent.raw) == (200, again.raw)
    for who, action, body in (
        (clerk, "claim", {}),
        (clerk, "accept", {}),
        (reviewer, "claim", {}),
        (reviewer, "recommend", {"outcome": "grant", "reasons": "同意"}),
        (decider, "decide", {"outcome": "grant", "reasons": "同意"}),
    ):
        answer = await who.post(f"/api/v1/cases/{number}/{action}", body)
        assert answer.status == 200, (action, answer.body)
    case = (await employer.get(f"/api/v1/applications/{number}")).body
    permit = case["components"]["work_permit"]
    assert (case["state"], permit["status"], case["waiting_on"]) == ("granted", "granted", "police")
    assert (await manager.get("/api/v1/statistics/valid-permits")).body["total"] == before + 1
    public = (await service.nobody().get(f"/api/v1/verify/{permit['verification_code']}")).body
    assert public["status"] == "valid"
    assert "SPECIMENOV" not in public["name"]
    on_register = f"/api/v1/permits/{permit['permit_number']}"
    assert (await employer.get(on_register)).body["permits"][0]["status"] == "valid"
    stranger = await service.caller("employer")
    assert (await stranger.get(on_register)).status == 404


async def test_every_wrong_field_is_named_at_once_in_the_askers_language(service: Serving) -> None:
    employer = await service.caller("employer")
    body = application()
    body["employer"]["credit_code"] = "91321200MADEMO002X"
    body["beneficiary"]["birth_date"] = "1990-13-01"
    body["beneficiary"]["nationality"] = "ZZZ"
    body["employment"]["months_per_year"] = 13
    body["employment"]["surprise"] = 1
    answer = await employer.post("/api/v1/applications", body, Accept_Language="en")
    assert answer.status == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    pointers = [error["pointer"] for error in answer.body["errors"]]
    wrong_form = {"/beneficiary/birth_date", "/employment/months_per_year", "/employment/surprise"}
    assert set(pointers) == {*wrong_form, "/employer/credit_code", "/beneficiary/nationality"}
    assert len(pointers) == 5
    assert "whole number" in answer.raw.decode()
    assert "MADEMO002X" not in answer.raw.decode()


async def test_two_clerks_at_once_get_one_200_and_one_409_that_names_the_holder(service: Serving) -> None:
    employer, first, second = [await service.caller(role) for role in ("employer", "clerk", "clerk")]
    number = await drafted(employer)
    await supplied(employer, number)
    await employer.post(f"/api/v1/applications/{number}/submit")
    path = f"/api/v1/cases/{number}/claim"
    answers = await asyncio.gather(first.post(path), second.post(path))
    assert sorted(answer.status for answer in answers) == [200, 409]
    refused = next(answer for answer in answers if answer.status == 409)
    assert refused.body["holder"]["name"]
    assert refused.body["actions"] == []


async def test_the_same_key_at_the_same_moment_is_done_once(service: Serving) -> None:
    employer = await service.caller("employer")
    number = await drafted(employer)
    await supplied(employer, number)
    path = f"/api/v1/applications/{number}/submit"
    answers = await asyncio.gather(*(employer.post(path, Idempotency_Key="same") for _ in range(5)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.raw for answer in answers}) == 1


async def test_a_change_needs_the_version_that_was_seen(service: Serving) -> None:
    employer = await service.caller("employer")
    number = await drafted(employer)
    path, change = f"/api/v1/applications/{number}", {"employment": {"position": "厨师长"}}
    assert (await employer.call("PATCH", path, change)).status == 400
    assert (await employer.call("PATCH", path, change, If_Match='"1"')).body["version"] == 2
    stale = await employer.call("PATCH", path, change, If_Match='"1"')
    assert (stale.status, stale.body["version"]) == (409, 2)


async def test_a_deleted_draft_can_be_brought_back(service: Serving) -> None:
    employer = await service.caller("employer")
    number = await drafted(employer)
    path = f"/api/v1/applications/{number}"
    assert (await employer.call("DELETE", path)).status == 204
    assert (await employer.get(path)).status == 404
    assert (await employer.post(f"{path}/restore")).body["state"] == "draft"


async def test_hostile_bodies_are_refused_and_nothing_breaks(service: Serving) -> None:
    employer = await service.caller("employer")
    for body in (b"{", b"\xff\xfe", b"[" * 5000, b'{"procedure": NaN}', b'"text"', b"null"):
        answer = await employer.post("/api/v1/applications", body, Content_Type="application/json")
        assert answer.status == 400, body[:20]
        assert answer.body["type"].startswith("urn:one-window:problem:")


async def test_without_a_token_one_is_told_how_to_sign_in(service: Serving) -> None:
    answer = await service.nobody().post("/api/v1/applications", {})
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_strangers_and_wrong_roles_are_kept_out(service: Serving) -> None:
    employer, other, manager = [await service.caller(role) for role in ("employer", "employer", "manager")]
    number = await drafted(employer)
    assert (await other.get(f"/api/v1/applications/{number}")).status == 404
    assert (await manager.get(f"/api/v1/applications/{number}")).status == 404
    assert (await manager.post("/api/v1/applications", application())).status == 403
    assert (await employer.get("/api/v1/cases")).status == 403
