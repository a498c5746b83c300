"""The two lines of a passport as a page shows them: what was read, which check digits hold, and one likely repair.

It offers a repair and never makes it; the passport in the applicant's hand decides.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec

from permits.errors import FieldError
from permits.i18n import Text
from permits.rules.checks import Check
from permits.rules.mrz import mrz
from permits.rules.nationality import NATIONALITIES
from permits.web.forms import Form
from permits.web.labels import words
from permits.web.portal.fields import capitals

NAME = "beneficiary.mrz"
LENGTH = 44
PLACES = {"document_number": 9, "birth": 19, "expiry": 27, "optional": 42, "composite": 43}
"""Where the check digits stand in the second line, from 0."""
PAIRS = ("0O", "1I", "17", "2Z", "5S", "6G", "8B")
ALIKE = {one: "".join(pair.replace(one, "") for pair in PAIRS if one in pair) for one in "".join(PAIRS)}
"""What a character is most often taken for."""
FIRST_LINE = frozenset({"line_1", "document_code", "issuer", "names"})
Mark = Literal["done", "open", "late"]


class Line(msgspec.Struct, frozen=True):
    """One value that was read."""

    label: Text
    value: Text | str
    mark: Mark
    """Whether a check digit holds, there is none, or it fails."""


class Repair(msgspec.Struct, frozen=True):
    """One character of the second line that, read otherwise, makes every digit hold."""

    place: int
    """From 1."""
    character: str
    line: str
    """The second line with it."""


class Read(msgspec.Struct, frozen=True):
    """What two lines say."""

    valid: bool
    pieces: tuple[tuple[str, str], ...]
    """The second line in pieces with their class: is-ok, is-bad, is-sus or nothing."""
    lines: tuple[Line, ...]
    good: int
    bad: int
    """Check digits that hold, and that fail."""
    problems: tuple[Text, ...]
    repair: Repair | None


def typed(sent: Form) -> tuple[str, ...]:
    """The lines of a form, as a machine writes them; empty where nothing was typed."""
    lines = tuple(capitals(line) for line in sent.all(NAME))
    return lines if any(lines) else ()


def read(lines: Sequence[str], today: dt.date) -> Read | None:
    """What the lines say; None where there are none."""
    if not any(lines):
        return None
    check = mrz(tuple(lines), today)
    wrong = {problem.field for problem in check.problems}
    wrong |= {"composite"} if wrong & PLACES.keys() else set()
    repair = None if check.valid or not _shaped(lines) else _repair(tuple(lines), today)
    bad = sum(part in wrong for part in PLACES)
    texts = tuple(problem.text for problem in check.problems)
    pieces = tuple(_pieces(lines[1], wrong, repair)) if _shaped(lines) else ()
    return Read(check.valid, pieces, tuple(_values(check, wrong)), len(PLACES) - bad, bad, texts, repair)


def _shaped(lines: Sequence[str]) -> bool:
    return [len(line) for line in lines] == [LENGTH, LENGTH]


def problems(lines: Sequence[str], today: dt.date) -> tuple[FieldError, ...]:
    """What is wrong with the lines, each beside the line it is in."""
    short = [at for at, line in enumerate(lines) if len(line) != LENGTH]
    if short:
        return tuple(FieldError(f"/beneficiary/mrz/{at}", _length(at, len(lines[at]))) for at in short)
    found = mrz(tuple(lines), today).problems
    return tuple(FieldError(f"/beneficiary/mrz/{0 if p.field in FIRST_LINE else 1}", p.text) for p in found)


def _length(at: int, length: int) -> Text:
    return Text(
        f"第 {at + 1} 行应为 {LENGTH} 个字符，现为 {length} 个，“<”也要抄。",
        f"Line {at + 1} has {LENGTH} characters; this has {length}. Copy every < too.",
    )


def _repair(lines: tuple[str, ...], today: dt.date) -> Repair | None:
    """The one look-alike in the second line that makes everything hold, if there is just one."""
    second = lines[1]
    found = []
    for at, character in enumerate(second):
        for other in ALIKE.get(character, ""):
            repaired = second[:at] + other + second[at + 1 :]
            if mrz((lines[0], repaired), today).valid:
                found.append(Repair(at + 1, other, repaired))
    return found[0] if len(found) == 1 else None


def _pieces(line: str, wrong: set[str], repair: Repair | None) -> Iterator[tuple[str, str]]:
    classes = {at: "is-bad" if part in wrong else "is-ok" for part, at in PLACES.items()}
    if repair:
        classes[repair.place - 1] = "is-sus"
    start = 0
    for at in sorted(classes):
        if at > start:
            yield line[start:at], ""
        yield line[at], classes[at]
        start = at + 1


def _values(check: Check, wrong: set[str]) -> Iterator[Line]:
    found = check.fields
    if not found:
        return
    nation = found.get("nationality", "")
    yield Line(Text("姓", "Surname"), found.get("surname", ""), "open")
    yield Line(Text("名", "Given names"), found.get("given_names", ""), "open")
    yield Line(Text("国籍", "Nationality"), NATIONALITIES.get(nation, nation), "open")
    yield Line(Text("护照号", "Passport number"), found.get("number", ""), _mark("document_number", wrong))
    yield Line(Text("出生日期", "Date of birth"), found.get("birth", ""), _mark("birth", wrong))
    yield Line(Text("性别", "Sex"), words("beneficiary.sex", found.get("sex", "")), "open")
    yield Line(Text("有效期至", "Valid until"), found.get("expiry", ""), _mark("expiry", wrong))
    yield Line(Text("合计", "All together"), Text("第 44 位", "Character 44"), _mark("composite", wrong))


def _mark(part: str, wrong: set[str]) -> Mark:
    return "late" if part in wrong else "done"


DERIVED = (
    "surname", "given_names", "sex", "birth_date", "nationality", "passport_number", "passport_expiry",
)  # fmt: skip
"""What the two lines fill."""


def refreshed(patch: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """The patch of the passport's page: where the lines are new, what nobody touched is read from them anew."""
    holder = patch.get("beneficiary", {})
    if not holder.get("mrz") or holder["mrz"] == before.get("mrz"):
        return patch
    fresh = {name: None for name in DERIVED if name in holder and holder[name] == before.get(name)}
    return patch | {"beneficiary": holder | fresh}
