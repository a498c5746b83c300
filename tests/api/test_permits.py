"""Permits over JSON: their versions and history, who may see them, and their end by the office."""

import datetime as dt
from typing import Any

from permits import clock
from permits.register import service as register
from permits.register.model import Granted
from permits.rules import law
from tests.register.samples import REGION, a_grant, at
from tests.serving import Caller, Serving

LAW = law.load()
DAY = dt.timedelta(days=1)


async def granted(service: Serving, person: int = 1, **changes: Any) -> Granted:
    today = clock.today()
    usual = {"valid_from": today - 100 * DAY, "valid_until": today + 200 * DAY, "recorded": at(today - 110 * DAY)}
    async with service.database.transaction(REGION) as tx:
        return await register.grant(tx, LAW, service.keys, a_grant(person, **usual | changes))


def end(**changes: Any) -> dict[str, Any]:
    return {"effective": str(clock.today()), "ground": "employment-ended", "reasons": "聘用关系已经终止"} | changes


async def status(service: Serving, made: Granted) -> str:
    return str((await service.nobody().get(f"/api/v1/verify/{made.verification_code}")).body["status"])


async def test_staff_see_a_permit_with_its_versions_history_and_licence(service: Serving) -> None:
    made, clerk = await granted(service, decider="甲"), await service.caller("clerk")
    found = (await clerk.get(f"/api/v1/permits/{made.permit_number.lower()}")).body
    assert (found["number"], found["status"], found["holder"]["surname"]) == (made.permit_number, "valid", "MUSTERFELD")
    assert [(v["kind"], v["version"], v["decider"]) for v in found["versions"]] == [("granted", 1, "甲")]
    assert found["versions"][0]["facts"]["position"] == "总工程师"
    checked = {"kind": "licence-identifier", "value": found["licence"]["identifier"]}
    assert (await clerk.post("/api/v1/identifiers", checked)).body["valid"]
    assert found["licence"]["version"] == "001"


async def test_who_is_no_party_learns_nothing_and_a_look_is_on_the_record(service: Serving) -> None:
    made = await granted(service)
    stranger, clerk = await service.caller("employer"), await service.caller("clerk")
    assert (await stranger.get(f"/api/v1/permits/{made.permit_number}")).status == 404
    assert (await service.nobody().get(f"/api/v1/permits/{made.permit_number}")).status == 401
    await clerk.get(f"/api/v1/permits/{made.permit_number}")
    async with service.database.transaction(REGION) as tx:
        looks = await tx.fetch("SELECT subject FROM audit WHERE action = 'permit'")
    assert [look["subject"] for look in looks] == [made.permit_number]


async def test_a_clerk_cancels_a_permit_once_and_everybody_can_verify_it(service: Serving) -> None:
    made, clerk = await granted(service), await service.caller("clerk")
    path = f"/api/v1/permits/{made.permit_number}/cancel"
    first = await clerk.post(path, end(), Idempotency_Key="one")
    again = await clerk.post(path, end(), Idempotency_Key="one")
    assert (first.status, first.raw) == (200, again.raw)
    assert (first.body["status"], first.body["history"][-1]["ground"]["key"]) == ("cancelled", "employment-ended")
    assert await status(service, made) == "cancelled"
    assert (await clerk.post(path, end())).status == 409
    [letter] = first.body["history"][-1]["letters"]
    assert (letter["kind"], letter["number"][:4]) == ("direct-cancellation", "泰科外注")
    assert (await clerk.get(letter["href"])).raw.startswith(b"%PDF-")
    stranger = await service.caller("employer")
    assert (await stranger.get(letter["href"])).status == 404


async def test_a_cancellation_names_everything_wrong_at_once(service: Serving) -> None:
    made, clerk = await granted(service), await service.caller("clerk")
    path = f"/api/v1/permits/{made.permit_number}/cancel"
    wrong = [({}, {"/effective", "/ground", "/reasons"}),
             ({"effective": "soon", "ground": "no-such", "reasons": " "}, {"/effective", "/ground", "/reasons"}),
             (end(ground="false-documents"), {"/ground"}), (end(more=1), {"/more"}),
             (end(effective=str(clock.today() + 300 * DAY)), {"/effective"}),
             (end(effective="2001-01-01"), {"/effective"}),
             (end(verification_code="3212-X"), {"/verification_code"})]  # fmt: skip
    for body, pointers in wrong:
        answer = await clerk.post(path, body)
        assert (answer.status, {error["pointer"] for error in answer.body["errors"]}) == (400, pointers), body
    assert await status(service, made) == "valid"


async def test_only_a_clerk_cancels_and_only_what_is_in_the_register(service: Serving) -> None:
    made = await granted(service)
    for role in ("reviewer", "decider", "employer", "manager"):
        caller: Caller = await service.caller(role)
        assert (await caller.post(f"/api/v1/permits/{made.permit_number}/cancel", end())).status == 403
    clerk = await service.caller("clerk")
    assert (await clerk.post("/api/v1/permits/321200000001X/cancel", end())).status == 404


async def test_who_holds_two_permits_in_force_is_asked_which(service: Serving) -> None:
    made, other = await granted(service), await granted(service, employer_code="9132120000000001XX")
    clerk, path = await service.caller("clerk"), f"/api/v1/permits/{made.permit_number}/cancel"
    assert (await clerk.post(path, end())).body["errors"][0]["pointer"] == "/verification_code"
    assert (await clerk.post(path, end(verification_code=other.verification_code))).status == 200
    assert [await status(service, one) for one in (made, other)] == ["valid", "cancelled"]


async def test_revoking_opens_a_case_of_its_own(service: Serving) -> None:
    made, clerk, manager = await granted(service), await service.caller("clerk"), await service.caller("manager")
    path = f"/api/v1/permits/{made.permit_number}/revoke"
    assert (await manager.post(path, end(ground="false-documents"))).status == 403
    assert (await clerk.post(path, end())).body["errors"][0]["pointer"] == "/ground"
    opened = await clerk.post(path, end(ground="false-documents"), Idempotency_Key="one")
    again = await clerk.post(path, end(ground="false-documents"), Idempotency_Key="one")
    assert (opened.status, opened.raw) == (202, again.raw)
    case = (await clerk.get(f"/api/v1/applications/{opened.body['number']}")).body
    assert (case["procedure"], case["state"], case["permit"]["number"]) == ("revoke", "accepted", made.permit_number)
    assert await status(service, made) == "valid"


async def test_a_registration_error_is_proposed_by_one_and_confirmed_by_another(service: Serving) -> None:
    made, clerk, other = await granted(service), await service.caller("clerk"), await service.caller("reviewer")
    path = f"/api/v1/permits/{made.permit_number}/corrections"
    body = {"facts": {"category": "A", "surname": "MUSTERFELDT"}, "reasons": "录入有误"}
    proposed = await clerk.post(path, body)
    assert proposed.status == 201
    before = (await clerk.get(f"/api/v1/permits/{made.permit_number}")).body
    assert (before["category"], [one["id"] for one in before["corrections"]]) == ("B", [proposed.body["id"]])
    confirm = f"{path}/{proposed.body['id']}/confirm"
    assert (await clerk.post(confirm)).status == 403
    after = await other.post(confirm)
    assert (after.status, after.body["category"], after.body["holder"]["surname"]) == (200, "A", "MUSTERFELDT")
    assert (after.body["history"][-1]["kind"], after.body["corrections"]) == ("corrected", [])
    assert (await other.post(confirm)).status == 404


async def test_a_correction_names_everything_wrong_and_one_that_is_stale_is_not_written(service: Serving) -> None:
    made, clerk, other = await granted(service), await service.caller("clerk"), await service.caller("decider")
    path = f"/api/v1/permits/{made.permit_number}/corrections"
    wrong = {"facts": {"nationality": "QQQ", "employer_code": "91321200000000000X", "district": "110101"}}
    answer = await clerk.post(path, wrong | {"reasons": "x"})
    pointers = {error["pointer"] for error in answer.body["errors"]}
    assert pointers == {"/facts/nationality", "/facts/district"}
    same = await clerk.post(path, {"facts": {"category": "B"}, "reasons": "x"})
    assert same.body["errors"][0]["pointer"] == "/facts"
    days = await clerk.post(path, {"facts": {"valid_until": "2001-01-01"}, "reasons": "x"})
    assert days.body["errors"][0]["pointer"] == "/facts/valid_until"
    first, second = [
        (await clerk.post(path, {"facts": {"position": word}, "reasons": "x"})).body["id"] for word in ("甲", "乙")
    ]
    assert (await other.post(f"{path}/{first}/confirm")).status == 200
    assert (await other.post(f"{path}/{second}/confirm")).status == 409
    assert (await other.post(f"{path}/{second}/drop")).body["corrections"] == []
    manager = await service.caller("manager")
    assert (await manager.post(path, {"facts": {"category": "A"}, "reasons": "x"})).status == 403
