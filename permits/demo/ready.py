"""The ready file, which tells scripts where the demonstration is and who its processes are; and asks whether it is.

The file holds passwords and tokens of invented people, and is only its owner's to read all the same.
"""

import http.client
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import msgspec

from permits import clock

ANSWER_S = 0.5
"""How long one question whether a server is ready may take, in seconds."""


class Account(msgspec.Struct, frozen=True):
    """Somebody to sign in as; a person with several roles is listed once for each."""

    role: str
    email: str
    password: str
    token: str
    """For the JSON interface; made anew at each start."""


class Address(msgspec.Struct, frozen=True):
    """Where an agency's simulator is."""

    url: str


class Ready(msgspec.Struct, frozen=True):
    """What the ready file says."""

    url: str
    at: str
    """The office's time when the file was written, RFC 3339."""
    accounts: Sequence[Account]
    agencies: Mapping[str, Address]
    processes: Mapping[str, int | list[int]]
    """Process numbers: lists of web and worker, one of each other."""


def write(
    file: Path, url: str, accounts: Sequence[Account], agencies: Mapping[str, str], pids: Mapping[str, int]
) -> None:
    """Write the file whole: whoever reads it sees the one before or this one."""
    several = ("web", "worker")
    ready = Ready(
        url=url,
        at=clock.now().isoformat(timespec="seconds"),
        accounts=accounts,
        agencies={name: Address(where) for name, where in agencies.items()},
        processes={name: [pid] if name in several else pid for name, pid in pids.items()},
    )
    half = file.with_name(f".{file.name}.half")
    with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(msgspec.json.format(msgspec.json.encode(ready), indent=1) + b"\n")
    half.replace(file)


def answers(url: str) -> bool:
    """Whether a GET of this address is answered by 200."""
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=ANSWER_S) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError, http.client.HTTPException):
        return False
