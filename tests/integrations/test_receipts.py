"""Signed receipts: bound to the very message, made and verified by the library as well as by us."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, MappingKeyResolver
from http_message_signatures.algorithms import ED25519

from integrations.clock import machine_now
from integrations.keyring import keyring
from integrations.receipts import COVERED, HEADERS, TAG, SignedReceipt, digest_of, sign_receipt, verify_receipt
from integrations.signing import SignatureRefused, SigningKey, TrustedKey, load_private, load_public, sign

URL = "http://127.0.0.1:8101/messages"
RECEIPT = b'{"id": "n"}'


@pytest.fixture
def police(agency_keys: Path) -> SigningKey:
    """The police's private key."""
    return load_private(agency_keys, "police")


@pytest.fixture
def asked(office_key: SigningKey) -> dict[str, str]:
    """The headers of our message."""
    return sign("POST", URL, {"Content-Type": "application/json"}, b"{}", office_key, nonce="n")


def checked(signed: SignedReceipt, asked: Mapping[str, str], key: SigningKey, **other: Any) -> SignedReceipt | None:
    """What the sender makes of a receipt."""
    given: dict[str, Any] = {"status": 202, "headers": signed.headers, "body": RECEIPT, "nonce": "n"} | other
    keys: dict[str, TrustedKey] = given.pop("keys", {key.keyid: key.trusted})
    status, headers, body = (given.pop(name) for name in ("status", "headers", "body"))
    return verify_receipt(status, headers, body, asked, keys, **given)


def test_a_receipt_that_was_signed_for_this_message_says_by_whom(asked: dict[str, str], police: SigningKey) -> None:
    found = checked(sign_receipt(202, RECEIPT, asked, police, nonce="n"), asked, police)
    assert found is not None
    assert (found.status, found.key.keyid) == (202, "police")


def test_a_receipt_without_a_signature_is_no_wrong_one(asked: dict[str, str], police: SigningKey) -> None:
    for headers in ({}, {"Signature-Input": 'proxy=("@status");created=1', "Signature": "proxy=:AAAA:"}):
        assert verify_receipt(202, headers, RECEIPT, asked, {"police": police.trusted}, nonce="n") is None


def test_whatever_of_a_signed_receipt_is_another_is_refused(
    asked: dict[str, str], police: SigningKey, office_key: SigningKey
) -> None:
    signed = sign_receipt(202, RECEIPT, asked, police, nonce="n")
    other = sign("POST", URL, {"Content-Type": "application/json"}, b"{ }", office_key, nonce="n")
    own = digest_of(b"another")
    for change in (
        {"body": b"another"}, {"status": 200}, {"nonce": "m"}, {"keys": {"police": office_key.trusted}}, {"keys": {}},
        {"body": b"another", "headers": signed.headers | {"Content-Digest": own}},
        {"now": machine_now() + timedelta(minutes=6)},
        {"headers": signed.headers | {"Signature": "receipt=:AAAA:"}},
        {"headers": signed.headers | {"Signature": "receipt=:A:"}},
        {"headers": {**signed.headers, "Signature-Input": signed.headers["Signature-Input"].replace('"@status" ', "")}},
    ):  # fmt: skip
        with pytest.raises(SignatureRefused):
            checked(signed, asked, police, **change)
    with pytest.raises(SignatureRefused):
        checked(signed, other, police)


def test_the_library_verifies_our_receipts_and_we_verify_those_it_makes(
    asked: dict[str, str], police: SigningKey
) -> None:
    signed = sign_receipt(202, RECEIPT, asked, police, nonce="n")
    request = SimpleNamespace(method="POST", url=URL, headers=asked)
    resolver = MappingKeyResolver(
        public_keys={"police": police.trusted.material}, private_keys={"police": police.private}
    )  # type: ignore[dict-item]
    response = SimpleNamespace(status_code=202, headers=dict(signed.headers), request=request, url=URL)
    verifier = HTTPMessageVerifier(signature_algorithm=ED25519, key_resolver=resolver)
    covered = COVERED.format(label="agency")[1:-1].split(" ")
    (found,) = verifier.verify(response, max_age=timedelta(minutes=5), expect_tag=TAG, body=RECEIPT)
    assert list(found.covered_components)[:3] == covered

    response.headers = {"Content-Digest": digest_of(RECEIPT)}
    signer = HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=resolver)
    signer.sign(
        response, key_id="police", nonce="n", label="receipt", tag=TAG, covered_component_ids=covered,
        use_existing_digest=True,
    )  # fmt: skip
    made = SignedReceipt(202, {name: response.headers[name] for name in HEADERS}, police.trusted)
    assert checked(made, asked, police) is not None


def test_a_shared_secret_signs_receipts_too(asked: dict[str, str]) -> None:
    secret = SigningKey("shared", b"0123456789abcdef0123456789abcdef", "hmac-sha256")
    assert checked(sign_receipt(202, RECEIPT, asked, secret, nonce="n"), asked, secret) is not None


def test_receipts_must_be_signed_from_the_day_that_the_trust_says(agency_keys: Path) -> None:
    trust = '[[receipts]]\nof = "police"\nsigned = true\nvalid_from = 2027-01-01\n'
    (agency_keys / "trust.toml").write_text(trust + '[[receipts]]\nof = "police"\nsigned = false\n')
    ring = keyring(agency_keys)
    day = machine_now().replace(year=2027, month=2)
    assert [ring.wants_signed_receipts(name, day) for name in ("police", "approval-bureau")] == [True, False]
    assert not ring.wants_signed_receipts("police", day.replace(year=2026))
    assert ring.trusted("police")["police"] == load_public(agency_keys, "police")
