"""The connections and the transaction, which always says which city it is about."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import msgspec

from permits.errors import Unavailable
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


PATIENCE_S = 5
"""So long a request waits for a free connection, or for a new one, in seconds."""


class Database:
    """The connections of this process to one PostgreSQL, made when they are needed and kept.

    Nothing is reset between two users: what a transaction sets ends with it, and nobody here holds locks, cursors or
    listeners beyond it. That, and no timers, is why asyncpg's own pool is not used: it costs a task and a round trip
    more each time.
    """

    def __init__(self, url: str, pool_size: int = 10) -> None:
        self._url, self._size = url, pool_size
        self._places = asyncio.Semaphore(pool_size)
        self._idle: list[asyncpg.Connection] = []

    async def close(self) -> None:
        """Let every connection go, once its user has."""
        for _ in range(self._size):
            await self._places.acquire()
        for connection in self._idle:
            with contextlib.suppress(*_UNREACHABLE):
                await connection.close(timeout=1)
        self._idle.clear()
        self._places = asyncio.Semaphore(self._size)

    async def __aenter__(self) -> "Database":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

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

        Raises Unavailable while the database is away.
        """
        connection = await self._taken()
        try:
            yield connection
        except BaseException as error:
            if not isinstance(error, Exception):
                connection.terminate()  # broken off in the middle of something
            if is_away(error):
                raise away() from error
            raise
        finally:
            self._give_back(connection)

    async def _taken(self) -> asyncpg.Connection:
        try:
            async with asyncio.timeout(PATIENCE_S) if self._places.locked() else contextlib.nullcontext():
                await self._places.acquire()
        except TimeoutError as error:
            raise away() from error
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        try:
            return await self._connected()
        except BaseException as error:
            self._places.release()
            if isinstance(error, _UNREACHABLE):
                raise away() from error
            raise

    async def _connected(self) -> asyncpg.Connection:
        settings = {"application_name": "permits"}
        connection = await asyncpg.connect(self._url, timeout=PATIENCE_S, server_settings=settings)
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=_encode, decoder=_decode, format="binary")
        return connection

    def _give_back(self, connection: asyncpg.Connection) -> None:
        if connection.is_closed() or connection.is_in_transaction():
            connection.terminate()
        else:
            self._idle.append(connection)
        self._places.release()
