"""Keys made, rotated, trusted and retired by commands: both good while they overlap, no secret ever printed."""

from datetime import timedelta
from pathlib import Path

import pytest

from integrations.clock import machine_now
from integrations.keyring import Keyring
from integrations.signing import SignatureRefused, ensure_keys, load_private, sign, verify
from permits.cli import main

URL = "http://127.0.0.1:8000/api/v1/agencies/police/messages"


def signer(folder: Path, days: int) -> str:
    """With which key the office signs after so many days."""
    return Keyring(folder).signing("office", "police", machine_now() + timedelta(days=days)).keyid


def taken(folder: Path, keyid: str, days: int) -> bool:
    """Whether a message signed with this key is taken after so many days."""
    now = machine_now() + timedelta(days=days)
    headers = {"Content-Type": "application/json"}
    made = sign("POST", URL, headers, b"{}", load_private(folder, keyid), nonce="n", created=now)
    try:
        return verify("POST", URL, made, b"{}", Keyring(folder).trusted("office"), now=now).keyid == keyid
    except SignatureRefused:
        return False


def test_a_rotated_key_begins_in_a_week_and_the_plain_one_before_it_ends_with_the_overlap(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ensure_keys(tmp_path, ("office", "police"))
    assert main(["keys", "rotate", "office", "--keys", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    new = next(line.partition('"')[2].rstrip('"') for line in said.splitlines() if line.startswith("id = "))
    assert "BEGIN PUBLIC KEY" in said
    assert "PRIVATE" not in said
    assert [signer(tmp_path, days) for days in (0, 6, 8, 30)] == ["office", "office", new, new]
    assert [taken(tmp_path, "office", days) for days in (0, 8, 20, 22)] == [True, True, True, False]
    assert [taken(tmp_path, new, days) for days in (0, 8, 30)] == [False, True, True]
    assert (tmp_path / f"{new}.key.pem").stat().st_mode & 0o777 == 0o600


def test_an_agencys_key_is_trusted_from_a_day_and_nothing_is_made_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ensure_keys(tmp_path / "theirs", ("police-2027",))
    ensure_keys(tmp_path, ("office", "police"))
    file = str(tmp_path / "theirs" / "police-2027.pub.pem")
    asked = ["keys", "trust", "police-2027", file, "--owner", "police", "--keys", str(tmp_path)]
    assert main(asked) == 0
    assert set(Keyring(tmp_path).trusted("police")) == {"police", "police-2027"}
    assert main(asked) == 1
    assert "already" in capsys.readouterr().err
    asked[3] = str(tmp_path / "trust.toml")
    assert main([*asked[:2], "other", *asked[3:]]) == 1


def test_the_last_key_of_an_owner_is_retired_only_when_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = ["--keys", str(tmp_path)]
    assert main(["keys", "make", "office-a", "--owner", "office", *keys]) == 0
    assert main(["keys", "retire", "office-a", *keys]) == 1
    assert "make the next one first" in capsys.readouterr().err
    assert main(["keys", "retire", "office-a", "--even-last", *keys]) == 0
    with pytest.raises(ValueError, match="no key"):
        Keyring(tmp_path).signing("office", "police", machine_now() + timedelta(seconds=1))


def test_a_shared_secret_is_never_printed_and_a_file_that_others_can_read_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = ["--keys", str(tmp_path)]
    secret = ["--owner", "office", "--algorithm", "hmac-sha256", "--with", "police"]
    assert main(["keys", "make", "office-police", *secret, *keys]) == 0
    file = tmp_path / "office-police.secret"
    assert file.stat().st_mode & 0o777 == 0o600
    assert main(["keys", "list", *keys]) == 0
    file.chmod(0o644)
    assert main(["keys", "list", *keys]) == 1
    assert file.read_text() not in capsys.readouterr().out
