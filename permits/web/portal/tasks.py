"""The task list of a draft: what is done, what comes next, when it would be ready if it were submitted today."""

import datetime as dt
from typing import Literal

import msgspec

from permits import clock
from permits.cases.view import DocumentView
from permits.cases.words import CATEGORIES, field_at
from permits.errors import FieldError
from permits.i18n import Text
from permits.rules import time_limits, working_days
from permits.web.portal.fields import Section
from permits.web.portal.ground import Looked, missing, to_supply

State = Literal["done", "next", "todo", "part", "later"]
DOCUMENTS, CONFIRM = Text("材料", "Documents"), Text("确认", "Confirm")
STATE_WORDS = {
    "done": Text("已完成", "Done"),
    "next": Text("下一项", "Next"),
    "todo": Text("未开始", "Not begun"),
    "part": Text("没填完", "Not finished"),
    "later": Text("还不能填", "Not yet"),
}
SUPPLIED = {"committed": Text("已承诺", "Committed"), "uploaded": Text("已上传", "Uploaded")}


class Task(msgspec.Struct, frozen=True):
    """One line of the list."""

    key: str
    group: Text
    title: Text | str
    href: str
    """Where it is done; empty while it cannot be."""
    state: State
    words: Text
    hint: Text | str = ""


def tasks_of(looked: Looked) -> list[Task]:
    """Everything there is to do, in order; the first that is open is marked as next."""
    errors = missing(looked)
    tasks = [_of_section(looked, section, errors) for section in looked.sections]
    tasks += [_of_document(looked, document) for document in to_supply(looked)]
    rest = sum(task.state != "done" for task in tasks)
    tasks.append(_check(looked, rest))
    first = next((at for at, task in enumerate(tasks) if task.state in ("todo", "part")), len(tasks) - 1)
    tasks[first] = msgspec.structs.replace(tasks[first], state="next", words=STATE_WORDS["next"])
    return tasks


def _of_section(looked: Looked, section: Section, errors: tuple[FieldError, ...]) -> Task:
    wrong = {name for name in map(field_at, (error.pointer for error in errors)) if name in section.names}
    state: State = "done" if not wrong else "part" if _begun(looked, section) else "todo"
    hint: Text | str = ""
    if section.key == "category":
        state, hint = _category(looked)
    href = f"{looked.href}/{section.key}"
    return Task(section.key, section.group, section.title, href, state, STATE_WORDS[state], hint)


def _begun(looked: Looked, section: Section) -> bool:
    values = (getattr(looked.seen, name.split(".")[0]).get(name.split(".")[1]) for name in section.names)
    return any(value is not None for value in values)


def _category(looked: Looked) -> tuple[State, Text]:
    letter, points = looked.seen.category, looked.seen.points
    if not letter:
        return "later", Text(
            "填完护照、学历和岗位后算出", "Worked out once passport, education and position are filled in"
        )
    name = CATEGORIES[letter]
    return "done", Text(f"{points} 分，{letter} 类 {name.zh}", f"{points} points, category {letter}: {name.en.lower()}")


def _of_document(looked: Looked, document: DocumentView) -> Task:
    state: State = "todo" if document.status == "wanted" else "done"
    words = SUPPLIED.get(document.status, STATE_WORDS[state])
    hint = Text("可以承诺，也可以上传", "Commit or upload") if "commit" in document.ways else Text("", "")
    href = f"{looked.href}/documents/{document.kind}"
    return Task(document.kind, DOCUMENTS, document.title, href, state, words, hint if state == "todo" else "")


def _check(looked: Looked, rest: int) -> Task:
    state: State = "later" if rest else "todo"
    hint = Text(f"还有 {rest} 项", f"{rest} still open") if rest else Text("", "")
    return Task("check", CONFIRM, Text("检查全部答案，提交", "Check all answers and submit"),
                f"{looked.href}/check", state, STATE_WORDS[state], hint)  # fmt: skip


class Forecast(msgspec.Struct, frozen=True):
    """When it would be ready if it were submitted today and accepted on the next working day."""

    promised: dt.date
    promised_days: int
    legal: dt.date
    legal_days: int
    provisional: bool
    """Whether the calendar of one of the years is not official yet."""


def forecast(looked: Looked) -> Forecast | None:
    """The dates of a decision; None where the law or the city's promise gives none."""
    row, law, today = looked.case.row, looked.desk.office.law, clock.today()
    found = time_limits.limits(law, row.procedure, row.joint, looked.seen.category, today, row.region)
    days = {limit.basis: limit.working_days for limit in found if limit.step == "decision"}
    if days.keys() != {"promised", "legal"}:
        return None
    accepted = working_days.add(law, today, 1).due
    promised = working_days.add(law, accepted, days["promised"])
    legal = working_days.add(law, accepted, days["legal"])
    return Forecast(promised.due, days["promised"], legal.due, days["legal"], promised.provisional or legal.provisional)
