"""How long a work permit and a residence permit may run, with the reason that bound them, and what the police charge.

It proposes the longest that the rules allow; people may grant less.
"""

import contextlib
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import msgspec

from permits.i18n import Text
from permits.rules import clocks
from permits.rules.clocks import Clock
from permits.rules.law import Dated, Law, NoRule, Setting, table
from permits.rules.working_days import Due

MONTHS_A_YEAR = 12
MOST_ACCOMPANYING = 20
"""No more persons accompany one."""

_DAY = timedelta(days=1)


class Span(msgspec.Struct, frozen=True):
    """From when until when, both days included."""

    valid_from: date
    valid_until: date

    @property
    def days(self) -> int:
        """How many days it runs, both ends included."""
        return (self.valid_until - self.valid_from).days + 1

    @property
    def months(self) -> int:
        """How many whole months it runs."""
        after = self.valid_until + _DAY
        whole = (after.year - self.valid_from.year) * MONTHS_A_YEAR + after.month - self.valid_from.month
        return whole - (after.day < self.valid_from.day)


class Validity(Span, frozen=True):
    """How long a permit may run, and why no longer."""

    bound_by: Text
    """What keeps it from running longer."""
    source: str
    """Where that is written."""


class NotPossible(ValueError):
    """Nothing can be granted; `text` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@table("police_fee")
class PoliceFee(Dated, frozen=True, kw_only=True):
    """What the police charge for a residence permit."""

    cny: int
    from_months: int | None = None
    """For a permit of this many whole months or more; None for what has no length."""


def longest(
    law: Law, category: str, contract_start: date, contract_end: date, passport_expiry: date, on: date, region: str,
    requested_until: date | None = None, *, first_by_salary: bool = False,
) -> Validity:  # fmt: skip
    """The longest a work permit decided on the day `on` may run: from the contract's start or the decision, the later.

    It ends with the category's most years, the contract or the request, whichever is first (and the passport where the
    region says so). `first_by_salary`: a first permit whose category rests on a promised salary; some regions keep it
    shorter. NotPossible: it would end before it starts.
    """
    start = max(on, contract_start)
    most = _most_years(law, category, on, region, first_by_salary)
    years = most.value
    text = Text(f"{category} 类许可最长 {years} 年", f"a category {category} permit runs {_years(years)} at most")
    ends = [_after_years(start, years, text, _source(most)), _contract(contract_end)]
    if law.setting("validity.within_passport", on=on, region=region).value:
        ends.append(_passport(passport_expiry))
    return _first_end(start, ends, requested_until)


def _most_years(law: Law, category: str, on: date, region: str, first_by_salary: bool) -> Setting:
    if first_by_salary:
        with contextlib.suppress(NoRule):
            return law.setting(f"validity.first_most_years.{category}", on=on, region=region)
    return law.setting(f"validity.most_years.{category}", on=on, region=region)


def short_term_longest(
    law: Law, start: date, end: date, on: date, region: str, requested_until: date | None = None
) -> Validity:
    """The longest a permit for short work may run, from the first day of the work. NotPossible as `longest`."""
    most = law.setting("validity.short_term_most_days", on=on, region=region)
    text = Text(f"短期工作最长 {most.value} 日", f"short work lasts {most.value} days at most")
    ends = [Validity(start, start + timedelta(days=most.value - 1), text, _source(most)), _contract(end)]
    return _first_end(start, ends, requested_until)


def notice_until(law: Law, issued: date, on: date, region: str) -> date:
    """The last day on which a work permit notice can be used, issued on a day."""
    return months_on(issued, law.setting("validity.notice_months", on=on, region=region).value)


def residence_longest(
    law: Law, permit_until: date, passport_expiry: date, on: date, region: str, requested_until: date | None = None,
    *, earlier: Sequence[Span] = (),
) -> Validity:  # fmt: skip
    """The longest a residence permit for work, issued on the day `on`, may run: work permit, passport, law, request.

    After `earlier` ones that give five years (`five_years_open`) it is not bound by the work permit.
    NotPossible: fewer days are left than the law has for a residence permit for work (Exit and Entry Law Art. 30).
    """
    most = law.setting("validity.residence_most_years", on=on, region=region)
    text = Text(f"工作类居留许可最长 {most.value} 年", f"a residence permit for work runs {most.value} years at most")
    ends = [_after_years(on, most.value, text, _source(most))]
    if not five_years_open(law, earlier, on, region):
        permit = Text("不超过工作许可有效期", "it ends with the work permit")
        ends.append(Validity(on, permit_until, permit, "中华人民共和国外国人入境出境管理条例 第十六条"))
    ends.append(_passport(passport_expiry))
    found = _first_end(on, ends, requested_until)
    if not residence_allowed(law, found.days, on, region):
        raise NotPossible(
            Text(
                f"可居留天数不足法定最短期限（{found.bound_by.zh}）。",
                f"Too few days are left for a residence permit ({found.bound_by.en}).",
            )
        )
    return found


def five_years_open(law: Law, earlier: Sequence[Span], on: date, region: str) -> bool:
    """Whether earlier residence permits for work give one of five years: so many in a row, each of a year or more.

    `earlier`: all so far, the oldest first. They are in a row where none ended before the next began.
    """
    try:
        rule = law.setting("validity.residence_five_years_after", on=on, region=region)
    except NoRule:
        return False
    last = list(earlier)[-rule.value :]
    in_a_row = all(one.valid_until + _DAY >= following.valid_from for one, following in pairwise(last))
    return len(last) == rule.value and in_a_row and all(one.months >= MONTHS_A_YEAR for one in last)


def residence_apply_by(law: Law, entry: date, on: date, region: str) -> Due:
    """The last day to apply for a residence permit after an entry (Exit and Entry Law Art. 30)."""
    return _calendar_days(law, entry, "residence.apply_days", on, region)


def residence_change_by(law: Law, changed: date, on: date, region: str) -> Due:
    """The last day to report a change of what a residence permit says (Exit and Entry Law Art. 33)."""
    return _calendar_days(law, changed, "residence.change_days", on, region)


def residence_extend_by(law: Law, expiry: date, on: date, region: str) -> date:
    """The last day to apply for the extension of a residence permit that ends on a day (Exit and Entry Law Art. 32)."""
    return expiry - timedelta(days=law.setting("residence.extend_days", on=on, region=region).value)


def residence_decided_by(law: Law, received: date, on: date, region: str) -> Due:
    """The last day for the police to decide (Decree 637 Art. 16, 18); the receipt stands in until then."""
    days = law.setting("residence.decision_working_days", on=on, region=region).value
    return clocks.due(law, Clock(received, days))


def stay_after_work(law: Law, ended: date, on: date, region: str) -> date | None:
    """Until when a stay permit after the end of the work may run; None where the region says nothing."""
    try:
        return ended + timedelta(days=law.setting("residence.stay_after_work_days", on=on, region=region).value)
    except NoRule:
        return None


def passport_kept(law: Law, on: date, region: str) -> bool:
    """Whether the police keep the passport while they decide."""
    return bool(law.setting("residence.passport_kept", on=on, region=region).value)


def _calendar_days(law: Law, event: date, key: str, on: date, region: str) -> Due:
    return clocks.due(law, Clock(event, law.setting(key, on=on, region=region).value, "calendar"))


def residence_allowed(law: Law, days: int, on: date, region: str) -> bool:
    """Whether a residence permit for work may run so few days (Exit and Entry Law Art. 30)."""
    return days >= int(law.setting("validity.residence_least_days", on=on, region=region).value)


def police_fee(law: Law, months: int, on: date, region: str = "*", *, accompanying: int = 0) -> int:
    """What the police charge, in yuan, for a residence permit of so many whole months, and as much for each person
    who accompanies. ValueError: above 5 years, fewer than no persons.
    """
    most = law.setting("validity.residence_most_years", on=on, region=region).value
    if not 0 <= months <= most * MONTHS_A_YEAR:
        raise ValueError("a residence permit runs no such time")
    if not 0 <= accompanying <= MOST_ACCOMPANYING:
        raise ValueError("no such number of persons")
    fees = [fee for fee in law.entries(PoliceFee, on=on, region=region) if fee.from_months is not None]
    fitting = [(fee.from_months, fee.cny) for fee in fees if fee.from_months is not None and fee.from_months <= months]
    if not fitting:
        raise NoRule("police_fee", on, region)
    return max(fitting)[1] * (1 + accompanying)


def police_change_fee(law: Law, on: date, region: str = "*") -> int:
    """What the police charge, in yuan, for a change to a residence permit."""
    return law.entry(PoliceFee, "change", on=on, region=region).cny


def police_removal_fee(law: Law, on: date, region: str = "*") -> int:
    """What the police charge, in yuan, for taking one accompanying person off a residence permit."""
    return law.entry(PoliceFee, "remove-accompanying", on=on, region=region).cny


def _source(rule: Dated) -> str:
    return f"{rule.source} {rule.article}".strip()


def _years(years: int) -> str:
    return "1 year" if years == 1 else f"{years} years"


def _after_years(start: date, years: int, why: Text, source: str) -> Validity:
    return Validity(start, anniversary(start, years) - _DAY, why, source)


def anniversary(day: date, years: int) -> date:
    """The same day so many years on; 1 March for a 29 February that the year lacks."""
    year = day.year + years
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def months_on(day: date, months: int) -> date:
    """The same day so many months on; the month's last where it has no such day (Civil Code Art. 202)."""
    year, month = divmod(day.year * MONTHS_A_YEAR + day.month - 1 + months, MONTHS_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _contract(until: date) -> Validity:
    why = Text("不超过聘用合同期限", "it ends with the contract")
    return Validity(until, until, why, "外专发〔2017〕36号 外国人来华工作许可服务指南（暂行） 许可期限")


def _passport(until: date) -> Validity:
    why = Text("不超过护照有效期", "it ends with the passport")
    return Validity(until, until, why, "中华人民共和国外国人入境出境管理条例")


def _first_end(start: date, ends: list[Validity], requested_until: date | None) -> Validity:
    if requested_until is not None:
        ends = [*ends, Validity(start, requested_until, Text("按申请的期限", "as it was asked for"), "")]
    first = min(ends, key=_end)
    if first.valid_until < start:
        raise NotPossible(
            Text(
                f"期限在开始之前已经结束（{first.bound_by.zh}）。",
                f"It would end before it starts ({first.bound_by.en}).",
            )
        )
    return Validity(start, first.valid_until, first.bound_by, first.source)


def _end(validity: Validity) -> date:
    return validity.valid_until
