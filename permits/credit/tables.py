"""False and broken commitments of employers, and their repair."""

from sqlalchemy import Column, Index, String, Table, Uuid

from permits.db.metadata import instant, key, metadata, region

credit_record = Table(
    "credit_record",
    metadata,
    region(),
    key(),
    Column("credit_code", String, nullable=False, comment="the employer's unified social credit code"),
    Column("case_id", Uuid, nullable=True),
    Column("reason", String, nullable=False, comment="false-commitment or broken-commitment"),
    instant("at"),
    instant("repaired_at", nullable=True),
    Index("ix_credit_record_code", "region", "credit_code"),
)
