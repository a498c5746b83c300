"""The versions of a person's permits as lines of a table: what happened, from when, recorded when, and how late."""

import datetime as dt
from collections.abc import Iterator

import msgspec

from permits.cases.words import CATEGORIES
from permits.clock import CITY
from permits.i18n import Text
from permits.letters.model import Issued
from permits.register.model import Facts, NamedVersion
from permits.rules.nationality import NATIONALITIES
from permits.web.labels import words
from permits.web.permit import KINDS, Shown

NAMES = {
    "category": Text("类别", "category"),
    "nationality": Text("国籍", "nationality"),
    "sex": Text("性别", "sex"),
    "industry": Text("行业", "industry"),
    "district": Text("所在区", "district"),
    "employer_code": Text("信用代码", "credit code"),
    "employer_name": Text("单位名称", "employer"),
    "position": Text("岗位", "position"),
    "position_kind": Text("岗位种类", "kind of position"),
    "permit_kind": Text("许可种类", "kind of permit"),
    "valid_from": Text("有效期自", "valid from"),
    "valid_until": Text("有效期至", "valid until"),
}
"""What a version says, as people call it."""
PERSON = {
    "surname": Text("姓", "surname"),
    "given_names": Text("名", "given names"),
    "chinese_name": Text("中文姓名", "Chinese name"),
}
CODES = {
    "sex": "beneficiary.sex",
    "industry": "employer.industry",
    "district": "employer.district",
    "position_kind": "employment.position_kind",
}
"""The form field whose codes a fact bears."""
TOLD = ("changed", "corrected", "extended")
"""Versions that say what differs from the one before."""


class Line(msgspec.Struct, frozen=True):
    """One version."""

    version: int
    what: Text
    more: Text | None
    """Why, or what differs from the version before."""
    effective: dt.date
    until: dt.date | None
    """The last day; None of an end."""
    recorded: dt.date
    late: int
    """Days between taking effect and being recorded; 0 where it was recorded before."""
    employer: str
    position: str
    case: str | None
    letters: tuple[Issued, ...]
    kept: str
    """Where its letters are kept: the case, or the permit where no case led to them."""
    by: str
    css: str
    """is-here for the version that holds, is-end for an end."""


def lines(found: Shown) -> list[Line]:
    """The versions, the latest first."""
    return [*_lines(found)][::-1]


def _lines(found: Shown) -> Iterator[Line]:
    before: dict[object, NamedVersion] = {}
    for version in found.history:
        yield _line(found, version, before.get(version.permit_id))
        before[version.permit_id] = version


def _line(found: Shown, version: NamedVersion, earlier: NamedVersion | None) -> Line:
    recorded, facts = version.recorded.astimezone(CITY).date(), version.facts
    ended = version.kind in ("cancelled", "revoked", "withdrawn-by-authority", "expired")
    last = found.current.history[-1]
    return Line(
        version=version.version,
        what=KINDS[version.kind],
        more=_more(found, version, earlier),
        effective=version.effective,
        until=None if ended else version.valid_until,
        recorded=recorded,
        late=max((recorded - version.effective).days, 0) if version.kind != "expired" else 0,
        employer=facts.employer_name,
        position=facts.position,
        case=version.case_number,
        letters=tuple(found.of(version)),
        kept=version.case_number or f"permits/{found.entry.number}",
        by=_by(version) if found.inside else "",
        css="is-here" if version is last else "is-end" if ended else "",
    )


def _by(version: NamedVersion) -> str:
    return "、".join(filter(None, (version.proposer, version.decider)))


def _more(found: Shown, version: NamedVersion, earlier: NamedVersion | None) -> Text | None:
    if ground := found.ground(version):
        return ground
    if version.kind not in TOLD or earlier is None:
        return None
    told = [*_differences(earlier.facts, version.facts)]
    told += _names(earlier, version)
    return Text("；".join(one.zh for one in told), "; ".join(one.en for one in told)) if told else None


def _names(earlier: NamedVersion, version: NamedVersion) -> Iterator[Text]:
    """Which names differ; one that was taken out says so. Names themselves stand in the register, not in a line."""
    for name, label in PERSON.items():
        before, after = getattr(earlier.names, name), getattr(version.names, name)
        if before and not after:
            yield Text(f"{label.zh}删去", f"{label.en} taken out")
        elif before != after:
            yield Text(f"{label.zh}改正" if version.kind == "corrected" else f"{label.zh}变更", f"{label.en} changed")


def _differences(old: Facts, new: Facts) -> Iterator[Text]:
    for name, label in NAMES.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            was, now = value(name, before), value(name, after)
            yield Text(f"{label.zh}由“{was.zh}”改“{now.zh}”", f"{label.en}: {was.en} → {now.en}")


def value(name: str, code: object) -> Text:
    """A fact in words."""
    if name in CODES:
        return words(CODES[name], str(code))
    if name == "nationality":
        return NATIONALITIES.get(str(code), Text(str(code), str(code)))
    if name == "category" and code in CATEGORIES:
        return Text(f"{code} 类", str(code))
    return Text(str(code), str(code))
