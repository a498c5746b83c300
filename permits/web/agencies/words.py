"""What the board calls things: agencies, circuits, ages, what a difference is about."""

import datetime as dt

from permits.i18n import Text
from permits.web.parts import Light
from permits.web.window.words import MESSAGES, RESIDENCE, WINDOW

SAYS = {
    "police": Text("居留许可：同步审查、预约、决定", "Residence permits: parallel review, appointment, decision"),
    "approval-bureau": Text("统一受理编号、进度、发证、好差评", "Unified number, progress, hand-out, ratings"),
}
BREAKERS: dict[str, tuple[Light, Text]] = {
    "closed": ("done", Text("闭合，畅通", "Closed: all is sent")),
    "half-open": ("soon", Text("半开，试探中", "Half open: one call tries")),
    "open": ("late", Text("断开，暂不发送", "Open: nothing is sent for now")),
}
NEVER: tuple[Light, Text] = ("open", Text("还没有往来", "Nothing yet"))
THEIR_STATES = {
    "new": Text("还没办", "nothing applied yet"),
    "unknown": Text("没有这件", "no such case"),
    "under-review": Text("审查中", "under review"),
    "in-book": Text("登记中", "being registered"),
    "ready": Text("可以发证", "ready for hand-out"),
}
STANDINGS = {
    "delivered": Text("已送达", "delivered"),
    "received": Text("已收到", "received"),
    "received, not applied": Text("已收到，还没办", "received, not applied"),
    "applied": Text("已收到，已办", "received and applied"),
    "waiting": Text("已收到，等前一号", "received, waits for the one before"),
    "quarantined": Text("已隔离", "put aside"),
    "sent": Text("已发出", "sent"),
}
SETTLED = {
    "resent": Text("原样重发", "sent again as it was"),
    "mended": Text("改后重发", "mended and sent"),
    "by-hand": Text("线下处理", "settled by hand"),
    "taken": Text("重新收下", "taken after all"),
}
"""What was done about a message put aside."""
UNLISTED = {
    "not-offered": Text("对方不提供案件清单，只按我方案件核对", "They offer no list of cases; only ours were compared"),
    "no-answer": Text("没有等到对方的案件清单", "Their list of cases did not come in time"),
    "not-readable": Text("对方的案件清单不符合约定", "Their list of cases breaks the contract"),
}
"""Why an agency's own list of cases was not read."""
NOTHING = Text("没有", "nothing")


def age(seconds: float | None) -> Text:
    """How long something lasts, in one unit."""
    if seconds is None:
        return Text("—", "—")
    minutes = int(seconds // 60)
    if minutes < 1:
        return Text(f"{int(seconds)} 秒", f"{int(seconds)} s")
    if minutes < 60:
        return Text(f"{minutes} 分", f"{minutes} min")
    hours = minutes // 60
    if hours < 48:
        return Text(f"{hours} 小时", f"{hours} h")
    return Text(f"{hours // 24} 天", f"{hours // 24} days")


def since(at: dt.datetime, today: dt.date) -> Text:
    """From when on, to the minute."""
    shown = f"{at:%H:%M}" if at.date() == today else f"{at:%m-%d %H:%M}"
    return Text(f"{shown} 起", f"since {shown}")


def message(kind: str) -> Text:
    """What a kind of message is called."""
    return MESSAGES.get(kind, Text(kind, kind))


def field(name: str) -> Text:
    """What a difference is about: the state, or a message with its direction and place."""
    if name == "state":
        return Text("案件状态", "State of the case")
    if name == "case":
        return Text("有没有这件", "Whether there is such a case")
    way, sequence, kind = name.split("/", 2)
    said = message(kind)
    if way == "out":
        return Text(f"我方第 {sequence} 号：{said.zh}", f"Our no. {sequence}: {said.en}")
    return Text(f"对方第 {sequence} 号：{said.zh}", f"Their no. {sequence}: {said.en}")


def believed(agency: str, name: str, value: str | None) -> Text:
    """What a side believes of it."""
    if value is None:
        return NOTHING
    if name == "case" and value == "not-sent":
        return Text("有这件，没有发给对方", "a case of ours, never sent to them")
    if name not in ("state", "case"):
        return STANDINGS.get(value, Text(value, value))
    ours = RESIDENCE if agency == "police" else WINDOW
    state = THEIR_STATES.get(value) or ours.get(value) or Text(value, value)
    return Text(f"有这件：{state.zh}", f"has the case: {state.en}") if name == "case" else state
