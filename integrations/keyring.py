"""The keys of a folder: whose they are, with which algorithm, from when until when. Keys rotate with overlap.

Without `trust.toml` each name has one Ed25519 key, NAME.key.pem and NAME.pub.pem, under its own name. With it, each
[[key]] says `id`, `owner`, `algorithm` ("ed25519" or "hmac-sha256"), `valid_from`, `valid_until` and, for a secret
shared with one agency, `with`; its files are ID.key.pem, ID.pub.pem or ID.secret. It never makes keys.
"""

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from integrations.clock import CITY, machine_now
from integrations.signing import ALGORITHMS, SigningKey, TrustedKey, load_private, load_public

LEAST_SECRET = 32
"""Bytes that a shared secret has at least."""
_BEGINNING = datetime.min.replace(tzinfo=UTC)


class KeyEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """One [[key]] of trust.toml."""

    id: str
    owner: str  # office, or the agency's name
    algorithm: str = "ed25519"
    valid_from: datetime | None = None
    valid_until: datetime | None = None  # the first moment without it
    shared_with: str | None = field(default=None, name="with")  # our key towards this agency only


class ReceiptRule(Struct, frozen=True, forbid_unknown_fields=True):
    """One [[receipts]] of trust.toml: whether the receipts of an agency must be signed, from a day on."""

    of: str
    signed: bool
    valid_from: datetime | None = None


class TrustFile(Struct, frozen=True, forbid_unknown_fields=True):
    """trust.toml."""

    key: tuple[KeyEntry, ...] = ()
    receipts: tuple[ReceiptRule, ...] = ()


class Keyring:
    """The keys of a folder as they were when it was read."""

    def __init__(self, folder: Path) -> None:
        """Raises ValueError or FileNotFoundError where trust.toml is wrong or names a key that is not there."""
        self._folder = folder
        found = read_trust(folder)
        self._entries, self._receipts = found.key, found.receipts
        self._trusted: dict[str, Mapping[str, TrustedKey]] = {}
        self._private: dict[str, SigningKey] = {}

    def trusted(self, owner: str) -> Mapping[str, TrustedKey]:
        """Every key of somebody, by its id; whether each holds now is checked with the signature."""
        if owner not in self._trusted:
            mine = [entry for entry in self._entries if entry.owner == owner]
            found = [self._checked_by(entry) for entry in mine] or [load_public(self._folder, owner)]
            self._trusted[owner] = {key.keyid: key for key in found}
        return self._trusted[owner]

    def signing(self, owner: str, towards: str, at: datetime | None = None) -> SigningKey:
        """The key to sign with: of those that hold, one shared with this agency first, then the newest.

        Raises ValueError where none holds.
        """
        at = at or machine_now()
        mine = [entry for entry in self._entries if entry.owner == owner and entry.shared_with in (None, towards)]
        if not mine and not any(entry.owner == owner for entry in self._entries):
            return self._loaded(KeyEntry(owner, owner))
        holding = [entry for entry in mine if holds(entry, at)]
        if not holding:
            raise ValueError(f"no key of {owner} towards {towards} holds now")
        return self._loaded(max(holding, key=lambda e: (e.shared_with is not None, e.valid_from or _BEGINNING)))

    def wants_signed_receipts(self, owner: str, at: datetime | None = None) -> bool:
        """Whether a receipt of somebody counts only when it is signed; without a rule it counts either way."""
        at = at or machine_now()
        rules = [rule for rule in self._receipts if rule.of == owner and (rule.valid_from or _BEGINNING) <= at]
        return bool(rules) and max(rules, key=lambda rule: rule.valid_from or _BEGINNING).signed

    def known(self, keyid: str) -> TrustedKey | None:
        """A key by its id, whoever owns it and whether or not it holds; None where its file is gone."""
        for entry in self._entries:
            if entry.id == keyid:
                try:
                    return msgspec.structs.replace(self._checked_by(entry), valid_from=None, valid_until=None)
                except FileNotFoundError:
                    return None
        return None

    def _loaded(self, entry: KeyEntry) -> SigningKey:
        if entry.id not in self._private:
            self._private[entry.id] = self._signed_by(entry)
        return self._private[entry.id]

    def _signed_by(self, entry: KeyEntry) -> SigningKey:
        if entry.algorithm == "hmac-sha256":
            return SigningKey(entry.id, self._secret(entry), entry.algorithm)
        return load_private(self._folder, entry.id)

    def _checked_by(self, entry: KeyEntry) -> TrustedKey:
        if entry.algorithm == "hmac-sha256":
            key = TrustedKey(entry.id, self._secret(entry), entry.algorithm)
        else:
            key = load_public(self._folder, entry.id)
        return msgspec.structs.replace(key, valid_from=entry.valid_from, valid_until=entry.valid_until)

    def _secret(self, entry: KeyEntry) -> bytes:
        secret = (self._folder / f"{entry.id}.secret").read_bytes().strip()
        if len(secret) < LEAST_SECRET:
            raise ValueError(f"{entry.id}.secret has fewer than {LEAST_SECRET} bytes")
        return secret


def holds(entry: KeyEntry, at: datetime) -> bool:
    begun = entry.valid_from is None or entry.valid_from <= at
    return begun and (entry.valid_until is None or at < entry.valid_until)


def read_trust(folder: Path) -> TrustFile:
    """What trust.toml says; nothing where there is none. Raises ValueError naming what is wrong."""
    path = folder / "trust.toml"
    if not path.exists():
        return TrustFile()
    try:
        plain = tomllib.loads(path.read_text())
        dated = {name: [_dated(one) for one in plain.pop(name, ())] for name in ("key", "receipts")}
        found = msgspec.convert(dated | plain, TrustFile)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: {error}") from error
    if unknown := {entry.algorithm for entry in found.key} - ALGORITHMS.keys():
        raise ValueError(f"{path}: no algorithm {', '.join(sorted(unknown))}; there are {', '.join(ALGORITHMS)}")
    if len({entry.id for entry in found.key}) < len(found.key):
        raise ValueError(f"{path}: an id stands twice")
    return found


def _dated(entry: dict[str, Any]) -> dict[str, Any]:
    """TOML's dates begin at midnight of the city; an instant without offset is the city's."""
    return {name: _instant(value) for name, value in entry.items()}


def _instant(value: Any) -> Any:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=CITY)
    return datetime.combine(value, time(), CITY) if isinstance(value, date) else value


class Side(Struct, frozen=True):
    """One side of an exchange: what it signs and trusts by, as the folder says at the moment of asking."""

    folder: Path
    name: str
    other: str

    @property
    def signing(self) -> SigningKey:
        """Our key towards the other. Raises ValueError where none holds."""
        return keyring(self.folder).signing(self.name, self.other)

    @property
    def trusted(self) -> Mapping[str, TrustedKey]:
        """The other's keys."""
        return keyring(self.folder).trusted(self.other)


_open: dict[Path, tuple[int, Keyring]] = {}


def keyring(folder: Path) -> Keyring:
    """The keys of a folder, read anew when a file came or went: keys rotate without a restart."""
    changed = max((path.stat().st_mtime_ns for path in (folder, folder / "trust.toml") if path.exists()), default=0)
    known = _open.get(folder)
    if known is None or known[0] != changed:
        known = _open[folder] = (changed, Keyring(folder))
    return known[1]
