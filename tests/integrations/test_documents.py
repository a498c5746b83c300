"""The contract as documents: up to date, true of every message that is made, and naming all that an agency gets."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

import integrations
from integrations.agencies import AGENCIES
from integrations.approval_bureau import adapter as bureau
from integrations.contract import Body, CaseListRequest, Malformed, body_of, decode, encode, new_id, read_body, write
from integrations.documents import ASYNCAPI, Message, documents, json_schema, messages
from integrations.player import CaseNow
from integrations.police import adapter as police
from integrations.simulation import PLAYERS
from tests.integrations.agency_samples import APPLICATION, BUREAU_FACTS, CASE, CASE_FACTS, NOW, PERMIT

SCHEMAS = Path(integrations.__file__).parent / "schemas"
LICENCE = bureau.LicenceFacts(name="外国人来华工作许可", number="1", issuer="样例", valid_until=date(2028, 11, 23))
STEP = bureau.StepFacts(step="审查", person="样例", unit="样例", started=NOW, ended=NOW, passed=True)
CLOSED: dict[str, Any] = {"person": "样例", "at": NOW, "licences": [LICENCE], "region": "321200", "mailed": True}
OUT: dict[tuple[str, str], Body] = {
    ("police", "review-package"): police.review_package(CASE_FACTS),
    ("police", "permit-granted"): police.permit_granted(PERMIT),
    ("police", "stop"): police.stop("withdrawn", date(2026, 11, 24)),
    ("police", "correction-supplied"): police.correction_supplied(CASE_FACTS, {"photo": "新照片"}),
    ("police", "status-request"): police.status_request(),
    ("approval-bureau", "register"): bureau.register(BUREAU_FACTS),
    ("approval-bureau", "progress"): bureau.progress(STEP),
    ("approval-bureau", "ready-for-hand-out"): bureau.ready_for_hand_out([LICENCE]),
    ("approval-bureau", "closed"): bureau.closed(outcome="granted", **CLOSED),
    ("approval-bureau", "status-request"): bureau.status_request(),
    **{(name, "case-list-request"): CaseListRequest(after="7") for name in AGENCIES},
}
LISTED = {"cases": [{"case": CASE, "state": "received"}], "following": "8"}
PART = {"way": "to-agency", "sequence": 1, "kind": "register", "id": new_id()}
STATUS = {"state": "registered", "request": new_id(), "applied": ["register"], "parts": [PART]}


def sample(message: Message) -> Body:
    """A body of this kind, as the office or the simulator makes it."""
    if message.outward:
        return OUT[message.agency.name, message.kind]
    if message.kind in message.agency.told:
        return read_body(message.agency.told[message.kind], LISTED)
    plain = STATUS
    if message.kind != "status":
        plain = PLAYERS[message.agency.name].complete(CaseNow(number=CASE, serial=1, state="new"), message.kind, NOW)
    return read_body(message.agency.from_agency[message.kind], plain)


def envelope_of(message: Message) -> dict[str, Any]:
    """The message as its bytes say it."""
    agency = message.agency.speaking(int(message.schema.rpartition("/")[2]))
    written = write(agency, message.kind, sample(message), case=CASE, sequence=1, sent_at=NOW, id=new_id())
    found: dict[str, Any] = json.loads(encode(written))
    return found


def valid(message: Message, plain: dict[str, Any]) -> bool:
    """Whether a message holds to its schema."""
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return bool(jsonschema.Draft202012Validator(json_schema(message), format_checker=checker).is_valid(plain))


def test_the_documents_are_as_the_code_has_it() -> None:
    written = {path.relative_to(SCHEMAS).as_posix(): path.read_text() for path in SCHEMAS.rglob("*.json")}
    assert written == documents(), "run: permits contract write"


@pytest.mark.parametrize("message", list(messages()), ids=lambda message: message.name)
def test_every_message_holds_to_its_schema_and_reads_back_the_same(message: Message) -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema(message))
    plain = envelope_of(message)
    assert valid(message, plain)
    agency = message.agency
    kinds = {**agency.to_agency, **agency.asked} if message.outward else {**agency.from_agency, **agency.told}
    assert body_of(decode(json.dumps(plain).encode()), message.agency, kinds) == sample(message)


@pytest.mark.parametrize("message", list(messages()), ids=lambda message: message.name)
def test_a_schema_refuses_what_the_code_refuses(message: Message) -> None:
    plain = envelope_of(message)
    for wrong in ({"body": plain["body"] | {"salary": 1}}, {"kind": "other"}, {"sequence": 0}, {"further": 1}):
        assert not valid(message, plain | wrong)
    lacking = {name: value for name, value in plain.items() if name != "id"}
    assert not valid(message, lacking)


def test_an_item_names_a_field_or_a_document_and_never_both_in_the_schema_too() -> None:
    message = next(m for m in messages() if m.kind == "correction-wanted")
    plain = envelope_of(message)
    for item in ({"text": "x"}, {"text": "x", "pointer": "/a", "document": "photo"}):
        assert not valid(message, plain | {"body": {"items": [item]}})


def marked(part: dict[str, Any]) -> dict[str, Any]:
    """Every field that is free text, marked with its own name."""
    fixed = {"sex", "birth_date", "nationality", "passport_expiry", "contract_start", "contract_end"}
    return {name: value if name in fixed else f"<{name}>" for name, value in part.items()}


def test_each_agency_gets_only_the_fields_that_its_schema_names() -> None:
    application = {name: marked(part) for name, part in APPLICATION.items()}
    application["beneficiary"] |= {"education": "<education>", "mrz": "<mrz>", "chinese": "<chinese>"}
    application["employment"] |= {"grounds": "<grounds>", "annual_salary_cny": "<annual_salary_cny>"}
    facts = msgspec.structs.replace(CASE_FACTS, **application)
    for version in (1, 2):
        agency = AGENCIES["police"].speaking(version)
        for kind, body in {
            "review-package": police.review_package(facts),
            "correction-supplied": police.correction_supplied(facts, {}),
        }.items():
            written = write(agency, kind, body, case=CASE, sequence=1, sent_at=NOW, id=new_id())
            sent = encode(written).decode()
            assert "<passport_number>" in sent
            for kept in ("education", "mrz", "chinese", "annual_salary_cny", "grounds", "industry", "contact_email"):
                assert f"<{kept}>" not in sent, f"{kind} carries {kept}"
    told = msgspec.json.encode([OUT[key] for key in OUT if key[0] == "approval-bureau"]).decode()
    for kept in (value for value in APPLICATION["beneficiary"].values() if len(value) > 1):
        assert kept not in told


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = json.loads((SCHEMAS / ASYNCAPI).read_text())
    named = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            named.extend([value["$ref"]] if isinstance(value.get("$ref"), str) else [])
            for inner in value.values():
                look(inner)
        elif isinstance(value, list):
            for inner in value:
                look(inner)

    look(document)
    assert len(named) > 60
    for place in named:
        if place.startswith("./"):
            assert (SCHEMAS / place).is_file(), place
            continue
        found: Any = document
        for step in place.removeprefix("#/").split("/"):
            found = found[step]
        assert found
    assert document["asyncapi"] == "3.0.0"
    assert {op["action"] for op in document["operations"].values()} == {"send", "receive"}


def test_an_agency_has_no_version_that_nobody_wrote_down() -> None:
    assert AGENCIES["police"].speaking(2).schema == "police.residence-permit/2"
    with pytest.raises(ValueError, match="has no schema"):
        AGENCIES["approval-bureau"].speaking(2)
    package = write(AGENCIES["police"], "stop", OUT["police", "stop"], case=CASE, sequence=1, sent_at=NOW, id=new_id())
    with pytest.raises(Malformed):
        body_of(package, AGENCIES["approval-bureau"], AGENCIES["approval-bureau"].to_agency)
