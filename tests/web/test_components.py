"""Components drawn with sample data, in both languages."""

import datetime as dt
import json
from typing import Any

import pytest
from jinja2 import UndefinedError

from permits.errors import FieldError
from permits.i18n import Text
from permits.web import parts
from permits.web.assets import ROOT, bring_up_to_date
from permits.web.forms import Filled, Form, field_of, joined_date
from permits.web.templates import GOVUK_MACROS, environment, govuk_macros
from tests.web.shapes import parts_of, shape

DAY = dt.date(2024, 12, 9)


def draw(source: str, lang: str = "zh", **context: Any) -> str:
    """A piece of template, drawn."""
    return environment(lang).from_string(source).render(**context)


def clock(state: str = "running", **more: Any) -> parts.Clock:
    """A clock of seven working days on its third."""
    given = {"basis": "promised", "state": state, "days": 7, "used": 3, "due": dt.date(2024, 12, 13), **more}
    return parts.Clock(**given)


# Clocks, days, lists


def test_a_clock_says_what_is_left_and_shows_a_segment_a_day() -> None:
    html = draw("{% from 'ow/clocks.html' import one %}{{ one(c) }}", c=clock())
    assert "还有 <b>4</b> 个工作日" in html
    assert (html.count("ow-seg__on"), html.count("ow-seg__now"), html.count("ow-seg__off")) == (2, 1, 4)
    assert "12 月 13 日（周五）</span>前办好" in html
    assert 'aria-label="7 个工作日中的第 3 个"' in html


def test_a_late_clock_says_by_how_much_and_never_by_colour_alone() -> None:
    html = draw("{% from 'ow/clocks.html' import one %}{{ one(c) }}", "en", c=clock("missed", used=7, over=1))
    assert "<b>1</b> working day late" in html
    assert "#i-late" in html
    assert "ow-seg--late" in html


def test_a_paused_clock_says_where_it_rests() -> None:
    html = draw("{% from 'ow/clocks.html' import one %}{{ one(c) }}", c=clock("paused", due=None))
    assert "暂停在第 <b>3</b> 天" in html
    assert html.count("ow-seg__pause") == 4
    assert "办好" not in html


def test_the_light_of_a_clock_warns_on_the_last_day_but_one() -> None:
    lights = [clock(used=used).light for used in (3, 5, 6, 7)]
    assert lights == ["fine", "fine", "soon", "soon"]
    assert [clock(state).light for state in ("paused", "met", "missed")] == ["pause", "done", "late"]


def test_segments_fill_the_bar_for_any_number_of_days() -> None:
    for days in (1, 5, 7, 20, 60):
        x, width, _ = clock(days=days, used=1).segments[-1]
        assert 97 < float(x) + float(width) < 100


def test_the_strip_begins_on_a_monday_and_ends_on_a_sunday() -> None:
    days = parts.strip(dt.date(2024, 12, 4), dt.date(2025, 1, 2), marks={DAY: "now"}, used=[dt.date(2024, 12, 5)])
    assert (days[0].date, days[-1].date) == (dt.date(2024, 12, 2), dt.date(2025, 1, 5))
    assert {day.date: day.kind for day in days}[DAY] == "now"
    html = draw("{% from 'ow/clocks.html' import day_strip %}{{ day_strip(days) }}", "en", days=days)
    assert 'data-month="December"' in html
    assert 'data-month="January"' in html


def test_a_check_list_names_value_source_and_what_a_link_changes() -> None:
    rows = [parts.Source(Text("单位", "Employer"), "示例 <公司>", Text("登记簿", "Register"), "/apply/1/employer")]
    html = draw("{% from 'ow/lists.html' import check %}{{ check('c', 'T', rows) }}", "en", rows=rows)
    assert "示例 &lt;公司&gt;" in html
    assert 'Change<span class="govuk-visually-hidden">: Employer</span>' in html


def test_a_timeline_tells_past_now_and_next_apart() -> None:
    events = [parts.Event("a"), parts.Event("b", when="now"), parts.Event("c", when="next")]
    html = draw("{% from 'ow/lists.html' import timeline %}{{ timeline(e) }}", e=events)
    assert [html.count(word) for word in ("<li>", "is-now", "is-next")] == [1, 1, 1]


def test_a_queue_row_shows_light_words_and_both_limits() -> None:
    row = parts.QueueRow(
        "3212-24-001831-5", "/window/3212-24-001831-5", "late", Text("超 1 日", "1 day late"), dt.date(2024, 12, 2),
        Text("延期", "Extension"), True, "O'BRIEN Niamh", "妮芙", Text("爱尔兰", "Ireland"), "高港示例国际学校", "B",
        Text("审查", "Review"), Text("公安", "Police"), False, dt.date(2024, 12, 19),
    )  # fmt: skip
    html = draw("{% include 'ow/queue_table.html' %}", "en", rows=[row], select=True)
    for words in ("1 day late", "12-02", "12-19", "O&#39;BRIEN Niamh", "#i-late", "joint", 'lang="zh-CN"'):
        assert words in html
    assert shape(html).open == []


# Forms


FIELDS = """
{% from 'ow/forms.html' import error_summary, text, select, radios, checkboxes, date, textarea, file, tick, way %}
{{ error_summary(f) }}{{ text(f, 'employer.credit_code', '代码', hint='18 位', code=true, live='/check') }}
{{ text(f, 'pay', '年薪', suffix='元') }}{{ select(f, 'edu', '学历', [('doctor', '博士'), ('master', '硕士')]) }}
{{ radios(f, 'sex', '性别', [('m', '男'), ('f', '女', '提示')]) }}
{{ checkboxes(f, 'other', '其他', [('a', '甲'), ('b', '乙')]) }}
{{ date(f, 'born', '出生') }}{{ textarea(f, 'why', '说明') }}{{ file(f, 'file', '文件') }}{{ tick(f, 'ok', '属实') }}
{% call way(f, 'way', 'commit', '我承诺', '现在不交') %}<p>签名</p>{% endcall %}
{% call way(f, 'way', 'have', '我们已有', '', shut='这次没有') %}{% endcall %}"""

COMPONENTS = ROOT / "node_modules/govuk-frontend/dist/govuk/components"
OTHERWISE = frozenset({"start link with html"})
"""A green start button, which we do not use."""


@pytest.mark.parametrize("name", sorted(set(GOVUK_MACROS) - {"govukDateInput"}))
def test_a_macro_draws_what_its_makers_published(name: str) -> None:
    bring_up_to_date()
    published = json.loads((COMPONENTS / GOVUK_MACROS[name] / "fixtures.json").read_text("utf-8"))["fixtures"]
    assert published
    differing = [
        fixture["name"]
        for fixture in published
        if parts_of(str(govuk_macros()[name](fixture["options"]))) != parts_of(fixture["html"])
    ]
    assert set(differing) <= OTHERWISE


def test_a_date_keeps_names_widths_and_values_of_its_three_parts() -> None:
    html = draw("{% from 'ow/forms.html' import date %}{{ date(f, 'born', '出生', hint='照护照写') }}", f=filled())
    inputs = [dict(part[1]) for part in parts_of(html) if isinstance(part, tuple) and part[0] == "input"]
    assert [(one["name"], one["value"]) for one in inputs] == [
        ("born-year", "1983"), ("born-month", "05"), ("born-day", "16"),
    ]  # fmt: skip
    assert ["govuk-input--width-" in one["class"] for one in inputs] == [True] * 3
    assert inputs[0]["id"] == "born"


def filled(**more: Any) -> Filled:
    """A form with something in every field."""
    values: dict[str, str | tuple[str, ...]] = {
        "employer.credit_code": "91<",
        "edu": "master",
        "sex": "f",
        "other": ("a", "b"),
        "born": "1983-05-16",
    }
    return Filled({**values, "why": "长", "ok": "true", "way": "commit"}, **more)


def test_every_field_shows_what_it_is_filled_with() -> None:
    html = draw(FIELDS, f=filled())
    assert shape(html).open == []
    assert 'value="91&lt;"' in html
    assert '<option value="master" selected>' in html
    assert html.count(" checked") == 5
    assert [html.count(f'value="{part}"') for part in ("1983", "05", "16")] == [1, 1, 1]
    assert "这次没有" in html


def test_an_error_stands_in_the_summary_and_beside_its_field() -> None:
    wrong = (
        FieldError("/employer/credit_code", Text("少一位", "One short")),
        FieldError("/born", Text("没有", "None")),
    )
    form = Form(
        {"employer.credit_code": ("9132",), "born-year": ("1983",), "born-month": ("13",), "born-day": ("",)}, {}
    )
    html = draw(FIELDS, "en", f=Filled.again(form, wrong))
    assert "2 entries to correct" in html
    assert 'href="#employer-credit_code"' in html
    assert html.count("One short") == 2
    assert 'id="employer-credit_code"' in html
    assert 'value="13"' in html


def test_every_element_of_a_form_has_an_id_of_its_own() -> None:
    ids = shape(draw(FIELDS, f=filled(errors={"born": Text("没有", "None"), "sex": Text("选", "Choose")}))).ids
    assert len(ids) == len(set(ids))


def test_a_sent_form_becomes_the_body_of_the_json_interface() -> None:
    form = Form(
        {"csrf": ("x",), "employer.name": ("甲",), "employer.district": ("",), "born-year": ("1983",),
         "born-month": ("5",), "born-day": ("6",), "employment.grounds": ("a", "b")}, {},
    )  # fmt: skip
    body = form.nested(lists=["employment.grounds"])
    assert body == {"employer": {"name": "甲"}, "born": "1983-05-06", "employment": {"grounds": ["a", "b"]}}


def test_a_date_that_is_none_reaches_the_rules_as_typed() -> None:
    assert joined_date("83", "x", "") == "0083-0x-00"
    assert field_of("/employer/name") == "employer.name"


def test_a_draft_fills_the_form_with_words() -> None:
    form = Filled.of({"employment": {"annual_salary_cny": 520000, "grounds": ["a"]}, "joint": None})
    assert (form.value("employment.annual_salary_cny"), form.all("employment.grounds")) == ("520000", ("a",))
    assert form.value("joint") == ""


def test_a_name_that_a_page_was_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        draw("{{ nothing }}")
