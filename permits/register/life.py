"""What a decision makes of a permit, worked out purely: the permit before in, the permit after out, or why not.

Extended, changed, ended, corrected: the ledger's rows follow from the two. It never reads a clock or the database.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any, TypeVar

from msgspec.structs import replace

from permits.errors import BadInput, Conflict, FieldError
from permits.i18n import Text
from permits.register.ledger import DIMENSIONS
from permits.register.model import Amendment, Correction, Ending, Permit, Stretch

P = TypeVar("P", bound=Permit)
BORNE = (
    "category", "nationality", "sex", "industry", "district", "employer_code", "employer_name", "position",
    "position_kind", "permit_kind",
)  # fmt: skip
"""The facts that a permit bears and a decision may change, by column."""
DAYS = ("valid_from", "valid_until")


def ended(permit: P, ending: Ending) -> P:
    """The permit with its end. Raises Conflict where it was ended before, BadInput where it runs out before that."""
    _still_runs(permit)
    if ending.effective > permit.valid_until:
        last = permit.valid_until
        raise _wrong(
            "effective", f"不能晚于最后有效日 {last}：到期自行失效。", f"Not later than {last}: it expires then."
        )
    return replace(permit, version=permit.version + 1, ended_on=ending.effective, end_kind=ending.kind)


def amended(permit: P, amendment: Amendment) -> P:
    """The permit in its next version. Raises Conflict where it was ended, BadInput for days that cannot be."""
    _still_runs(permit)
    if errors := [*_wrong_days(permit, amendment)]:
        raise BadInput(errors=errors)
    new = replace(permit, version=permit.version + 1, **{name: amendment.facts[name] for name in amendment.facts})
    new = replace(new, valid_until=amendment.valid_until or permit.valid_until)
    return replace(new, stretches=_stretches(permit, new, amendment.effective))


def _wrong_days(permit: Permit, amendment: Amendment) -> Iterator[FieldError]:
    last, latest = amendment.valid_until, permit.stretches[-1].until if permit.stretches else permit.valid_from
    if last is not None and last <= permit.valid_until:
        yield _error(
            "valid_until", f"要晚于现在的 {permit.valid_until}。", f"Later than {permit.valid_until} as it is."
        )
    end = max(last or permit.valid_until, permit.valid_until)
    if not latest <= amendment.effective <= end:
        yield _error("effective", f"在 {latest} 到 {end} 之间。", f"Between {latest} and {end}.")


def _counted(permit: Permit) -> dict[str, str]:
    return {name: getattr(permit, name) for name in DIMENSIONS}


def _stretches(old: Permit, new: Permit, effective: dt.date) -> tuple[Stretch, ...]:
    """The stretches behind the new version; what figures do not know of makes none."""
    begun = old.stretches[-1].until if old.stretches else old.valid_from
    if _counted(old) == _counted(new) or effective <= begun:
        return old.stretches
    return (*old.stretches, Stretch(effective, _counted(old)))


def corrected(permit: P, correction: Correction) -> P:
    """The permit as it should have been registered: what is wrong is put right on all its days.

    Raises BadInput for days that cannot be.
    """
    facts: dict[str, Any] = {name: value for name, value in correction.facts.items() if name in (*BORNE, *DAYS)}
    new = replace(permit, version=permit.version + 1, **facts)
    if new.valid_from > new.valid_until:
        raise _wrong("facts/valid_until", "结束要晚于开始。", "The last day comes after the first.")
    if new.stretches and new.stretches[0].until <= new.valid_from:
        raise _wrong("facts/valid_from", "要早于第一次变更。", "It comes before the first change.")
    wrong = {name: getattr(permit, name) for name in facts if name in DIMENSIONS}
    return replace(new, stretches=tuple(_put_right(stretch, wrong, facts) for stretch in permit.stretches))


def _put_right(stretch: Stretch, wrong: dict[str, str], right: dict[str, Any]) -> Stretch:
    """Earlier days that bore the same wrong fact bear the right one; those that bore another keep it."""
    mended = {name: right[name] for name in wrong if stretch.facts[name] == wrong[name]}
    return Stretch(stretch.until, stretch.facts | mended)


def _still_runs(permit: Permit) -> None:
    if permit.ended_on is not None:
        raise Conflict(
            Text(f"这份许可已自 {permit.ended_on} 起终止。", f"This permit has ended, from {permit.ended_on} on."),
            type="already-ended",
        )


def _error(name: str, zh: str, en: str) -> FieldError:
    return FieldError(f"/{name}", Text(zh, en))


def _wrong(name: str, zh: str, en: str) -> BadInput:
    return BadInput(errors=[_error(name, zh, en)])
