"""The printable guide (办事指南) of a service item: conditions, windows, documents by circumstance, limits, results.

All of it is read from the law's files on the day it is asked for; nothing here adds a rule of its own.
"""

import datetime as dt
from collections.abc import Iterable

import msgspec

from permits.i18n import Text
from permits.rules import commitments, conditions, item_codes, joint, procedures, short_term, time_limits, windows
from permits.rules.commitments import Committable
from permits.rules.explain import IN_ALL, STEPS
from permits.rules.law import Law
from permits.rules.procedures import Circumstance, DocumentEntry
from permits.rules.time_limits import Limit, Step

CATEGORIES = ("A", "B", "C")
DUE_FROM = {"entry": Text("入境", "entry"), "grant": Text("准予", "the grant")}
VISAS = {
    "M": Text("办理M字签证，不需要工作许可", "an M visa serves, without a work permit"),
    "F": Text("办理F字签证，不需要工作许可", "an F visa serves, without a work permit"),
}


class StepLimit(msgspec.Struct, frozen=True):
    """What is promised and what the law gives for one step, in working days."""

    step: Text
    promised: int | None
    fast: int | None
    """What is promised to category A, where that is less."""
    legal: int | None
    source: str
    """Where the law gives it, else where it is promised."""


class DocumentLine(msgspec.Struct, frozen=True):
    """One document of an item."""

    title: Text
    notes: tuple[Text, ...]
    only: tuple[Text, ...]
    """The circumstances that ask for it; empty: all."""
    how: Text


class Guide(msgspec.Struct, frozen=True):
    """Everything a guide says of an item, beside its own entry."""

    circumstances: tuple[Circumstance, ...]
    conditions: tuple[Text, ...]
    tasks: tuple[Text, ...]
    """Short tasks that need the permit."""
    without: tuple[Text, ...]
    """Short tasks that need none, with the visa that serves."""
    windows: tuple[Text, ...]
    documents: tuple[DocumentLine, ...]
    steps: tuple[StepLimit, ...]
    years: tuple[tuple[str, int], ...]
    """Category, and so many years at most a permit of it runs; empty where the item grants no permit of its own."""
    joint: tuple[tuple[Text, tuple[Text, ...]], ...]
    """Joint procedures with what they hold beside the work permit."""
    code: str | None
    """The item code (实施编码); None while the city has not stated it."""


def guide(law: Law, item: str, on: dt.date, region: str) -> Guide:
    """The guide of an item on a day in a region. Raises `NoRule` for an item that is not offered then."""
    one = procedures.procedure(law, item, on, region)
    code = item_codes.item_code(law, item, on, region)
    tasks = short_term.short_tasks(law, on, region) if item == "short-term" else ()
    return Guide(
        circumstances=procedures.circumstances(law, on, region, item),
        conditions=tuple(entry.text for entry in conditions.of_item(law, item, on, region)),
        tasks=tuple(task.title for task in tasks if task.visa == "Z"),
        without=tuple(_without(task) for task in tasks if task.visa != "Z"),
        windows=tuple(entry.text for entry in windows.windows(law, item, on, region)),
        documents=tuple(_documents(law, item, on, region)),
        steps=tuple(_steps(law, item, one.joint, on, region)),
        years=_years(law, item, on, region),
        joint=tuple(_joint(law, item, on, region)),
        code=str(code) if code else None,
    )


def _without(task: short_term.ShortTask) -> Text:
    visa = VISAS[task.visa]
    return Text(f"{task.title.zh}：{visa.zh}", f"{task.title.en}: {visa.en}")


def _documents(law: Law, item: str, on: dt.date, region: str) -> Iterable[DocumentLine]:
    titles = {one.key: one.title for one in procedures.circumstances(law, on, region, item)}
    lines = commitments.committable(law, item, on, region)
    for entry in procedures.every_document(law, item, on, region):
        only = tuple(titles[key] for key in entry.circumstances if key in titles)
        own = [line for line in lines if line.document == entry.key]
        yield DocumentLine(entry.title, entry.notes, only, _how(entry, own))


def _how(entry: DocumentEntry, lines: list[Committable]) -> Text:
    if entry.supplied_by == "police":
        return Text("不用交，公安共享", "Nothing to hand in: the police share it")
    if entry.supplied_by != "applicant":
        return Text("不用交，我们有或者自己取", "Nothing to hand in: we have it or fetch it")
    if not lines:
        return Text("上传", "Upload")
    zh, en = _due(lines)
    letters = sorted({letter for line in lines for letter in line.categories})
    if not letters:
        return Text(f"上传；也可以先承诺{zh}", f"Upload, or commit{en}")
    return Text(
        f"上传；{'、'.join(letters)} 类有的情形可以先承诺{zh}",
        f"Upload; in category {' and '.join(letters)} some may commit instead{en}",
    )


def _due(lines: list[Committable]) -> tuple[str, str]:
    """By when what was committed to is handed in, where it is."""
    for line in lines:
        if line.due_days is not None and line.due_from is not None:
            event = DUE_FROM[line.due_from]
            return f"，{event.zh}后{line.due_days}日内交", f" and hand it in within {line.due_days} days of {event.en}"
    return "", ""


def _steps(law: Law, item: str, together: bool, on: dt.date, region: str) -> Iterable[StepLimit]:
    usual, fast = (_limits(law, item, together, category, on, region) for category in (None, "A"))
    for step, name in STEPS.items():
        promised, legal = usual.get((step, "promised")), usual.get((step, "legal"))
        best = fast.get((step, "promised"))
        if promised or legal or best:
            yield _step(name, promised, best, legal)
    yield from _whole(law, item, together, on, region)


def _whole(law: Law, item: str, together: bool, on: dt.date, region: str) -> Iterable[StepLimit]:
    usual, best = (time_limits.whole_limit(law, item, together, one, on, region) for one in ("B", "A"))
    if usual:
        fast = best.working_days if best and best.working_days != usual.working_days else None
        yield StepLimit(IN_ALL, usual.working_days, fast, None, usual.source)


def _limits(
    law: Law, item: str, together: bool, category: str | None, on: dt.date, region: str
) -> dict[tuple[Step, str], Limit]:
    found = time_limits.limits(law, item, together, category, on, region)
    return {(one.step, one.basis): one for one in found}


def _step(name: Text, promised: Limit | None, best: Limit | None, legal: Limit | None) -> StepLimit:
    usual = promised.working_days if promised else None
    fast = best.working_days if best and best.working_days != usual else None
    source = legal or promised or best
    return StepLimit(
        name, usual, fast, legal.working_days if legal else None, f"{source.source}{source.article}" if source else ""
    )


def _years(law: Law, item: str, on: dt.date, region: str) -> tuple[tuple[str, int], ...]:
    if item not in ("issue-in-china", "issue-abroad", "extend"):
        return ()
    found = ((one, law.setting(f"validity.most_years.{one}", on=on, region=region).value) for one in CATEGORIES)
    return tuple((category, int(years)) for category, years in found)


def _joint(law: Law, item: str, on: dt.date, region: str) -> Iterable[tuple[Text, tuple[Text, ...]]]:
    for one in joint.joint_variants(law, item, on, region):
        yield one.title, tuple(part.title for part in joint.parts(law, one, on, region))
