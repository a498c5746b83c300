"""What a recommendation stands on: each item of the points with its fact and its source, and what limits the permit."""

import datetime as dt
from collections.abc import Iterable

import msgspec

from permits.cases import assessment, granting
from permits.cases.view import DocumentView
from permits.i18n import Text
from permits.rules import points as table
from permits.rules.classification import Ground, Profile
from permits.rules.points import Band, PointsTable
from permits.rules.validity import NotPossible, anniversary
from permits.web.parts import Light
from permits.web.points import ITEMS, edition_of, stated
from permits.web.window.opened import Opened
from permits.web.window.papers import SHORT
from permits.web.window.parties import classified, longest_of
from permits.web.window.words import CIRCUMSTANCES

PROOF = {
    "salary": "contract", "education": "degree", "experience": "experience", "months": "contract", "place": "contract",
    "age": "passport", "other": "degree",
}  # fmt: skip
"""The document that an item is read from."""
NONE = Text("—", "—")
_DAY = dt.timedelta(days=1)


class Item(msgspec.Struct, frozen=True):
    """One line of the points."""

    name: Text
    fact: Text
    source: Text
    band: Text
    points: int
    light: Light
    check: Text


def items(opened: Opened) -> list[Item]:
    """Every item with what was stated, where that is written, and whether somebody looked."""
    found, profile = classified(opened), assessment.profile(opened.case.application, opened.today)
    if found is None or profile is None:
        return []
    edition = edition_of(opened.office.law, found)
    return [
        Item(
            name,
            stated(key, profile),
            _source(opened, key),
            _band(edition, profile, key),
            found.items[key],
            *_check(opened, key, found.items[key]),
        )
        for key, name in ITEMS.items()
    ]


def lifts(opened: Opened) -> list[tuple[Text, int, bool]]:
    """What would lift the person towards the next category: the words, the points, whether it alone is enough."""
    found = classified(opened)
    gains = [gain for gain in found.gains if gain.points and gain.item != "place"] if found else []
    return [(one.text, one.points, one.enough) for one in sorted(gains, key=lambda one: -one.points)]


def _document(opened: Opened, key: str) -> DocumentView | None:
    """The document an item is read from."""
    kind = PROOF.get(key)
    return next((document for document in opened.view.documents if document.kind == kind), None)


def _source(opened: Opened, key: str) -> Text:
    document = _document(opened, key)
    if document is None:
        return Text("申请表", "Form")
    title = SHORT.get(document.kind, Text(document.title, document.title))
    how = {"uploaded": Text("上传", "uploaded"), "committed": Text("承诺", "committed")}.get(document.status)
    return Text(f"{title.zh}，{how.zh}", f"{title.en}, {how.en}") if how else title


def _check(opened: Opened, key: str, given: int) -> tuple[Light, Text]:
    document = _document(opened, key)
    if not given:
        return "open", Text("不计", "Not counted")
    if document is None:
        return "done", Text("按申请表", "As stated")
    if document.status == "committed":
        return "soon", Text("待核验", "To be verified")
    if document.checked_by:
        who = document.checked_by.partition("（")[0]
        return "done", Text(f"{who} 核对", f"Seen by {who}")
    if document.status == "uploaded":
        return "open", Text("待核", "Not checked")
    return "done", Text("免核", "Not needed")


def _band(edition: PointsTable, profile: Profile, key: str) -> Text:
    """The line of the table that gave the points."""
    match key:
        case "salary":
            return _range(edition.salary, profile.annual_salary_cny, Text("元", "yuan"))
        case "months":
            return _range(edition.months, profile.months_per_year, Text("个月", "months"))
        case "age":
            return _range(edition.age, profile.age, Text("岁", "years"))
        case "experience":
            first = edition.experience
            zh = f"满 {first.from_years} 年 {first.points} 分，每多 1 年加 1"
            return Text(zh, f"{first.points} from {first.from_years} years on, 1 more a year")
        case "education" | "chinese" | "place":
            return _row(getattr(edition, key), getattr(profile, key))
        case _:
            return NONE


def _range(bands: Iterable[Band], value: int, unit: Text) -> Text:
    band = next((band for band in bands if band.holds(value, closed=True)), None)
    if band is None:
        return NONE
    if band.to is None:
        return Text(f"{band.from_:,} {unit.zh}以上", f"{band.from_:,} {unit.en} or more")
    return Text(f"{band.from_:,} 至 {band.to:,} {unit.zh}", f"{band.from_:,} to {band.to:,} {unit.en}")


def _row(rows: Iterable[table.Row], code: str) -> Text:
    return next((row.text for row in rows if row.code == code), NONE)


def other_grounds(opened: Opened) -> list[tuple[Light, Text]]:
    """The direct grounds of category A: held, not held or not claimed."""
    found = classified(opened)
    if found is None:
        return []
    held = {ground.key for ground in found.grounds}
    claimed = set(opened.case.employment.grounds or ())
    on = opened.case.row.rules_on or opened.today
    best = [g for g in opened.office.law.entries(Ground, on=on, region=opened.case.row.region) if g.category == "A"]
    return [
        ("done" if g.key in held else "no" if g.key in claimed or g.times_average else "open", g.text) for g in best
    ]


# How long the permit may run


class Bound(msgspec.Struct, frozen=True):
    """One thing that limits the permit, as a bar of the drawing."""

    name: Text
    until: dt.date
    width: float
    y: int
    first: bool
    """Whether this is the one that binds."""


class Runs(msgspec.Struct, frozen=True):
    """The drawing of what limits the permit."""

    start: dt.date
    until: dt.date
    bounds: tuple[Bound, ...]
    years: tuple[tuple[int, float], ...]
    """The first of January of each year and where it stands."""
    at: float
    """Where the permit ends."""
    why: Text


LEFT, WIDE, ROW = 150, 620, 26
"""The drawing's units: where the bars begin, how long the longest is, how high a row."""


def runs(opened: Opened) -> Runs | NotPossible | None:
    """What limits the permit, drawn; why none is possible; None while the form does not say enough."""
    longest = longest_of(opened)
    if longest is None or isinstance(longest, NotPossible):
        return longest
    start, limits = longest.valid_from, list(_limits(opened, longest.valid_from))
    last = dt.date(max(until for _, until in limits).year + 1, 1, 1)
    scale = WIDE / max((last - start).days, 1)
    bounds = tuple(
        Bound(name, until, round((until - start).days * scale, 1), 6 + ROW * at, until == longest.valid_until)
        for at, (name, until) in enumerate(limits)
    )
    years = tuple(
        (year, round(LEFT + (dt.date(year, 1, 1) - start).days * scale, 1))
        for year in range(start.year + 1, last.year + 1)
    )
    at = round(LEFT + (longest.valid_until - start).days * scale, 1)
    return Runs(start, longest.valid_until, bounds, years, at, longest.bound_by)


def _limits(opened: Opened, start: dt.date) -> Iterable[tuple[Text, dt.date]]:
    work, holder, category = opened.case.employment, opened.case.beneficiary, opened.view.category or "C"
    assert work.contract_end is not None
    assert holder.passport_expiry is not None
    on, region = opened.case.row.rules_on or start, opened.case.row.region
    years = int(opened.office.law.setting(f"validity.most_years.{category}", on=on, region=region).value)
    yield Text("合同", "Contract"), work.contract_end
    yield Text(f"{category} 类最长 {years} 年", f"{category}: {years} years"), anniversary(start, years) - _DAY
    within = opened.office.law.setting("validity.within_passport", on=on, region=region).value
    name = Text("护照", "Passport") if within else Text("护照，只限居留许可", "Passport: stay only")
    yield name, holder.passport_expiry


def ends(opened: Opened) -> list[tuple[Text, Text]]:
    """Of a case that ends a permit: which, how long it runs, why and from when it is to end. Of any other nothing."""
    case, held = opened.case, opened.case.held
    if held is None or case.filing.writes != "end":
        return []
    said, day = case.last_event("end-proposed"), granting.ends_on(case, held, opened.today)
    why = CIRCUMSTANCES.get(case.employment.circumstance or "", NONE)
    facts = {
        Text("许可编号", "Permit"): held.number,
        Text("有效期", "Validity"): f"{held.valid_from} – {held.valid_until}",
        Text("不再有效", "No longer valid from"): str(day),
    }
    told = [(label, Text(value, value)) for label, value in facts.items()]
    reasons = said.detail["reasons"] if said else ""
    return [
        *told,
        (Text("依据", "Ground"), why),
        *([(Text("理由", "Reasons"), Text(reasons, reasons))] if said else []),
    ]
