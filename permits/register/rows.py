"""What the register writes, made of decisions: a permit, its versions, its licence's identifier.

Names are sealed here for the permit they belong to; nothing is read and nothing is written.
"""

import datetime as dt
import secrets
import uuid
from typing import Any

import msgspec

from permits.db.crypto import Keys
from permits.db.ids import new_id
from permits.register.model import Amendment, Correction, Ending, Facts, Grant, Names, Permit
from permits.register.store import PermitRow, Person
from permits.rules.identifiers import (
    MOST_VERSIONS,
    SECRET_BYTES,
    licence_identifier,
    make_licence_identifier,
    make_verification_code,
)
from permits.rules.law import Law


def permit_of(law: Law, keys: Keys, one: Grant, holder: Person, nth: int) -> PermitRow:
    """A granted permit as a row, with its first licence; `nth` counts the holder's permits from 1."""
    id_ = new_id()
    same = set(Grant.__struct_fields__) & set(Permit.__struct_fields__)
    made = PermitRow(
        **{field: getattr(one, field) for field in same},
        id=id_,
        person_id=holder.id,
        number=holder.number,
        version=1,
        ended_on=None,
        end_kind=None,
        verification_code=make_verification_code(one.region, secrets.token_bytes(SECRET_BYTES)),
        granted_at=one.recorded,
        holder=sealed_names(keys, one.region, id_, names_in(one)),
    )
    serial = f"{''.join(filter(str.isalnum, holder.number.upper()))[:36]}{nth:02d}"
    issued = licence(law, one.region, one.recorded.date(), version=1, serial=serial)
    return msgspec.structs.replace(made, licence=issued)


def sealed_names(keys: Keys, region: str, permit_id: uuid.UUID, names: Names) -> bytes:
    """A holder's names, sealed for this permit."""
    return keys.seal(msgspec.json.encode(names), context("permit", region, permit_id))


def licence(law: Law, region: str, on: dt.date, *, version: int, serial: str) -> str:
    """The identifier of a permit as an electronic licence (GB/T 36904); a new version keeps the serial."""
    code, issuer = (law.setting(f"licence.{name}", on=on, region=region).value for name in ("type_code", "issuer_code"))
    return make_licence_identifier(code, issuer, serial, min(version, MOST_VERSIONS))


def serial_of(identifier: str | None) -> str:
    """The serial of a licence that was issued before; one that an older system never numbered begins with 0."""
    return licence_identifier(identifier).fields["serial"] if identifier else secrets.token_hex(8).upper()


def first_version(made: PermitRow, one: Grant) -> dict[str, Any]:
    """The version that a grant makes, as a row of the history."""
    granted = {"kind": "granted", "effective": made.valid_from, "recorded": made.granted_at, "licence": made.licence}
    return version_of(made) | granted | {"case_id": made.case_id, "case_number": made.case_number,
                                    "decider": one.decider, "decider_id": one.decider_id}  # fmt: skip


_SAID = ("effective", "recorded", "case_id", "case_number", "ground", "reasons", "decider", "decider_id")


def said_of(new: PermitRow, by: Ending | Amendment | Correction) -> dict[str, Any]:
    """What a decision tells of the version that it makes."""
    return version_of(new) | {field: getattr(by, field) for field in _SAID if hasattr(by, field)}


def version_of(permit: PermitRow) -> dict[str, Any]:
    """What every version of a permit says, as a row of the history without what happened."""
    same = {"permit_id": permit.id, "version": permit.version, "valid_until": permit.valid_until}
    return {"id": new_id(), "decider": "", "proposer": "", "facts": facts_of(permit), "holder": permit.holder, **same}


def facts_of(permit: Permit) -> Facts:
    """All that a permit says, names apart."""
    return Facts(*(getattr(permit, name) for name in Facts.__struct_fields__))


def names_in(one: Grant) -> Names:
    """The names that a grant states."""
    return Names(one.surname, one.given_names, one.chinese_name)


def context(kind: str, region: str, id_: uuid.UUID) -> bytes:
    """What a sealed value belongs to: it opens nowhere else."""
    return f"{kind}/{region}/{id_}".encode()
