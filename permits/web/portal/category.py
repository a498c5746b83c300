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
from permits.web.points import ITEMS, edition_of, stated
from permits.web.portal.fields import Options

PAGES = {
    "salary": "position", "education": "education", "experience": "education", "months": "position",
    "chinese": "education", "place": "position", "age": "passport", "other": "category", "local_bonus": "category",
}  # fmt: skip
"""The page where what is stated for an item is changed."""
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
    profile = assessment.profile(application, on)
    found = assessment.assess(law, application, GOOD, on, region).classification
    if profile is None or found is None:
        return None
    table = edition_of(law, found)
    least = {"C": table.category_b, "B": table.category_a}.get(found.category, 0)
    items = tuple(
        Item(name, stated(key, profile), found.items[key], _most(table, key), PAGES[key]) for key, name in ITEMS.items()
    )
    gains = tuple(Gain(gain.text, gain.points, gain.enough) for gain in found.gains if gain.points or gain.enough)
    most = max(table.category_a + 15, found.points)
    return Points(found, table, items, WIDTH / most, gains, least)


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
