"""Why a message was put aside, in both languages: words of the contract and of the line are said in Chinese too."""

import pytest

from integrations.contract import Malformed, body_of, decode, new_id
from integrations.police.messages import POLICE
from permits.errors import Conflict
from permits.i18n import Text
from permits.routing import why
from permits.routing.why import WORDS, Reason

ENVELOPE = (
    b'{"id":"%s","schema":"police.residence-permit/1","case":"1","sequence":1,"sent_at":"2026-11-24T09:00:00+08:00"'
)


def refused(rest: bytes) -> str:
    """What the contract says against a message of the police."""
    with pytest.raises(Malformed) as wrong:
        body_of(decode(ENVELOPE % new_id().encode() + rest), POLICE, POLICE.from_agency)
    return str(wrong.value)


@pytest.mark.parametrize(
    ("rest", "zh"),
    [
        (b"", "不是 JSON"),
        (b',"kind":"surprise","body":{}}', "种类应为"),
        (b',"kind":"refused","body":{}}', "缺少 `reasons`"),
        (b',"kind":"received","body":{"surprise":1}}', "多出 `surprise`"),
        (b',"kind":"refused","body":{"reasons":7}}', "`$.reasons` 应为 str，实为 int"),
        (b',"kind":"refused","body":{"reasons":""}}', "`$.reasons` 应为"),
        (b',"kind":"rece\\u0000ived","body":{}}', "`$.kind` 应为"),
    ],
)
def test_what_the_contract_says_is_said_in_chinese_too(rest: bytes, zh: str) -> None:
    says = refused(rest)
    found = Reason("malformed", {"says": says}).text
    assert found.zh.startswith(f"报文不符合约定：{zh}"), found
    assert found.en == f"The message breaks the contract: {says}"


def test_what_an_agency_says_stands_as_it_said_it() -> None:
    reply = '{"type": "urn:x:clash", "detail": "与 {第} 1 号冲突"}'.encode()
    found = why.of_answer("409 urn:x:clash 与", reply)
    assert (found.key, found.detail["says"]) == ("they-clash", "与 {第} 1 号冲突")
    assert found.text.zh == "对方说它和另一条报文冲突：与 {第} 1 号冲突"
    assert why.of_answer("422", b"no").text == Text(
        "对方退回（422），没有说明理由。", "They refused it (422) without a reason."
    )
    assert why.of_answer("the key is gone", None).key == "unopenable"


def test_our_own_refusals_keep_their_word_and_unknown_ones_their_sentence() -> None:
    assert why.of_problem(Conflict(type="sequence-taken")).key == "sequence-taken"
    assert why.of_problem(Conflict(type="wrong-state", extra={"why": "not-joint"})).key == "not-joint"
    assert why.of_problem(Conflict(Text("新的", "new"), type="something")).text == Text("new", "new")
    assert all(reason.zh and reason.en for reason in WORDS.values())


@pytest.mark.parametrize(
    ("english", "zh"),
    [
        ("Cannot connect to host 127.0.0.1:8101 ssl:default [Connect call failed]", "连不上对方（127.0.0.1:8101）"),
        ("the exchange folder: No space left on device", "交换文件夹：磁盘已满"),
        ("503 ", "对方出错（503）"),
        ("401 signature-refused no", "对方没有收下（401 signature-refused）no"),
        ("something new", "something new"),
    ],
)
def test_what_keeps_a_message_on_its_way_is_said_in_chinese_too(english: str, zh: str) -> None:
    assert why.of_line(english).zh == zh
