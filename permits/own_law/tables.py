"""Entries of the law that the office loaded; rows are only added, the newest of a kind and key is in force."""

from sqlalchemy import Column, String, Table, Uuid

from permits.db.metadata import document, instant, metadata

law_entry = Table(
    "law_entry",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String, nullable=False),
    Column("key", String, nullable=False),
    document("content"),
    instant("loaded_at"),
    Column("loaded_by", Uuid),
    Column("by", String, nullable=False),
)
