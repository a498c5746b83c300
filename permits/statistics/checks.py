"""What may be asked of the figures: dimensions, days, lists. Whatever may not is refused with what is possible."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence

from permits.errors import BadInput, FieldError
from permits.i18n import Text
from permits.statistics.model import CROSSED, DIMENSIONS

FIRST, LAST = dt.date(1949, 10, 1), dt.date(2199, 12, 31)
"""Days that can be asked about."""
_ZERO = uuid.UUID(int=0)
_DAY = dt.timedelta(days=1)
_BEFORE = {"from": 1}
"""So many days earlier a bridge may begin: on the day before the first, with nothing."""


def columns(by: Iterable[str]) -> tuple[str, ...]:
    """The columns of the ledger that dimensions are."""
    return tuple("employer_code" if name == "employer" else name for name in by)


def check_dimensions(by: tuple[str, ...]) -> None:
    """Raises BadInput for an unknown dimension, or where too many are crossed."""
    check_known(by)
    if len(set(by)) < len(by) or len(by) > CROSSED or ("employer" in by and len(by) > 1):
        zh, en = "最多交叉两个维度；用人单位单独统计。", "Cross two dimensions at most; employer stands alone."
        raise BadInput(errors=[wrong("/by", zh, en)])


def check_known(names: Iterable[str]) -> None:
    """Raises BadInput for an unknown dimension."""
    if any(name not in DIMENSIONS for name in names):
        possible = ", ".join(DIMENSIONS)
        raise BadInput(errors=[wrong("/by", f"可选的维度：{possible}。", f"Possible dimensions: {possible}.")])


def check_kind(kind: str, possible: Sequence[str]) -> None:
    """Raises BadInput for a kind that is none of those possible."""
    if kind not in possible:
        raise BadInput(errors=[FieldError("/kind", one_of(possible))])


def one_of(possible: Iterable[str]) -> Text:
    """What may be chosen."""
    named = ", ".join(possible)
    return Text(f"可选：{named}。", f"Possible: {named}.")


def check_days(**days: dt.date | None) -> None:
    """Raises BadInput for days out of all reason, naming each."""
    if out := [name for name, day in days.items() if day is not None and not FIRST <= day <= LAST]:
        zh, en = f"日期应在 {FIRST} 和 {LAST} 之间。", f"A day between {FIRST} and {LAST}."
        raise BadInput(errors=[wrong(f"/{name}", zh, en) for name in out])


def check_order(since: dt.date, to: dt.date) -> None:
    """Raises BadInput where the second day is before the first."""
    check_days(**{"from": since, "to": to})
    if since > to:
        zh, en = "结束日不能早于开始日。", "The second day must not be before the first."
        raise BadInput(errors=[wrong("/to", zh, en)])


def check_within(
    begins: tuple[dt.date, dt.date] | None, today: dt.date, as_known_on: dt.date | None, **days: dt.date | None
) -> None:
    """Raises BadInput for days before the register's first one, or a day of knowledge outside of what was recorded.

    `begins`: the first day on which anything took effect, and was recorded; None for an empty register.
    """
    errors = []
    if as_known_on is not None and as_known_on > today:
        errors.append(wrong("/as_known_on", f"不能晚于今天 {today}。", f"Not after today, {today}."))
    if begins is not None:
        first, recorded = begins
        zh, en = f"登记簿从 {first} 开始。", f"The register begins on {first}."
        early = (name for name, day in days.items() if day is not None and day < first - _BEFORE.get(name, 0) * _DAY)
        errors += [wrong(f"/{name}", zh, en) for name in early]
        if as_known_on is not None and as_known_on < recorded:
            zh, en = f"登记簿自 {recorded} 起有记录。", f"The register holds records from {recorded} on."
            errors.append(wrong("/as_known_on", zh, en))
    if errors:
        raise BadInput(errors=errors)


def after(cursor: str | None) -> uuid.UUID:
    """The permit after which a list goes on. Raises BadInput for what is no cursor of ours."""
    try:
        return uuid.UUID(hex=cursor) if cursor else _ZERO
    except ValueError:
        raise _foreign_cursor() from None


def after_day(cursor: str | None) -> tuple[dt.date, uuid.UUID]:
    """The last day and permit after which a list by last days goes on. Raises BadInput."""
    try:
        day, _, permit = (cursor or "").partition(".")
        return (dt.date.fromisoformat(day), uuid.UUID(hex=permit)) if cursor else (dt.date.min, _ZERO)
    except ValueError:
        raise _foreign_cursor() from None


def _foreign_cursor() -> BadInput:
    return BadInput(errors=[wrong("/cursor", "请从第一页重新翻起。", "Begin again from the first page.")])


def wrong(pointer: str, zh: str, en: str) -> FieldError:
    """One wrong field."""
    return FieldError(pointer, Text(zh, en))
