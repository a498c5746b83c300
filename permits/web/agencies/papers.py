"""The forms of paper answers: which fields each answer asks for, and the answer's body out of what was typed."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec

from permits.clock import CITY
from permits.errors import FieldError
from permits.i18n import Text
from permits.routing.standing_in import KINDS
from permits.web.forms import Form
from permits.web.window.words import AGENCIES, MESSAGES


class Field(msgspec.Struct, frozen=True):
    """One thing that a paper answer says."""

    name: str
    label: Text
    how: str = "text"
    """text, long, date or choice."""
    required: bool = False
    hint: Text | None = None
    options: tuple[tuple[str, Text], ...] = ()


HOW = (("window", Text("窗口", "At the window")), ("post", Text("邮寄", "By post")))
ITEM = Text("要补正什么", "What is to be corrected")
FIELDS: Mapping[str, tuple[Field, ...]] = {
    "police/received": (Field("receipt_number", Text("受理回执编号", "Number of the receipt")),),
    "police/correction-wanted": (),
    "police/appointment": (
        Field("day", Text("哪一天", "Day"), "date", required=True),
        Field("time", Text("几点", "Time"), required=True, hint=Text("例如 09:30", "for example 09:30")),
        Field("place", Text("地点", "Place"), required=True),
    ),
    "police/granted": (
        Field("number", Text("居留许可号码", "Number of the residence permit"), required=True),
        Field("valid_until", Text("有效期至", "Valid until"), "date", required=True),
    ),
    "police/refused": (
        Field("grounds", Text("不予签发的理由", "Reasons of the refusal"), "long", required=True),
        Field("article", Text("依据", "Article")),
    ),
    "approval-bureau/registered": (Field("unified_number", Text("统一受理编号", "Unified number"), required=True),),
    "approval-bureau/handed-out": (
        Field("to", Text("交给谁", "Handed to"), required=True),
        Field("how", Text("怎么交的", "How"), "choice", required=True, options=HOW),
        Field("tracking", Text("邮件号", "Tracking number")),
    ),
}
ITEMS, SEEN_ITEMS = 8, 3
"""So many things to be corrected an answer may name, and so many are seen before more are asked for."""
MISSING = Text("这一项要填。", "This is needed.")
NO_DAY = Text("日期要按年、月、日填写，如 2026 12 1。", "Give a day as day, month and year, such as 1 12 2026.")
NO_TIME = Text("时间要写成 09:30 这样。", "Give the time like 09:30.")


class Choice(msgspec.Struct, frozen=True):
    """One answer that can be entered."""

    value: str
    agency: Text
    name: Text
    fields: tuple[Field, ...]
    items: tuple[tuple[Field, Field], ...] = ()
    """Where several things are to be corrected: for each its document and what is wrong with it."""


def _items(documents: tuple[tuple[str, Text], ...]) -> tuple[tuple[Field, Field], ...]:
    named = Text("哪份材料", "Which document")
    return tuple(
        (
            Field(f"document-{n}", named, "choice", required=n == 1, options=documents),
            Field(f"text-{n}", ITEM, "long", required=n == 1),
        )
        for n in range(1, ITEMS + 1)
    )


def choices(documents: tuple[tuple[str, Text], ...], joint: bool) -> list[Choice]:
    """All answers that can be entered about a case, its documents as options where one is to be named."""
    found = []
    for agency, kinds in KINDS.items():
        if agency == "police" and not joint:
            continue
        for kind in kinds:
            value = f"{agency}/{kind}"
            items = _items(documents) if kind == "correction-wanted" else ()
            found.append(Choice(value, AGENCIES[agency], MESSAGES[kind], FIELDS[value], items))
    return found


def read(choice: Choice, sent: Form) -> tuple[dict[str, Any], list[FieldError]]:
    """What was typed as the answer's body, and what is missing or no day, no time."""
    errors, said = [], {}
    for field in (*choice.fields, *_wanted(choice, sent)):
        value = sent.get(field.name).strip()
        if not value:
            errors += [FieldError(f"/{field.name}", MISSING)] if field.required else []
        elif field.how == "date" and not _day(value):
            errors.append(FieldError(f"/{field.name}", NO_DAY))
        elif field.name == "time" and not _time(value):
            errors.append(FieldError("/time", NO_TIME))
        elif field.options and value not in dict(field.options):
            errors.append(FieldError(f"/{field.name}", MISSING))
        else:
            said[field.name] = value
    return ({}, errors) if errors else (_body(choice.value, said), errors)


def _wanted(choice: Choice, sent: Form) -> list[Field]:
    """The items that are asked for: the first, and whichever was begun, whole."""
    begun = [pair for pair in choice.items if pair[0].required or any(sent.get(field.name).strip() for field in pair)]
    return [msgspec.structs.replace(field, required=True) for pair in begun for field in pair]


def _body(value: str, said: dict[str, str]) -> dict[str, Any]:
    match value:
        case "police/correction-wanted":
            places = [f"-{n}" for n in range(1, ITEMS + 1) if f"text-{n}" in said]
            return {"items": [{name: said[name + place] for name in ("document", "text")} for place in places]}
        case "police/appointment":
            at = dt.datetime.combine(_day(said["day"]) or dt.date.min, _time(said["time"]) or dt.time(), CITY)
            return {"at": at.isoformat(), "place": said["place"]}
        case "police/refused":
            renamed = {"grounds": "reasons"}
            return {renamed.get(name, name): text for name, text in said.items()}
    return dict(said)


def _named(n: int, item: Mapping[str, Any], documents: Mapping[str, Text]) -> Text:
    """What an item is about."""
    place = item.get("document") or item.get("pointer") or ""
    title = documents.get(place, Text(place, place))
    return Text(f"补正 {n}：{title.zh}", f"Correction {n}: {title.en}")


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _time(text: str) -> dt.time | None:
    hour, _, minute = text.replace("：", ":").partition(":")
    if not (hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit()):
        return None
    return dt.time(int(hour), int(minute)) if int(hour) < 24 and int(minute) < 60 else None


def shown(value: str, said: Mapping[str, Any], documents: Mapping[str, Text]) -> list[tuple[Text, str | Text]]:
    """What an answer says, by the labels of its form; `documents` are the case's, by their kind."""
    plain = dict(said)
    if value == "police/correction-wanted":
        return [(_named(n, item, documents), item["text"]) for n, item in enumerate(said["items"], 1)]
    if value == "police/appointment" and said.get("at"):
        at = dt.datetime.fromisoformat(said["at"]).astimezone(CITY)
        plain |= {"day": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M}"}
    if value == "police/refused":
        plain["grounds"] = said["reasons"]
    return [(field.label, str(plain[field.name])) for field in FIELDS[value] if plain.get(field.name)]
