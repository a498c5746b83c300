"""Whether an application may be made about the permit it names: is it in force, the same employer, within the window.

Pure: a case, the law and a day in, every reason out. What a late application meets is the law's word, not ours.
"""

import datetime as dt
from collections.abc import Iterator

from permits.cases.model import Case, Held
from permits.cases.words import FIELDS
from permits.errors import FieldError
from permits.i18n import Text
from permits.rules import windows
from permits.rules.law import Law, NoRule
from permits.rules.windows import Occasion, Window

NOT_FOUND = Text(
    "请填对许可编号，并填发许可时用的护照号；换了护照的另填原护照号。",
    "Give the right permit number, and the passport it was granted on; with a new passport, the former one too.",
)
ELECTRONIC = Text(
    "这份许可已经是电子的，丢不了也不用换：在“我的许可”里随时下载。",
    "This permit is electronic already: nothing is lost; download it under My permits whenever it is wanted.",
)
NEW_PASSPORT = Text(
    "这里填新护照的号码；原护照号写在“哪一份许可”那一页。",
    "Enter the number of the new passport here; the former one stands on the page “Which permit”.",
)
AS_BEFORE = {
    "employment.position": Text(
        "还是登记的那个岗位：请填变更后的。", "It is the position of the register: enter the one it changed to."
    ),
    "beneficiary.surname": Text(
        "姓名和登记的一样：请填变更后的，照新护照写。",
        "The names are those of the register: enter them as they are now, as in the new passport.",
    ),
    "beneficiary.passport_number": Text(
        "登记簿上就是这本护照：请填新护照的号码。", "The register has this passport: enter the number of the new one."
    ),
}
"""What a change says that changes nothing, by the field that stayed as it was."""
IN_FORCE = ("valid", "not-yet-valid")
SAME = {
    "employer.credit_code": "employer_code",
    "beneficiary.nationality": "nationality",
    "employment.position": "position",
}
"""Fields of an application and what the register calls them."""


def problems(case: Case, law: Law, today: dt.date) -> Iterator[FieldError]:
    """Every reason why the application cannot be made about its permit today."""
    if case.filing.permit != "must":
        return
    held = case.held
    if held is None:
        yield FieldError("/permit/number", NOT_FOUND)
        return
    if held.status not in IN_FORCE:
        text = Text("这份许可已经到期或终止，不能办这一项。", "This permit has expired or ended; it cannot be done.")
        yield FieldError("/permit/number", text)
    if case.filing.writes == "replacement" and held.status in IN_FORCE and not held.card:
        yield FieldError("/permit/number", ELECTRONIC)
    yield from _not_the_same(case, held)
    yield from _nothing_changed(case, held)
    yield from _too_early(case, law, today)


def _not_the_same(case: Case, held: Held) -> Iterator[FieldError]:
    for field in case.filing.same:
        part, name = field.split(".")
        said = getattr(getattr(case, part), name)
        if said is not None and said != getattr(held, SAME[field]):
            label = FIELDS[field]
            text = Text(
                f"{label.zh}和登记的不一样：这样的变化不能办这一项，要另行申请。",
                f"{label.en}: not as registered. Such a change is another application.",
            )
            yield FieldError(f"/{part}/{name}", text)


def _nothing_changed(case: Case, held: Held) -> Iterator[FieldError]:
    """A change of what is as it was before is none."""
    now, former = case.beneficiary.passport_number, case.application.permit.former_passport_number
    match case.employment.circumstance:
        case "change-of-passport" if now is not None and now == former:
            yield FieldError("/beneficiary/passport_number", NEW_PASSPORT)
        case "change-of-passport" if held.same_passport:
            yield _as_before("beneficiary.passport_number")
        case "change-of-name" if held.same_names:
            yield _as_before("beneficiary.surname")
        case "change-of-position" if case.employment.position == held.position:
            yield _as_before("employment.position")


def _as_before(field: str) -> FieldError:
    return FieldError("/" + field.replace(".", "/"), AS_BEFORE[field])


def _too_early(case: Case, law: Law, today: dt.date) -> Iterator[FieldError]:
    found = window(case, law, today)
    if found is None:
        return
    if found.state(today) == "early":
        text = Text(
            f"还没到时候，{found.opens} 起可以申请：{found.text.zh}。", f"From {found.opens} on: {found.text.en}."
        )
        yield FieldError("/permit/number", text)


def window(case: Case, law: Law, on: dt.date) -> Window | None:
    """Within what time the application is made; None where nothing is written, or no day to count from is stated."""
    said, held = case.application.permit, case.held
    occasion = Occasion(
        circumstance=case.employment.circumstance,
        permit_expiry=held.valid_until if held else None,
        stay_expiry=case.beneficiary.residence_permit_expiry or case.beneficiary.visa_expiry,
        event=said.event_date,
        entry=case.beneficiary.entry_date,
    )
    try:
        return windows.window(law, case.row.procedure, occasion, on, case.row.region)
    except (NoRule, windows.MissingDate):
        return None


def late_since(case: Case, law: Law, today: dt.date) -> dt.date | None:
    """The last day of the window where the application comes after it and is taken all the same."""
    found = window(case, law, today) if case.filing.permit == "must" else None
    return found.closes if found and found.state(today) == "late" else None
