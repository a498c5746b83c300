"""Taking an application apart for the database and together again: personal data sealed, the rest in the clear."""

from typing import Any

import msgspec

from permits.cases.application import PARTS, PERSONAL, Application
from permits.db.crypto import Keys


def _context(region: str, case_id: object) -> bytes:
    return f"case:{region}:{case_id}".encode()


def apart(application: Application, region: str, case_id: object, keys: Keys) -> dict[str, Any]:
    """The columns of `cases` that hold an application: clear parts, sealed part, and the blind indexes."""
    whole = {part: msgspec.to_builtins(getattr(application, part)) for part in PARTS}
    personal = {part: {k: whole[part].pop(k) for k in names if k in whole[part]} for part, names in PERSONAL.items()}
    sealed = keys.seal(msgspec.msgpack.encode(personal), _context(region, case_id))
    return whole | {
        "personal": sealed,
        "passport_index": passport_index(application, keys),
        "name_index": name_index(application, keys),
    }


def personal(row: dict[str, Any], keys: Keys) -> dict[str, dict[str, Any]]:
    """The personal data of a row, opened. Raises ValueError where the keys do not fit."""
    found: dict[str, dict[str, Any]] = msgspec.msgpack.decode(
        keys.open(row["personal"], _context(row["region"], row["id"]))
    )
    return found


def together(row: dict[str, Any], keys: Keys) -> Application:
    """The application of a row again. Raises ValueError where the keys do not fit."""
    opened = personal(row, keys)
    parts = {part: row[part] | opened.get(part, {}) for part in PARTS}
    return msgspec.convert({"procedure": row["procedure"], "joint": row["joint"]} | parts, Application)


def passport_index(application: Application, keys: Keys) -> bytes | None:
    """Where a passport is found again: number and nationality together."""
    holder = application.beneficiary
    if not (holder.passport_number and holder.nationality):
        return None
    return keys.passport_index(holder.nationality, holder.passport_number)


def name_index(application: Application, keys: Keys) -> list[bytes]:
    """Where a person is found by name: each word of it."""
    holder = application.beneficiary
    return words(" ".join(filter(None, (holder.surname, holder.given_names, holder.chinese_name))), keys)


def words(name: str, keys: Keys) -> list[bytes]:
    """The blind index of each word of a name."""
    return sorted({keys.blind_index(word) for word in name.split()})
