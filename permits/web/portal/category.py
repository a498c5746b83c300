"""The category and its points, item by item, with what was stated and where it is changed. It only words the rules."""

import datetime as dt

import msgspec

from permits.cases import assessment
from permits.cases.application import Application
from permits.credit.model import GOOD
from permits.i18n import Text
from permits.rules import points
from permits.rules.classification import Classification, Ground
from permits.rules.law import Law
from permits.rules.points import PointsTable
from permits.web.labels import words
from permits.web.portal.fields import Options

NAMES = {
    "A": Text("外国高端人才", "high-end talent"),
    "B": Text("外国专业人才", "professional"),
    "C": Text("其他外国人员", "other foreigner"),
}
ITEMS = {
    "salary": (Text("薪资", "Pay"), "position"),
    "education": (Text("学历", "Education"), "education"),
    "experience": (Text("经验", "Experience"), "education"),
    "months": (Text("在华时间", "Months a year"), "position"),
    "chinese": (Text("汉语", "Chinese"), "education"),
    "place": (Text("地区", "Place"), "position"),
    "age": (Text("年龄", "Age"), "passport"),
    "other": (Text("其他", "Other"), "category"),
    "local_bonus": (Text("地方加分", "Local bonus"), "category"),
}
"""Each item of the table: what it is called, and the page where it is changed."""
WIDTH = 640
"""Of the drawing, as wide as its place at 1280."""


class Item(msgspec.Struct, frozen=True):
    """One item of the points table."""

    name: Text
    stated: Text
    points: int
    most: int
    page: str


class Bar(msgspec.Struct, frozen=True):
    """One piece of the drawing, in its units."""

    x: float
    width: float
    item: Item


class Gain(msgspec.Struct, frozen=True):
    """Something that would lift the person."""

    text: Text
    points: int
    enough: bool


class Points(msgspec.Struct, frozen=True):
    """The whole explanation."""

    found: Classification
    table: PointsTable
    items: tuple[Item, ...]
    scale: float
    """Units of the drawing a point."""
    gains: tuple[Gain, ...]
    reach: int
    """Points of the next category; 0 in category A."""

    @property
    def bars(self) -> list[Bar]:
        """The items that gave points, side by side."""
        bars, x = [], 0.0
        for item in self.items:
            if item.points:
                bars.append(Bar(round(x, 1), round(item.points * self.scale - 2, 1), item))
                x += item.points * self.scale
        return bars


def explained(law: Law, application: Application, on: dt.date, region: str) -> Points | None:
    """The category of an application with its reasons; None while something it rests on is missing or wrong."""
    stated = assessment.profile(application, on)
    found = assessment.assess(law, application, GOOD, on, region).classification
    if stated is None or found is None:
        return None
    table = next(one for one in law.every(PointsTable) if one.key == found.edition)
    least = {"C": table.category_b, "B": table.category_a}.get(found.category, 0)
    items = tuple(
        Item(name, _stated(key, application, stated.age), found.items[key], _most(table, key), page)
        for key, (name, page) in ITEMS.items()
    )
    gains = tuple(Gain(gain.text, gain.points, gain.enough) for gain in found.gains if gain.points or gain.enough)
    most = max(table.category_a + 15, found.points)
    return Points(found, table, items, WIDTH / most, gains, least)


def _stated(key: str, application: Application, age: int) -> Text:
    holder, work = application.beneficiary, application.employment
    if key in ("education", "chinese"):
        return words(f"beneficiary.{key}", getattr(holder, key))
    if key == "place":
        return words("employment.place", work.place or "")
    if key == "other":
        told = [words("employment.other", code) for code in work.other or ()]
        return Text("、".join(t.zh for t in told) or "没有", ", ".join(t.en for t in told) or "none")
    return {
        "salary": Text(f"年薪 {work.annual_salary_cny:,} 元", f"CNY {work.annual_salary_cny:,} a year"),
        "experience": Text(f"{work.experience_years} 年", f"{work.experience_years} years"),
        "months": Text(f"每年 {work.months_per_year} 个月", f"{work.months_per_year} months"),
        "age": Text(f"{age} 岁", f"{age} years old"),
        "local_bonus": Text(f"{work.local_bonus or 0} 分", f"{work.local_bonus or 0} points"),
    }[key]


def _most(table: PointsTable, key: str) -> int:
    """The most an item gives."""
    if key == "experience":
        return table.experience.at_most
    if key in ("other", "local_bonus"):
        return int(getattr(table, f"{key}_most"))
    rows: tuple[points.Band | points.Row, ...] = getattr(table, key)
    return max(row.points for row in rows)


def grounds(law: Law, on: dt.date, region: str) -> Options:
    """The direct grounds one may claim, with the category each gives; what pay alone gives is worked out."""
    return [
        (ground.key, Text(f"{ground.category} 类：{ground.text.zh}", f"{ground.category}: {ground.text.en}"))
        for ground in law.entries(Ground, on=on, region=region)
        if ground.times_average is None
    ]
