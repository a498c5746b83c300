"""Monthly and yearly reports: figures of a period as they were known when the report was issued, kept with its bytes.

A report is never changed. Where today's data give other figures a further edition may be issued; both stay.
Small figures are left out of the PDF: of persons, of what made them more or fewer, of shares; not of limits and steps.
"""

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Literal

import asyncpg
import msgspec
from sqlalchemy import Date, Integer, bindparam, insert, select

from permits.db.ids import new_id
from permits.db.statements import statement
from permits.errors import BadInput, FieldError, NotFound
from permits.i18n import Text
from permits.rules.law import Law
from permits.statistics import service as statistics
from permits.statistics import shares, times
from permits.statistics.model import Change, MonthEnd
from permits.statistics.published_changes import publish_bridge
from permits.statistics.shares import SHARES, Counted
from permits.statistics.suppression import publish, smallest_count
from permits.statistics.tables import report

Kind = Literal["month", "year"]
KINDS: dict[Kind, Text] = {"month": Text("月报", "Monthly report"), "year": Text("年报", "Yearly report")}
PARTS = ("category", "nationality", "district", "industry", "sex", "age_band", "permit_kind")
"""What a report counts by."""
FURTHEST = {"month": 36, "year": 10}
"""So many periods back can be reported on."""
SHARE = "share"
NO_REPORT = Text("没有这份报告。", "There is no such report.")
_DAY = dt.timedelta(days=1)
Say = Callable[[str, str], Text]
"""What a value of a dimension is called."""


class Line(msgspec.Struct, frozen=True):
    """One group of a part."""

    code: str
    name: Text
    count: int
    hidden: bool
    """Left out of the PDF."""


class Part(msgspec.Struct, frozen=True):
    """Valid permits on the last day by one dimension."""

    dimension: str
    withheld: bool
    lines: tuple[Line, ...]


class StepLine(msgspec.Struct, frozen=True):
    """Time taken by one step over the year up to the last day, in net working days, against the promise."""

    step: str
    count: int
    met: int
    half: int
    most: int


class ShareLine(msgspec.Struct, frozen=True):
    """A share of the year up to the last day; what is hidden is left out of the PDF."""

    share: str
    whole: int
    part: int
    whole_hidden: bool
    part_hidden: bool


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a report says."""

    kind: Kind
    since: dt.date
    """The last day of the period before."""
    until: dt.date
    before: int
    total: int
    persons: int
    total_hidden: bool
    smallest: int
    changes: tuple[Change, ...]
    months: tuple[MonthEnd, ...]
    parts: tuple[Part, ...]
    steps: tuple[StepLine, ...]
    changes_hidden: tuple[str, ...] = ()
    """The kinds whose figures are left out of the PDF."""
    changes_withheld: bool = False
    """Whether no kind is even named in the PDF."""
    shares: tuple[ShareLine, ...] = ()
    """In the order of `SHARES`; empty in reports of before there were shares."""

    @property
    def left_out(self) -> bool:
        """Whether small figures were left out."""
        groups = any(part.withheld or any(one.hidden for one in part.lines) for part in self.parts)
        changes = self.changes_withheld or bool(self.changes_hidden)
        return self.total_hidden or groups or changes or any(one.part_hidden for one in self.shares)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A report as issued, without its bytes."""

    id: uuid.UUID
    kind: Kind
    until: dt.date
    edition: int
    facts: Facts
    digest: str
    known_at: dt.datetime
    issued_by: str


class Difference(msgspec.Struct, frozen=True):
    """A figure of a report that today's data give otherwise."""

    dimension: str
    """Empty for a total; `share` for a share, whose code is the address of its list."""
    code: str
    name: Text
    then: int
    now: int


_ABOUT = [report.c[name] for name in Report.__struct_fields__]
_HERE = report.c.region == bindparam("region")
_PERIOD = (report.c.kind == bindparam("kind"), report.c.until == bindparam("until", type_=Date))
_LATEST = statement(
    select(*_ABOUT)
    .where(_HERE)
    .order_by(report.c.until.desc(), report.c.kind, report.c.edition.desc())
    .limit(bindparam("most", type_=Integer))
)
_ONE = statement(select(*_ABOUT).where(_HERE, report.c.id == bindparam("id")))
_BYTES = statement(select(report.c.pdf).where(_HERE, report.c.id == bindparam("id")))
_EDITIONS = statement(select(*_ABOUT).where(_HERE, *_PERIOD).order_by(report.c.edition.desc()))
_KEEP = statement(insert(report))


def period(kind: str, until: str, today: dt.date) -> tuple[Kind, dt.date, dt.date]:
    """Kind, the last day of the period before, and the last day. Raises BadInput for what is no period or not over."""
    found = next((name for name in KINDS if name == kind), None)
    offered = periods(found, today) if found else []
    last = next((day for day in offered if str(day) == until), None)
    if found is None or last is None:
        text = Text("请选一个已经结束的月或年。", "Choose a month or a year that is over.")
        raise BadInput(errors=[FieldError("/until", text)])
    first = last.replace(month=1, day=1) if found == "year" else last.replace(day=1)
    return found, first - _DAY, last


def periods(kind: Kind, today: dt.date) -> list[dt.date]:
    """The last days of the periods that can be reported on, the latest first."""
    if kind == "year":
        return [dt.date(today.year - n, 12, 31) for n in range(1, FURTHEST["year"] + 1)]
    last = today.year * 12 + today.month - 1
    firsts = (dt.date(m // 12, m % 12 + 1, 1) for m in range(last, last - FURTHEST["month"], -1))
    return [first - _DAY for first in firsts]


async def facts(
    tx: asyncpg.Connection, law: Law, region: str, kind: Kind, since: dt.date, until: dt.date, today: dt.date, say: Say
) -> Facts:
    """The figures of a period as known now; the small ones are marked by the setting in force today."""
    smallest = smallest_count(law, today, region)
    whole = publish(await statistics.valid_on(tx, region, until, None, ()), smallest)
    bridge = await statistics.bridge(tx, region, since, until)
    months = await statistics.month_ends(tx, region, since, until)
    steps = [one for one in await times.steps(tx, law, region, until) if one.basis == "promised"]
    said = publish_bridge(bridge, smallest)
    return Facts(
        kind=kind,
        since=since,
        until=until,
        before=bridge.from_.total,
        total=whole.count.total,
        persons=whole.count.persons,
        total_hidden=whole.total_hidden,
        smallest=smallest,
        changes=bridge.changes,
        months=tuple(months),
        parts=tuple([await _part(tx, region, until, name, smallest, say) for name in PARTS]),
        steps=tuple(StepLine(one.step, one.count, one.met, one.half, one.most) for one in steps),
        changes_hidden=tuple(kind for kind, count in said.changes if count is None),
        changes_withheld=said.withheld,
        shares=_shares(await shares.shares(tx, region, until), smallest),
    )


def _shares(found: Mapping[str, Counted], smallest: int) -> tuple[ShareLine, ...]:
    leaving = shares.leaving(found, smallest)
    lines = ((name, found[name], *leaving[name]) for name in found)
    return tuple(ShareLine(name, one.whole, one.part, w is None, p is None) for name, one, w, p in lines)


async def _part(tx: asyncpg.Connection, region: str, on: dt.date, name: str, smallest: int, say: Say) -> Part:
    found = publish(await statistics.valid_on(tx, region, on, None, (name,)), smallest)
    lines = []
    for at, group in enumerate(found.count.groups):
        code = group.values[name]
        lines.append(Line(code, say(name, code), group.count, found.withheld or at in found.hidden))
    return Part(name, found.withheld, tuple(lines))


async def latest(tx: asyncpg.Connection, region: str, most: int = 100) -> list[Report]:
    """The reports issued, of the latest periods first, the latest edition first."""
    return await _LATEST.structs(tx, Report, region=region, most=most)


async def editions(tx: asyncpg.Connection, region: str, kind: Kind, until: dt.date) -> list[Report]:
    """The editions of one report, the latest first."""
    return await _EDITIONS.structs(tx, Report, region=region, kind=kind, until=until)


async def by_id(tx: asyncpg.Connection, region: str, report_id: uuid.UUID) -> Report:
    """One report. Raises NotFound."""
    found = await _ONE.structs(tx, Report, region=region, id=report_id)
    if not found:
        raise NotFound(NO_REPORT)
    return found[0]


async def pdf_of(tx: asyncpg.Connection, region: str, report_id: uuid.UUID) -> bytes:
    """A report's PDF, byte for byte as issued. Raises NotFound, and ValueError where it is not what was issued."""
    about = await by_id(tx, region, report_id)
    pdf: bytes = await _BYTES.value(tx, region=region, id=report_id)
    if hashlib.sha256(pdf).hexdigest() != about.digest:
        raise ValueError("a report is not the bytes that were issued")
    return pdf


async def keep(
    tx: asyncpg.Connection, region: str, account_id: uuid.UUID, made: Facts, edition: int, pdf: bytes,
    known_at: dt.datetime, issued_by: str,
) -> uuid.UUID:  # fmt: skip
    """Write a report down for good. Raises UniqueViolationError where another issued this edition meanwhile."""
    given: dict[str, Any] = {"id": new_id(), "kind": made.kind, "until": made.until, "edition": edition}
    given |= {"facts": msgspec.to_builtins(made), "pdf": pdf, "digest": hashlib.sha256(pdf).hexdigest()}
    await _KEEP.run(
        tx, region=region, known_at=known_at, account_id=account_id, issued_by=issued_by, **given
    )  # fmt: skip
    return uuid.UUID(str(given["id"]))


def differences(then: Facts, now: Facts) -> list[Difference]:
    """The figures of valid permits and of what made them, that today's data give otherwise; totals first."""
    totals = [
        ("before", Text(f"{then.since} 有效许可", f"Valid on {then.since}"), then.before, now.before),
        ("total", Text(f"{then.until} 有效许可", f"Valid on {then.until}"), then.total, now.total),
        ("persons", Text(f"{then.until} 人数", f"Persons on {then.until}"), then.persons, now.persons),
    ]
    found = [Difference("", code, name, a, b) for code, name, a, b in totals if a != b]
    for name in PARTS:
        found += _differences_of(name, _lines(then, name), _lines(now, name))
    return found + _share_differences(then, now)


def _share_differences(then: Facts, now: Facts) -> list[Difference]:
    """Of the shares that both tell of: an older report tells of fewer."""
    after = {one.share: one for one in now.shares}
    found = []
    for one in then.shares:
        name, part = SHARES[one.share].name, SHARES[one.share].part
        whole = Text(f"{name.zh}，全部", f"{name.en}, all")
        if one.whole != after[one.share].whole:
            found.append(Difference(SHARE, f"{one.share}?part=", whole, one.whole, after[one.share].whole))
        if one.part != after[one.share].part:
            counts = Text(f"{name.zh}，{part.zh}", f"{name.en}, {part.en.lower()}")
            found.append(Difference(SHARE, f"{one.share}?part=yes", counts, one.part, after[one.share].part))
    return found


def _lines(facts: Facts, dimension: str) -> dict[str, Line]:
    return {line.code: line for part in facts.parts if part.dimension == dimension for line in part.lines}


def _differences_of(dimension: str, then: dict[str, Line], now: dict[str, Line]) -> list[Difference]:
    found = []
    for code in sorted(then.keys() | now.keys()):
        a, b = (lines[code].count if code in lines else 0 for lines in (then, now))
        if a != b:
            found.append(Difference(dimension, code, (now.get(code) or then[code]).name, a, b))
    return found
