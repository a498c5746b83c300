"""The connections and the transaction, which always says which city it is about."""

import contextlib
import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import msgspec

from permits.errors import BadInput, Unavailable
from permits.i18n import Text

_REGION = re.compile(r"\d{6}\Z")

_AWAY = (
    ConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)

_UNWRITABLE = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError, UnicodeEncodeError)
"""Text that PostgreSQL has no place for: NUL, half a character."""

_UNREACHABLE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What connecting may end in."""


def is_away(error: BaseException) -> bool:
    """Whether an error means that the database is away or starting again, rather than that we asked wrongly."""
    closed = isinstance(error, asyncpg.InterfaceError) and "clos" in str(error)
    return closed or isinstance(error, _AWAY)


def away() -> Unavailable:
    """What the person is told then."""
    return Unavailable(
        Text(
            "数据库暂时连不上。刚才这一步没有保存，请稍后再试一次；已经保存的都在。",
            "The database is away for a moment. This step was not saved; try it again shortly. "
            "All that was saved is safe.",
        )
    )


def _encode(value: Any) -> bytes:
    return b"\x01" + msgspec.json.encode(value)


def _decode(value: bytes) -> Any:
    return msgspec.json.decode(value[1:])


async def _prepare(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=_encode, decoder=_decode, format="binary")


async def _keep(_: asyncpg.Connection) -> None:
    """Nothing to reset between two users: what a transaction sets ends with it, and nobody holds locks beyond it."""


def _unwritable() -> BadInput:
    return BadInput(
        Text("内容里有不能使用的字符。", "There are characters in it that cannot be taken."), type="characters"
    )


PATIENCE_S = 5
"""So long a request waits for a free connection, or for a new one, in seconds."""


class Database:
    """A pool of connections of this process to one PostgreSQL, made when they are needed."""

    def __init__(self, url: str, pool_size: int = 10) -> None:
        self._url, self._size = url, pool_size
        self._pool: asyncpg.Pool | None = None

    async def close(self) -> None:
        """Let every connection go, once its user has."""
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    async def __aenter__(self) -> "Database":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _opened(self) -> asyncpg.Pool:
        if self._pool is None:
            self._pool = await asyncpg.create_pool(
                self._url,
                min_size=0,
                max_size=self._size,
                init=_prepare,
                reset=_keep,
                max_inactive_connection_lifetime=0,
                server_settings={"application_name": "permits"},
            )
        return self._pool

    @contextlib.asynccontextmanager
    async def transaction(self, region: str | None) -> AsyncIterator[asyncpg.Connection]:
        """A connection in a transaction that sees one city's rows, or only region-less tables with None.

        Raises Unavailable while the database is away: nothing was written then.
        """
        if region is not None and not _REGION.match(region):
            raise ValueError("a region is a code of six digits")
        async with self.connection() as connection, connection.transaction():
            if region is not None:
                await connection.execute(f"SET LOCAL app.region = '{region}'")
            yield connection

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection outside any transaction, for a single statement on region-less tables.

        Raises Unavailable while the database is away, BadInput for text that it cannot hold.
        """
        pool = await self._opened()
        try:
            connection = await pool.acquire(timeout=PATIENCE_S)
        except _UNREACHABLE as error:
            raise away() from error
        try:
            yield connection
        except _UNWRITABLE as error:
            raise _unwritable() from error
        except Exception as error:
            if is_away(error):
                raise away() from error
            raise
        finally:
            await pool.release(connection)
