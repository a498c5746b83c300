"""The register's tables: persons and permits say how things stand, `permit_history` and `ledger` only grow."""

from sqlalchemy import (
    CheckConstraint,
    Column,
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
)

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
    ForeignKeyConstraint(["region", "person_id"], ["person.region", "person.id"]),
    UniqueConstraint("region", "verification_code"),
    UniqueConstraint("region", "case_id"),
    CheckConstraint("valid_from <= valid_until", name="days"),
    CheckConstraint("(ended_on IS NULL) = (end_kind IS NULL)", name="end"),
    Index(None, "region", "number"),
    Index(None, "region", "person_id"),
    Index(None, "region", "valid_until"),
    Index(None, "region", "employer_code"),
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
    ForeignKeyConstraint(["region", "permit_id"], ["permit.region", "permit.id"]),
    UniqueConstraint("region", "permit_id", "version"),
    comment="Every version and ending of a permit: what, from when, recorded when, in which case. Append only.",
)

ledger = Table(
    "ledger",
    metadata,
    region(),
    key(),
    Column("permit_id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("effective", Date, nullable=False),
    instant("recorded"),
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
    Index(None, "region", "effective", "recorded"),  # a covering one gained nothing, from 3,000 rows to a million
    Index(None, "region", "permit_id"),
    comment="From its effective day on, so many permits and persons more or fewer. Append only.",
)

ledger_tail = Table(
    "ledger_tail",
    metadata,
    region(),
    key(),
    Column("effective", Date, nullable=False),
    Column("recorded_on", Date, nullable=False, comment="the office's day"),
    Column("delta", SmallInteger, nullable=False),
    Column("persons", SmallInteger, nullable=False),
    *(Column(name, String, nullable=False) for name in CODES),
    comment="The ledger's rows that ledger_total does not hold yet; written with them, taken away when summed.",
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
