"""The words of the simulators' pages in Chinese and English. They say nothing that One Window says."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "again": ("再发一次", "Send again"),
    "answer": ("替对方现在答", "Answer in its name, now"),
    "at": ("时间", "Time"),
    "at-once": ("现在打开的：", "On now: "),
    "clear": ("全部清除", "Clear all"),
    "fault-case": ("案件，* 是所有案件", "Case, * for every case"),
    "faults": ("故障开关", "Faults"),
    "faults-none": ("没有打开的故障。", "No fault is on."),
    "own-words": ("自己写内容再答", "Answer in words of your own"),
    "send": ("现在答", "Answer now"),
    "set": ("打开这些故障", "Set these faults"),
    "open-case": ("只在这个本子上立一件", "Open a case that only this book has"),
    "open-why": (
        "一窗办理没有这件；下次对账应当发现。",
        "One Window knows nothing of it; its next comparison of books must find it.",
    ),
    "open": ("立", "Open"),
    "which": ("出什么故障", "What goes wrong"),
    "wrong": ("没有执行：", "Not done: "),
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

FAULTS: Mapping[str, tuple[str, str]] = {
    "down": ("停机", "down"),
    "twice": ("发两次", "sends twice"),
    "out_of_order": ("乱序", "out of order"),
    "lost_receipt": ("回执丢失", "loses a receipt"),
    "wrong_signature": ("签名错", "wrong signature"),
    "wrong_schema": ("格式错", "wrong schema"),
    "slow_ms": ("慢，毫秒", "slow, milliseconds"),
    "late_s": ("晚到，秒", "late, seconds"),
    "rate": ("比例", "rate"),
    "seed": ("种子", "seed"),
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
    "status": ("答状态", "State of the book"),
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
