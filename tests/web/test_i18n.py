"""Both languages are complete: every sentence of a template has its English, and no English is left over."""

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from permits.clock import CITY
from permits.i18n import Text
from permits.web import i18n
from permits.web.templates import WEB

PO_FILES = sorted((i18n.LOCALE / "en").glob("*.po"))
OPTIONS = {"extensions": "jinja2.ext.do", "trimmed": "true", "newstyle_gettext": "true", "silent": "false"}


def sentences(path: Path) -> set[str]:
    """The Chinese sentences a template says."""
    with path.open("rb") as source:
        found = babel_extract(source, ("_", "gettext", "ngettext"), (), OPTIONS)
        return {message if isinstance(message, str) else message[0] or "" for _, _, message, _ in found if message}


def said() -> dict[str, str]:
    """Every sentence of every template with the name of one that says it."""
    return {words: path.name for path in sorted(WEB.rglob("*.html")) for words in sentences(path)}


def translated() -> list[tuple[str, str, tuple[str, ...]]]:
    """Every translation: file, Chinese, English (one or two forms)."""
    found = []
    for path in PO_FILES:
        with path.open("rb") as source:
            for message in read_po(source, locale="en"):
                if message.id:
                    key = message.id if isinstance(message.id, str) else message.id[0]
                    words = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
                    found.append((path.name, key, words))
    return found


def test_every_sentence_of_a_template_has_its_english() -> None:
    known = {key for _, key, words in translated() if all(words)}
    missing = {words: where for words, where in said().items() if words not in known}
    assert missing == {}


def test_no_english_is_left_over() -> None:
    used = said()
    assert [(where, key) for where, key, _ in translated() if key not in used] == []


def test_no_sentence_is_translated_twice() -> None:
    assert [key for key, times in Counter(key for _, key, _ in translated()).items() if times > 1] == []


def test_a_translation_fills_in_the_same_places() -> None:
    places = [
        (key, form) for _, key, words in translated() for form in words
        if sorted(placeholders(key)) != sorted(placeholders(form))
    ]  # fmt: skip
    assert places == []


def placeholders(words: str) -> list[str]:
    """The names that a sentence fills in."""
    return [part.split(")")[0] for part in words.split("%(")[1:]]


def test_english_counts_things_and_chinese_does_not() -> None:
    words = "还有 <b>%(left)s</b> 个工作日"
    english, chinese = i18n.translator("en"), i18n.translator("zh")
    assert english.ngettext(words, words, 1) == "<b>%(left)s</b> working day left"
    assert english.ngettext(words, words, 4) == "<b>%(left)s</b> working days left"
    assert chinese.ngettext(words, words, 1) == words


def test_dates_and_sums_are_written_as_the_language_writes_them() -> None:
    zh, en = i18n.translator("zh"), i18n.translator("en")
    friday, instant = dt.date(2024, 12, 13), dt.datetime(2024, 12, 3, 3, 2, tzinfo=dt.UTC)
    assert (zh.day(friday), en.day(friday)) == ("12 月 13 日（周五）", "Friday 13 December")
    assert (zh.long_day(friday), en.long_day(friday)) == ("2024 年 12 月 13 日", "13 December 2024")
    assert (zh.moment(instant), en.moment(instant)) == ("12 月 3 日 11:02", "3 December, 11:02")
    assert (zh.long_moment(instant), en.long_moment(instant)) == ("2024 年 12 月 3 日 11:02", "3 December 2024, 11:02")
    assert (zh.yuan(520_000), en.yuan(520_000)) == ("520,000 元", "CNY 520,000")
    assert (i18n.iso_day(friday), i18n.month_day(friday), i18n.month_day(None)) == ("2024-12-13", "12-13", "—")


def test_an_instant_late_in_the_evening_is_the_citys_day() -> None:
    late = dt.datetime(2024, 12, 31, 16, 30, tzinfo=dt.UTC)
    assert i18n.iso_day(late) == "2025-01-01"
    assert i18n.clock_time(late.astimezone(CITY)) == "00:30"


def test_a_text_is_said_in_the_language_and_a_name_stays_as_it_is() -> None:
    assert i18n.translator("en").text(Text("首页", "Home")) == "Home"
    assert i18n.translator("en").text("莱娜") == "莱娜"
    assert i18n.translator("zh").text(None) == ""


@pytest.mark.parametrize(
    ("query", "cookie", "header", "lang"),
    [
        ("en", "zh", "zh-CN", "en"),
        (None, "en", "zh-CN", "en"),
        (None, None, "en-GB,en;q=0.9,zh;q=0.1", "en"),
        (None, None, "fr, zh-CN;q=0.4, en;q=0.8", "en"),
        (None, None, "de, fr", "zh"),
        (None, None, None, "zh"),
        ("xx", "", "en;q=oops", "en"),
    ],
)
def test_the_language_is_what_the_address_then_the_cookie_then_the_browser_says(
    query: str | None, cookie: str | None, header: str | None, lang: str
) -> None:
    assert i18n.choose(query, cookie, header) == lang
