"""Personal data at rest: sealed with AES-256-GCM, found again by a keyed blind index.

Each sealed value begins with the id of its key, so that keys can rotate. Keys come from one file, never from the
database.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class Keys:
    """The keys of one deployment: `current` seals, every one opens, `index` finds."""

    def __init__(self, current: int, keys: dict[int, bytes], index: bytes) -> None:
        self._current, self._index = current, index
        self._ciphers = {number: AESGCM(key) for number, key in keys.items()}

    def seal(self, value: bytes, context: bytes) -> bytes:
        """The value, encrypted; `context` (what row it belongs to) must be the same to open it."""
        nonce = os.urandom(_NONCE)
        head = self._current.to_bytes(2, "big")
        return head + nonce + self._ciphers[self._current].encrypt(nonce, value, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """The value again; ValueError where key or context do not fit."""
        cipher = self._ciphers.get(int.from_bytes(sealed[:2], "big"))
        if cipher is None:
            raise ValueError("the key of this value is not in the key file")
        try:
            return cipher.decrypt(sealed[2 : 2 + _NONCE], sealed[2 + _NONCE :], context)
        except InvalidTag as wrong:
            raise ValueError("this value was not sealed here") from wrong

    def blind_index(self, text: str) -> bytes:
        """A keyed digest of 16 bytes by which equal texts are found; case and spaces do not matter."""
        plain = "".join(text.split()).upper()
        return hmac.new(self._index, plain.encode(), hashlib.sha256).digest()[:16]

    def passport_index(self, nationality: str, number: str) -> bytes:
        """The one index by which a passport is found everywhere: two states may give the same number."""
        return self.blind_index(f"{nationality}:{number}")


def load(path: Path) -> Keys:
    """The keys in a file made by `create`."""
    found = json.loads(path.read_text())
    keys = {int(number): base64.b64decode(key) for number, key in found["keys"].items()}
    return Keys(int(found["current"]), keys, base64.b64decode(found["index"]))


def create(path: Path) -> Keys:
    """The keys in a file, made with fresh ones (readable by the owner only) where there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = {
            "current": 1,
            "keys": {"1": base64.b64encode(secrets.token_bytes(32)).decode()},
            "index": base64.b64encode(secrets.token_bytes(32)).decode(),
        }
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            json.dump(fresh, file)
    return load(path)
