"""Short tasks of 90 days or less (短期工作任务): which of them need a work permit, and which visa the others take.

It judges no contract: whoever asks names the task.
"""

from datetime import date
from typing import Literal

from permits.i18n import Text
from permits.rules.law import Dated, Law, table


@table("short_task")
class ShortTask(Dated, frozen=True, kw_only=True):
    """One kind of short task. Its key is the word for it."""

    title: Text
    visa: Literal["Z", "M", "F"]
    """Z where the short-term work permit is needed; M or F where it is not, and that visa serves."""


def short_tasks(law: Law, on: date, region: str) -> tuple[ShortTask, ...]:
    """The listed tasks, those that need a permit first."""
    return tuple(sorted(law.entries(ShortTask, on=on, region=region), key=lambda task: task.visa != "Z"))


def needs_permit(law: Law, task: str, on: date, region: str) -> bool:
    """Whether a task of 90 days or less needs a work permit. Raises `NoRule` for a task that is not listed."""
    return law.entry(ShortTask, task, on=on, region=region).visa == "Z"
