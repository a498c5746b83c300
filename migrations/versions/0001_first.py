"""The first shape: accounts, documents, cases, register, letters, messages and the queue."""

import sqlalchemy as sa
from alembic import op
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from sqlalchemy.dialects import postgresql

from migrations.shapes import APP, distribute, grant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

QUEUE = "pgqueuer, pgqueuer_log, pgqueuer_schedules, pgqueuer_statistics"


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False, comment="in small letters"),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password", sa.String(), nullable=False, comment="argon2id, with its parameters"),
        sa.Column("locale", sa.String(), nullable=False, comment="zh or en"),
        sa.Column("certificate", sa.String(), nullable=True, comment="law-enforcement certificate"),
        sa.Column("closed", sa.Boolean(), nullable=False, comment="may no longer sign in"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )
    grant("account")


def _agency() -> None:
    op.create_table(
        "agency",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("breaker", sa.String(), nullable=False),
        sa.Column("skew_ms", sa.Integer(), nullable=True, comment="their clock less ours"),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("region", "name", name=op.f("pk_agency")),
    )
    distribute("agency")


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("office_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True, comment="empty: the service or its operator"),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True, comment="a number, never personal data"),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_region_account_id", "audit", ["region", "account_id", "id"], unique=False)
    op.create_index("ix_audit_region_case_id", "audit", ["region", "case_id", "id"], unique=False)
    distribute("audit", append_only=True)


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("procedure", sa.String(), nullable=False),
        sa.Column("joint", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("return_state", sa.String(), nullable=True),
        sa.Column("filed_by", sa.Uuid(), nullable=False),
        sa.Column("employer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("beneficiary", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("employment", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("personal", sa.LargeBinary(), nullable=False),
        sa.Column("passport_index", sa.LargeBinary(), nullable=True),
        sa.Column("name_index", postgresql.ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("points", sa.SmallInteger(), nullable=True),
        sa.Column("rules_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("legal_due", sa.Date(), nullable=True),
        sa.Column("claim", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("recommendation", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("clearance", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("decision", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("extension", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reopening", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("hand_out", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_cases")),
    )
    op.create_index(
        "ix_cases_employer", "cases", ["region", sa.literal_column("(employer ->> 'credit_code')")], unique=False
    )
    op.create_index("ix_cases_filed_by", "cases", ["region", "filed_by", "id"], unique=False)
    op.create_index("ix_cases_name", "cases", ["name_index"], unique=False, postgresql_using="gin")
    op.create_index("ix_cases_passport", "cases", ["region", "passport_index"], unique=False)
    op.create_index("ix_cases_queue", "cases", ["region", "state", "due", "id"], unique=False)
    op.create_index("uq_cases_number", "cases", ["region", "number"], unique=True)
    op.create_index(
        "uq_cases_open",
        "cases",
        ["region", "passport_index", "procedure"],
        unique=True,
        postgresql_where=sa.text(
            "state IN ('submitted', 'correction', 'accepted', 'review', 'special-procedure', 'recommended')"
        ),
    )
    distribute("cases")


def _counter() -> None:
    op.create_table(
        "counter",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("region", "kind", "year", name=op.f("pk_counter")),
        comment="The last number given out, by kind and year; year 0 where a number does not begin anew each year.",
    )
    distribute("counter")


def _credit_record() -> None:
    op.create_table(
        "credit_record",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("credit_code", sa.String(), nullable=False, comment="the employer's unified social credit code"),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False, comment="false-commitment or broken-commitment"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("repaired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_credit_record")),
    )
    op.create_index("ix_credit_record_code", "credit_record", ["region", "credit_code"], unique=False)
    distribute("credit_record")


def _file() -> None:
    op.create_table(
        "file",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False, comment="the document it is of"),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("media", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False, comment="bytes"),
        sa.Column("pages", sa.SmallInteger(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False, comment="SHA-256, hexadecimal"),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(), nullable=False, comment="current or replaced"),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_file")),
    )
    op.create_index("ix_file_case", "file", ["region", "case_id", "kind"], unique=False)
    distribute("file")


def _handled() -> None:
    op.create_table(
        "handled",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("subscriber", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", "event_id", "subscriber", name=op.f("pk_handled")),
    )
    distribute("handled", append_only=True)


def _idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", "account_id", "key", name=op.f("pk_idempotency")),
    )
    distribute("idempotency")


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("permit_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("recorded", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delta", sa.SmallInteger(), nullable=False),
        sa.Column("persons", sa.SmallInteger(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("nationality", sa.String(), nullable=False),
        sa.Column("sex", sa.String(), nullable=False),
        sa.Column("age_band", sa.String(), nullable=False),
        sa.Column("industry", sa.String(), nullable=False),
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("employer_code", sa.String(), nullable=False),
        sa.Column("position_kind", sa.String(), nullable=False),
        sa.Column("permit_kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_ledger")),
        comment="From its effective day on, so many permits and persons more or fewer. Append only.",
    )
    op.create_index(
        op.f("ix_ledger_region_effective_recorded"), "ledger", ["region", "effective", "recorded"], unique=False
    )
    distribute("ledger", append_only=True)


def _letter() -> None:
    op.create_table(
        "letter",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False, comment="as in letters.model.TITLES"),
        sa.Column(
            "ordinal", sa.SmallInteger(), nullable=False, comment="first, second … letter of this kind in the case"
        ),
        sa.Column("number", sa.String(), nullable=False, comment="the document's number; of a permit, the permit's"),
        sa.Column("digest", sa.String(), nullable=False, comment="SHA-256 of the PDF, hexadecimal"),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_letter")),
    )
    op.create_index("ix_letter_number", "letter", ["region", "number"], unique=False)
    op.create_index("uq_letter_case_kind", "letter", ["region", "case_id", "kind", "ordinal"], unique=True)
    distribute("letter")


def _letter_counter() -> None:
    op.create_table(
        "letter_counter",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False, comment="the last number given"),
        sa.PrimaryKeyConstraint("region", "kind", "year", name=op.f("pk_letter_counter")),
    )
    distribute("letter_counter")


def _message() -> None:
    op.create_table(
        "message",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True, comment="empty: a message about a case that is not ours"),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("schema", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="the exact bytes, sealed"),
        sa.Column("signature", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("receipt", sa.LargeBinary(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_message")),
    )
    op.create_index("ix_message_case", "message", ["region", "case_id", "id"], unique=False)
    op.create_index(
        "ix_message_waiting",
        "message",
        ["region", "agency", "next_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('queued', 'waiting', 'quarantined')"),
    )
    op.create_index(
        "uq_message_sequence",
        "message",
        ["region", "case_id", "agency", "direction", "sequence"],
        unique=True,
        postgresql_where=sa.text("case_id IS NOT NULL AND status <> 'refused'"),
    )
    distribute("message")


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_outbox")),
    )
    distribute("outbox")


def _person() -> None:
    op.create_table(
        "person",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("names", sa.LargeBinary(), nullable=False),
        sa.Column("birth", sa.LargeBinary(), nullable=False),
        sa.Column("recorded", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_person")),
        sa.UniqueConstraint("region", "number", name=op.f("uq_person_region_number")),
        comment="Who holds or held a permit; number is the permit number, kept for life.",
    )
    distribute("person")


def _relay() -> None:
    op.create_table(
        "relay",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("jobs", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("region", name=op.f("pk_relay")),
    )
    distribute("relay")


def _throttle() -> None:
    op.create_table(
        "throttle",
        sa.Column("key", sa.String(), nullable=False, comment="account:… or address:…, hashed"),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
    )
    grant("throttle")


def _account_role() -> None:
    op.create_table(
        "account_role",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False, comment="the city in which the role holds"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_role_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "role", "region", name=op.f("pk_account_role")),
    )
    grant("account_role")


def _case_document() -> None:
    op.create_table(
        "case_document",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("commitment_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("checked_by", sa.String(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("media", sa.String(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["region", "case_id"], ["cases.region", "cases.id"], name="fk_case_document_case"),
        sa.PrimaryKeyConstraint("region", "case_id", "kind", name=op.f("pk_case_document")),
    )
    distribute("case_document")


def _clock() -> None:
    op.create_table(
        "clock",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("started", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("working_days", sa.SmallInteger(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("paused_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["region", "case_id"], ["cases.region", "cases.id"], name="fk_clock_case"),
        sa.PrimaryKeyConstraint("region", "case_id", "step", "basis", "round", name=op.f("pk_clock")),
    )
    distribute("clock")


def _commitment() -> None:
    op.create_table(
        "commitment",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("text_version", sa.Integer(), nullable=False),
        sa.Column("shown", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("signed_by", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["region", "case_id"], ["cases.region", "cases.id"], name="fk_commitment_case"),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_commitment")),
    )
    op.create_index("ix_commitment_case", "commitment", ["region", "case_id"], unique=False)
    distribute("commitment", append_only=True)


def _component() -> None:
    op.create_table(
        "component",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["region", "case_id"], ["cases.region", "cases.id"], name="fk_component_case"),
        sa.PrimaryKeyConstraint("region", "case_id", "kind", name=op.f("pk_component")),
    )
    distribute("component")


def _correction() -> None:
    op.create_table(
        "correction",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("asker", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pointer", sa.String(), nullable=True),
        sa.Column("document", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["region", "case_id"], ["cases.region", "cases.id"], name="fk_correction_case"),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_correction")),
    )
    op.create_index("ix_correction_case", "correction", ["region", "case_id"], unique=False)
    distribute("correction")


def _event() -> None:
    op.create_table(
        "event",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["region", "case_id"], ["cases.region", "cases.id"], name="fk_event_case"),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_event")),
    )
    op.create_index("ix_event_case", "event", ["region", "case_id", "id"], unique=False)
    distribute("event", append_only=True)


def _permit() -> None:
    op.create_table(
        "permit",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("case_number", sa.String(), nullable=True),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("nationality", sa.String(), nullable=False),
        sa.Column("sex", sa.String(), nullable=False),
        sa.Column("industry", sa.String(), nullable=False),
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("employer_code", sa.String(), nullable=False),
        sa.Column("employer_name", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("position_kind", sa.String(), nullable=False),
        sa.Column("permit_kind", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_kind", sa.String(), nullable=True),
        sa.Column("verification_code", sa.String(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holder", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("(ended_on IS NULL) = (end_kind IS NULL)", name=op.f("ck_permit_end")),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_permit_days")),
        sa.ForeignKeyConstraint(
            ["region", "person_id"], ["person.region", "person.id"], name=op.f("fk_permit_region_person_id")
        ),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_permit")),
        sa.UniqueConstraint("region", "case_id", name=op.f("uq_permit_region_case_id")),
        sa.UniqueConstraint("region", "verification_code", name=op.f("uq_permit_region_verification_code")),
        comment="Permits in their latest version; valid_until is the last day, ended_on the first day without it.",
    )
    op.create_index(op.f("ix_permit_region_employer_code"), "permit", ["region", "employer_code"], unique=False)
    op.create_index(op.f("ix_permit_region_number"), "permit", ["region", "number"], unique=False)
    op.create_index(op.f("ix_permit_region_person_id"), "permit", ["region", "person_id"], unique=False)
    op.create_index(op.f("ix_permit_region_valid_until"), "permit", ["region", "valid_until"], unique=False)
    distribute("permit")


def _person_document() -> None:
    op.create_table(
        "person_document",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("passport_index", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("recorded", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["region", "person_id"], ["person.region", "person.id"], name=op.f("fk_person_document_region_person_id")
        ),
        sa.PrimaryKeyConstraint("region", "passport_index", name=op.f("pk_person_document")),
        comment="The passports by which a person is found again, as blind indexes.",
    )
    op.create_index(
        op.f("ix_person_document_region_person_id"), "person_document", ["region", "person_id"], unique=False
    )
    distribute("person_document")


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the cookie's secret"),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_session")),
        sa.UniqueConstraint("csrf", name=op.f("uq_session_csrf")),
    )
    op.create_index(op.f("ix_session_account_id"), "session", ["account_id"], unique=False)
    op.create_index("ix_session_expires_at", "session", ["expires_at"], unique=False)
    grant("session")


def _stream() -> None:
    op.create_table(
        "stream",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("case_number", sa.String(), nullable=False),
        sa.Column("last_out", sa.Integer(), nullable=False, comment="highest sequence made for the agency"),
        sa.Column("last_in", sa.Integer(), nullable=False, comment="highest sequence of the agency applied here"),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["region", "case_id"], ["cases.region", "cases.id"], name="fk_stream_case"),
        sa.PrimaryKeyConstraint("region", "case_id", "agency", name=op.f("pk_stream")),
    )
    op.create_index("ix_stream_number", "stream", ["region", "case_number"], unique=False)
    distribute("stream")


def _token() -> None:
    op.create_table(
        "token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the whole token"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_token_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_token_digest")),
    )
    op.create_index("uq_token_account_id_label", "token", ["account_id", "label"], unique=True)
    grant("token")


def _permit_history() -> None:
    op.create_table(
        "permit_history",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("permit_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("recorded", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("case_number", sa.String(), nullable=True),
        sa.Column("ground", sa.String(), nullable=True),
        sa.Column("reasons", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["region", "permit_id"], ["permit.region", "permit.id"], name=op.f("fk_permit_history_region_permit_id")
        ),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_permit_history")),
        sa.UniqueConstraint("region", "permit_id", "version", name=op.f("uq_permit_history_region_permit_id_version")),
        comment="Every version and ending of a permit: what, from when, recorded when, in which case. Append only.",
    )
    distribute("permit_history", append_only=True)


def _queue() -> None:
    """PgQueuer's own tables: without region, on one node, filled from the outbox."""
    queue = op.get_bind().connection.dbapi_connection
    assert queue is not None
    queue.run_async(lambda connection: connection.execute(QueryBuilderEnvironment().build_install_query()))
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON {QUEUE} TO {APP}")
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP}")


def upgrade() -> None:
    _account()
    _agency()
    _audit()
    _cases()
    _counter()
    _credit_record()
    _file()
    _handled()
    _idempotency()
    _ledger()
    _letter()
    _letter_counter()
    _message()
    _outbox()
    _person()
    _relay()
    _throttle()
    _account_role()
    _case_document()
    _clock()
    _commitment()
    _component()
    _correction()
    _event()
    _permit()
    _person_document()
    _session()
    _stream()
    _token()
    _permit_history()
    _queue()
