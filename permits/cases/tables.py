"""The tables of a case; one row of `cases`, and rows of what hangs on it."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from permits.cases.model import OPEN
from permits.db.metadata import document, instant, key, metadata, region, sealed

OPEN_STATES = ", ".join(repr(state) for state in OPEN)


def _of_case(name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["region", "case_id"], ["cases.region", "cases.id"], name=f"fk_{name}_case")


cases = Table(
    "cases",
    metadata,
    region(),
    key(),
    Column("number", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("procedure", String, nullable=False),
    Column("joint", Boolean, nullable=False),
    Column("state", String, nullable=False),
    Column("return_state", String),
    Column("filed_by", Uuid, nullable=False),
    document("employer"),
    document("beneficiary"),
    document("employment"),
    sealed("personal"),
    Column("passport_index", LargeBinary),
    Column("name_index", ARRAY(LargeBinary), nullable=False),
    Column("category", String),
    Column("points", SmallInteger),
    Column("rules_on", Date),
    instant("created_at"),
    instant("submitted_at", nullable=True),
    instant("accepted_at", nullable=True),
    instant("decided_at", nullable=True),
    instant("closed_at", nullable=True),
    instant("deleted_at", nullable=True),
    Column("due", Date),
    Column("legal_due", Date),
    document("claim", nullable=True),
    document("recommendation", nullable=True),
    document("clearance", nullable=True),
    document("decision", nullable=True),
    document("extension", nullable=True),
    document("reopening", nullable=True),
    document("hand_out", nullable=True),
    document("permit"),
    document("held", nullable=True),
    Index("uq_cases_number", "region", "number", unique=True),
    Index(
        "uq_cases_open",
        "region",
        "passport_index",
        "procedure",
        unique=True,
        postgresql_where=text(f"state IN ({OPEN_STATES})"),
    ),
    Index("ix_cases_queue", "region", "state", "due", "id"),
    Index("ix_cases_filed_by", "region", "filed_by", "id"),
    Index("ix_cases_decided", "region", "decided_at", postgresql_where=text("decided_at IS NOT NULL")),
    Index("ix_cases_passport", "region", "passport_index"),
    Index("ix_cases_name", "name_index", postgresql_using="gin"),
    Index("ix_cases_employer", "region", text("(employer ->> 'credit_code')")),
)

case_document = Table(
    "case_document",
    metadata,
    region(),
    key("case_id"),
    Column("kind", String, primary_key=True),
    Column("status", String, nullable=False),
    Column("file_id", Uuid),
    Column("commitment_id", Uuid),
    instant("received_at"),
    Column("due", Date),
    Column("checked_by", String),
    instant("checked_at", nullable=True),
    Column("media", String),
    Column("pages", Integer),
    Column("size", Integer),
    Column("digest", String),
    _of_case("case_document"),
)

commitment = Table(
    "commitment",
    metadata,
    region(),
    key(),
    Column("case_id", Uuid, nullable=False),
    Column("document", String, nullable=False),
    Column("text_version", Integer, nullable=False),
    document("shown"),
    document("answers"),
    sealed("signed_by"),
    Column("account_id", Uuid, nullable=False),
    instant("signed_at"),
    Column("digest", String, nullable=False),
    _of_case("commitment"),
    Index("ix_commitment_case", "region", "case_id"),
)

clock = Table(
    "clock",
    metadata,
    region(),
    key("case_id"),
    Column("step", String, primary_key=True),
    Column("basis", String, primary_key=True),
    Column("round", SmallInteger, primary_key=True),
    Column("started", Date, nullable=False),
    Column("due", Date, nullable=False),
    Column("working_days", SmallInteger, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("state", String, nullable=False),
    Column("paused_on", Date),
    Column("ended_on", Date),
    document("pauses"),
    _of_case("clock"),
)

component = Table(
    "component",
    metadata,
    region(),
    key("case_id"),
    Column("kind", String, primary_key=True),
    Column("status", String, nullable=False),
    document("facts"),
    _of_case("component"),
)

correction = Table(
    "correction",
    metadata,
    region(),
    key(),
    Column("case_id", Uuid, nullable=False),
    Column("asker", String, nullable=False),
    Column("text", Text, nullable=False),
    instant("asked_at"),
    Column("pointer", String),
    Column("document", String),
    instant("answered_at", nullable=True),
    Column("answer", Text),
    _of_case("correction"),
    Index("ix_correction_case", "region", "case_id"),
)

event = Table(
    "event",
    metadata,
    region(),
    key(),
    Column("case_id", Uuid, nullable=False),
    Column("kind", String, nullable=False),
    instant("at"),
    Column("by", String, nullable=False),
    Column("by_id", Uuid),
    Column("role", String, nullable=False),
    document("detail"),
    _of_case("event"),
    Index("ix_event_case", "region", "case_id", "id"),
    Index("ix_event_rated", "region", "at", postgresql_where=text("kind = 'bureau-rating'")),
)

outbox = Table(
    "outbox",
    metadata,
    region(),
    key(),
    Column("case_id", Uuid, nullable=False),
    Column("kind", String, nullable=False),
    instant("at"),
)

handled = Table(
    "handled",
    metadata,
    region(),
    key("event_id"),
    Column("subscriber", String, primary_key=True),
    instant("at"),
)

idempotency = Table(
    "idempotency",
    metadata,
    region(),
    key("account_id"),
    Column("key", String, primary_key=True),
    Column("request", LargeBinary, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    instant("at"),
)
