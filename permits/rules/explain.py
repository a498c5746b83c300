"""What holds for a service item on a day in a region, and from where: the same data as the guide, line by line.

Pure: it gathers entries and words them; how they are printed is the caller's affair.
"""

from collections.abc import Callable, Iterator
from datetime import date

import msgspec

from permits.i18n import Text
from permits.rules import commitments, conditions, item_codes, joint, procedures, short_term, time_limits, windows
from permits.rules.law import Dated, Law, NoRule


class Line(msgspec.Struct, frozen=True):
    """One thing that holds, and the entry that says so; None where it is composed of several."""

    text: Text
    entry: Dated | None


class Section(msgspec.Struct, frozen=True):
    """What holds in one respect."""

    title: Text
    lines: tuple[Line, ...]


STEPS: dict[time_limits.Step, Text] = {
    "pre-review": Text("预审", "Pre-review"),
    "acceptance": Text("受理", "Acceptance"),
    "decision": Text("审查决定", "Review and decision"),
    "delivery": Text("送达", "Delivery"),
}
IN_ALL = Text("全程（申请至决定）", "In all, from application to decision")
BASES = {"legal": Text("法定", "by law"), "promised": Text("承诺", "promised")}
SUPPLIED = {
    "applicant": Text("申请人提交", "handed in"),
    "service": Text("网上填写生成", "made from the form"),
    "register": Text("登记簿已有", "read from the register"),
    "police": Text("公安共享", "shared by the police"),
    "credit-code": Text("凭信用代码读取", "read by credit code"),
}
JOINT = {True: Text("联办", "joint"), False: Text("单办", "single"), None: Text("", "")}


def explain(law: Law, item: str, on: date, region: str) -> tuple[Section, ...]:
    """Everything that holds for an item. Raises `NoRule` for one that is not offered then."""
    procedures.procedure(law, item, on, region)
    found = ((title, tuple(lines(law, item, on, region))) for title, lines in SECTIONS)
    return tuple(Section(title, lines) for title, lines in found if lines)


def _item(law: Law, item: str, on: date, region: str) -> Iterator[Line]:
    one = procedures.procedure(law, item, on, region)
    for text in (one.title, one.who, one.when, one.result, *one.steps, *one.notes):
        yield Line(text, one)


def _code(law: Law, item: str, on: date, region: str) -> Iterator[Line]:
    code = item_codes.item_code(law, item, on, region)
    if code is not None:
        yield Line(Text(str(code), str(code)), law.setting(f"item.basic_code.{item}", on=on, region=region))


def _circumstances(law: Law, item: str, on: date, region: str) -> Iterator[Line]:
    for one in procedures.circumstances(law, on, region, item):
        yield Line(one.title, one)


def _conditions(law: Law, item: str, on: date, region: str) -> Iterator[Line]:
    for one in conditions.of_item(law, item, on, region):
        yield Line(_within(law, one.text, one.circumstances, on, region), one)


def _tasks(law: Law, item: str, on: date, region: str) -> Iterator[Line]:
    if item == "short-term":
        for one in short_term.short_tasks(law, on, region):
            yield Line(_joined(one.title, Text(f"{one.visa}字签证", f"{one.visa} visa")), one)


def _windows(law: Law, item: str, on: date, region: str) -> Iterator[Line]:
    for one in windows.windows(law, item, on, region):
        yield Line(one.text, one)


def _documents(law: Law, item: str, on: date, region: str) -> Iterator[Line]:
    for one in procedures.every_document(law, item, on, region):
        title = _within(law, one.title, one.circumstances, on, region)
        yield Line(_joined(title, SUPPLIED[one.supplied_by]), one)


def _committable(law: Law, item: str, on: date, region: str) -> Iterator[Line]:
    for one in commitments.committable(law, item, on, region):
        text = commitments.commitment(law, one.document, on, region)
        who = _categories(one.categories) if one.categories else Text("各类", "every category")
        yield Line(_within(law, _joined(text.title, who), one.circumstances, on, region), one)


def _texts(law: Law, item: str, on: date, region: str) -> Iterator[Line]:
    try:
        entry = law.entry(commitments.NoticeEntry, item, on=on, region=region)
    except NoRule:
        return
    yield Line(_joined(entry.title, Text(f"第{entry.version}版", f"version {entry.version}")), entry)


def _limits(law: Law, item: str, on: date, region: str) -> Iterator[Line]:
    for one in law.entries(time_limits.LimitEntry, on=on, region=region):
        if not one.procedures or item in one.procedures:
            which = STEPS[one.step], BASES[one.basis], _days(one.working_days)
            yield Line(_joined(*which, JOINT[one.joint], _categories(one.categories)), one)
    for whole in law.entries(time_limits.WholeLimit, on=on, region=region):
        if not whole.procedures or item in whole.procedures:
            which = IN_ALL, BASES["promised"], _days(whole.working_days)
            yield Line(_joined(*which, JOINT[whole.joint], _categories(whole.categories)), whole)


def _categories(letters: tuple[str, ...]) -> Text:
    return Text(f"{'、'.join(letters)}类", f"category {', '.join(letters)}") if letters else Text("", "")


def _days(count: int) -> Text:
    return Text(f"{count}个工作日", f"{count} working day{'s' * (count != 1)}")


def _joint(law: Law, item: str, on: date, region: str) -> Iterator[Line]:
    for one in joint.joint_variants(law, item, on, region):
        titles = [part.title for part in joint.parts(law, one, on, region)]
        yield Line(_joined(one.title, *titles), one)


def _law(law: Law, item: str, on: date, region: str) -> Iterator[Line]:
    one = procedures.procedure(law, item, on, region)
    for text in one.law:
        yield Line(text, one)


def _within(law: Law, text: Text, keys: tuple[str, ...], on: date, region: str) -> Text:
    """The words with the circumstances they hold for."""
    if not keys:
        return text
    known = {one.key: one.title for one in law.entries(procedures.Circumstance, on=on, region=region)}
    titles = [known.get(key, Text(key, key)) for key in keys]
    zh, en = "；".join(title.zh for title in titles), "; ".join(title.en for title in titles)
    return Text(f"{text.zh}（仅限：{zh}）", f"{text.en} (only: {en})")


def _joined(*texts: Text) -> Text:
    said = [text for text in texts if text.zh]
    return Text("，".join(text.zh for text in said), ", ".join(text.en for text in said))


SECTIONS: tuple[tuple[Text, Callable[[Law, str, date, str], Iterator[Line]]], ...] = (
    (Text("事项", "The item"), _item),
    (Text("实施编码", "Item code"), _code),
    (Text("可以申请的情形", "Circumstances"), _circumstances),
    (Text("申请条件", "Conditions"), _conditions),
    (Text("短期工作任务", "Short tasks"), _tasks),
    (Text("申请期限", "When to apply"), _windows),
    (Text("申请材料", "Documents"), _documents),
    (Text("可以承诺的材料", "What may be committed to"), _committable),
    (Text("告知书", "Notice"), _texts),
    (Text("办理时限", "Limits"), _limits),
    (Text("联办", "Joint procedures"), _joint),
    (Text("法律依据", "Legal basis"), _law),
)
"""What is told of an item, in order."""
