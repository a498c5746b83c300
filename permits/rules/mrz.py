"""The machine readable zone of passports, cards and visas (ICAO Doc 9303): read and checked.

TD1, TD2, TD3, MRV-A and MRV-B. Check digits protect the number, the dates and the optional data, never the name; and
nothing here says whether a document is genuine.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date

from permits.i18n import Text
from permits.rules.checks import Check, Problem, checked, problem
from permits.rules.mrz_layouts import DOCUMENT_NUMBER, LAYOUTS, RUNNING_ON, Layout, check_digit
from permits.rules.nationality import icao_to_iso, known_to_icao

WORDS = {
    "document_number": Text("证件号码", "the document number"),
    "birth": Text("出生日期", "the date of birth"),
    "expiry": Text("有效期至", "the date of expiry"),
    "optional": Text("个人号码（选填）", "the optional data"),
}


def mrz(lines: tuple[str, ...], today: date) -> Check:
    """Read and check a machine readable zone of two or three lines.

    `fields`: format, document_code, issuer, number, nationality (as an application carries it), birth_yymmdd, birth,
    sex (F, M or X), expiry_yymmdd, expiry, surname, given_names, optional. `birth` and `expiry` are ISO 8601 dates and
    left out where unknown in part. Two-digit years: no birth after `today`, an expiry within 50 years of it.
    `problems` name `document_number`, `birth`, `expiry`, `optional`, `composite` where a check digit fails, else the
    part or line that is wrong.
    """
    zone = tuple(bare for line in lines if (bare := re.sub(r"\s", "", line).upper()))
    layout = _layout(zone)
    if layout is None:
        return checked({}, [_no_format(zone)])
    if problems := [*_characters(zone)]:
        return checked({}, problems)
    parts = {name: zone[row][start:end] for name, (row, start, end) in layout.places.items()}
    problems = [*_content(layout, parts, today)]
    named = {found.field for found in problems}
    problems += [found for found in _digits(layout, zone, parts) if found.field not in named]
    problems = problems or [*_composite(layout, zone)]
    return checked(_fields(layout, zone, parts, today), problems)


def _layout(zone: tuple[str, ...]) -> Layout | None:
    """The format of this shape; of two alike the visa's where the first letter is V."""
    if not zone or len({len(line) for line in zone}) > 1:
        return None
    shaped = [layout for layout in LAYOUTS if (layout.lines, layout.length) == (len(zone), len(zone[0]))]
    fitting = [layout for layout in shaped if zone[0][0] in layout.letters]
    return next(iter(fitting or shaped), None)


def _no_format(zone: tuple[str, ...]) -> Problem:
    shape = "、".join(str(len(line)) for line in zone) or "0"
    return problem(
        "lines",
        f"机读区应为两行各 44 位（护照、签证）、两行各 36 位或三行各 30 位；现各行为 {shape} 位。",
        "A machine readable zone has two lines of 44 (passport, visa), two of 36 or three of 30 characters; "
        f"these have {shape.replace('、', ', ')}.",
    )


def _characters(zone: tuple[str, ...]) -> Iterator[Problem]:
    for row, line in enumerate(zone):
        for at in (found.start() for found in re.finditer(r"[^A-Z0-9<]", line)):
            yield problem(
                f"line_{row + 1}",
                f"第 {row + 1} 行第 {at + 1} 位只能是大写字母、数字或 <。",
                f"Line {row + 1}, character {at + 1} must be a capital letter, a digit or <.",
            )


def _content(layout: Layout, parts: Mapping[str, str], today: date) -> Iterator[Problem]:
    if parts["document_code"][0] not in layout.letters:
        zh = "第 1 行第 1 位不是此类证件的代码。"
        yield problem("document_code", zh, "Line 1, character 1 is of no such document.")
    if not re.fullmatch(r"[A-Z]{1,3}<*", parts["issuer"]):
        yield problem("issuer", "第 1 行第 3 至 5 位不是签发国代码。", "Line 1, characters 3 to 5 are no state.")
    if not known_to_icao(parts["nationality"]):
        row, start, end = layout.places["nationality"]
        yield problem(
            "nationality",
            f"第 {row + 1} 行第 {start + 1} 至 {end} 位不是国籍代码。",
            f"Line {row + 1}, characters {start + 1} to {end} are no nationality.",
        )
    if parts["sex"] not in "FMX<":
        yield problem("sex", "性别应为 F、M、X 或 <。", "The sex is F, M, X or <.")
    if not re.fullmatch(r"[A-Z<]*[A-Z][A-Z<]*", parts["names"]):
        yield problem("names", "姓名处应为字母和 <。", "The name consists of letters and <.")
    for part in ("birth", "expiry"):
        yield from _date_problem(layout, parts, part, today)


def _date_problem(layout: Layout, parts: Mapping[str, str], part: str, today: date) -> Iterator[Problem]:
    row, start, _ = layout.places[part]
    text, word = parts[part], WORDS[part]
    letter = re.search(r"[A-Z]", text)
    if letter:
        at = start + letter.start() + 1
        zh = f"{word.zh}：第 {row + 1} 行第 {at} 位应为数字。"
        yield problem(part, zh, f"Line {row + 1}, character {at}, in {word.en}, must be a digit.")
    elif "<" not in text and _date(part, text, today) is None:
        yield problem(part, f"{word.zh}不是一个存在的日期。", f"There is no such day for {word.en}.")


def _digits(layout: Layout, zone: tuple[str, ...], parts: Mapping[str, str]) -> Iterator[Problem]:
    for part in layout.checked:
        row, _, at = layout.places[part]
        text, given = parts[part], zone[row][at]
        if part == "document_number" and given == "<" and (long := _long_number(layout, parts)):
            text, given, at = long[0], long[1], layout.places["optional"][1] + len(long[0]) - DOCUMENT_NUMBER
        expected = check_digit(text)
        empty = part == "optional" and not text.strip("<") and given == "<"
        if given != expected and not empty:
            yield _wrong_digit(part, row, at, expected)


def _composite(layout: Layout, zone: tuple[str, ...]) -> Iterator[Problem]:
    """Looked at only where all else holds: whatever is wrong elsewhere makes this digit wrong too."""
    expected = check_digit("".join(zone[row][start:end] for row, start, end in layout.composite))
    if layout.composite and zone[1][-1] != expected:
        yield problem(
            "composite",
            f"总校验位（第 2 行第 {layout.length} 位）不符，应为 {expected}。",
            f"The composite check digit (line 2, character {layout.length}) fails: {expected} is expected.",
        )


def _wrong_digit(part: str, row: int, at: int, expected: str) -> Problem:
    word = WORDS[part]
    return problem(
        part,
        f"{word.zh}与校验位（第 {row + 1} 行第 {at + 1} 位，应为 {expected}）不符，请对照证件核对每一位。",
        f"The check digit of {word.en} (line {row + 1}, character {at + 1}) fails: {expected} is expected. "
        "Compare each character with the document.",
    )


def _long_number(layout: Layout, parts: Mapping[str, str]) -> tuple[str, str] | None:
    """A number longer than nine and its check digit: on cards it runs on into optional data (Doc 9303-5, 4.2.2)."""
    rest = parts["optional"].partition("<")[0]
    return (parts["document_number"] + rest[:-1], rest[-1]) if layout.name in RUNNING_ON and rest else None


def _fields(layout: Layout, zone: tuple[str, ...], parts: Mapping[str, str], today: date) -> dict[str, str]:
    surname, _, given = parts["names"].partition("<<")
    row, _, at = layout.places["document_number"]
    long = _long_number(layout, parts) if zone[row][at] == "<" else None
    fields = {
        "format": layout.name,
        "document_code": parts["document_code"].rstrip("<"),
        "issuer": icao_to_iso(parts["issuer"]),
        "number": (long[0] if long else parts["document_number"]).replace("<", ""),
        "nationality": icao_to_iso(parts["nationality"]),
        "birth_yymmdd": parts["birth"],
        "sex": "X" if parts["sex"] == "<" else parts["sex"],
        "expiry_yymmdd": parts["expiry"],
        "surname": _words(surname),
        "given_names": _words(given),
        "optional": "" if long else _words(parts["optional"]),
    }
    days = {part: _date(part, parts[part], today) for part in ("birth", "expiry")}
    return fields | {name: day.isoformat() for name, day in days.items() if day}


def _words(text: str) -> str:
    return " ".join(text.replace("<", " ").split())


def _date(part: str, text: str, today: date) -> date | None:
    """The day of six digits, in the century that fits: births up to today, expiries from 50 years ago to 49 ahead."""
    if not re.fullmatch(r"\d{6}", text, re.ASCII):
        return None
    latest = today.year if part == "birth" else today.year + 49
    year = latest - (latest - int(text[:2])) % 100
    day = _day(year, text)
    if part == "birth" and (day is None or day > today):
        return day if day is None else _day(year - 100, text)
    return day


def _day(year: int, text: str) -> date | None:
    try:
        return date(year, int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None
