"""Signed receipts: the response to a message, signed after RFC 9421 and bound to the signature of the request.

What is covered never changes, so the text is written out here; tests make and verify every one by the library too.
It never judges whether a receipt must be signed: that is the keyring's to say.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from msgspec import Struct

from integrations.clock import machine_now
from integrations.signing import ALGORITHMS, MAX_SKEW, SignatureRefused, SigningKey, TrustedKey

LABEL = "receipt"
TAG = "permits-receipt/1"
HEADERS = ("Content-Digest", "Signature-Input", "Signature")
COVERED = '("@status" "content-digest" "signature";req;key="{label}")'
"""With the label of the request's signature. It covers digest and moment of the message, its id and its address."""
_REQUESTED = re.compile(r'(?:^|,)\s*([a-z*][a-z0-9_.*-]{0,30})=\([^)]*\)[^,]*;tag="permits-agency/1"')
_PARAMS = r'(?:;[a-z]{1,20}=(?:"[^"\\]{0,200}"|\d{1,15}))*'
_GIVEN = re.compile(rf"(?:^|,)\s*{LABEL}=(\([^)]*\){_PARAMS})\s*(?:,|$)")
_PARAM = re.compile(r';([a-z]+)=(?:"([^"]*)"|(\d+))')


class SignedReceipt(Struct, frozen=True):
    """How a receipt was signed, without its body: evidence to keep."""

    status: int
    headers: Mapping[str, str]  # those of HEADERS
    key: TrustedKey  # by which the signature can be checked


def sign_receipt(
    status: int,
    body: bytes,
    request: Mapping[str, str],
    key: SigningKey,
    *,
    nonce: str,
    created: datetime | None = None,
) -> SignedReceipt:
    """The receipt for a request with these headers, signed; `nonce` is the message's id, `created` machine time.

    Raises SignatureRefused where the request carries no signature of ours to bind to.
    """
    label, asked = _of_request(request)
    moment = int((created or machine_now()).timestamp())
    covered = COVERED.format(label=label)
    params = f'{covered};created={moment};keyid="{key.keyid}";alg="{key.algorithm}";nonce="{nonce}";tag="{TAG}"'
    base = _base(status, digest_of(body), label, asked, params)
    signature = b64encode(ALGORITHMS[key.algorithm](private_key=key.private).sign(base)).decode()
    headers = dict(zip(HEADERS, (digest_of(body), f"{LABEL}={params}", f"{LABEL}=:{signature}:"), strict=True))
    return SignedReceipt(status, headers, key.trusted)


def verify_receipt(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    request: Mapping[str, str],
    keys: Mapping[str, TrustedKey],
    *,
    nonce: str,
    now: datetime | None = None,
) -> SignedReceipt | None:
    """Who signed a receipt; None where nobody did. `request` are the headers of our message, `nonce` is its id.

    Raises SignatureRefused: another message's, altered, made with a key that is not trusted or holds no more.
    """
    names = {name.lower(): value for name, value in headers.items()}
    given = _GIVEN.search(names.get("signature-input", ""))
    if given is None:
        return None
    params = {name: text or number for name, text, number in _PARAM.findall(given[1].partition(")")[2])}
    label, asked = _of_request(request)
    key = _key(params, keys, now or machine_now())
    if given[1].partition(")")[0] + ")" != COVERED.format(label=label):
        raise SignatureRefused("the receipt's signature must cover @status, content-digest and the request's signature")
    if params.get("nonce") != nonce or params.get("tag") != TAG:
        raise SignatureRefused("the receipt was signed for another message")
    if names.get("content-digest") != digest_of(body):
        raise SignatureRefused("the receipt is not the one that was signed")
    _holds(_base(status, digest_of(body), label, asked, given[1]), _bytes(names.get("signature", "")), key)
    return SignedReceipt(status, {name: names[name.lower()] for name in HEADERS}, key)


def digest_of(body: bytes) -> str:
    """The value of Content-Digest."""
    return f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"


def _base(status: int, digest: str, label: str, asked: str, params: str) -> bytes:
    lines = f'"@status": {status}\n"content-digest": {digest}\n"signature";req;key="{label}": {asked}\n'
    return f'{lines}"@signature-params": {params}'.encode("ascii")


def _of_request(headers: Mapping[str, str]) -> tuple[str, str]:
    """Label and value of the request's own signature."""
    names = {name.lower(): value for name, value in headers.items()}
    if (found := _REQUESTED.search(names.get("signature-input", ""))) is not None:
        value = re.search(rf"(?:^|,)\s*{re.escape(found[1])}=(:[A-Za-z0-9+/=]*:)", names.get("signature", ""))
        if value is not None:
            return found[1], value[1]
    raise SignatureRefused("the message carries no signature to bind a receipt to")


def _key(params: Mapping[str, str], keys: Mapping[str, TrustedKey], now: datetime) -> TrustedKey:
    """The key that the receipt names, where it is trusted now and the moment is near."""
    key = keys.get(params.get("keyid", ""))
    if key is None or params.get("alg", key.algorithm) != key.algorithm:
        raise SignatureRefused("the receipt is signed with no key that is trusted here")
    if not key.holds(now):
        raise SignatureRefused(f"the key {key.keyid} does not hold at this time")
    created = params.get("created", "")
    if not created.isdigit() or abs(now.timestamp() - int(created)) > MAX_SKEW.total_seconds():
        raise SignatureRefused("the receipt's signature was not made now")
    return key


def _bytes(given: str) -> bytes:
    found = re.search(rf"(?:^|,)\s*{LABEL}=:([A-Za-z0-9+/=]{{1,200}}):", given)
    try:
        return b64decode(found[1] if found else "", validate=True)
    except NotBase64 as error:
        raise SignatureRefused("the receipt's signature is not base64") from error


def _holds(base: bytes, signature: bytes, key: TrustedKey) -> None:
    try:
        ALGORITHMS[key.algorithm](public_key=key.material).verify(signature, base)
    except InvalidSignature as error:
        raise SignatureRefused("the receipt's signature does not hold") from error
