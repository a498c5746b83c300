"""What the authority's silence means (Administrative Licensing Law Art. 32 and 50): facts for people to act upon.

Nothing is accepted or extended here: it says on which day silence would have done so, and from when to raise it.
"""

from datetime import date, timedelta
from typing import Literal

import msgspec

from permits.i18n import Text
from permits.rules import working_days
from permits.rules.law import Law, Setting

Kind = Literal["acceptance", "extension"]

_DAY = timedelta(days=1)


class Silence(msgspec.Struct, frozen=True):
    """What happens by law if nobody answers."""

    kind: Kind
    raise_on: date
    """From this day on people are told."""
    last_day: date
    """The last day on which an answer prevents it."""
    happens_on: date
    """The first day on which it holds."""
    counts_from: date
    """The day from which it is reckoned: the receipt of the documents, or the day after the old permit."""
    provisional: bool
    """Whether a calendar that is not official yet may still move the days."""
    text: Text
    source: str
    article: str

    def state(self, on: date) -> Literal["quiet", "raised", "happened"]:
        """How it stands on a day, while nobody has answered."""
        if on >= self.happens_on:
            return "happened"
        return "raised" if on >= self.raise_on else "quiet"


def stands(
    law: Law, kind: Kind, last_day: date, today: date, on: date, region: str
) -> Literal["quiet", "raised", "happened"]:
    """How it stands today where an answer is due by `last_day`, by the law of `on`; for lists."""
    if today > last_day:
        return "happened"
    ahead = law.setting(f"silence.{kind}_raised_working_days", on=on, region=region).value
    return "raised" if today >= working_days.subtract(law, last_day, ahead) else "quiet"


def deemed_acceptance(law: Law, received: date, on: date, region: str) -> Silence:
    """Silence for 5 working days after the documents came: accepted, as of the day of receipt (Art. 32).

    `on` is the day whose law holds. The days themselves, and how early to raise it, are settings.
    """
    limit = law.setting("silence.acceptance_working_days", on=on, region=region)
    due = working_days.add(law, received, limit.value)
    text = Text(
        f"收到申请材料之日起{limit.value}个工作日内不告知的，自收到之日起即为受理。",
        f"Without a word for {limit.value} working days, the application is accepted as of the day it was received.",
    )
    return _silence(law, "acceptance", limit, due.due, received, text, on, region, due.provisional)


def deemed_extension(
    law: Law, applied: date, closes: date, permit_expiry: date, on: date, region: str
) -> Silence | None:
    """Silence until the old permit ends, on an application made in time: the extension is granted (Art. 50).

    `closes` is the last day of the window of `extend`. None where it was applied for later: the law promises nothing.
    """
    if applied > closes:
        return None
    rule = law.setting("silence.extension_is_granted", on=on, region=region)
    if not rule.value:
        return None
    text = Text(
        "行政机关在许可有效期届满前未作决定的，视为准予延续。",
        "Where nothing is decided before the permit ends, the extension is held to be granted.",
    )
    after = permit_expiry + _DAY
    return _silence(law, "extension", rule, permit_expiry, after, text, on, region)


def _silence(
    law: Law, kind: Kind, rule: Setting, last_day: date, counts_from: date, text: Text, on: date, region: str,
    provisional: bool = False,
) -> Silence:  # fmt: skip
    ahead = law.setting(f"silence.{kind}_raised_working_days", on=on, region=region).value
    raise_on = working_days.subtract(law, last_day, ahead)
    days = raise_on, last_day, last_day + _DAY, counts_from
    return Silence(kind, *days, provisional, text, rule.source, rule.article)
