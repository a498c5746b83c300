"""Statements built in SQLAlchemy Core, compiled once, run on the asyncpg connection.

Nothing is compiled twice and no row passes through SQLAlchemy: what a statement returns decodes straight into Structs.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, TypeVar

import asyncpg
import msgspec
from sqlalchemy import ColumnElement, Date, String, cast, func, literal_column
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement

from permits.clock import CITY

T = TypeVar("T")

_DIALECT = PGDialect_asyncpg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


class Statement:
    """One statement with named parameters; compiled at its first use."""

    def __init__(self, clause: ClauseElement) -> None:
        self._clause = clause

    @cached_property
    def _compiled(self) -> SQLCompiler:
        compiled = self._clause.compile(dialect=_DIALECT)
        assert isinstance(compiled, SQLCompiler)
        return compiled

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The parameters in their order; one may stand several times."""
        return tuple(self._compiled.positiontup or ())

    @cached_property
    def _built_in(self) -> dict[str, Any]:
        return dict(self._compiled.params)

    @cached_property
    def _required(self) -> frozenset[str]:
        return frozenset(self._compiled.bind_names[b] for b in self._compiled.bind_names if b.required)

    @cached_property
    def _in_order(self) -> Callable[[Mapping[str, Any]], Sequence[Any]]:
        if len(self.names) > 1:
            return itemgetter(*self.names)
        return lambda values: [values[name] for name in self.names]

    @cached_property
    def sql(self) -> str:
        """The text that goes to PostgreSQL."""
        return str(self._compiled)

    def arguments(self, given: dict[str, Any]) -> Sequence[Any]:
        """The parameters in their order; one that is neither given nor built in raises KeyError."""
        values = self._built_in | given
        if len(values) > len(self._built_in):
            raise KeyError(f"no such parameter: {', '.join(sorted(given.keys() - self._built_in.keys()))}")
        if missing := self._required - given.keys():
            raise KeyError(f"parameter missing: {', '.join(sorted(missing))}")
        return self._in_order(values)

    async def all(self, tx: asyncpg.Connection, /, **given: Any) -> list[asyncpg.Record]:
        """Every row."""
        rows: list[asyncpg.Record] = await tx.fetch(self.sql, *self.arguments(given))
        return rows

    async def one(self, tx: asyncpg.Connection, /, **given: Any) -> asyncpg.Record | None:
        """The first row, or None."""
        return await tx.fetchrow(self.sql, *self.arguments(given))

    async def value(self, tx: asyncpg.Connection, /, **given: Any) -> Any:
        """The first value of the first row, or None."""
        return await tx.fetchval(self.sql, *self.arguments(given))

    async def run(self, tx: asyncpg.Connection, /, **given: Any) -> int:
        """Run it; how many rows it touched."""
        status: str = await tx.execute(self.sql, *self.arguments(given))
        last = status.rpartition(" ")[2]
        return int(last) if last.isdigit() else 0

    async def many(self, tx: asyncpg.Connection, rows: list[dict[str, Any]]) -> None:
        """Run it once per row of parameters, in one round trip."""
        await tx.executemany(self.sql, [self.arguments(row) for row in rows])

    async def structs(self, tx: asyncpg.Connection, kind: type[T], /, **given: Any) -> list[T]:
        """Every row as a Struct of this type; columns bear its fields' names."""
        return [msgspec.convert(dict(row), kind) for row in await self.all(tx, **given)]


def statement(clause: ClauseElement) -> Statement:
    """A statement for use at module level."""
    return Statement(clause)


def office_day(instant: ColumnElement[Any]) -> ColumnElement[Any]:
    """The office's day of an instant."""
    return cast(func.timezone(literal_column(f"'{CITY.key}'", String), instant), Date)
