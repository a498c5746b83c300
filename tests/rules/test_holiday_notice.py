"""The State Council's notice, read out of its own words: the published ones give the published calendar."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from permits.rules import holiday_notice, law, working_days

NOTICE_2025 = """
国务院办公厅关于2025年部分节假日安排的通知
国办发明电〔2024〕12号
一、元旦：1月1日（周三）放假1天，不调休。
二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
三、清明节：4月4日（周五）至6日（周日）放假，共3天。
四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。
五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。
六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。
"""
NOTICE_2026 = """
国务院办公厅关于2026年部分节假日安排的通知
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
"""


@pytest.mark.parametrize(("year", "text"), [(2025, NOTICE_2025), (2026, NOTICE_2026)])
def test_a_published_notice_gives_the_published_calendar(year: int, text: str) -> None:
    found = holiday_notice.read(text, year)
    assert found.problems == ()
    assert found.calendar is not None
    content = {"calendar": [{"key": str(year), "effective_from": date(year, 1, 1), "source": "通知",
                             "holidays": [{"first": d.first, "last": d.last, "zh": d.zh, "en": d.en}
                                          for d in found.calendar.holidays],
                             "working": list(found.calendar.working)}]}  # fmt: skip
    loaded = law.load([content])
    for day in (date(year, 1, 1) + timedelta(n) for n in range(365)):
        assert working_days.is_working_day(loaded, day) == chinese_calendar.is_workday(day), day


def test_title_number_and_names_are_kept() -> None:
    found = holiday_notice.read(NOTICE_2025, 2025).calendar
    assert found is not None
    assert (found.key, found.article) == ("2025", "国办发明电〔2024〕12号")
    assert found.holidays[-1].zh == "国庆节、中秋节"
    assert found.holidays[-1].en == "National Day, Mid-Autumn Festival"
    assert holiday_notice.read(NOTICE_2026, 2026, "国办发明电〔2025〕7号").calendar.article == "国办发明电〔2025〕7号"


@pytest.mark.parametrize(("old", "new", "says"), [
    ("1月4日（周日）上班", "1月4日（周六）上班", "1月4日写的是周六，实际是周日"),
    ("至23日（农历正月初七、周一）", "至22日（农历正月初七、周日）", "春节：写的是 9 天，起止日期是 8 天"),
    ("三、清明节：4月4日（周六）至6日（周一）放假，共3天。\n", "", "没有读到清明节的安排"),
    ("2月15日", "2月30日", "没有“2月30日”这一天"),
    ("关于2026年", "关于2025年", "通知是 2025 年的"),
    ("5月9日（周六）上班", "5月8日（周五）上班", "调休上班日应为周末"),
    ("6月19日（周五）至21日（周日）放假，共3天", "6月19日（周五）至21日（周日）休息", "端午节：没有读到放假的日期"),
])  # fmt: skip
def test_what_does_not_hold_together_is_named(old: str, new: str, says: str) -> None:
    assert old in NOTICE_2026
    found = holiday_notice.read(NOTICE_2026.replace(old, new), 2026)
    assert any(says in text.zh for text in found.problems), found.problems


def test_every_slip_is_named_at_once() -> None:
    text = NOTICE_2026.replace("1月4日（周日）", "1月4日（周六）").replace("共9天", "共8天")
    assert len(holiday_notice.read(text, 2026).problems) == 2


@pytest.mark.parametrize("text", ["", "放假三天。", "一、元旦放假。", "值班安排：1月1日"])
def test_a_text_without_a_holiday_is_no_notice(text: str) -> None:
    found = holiday_notice.read(text, 2026)
    assert found.calendar is None
    assert len(found.problems) == 1


def test_new_years_day_may_begin_in_the_year_before() -> None:
    text = NOTICE_2026.replace(
        "1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。",
        "2025年12月31日（周三）至2026年1月2日（周五）放假，共3天。",
    )
    found = holiday_notice.read(text, 2026)
    assert found.problems == ()
    assert found.calendar.holidays[0].first == date(2025, 12, 31)


def test_a_text_of_any_length_is_no_burden() -> None:
    assert holiday_notice.read("一" * 100_000, 2026).calendar is None
