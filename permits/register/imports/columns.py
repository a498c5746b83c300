"""The columns of a file from the old system: their headings in both languages, and what each cell may hold. Pure."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping

import msgspec

from permits.i18n import Text
from permits.register.imports.cells import Cell
from permits.register.imports.sheet import LONGEST
from permits.rules import regions
from permits.rules.credit_code import credit_code
from permits.rules.nationality import NATIONALITIES, why_not

Value = str | dt.date | None
Read = Callable[[Cell], Value | Text]
"""What a cell says, or what is wrong with it."""
EARLIEST = dt.date(1900, 1, 1)
LAST = dt.date(2199, 12, 31)
_DAY = re.compile(
    r"""(\d{4})(?:
        \s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日?  |  ([-/.])(\d{1,2})\4(\d{1,2})  |  (\d\d)(\d\d)
    )(?:[T\s]*0?0:00(?::00(?:\.0+)?)?)?""",
    re.ASCII | re.VERBOSE,
)
"""Year, month and day; of a time of the day only midnight, as exports of other systems write it."""
_PASSPORT = re.compile(r"[A-Z0-9]{3,20}")
_NUMBER = re.compile(r"[0-9A-Z]{4,30}")
FORMULA = Text("是公式，请粘贴为数值。", "A formula: paste it as a value.")
ERROR = Text("是出错的值。", "The cell holds an error.")
SEX = {"F": ("女", "Female", "female"), "M": ("男", "Male", "male")}
CATEGORIES = {letter: (f"{letter}类", f"{letter} 类", letter.lower()) for letter in "ABC"}
POSITION_KINDS = {
    "managerial": ("管理",),
    "technical": ("技术、研发", "技术"),
    "teaching": ("教学",),
    "skilled": ("技能",),
    "other": ("其他",),
}
PERMIT_KINDS = {
    "issue-in-china": ("境内申请",),
    "issue-abroad": ("境外申请",),
    "short-term": ("短期", "90 日以下"),
}
END_KINDS = {"cancelled": ("注销",), "revoked": ("撤销",), "withdrawn-by-authority": ("撤回",)}
INDUSTRIES = dict.fromkeys("ABCDEFGHIJKLMNOPQRST", ())
"""Letters of GB/T 4754."""


class Column(msgspec.Struct, frozen=True):
    """One column."""

    field: str
    title: Text
    read: Read
    wanted: bool = True
    """Whether the file must have it and no cell may be empty."""


def plain(cell: Cell) -> str | Text | None:
    """A cell as text; a number only where it is whole and short enough to have lost nothing."""
    if cell.formula:
        return FORMULA
    if cell.error:
        return ERROR
    value = cell.value
    if value is None:
        return None
    if isinstance(value, bool | dt.date | dt.time | dt.timedelta):
        return Text("应为文字。", "Text is wanted here.")
    if isinstance(value, float | int):
        if not abs(value) < 10**15 or value != int(value):
            return Text(
                "是数字，末位可能已丢失，请按文字填写。", "A number that may have lost digits: enter it as text."
            )
        return str(int(value))
    text = " ".join(value.replace("\u3000", " ").split())
    if len(text) > LONGEST or not text.isprintable():
        return Text("过长，或有看不见的字符。", "Too long, or with characters nobody sees.")
    return text or None


def text(longest: int = 200) -> Read:
    """Words, of so many characters at most."""

    def read(cell: Cell) -> Value | Text:
        said = plain(cell)
        if isinstance(said, str) and len(said) > longest:
            return Text(f"最多 {longest} 字。", f"{longest} characters at most.")
        return said

    return read


def day(cell: Cell) -> Value | Text:
    """A date as a date, or as text such as 2024-12-31, 2024年12月31日, 2024/12/31 or 20241231; never a number."""
    if cell.formula or cell.error:
        return FORMULA if cell.formula else ERROR
    value = cell.value
    if isinstance(value, dt.datetime):
        if value.time() != dt.time():
            return Text("只要日期，不要时刻。", "A day is wanted, without a time.")
        value = value.date()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number_for_day(value)
    found = value if isinstance(value, dt.date) else _typed_day(value)
    if isinstance(found, dt.date) and not EARLIEST <= found <= LAST:
        return Text(f"日期应在 {EARLIEST} 和 {LAST} 之间。", f"A day between {EARLIEST} and {LAST}.")
    return found


def _number_for_day(value: float) -> Text:
    """A date as a number says nothing for sure: what Excel would make of it is told, not taken."""
    if 1 <= value < 100_000 and value == int(value):
        meant = dt.date(1899, 12, 30) + dt.timedelta(days=int(value))
        return Text(
            f"日期是数字 {int(value)}（Excel 里是 {meant}），请设成日期格式，或写成 {meant}。",
            f"A number, {int(value)} (in Excel {meant}): format the cell as a date, or write {meant}.",
        )
    return _NO_DAY


def _typed_day(value: object) -> dt.date | Text | None:
    said = _half(value).strip() if isinstance(value, str) and len(value) < LONGEST else value
    if said is None or said == "":
        return None
    if not isinstance(said, str):
        return _NO_DAY
    if said.isascii() and said.isdigit() and len(said) < 6:
        return _number_for_day(int(said))
    parts = _DAY.fullmatch(said)
    try:
        return dt.date(*(int(part) for part in parts.groups() if part and part.isdigit())) if parts else _NO_DAY
    except ValueError:
        return _NO_DAY


_NO_DAY = Text(
    "不是日期，请写成 2024-12-31 或 2024年12月31日。", "Not a date: write it like 2024-12-31, the year first."
)


def _half(text: str) -> str:
    """Full-width letters, digits and marks in their usual form."""
    return unicodedata.normalize("NFKC", text)


def _plain_code(cell: Cell) -> str | Text | None:
    """The same as `plain`, in half-width: in a code both mean the same."""
    said = plain(cell)
    return _half(said) if isinstance(said, str) else said


def code(known: Mapping[str, tuple[str, ...]]) -> Read:
    """One of these codes, or a word for it."""
    meant = {_half(word): key for key, words in known.items() for word in (key, *words)}
    usual = "；".join(f"{words[0]}（{key}）" if words else key for key, words in known.items())
    wrong = Text(f"没有这个代码，可用：{usual}。", f"No such code; possible: {', '.join(known)}.")

    def read(cell: Cell) -> Value | Text:
        said = _plain_code(cell)
        return meant.get(said, wrong) if isinstance(said, str) else said

    return read


_NATIONS = {_half(name): key for key, words in NATIONALITIES.items() for name in (key, words.zh, words.en)}


def nation(cell: Cell) -> Value | Text:
    """A nationality by its three letters or its name."""
    said = _plain_code(cell)
    if not isinstance(said, str):
        return said
    return _NATIONS.get(said) or why_not(said.upper()) or said.upper()


_PLACES = {_half(words.zh): place for place, words in regions.JIANGSU.items()}


def place(cell: Cell) -> Value | Text:
    """A district by its code or name (GB/T 2260)."""
    said = _plain_code(cell)
    if not isinstance(said, str):
        return said
    found = _PLACES.get(said, said)
    if len(found) != 6 or not found.isdecimal() or regions.name_of(found) is None:
        return Text("不是行政区划代码（GB/T 2260）。", "No region code (GB/T 2260).")
    return found


def employer(cell: Cell) -> Value | Text:
    """A unified social credit code with its check character."""
    said = _plain_code(cell)
    if not isinstance(said, str):
        return said
    check = credit_code(said.upper())
    return said.upper() if check.valid else check.problems[0].text


def matching(pattern: re.Pattern[str], zh: str, en: str) -> Read:
    """Capital letters and digits of one form, spaces and hyphens left out."""

    def read(cell: Cell) -> Value | Text:
        said = _plain_code(cell)
        if not isinstance(said, str):
            return said
        tidy = said.upper().replace(" ", "").replace("-", "")
        return tidy if pattern.fullmatch(tidy) else Text(zh, en)

    return read


_passport = matching(_PASSPORT, "护照号为 3 至 20 位字母和数字。", "3 to 20 letters and digits.")
_number = matching(_NUMBER, "许可编号为 4 至 30 位字母和数字。", "4 to 30 letters and digits.")

COLUMNS = (
    Column("passport", Text("护照号", "Passport"), _passport),
    Column("surname", Text("姓", "Surname"), text(100), wanted=False),
    Column("given_names", Text("名", "Given names"), text(100), wanted=False),
    Column("chinese_name", Text("中文名", "Chinese name"), text(100), wanted=False),
    Column("sex", Text("性别", "Sex"), code(SEX)),
    Column("birth_date", Text("出生日期", "Born"), day),
    Column("nationality", Text("国籍", "Nationality"), nation),
    Column("category", Text("类别", "Category"), code(CATEGORIES)),
    Column("employer_code", Text("统一社会信用代码", "Credit code"), employer),
    Column("employer_name", Text("用人单位", "Employer"), text()),
    Column("industry", Text("行业", "Industry"), code(INDUSTRIES)),
    Column("district", Text("区县", "District"), place),
    Column("position", Text("职务", "Position"), text()),
    Column("position_kind", Text("岗位种类", "Kind of position"), code(POSITION_KINDS)),
    Column("permit_kind", Text("许可种类", "Kind of permit"), code(PERMIT_KINDS)),
    Column("permit_number", Text("许可编号", "Permit number"), _number, wanted=False),
    Column("valid_from", Text("有效期自", "Valid from"), day),
    Column("valid_until", Text("有效期至", "Valid until"), day),
    Column("granted_on", Text("批准日期", "Granted on"), day),
    Column("ended_on", Text("终止日", "Ended on"), day, wanted=False),
    Column("end_kind", Text("终止方式", "How it ended"), code(END_KINDS), wanted=False),
    Column("case_number", Text("案号", "Case"), text(50), wanted=False),
)
WANTED = tuple(column.title.zh for column in COLUMNS if column.wanted)
