"""What the kinds of letters are called, in lists and in the numbers of documents."""

from permits.i18n import Text
from permits.letters.model import Office

TITLES = {
    "acceptance": Text("受理通知书", "Notice of acceptance"),
    "not-acceptance": Text("不予受理通知书", "Notice of non-acceptance"),
    "correction": Text("一次性告知补正通知书", "Notice to correct"),
    "grant": Text("准予行政许可决定书", "Decision to grant"),
    "refusal": Text("不予行政许可决定书", "Decision to refuse"),
    "termination": Text("终止办理通知书", "Notice of termination"),
    "permit": Text("外国人工作许可证", "Work permit"),
    "cancellation": Text("注销证明", "Proof of cancellation"),
    "direct-cancellation": Text("注销行政许可决定书", "Decision to cancel"),
    "revocation": Text("撤销行政许可决定书", "Decision to revoke"),
    "withdrawal": Text("撤回行政许可决定书", "Decision to withdraw"),
}
"""What each kind is called, in lists and links."""

WORDS = {
    "acceptance": "受",
    "not-acceptance": "不受",
    "correction": "补",
    "grant": "准",
    "refusal": "不准",
    "termination": "终",
    "cancellation": "注",
    "direct-cancellation": "注决",
    "revocation": "撤销",
    "withdrawal": "撤回",
}


def document_number(office: Office, kind: str, year: int, ordinal: int) -> str:
    """The number of a document, such as 泰科外准字〔2026〕第0873号; KeyError for a permit, which has its own number."""
    return f"{office.short}外{WORDS[kind]}字〔{year}〕第{ordinal:04d}号"
