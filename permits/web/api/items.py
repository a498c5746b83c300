"""What the JSON interface says of a service item beside its head, limits and texts: the same data as the guide."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from permits.rules import commitments, conditions, item_codes, joint, procedures, short_term, time_limits, windows
from permits.rules.classification import Classification
from permits.rules.law import Law
from permits.rules.procedures import DocumentEntry, Procedure
from permits.web.i18n import Lang


def facts(law: Law, item: Procedure, lang: Lang, on: dt.date, region: str) -> dict[str, Any]:
    """Item code, steps, notes, circumstances, conditions, windows, joint procedures, and for short work its tasks."""
    code = item_codes.item_code(law, item.key, on, region)
    tasks = short_term.short_tasks(law, on, region) if item.key == "short-term" else ()
    return {
        "item_code": str(code) if code else None,
        "steps": [text.of(lang) for text in item.steps],
        "remarks": [text.of(lang) for text in item.notes],
        "circumstances": [
            {"key": one.key, "title": one.title.of(lang), "source": one.source}
            for one in procedures.circumstances(law, on, region, item.key)
        ],
        "conditions": [_condition(one, lang) for one in conditions.of_item(law, item.key, on, region)],
        "windows": [_window(one, lang) for one in windows.windows(law, item.key, on, region)],
        "joint_procedures": [
            _joint(law, one, lang, on, region) for one in joint.joint_variants(law, item.key, on, region)
        ],
        "limits_by_category": list(_limits(law, item, on, region)),
        "tasks": [{"key": one.key, "title": one.title.of(lang), "visa": one.visa} for one in tasks],
        "committable": [_committable(one) for one in commitments.committable(law, item.key, on, region)],
    }


def explanation(found: Classification, lang: Lang) -> dict[str, Any]:
    """What a classification rests on line by line, what would lift to the next category, and what it brings."""
    gains = [
        {"item": one.item, "category": one.category, "points": one.points, "enough": one.enough,
         "text": one.text.of(lang)}
        for one in found.gains
    ]  # fmt: skip
    return {
        "lines": [
            {"item": one.item, "points": one.points, "band": one.text.of(lang), "source": one.source}
            for one in found.lines
        ],
        "gains": gains,
        "cautions": [{"key": one.key, "text": one.text.of(lang), "source": one.source} for one in found.cautions],
    }


def _limits(law: Law, item: Procedure, on: dt.date, region: str) -> Iterator[dict[str, Any]]:
    """The limits of each category, single and joint; step `in-all` is a promise for all steps together."""
    for category in ("A", "B", "C"):
        for together in (False, True) if item.joint else (False,):
            case = {"category": category, "joint": together}
            for one in time_limits.limits(law, item.key, together, category, on, region):
                yield case | {"step": one.step, "basis": one.basis, "working_days": one.working_days}
            if whole := time_limits.whole_limit(law, item.key, together, category, on, region):
                yield case | {"step": "in-all", "basis": "promised", "working_days": whole.working_days}


def document(entry: DocumentEntry, lang: Lang) -> dict[str, Any]:
    """One document: what it is, who supplies it, and when it is asked for; empty lists mean always."""
    return {
        "kind": entry.key,
        "title": entry.title.of(lang),
        "accepts": entry.accepts,
        "notes": [note.of(lang) for note in entry.notes],
        "supplied_by": entry.supplied_by,
        "circumstances": entry.circumstances,
        "categories": entry.categories,
        "grounds": entry.grounds,
        "joint_only": entry.joint_only,
        "kept": entry.kept,
        "authenticated": entry.authenticated,
        "source": entry.source,
    }


def _condition(entry: conditions.ConditionEntry, lang: Lang) -> dict[str, Any]:
    return {
        "key": entry.key,
        "text": entry.text.of(lang),
        "circumstances": entry.circumstances,
        "source": entry.source,
        "assumed": entry.assumed,
    }


def _window(entry: windows.WindowEntry, lang: Lang) -> dict[str, Any]:
    return {
        "counted_from": entry.anchor,
        "circumstances": entry.circumstances,
        "opens_days": entry.opens_days,
        "closes_days": entry.closes_days,
        "closes_working_days": entry.closes_working_days,
        "late": entry.late,
        "text": entry.text.of(lang),
        "source": entry.source,
        "assumed": entry.assumed,
    }


def _joint(law: Law, entry: joint.JointVariant, lang: Lang, on: dt.date, region: str) -> dict[str, Any]:
    parts = [
        {"key": part.key, "title": part.title.of(lang), "office": part.office.of(lang), "within_days": part.within_days}
        for part in joint.parts(law, entry, on, region)
    ]
    return {"key": entry.key, "title": entry.title.of(lang), "residence": entry.residence, "parts": parts}


def _committable(line: commitments.Committable) -> dict[str, Any]:
    return {
        "document": line.document,
        "categories": line.categories,
        "circumstances": line.circumstances,
        "unless_grounds": line.unless_grounds,
        "due_days": line.due_days,
        "due_from": line.due_from,
        "source": line.source,
        "assumed": line.assumed,
    }
