"""Why a message was put aside or was not taken, as a key with details, said in both languages. Pure.

What an agency says of its own accord stays as it said it; words of the contract and of the line are translated.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from permits.errors import Problem
from permits.i18n import Text

LONGEST = 300


class Reason(msgspec.Struct, frozen=True):
    """A key of WORDS, and what its sentence is filled with."""

    key: str
    detail: dict[str, str] = {}

    @property
    def text(self) -> Text:
        """The sentence."""
        words = WORDS.get(self.key, WORDS["other"])
        says = said(self.detail.get("says", ""))
        filled = {"status": "", "type": "", **self.detail}
        return Text(words.zh.format(**filled | {"says": says.zh}), words.en.format(**filled | {"says": says.en}))


WORDS: Mapping[str, Text] = {
    "malformed": Text("报文不符合约定：{says}", "The message breaks the contract: {says}"),
    "no-such-case": Text("没有这件。", "There is no such case."),
    "sequence-taken": Text("这个顺序号已是另一条报文。", "Another message has this sequence."),
    "id-taken": Text("这个编号已是另一条报文。", "Another message has this id."),
    "not-joint": Text("这件不是联办件，公安没有它的部分。", "This case is not joint: the police have no part in it."),
    "not-granted": Text(
        "工作许可尚未准予，居留许可不能先签发。",
        "The work permit is not granted, so the residence permit cannot be yet.",
    ),
    "not-decided": Text("还没有可以发的结果。", "There is no result yet that could be handed out."),
    "not-settled": Text("公安的居留许可还没有结果。", "The police have not answered on the residence permit yet."),
    "decided-already": Text(
        "居留许可已有相反的结果，需要人工核对。",
        "The residence permit has the opposite outcome already; people must look.",
    ),
    "they-malformed": Text("对方说报文不符合约定：{says}", "They say that it breaks the contract: {says}"),
    "they-clash": Text("对方说它和另一条报文冲突：{says}", "They say that it contradicts another message: {says}"),
    "they-too-large": Text("对方说报文太大：{says}", "They say that it is too large: {says}"),
    "they-refused": Text("对方退回（{status} {type}）：{says}", "They refused it ({status} {type}): {says}"),
    "they-refused-silently": Text(
        "对方退回（{status}），没有说明理由。", "They refused it ({status}) without a reason."
    ),
    "unopenable": Text(
        "报文打不开：密封它的密钥不在。", "The message cannot be opened: the key that sealed it is not here."
    ),
    "other": Text("{says}", "{says}"),
}
THEIRS = {"malformed": "they-malformed", "clash": "they-clash", "too-large": "they-too-large"}


def of_problem(problem: Problem) -> Reason:
    """Why we do not take a message."""
    key = str(problem.extra.get("why", problem.type))
    return Reason(key) if key in WORDS else Reason("other", {"says": problem.detail.en})


def of_answer(problem: str, reply: bytes | None) -> Reason:
    """Why an agency does not take a message: `problem` begins with its answer's status, `reply` is its document."""
    if reply is None:
        return Reason("unopenable")
    status = problem.partition(" ")[0]
    try:
        told = msgspec.json.decode(reply, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        told = {}
    type_ = _line(told.get("type")).rpartition(":")[2].rpartition("/")[2]
    if not (says := _line(told.get("detail") or told.get("title"))):
        return Reason("they-refused-silently", {"status": status})
    return Reason(THEIRS.get(type_, "they-refused"), {"status": status, "type": type_, "says": says})


def _line(value: Any) -> str:
    return value.replace("\0", "")[:LONGEST] if isinstance(value, str) else ""


_CONTRACT: tuple[tuple[str, str], ...] = (
    (r"not JSON", "不是 JSON"),
    (r"an envelope has at most (\d+) bytes", r"信封最多 \1 字节"),
    (r"a message has at most (\d+) bytes", r"报文最多 \1 字节"),
    (r"a body nests at most (\d+) deep", r"正文最多嵌套 \1 层"),
    (r"a text holds a NUL character", "文字里有 NUL 字符"),
    (r"the schema is none of (.+)", r"格式应为 \1 之一"),
    (r"the kind is none of (.+)", r"种类应为 \1 之一"),
    (r"Object missing required field `(.+?)` - at `(.+)`", r"`\2` 里缺少 `\1`"),
    (r"Object missing required field `(.+?)`", r"缺少 `\1`"),
    (r"Object contains unknown field `(.+?)` - at `(.+)`", r"`\2` 里多出 `\1`"),
    (r"Object contains unknown field `(.+?)`", r"多出 `\1`"),
    (r"Not one of the allowed words - at `(.+)`", r"`\1` 不在允许的词里"),
    (r"Expected `(.+?)`, got `(.+?)` - at `(.+)`", r"`\3` 应为 \1，实为 \2"),
    (r"Expected (.+) - at `(.+)`", r"`\2` 应为 \1"),
    (r"either pointer or document - at `(.+)`", r"`\1` 里字段和材料只写一个"),
    (r"the signature was made for another message", "签名属于另一条报文"),
    (r"another message has this id", "这个编号已是另一条报文"),
    (r"sequence (\d+) of case (\S+) is another message", r"\2 的第 \1 号已是另一条报文"),
)
_LINE: tuple[tuple[str, str, str], ...] = (
    (r"425 receipt-awaited .*", "已放进批次，等回执文件", "handed over in a batch; its receipt file is awaited"),
    (r"Cannot connect to host (\S+).*", r"连不上对方（\1）", r"cannot connect to \1"),
    (r"\S+ did not answer lately; .*", "对方近来没有应答，暂不发送", "they did not answer lately; not sent for now"),
    (r"Server disconnected", "连接中断，没有回执", "the connection broke before a receipt came"),
    (r"(TimeoutError|.*[Tt]imeout.*)", "等不到应答", "no answer in time"),
    (r"the exchange folder: No space left on device", "交换文件夹：磁盘已满", "the exchange folder: the disk is full"),
    (r"the exchange folder: (.+)", r"交换文件夹：\1", r"the exchange folder: \1"),
    (r"the answer is no receipt", "对方的应答不是回执", "their answer is no receipt"),
    (r"the receipt is another message's", "回执属于另一条报文", "the receipt is another message's"),
    (r"the receipt is not signed, .*", "回执没有签名，而约定要签名", "the receipt is not signed, and theirs must be"),
    (r"the receipt's signature does not hold", "回执的签名不成立", "the receipt's signature does not hold"),
    (r"the receipt is signed with no key .*", "回执的密钥不在信任之列", "the receipt's key is not trusted here"),
    (r"no key of office towards (\S+) holds now", r"对 \1 没有有效的签名密钥", r"no key of ours towards \1 holds now"),
    (r"(5\d\d)\b.*", r"对方出错（\1）", r"they failed (\1)"),
    (r"(4\d\d)(?: (\S+))?(?: (.*))?", r"对方没有收下（\1 \2）\3", r"they did not take it (\1 \2) \3"),
)


def said(english: str) -> Text:
    """A sentence of the contract in both languages; any other as it is."""
    for pattern, zh in _CONTRACT:
        if found := re.fullmatch(pattern, english, re.DOTALL):
            return Text(found.expand(zh), english)
    return Text(english, english)


def of_line(english: str) -> Text:
    """Why a message is still under way, in both languages: what the line or the agency's machine said."""
    for pattern, zh, en in _LINE:
        if found := re.fullmatch(pattern, english, re.DOTALL):
            groups = {f"\\{n}": found[n] or "" for n in range(1, (found.re.groups or 0) + 1)}
            return Text(_filled(zh, groups), _filled(en, groups))
    return said(english)


def _filled(words: str, groups: Mapping[str, str]) -> str:
    for name, value in groups.items():
        words = words.replace(name, value)
    return words.strip()
