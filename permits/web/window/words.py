"""What the desks call things: states, service items, actions, codes of the form. Words only, no decisions."""

from permits.i18n import Text
from permits.rules.nationality import NATIONALITIES

STATES = {
    "submitted": Text("预审", "Pre-review"),
    "correction": Text("补正", "Correction"),
    "accepted": Text("已受理", "Accepted"),
    "review": Text("审查", "Review"),
    "special-procedure": Text("特别程序", "Special"),
    "recommended": Text("待决定", "To decide"),
    "granted": Text("准予", "Granted"),
    "refused": Text("不予许可", "Refused"),
    "closed": Text("已办结", "Closed"),
    "not-accepted": Text("不予受理", "Not accepted"),
    "withdrawn": Text("已撤回", "Withdrawn"),
    "terminated": Text("已终止", "Ended"),
}
PROCEDURES = {
    "issue-in-china": Text("境内申请", "In China"),
    "issue-abroad": Text("境外申请", "From abroad"),
    "short-term": Text("90 日以下", "Up to 90 days"),
    "extend": Text("延期", "Extension"),
    "change": Text("变更", "Change"),
    "cancel": Text("注销", "Cancellation"),
    "replace": Text("换发电子", "Reissue"),
    "revoke": Text("撤销", "Revocation"),
    "withdraw": Text("撤回许可", "Withdrawal"),
}
WAITING = {
    "applicant": Text("申请人", "Applicant"),
    "office": Text("本局", "Us"),
    "police": Text("公安", "Police"),
    "approval-bureau": Text("审批局", "Bureau"),
    "nobody": Text("无", "Nobody"),
}
ACTIONS = {
    "claim": Text("认领", "Claim"),
    "take-over": Text("接手", "Take over"),
    "release": Text("放回队列", "Put back"),
    "accept": Text("受理", "Accept"),
    "not-accept": Text("不予受理", "Do not accept"),
    "request-correction": Text("一次性补正", "Ask for corrections"),
    "terminate": Text("终止", "End"),
    "extend-limit": Text("延长时限", "Extend limit"),
    "approve-extension": Text("批准延长", "Approve extension"),
    "suspend": Text("特别程序", "Special procedure"),
    "resume": Text("结束特别程序", "Resume"),
    "recommend": Text("提出建议", "Recommend"),
    "clear": Text("法制审核", "Legal clearance"),
    "return": Text("退回审查", "Return to review"),
    "decide": Text("签发决定", "Sign decision"),
    "hand-out": Text("发证", "Hand out"),
    "close": Text("结案", "Close"),
    "reopen": Text("申请重办", "Ask to reopen"),
    "approve-reopening": Text("批准重办", "Approve reopening"),
}
CIRCUMSTANCES = {
    "change-of-employer": Text("换单位", "Change of employer"),
    "category-a": Text("A 类人才", "Category A"),
    "family": Text("家属", "Family"),
    "group-move": Text("集团内部流动", "Move inside a group"),
    "regional-headquarters": Text("地区总部", "Regional headquarters"),
    "agreement": Text("政府间协议", "Intergovernmental agreement"),
    "representative-office": Text("常驻代表机构", "Representative office"),
    "short-term-holder": Text("短期许可转聘", "Holder of a short-term permit"),
    "r-visa": Text("R 字签证", "R visa"),
    "local-policy": Text("地方政策", "Local policy"),
    "change-of-name": Text("改名", "New name"),
    "change-of-passport": Text("换护照", "New passport"),
    "change-of-position": Text("换岗位", "New position"),
    "change-of-category": Text("换类别", "New category"),
    "employment-ended": Text("聘用终止", "Employment ended"),
    "death": Text("死亡", "Death"),
    "incapacity": Text("丧失行为能力", "Incapacity"),
    "employer-gone": Text("单位终止", "Employer gone"),
    "vanished": Text("失去联系", "No contact"),
    "false-documents": Text("材料虚假", "False documents"),
    "obtained-by-fraud": Text("不正当手段", "Fraud"),
    "false-commitment": Text("承诺不实", "False commitment"),
    "commitment-broken": Text("承诺没有履行", "Commitment not kept"),
    "abuse-of-power": Text("滥用职权", "Abuse of power"),
    "beyond-powers": Text("超越职权", "Beyond powers"),
    "procedure-violated": Text("违反程序", "Procedure violated"),
    "not-qualified": Text("不合条件", "Not qualified"),
    "law-changed": Text("法律变了", "Law changed"),
    "circumstances-changed": Text("情况变了", "Facts changed"),
}
RESIDENCE = {
    "not-wanted": Text("没有一起申请", "Not applied for"),
    "queued": Text("等受理后推送", "Sent after acceptance"),
    "sent": Text("已推送，等回执", "Sent, no receipt yet"),
    "received": Text("同步审查中", "Under review"),
    "correction-wanted": Text("要求补正", "Correction wanted"),
    "appointment": Text("已约到场", "Appointment given"),
    "granted": Text("已签发", "Granted"),
    "refused": Text("不予签发", "Refused"),
    "stopped": Text("已停办", "Stopped"),
}
WINDOW = {
    "queued": Text("等登记", "Not registered yet"),
    "registered": Text("已登记", "Registered"),
    "ready": Text("可发证", "Ready for hand-out"),
    "handed-out": Text("已发证", "Handed out"),
    "closed": Text("已结案", "Closed"),
}
AGENCIES = {
    "office": Text("本局", "Our office"),
    "police": Text("公安出入境", "Police, exit-entry"),
    "approval-bureau": Text("行政审批局", "Approval bureau"),
}
SPECIAL = {
    "expert-review": Text("专家评审", "Expert review"),
    "inspection": Text("实地核查", "Inspection"),
    "hearing": Text("听证", "Hearing"),
}
MESSAGES = {
    "review-package": Text("审查包", "Review package"),
    "permit-granted": Text("已准予", "Permit granted"),
    "stop": Text("停办", "Stop"),
    "correction-supplied": Text("补正已交", "Corrections supplied"),
    "received": Text("已收到", "Received"),
    "correction-wanted": Text("要补正", "Correction wanted"),
    "appointment": Text("约时间", "Appointment"),
    "granted": Text("已签发", "Granted"),
    "refused": Text("不予签发", "Refused"),
    "register": Text("登记", "Register"),
    "progress": Text("进度", "Progress"),
    "ready-for-hand-out": Text("可发证", "Ready for hand-out"),
    "closed": Text("结案", "Closed"),
    "registered": Text("统一编号", "Unified number"),
    "handed-out": Text("已发证", "Handed out"),
    "rating": Text("评价", "Rating"),
    "status-request": Text("问状态", "Status request"),
    "status": Text("状态", "Status"),
}
"""What agencies say to each other, by the kind of message."""


def nationality(code: str | None) -> Text:
    """The name of a nationality; the code itself for one that has none."""
    return NATIONALITIES.get(code or "", Text(code or "—", code or "—"))
