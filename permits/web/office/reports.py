"""The handlers of reports: issue one, fetch it again as it was issued, see what today's data say otherwise."""

import asyncio
import datetime as dt
import uuid
from typing import Any

import asyncpg
import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from permits import clock
from permits.errors import BadInput
from permits.i18n import Text
from permits.letters.render import document
from permits.rules.law import Law
from permits.settings import settings
from permits.statistics import exports, reports
from permits.statistics import service as statistics
from permits.statistics.model import DEFINITION, DIMENSIONS
from permits.statistics.shares import SHARES
from permits.statistics.taken import STEPS
from permits.web import auth
from permits.web.city import city_of
from permits.web.forms import Filled
from permits.web.office import asked as asking
from permits.web.office import words
from permits.web.office.asked import managed_region
from permits.web.office.notes import note
from permits.web.pages import page, posted, see
from permits.web.state import database_of, office_of

LONGEST_VALUE = 20
NOTE = Text(
    "小于 {smallest} 的组，和为使它们推算不出而一并略去的，并入“其余”；其他这样的数写作 *",
    "groups below {smallest}, and those left out so that they cannot be worked out, stand under “others”; "
    "other such figures are written as *",
)


class Compared(msgspec.Struct, frozen=True):
    """A report beside what today's data say."""

    report: reports.Report
    now: int


@get("/reports")
async def shown(request: auth.Asked) -> Response[str]:
    """All reports, and a form to issue one."""
    return await _list(request, Filled())


@post("/reports")
async def issue(request: auth.Asked) -> Response[Any]:
    """Issue a report, or go to the one whose figures are still the same."""
    sent, region = await posted(request), managed_region(auth.person(request))
    kind, _, until = sent.get("period")[:LONGEST_VALUE].partition(":")
    try:
        asked = reports.period(kind, until, clock.today())
    except BadInput as wrong:
        return await _list(request, Filled({"period": sent.get("period")}, {"period": wrong.errors[0].text}), 400)
    try:
        async with database_of(request).transaction(region) as tx:
            report_id = await _issued(tx, request, region, *asked)
    except asyncpg.UniqueViolationError:  # somebody else issued it in the same moment
        return see("/office/reports")
    return see(f"/office/reports/{report_id}")


async def _issued(
    tx: asyncpg.Connection, request: auth.Asked, region: str, kind: reports.Kind, since: dt.date, until: dt.date
) -> uuid.UUID:
    await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    account, law, at = auth.person(request), office_of(request).law, clock.now()
    facts = await reports.facts(tx, law, region, kind, since, until, clock.today(), _say(law, region, until))
    earlier = await reports.editions(tx, region, kind, until)
    if earlier and not reports.differences(earlier[0].facts, facts):
        return earlier[0].id
    edition = earlier[0].edition + 1 if earlier else 1
    pdf = await asyncio.to_thread(document, "report", printed(facts, region, edition, at, account.name), at.date())
    made = await reports.keep(tx, region, account.id, facts, edition, pdf, at, account.name)
    await note(tx, request, "issue-report", asking.Asked(until, None), kind=kind, edition=edition)
    return made


def _say(law: Law, region: str, on: dt.date) -> reports.Say:
    return lambda dimension, code: words.value(dimension, code, law, on, region, {})


def printed(facts: reports.Facts, region: str, edition: int, at: dt.datetime, issued_by: str) -> dict[str, Any]:
    """What the template prints: small groups are not in it at all."""
    small, name = NOTE.zh.format(smallest=facts.smallest), city_of(region).authority
    total, persons = (None if facts.total_hidden else value for value in (facts.total, facts.persons))
    return {
        "title": msgspec.to_builtins(title(facts.kind, facts.until)),
        "office": {"name": msgspec.to_builtins(name)},
        "demo": settings().demo,
        "verification_url": "",
        "edition": edition,
        "definition": msgspec.to_builtins(DEFINITION),
        "note": {"zh": small, "en": NOTE.en.format(smallest=facts.smallest)},
        "left_out": facts.left_out,
        "known_at": f"{at:%Y-%m-%d %H:%M}",
        "issued_by": issued_by,
        "since": str(facts.since),
        "until": str(facts.until),
        "total": total,
        "persons": persons,
        "before": None if 0 < facts.before < facts.smallest else facts.before,
        "total_change": facts.total - facts.before,
        "changes": _printed_changes(facts),
        "months": [{"on": str(m.on), "total": m.total} for m in facts.months if m.total >= facts.smallest],
        "parts": [_printed_part(part) for part in facts.parts if part.lines and not part.withheld],
        "shares": [_printed_share(one) for one in facts.shares],
        "steps": [{**msgspec.to_builtins(step), "name": msgspec.to_builtins(STEPS[step.step])} for step in facts.steps],
    }


def _printed_changes(facts: reports.Facts) -> list[dict[str, Any]]:
    if facts.changes_withheld:
        return []
    said = ((c.kind, None if c.kind in facts.changes_hidden else c.count) for c in facts.changes)
    return [{"name": msgspec.to_builtins(words.KINDS[kind]), "count": count} for kind, count in said]


def _printed_share(one: reports.ShareLine) -> dict[str, Any]:
    """A share with its definition; the percentage only where both of its figures are said."""
    share, known = SHARES[one.share], one.whole and not one.part_hidden
    figures = {"whole": None if one.whole_hidden else one.whole, "part": None if one.part_hidden else one.part}
    percent = f"{100 * one.part / one.whole:.1f}%" if known else ""
    return figures | {
        "name": msgspec.to_builtins(share.name),
        "about": msgspec.to_builtins(share.about),
        "percent": percent,
    }


def _printed_part(part: reports.Part) -> dict[str, Any]:
    """A part's lines; the groups left out stand in one, whose sum follows from the total anyway."""
    lines = [{"name": msgspec.to_builtins(one.name), "count": one.count} for one in part.lines if not one.hidden]
    if rest := [one.count for one in part.lines if one.hidden]:
        name = Text(f"其余 {len(rest)} 组", f"{len(rest)} others")
        lines.append({"name": msgspec.to_builtins(name), "count": sum(rest)})
    return {"title": msgspec.to_builtins(DIMENSIONS[part.dimension]), "lines": lines}


def title(kind: reports.Kind, until: dt.date) -> Text:
    """What a report is called."""
    if kind == "year":
        return Text(f"外国人来华工作许可 {until.year} 年报", f"Foreigners' work permits, {until.year}")
    zh = f"外国人来华工作许可 {until.year} 年 {until.month} 月报"
    return Text(zh, f"Foreigners' work permits, {until:%B %Y}")


@get("/reports/{report_id:uuid}")
async def one(request: auth.Asked, report_id: FromPath[uuid.UUID]) -> Response[str]:
    """A report beside today's figures of its period."""
    region, law = managed_region(auth.person(request)), office_of(request).law
    async with database_of(request).transaction(region) as tx:
        found = await reports.by_id(tx, region, report_id)
        then = found.facts
        say = _say(law, region, then.until)
        now = await reports.facts(tx, law, region, then.kind, then.since, then.until, clock.today(), say)
        editions = await reports.editions(tx, region, then.kind, then.until)
        asked = asking.Asked(then.until, None)
        await note(tx, request, "statistics", asked, by=["report"])
    return page(
        request, "office/report.html", asked=asked, report=found, title_of=title(then.kind, then.until),
        differences=reports.differences(then, now), editions=editions, facts=then,
        dimensions=DIMENSIONS, kinds=words.KINDS, shares=SHARES,
    )  # fmt: skip


@get("/reports/{report_id:uuid}/pdf")
async def pdf(request: auth.Asked, report_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The report byte for byte as it was issued; each fetching is written down."""
    account, region = auth.person(request), managed_region(auth.person(request))
    async with database_of(request).transaction(region) as tx:
        found = await reports.by_id(tx, region, report_id)
        data = await reports.pdf_of(tx, region, report_id)
        asked = {"kind": found.kind, "edition": found.edition}
        await exports.log(tx, region, account, "report", "pdf", found.until, None, asked, 1, found.facts.left_out)
    name = f"report-{found.kind}-{found.until}-{found.edition}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(data, media_type="application/pdf", headers=headers)


async def _list(request: auth.Asked, filled: Filled, status: int = 200) -> Response[str]:
    region, today = managed_region(auth.person(request)), clock.today()
    async with database_of(request).transaction(region) as tx:
        found = await compared(tx, region)
        await note(tx, request, "statistics", asking.Asked(today, None), by=["reports"])
    offered = [(kind, day) for kind in reports.KINDS for day in reports.periods(kind, today)]
    return page(
        request, "office/reports.html", status=status, asked=asking.Asked(today, None), items=found, filled=filled,
        offered=[(f"{kind}:{day}", title(kind, day)) for kind, day in offered], title=title,
    )  # fmt: skip


async def compared(tx: asyncpg.Connection, region: str, most: int = 100) -> list[Compared]:
    """The latest reports with today's figure of their last day."""
    found = await reports.latest(tx, region, most)
    days = {one.until for one in found}
    totals = {day: (await statistics.valid_on(tx, region, day, None, ())).total for day in days}
    return [Compared(one, totals[one.until]) for one in found]


HANDLERS: list[Any] = [shown, issue, one, pdf]
