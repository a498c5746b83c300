"""A bridge between two days in words and addresses: what it says, and where each of its bars leads. Pure."""

import datetime as dt
from urllib.parse import urlencode

from permits.i18n import Text
from permits.statistics.model import Bridge
from permits.web.office import words


def hrefs(bridge: Bridge, known: dt.date | None = None) -> dict[str, str]:
    """Where each bar leads: to its permits, by the same knowledge."""
    since, to = str(bridge.from_.on), str(bridge.to.on)
    then = {"as_known_on": str(known)} if known else {}

    def part(kind: str) -> str:
        return f"/office/changes?{urlencode({'from': since, 'to': to, 'kind': kind} | then)}"

    ends = {name: f"/office/permits?{urlencode({'on': day} | then)}" for name, day in (("from", since), ("to", to))}
    return ends | {change.kind: part(change.kind) for change in bridge.changes}


def spoken(bridge: Bridge) -> Text:
    """A bridge in one sentence."""

    def signed(value: int) -> str:
        return f"+{value}" if value > 0 else f"−{-value}"

    zh = "，".join(f"{words.KINDS[c.kind].zh} {signed(c.count)}" for c in bridge.changes)
    en = ", ".join(f"{words.KINDS[c.kind].en} {signed(c.count)}" for c in bridge.changes)
    a, b = bridge.from_, bridge.to
    return Text(f"{a.on} {a.total}，{zh}，{b.on} {b.total}", f"{a.on} {a.total}, {en}, {b.on} {b.total}")
