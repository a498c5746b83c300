"""What the pages say about the office of a city: its names, who decides, where the window is. Words only, no rules."""

import msgspec

from permits.i18n import Text


class City(msgspec.Struct, frozen=True):
    """A city served here, as its pages name it."""

    name: Text
    """The city's short name."""
    place: Text
    """Province and city, beside the mark."""
    authority: Text
    """Who decides on work permits."""
    police: Text
    """Who decides on residence permits."""
    window: Text
    """Where and when the window is open."""


TAIZHOU = City(
    name=Text("泰州", "Taizhou"),
    place=Text("江苏 · 泰州", "Taizhou, Jiangsu"),
    authority=Text("泰州市科学技术局", "Taizhou Science and Technology Bureau"),
    police=Text("公安机关出入境管理机构", "the exit-entry administration of the police"),
    window=Text(
        "市政务服务中心二楼 21 至 24 号，工作日 9:00 至 12:00、13:30 至 17:00",
        "Government Service Centre, 2nd floor, counters 21 to 24, working days 9:00 to 12:00 and 13:30 to 17:00",
    ),
)

CITIES = {"321200": TAIZHOU}
"""By GB/T 2260 city code."""


def city_of(region: str) -> City:
    """The city of a region code; KeyError for one that is not served."""
    return CITIES[region]
