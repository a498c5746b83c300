"""Signed HTTP requests after RFC 9421 with Ed25519: body digest, moment and message id are always covered.

It never sends anything and never decides who may say what: the caller passes only the keys it trusts for an address.
The library's own defaults check neither the body nor an age in minutes, so both are asked for here.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    InvalidSignature,
    MappingKeyResolver,
)
from http_message_signatures.algorithms import ED25519
from msgspec import Struct

from integrations.clock import machine_now

MAX_SKEW = timedelta(minutes=5)  # how far a signature's moment may lie from our machine's clock, either way
TAG = "permits-agency/1"  # this application's signatures; others on the same message are not looked at
LABEL = "agency"
# Not the scheme: a reverse proxy ends TLS before the service sees the request.
COVERED = ("@method", "@authority", "@path", "@query", "content-type", "content-digest")


class SignatureRefused(Exception):
    """The signature does not hold; the text says why, with the skew of the clocks where that is the reason."""

    @property
    def reason(self) -> str:
        """Why, in a few English words for a log and for the other side's operator."""
        return str(self)


class SigningKey(Struct, frozen=True):
    """A private key and the name under which the other side knows its public half."""

    keyid: str
    private: Ed25519PrivateKey


class Verified(Struct, frozen=True):
    """A signature that holds."""

    keyid: str
    created: datetime  # UTC, to the second
    nonce: str  # the message's id
    skew_seconds: float  # our clock less the signer's moment: travel time included


class _Request(Struct, frozen=True):
    """A request as the library wants to see it; `headers` is written by signing."""

    method: str
    url: str
    headers: Mapping[str, str]


class _Verifier(HTTPMessageVerifier):
    """The library's verifier with the moment checked against a given clock, five minutes either way."""

    def __init__(self, keys: Mapping[str, Ed25519PublicKey], now: datetime) -> None:
        resolver = MappingKeyResolver(public_keys=keys, private_keys={})
        super().__init__(signature_algorithm=ED25519, key_resolver=resolver)
        self.now = now

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
        created, expires = (sig_input.params.get(name) for name in ("created", "expires"))
        if type(created) is not int:
            raise InvalidSignature("the signature does not say when it was made")
        skew = self.now.timestamp() - created
        if max_age is None or abs(skew) > max_age.total_seconds():
            side = "behind" if skew > 0 else "ahead of"
            raise InvalidSignature(f"made {abs(skew):.0f} s {side} our clock, at most {MAX_SKEW.seconds} s are allowed")
        if type(expires) is int and expires < self.now.timestamp():
            raise InvalidSignature("the signature has expired")


def sign(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    key: SigningKey,
    *,
    nonce: str,
    created: datetime | None = None,
) -> dict[str, str]:
    """The headers with Content-Digest, Signature-Input and Signature; Content-Type must be among them.

    `nonce` is the message's id, `created` the moment (machine time, by default now).
    Raises HTTPMessageSignaturesException where a covered header is absent.
    """
    request = _Request(method, url, dict(headers))
    resolver = MappingKeyResolver(public_keys={}, private_keys={key.keyid: key.private})
    HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=resolver).sign(
        request,
        key_id=key.keyid,
        created=created or machine_now(),
        nonce=nonce,
        label=LABEL,
        tag=TAG,
        covered_component_ids=COVERED,
        body=body,
    )
    return dict(request.headers)


def verify(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    keys: Mapping[str, Ed25519PublicKey],
    *,
    now: datetime | None = None,
) -> Verified:
    """Who signed this request and when. `url` is as the signer called it (its Host header), `keys` those trusted here.

    Raises SignatureRefused: no signature, an unknown key, something uncovered or altered, a clock beyond MAX_SKEW.
    """
    now = now or machine_now()
    try:
        results = _Verifier(keys, now).verify(
            _Request(method, url, headers), max_age=MAX_SKEW, expect_tag=TAG, require_components=COVERED, body=body
        )
    except HTTPMessageSignaturesException as error:
        raise SignatureRefused(str(error) or "the signature does not match the request") from None
    if len(results) != 1 or results[0].nonce is None:
        raise SignatureRefused("one signature with the message's id as nonce is expected")
    created = int(results[0].parameters["created"])
    skew = now.timestamp() - created
    return Verified(str(results[0].parameters["keyid"]), datetime.fromtimestamp(created, UTC), results[0].nonce, skew)


def ensure_keys(folder: Path, names: tuple[str, ...] = ("office", "police", "approval-bureau")) -> None:
    """Makes NAME.key.pem (mode 0600) and NAME.pub.pem for each name that has none; what is there stays.

    Two processes may do this at once: the first one's key counts.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in names:
        made = Ed25519PrivateKey.generate()
        _write_once(folder / f"{name}.key.pem", made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        kept = load_private(folder, name).private.public_key()
        _write_once(folder / f"{name}.pub.pem", kept.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def _write_once(path: Path, content: bytes) -> None:
    """The file whole or not at all, and never over another: written beside, then linked. Mode 0600."""
    if path.exists():
        return
    with NamedTemporaryFile(dir=path.parent) as beside:
        beside.write(content)
        beside.flush()
        os.fsync(beside.fileno())
        try:
            os.link(beside.name, path)
        except FileExistsError:
            return


def load_private(folder: Path, name: str) -> SigningKey:
    """The private key of NAME.key.pem. Raises FileNotFoundError, or ValueError where it is no Ed25519 key."""
    key = load_pem_private_key((folder / f"{name}.key.pem").read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{name}.key.pem holds no Ed25519 key")
    return SigningKey(name, key)


def load_public(folder: Path, name: str) -> Ed25519PublicKey:
    """The public key of NAME.pub.pem. Raises FileNotFoundError, or ValueError where it is no Ed25519 key."""
    key = load_pem_public_key((folder / f"{name}.pub.pem").read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError(f"{name}.pub.pem holds no Ed25519 key")
    return key
