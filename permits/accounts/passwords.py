"""Passwords: hashed by argon2id in threads of their own, so that the event loop never waits for one.

The parameters stand here and nowhere else. A password is never logged, and never stored as it is typed.
"""

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import argon2

SHORTEST, LONGEST = 10, 200
"""Characters of a new password; the upper bound keeps hashing cheap to refuse."""

_HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""19 MiB and two passes in one lane, the least that OWASP's password storage sheet advises for argon2id: about 40 ms
on a small server, where a web process and a worker share two cores."""

_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")
"""Two at a time bound the memory to 40 MiB a process; more sign-ins wait their turn."""


def _plain(password: str) -> str:
    return unicodedata.normalize("NFC", password)


@lru_cache(1)
def _nobodys() -> str:
    return _HASHER.hash("the password of an account that does not exist")


def _verify(stored: str | None, password: str) -> bool:
    try:
        return _HASHER.verify(stored or _nobodys(), _plain(password)) and stored is not None
    except (argon2.exceptions.VerifyMismatchError, UnicodeEncodeError):
        return False


async def make_hash(password: str) -> str:
    """The argon2id hash of a password, its parameters and salt inside."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, _plain(password))


async def is_right(stored: str | None, password: str) -> bool:
    """Whether the password belongs to the stored hash; without one (no such account) it costs the same and is False."""
    if len(password) > LONGEST:
        password = ""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _verify, stored, password)


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's and is to be made anew."""
    return _HASHER.check_needs_rehash(stored)
