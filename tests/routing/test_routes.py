"""The routes as data fit what the code knows, and say what goes where when a case ends otherwise than by a grant."""

import jsonschema
import msgspec
import pytest

from integrations.agencies import AGENCIES
from integrations.documents import json_schema, messages
from permits.letters.facts import EVENT_OF, LETTERS_OF
from permits.routing.model import WHEN, entry_of
from permits.routing.outgoing import BODIES, STEPS
from permits.rules import law
from permits.rules.routing import Route
from permits.settings import settings
from permits.subscriptions import SUBSCRIBERS, SUBSCRIPTIONS
from tests.routing.bench import Bench, Writer

ROUTES = law.load().every(Route)


def test_every_route_names_a_message_of_its_agency_that_we_can_write() -> None:
    assert {(route.agency, route.message) for route in ROUTES} == set(BODIES)
    for route in ROUTES:
        assert route.message in AGENCIES[route.agency].to_agency
        assert set(route.when) <= WHEN.keys()


def test_every_event_that_a_route_or_a_letter_waits_for_is_subscribed() -> None:
    for event in {event for route in ROUTES for event in route.on}:
        kind, _, letter = event.partition("/")
        assert "routing" in SUBSCRIPTIONS[kind]
        assert not letter or letter in EVENT_OF
    assert {kind for kind, names in SUBSCRIPTIONS.items() if "letters" in names} == set(LETTERS_OF)
    assert {name for names in SUBSCRIPTIONS.values() for name in names} == set(SUBSCRIBERS)


def test_every_step_that_the_bureau_is_told_has_a_name() -> None:
    for route in ROUTES:
        if route.message == "progress":
            assert {entry_of(moment) for moment in route.on} <= STEPS.keys()


async def test_a_refusal_stops_the_police_and_closes_at_the_bureau_once(bench: Bench) -> None:
    desk = await bench.until("refused", outcome="refuse")
    assert await bench.out(desk, "police") == ["review-package", "stop"]
    assert (await bench.out(desk, "approval-bureau"))[-1] == "closed"
    await bench.act(desk, desk.clerk, "close")
    assert await bench.out(desk, "approval-bureau") == ["register", "progress", "progress", "closed"]


async def test_a_withdrawal_after_acceptance_stops_the_police_and_closes_at_the_bureau(bench: Bench) -> None:
    desk = await bench.until("accepted")
    await bench.act(desk, desk.employer, "withdraw")
    assert await bench.out(desk, "police") == ["review-package", "stop"]
    assert await bench.out(desk, "approval-bureau") == ["register", "closed"]


async def test_a_withdrawal_before_acceptance_tells_nobody(bench: Bench) -> None:
    desk = await bench.until("submitted")
    await bench.act(desk, desk.employer, "withdraw")
    assert await bench.messages(desk) == []


async def test_special_procedures_and_longer_limits_are_told_to_the_bureau(bench: Bench) -> None:
    desk = await bench.until("review")
    await bench.act(desk, desk.reviewer, "extend-limit", working_days=5, reasons="核查")
    await bench.act(desk, desk.decider, "approve-extension")
    await bench.act(
        desk, desk.reviewer, "suspend", procedure="expert-review", expected_working_days=5, reasons="专家评审"
    )
    await bench.act(desk, desk.reviewer, "resume")
    assert await bench.out(desk, "approval-bureau") == ["register", "progress", "progress", "progress"]


async def test_the_police_may_stand_on_version_2_while_the_bureau_stands_on_1(
    bench: Bench, police: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERMITS_POLICE_SCHEMA", "2")
    settings.cache_clear()
    desk = await bench.until("accepted")
    sent = {envelope.kind: envelope for envelope in await bench.envelopes(desk)}
    assert sent["review-package"].schema == "police.residence-permit/2"
    assert set(sent["review-package"].body["person"]["name"]) <= {"primary", "secondary", "chinese"}
    assert sent["register"].schema == "approval-bureau.case-record/1"
    number = (await bench.case(desk)).row.number
    await police.write(number, 1, "received", version=2)
    await police.write(number, 2, "appointment", version=2, at="2026-12-01T09:30:00+08:00", place="大厅")
    residence = (await bench.case(desk)).component("residence_permit")
    assert residence is not None
    assert (residence.status, residence.facts["where"]) == ("appointment", "大厅")
    await police.write(number, 3, "refused", reasons="材料不实")
    assert (await bench.case(desk)).status("residence_permit") == "refused"


async def test_every_message_that_a_case_calls_for_holds_to_its_published_schema(bench: Bench) -> None:
    schemas = {(message.schema, message.kind): json_schema(message) for message in messages()}
    desk = await bench.until("granted")
    sent = await bench.envelopes(desk)
    assert {"review-package", "permit-granted", "register", "progress"} <= {envelope.kind for envelope in sent}
    for envelope in sent:
        jsonschema.validate(msgspec.to_builtins(envelope), schemas[envelope.schema, envelope.kind])


async def test_messages_follow_the_order_of_events_even_when_letters_come_late(bench: Bench) -> None:
    async with bench.desk() as desk:
        await desk.until("recommended")  # nothing was worked off meanwhile: the letter of acceptance comes last
    await bench.work_off()
    assert await bench.out(desk, "approval-bureau") == ["register", "progress"]


async def test_what_was_long_under_way_does_not_tell_of_the_end_before_the_others(
    bench: Bench, police: Writer, bureau: Writer
) -> None:
    desk = await bench.until("accepted")
    await bureau.write(desk.number, 1, "registered", unified_number="321200261126000001")  # its event stays under way
    async with bench.desk(desk):
        await desk.act(desk.reviewer, "claim")
        await desk.act(desk.reviewer, "recommend", outcome="grant", reasons="同意")
        await desk.act(desk.decider, "decide", outcome="grant", reasons="同意")
    for sequence, kind in enumerate(("received", "granted"), 1):
        more = {"number": "R1", "valid_until": "2028-03-01"} if kind == "granted" else {}
        await police.write(desk.number, sequence, kind, **more)
    async with bench.desk(desk):
        await desk.act(desk.clerk, "hand-out", to="样例", how="window")
    await bench.work_off()
    assert (await bench.out(desk, "approval-bureau"))[-2:] == ["ready-for-hand-out", "closed"]
