"""The words of the simulators' pages in Chinese and English. They say nothing that One Window says."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "again": ("再发一次", "Send again"),
    "answer": ("替对方现在答", "Answer in its name, now"),
    "at": ("时间", "Time"),
    "back": ("回到本子", "Back to the book"),
    "book": ("本子上的案件，件数：", "Cases in the book: "),
    "case": ("案号", "Case"),
    "case-number": ("案号，序号", "Case, sequence"),
    "cases-region": ("案件表，可左右滚动", "Table of cases, scrolls sideways"),
    "direction": ("方向", "Direction"),
    "final": (
        "公安的不予决定是最终决定，通知里没有救济途径。工作许可的决定书由一窗办理发出，写救济途径。",
        "A refusal by the police is final and names no remedy. The work permit's decision, from One Window, does.",
    ),
    "footer": (
        "操作只接受本机。页面、样式、颜色都和“一窗办理”不同，是故意的。内容均为虚构。",
        "Steered from this machine only. Page and colour differ from One Window on purpose. All content is invented.",
    ),
    "in": ("收", "in"),
    "kind": ("种类", "Kind"),
    "messages": ("往来", "Messages"),
    "messages-region": ("往来，可左右滚动", "Messages, scrolls sideways"),
    "name": ("人", "Who"),
    "no-cases": ("还没有案件。", "No cases yet."),
    "none": ("没有可答的", "Nothing to answer"),
    "other": ("English", "中文"),
    "out": ("发", "out"),
    "received-sequences": ("收到", "Received"),
    "refusal": ("不予的通知长这样", "What a refusal looks like"),
    "result": ("结果", "Result"),
    "sent-sequences": ("发出", "Sent"),
    "state": ("状态", "State"),
    "times": ("次数", "Times"),
}

KINDS: Mapping[str, tuple[str, str]] = {
    "received": ("已收", "Received"),
    "correction-wanted": ("要补正", "Wants a correction"),
    "appointment": ("约时间", "Appointment"),
    "granted": ("准予", "Grant"),
    "refused": ("不予", "Refuse"),
    "registered": ("登记", "Register"),
    "handed-out": ("已发证", "Handed out"),
    "rating": ("评价", "Rating"),
}

STATES: Mapping[str, tuple[str, str]] = {
    "new": ("等前面的信", "waits for an earlier message"),
    "under-review": ("审查中", "under review"),
    "received": ("已收，审查中", "received, under review"),
    "correction-wanted": ("等补正", "waits for a correction"),
    "appointment": ("等本人", "waits for the person"),
    "granted": ("准予，已发", "granted"),
    "refused": ("不予，已发", "refused"),
    "stopped": ("已停止", "stopped"),
    "in-book": ("登记中", "being registered"),
    "registered": ("已登记", "registered"),
    "ready": ("可以发证", "ready for hand-out"),
    "handed-out": ("已发证", "handed out"),
    "closed": ("办结", "closed"),
}

STATUSES: Mapping[str, tuple[str, str]] = {
    "waiting": ("早到，等前面的", "early, waits"),
    "applied": ("已收，已办", "taken in, applied"),
    "queued": ("还没有送到", "not delivered yet"),
    "delivered": ("已送到", "delivered"),
    "refused": ("对方拒收", "refused by the office"),
}


def of(table: Mapping[str, tuple[str, str]], key: str, lang: str) -> str:
    """The word in zh or en; a key that has none stands for itself."""
    zh, en = table.get(key, (key, key))
    return zh if lang == "zh" else en
