"""Signatures over HTTP requests, and the keys."""

from datetime import timedelta
from pathlib import Path

import pytest

from integrations.clock import machine_now
from integrations.signing import (
    SignatureRefused,
    SigningKey,
    Verified,
    ensure_keys,
    load_private,
    load_public,
    sign,
    verify,
)

URL = "http://127.0.0.1:8000/api/v1/agencies/police/messages"
BODY = b'{"a": 1}'


def signed(key: SigningKey, age: timedelta = timedelta()) -> dict[str, str]:
    """The headers of a request signed so long ago."""
    return sign("POST", URL, {"Content-Type": "application/json"}, BODY, key, nonce="n", created=machine_now() - age)


def checked(
    headers: dict[str, str], keys: Path, *, url: str = URL, body: bytes = BODY, name: str = "office"
) -> Verified:
    """The request, verified by the public key of `name` alone."""
    return verify("POST", url, headers, body, {name: load_public(keys, name)})


def test_a_signature_says_who_when_and_for_which_message(office_key: SigningKey, agency_keys: Path) -> None:
    verified = checked(signed(office_key, timedelta(seconds=30)), agency_keys)
    assert (verified.keyid, verified.nonce) == ("office", "n")
    assert 29 < verified.skew_seconds < 35


def test_an_altered_body_is_refused(office_key: SigningKey, agency_keys: Path) -> None:
    with pytest.raises(SignatureRefused, match="body"):
        checked(signed(office_key), agency_keys, body=b'{"a": 2}')
    with pytest.raises(SignatureRefused):
        checked(signed(office_key), agency_keys, body=b"")


def test_another_address_is_refused(office_key: SigningKey, agency_keys: Path) -> None:
    for url in (URL + "?x=1", URL.replace("police", "approval-bureau"), URL.replace("8000", "8001")):
        with pytest.raises(SignatureRefused):
            checked(signed(office_key), agency_keys, url=url)


def test_a_digest_made_anew_for_another_body_is_refused(office_key: SigningKey, agency_keys: Path) -> None:
    other = sign("POST", URL, {"Content-Type": "application/json"}, b"x", office_key, nonce="n")
    headers = signed(office_key) | {"Content-Digest": other["Content-Digest"]}
    with pytest.raises(SignatureRefused):
        checked(headers, agency_keys, body=b"x")


def test_a_key_that_is_not_trusted_here_is_refused(agency_keys: Path) -> None:
    with pytest.raises(SignatureRefused, match="key"):
        checked(signed(load_private(agency_keys, "police")), agency_keys)


def test_the_right_name_with_the_wrong_key_is_refused(agency_keys: Path) -> None:
    forged = SigningKey("office", load_private(agency_keys, "police").private)
    with pytest.raises(SignatureRefused):
        checked(signed(forged), agency_keys)


@pytest.mark.parametrize(("age", "told"), [(timedelta(minutes=6), "s behind"), (timedelta(minutes=-6), "s ahead")])
def test_clocks_more_than_five_minutes_apart_are_refused_and_the_skew_is_told(
    office_key: SigningKey, agency_keys: Path, age: timedelta, told: str
) -> None:
    with pytest.raises(SignatureRefused, match=told):
        checked(signed(office_key, age), agency_keys)
    assert checked(signed(office_key, age * 0.8), agency_keys).keyid == "office"


@pytest.mark.parametrize("missing", ["Signature", "Signature-Input", "Content-Digest"])
def test_a_request_without_a_signature_header_is_refused(
    office_key: SigningKey, agency_keys: Path, missing: str
) -> None:
    headers = signed(office_key)
    del headers[missing]
    with pytest.raises(SignatureRefused):
        checked(headers, agency_keys)


def test_a_signature_that_leaves_out_the_digest_is_refused(office_key: SigningKey, agency_keys: Path) -> None:
    headers = signed(office_key)
    headers["Signature-Input"] = headers["Signature-Input"].replace(' "content-digest"', "")
    with pytest.raises(SignatureRefused):
        checked(headers, agency_keys)


def test_keys_are_made_once_and_private_ones_are_for_their_owner_only(tmp_path: Path) -> None:
    ensure_keys(tmp_path, ("office",))
    before = (tmp_path / "office.key.pem").read_bytes()
    ensure_keys(tmp_path, ("office", "police"))
    assert (tmp_path / "office.key.pem").read_bytes() == before
    assert (tmp_path / "police.key.pem").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "office.key.pem",
        "office.pub.pem",
        "police.key.pem",
        "police.pub.pem",
    ]
