"""Messages in and out with their exact bytes, the stream of each case and agency, and how each agency does."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, LargeBinary, String, Table, Text, Uuid, text

from permits.db.metadata import document, instant, key, metadata, region

stream = Table(
    "stream",
    metadata,
    region(),
    key("case_id"),
    Column("agency", String, primary_key=True),
    Column("case_number", String, nullable=False),
    Column("last_out", Integer, nullable=False, comment="highest sequence made for the agency"),
    Column("last_in", Integer, nullable=False, comment="highest sequence of the agency applied here"),
    instant("leased_until", nullable=True),
    ForeignKeyConstraint(["region", "case_id"], ["cases.region", "cases.id"], name="fk_stream_case"),
    Index("ix_stream_number", "region", "case_number"),
)

message = Table(
    "message",
    metadata,
    region(),
    key(),
    Column("case_id", Uuid, nullable=True, comment="empty: a message about a case that is not ours"),
    Column("agency", String, nullable=False),
    Column("direction", String, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("schema", String, nullable=False),
    Column("status", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="the exact bytes, sealed"),
    document("signature", nullable=True),
    Column("receipt", LargeBinary),
    Column("problem", Text),
    instant("at"),
    instant("created_at"),
    instant("next_at", nullable=True),
    instant("answered_at", nullable=True),
    Index("ix_message_case", "region", "case_id", "id"),
    Index(
        "ix_message_waiting",
        "region",
        "agency",
        "next_at",
        postgresql_where=text("status IN ('queued', 'waiting', 'quarantined')"),
    ),
    Index(
        "uq_message_sequence",
        "region",
        "case_id",
        "agency",
        "direction",
        "sequence",
        unique=True,
        postgresql_where=text("case_id IS NOT NULL AND status <> 'refused'"),
    ),
)

agency = Table(
    "agency",
    metadata,
    region(),
    Column("name", String, primary_key=True),
    Column("breaker", String, nullable=False),
    Column("skew_ms", Integer, nullable=True, comment="their clock less ours"),
    instant("heard_at", nullable=True),
    instant("failed_at", nullable=True),
    Column("failure", Text),
)

relay = Table("relay", metadata, region(), instant("ran_at"), Column("jobs", Integer, nullable=False))
