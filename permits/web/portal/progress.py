"""A submitted case as its applicant follows it: the two clocks, the strip of days, what happened and what comes.

It words what the case says and works out days; it changes nothing.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import msgspec

from permits import clock
from permits.cases.model import ENDED, SETTLED, Clock
from permits.i18n import Text
from permits.rules import working_days
from permits.rules.law import Law
from permits.web import parts
from permits.web.i18n import translator
from permits.web.parts import Day, Event
from permits.web.portal.ground import Looked
from permits.web.portal.turns import TITLES, title

INSIDE = frozenset({"claimed", "released", "extension-asked", "reopening-asked", "cleared", "not-cleared", "returned"})
"""What happens between desks and says nothing to the applicant."""
NAMES = {
    "acceptance": Text("我们承诺答复是否受理", "We promise an answer on acceptance"),
    "delivery": Text("我们承诺送达", "We promise delivery"),
}
ARTICLES = {
    "acceptance": Text("《行政许可法》第三十二条", "Administrative Licensing Law, Article 32"),
    "decision": Text("《行政许可法》第四十二条", "Administrative Licensing Law, Article 42"),
    "delivery": Text("《行政许可法》第四十四条", "Administrative Licensing Law, Article 44"),
}
LONGEST_STRIP = 70
"""Days of the strip: more no longer fits a line."""


class Pair(msgspec.Struct, frozen=True):
    """The promised and the legal limit of the step the case is in."""

    step: str
    promised: Clock
    legal: Clock


def pair_of(looked: Looked) -> Pair | None:
    """The two clocks that count now, else the last that did; None before there are any."""
    for step in ("delivery", "decision", "acceptance"):
        last = {one.basis: one for one in sorted(looked.case.clocks, key=lambda c: c.round) if one.step == step}
        if last.keys() == {"promised", "legal"}:
            return Pair(step, last["promised"], last["legal"])
    return None


def day_words(day: dt.date) -> Text:
    """A day in both languages."""
    return Text(translator("zh").day(day), translator("en").day(day))


def shown_clock(law: Law, held: Clock, today: dt.date) -> parts.Clock:
    """A clock of the case as the page draws it."""
    end = held.ended_on or held.paused_on or today
    used = working_days.between(law, held.started + dt.timedelta(1), end)
    late = held.state == "missed" or (held.state == "running" and today > held.due)
    over = working_days.between(law, held.due + dt.timedelta(1), end) if late else 0
    decision = held.step == "decision"
    return parts.Clock(
        basis=held.basis,
        state="missed" if late else held.state,
        days=held.working_days,
        used=min(used, held.working_days),
        due=held.due if decision and held.state != "paused" else None,
        over=over,
        note=_note(held),
        name=NAMES.get(held.step) if held.basis == "promised" else None,
    )


def _note(held: Clock) -> Text | None:
    article = ARTICLES.get(held.step) if held.basis == "legal" else None
    if held.state == "paused":
        return Text("特别程序结束后接着算", "It goes on when the special procedure ends")
    if held.step == "decision" or held.state != "running":
        return article
    day = day_words(held.due)
    zh = f"{day.zh}前{'答复是否受理' if held.step == 'acceptance' else '送达'}"
    en = f"{'Answered' if held.step == 'acceptance' else 'Delivered'} by {day.en}"
    return Text(f"{zh}。{article.zh}", f"{en}. {article.en}") if article else Text(zh, en)


def strip_of(law: Law, pair: Pair, today: dt.date, visit: dt.date | None) -> list[Day]:
    """The strip of days of the two clocks; empty where it would not fit."""
    first, last = pair.promised.started, max(pair.promised.due, pair.legal.due)
    if not first <= today or (last - first).days > LONGEST_STRIP:
        return []
    days = [first + dt.timedelta(n) for n in range(-7, (last - first).days + 8)]
    counted = min(today, pair.promised.ended_on or today)
    used = [day for day in days if first <= day <= counted and working_days.is_working_day(law, day)]
    marks = {pair.promised.due: "promise", pair.legal.due: "law"}
    if pair.promised.state in ("running", "paused") and first <= today <= last:
        marks[today] = "now"
    if visit and first <= visit <= last:
        marks[visit] = "visit"
    return parts.strip(first, last, used=used, rest=_rest(law, days), marks=marks, words=_words(law, days, pair))


def _rest(law: Law, days: list[dt.date]) -> list[dt.date]:
    return [day for day in days if not working_days.is_working_day(law, day)]


def _words(law: Law, days: list[dt.date], pair: Pair) -> dict[dt.date, Text]:
    named = {day: why for day in days if (why := working_days.skipped(law, day)) and why != working_days.WEEKEND}
    began = {
        "acceptance": Text("提交", "filed"),
        "decision": Text("受理", "start"),
        "delivery": Text("决定", "decided"),
    }
    return named | {pair.promised.started: began[pair.step]}


# What happened and what comes


def visit_of(looked: Looked) -> dt.datetime | None:
    """When the person is to come to the police, if the police have said so and it is not over."""
    facts = looked.seen.components["residence_permit"]
    if facts["status"] != "appointment" or not facts.get("when"):
        return None
    at = dt.datetime.fromisoformat(str(facts["when"])).astimezone(clock.CITY)
    return at if at.date() >= clock.today() else None


def events_of(looked: Looked) -> list[Event]:
    """The whole way: what happened, where it stands, what is to come."""
    past = [
        Event(entry.text, Text(*(translator(lang).moment(entry.at) for lang in ("zh", "en"))))
        for entry in looked.seen.timeline
        if entry.kind not in INSIDE
    ]
    return past if looked.case.row.state in ENDED else [*past, _now(looked), *_coming(looked)]


def _now(looked: Looked) -> Event:
    row, today = looked.case.row, clock.today()
    asked = len(looked.case.unanswered())
    more = Text(f"要您补的还有 {asked} 样", f"{asked} to be corrected by you") if asked else NOTHING
    settled = looked.case.status("residence_permit") in SETTLED
    what = title(row.state, row.joint and not settled) if not asked else TITLES["correction"]
    day = Text(translator("zh").short_day(today), translator("en").short_day(today))
    return Event(what, Text(f"今天，{day.zh}", f"Today, {day.en}"), more, "now")


BOTH, ONE = Text("两证一次发给您", "Both are handed out at once"), Text("发给您", "Handed out")
LETTER = Text("决定书送达", "The letter is delivered")
NOTHING = Text("没有要您补的材料", "Nothing is asked of you")


def _coming(looked: Looked) -> Iterator[Event]:
    row, due = looked.case.row, _due(looked)
    if row.state in ("submitted", "correction") and row.accepted_at is None:
        lack = Text("缺什么，一次告诉您", "If anything is missing, you are told all of it at once")
        yield Event(Text("答复是否受理", "An answer whether it is accepted"), due.get("acceptance", ""), lack, "next")
    if visit := visit_of(looked):
        when = Text(translator("zh").moment(visit), translator("en").moment(visit))
        place = str(looked.seen.components["residence_permit"].get("where") or "")
        yield Event(Text("本人留指纹和照片", "Fingerprints and photo"), when, place, "next")
    if row.decided_at is None:
        letter = Text("决定书在这一页下载", "The decision can be downloaded on this page")
        yield Event(Text("决定工作许可", "The work permit is decided"), due.get("decision", ""), letter, "next")
    if row.joint and looked.case.status("residence_permit") not in SETTLED:
        yield Event(Text("公安决定居留许可", "The police decide on the residence permit"), when="next")
    if row.hand_out is None:
        what = LETTER if row.state == "refused" else BOTH if row.joint else ONE
        yield Event(what, due.get("delivery", ""), Text("到窗口取，或者寄给单位", "At the window or by post"), "next")


def _due(looked: Looked) -> dict[str, Text]:
    """Until when each step is promised."""
    found: dict[str, Text] = {}
    for one in looked.case.clocks:
        if one.basis == "promised" and one.state == "running":
            zh, en = translator("zh").short_day(one.due), translator("en").short_day(one.due)
            found[one.step] = Text(f"{zh}前", f"by {en}")
    return found


def permit_of(looked: Looked) -> dict[str, Any] | None:
    """The facts of the permit once it is granted."""
    facts = looked.seen.components["work_permit"]
    return facts if facts["permit_number"] else None
