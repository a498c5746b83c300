"""Keys rotate with overlap, two algorithms stand behind one door, and each key holds for its own time only."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrations.clock import machine_now
from integrations.keyring import Keyring, keyring
from integrations.signing import SignatureRefused, SigningKey, ensure_keys, load_private, sign, verify

URL = "http://127.0.0.1:8000/api/v1/agencies/police/messages"
BODY = b'{"a": 1}'
NOW = datetime(2026, 12, 15, 4, 0, tzinfo=UTC)
TRUST = """
[[key]]
id = "police-2026"
owner = "police"
valid_until = 2027-01-01

[[key]]
id = "police-2027"
owner = "police"
valid_from = 2026-12-01
"""
SHARED = """
[[key]]
id = "office-police"
owner = "office"
algorithm = "hmac-sha256"
with = "police"

[[key]]
id = "office"
owner = "office"

[[key]]
id = "office-next"
owner = "office"
valid_from = 2026-12-16
"""


def signed(key: SigningKey, at: datetime = NOW) -> dict[str, str]:
    return sign("POST", URL, {"Content-Type": "application/json"}, BODY, key, nonce="n", created=at)


def folder_with(folder: Path, trust: str, *names: str) -> Keyring:
    ensure_keys(folder, names)
    (folder / "trust.toml").write_text(trust)
    return Keyring(folder)


def test_while_keys_overlap_both_are_good_and_each_ends_with_its_time(tmp_path: Path) -> None:
    keys = folder_with(tmp_path, TRUST, "police-2026", "police-2027")
    trusted = keys.trusted("police")
    for name in ("police-2026", "police-2027"):
        key = load_private(tmp_path, name)
        assert verify("POST", URL, signed(key), BODY, trusted, now=NOW).keyid == name
    late = NOW + timedelta(days=30)
    with pytest.raises(SignatureRefused, match="police-2026 does not hold"):
        verify("POST", URL, signed(load_private(tmp_path, "police-2026"), late), BODY, trusted, now=late)
    early = NOW - timedelta(days=30)
    with pytest.raises(SignatureRefused, match="police-2027 does not hold"):
        verify("POST", URL, signed(load_private(tmp_path, "police-2027"), early), BODY, trusted, now=early)


def test_we_sign_with_the_newest_key_that_holds_and_with_the_shared_one_towards_its_agency(tmp_path: Path) -> None:
    (tmp_path / "office-police.secret").write_text("s" * 32)
    keys = folder_with(tmp_path, SHARED, "office", "office-next")
    assert keys.signing("office", "police", NOW).keyid == "office-police"
    assert keys.signing("office", "approval-bureau", NOW).keyid == "office"
    assert keys.signing("office", "approval-bureau", NOW + timedelta(days=1)).keyid == "office-next"


def test_a_shared_secret_signs_and_checks_by_the_same_door(tmp_path: Path) -> None:
    (tmp_path / "office-police.secret").write_text("s" * 32)
    keys = folder_with(tmp_path, SHARED, "office", "office-next")
    headers = signed(keys.signing("office", "police", NOW))
    assert 'alg="hmac-sha256"' in headers["Signature-Input"]
    trusted = keys.trusted("office")
    assert verify("POST", URL, headers, BODY, trusted, now=NOW).keyid == "office-police"
    with pytest.raises(SignatureRefused):
        verify("POST", URL, headers, b"x", trusted, now=NOW)


def test_no_algorithm_may_be_taken_for_another(tmp_path: Path) -> None:
    """A public key taken as a shared secret would let anybody sign."""
    ensure_keys(tmp_path, ("office",))
    public = (tmp_path / "office.pub.pem").read_bytes()
    forged = SigningKey("office", public, "hmac-sha256")
    with pytest.raises(SignatureRefused):
        verify("POST", URL, signed(forged), BODY, Keyring(tmp_path).trusted("office"), now=NOW)


def test_without_a_trust_file_each_name_has_one_key_that_always_holds(tmp_path: Path) -> None:
    ensure_keys(tmp_path, ("office", "police"))
    keys = Keyring(tmp_path)
    assert (keys.signing("office", "police").keyid, list(keys.trusted("police"))) == ("office", ["police"])


def test_a_key_put_into_the_folder_counts_without_a_restart(tmp_path: Path) -> None:
    ensure_keys(tmp_path, ("police",))
    assert list(keyring(tmp_path).trusted("police")) == ["police"]
    ensure_keys(tmp_path, ("police-2026", "police-2027"))
    (tmp_path / "trust.toml").write_text(TRUST)
    assert list(keyring(tmp_path).trusted("police")) == ["police-2026", "police-2027"]


@pytest.mark.parametrize(
    ("trust", "says"),
    [
        ("[[key]]\nid = 'a'\nowner = 'office'\nalgorithm = 'md5'", "no algorithm md5"),
        ("[[key]]\nid = 'a'\nowner = 'office'\n[[key]]\nid = 'a'\nowner = 'police'", "stands twice"),
        ("[[key]]\nid = 'a'", "owner"),
        ("[[key]]\nid = 'a'\nowner = 'office'\nsurprise = 1", "surprise"),
        ("[[key]", "trust.toml"),
    ],
)
def test_a_wrong_trust_file_is_named_with_what_is_wrong(tmp_path: Path, trust: str, says: str) -> None:
    (tmp_path / "trust.toml").write_text(trust)
    with pytest.raises(ValueError, match=says):
        Keyring(tmp_path)


def test_a_short_secret_is_none_and_no_key_that_holds_is_said(tmp_path: Path) -> None:
    (tmp_path / "office-police.secret").write_text("short")
    keys = folder_with(tmp_path, SHARED, "office", "office-next")
    with pytest.raises(ValueError, match="fewer than 32 bytes"):
        keys.signing("office", "police", NOW)
    (tmp_path / "trust.toml").write_text("[[key]]\nid = 'office'\nowner = 'office'\nvalid_until = 2020-01-01")
    with pytest.raises(ValueError, match="no key of office towards police holds"):
        Keyring(tmp_path).signing("office", "police", machine_now())
