"""The way around: which entries stand on top of a page, by the roles of the person who looks. It guards nothing."""

from collections.abc import Collection

import msgspec

from permits.i18n import Text


class Entry(msgspec.Struct, frozen=True):
    """One entry of the navigation."""

    label: Text
    href: str
    roles: frozenset[str] = frozenset()
    """Who sees it; empty means everybody."""
    step: str = ""
    """The end of the addresses of a case's pages that lie under it too."""
    current: bool = False
    """Whether the page shown lies under it."""


PUBLIC = (
    Entry(Text("首页", "Home"), "/"),
    Entry(Text("我的申请", "My cases"), "/apply/"),
    Entry(Text("核验许可", "Verify"), "/verify/"),
)

DESK = (
    Entry(Text("办件", "Cases"), "/window/", frozenset({"clerk", "reviewer", "decider", "legal"})),
    Entry(Text("发证", "Hand-out"), "/window/hand-out", frozenset({"clerk"}), "/hand-out"),
    Entry(Text("审查决定", "Review"), "/review/", frozenset({"reviewer", "decider", "legal"})),
    Entry(Text("核验", "Inspection"), "/inspect/", frozenset({"inspector", "legal"})),
    Entry(Text("统计", "Figures"), "/office/", frozenset({"manager"})),
    Entry(Text("管理", "Settings"), "/admin/", frozenset({"admin"})),
    Entry(Text("部门对接", "Agencies"), "/agencies/", frozenset({"clerk", "reviewer", "admin"})),
)


def under(path: str, href: str) -> bool:
    """Whether a page's path lies under an entry."""
    return path == href or (href != "/" and f"{path}/".startswith(f"{href.rstrip('/')}/"))


def _leads(entry: Entry, path: str) -> bool:
    return under(path, entry.href) or (bool(entry.step) and path.endswith(entry.step))


def entries(all_entries: tuple[Entry, ...], path: str, roles: Collection[str] = ()) -> list[Entry]:
    """The entries a person sees, the longest that the path lies under marked as current."""
    seen = [entry for entry in all_entries if not entry.roles or entry.roles & set(roles)]
    matching = [entry.href for entry in seen if _leads(entry, path)]
    here = max(matching, key=len, default=None)
    return [msgspec.structs.replace(entry, current=entry.href == here) for entry in seen]


def home_of(roles: Collection[str]) -> str:
    """Where a person starts after signing in: the first desk they may use, else their cases."""
    return next((entry.href for entry in DESK if entry.roles & set(roles)), "/apply/")
