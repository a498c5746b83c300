"""A form that arrived when its session had ended: kept in the page itself, sealed, for the person who typed it.

Nothing of it is stored on the server, and nobody else can open it or send it on.
"""

import base64
import datetime as dt
import secrets
import uuid
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from litestar.connection import Request
from litestar.datastructures import UploadFile

from permits import clock
from permits.accounts.model import Account
from permits.db.crypto import Keys
from permits.errors import Conflict
from permits.i18n import Text
from permits.web.forms import Form

LONGEST = 4 * 1024 * 1024
"""Bytes of files carried along; a larger one has to be chosen again, what was typed is always kept."""

GOOD_FOR = dt.timedelta(hours=12)
"""How long the page may wait for its person: a working day."""

_CONTEXT = b"held form"


class HeldFile(msgspec.Struct, frozen=True, array_like=True):
    """A file of the form."""

    field: str
    name: str
    media_type: str
    content: bytes


class HeldForm(msgspec.Struct, frozen=True, array_like=True):
    """A form on its way: whose it is, where it goes and everything in it."""

    owner: uuid.UUID
    path: str
    query: str
    at: dt.datetime
    """Machine time of the click."""
    values: tuple[tuple[str, str], ...]
    files: tuple[HeldFile, ...]
    left_out: tuple[str, ...]
    """Names of files too large to be carried along."""

    def form(self) -> Form:
        """What was typed, as the page's handler would have seen it; files apart."""
        names = dict.fromkeys(name for name, _ in self.values)
        return Form({name: tuple(value for other, value in self.values if other == name) for name in names}, {})


async def hold(request: Request[Any, Any, Any], sent: Form, owner: Account) -> HeldForm:
    """The form of a request whose session has ended, for the person whose page it came from."""
    values = tuple((name, one) for name, given in sent.values.items() for one in given if name != "csrf")
    files, left_out = await _files(sent)
    query = request.scope["query_string"].decode("latin-1")
    return HeldForm(owner.id, request.url.path, query, clock.machine_now(), values, files, left_out)


async def _files(sent: Form) -> tuple[tuple[HeldFile, ...], tuple[str, ...]]:
    kept: list[HeldFile] = []
    left_out: list[str] = []
    room = LONGEST
    for field, upload in ((field, one) for field, given in sent.files.items() for one in given if one.filename):
        held = await _file(field, upload)
        room -= len(held.content)
        if room < 0:
            left_out.append(held.name)
            room += len(held.content)
        else:
            kept.append(held)
    return tuple(kept), tuple(left_out)


async def _file(field: str, upload: UploadFile) -> HeldFile:
    await upload.seek(0)
    return HeldFile(field, upload.filename, upload.content_type, await upload.read())


def seal(keys: Keys, held: HeldForm) -> str:
    """The form as letters for a hidden field, which nobody without the key can read or change."""
    return base64.urlsafe_b64encode(keys.seal(msgspec.msgpack.encode(held), _CONTEXT)).decode()


def unseal(keys: Keys, sealed: str, path: str) -> HeldForm:
    """The form again, for the same address; Conflict where it is not ours, not for here or too old."""
    try:
        held = msgspec.msgpack.decode(keys.open(base64.urlsafe_b64decode(sealed), _CONTEXT), type=HeldForm)
    except (ValueError, msgspec.DecodeError) as error:
        raise _stale() from error
    if held.path != path or clock.machine_now() - held.at > GOOD_FOR:
        raise _stale()
    return held


def _stale() -> Conflict:
    return Conflict(
        Text(
            "这一页放得太久，内容不能再带过去。请登录后重新打开。",
            "This page waited too long; what was typed cannot be carried on. Sign in and open it again.",
        ),
        type="held-too-long",
    )


def body(held: HeldForm, csrf: str) -> tuple[str, bytes]:
    """Content type and body of the form as its page would have sent it in the new session."""
    values = (("csrf", csrf), *held.values)
    if not held.files:
        return "application/x-www-form-urlencoded", urlencode(values).encode()
    boundary = f"held-{secrets.token_hex(16)}"
    parts = [_part(boundary, f'name="{_quoted(name)}"', "", value.encode()) for name, value in values]
    for file in held.files:
        names = f'name="{_quoted(file.field)}"; filename="{_quoted(file.name)}"'
        parts.append(_part(boundary, names, f"Content-Type: {file.media_type}\r\n", file.content))
    return f"multipart/form-data; boundary={boundary}", b"".join(parts) + f"--{boundary}--\r\n".encode()


def _part(boundary: str, names: str, more: str, content: bytes) -> bytes:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {names}\r\n{more}\r\n"
    return head.encode() + content + b"\r\n"


def _quoted(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def sign_in_address(path: str, query: str) -> str:
    """The sign-in page that leads back to an address of ours."""
    return "/sign-in?next=" + quote(f"{path}?{query}" if query else path, safe="")
