"""Signed HTTP requests after RFC 9421: body digest, moment and message id are always covered.

It never sends anything and never decides who may say what: the caller passes only the keys it trusts for an address.
The library's own defaults check neither the body nor an age in minutes, so both are asked for here. An algorithm is a
line in ALGORITHMS: SM2 with SM3 joins there, as a class of the library's shape.
"""

import os
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import urlsplit

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
    HTTPMessageVerifier,
    InvalidSignature,
    MappingKeyResolver,
)
from http_message_signatures.algorithms import ED25519, HMAC_SHA256, HTTPSignatureAlgorithm
from msgspec import Struct

from integrations.clock import machine_now

MAX_SKEW = timedelta(minutes=5)  # how far a signature's moment may lie from our machine's clock, either way
TAG = "permits-agency/1"  # this application's signatures; others on the same message are not looked at
LABEL = "agency"
# Not the scheme: a reverse proxy ends TLS before the service sees the request.
COVERED = ("@method", "@authority", "@path", "@query", "content-type", "content-digest")
HEADERS = ("Content-Type", "Content-Digest", "Signature-Input", "Signature")  # what proves a request, beside its body
ALGORITHMS: Mapping[str, type[HTTPSignatureAlgorithm]] = {"ed25519": ED25519, "hmac-sha256": HMAC_SHA256}
_COVERED = "(" + " ".join(f'"{name}"' for name in COVERED) + ")"
_PLAIN = re.compile(r"[ !#-\[\]-~]{1,200}")
_KEYID = re.compile(r';\s*keyid="([^"\\]{1,100})"')


class SignatureRefused(Exception):
    """The signature does not hold; the text says why, with the skew of the clocks where that is the reason."""

    @property
    def reason(self) -> str:
        """Why, in a few English words for a log and for the other side's operator."""
        return str(self)


class TrustedKey(Struct, frozen=True, dict=True):
    """A key by which somebody's signatures are checked, and when it holds. A shared secret (HMAC) proves to us only."""

    keyid: str
    material: Ed25519PublicKey | bytes
    algorithm: str = "ed25519"
    valid_from: datetime | None = None
    valid_until: datetime | None = None  # the first moment without it

    @cached_property
    def public(self) -> str:
        """The public key as PEM, for whoever verifies later; empty for a shared secret."""
        if isinstance(self.material, bytes):
            return ""
        return self.material.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def holds(self, at: datetime) -> bool:
        """Whether the key may be used at this moment."""
        begun = self.valid_from is None or self.valid_from <= at
        return begun and (self.valid_until is None or at < self.valid_until)


class SigningKey(Struct, frozen=True, dict=True):
    """A private key, or a shared secret, and the name under which the other side knows it."""

    keyid: str
    private: Ed25519PrivateKey | bytes
    algorithm: str = "ed25519"

    @cached_property
    def trusted(self) -> TrustedKey:
        """What the other side checks by."""
        material = self.private if isinstance(self.private, bytes) else self.private.public_key()
        return TrustedKey(self.keyid, material, self.algorithm)


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

    def __init__(self, key: TrustedKey, now: datetime) -> None:
        resolver = MappingKeyResolver(public_keys={key.keyid: key.material}, private_keys={})
        super().__init__(signature_algorithm=ALGORITHMS[key.algorithm], key_resolver=resolver)
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

    `nonce` is the message's id, `created` the moment (machine time, by default now). Written out for what we cover,
    a fifth of what the library needs for any request; the library verifies it. Raises ValueError where a name cannot
    stand in a signature, KeyError where a covered header is absent.
    """
    digest = f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"
    moment = int((created or machine_now()).timestamp())
    for text in (key.keyid, nonce):
        if not _PLAIN.fullmatch(text):
            raise ValueError("a key's id and a nonce are plain ASCII without quotes")
    params = f'{_COVERED};created={moment};keyid="{key.keyid}";alg="{key.algorithm}";nonce="{nonce}";tag="{TAG}"'
    authority, path, query = _target(url)
    base = (
        f'"@method": {method}\n"@authority": {authority}\n"@path": {path}\n"@query": {query}\n'
        f'"content-type": {headers["Content-Type"]}\n"content-digest": {digest}\n"@signature-params": {params}'
    )
    algorithm = ALGORITHMS[key.algorithm](private_key=key.private)
    signature = b64encode(algorithm.sign(base.encode("ascii"))).decode()
    made = {"Content-Digest": digest, "Signature-Input": f"{LABEL}={params}", "Signature": f"{LABEL}=:{signature}:"}
    return {**headers, **made}


@lru_cache(64)
def _target(url: str) -> tuple[str, str, str]:
    """Authority, path and query as RFC 9421 §2.2 words them."""
    parts = urlsplit(url)
    port = parts.port if parts.port != {"http": 80, "https": 443}.get(parts.scheme) else None
    host = (parts.hostname or "") if ":" not in (parts.hostname or "") else f"[{parts.hostname}]"
    return f"{host}:{port}" if port else host, parts.path or "/", f"?{parts.query}"


def verify(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    keys: Mapping[str, TrustedKey],
    *,
    now: datetime | None = None,
) -> Verified:
    """Who signed this request and when. `url` is as the signer called it (its Host header), `keys` those trusted here.

    Raises SignatureRefused: no signature, an unknown key or one that does not hold now, something uncovered or altered,
    a clock beyond MAX_SKEW.
    """
    now = now or machine_now()
    key = _named(headers, keys)
    if not key.holds(now):
        raise SignatureRefused(f"the key {key.keyid} does not hold at this time")
    try:
        results = _Verifier(key, now).verify(
            _Request(method, url, headers), max_age=MAX_SKEW, expect_tag=TAG, require_components=COVERED, body=body
        )
    except HTTPMessageSignaturesException as error:
        raise SignatureRefused(str(error) or "the signature does not match the request") from None
    if len(results) != 1 or results[0].nonce is None:
        raise SignatureRefused("one signature with the message's id as nonce is expected")
    created = int(results[0].parameters["created"])
    skew = now.timestamp() - created
    return Verified(str(results[0].parameters["keyid"]), datetime.fromtimestamp(created, UTC), results[0].nonce, skew)


def _named(headers: Mapping[str, str], keys: Mapping[str, TrustedKey]) -> TrustedKey:
    """The trusted key that the signature names; that it was really made with it is the verifier's to see."""
    given = next((value for name, value in headers.items() if name.lower() == "signature-input"), "")
    for name in _KEYID.findall(given):
        if name in keys:
            return keys[name]
    raise SignatureRefused("no signature with a key that is trusted here" if given else "there is no signature")


def ensure_keys(folder: Path, names: tuple[str, ...] = ("office", "police", "approval-bureau")) -> None:
    """Makes NAME.key.pem (mode 0600) and NAME.pub.pem for each name that has none; what is there stays.

    Two processes may do this at once: the first one's key counts.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in names:
        made = Ed25519PrivateKey.generate()
        write_once(folder / f"{name}.key.pem", made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        write_once(folder / f"{name}.pub.pem", load_private(folder, name).trusted.public.encode())


def write_once(path: Path, content: bytes) -> None:
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


def load_public(folder: Path, name: str) -> TrustedKey:
    """The public key of NAME.pub.pem. Raises FileNotFoundError, or ValueError where it is no Ed25519 key."""
    key = load_pem_public_key((folder / f"{name}.pub.pem").read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError(f"{name}.pub.pem holds no Ed25519 key")
    return TrustedKey(name, key)
