"""The items of the points table in words: what each is called, and what was stated for it. It counts nothing."""

from permits.i18n import Text
from permits.rules.classification import Classification, Profile
from permits.rules.law import Law
from permits.rules.points import PointsTable
from permits.web.labels import listed, words

ITEMS = {
    "salary": Text("薪资", "Pay"),
    "education": Text("学历", "Education"),
    "experience": Text("经验", "Experience"),
    "months": Text("在华时间", "Months in China"),
    "chinese": Text("汉语", "Chinese"),
    "place": Text("地区", "Place"),
    "age": Text("年龄", "Age"),
    "other": Text("其他", "Other"),
    "local_bonus": Text("地方加分", "Local bonus"),
}
"""Every item, in the order of the table."""


def stated(item: str, profile: Profile) -> Text:
    """What a profile says about an item."""
    if item in ("education", "chinese"):
        return words(f"beneficiary.{item}", getattr(profile, item))
    if item == "place":
        return words("employment.place", profile.place)
    if item == "other":
        return listed("employment.other", profile.other)
    return {
        "salary": Text(f"{profile.annual_salary_cny:,} 元", f"CNY {profile.annual_salary_cny:,}"),
        "experience": _counted(profile.experience_years, "年", "year"),
        "months": _counted(profile.months_per_year, "个月", "month"),
        "age": Text(f"{profile.age} 周岁", f"aged {profile.age}"),
        "local_bonus": _counted(profile.local_bonus, "分", "point"),
    }[item]


def _counted(number: int, zh: str, en: str) -> Text:
    return Text(f"{number} {zh}", f"{number} {en}{'' if number == 1 else 's'}")


def edition_of(law: Law, found: Classification) -> PointsTable:
    """The edition of the table that gave a classification."""
    return next(table for table in law.every(PointsTable) if table.key == found.edition)
