"""The timeline's sentences: what each kind of event says, in both languages, made when it is read."""

from typing import Any

from permits.cases.model import Event
from permits.cases.words import outcome
from permits.i18n import Text
from permits.rules.explain import BASES, STEPS

_SENTENCES: dict[str, Text] = {
    "drafted": Text("开始填写申请", "Application begun"),
    "opened": Text("本机关立案", "Opened by the office"),
    "end-proposed": Text("拟自 {effective} 起终止许可：{reasons}", "To end the permit from {effective} on: {reasons}"),
    "submitted": Text("提交申请，承诺时限开始", "Application submitted; the promised time begins"),
    "claimed": Text("认领", "Claimed"),
    "released": Text("放回队列", "Put back into the queue"),
    "accepted": Text("受理，出具受理通知书", "Accepted; the acceptance letter is issued"),
    "not-accepted": Text("不予受理：{reasons}", "Not accepted: {reasons}"),
    "terminated": Text("终止办理：{reasons}", "Procedure ended: {reasons}"),
    "withdrawn": Text("申请人撤回申请", "Withdrawn by the applicant"),
    "correction-requested": Text("一次性告知补正：{items}", "Corrections asked for, all at once: {items}"),
    "corrected": Text("补正已提交", "Corrections supplied"),
    "extension-asked": Text("申请延长{working_days}个工作日", "{working_days} more working days asked for"),
    "limit-extended": Text(
        "经批准延长{working_days}个工作日：{reasons}", "Limit extended by {working_days} working days: {reasons}"
    ),
    "suspended": Text("进入特别程序，时限暂停：{reasons}", "Special procedure, the clocks stand still: {reasons}"),
    "resumed": Text("特别程序结束，时限继续", "Special procedure ended; the clocks go on"),
    "recommended": Text("提出审查意见", "Recommendation made"),
    "cleared": Text("法制审核通过", "Cleared by the legal reviewer"),
    "not-cleared": Text("法制审核未通过：{reasons}", "Not cleared by the legal reviewer: {reasons}"),
    "returned": Text("退回审查：{reasons}", "Returned to review: {reasons}"),
    "handed-out": Text("结果已发出", "Result handed out"),
    "closed": Text("办结", "Closed"),
    "reopening-asked": Text("申请重办", "Reopening asked for"),
    "reopened": Text("批准重办，回到审查", "Reopened; back to review"),
    "deadline-moved": Text("期限因{years}年节假日安排重算：{moves}", "Recomputed for the holidays of {years}: {moves}"),
    "silence-near": Text("{last_day} 前不答复，{consequence}", "Unless answered by {last_day}: {consequence}"),
    "silence-happened": Text("到 {last_day} 没有答复，{consequence}", "Not answered by {last_day}: {consequence}"),
    "extended-by-law": Text(
        "登记簿依法延到 {until}（行政许可法第五十条），等待补发决定书",
        "Extended in the register until {until} by law (Art. 50); the decision is still to be written",
    ),
    "commitment-verified": Text("承诺经核验属实：{kind}", "A commitment was verified and is true: {kind}"),
    "police-received": Text("公安已收到材料，同步审查", "The police have the papers and review in parallel"),
    "police-correction-wanted": Text("公安要求补正", "The police want a correction"),
    "police-appointment": Text("公安约定到场时间：{when}", "The police give an appointment: {when}"),
    "police-granted": Text("公安签发居留许可", "The police granted the residence permit"),
    "police-refused": Text("公安不予签发居留许可", "The police refused the residence permit"),
    "bureau-registered": Text(
        "审批局登记，统一受理编号{unified_number}", "Registered, unified number {unified_number}"
    ),
    "bureau-handed-out": Text("审批局窗口已发出结果", "Handed out by the approval bureau"),
    "message-resent": Text("给部门的报文重新发送", "A message to an agency is sent again"),
    "message-mended": Text("给部门的报文改正后发送", "A message to an agency was mended and sent"),
    "message-settled": Text("与部门的一份报文由人工处理", "A message to or from an agency was settled by hand"),
    "message-retried": Text("部门来文重新办理", "A message from an agency was taken after all"),
    "bureau-rating": Text("收到评价", "A rating was received"),
}


CONSEQUENCES = {
    "acceptance": Text(
        "自收到申请材料之日（{counts_from}）起即为受理（行政许可法第三十二条）",
        "the application counts as accepted on {counts_from}, when it came (Administrative Licensing Law Art. 32)",
    ),
    "extension": Text(
        "视为准予延续，自 {counts_from} 起（行政许可法第五十条）",
        "the extension is held to be granted from {counts_from} on (Administrative Licensing Law Art. 50)",
    ),
}
"""What silence of each kind means."""
SUBMITTED_LATE = Text(
    "提交申请，承诺时限开始；期限到{late}，逾期照记",
    "Application submitted; the promised time begins. It was due by {late}: the lateness is noted",
)


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "—"


DECISIONS = {"granted": "grant", "refused": "refuse"}


def sentence(event: Event, procedure: str = "") -> Text:
    """What an event of a case about an item says."""
    if event.kind in DECISIONS:
        decided = outcome(procedure, DECISIONS[event.kind])
        return Text(f"决定：{decided.zh}", f"Decided: {decided.en}")
    text = _SENTENCES.get(event.kind, Text(event.kind, event.kind))
    if event.kind == "submitted" and "late" in event.detail:
        text = SUBMITTED_LATE
    return Text(text.zh.format_map(_facts(event, "zh")), text.en.format_map(_facts(event, "en")))


def _facts(event: Event, lang: str) -> _Known:
    facts = {name: _said(value, lang) for name, value in event.detail.items()}
    if "silence" in event.detail:
        facts["consequence"] = CONSEQUENCES[event.detail["silence"]].of(lang).format_map(event.detail)
    return _Known(facts)


def _said(value: Any, lang: str) -> Any:
    """A value in words: lists in one line, and of a due date that moved from when to when."""
    if isinstance(value, list):
        return ("；" if lang == "zh" else "; ").join(str(_said(one, lang)) for one in value)
    if isinstance(value, dict) and "before" in value:
        return f"{_clock_words(value, lang)} {value['before']} → {value['after']}"
    return value


def _clock_words(move: dict[str, str], lang: str) -> str:
    step, basis = STEPS[move["step"]].of(lang), BASES[move["basis"]].of(lang)  # type: ignore[index]
    return f"{step}（{basis}）" if lang == "zh" else f"{step} ({basis})"
