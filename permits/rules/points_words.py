"""What the lines of a points table ask for, in words of both languages. It knows no points."""

from collections.abc import Callable, Mapping

from permits.i18n import Text

UNBOUNDED = 10**12
"""Above every value that is believed: the top of a band that has none."""
COLUMNS = {
    "salary": "年薪",
    "education": "受教育程度或职业资格",
    "experience": "相关工作年限",
    "months": "年工作时间",
    "chinese": "汉语水平",
    "place": "工作地区",
    "age": "年龄",
    "other": "其他",
    "local_bonus": "省级鼓励性加分",
}
"""The items of the table in its order, as its columns are headed."""
NOTHING = Text("表中没有对应的一项", "no line of the table")


def pay(least: int, most: int) -> Text:
    """Yearly pay, yuan."""
    if most == UNBOUNDED:
        return Text(f"年薪达到 {least:,} 元", f"yearly pay of {least:,} yuan")
    if not least:
        return Text(f"年薪不满 {most + 1:,} 元", f"yearly pay under {most + 1:,} yuan")
    return Text(
        f"年薪达到 {least:,} 元、不满 {most + 1:,} 元", f"yearly pay of {least:,} yuan, and under {most + 1:,} yuan"
    )


def months(least: int, most: int) -> Text:
    """Months of work in China a year."""
    if most == UNBOUNDED:
        return Text(f"每年在华工作满 {least} 个月", f"{least} months of work in China a year")
    if not least:
        return Text(f"每年在华工作不满 {most + 1} 个月", f"under {most + 1} months of work in China a year")
    return Text(
        f"每年在华工作满 {least} 个月、不满 {most + 1} 个月",
        f"{least} months of work in China a year, and under {most + 1}",
    )


def age(least: int, most: int) -> Text:
    """Age in whole years."""
    if most == UNBOUNDED:
        return Text(f"{least} 岁及以上", f"{least} years old or more")
    return Text(f"{least} 至 {most} 岁", f"{least} to {most} years old")


WORDS: Mapping[str, Callable[[int, int], Text]] = {"salary": pay, "months": months, "age": age}
"""What a band asks for, from its least and most."""


def experience(years: int) -> Text:
    """So many years of relevant experience or more."""
    return Text(f"相关工作经历满 {years} 年", f"{years} years of relevant experience")


def bonus(points: int) -> Text:
    """So many points by provincial criteria."""
    return Text(f"地方鼓励性加分 {points} 分", f"a local bonus of {points} points")
