"""Whose turn it is, in words for the applicant: of a case in hand, and how one ended. Words only."""

from permits.cases.model import State
from permits.i18n import Text
from permits.web.parts import Light

TITLES: dict[State, Text] = {
    "submitted": Text("我们在看材料，先答复是否受理", "We look at the papers and answer whether it is accepted"),
    "correction": Text("轮到您：请补正", "Your turn: please correct"),
    "accepted": Text("已经受理，等审查", "Accepted, waiting for review"),
    "review": Text("正在审查", "Under review"),
    "special-procedure": Text("特别程序，时限暂停", "A special procedure; the clocks stand still"),
    "recommended": Text("审查完了，等负责人决定", "Reviewed, waiting for the decision"),
    "granted": Text("已经准予", "Permit granted"),
    "refused": Text("不予许可", "Permit refused"),
    "closed": Text("已经办结", "Closed"),
    "not-accepted": Text("没有受理", "Not accepted"),
    "withdrawn": Text("您已撤回", "You have withdrawn it"),
    "terminated": Text("已经终止办理", "The procedure was ended"),
}
BOTH = Text("两个部门正在同时审查", "Two authorities review it side by side")

ENDINGS: dict[State, tuple[Light, Text]] = {
    "closed": ("done", Text("办结", "Closed")),
    "not-accepted": ("no", Text("不予受理", "Not accepted")),
    "withdrawn": ("no", Text("已撤回", "Withdrawn")),
    "terminated": ("no", Text("已终止", "Ended")),
}

_WAITING: dict[State, tuple[Light, Text]] = {
    "submitted": ("half", Text("我们：预审", "Us: first look")),
    "correction": ("soon", Text("您：补正", "You: corrections")),
    "accepted": ("half", Text("我们：审查", "Us: review")),
    "review": ("half", Text("我们：审查", "Us: review")),
    "special-procedure": ("pause", Text("特别程序，时限暂停", "A special procedure; the clocks stand still")),
    "recommended": ("half", Text("我们：决定", "Us: decision")),
    "granted": ("half", Text("我们：发证", "Us: hand-out")),
    "refused": ("half", Text("我们：送达", "Us: delivery")),
}
_SIDE_BY_SIDE = Text("我们和公安：同时审查", "Us and the police, side by side")
_POLICE = Text("公安：居留许可", "The police: residence permit")


def title(state: State, joint: bool) -> Text:
    """The heading of a case's progress."""
    return BOTH if joint and state in ("accepted", "review") else TITLES[state]


def waiting(state: State, joint: bool, settled: bool) -> tuple[Light, Text]:
    """Whom a case in hand waits for; `settled`: whether the residence permit awaits nothing any more."""
    if state == "granted" and not settled:
        return "half", _POLICE
    if joint and not settled and state in ("accepted", "review"):
        return "half", _SIDE_BY_SIDE
    return _WAITING[state]


RESIDENCE: dict[str, tuple[Light, Text]] = {
    "not-wanted": ("open", Text("没有申请", "Not applied for")),
    "queued": ("open", Text("受理后交给公安", "Goes to the police once accepted")),
    "sent": ("half", Text("已交给公安", "Sent to the police")),
    "received": ("half", Text("公安同步审查", "The police review it in parallel")),
    "correction-wanted": ("soon", Text("公安要求补正", "The police want a correction")),
    "appointment": ("half", Text("公安同步审查，等本人来", "The police review it and wait for the visit")),
    "granted": ("done", Text("公安已签发", "Granted by the police")),
    "refused": ("no", Text("公安不予签发", "Refused by the police")),
    "stopped": ("no", Text("已停止", "Stopped")),
}
ON_THE_WAY: tuple[Light, Text] = ("half", Text("正在交给公安", "On its way to the police"))
"""The residence permit between acceptance and delivery of the message."""
TO_DELIVER: tuple[Light, Text] = ("half", Text("决定书待送达", "The letter is to be delivered"))
"""What is handed out after a refusal."""
GRANTED = Text("工作许可已准予", "The work permit is granted")
BECAME = {
    "extend": Text("许可已延期", "The permit is extended"),
    "change": Text("许可已变更", "The permit is changed"),
    "replace": Text("许可已换发成电子的", "The permit is reissued as an electronic one"),
    "cancel": Text("许可已注销", "The permit is cancelled"),
    "revoke": Text("许可已被撤销", "The permit is revoked"),
    "withdraw": Text("许可已被撤回", "The permit is withdrawn"),
}
"""What became of the permit by a grant, by item; of any other it is GRANTED."""
WORK: dict[State, tuple[Light, Text]] = {
    "submitted": ("open", Text("受理后开始审查", "Reviewed once accepted")),
    "correction": ("pause", Text("等您补正", "Waits for your corrections")),
    "accepted": ("half", Text("等审查人员", "Waits for a reviewer")),
    "review": ("half", Text("审查中", "Under review")),
    "special-procedure": ("pause", Text("特别程序", "In a special procedure")),
    "recommended": ("half", Text("等负责人决定", "Waits for the decision")),
    "granted": ("done", Text("已准予", "Granted")),
    "refused": ("no", Text("不予许可", "Permit refused")),
    "closed": ("done", Text("已办结", "Closed")),
    "not-accepted": ("no", Text("不予受理", "Not accepted")),
    "withdrawn": ("no", Text("已撤回", "Withdrawn")),
    "terminated": ("no", Text("已终止", "Ended")),
}
WINDOW: dict[str, tuple[Light, Text]] = {
    "queued": ("open", Text("办好后一次发", "Handed out once all is ready")),
    "registered": ("open", Text("办好后一次发", "Handed out once all is ready")),
    "ready": ("half", Text("可以取了", "Ready to be collected")),
    "handed-out": ("done", Text("已发出", "Handed out")),
    "closed": ("done", Text("已发出", "Handed out")),
}
