"""How long a work permit and a residence permit may run, with the reason that bound them, and what the police charge.

It proposes the longest that the rules allow; people may grant less.
"""

from datetime import date, timedelta

import msgspec

from permits.i18n import Text
from permits.rules.law import Dated, Law, NoRule, table

_DAY = timedelta(days=1)


class Validity(msgspec.Struct, frozen=True):
    """From when until when, both days included."""

    valid_from: date
    valid_until: date
    bound_by: Text
    """What keeps it from running longer."""
    source: str
    """Where that is written."""

    @property
    def days(self) -> int:
        """How many days it runs, both ends included."""
        return (self.valid_until - self.valid_from).days + 1

    @property
    def months(self) -> int:
        """How many whole months it runs."""
        after = self.valid_until + _DAY
        whole = (after.year - self.valid_from.year) * 12 + after.month - self.valid_from.month
        return whole - (after.day < self.valid_from.day)


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
    requested_until: date | None = None,
) -> Validity:  # fmt: skip
    """The longest a work permit decided on the day `on` may run: from the contract's start or the decision, the later.

    It ends with the category's most years, the contract or the request, whichever is first (and the passport where the
    region says so). NotPossible: it would end before it starts.
    """
    start = max(on, contract_start)
    most = law.setting(f"validity.most_years.{category}", on=on, region=region)
    years = most.value
    text = Text(f"{category} 类许可最长 {years} 年", f"a category {category} permit runs {years} years at most")
    ends = [_after_years(start, years, text, f"{most.source} {most.article}"), _contract(contract_end)]
    if law.setting("validity.within_passport", on=on, region=region).value:
        ends.append(_passport(passport_expiry))
    return _first_end(start, ends, requested_until)


def residence_longest(
    law: Law, permit_until: date, passport_expiry: date, on: date, region: str, requested_until: date | None = None
) -> Validity:
    """The longest a residence permit for work, issued on the day `on`, may run: work permit, passport, law, request.

    NotPossible: fewer days are left than the law has for a residence permit for work (Exit and Entry Law Art. 30).
    """
    most = law.setting("validity.residence_most_years", on=on, region=region)
    text = Text(f"工作类居留许可最长 {most.value} 年", f"a residence permit for work runs {most.value} years at most")
    permit = Validity(on, permit_until, Text("不超过工作许可有效期", "it ends with the work permit"), "")
    ends = [_after_years(on, most.value, text, f"{most.source} {most.article}"), permit, _passport(passport_expiry)]
    found = _first_end(on, ends, requested_until)
    if not residence_allowed(law, found.days, on, region):
        raise NotPossible(Text(
            f"可居留天数不足法定最短期限（{found.bound_by.zh}）。",
            f"Too few days are left for a residence permit ({found.bound_by.en}).",
        ))
    return found


def residence_allowed(law: Law, days: int, on: date, region: str) -> bool:
    """Whether a residence permit for work may run so few days (Exit and Entry Law Art. 30)."""
    return days >= int(law.setting("validity.residence_least_days", on=on, region=region).value)


def police_fee(law: Law, months: int, on: date, region: str = "*") -> int:
    """What the police charge, in yuan, for a residence permit of so many whole months. ValueError: above 5 years."""
    most = law.setting("validity.residence_most_years", on=on, region=region).value
    if not 0 <= months <= most * 12:
        raise ValueError("a residence permit runs no such time")
    fees = [fee for fee in law.entries(PoliceFee, on=on, region=region) if fee.from_months is not None]
    fitting = [(fee.from_months, fee.cny) for fee in fees if fee.from_months is not None and fee.from_months <= months]
    if not fitting:
        raise NoRule("police_fee", on, region)
    return max(fitting)[1]


def police_change_fee(law: Law, on: date, region: str = "*") -> int:
    """What the police charge, in yuan, for a change to a residence permit."""
    return law.entry(PoliceFee, "change", on=on, region=region).cny


def _after_years(start: date, years: int, why: Text, source: str) -> Validity:
    return Validity(start, anniversary(start, years) - _DAY, why, source)


def anniversary(day: date, years: int) -> date:
    """The same day so many years on; 1 March for a 29 February that the year lacks."""
    year = day.year + years
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


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
        raise NotPossible(Text(
            f"期限在开始之前已经结束（{first.bound_by.zh}）。", f"It would end before it starts ({first.bound_by.en})."
        ))
    return Validity(start, first.valid_until, first.bound_by, first.source)


def _end(validity: Validity) -> date:
    return validity.valid_until
