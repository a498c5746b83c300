"""Languages of the pages: catalogues, the choice of a language, and how dates, times and sums are written.

Sentences stand in Chinese in the templates; English comes from locale/en/*.po. It never guesses a translation.
"""

import datetime as dt
import gettext
import io
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from permits.clock import CITY
from permits.i18n import Text

Lang = Literal["zh", "en"]

LANGS: tuple[Lang, ...] = ("zh", "en")
TAGS: dict[Lang, str] = {"zh": "zh-CN", "en": "en"}
"""What stands in <html lang>."""

COOKIE = "lang"
LOCALE = Path(__file__).parent / "locale"

WEEKDAYS = "一二三四五六日"


def catalogue(lang: str, folder: Path = LOCALE) -> Catalog:
    """All .po files of a language in one. A test keeps any sentence from standing in two of them with two meanings."""
    merged = Catalog(locale=lang)
    for path in sorted((folder / lang).glob("*.po")):
        with path.open("rb") as source:
            for message in read_po(source, locale=lang):
                if message.id:
                    merged.add(message.id, message.string)
    return merged


@lru_cache(maxsize=len(LANGS))
def translations(lang: Lang) -> gettext.NullTranslations:
    """The catalogue in memory; Chinese needs none, it is what the templates say."""
    if lang == "zh":
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(lang))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class Translator(msgspec.Struct, frozen=True):
    """Everything that differs between the two languages of a page."""

    lang: Lang

    def gettext(self, words: str) -> str:
        """The sentence in this language."""
        return translations(self.lang).gettext(words)

    def ngettext(self, one: str, many: str, n: int) -> str:
        """The sentence for n things in this language."""
        return translations(self.lang).ngettext(one, many, n)

    def text(self, value: Text | str | None) -> str:
        """A Text in this language; a plain string (a name, a number) as it is, nothing as an empty string."""
        return value.of(self.lang) if isinstance(value, Text) else value or ""

    def day(self, value: dt.date) -> str:
        """A date in a sentence: 12 月 13 日（周五）, Friday 13 December."""
        if self.lang == "en":
            return format_date(value, "EEEE d MMMM", "en")
        return f"{self.short_day(value)}（周{WEEKDAYS[value.weekday()]}）"

    def short_day(self, value: dt.date) -> str:
        """A date without its weekday: 12 月 13 日, 13 December."""
        return f"{value.month} 月 {value.day} 日" if self.lang == "zh" else format_date(value, "d MMMM", "en")

    def long_day(self, value: dt.date) -> str:
        """A date with its year: 2024 年 12 月 13 日, 13 December 2024."""
        return f"{value.year} 年 {self.short_day(value)}" if self.lang == "zh" else format_date(value, "d MMMM y", "en")

    def moment(self, value: dt.datetime) -> str:
        """An instant in the city's time: 12 月 3 日 11:02, 3 December, 11:02."""
        local = in_city(value)
        return f"{self.short_day(local)}{' ' if self.lang == 'zh' else ', '}{local:%H:%M}"

    def long_moment(self, value: dt.datetime) -> str:
        """An instant with its year: 2024 年 12 月 3 日 14:06, 3 December 2024, 14:06."""
        local = in_city(value)
        return f"{self.long_day(local)}{' ' if self.lang == 'zh' else ', '}{local:%H:%M}"

    def yuan(self, value: int) -> str:
        """A sum in whole yuan: 520,000 元, CNY 520,000."""
        return f"{value:,} 元" if self.lang == "zh" else f"CNY {value:,}"


def in_city(value: dt.datetime) -> dt.datetime:
    """The instant on the city's clocks."""
    return value.astimezone(CITY)


def iso_day(value: dt.date | None) -> str:
    """A date for tables and codes, 2024-12-31; an em dash where there is none."""
    if value is None:
        return "—"
    return (in_city(value) if isinstance(value, dt.datetime) else value).strftime("%Y-%m-%d")


def month_day(value: dt.date | None) -> str:
    """A date of this year in a narrow column, 12-31; an em dash where there is none."""
    return "—" if value is None else iso_day(value)[5:]


def clock_time(value: dt.datetime) -> str:
    """The time of day in the city, 10:42."""
    return f"{in_city(value):%H:%M}"


def number(value: int) -> str:
    """A whole number with its thousands apart, 520,000."""
    return f"{value:,}"


@lru_cache(maxsize=len(LANGS))
def translator(lang: Lang) -> Translator:
    """The one translator of a language."""
    return Translator(lang)


def known(lang: str | None) -> Lang | None:
    """The language meant by a query, cookie or header part, or None: zh-CN and zh are Chinese, en-GB English."""
    head = (lang or "").strip().lower().replace("_", "-").split("-")[0]
    return next((one for one in LANGS if one == head), None)


def accepted(header: str) -> Lang | None:
    """The first language of an Accept-Language header that we speak, by weight; None when there is none."""
    weighted: list[tuple[float, Lang]] = []
    for part in header[:500].split(","):
        name, _, weight = part.partition(";")
        lang = known(name)
        if lang:
            weighted.append((quality(weight), lang))
    return max(weighted, key=lambda pair: pair[0])[1] if weighted else None


def quality(weight: str) -> float:
    """The q of a header part, 1 when absent and 0 when unreadable."""
    name, _, value = weight.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def choose(query: str | None, cookie: str | None, header: str | None) -> Lang:
    """The language of a page: what the address asks, else what was chosen before, else the browser's, else Chinese."""
    return known(query) or known(cookie) or accepted(header or "") or "zh"
