"""The envelope and its bounds."""

import msgspec
import pytest

from integrations.agencies import AGENCIES
from integrations.contract import MAX_BYTES, Malformed, StatusRequest, body_of, decode, encode, new_id, write
from integrations.police import adapter
from integrations.police.messages import POLICE, ReviewPackage
from tests.integrations.agency_samples import CASE, CASE_FACTS, NOW, message, package


def altered(**fields: object) -> bytes:
    """The package with other fields in its envelope."""
    return msgspec.json.encode(msgspec.json.decode(package()) | fields)


def test_what_was_encoded_is_decoded_the_same() -> None:
    envelope = decode(package())
    assert encode(envelope) == encode(decode(encode(envelope)))
    assert body_of(envelope, POLICE, POLICE.to_agency) == adapter.review_package(CASE_FACTS)
    assert isinstance(body_of(envelope, POLICE, POLICE.to_agency), ReviewPackage)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "7d444840-9dc0-11d1-b245-5ffdce74fad2"},
        {"sequence": 0},
        {"sent_at": "2026-11-24T09:00:00"},
        {"case": "x" * 51},
        {"kind": "Review Package"},
        {"further": 1},
        {"body": {"text": "a\0b"}},
        {"body": [1]},
    ],
)
def test_an_envelope_with_a_wrong_field_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        decode(altered(**wrong))


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000, b'{"id":"\\ud800"}'])
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        decode(data)


def test_an_envelope_is_bounded_in_length_and_depth() -> None:
    deep: dict[str, object] = {}
    for _ in range(20):
        deep = {"a": deep}
    with pytest.raises(Malformed, match="deep"):
        decode(altered(body=deep))
    with pytest.raises(Malformed, match="bytes"):
        decode(altered(body={"a": "x" * MAX_BYTES}))
    with pytest.raises(Malformed, match="bytes"):
        encode(msgspec.structs.replace(decode(package()), body={"a": "x" * MAX_BYTES}))


@pytest.mark.parametrize("wrong", [{"schema": "police.residence-permit/3"}, {"kind": "register"}, {"body": {}}])
def test_a_body_is_read_only_by_the_contract_of_its_agency(wrong: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        body_of(decode(altered(**wrong)), POLICE, POLICE.to_agency)


def test_a_refusal_of_a_word_never_repeats_it() -> None:
    body = msgspec.json.decode(package())["body"] | {"matter": "SECRET"}
    with pytest.raises(Malformed, match=r"\$\.matter") as refused:
        body_of(decode(altered(body=body)), POLICE, POLICE.to_agency)
    assert "SECRET" not in str(refused.value)


def test_every_agency_answers_a_status_request() -> None:
    for agency in AGENCIES.values():
        assert agency.to_agency["status-request"] is StatusRequest
        assert "status" in agency.from_agency
        assert decode(message(agency.name, "status-request", StatusRequest())).schema == agency.schema


def test_writing_checks_the_envelope() -> None:
    with pytest.raises(Malformed):
        write(POLICE, "status-request", StatusRequest(), case=CASE, sequence=0, sent_at=NOW, id=new_id())
