"""The State Council's yearly notice of holidays (节假日安排的通知), read out of its own words.

Every weekday and every number of days that the notice states is compared with the calendar, so that a slip of the pen
or of the clipboard is named. It reads the form of words used since 2008; what it cannot read it says, and guesses
nothing.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

import msgspec

from permits.i18n import Text
from permits.rules import working_days
from permits.rules.working_days import Calendar, DaysOff

NAMES = {
    "元旦": "New Year's Day", "春节": "Spring Festival", "清明节": "Qingming Festival", "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival", "中秋节": "Mid-Autumn Festival", "国庆节": "National Day",
}  # fmt: skip
"""The public holidays by law; a notice gives days to each of them."""
LONGEST = 5_000
"""Characters of a notice; those so far have some six hundred."""
WEEKDAYS = "一二三四五六日"

_PART = re.compile(r"(?:^|(?<=[。\n]))[一二三四五六七八九十]+、")
_DAY = r"(?:(?P<year{0}>\d{{4}})年)?(?:(?P<month{0}>\d{{1,2}})月)?(?P<day{0}>\d{{1,2}})日(?:\((?P<said{0}>[^)]*)\))?"
_OFF = re.compile(_DAY.format(1) + r"(?:至" + _DAY.format(2) + r")?(?:放假|，?放假)")
_ONE = re.compile(_DAY.format(1))
_COUNT = re.compile(r"(?:共|放假)(\d{1,2})天")
_SAID = re.compile(r"(?:周|星期)([一二三四五六日天])")
_NUMBER = re.compile(r"国办发(?:明电)?〔\d{4}〕\d+号")
_TITLE = re.compile(r"关于(\d{4})年部分节假日安排")


class Read(msgspec.Struct, frozen=True):
    """What was read out of a notice."""

    calendar: Calendar | None
    """None where nothing could be made of it."""
    problems: tuple[Text, ...]
    """Everything in it that does not hold together."""


def read(text: str, year: int, number: str = "") -> Read:
    """The calendar in the text of the notice for a year; `number` is the document's (文号), where the text lacks it."""
    plain = _plain(text)
    if len(plain) > LONGEST:
        return Read(None, (Text("通知文字过长。", "The text is too long for a notice."),))
    parts = [_Part(chunk, year) for chunk in _PART.split(plain)[1:] if _is_holiday(chunk)]
    if not parts:
        return Read(None, (_NOTHING,))
    off = tuple(day for part in parts for day in part.off)
    calendar = Calendar(
        key=str(year),
        effective_from=date(year, 1, 1),
        source=f"国务院办公厅关于{year}年部分节假日安排的通知",
        article=number or _number(plain),
        holidays=off,
        working=tuple(sorted({day for part in parts for day in part.working})),
    )
    return Read(calendar, (*_of_whole(plain, parts, calendar, year), *(p for part in parts for p in part.problems)))


_NOTHING = Text(
    "没有读到节日安排：每个节日应写成“一、元旦：1月1日（周四）至3日（周六）放假……”。",
    "No holiday was found: each reads like “一、元旦：1月1日（周四）至3日（周六）放假…”.",
)


def _plain(text: str) -> str:
    """The text with one kind of digits, brackets and colons, and no space but the ends of lines."""
    return re.sub(r"[^\S\n]+", "", unicodedata.normalize("NFKC", text)).replace(",", "，")


def _is_holiday(chunk: str) -> bool:
    return any(name in NAMES for name in chunk.partition(":")[0].split("、"))


def _number(plain: str) -> str:
    found = _NUMBER.search(plain)
    return found.group() if found else ""


def _of_whole(plain: str, parts: list["_Part"], calendar: Calendar, year: int) -> Iterator[Text]:
    title = _TITLE.search(plain)
    if title and int(title.group(1)) != year:
        yield Text(
            f"通知是 {title.group(1)} 年的，不是 {year} 年的。", f"The notice is for {title.group(1)}, not {year}."
        )
    given = {name for part in parts for name in part.names}
    for zh, en in NAMES.items():
        if zh not in given:
            yield Text(f"没有读到{zh}的安排。", f"No days off for {en} were found.")
    yield from working_days.problems(calendar)


class _Part:
    """One holiday's part of the notice: its days off, its days that are worked, and what is wrong in it."""

    def __init__(self, chunk: str, year: int) -> None:
        name, _, rest = chunk.partition(":")
        self.names = [one for one in name.split("、") if one in NAMES]
        self.zh, self.en = "、".join(self.names), ", ".join(NAMES[one] for one in self.names)
        self.year = year
        self.off: list[DaysOff] = []
        self.working: list[date] = []
        self.problems: list[Text] = []
        for sentence in rest.split("。"):
            self._take(sentence)
        if not self.off:
            self._wrong("没有读到放假的日期", "no days off were found")

    def _take(self, sentence: str) -> None:
        if sentence.endswith("上班"):
            self._worked(sentence)
        elif found := _OFF.search(sentence):
            self._free(found, sentence)
        elif _ONE.search(sentence):
            self._wrong("有一句里有日期，但读不懂", "there is a sentence with a date that cannot be read")

    def _free(self, found: re.Match[str], sentence: str) -> None:
        first = self._day(found, "1", None)
        last = self._day(found, "2", first) if found["day2"] else first
        if first is None or last is None:
            return
        self.off.append(DaysOff(first=first, last=last, zh=self.zh, en=self.en))
        count = _COUNT.search(sentence)
        days = (last - first).days + 1
        if count and int(count.group(1)) != days:
            self._wrong(
                f"写的是 {count.group(1)} 天，起止日期是 {days} 天",
                f"it says {count.group(1)} days, its dates are {days} days apart",
            )

    def _worked(self, sentence: str) -> None:
        before: date | None = None
        for found in _ONE.finditer(sentence):
            day = self._day(found, "1", before)
            if day is not None:
                self.working.append(day)
                before = day

    def _day(self, found: re.Match[str], at: str, before: date | None) -> date | None:
        """A day as written; month and year go on from the one before where they are left out."""
        year = int(found[f"year{at}"] or (before.year if before else self.year))
        month = int(found[f"month{at}"] or (before.month if before else 0))
        try:
            day = date(year, month, int(found[f"day{at}"]))
        except ValueError:
            self._wrong(
                f"没有“{month}月{found[f'day{at}']}日”这一天", f"there is no day {found[f'day{at}']} in month {month}"
            )
            return None
        self._compare(day, found[f"said{at}"] or "")
        return day

    def _compare(self, day: date, said: str) -> None:
        found, real = _SAID.search(said), WEEKDAYS[day.weekday()]
        if found and found.group(1).replace("天", "日") != real:
            zh = f"{day.month}月{day.day}日写的是周{found.group(1)}，实际是周{real}"
            self._wrong(zh, f"the weekday written beside {day} is not that day's, which is a {day:%A}")

    def _wrong(self, zh: str, en: str) -> None:
        self.problems.append(Text(f"{self.zh}：{zh}。", f"{self.en}: {en}."))
