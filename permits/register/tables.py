"""The register's tables: persons and permits say how things stand, `permit_history` and `ledger` only grow."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)

from permits.clock import CITY
from permits.db.metadata import document, instant, key, metadata, region, sealed
from permits.register.figures import CODES

person = Table(
    "person",
    metadata,
    region(),
    key(),
    Column("number", String, nullable=False),
    sealed("names"),
    sealed("birth"),
    instant("recorded"),
    UniqueConstraint("region", "number"),
    comment="Who holds or held a permit; number is the permit number, kept for life.",
)

person_document = Table(
    "person_document",
    metadata,
    region(),
    Column("passport_index", LargeBinary, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    instant("recorded"),
    ForeignKeyConstraint(["region", "person_id"], ["person.region", "person.id"]),
    Index(None, "region", "person_id"),
    comment="The passports by which a person is found again, as blind indexes.",
)

STEADY, ALTERED = "stretches = '[]'::jsonb", "stretches <> '[]'::jsonb"
"""Permits that always said what they say now, nearly all, and the others; statements say it as the indexes do."""

permit = Table(
    "permit",
    metadata,
    region(),
    key(),
    Column("person_id", Uuid, nullable=False),
    Column("number", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("case_id", Uuid),
    Column("case_number", String),
    Column("category", String, nullable=False),
    Column("nationality", String, nullable=False),
    Column("sex", String, nullable=False),
    Column("industry", String, nullable=False),
    Column("district", String, nullable=False),
    Column("employer_code", String, nullable=False),
    Column("employer_name", String, nullable=False),
    Column("position", String, nullable=False),
    Column("position_kind", String, nullable=False),
    Column("permit_kind", String, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("ended_on", Date),
    Column("end_kind", String),
    Column("verification_code", String, nullable=False),
    instant("granted_at"),
    sealed("holder"),
    Column("licence", String, comment="identifier of the electronic licence in its latest version (GB/T 36904)"),
    document("stretches"),
    Column("expiry_noted", Date, comment="the last day whose passing stands in the history"),
    ForeignKeyConstraint(["region", "person_id"], ["person.region", "person.id"]),
    UniqueConstraint("region", "verification_code"),
    UniqueConstraint("region", "case_id"),
    CheckConstraint("valid_from <= valid_until", name="days"),
    CheckConstraint("(ended_on IS NULL) = (end_kind IS NULL)", name="end"),
    Index(None, "region", "number"),
    Index(None, "region", "person_id"),
    Index(None, "region", "valid_until"),
    Index("ix_permit_region_employer_code", "region", "employer_code", "granted_at"),
    Index(
        "ix_permit_to_expire",
        "region",
        "valid_until",
        postgresql_where=text("ended_on IS NULL AND expiry_noted IS DISTINCT FROM valid_until"),
    ),
    Index(
        "ix_permit_employing",
        "region",
        "valid_until",
        postgresql_include=["valid_from", "ended_on", "employer_code"],
        postgresql_where=text(STEADY),
    ),
    Index("ix_permit_altered", "region", "valid_until", postgresql_where=text(ALTERED)),
    comment="Permits in their latest version; valid_until is the last day, ended_on the first day without it.",
)

permit_history = Table(
    "permit_history",
    metadata,
    region(),
    key(),
    Column("permit_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("effective", Date, nullable=False),
    instant("recorded"),
    Column("valid_until", Date, nullable=False),
    Column("case_id", Uuid),
    Column("case_number", String),
    Column("ground", String),
    Column("reasons", String),
    Column("decider", String, nullable=False),
    Column("decider_id", Uuid),
    Column("proposer", String, nullable=False, comment="of a correction: who proposed it"),
    Column("licence", String, comment="identifier of the electronic licence that this version is (GB/T 36904)"),
    document("facts"),
    sealed("holder"),
    ForeignKeyConstraint(["region", "permit_id"], ["permit.region", "permit.id"]),
    UniqueConstraint("region", "permit_id", "version"),
    Index(
        "ix_permit_history_amended",
        "region",
        "effective",
        postgresql_where=text("kind IN ('extended', 'changed', 'replaced')"),
    ),
    comment="Every version and ending of a permit, all it said, from when, recorded when, in which case. Append only.",
)

register_correction = Table(
    "register_correction",
    metadata,
    region(),
    key(),
    Column("permit_id", Uuid, nullable=False),
    Column("permit_version", Integer, nullable=False, comment="the version that was seen when it was proposed"),
    sealed("facts"),
    Column("reasons", String, nullable=False),
    Column("proposed_by", Uuid, nullable=False),
    Column("proposer", String, nullable=False),
    instant("proposed_at"),
    Column("settled", String, comment="confirmed or dropped"),
    Column("settled_by", Uuid),
    Column("settler", String),
    instant("settled_at", nullable=True),
    ForeignKeyConstraint(["region", "permit_id"], ["permit.region", "permit.id"]),
    Index(None, "region", "permit_id"),
    comment="Registration errors that somebody found, and whether another person confirmed what is right.",
)

COUNTED = ("delta", "persons", *CODES)
"""What counts read of the ledger: its rows of one day of effect lie far apart, their index has them side by side."""

ledger = Table(
    "ledger",
    metadata,
    region(),
    key(),
    Column("permit_id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("effective", Date, nullable=False),
    instant("recorded"),
    Column(
        "recorded_on",
        Date,
        Computed(f"(recorded AT TIME ZONE '{CITY.key}')::date", persisted=True),
        nullable=False,
        comment="the office's day, as a column because row-level security lets no index of an expression be used",
    ),
    Column("delta", SmallInteger, nullable=False),
    Column("persons", SmallInteger, nullable=False),
    Column("cause", String, nullable=False),
    Column("category", String, nullable=False),
    Column("nationality", String, nullable=False),
    Column("sex", String, nullable=False),
    Column("age_band", String, nullable=False),
    Column("industry", String, nullable=False),
    Column("district", String, nullable=False),
    Column("employer_code", String, nullable=False),
    Column("position_kind", String, nullable=False),
    Column("permit_kind", String, nullable=False),
    Index(None, "region", "effective", "recorded_on", postgresql_include=COUNTED),
    Index(None, "region", "recorded_on", "effective"),
    Index(None, "region", "permit_id"),
    comment="From its effective day on, so many permits and persons more or fewer. Append only.",
)

ledger_waiting = Table(
    "ledger_waiting",
    metadata,
    region(),
    key(),
    Column("person_id", Uuid, nullable=False),
    instant("recorded"),
    document("entries"),
    comment="Written to the ledger, not entered and summed yet: a row a write, see permits/register/waiting.py.",
)

ledger_total = Table(
    "ledger_total",
    metadata,
    region(),
    Column("by", String, primary_key=True, comment="by what: a letter a column, see permits/register/figures.py"),
    Column("cell", String, primary_key=True, comment="grain of the recorded and the effective day: y, m, d, * any"),
    Column("known", Date, primary_key=True, comment="first day of the year or month of recording"),
    Column("effective", Date, primary_key=True, comment="first day of the year or month of effect"),
    Column("a", String, primary_key=True, comment="the value"),
    Column("b", String, primary_key=True, comment="the second value of a pair, else empty"),
    Column("delta", Integer, nullable=False),
    Column("persons", Integer, nullable=False),
    comment="Sums of the ledger's rows: permits and persons more or fewer, by value, by both periods.",
)

ledger_state = Table(
    "ledger_state",
    metadata,
    region(),
    instant("summed_at", nullable=True),
    instant("checked_at", nullable=True),
    Column("checked_on", Date, comment="the office's day of the last recount"),
    Column("figures", Integer, comment="how many figures the last recount compared"),
    document("differences", nullable=True),
    comment="When the ledger was summed last, and what the last recount found; its row is the lock of both.",
)

counter = Table(
    "counter",
    metadata,
    region(),
    Column("kind", String, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("value", Integer, nullable=False),
    comment="The last number given out, by kind and year; year 0 where a number does not begin anew each year.",
)
