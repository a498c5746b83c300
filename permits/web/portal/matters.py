"""What the applicants' pages call an item that runs through cases, alone and joint. Words only."""

from permits.i18n import Text

MATTERS = {
    "issue-in-china": Text("境内申请", "Applied for in China"),
    "extend": Text("许可延期", "Extension"),
    "change": Text("许可变更", "Change"),
    "cancel": Text("许可注销", "Cancellation"),
    "replace": Text("换发电子许可", "Reissue as electronic permit"),
    "revoke": Text("许可撤销", "Revocation"),
    "withdraw": Text("许可撤回", "Withdrawal by the authority"),
}
"""Items by code."""
JOINT = Text("{0}，两证联办", "{0}, both permits at once")


def matter(procedure: str, joint: bool = False) -> Text:
    """What a case is about."""
    name = MATTERS.get(procedure, Text(procedure, procedure))
    return Text(JOINT.zh.format(name.zh), JOINT.en.format(name.en)) if joint else name
