"""A permit as the JSON interface and the pages show it: how it stands, its versions, its whole history with letters.

Officers' names are for colleagues; the parties see the office. It looks nothing up beyond the letters of the cases.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import msgspec

from permits.cases import extending
from permits.clock import CITY
from permits.i18n import Text
from permits.letters import store as letters
from permits.letters.kinds import TITLES
from permits.letters.model import Issued
from permits.register.model import NamedVersion, RegisteredPermit, RegisterEntry, VersionKind
from permits.rules import procedures
from permits.rules.identifiers import licence_identifier
from permits.rules.law import Law
from permits.web.i18n import Lang

KINDS: Mapping[VersionKind, Text] = {
    "granted": Text("准予", "Granted"),
    "extended": Text("延期", "Extended"),
    "changed": Text("变更", "Changed"),
    "replaced": Text("换发电子许可", "Reissued"),
    "cancelled": Text("注销", "Cancelled"),
    "revoked": Text("撤销", "Revoked"),
    "withdrawn-by-authority": Text("撤回", "Withdrawn by the authority"),
    "expired": Text("到期失效", "Expired"),
    "corrected": Text("更正", "Corrected"),
}
"""What a version says happened."""
ENDS = {"cancelled": "cancel", "revoked": "revoke", "withdrawn-by-authority": "withdraw"}
"""The item whose circumstances are the grounds of each end."""
DECISIONS = ("grant", "permit", "cancellation", "direct-cancellation", "revocation", "withdrawal")
"""The letters that a decision about a permit is told by."""
LICENCE_NAME = Text("外国人来华工作许可", "Work Permit for Foreigners in China")
PARTS = ("type", "issuer", "serial", "version", "check")

ByCase = Mapping[uuid.UUID, Sequence[Issued]]


class Shown(msgspec.Struct, frozen=True):
    """What the register holds of a person, for one reader."""

    entry: RegisterEntry
    letters: ByCase
    direct: Sequence[Issued]
    """Letters that no case led to."""
    law: Law
    region: str
    lang: Lang
    inside: bool
    """Whether the reader works at the office."""

    @property
    def current(self) -> RegisteredPermit:
        """The permit in force, else the latest."""
        running = [one for one in self.entry.permits if one.status == "valid"]
        return running[-1] if running else self.entry.permits[-1]

    @property
    def history(self) -> list[NamedVersion]:
        """Every version of every permit, in the order of recording."""
        return sorted((v for one in self.entry.permits for v in one.history), key=lambda v: (v.recorded, v.version))

    def of(self, version: NamedVersion) -> Sequence[Issued]:
        """The letters that go with a version: the decision's, of its case."""
        if version.case_id is None:
            return [one for one in self.direct if one.permit_id == version.permit_id and version.kind == "cancelled"]
        found = self.letters.get(version.case_id, ()) if version.kind != "expired" else ()
        return [one for one in found if one.kind in DECISIONS]

    def ground(self, version: NamedVersion) -> Text | None:
        """What the ground of an end is called."""
        if version.ground is None:
            return None
        if version.ground == extending.GROUND:
            return extending.ART_50
        on, key = version.recorded.astimezone(CITY).date(), version.ground
        listed = procedures.circumstances(self.law, on, self.region, ENDS.get(version.kind, ""))
        return next((one.title for one in listed if one.key == key), Text(key, key))


async def shown(
    tx: asyncpg.Connection, law: Law, region: str, entry: RegisterEntry, lang: Lang, *, inside: bool
) -> Shown:
    """An entry of the register with the letters of its cases."""
    cases = {version.case_id for one in entry.permits for version in one.history}
    direct = await letters.letters_of_permits(tx, region, [one.id for one in entry.permits])
    return Shown(entry, await letters.letters_of_cases(tx, region, cases), direct, law, region, lang, inside)


def licence(identifier: str | None, lang: Lang) -> dict[str, Any] | None:
    """The record of an electronic licence (GB/T 36903): its identifier taken apart."""
    if identifier is None:
        return None
    fields = licence_identifier(identifier).fields
    return {"name": LICENCE_NAME.of(lang), "identifier": identifier, **{name: fields.get(name) for name in PARTS}}


def answer(found: Shown) -> dict[str, Any]:
    """The permit as the JSON interface gives it."""
    now = found.current
    return {
        "number": found.entry.number,
        "holder": msgspec.to_builtins(found.entry.names),
        **_permit(found, now),
        "versions": [_version(found, version) for version in now.history],
        "permits": [_permit(found, one) for one in found.entry.permits],
        "history": [_version(found, version) for version in found.history],
    }


def _permit(found: Shown, one: RegisteredPermit) -> dict[str, Any]:
    names = (
        "status", "category", "nationality", "sex", "industry", "district", "employer_code", "employer_name",
        "position", "position_kind", "permit_kind", "valid_from", "valid_until", "ended_on", "end_kind",
        "verification_code", "version", "case_number",
    )  # fmt: skip
    return {name: getattr(one, name) for name in names} | {"licence": _licence(found, one)}


def _licence(found: Shown, one: RegisteredPermit) -> dict[str, Any] | None:
    record = licence(one.licence, found.lang)
    if record is None:
        return None
    issued = next(v for v in reversed(one.history) if v.licence == one.licence)
    holder = {"holder": found.entry.names.latin, "number": found.entry.number}
    days = {"valid_from": one.valid_from, "valid_until": one.valid_until}
    return record | holder | days | {"issued_on": issued.recorded.astimezone(CITY).date()}


def _version(found: Shown, version: NamedVersion) -> dict[str, Any]:
    ground = found.ground(version)
    return {
        "kind": version.kind,
        "text": KINDS[version.kind].of(found.lang),
        "version": version.version,
        "effective": version.effective,
        "valid_until": version.valid_until,
        "recorded": version.recorded.astimezone(CITY),
        "case": version.case_number,
        "ground": {"key": version.ground, "text": ground.of(found.lang)} if ground else None,
        "reasons": version.reasons,
        "decider": version.decider if found.inside else None,
        "proposer": (version.proposer or None) if found.inside else None,
        "licence": version.licence,
        "facts": version.facts,
        "holder": version.names,
        "letters": [_letter(found, version, one) for one in found.of(version)],
    }


def _letter(found: Shown, version: NamedVersion, one: Issued) -> dict[str, Any]:
    place = f"applications/{version.case_number}" if one.case_id else f"permits/{found.entry.number}"
    return {
        "id": one.id,
        "kind": one.kind,
        "title": TITLES[one.kind].of(found.lang),
        "number": one.number,
        "href": f"/api/v1/{place}/letters/{one.id}",
    }
