"""Tables of people, sessions and tokens (without region: they hold across cities) and of the audit, city by city."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Uuid, text

from permits.db.metadata import document, instant, key, metadata, region

account = Table(
    "account",
    metadata,
    key(),
    Column("email", String, nullable=False, unique=True, comment="in small letters"),
    Column("name", String, nullable=False),
    Column("password", String, nullable=False, comment="argon2id, with its parameters"),
    Column("locale", String, nullable=False, comment="zh or en"),
    Column("certificate", String, nullable=True, comment="law-enforcement certificate"),
    Column("closed", Boolean, nullable=False, comment="may no longer sign in"),
    instant("created_at"),
)

account_role = Table(
    "account_role",
    metadata,
    Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("role", String, primary_key=True),
    Column("region", String, primary_key=True, comment="the city in which the role holds"),
)

session = Table(
    "session",
    metadata,
    Column("digest", LargeBinary, primary_key=True, comment="SHA-256 of the cookie's secret"),
    Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("csrf", String, nullable=False, unique=True),
    instant("created_at"),
    instant("seen_at"),
    instant("expires_at"),
    instant("ended_at", nullable=True),
    Column("address", String, nullable=False),
    Column("agent", String, nullable=False),
    Index("ix_session_expires_at", "expires_at"),
)

token = Table(
    "token",
    metadata,
    key(),
    Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("label", String, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True, comment="SHA-256 of the whole token"),
    instant("created_at"),
    instant("expires_at"),
    Index("uq_token_account_id_label", "account_id", "label", unique=True),
)

throttle = Table(
    "throttle",
    metadata,
    Column("key", String, primary_key=True, comment="account:… or address:…, hashed"),
    Column("failures", Integer, nullable=False),
    instant("since"),
    instant("locked_until", nullable=True),
)

FIGURES_LOOKED_AT = (
    "'statistics', 'list-permits', 'list-cases', 'export-statistics', 'export-permits', 'export-report', "
    "'export-register', 'export-cases'"
)
"""The actions that are looks at figures, for an index of them alone."""
audit = Table(
    "audit",
    metadata,
    region(),
    key(),
    instant("at"),
    instant("office_at"),
    Column("account_id", Uuid, nullable=True, comment="empty: the service or its operator"),
    Column("action", String, nullable=False),
    Column("case_id", Uuid, nullable=True),
    Column("subject", String, nullable=True, comment="a number, never personal data"),
    document("detail"),
    Index("ix_audit_region_case_id", "region", "case_id", "id"),
    Index("ix_audit_region_account_id", "region", "account_id", "id"),
    Index("ix_audit_permit", "region", "subject", "id", postgresql_where=text("action = 'permit'")),
    Index("ix_audit_figures", "region", "id", postgresql_where=text(f"action IN ({FIGURES_LOOKED_AT})")),
)
"""Append-only: the application may neither update nor delete it (the migration revokes both)."""
