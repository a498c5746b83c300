"""The decision's letter before it is signed, from the very facts the letter will be made of. It has no seal, no number.

Its words follow the printed letter's; what is printed is the letter itself, not this.
"""

import datetime as dt
from typing import NamedTuple

from permits.cases import bodies, granting, lifecycle
from permits.cases.deciding import decide
from permits.cases.doing import Doing, with_component
from permits.cases.guards import Asking
from permits.cases.model import Component, Event
from permits.db.ids import new_id
from permits.letters import facts, kinds, model
from permits.letters.about import About
from permits.settings import settings
from permits.web.window.opened import Opened

LATER = "签发时编"
"""In place of the numbers that signing gives."""
DOES = {"cancellation": "注销", "revocation": "撤销", "withdrawal": "撤回"}
Shown = model.Grant | model.Refusal | model.Cancellation | model.Revocation | model.Withdrawal
"""The letters of a decision."""
Piece = tuple[str, bool]
"""Words, and whether they stand out."""


class Sheet(NamedTuple):
    """The letter as paragraphs."""

    title: str
    office: str
    number: str
    addressee: str
    paragraphs: list[list[Piece]]
    day: str


def preview(opened: Opened) -> Sheet | None:
    """The letter that signing would issue now; None where nothing is recommended."""
    said = opened.case.row.recommendation
    if said is None or said.outcome is None:
        return None
    letter = _letter(opened, said.outcome)
    if letter is None:
        return None
    match letter:
        case model.Grant():
            body = _granted(letter)
        case model.Refusal():
            body = _refused(letter)
        case _:
            body = _ended(letter)
    kind = model.kind_of(letter)
    title = kinds.TITLES[kind].zh
    number = f"{letter.office.short}外{kinds.WORDS[kind]}字〔{opened.today.year}〕____ 号"
    paragraphs = [_opening(letter), *body]
    return Sheet(title, letter.office.name.zh, number, letter.employer, paragraphs, _day(letter.issued_on))


def _letter(opened: Opened, outcome: str) -> Shown | None:
    """The facts of the letter, from the case as the decision would leave it; None where there will be none."""
    row = next(row for row in lifecycle.TABLE if row.action == "decide")
    doing = Doing(Asking(opened.account, opened.at, outcome), opened.office.law, row)
    body = bodies.Decide(outcome="grant" if outcome == "grant" else "refuse")
    done = decide(opened.case, doing, body)
    decision, case = done.case.row.decision, done.case
    assert decision is not None
    if outcome == "grant":
        held = case.held
        numbers = {"permit_number": held.number if held and case.filing.permit == "must" else LATER}
        ends = granting.ends_on(case, held, opened.today) if held else opened.today
        numbers |= {"verification_code": "", "ended_on": str(ends)}
        dates = {"valid_from": str(decision.valid_from), "valid_until": str(decision.valid_until)}
        permit = Component("work_permit", "granted", numbers | dates | {"category": decision.category})
        case = with_component(case, permit)
    event = Event(new_id(), done.event, opened.at, detail=done.detail or {})
    found, certificate = settings(), opened.account.certificate or ""
    about = About(case, event, opened.office.law, found.demo, found.public_url, certificate)
    called_for = [kind for kind in facts.letters_of(case, done.event) if kind != "permit"]
    return facts.BUILD[called_for[-1]](about, "") if called_for else None  # type: ignore[return-value]


def _day(day: dt.date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def _opening(letter: Shown) -> list[Piece]:
    if letter.accepted_on is None:
        name = letter.person.chinese_name or letter.person.latin_name
        return [
            ("关于你单位聘用的", False),
            (name, True),
            (f"，本机关依职权立案审查（案号 {letter.case_number}）。", False),
        ]
    person = letter.person
    named = [person.latin_name] if person.chinese_name else []
    tail = f"护照尾号 {person.passport_number[-4:]}"
    inside = "，".join([*named, person.nationality.zh, tail])
    number = f"案号 {letter.case_number}"
    if letter.unified_number:
        number += f"，统一受理编号 {letter.unified_number}"
    return [
        ("你单位为", False),
        (person.chinese_name or person.latin_name, True),
        (f"（{inside}）提出的{letter.procedure.zh}，本机关于 {_day(letter.accepted_on)}受理（{number}）。", False),
    ]


def _articles(letter: Shown) -> str:
    return "、".join(article.zh for article in letter.articles)


def _granted(letter: model.Grant) -> list[list[Piece]]:
    bound = f"，{letter.bound_by.zh}" if letter.bound_by else ""
    runs = f"有效期自 {_day(letter.valid_from)}至 {_day(letter.valid_until)}{bound}。"
    decided: list[Piece] = [
        (f"经审查，申请符合外国人来华工作许可的条件。依据{_articles(letter)}，本机关决定：", False),
        (letter.decided.zh, True),
        (f"。许可编号{letter.permit_number}，类别 {letter.category.code}（{letter.category.name.zh}），{runs}", False),
    ]
    return [decided, *_committed(letter), *_joint(letter), _remedies(letter.remedies)]


def _committed(letter: model.Grant) -> list[list[Piece]]:
    if not letter.committed:
        return []
    titles = "、".join(title.zh for title in letter.committed)
    when = f"将在 {_day(letter.verify_by)}前" if letter.verify_by else ""
    return [[(f"{titles}采用告知承诺方式，本机关{when}核验；承诺不实的，依法撤销本许可。", False)]]


def _joint(letter: model.Grant) -> list[list[Piece]]:
    if not letter.joint:
        return []
    return [[("居留许可由公安机关出入境管理机构同步审查，结果由联办窗口一次送达，不需另行申请。", False)]]


def _refused(letter: model.Refusal) -> list[list[Piece]]:
    lines = [line.strip() for line in letter.reasons.splitlines() if line.strip()]
    reasons: list[list[Piece]] = [[("理由：", True), (lines[0] if lines else "", False)]]
    reasons += [[(line, False)] for line in lines[1:]]
    decided: list[Piece] = [(f"依据{_articles(letter)}，本机关决定：", False), ("不予许可", True), ("。", False)]
    stops: list[list[Piece]] = [[("公安机关出入境管理机构同步终止本次居留许可的办理。", False)]] if letter.joint else []
    again: list[Piece] = [("这一决定不影响你单位以真实、符合条件的材料再次申请。", False)]
    return [*reasons, decided, _remedies(letter.remedies), *stops, again]


def _ended(letter: model.Cancellation | model.Revocation | model.Withdrawal) -> list[list[Piece]]:
    reasons: list[Piece] = [("理由：", True), (f"{letter.ground.zh}：{letter.reasons}", False)]
    decided: list[Piece] = [
        (f"依据{_articles(letter)}，本机关决定：", False),
        (DOES[model.kind_of(letter)], True),
        (f"外国人来华工作许可{letter.permit_number}，自 {_day(letter.ended_on)}起不再有效。", False),
    ]
    return [reasons, decided, _remedies(letter.remedies)]


def _remedies(given: model.Remedies) -> list[Piece]:
    return [
        ("如果不服", True),
        (
            f"，可以自收到本决定之日起 {given.reconsideration_days} 日内向{given.reconsideration_body.zh}申请行政复议，"
            f"也可以自收到本决定之日起 {given.litigation_months} 个月内向{given.court.zh}提起行政诉讼。",
            False,
        ),
    ]
