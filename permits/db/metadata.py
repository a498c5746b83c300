"""The one collection of tables, and the columns that many of them share."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import Column, DateTime, LargeBinary, MetaData, String, Uuid
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

LOCAL_TABLES = frozenset({"account", "account_role", "session", "token", "throttle", "law_entry"})
"""Tables without a region; every other one carries it in each key."""


def region() -> Column[str]:
    """The city (GB/T 2260 code), part of every key of the city's work."""
    return Column("region", String, primary_key=True)


def key(name: str = "id") -> Column[uuid.UUID]:
    """A UUIDv7 key beside the region."""
    return Column(name, Uuid, primary_key=True)


def instant(name: str, *, nullable: bool = False) -> Column[dt.datetime]:
    """An instant with time zone."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


def sealed(name: str, *, nullable: bool = False) -> Column[bytes]:
    """Personal data, encrypted by `permits.db.crypto` before it comes here."""
    return Column(name, LargeBinary, nullable=nullable)


def document(name: str, *, nullable: bool = False) -> Column[Any]:
    """A JSON document."""
    return Column(name, JSONB, nullable=nullable)
