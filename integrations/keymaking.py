"""Makes keys and dates them in trust.toml: a new one beside the old, which ends when the overlap is over.

Private parts and shared secrets are written into files with mode 0600 and go nowhere else. It signs nothing.
"""

import base64
import os
import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from msgspec.structs import replace

from integrations.clock import CITY
from integrations.keyring import KeyEntry, Keyring, ReceiptRule, TrustFile, holds, read_trust
from integrations.signing import TrustedKey, ensure_keys, write_once

SECRET_BYTES = 32
HEAD = "# Whose keys these are and when they hold. Written by `permits keys`, which keeps no comments.\n"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}")


class NotDone(ValueError):
    """What was asked would leave the folder worse than it was; the text says why."""


def fingerprint(key: TrustedKey) -> str:
    """SHA-256 of the public key's DER, in hexadecimal: what two people compare by telephone; empty for a secret."""
    if isinstance(key.material, bytes):
        return ""
    lines = [line for line in key.public.splitlines() if not line.startswith("-")]
    return sha256(base64.b64decode("".join(lines))).hexdigest()


def make(folder: Path, entry: KeyEntry) -> TrustedKey:
    """Make a key and enter it; what others check by. Raises NotDone where its id is taken or no plain word."""
    before = _with_plain(folder, read_trust(folder), entry.owner)
    _free(folder, before, entry.id)
    if entry.algorithm == "hmac-sha256":
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_once(folder / f"{entry.id}.secret", base64.b64encode(secrets.token_bytes(SECRET_BYTES)))
    else:
        ensure_keys(folder, (entry.id,))
    return _entered(folder, before, entry)


def take_over(folder: Path, entry: KeyEntry, public_pem: bytes) -> TrustedKey:
    """Enter the public key that an agency gave us. Raises NotDone where it is none, or its id is taken."""
    before = _with_plain(folder, read_trust(folder), entry.owner)
    _free(folder, before, entry.id)
    try:
        key = load_pem_public_key(public_pem)
    except ValueError as error:
        raise NotDone("this file holds no public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise NotDone("the key is not an Ed25519 key")
    write_once(folder / f"{entry.id}.pub.pem", TrustedKey(entry.id, key).public.encode())
    return _entered(folder, before, entry)


def end(folder: Path, ids: Iterable[str], until: datetime, *, even_last: bool = False) -> None:
    """Date the end of keys; an earlier end stays. Raises NotDone for an unknown id, or where none would hold then."""
    ended, before = set(ids), read_trust(folder)
    if unknown := ended - {entry.id for entry in before.key}:
        raise NotDone(f"trust.toml has no key {', '.join(sorted(unknown))}")
    keys = tuple(_ending(entry, until) if entry.id in ended else entry for entry in before.key)
    for entry in keys:
        others = [one for one in keys if _same_use(one, entry) and holds(one, until)]
        if entry.id in ended and not others and not even_last:
            raise NotDone(f"after {entry.id} no key of {entry.owner} would hold; make the next one first")
    write(folder, replace(before, key=keys))


def _ending(entry: KeyEntry, until: datetime) -> KeyEntry:
    earlier = entry.valid_until is not None and entry.valid_until < until
    return entry if earlier else replace(entry, valid_until=until)


def _same_use(one: KeyEntry, other: KeyEntry) -> bool:
    return one.owner == other.owner and one.shared_with in (None, other.shared_with)


def older(folder: Path, entry: KeyEntry) -> list[str]:
    """Ids of the keys that a new one replaces: of the same owner, towards the same side, without an end."""
    found = _with_plain(folder, read_trust(folder), entry.owner).key
    mine = [one for one in found if (one.owner, one.shared_with) == (entry.owner, entry.shared_with)]
    return [one.id for one in mine if one.id != entry.id and one.valid_until is None]


def _with_plain(folder: Path, found: TrustFile, owner: str) -> TrustFile:
    """With the one key that an owner has without an entry, which would be forgotten once it has one."""
    plain = (folder / f"{owner}.pub.pem").exists() and not any(entry.owner == owner for entry in found.key)
    return replace(found, key=(*found.key, KeyEntry(owner, owner))) if plain else found


def _free(folder: Path, found: TrustFile, id_: str) -> None:
    if not _ID.fullmatch(id_):
        raise NotDone("a key's id is letters, digits, dots and hyphens, at most 61")
    files = [folder / f"{id_}{ending}" for ending in (".key.pem", ".pub.pem", ".secret")]
    if any(path.exists() for path in files) or any(entry.id == id_ for entry in found.key):
        raise NotDone(f"there is a key {id_} already; a key is never made anew under its name")


def _entered(folder: Path, before: TrustFile, entry: KeyEntry) -> TrustedKey:
    write(folder, replace(before, key=(*before.key, entry)))
    return Keyring(folder).trusted(entry.owner)[entry.id]


def write(folder: Path, found: TrustFile) -> None:
    """trust.toml whole or not at all."""
    blocks = [_block("key", _key_lines(entry)) for entry in found.key]
    blocks += [_block("receipts", _rule_lines(rule)) for rule in found.receipts]
    with NamedTemporaryFile("w", dir=folder, encoding="utf-8", delete=False) as beside:
        beside.write("\n".join([HEAD, *blocks]))
        beside.flush()
        os.fsync(beside.fileno())
    os.replace(beside.name, folder / "trust.toml")


def _block(name: str, lines: Iterable[str]) -> str:
    return "\n".join([f"[[{name}]]", *lines, ""])


def block(entry: KeyEntry) -> str:
    """The entry of a key as it stands in trust.toml."""
    return _block("key", _key_lines(entry))


def _key_lines(entry: KeyEntry) -> list[str]:
    said = {"id": entry.id, "owner": entry.owner, "algorithm": entry.algorithm, "with": entry.shared_with}
    times = {"valid_from": entry.valid_from, "valid_until": entry.valid_until}
    return [f'{name} = "{value}"' for name, value in said.items() if value] + _times(times)


def _rule_lines(rule: ReceiptRule) -> list[str]:
    return [f'of = "{rule.of}"', f"signed = {str(rule.signed).lower()}", *_times({"valid_from": rule.valid_from})]


def _times(times: dict[str, datetime | None]) -> list[str]:
    return [f"{name} = {at.astimezone(CITY).isoformat()}" for name, at in times.items() if at]
