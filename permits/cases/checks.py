"""What an application's values mean together: check digits, dates, codes, and what a submitted one must say.

Every wrong field is named at once; a draft may lack fields, but none that is there may be wrong.
"""

import datetime as dt
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from permits import decoding
from permits.cases.application import PARTS, Application, Beneficiary, Employer, Employment, HeldPermit
from permits.cases.assessment import age_on, profile
from permits.cases.filing import FILINGS, ONLINE, asked
from permits.errors import BadInput, FieldError
from permits.i18n import Text
from permits.rules import classification, credit_code, mrz, nationality
from permits.rules.law import Law, NoRule
from permits.rules.procedures import circumstances, procedure

OLDEST = 120
UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Kinds of characters that no field takes: line ends, controls, what turns the direction of writing."""
JOINERS = "\u200c\u200d"
"""Unseen, and yet part of how some names are written."""
LONGEST_CONTRACT_YEARS = 30
LONGEST_AGO_YEARS = 10


def _wrong(pointer: str, zh: str, en: str) -> FieldError:
    return FieldError(pointer, Text(zh, en))


def check_draft(
    application: Application, law: Law, today: dt.date, region: str, beside: Sequence[FieldError] = ()
) -> None:
    """Raises BadInput naming every field that is there and wrong; `beside` is what the register says against it."""
    if errors := (*_problems(application, law, today, region), *beside):
        raise BadInput(errors=errors)


def read(raw: Any, law: Law, today: dt.date, region: str) -> Application:
    """An application out of builtins. Raises BadInput naming what has the wrong form and what else is wrong at once."""
    try:
        return decoding.convert(raw, Application)
    except BadInput as wrong:
        raise BadInput(errors=(*wrong.errors, *_beside(raw, wrong.errors, law, today, region))) from None


def _beside(raw: Any, wrong: Sequence[FieldError], law: Law, today: dt.date, region: str) -> tuple[FieldError, ...]:
    """What is wrong beside the fields that have the wrong form."""
    named = [error.pointer for error in wrong]
    try:
        rest = decoding.convert(decoding.without(raw, named), Application)
    except BadInput:
        return ()
    return tuple(error for error in _problems(rest, law, today, region) if error.pointer not in named)


def check_complete(application: Application, law: Law, today: dt.date, region: str) -> None:
    """The same, and every field that is missing for a submission."""
    if errors := (*_missing(application), *_problems(application, law, today, region)):
        raise BadInput(
            Text("还有内容没有填或需要更正，都列在下面。", "Some entries are missing or wrong; all are listed below."),
            errors=errors,
        )


def _missing(application: Application) -> Iterator[FieldError]:
    for field in dict.fromkeys(_wanted(application)):
        part, name = field.split(".")
        if getattr(getattr(application, part), name) is None:
            yield _wrong(f"/{part}/{name}", "这一项还没有填。", "This is missing.")
    holder = application.beneficiary
    if not (holder.surname or holder.given_names):
        yield _wrong(
            "/beneficiary/surname",
            "姓和名至少填一项，照护照上写。",
            "Enter the surname, the given names or both, as in the passport.",
        )
    if (holder.visa_type or "").endswith("residence") and holder.residence_permit_expiry is None:
        yield _wrong("/beneficiary/residence_permit_expiry", "这一项还没有填。", "This is missing.")
    if holder.visa_type in ("Z", "R", "F", "M", "Q1", "S1", "X1", "K", "L") and holder.visa_expiry is None:
        yield _wrong("/beneficiary/visa_expiry", "这一项还没有填。", "This is missing.")


def _wanted(application: Application) -> tuple[str, ...]:
    """The fields that the item asks for; for one that nobody can file, none."""
    known = application.procedure in FILINGS
    return asked(application.procedure, application.employment.circumstance) if known else ()


def _problems(application: Application, law: Law, today: dt.date, region: str) -> Iterator[FieldError]:
    yield from _text_problems(application)
    yield from _procedure_problems(application, law, today, region)
    yield from _employer_problems(application.employer, region)
    yield from _date_problems(application.beneficiary, today)
    yield from _passport_problems(application.beneficiary, today)
    yield from _employment_problems(application.employment, today)
    yield from _permit_problems(application.permit, today)
    yield from _profile_problems(application, law, today, region)


def _text_problems(application: Application) -> Iterator[FieldError]:
    for part in PARTS:
        said = getattr(application, part)
        for name in said.__struct_fields__:
            value = getattr(said, name)
            if isinstance(value, str) and value and (text := _unreadable(value)):
                yield FieldError(f"/{part}/{name}", text)


def _unreadable(value: str) -> Text | None:
    if not value.strip():
        return Text("这一项只有空格。", "There are only spaces in it.")
    if not value.isprintable() and any(unicodedata.category(s) in UNSEEN and s not in JOINERS for s in value):
        return Text("里面有看不见的字符。", "There are characters in it that nobody sees.")
    return None


def _procedure_problems(application: Application, law: Law, today: dt.date, region: str) -> Iterator[FieldError]:
    try:
        item = procedure(law, application.procedure, today, region)
    except NoRule:
        yield _wrong("/procedure", "没有这个事项。", "There is no such procedure.")
        return
    if application.procedure not in ONLINE:
        yield _wrong("/procedure", "这个事项还不能在网上提交。", "This procedure cannot be filed online yet.")
    stated = application.employment.circumstance
    listed = [one.key for one in circumstances(law, today, region, application.procedure)]
    if stated is not None and stated not in listed:
        possible = "、".join(listed) or "—"
        yield _wrong("/employment/circumstance", f"这个事项的情形有：{possible}。", f"Of this item: {possible}.")
    if application.joint and not item.joint:
        yield _wrong("/joint", "这个事项不能联办。", "This procedure cannot be joint.")


def _employer_problems(employer: Employer, region: str) -> Iterator[FieldError]:
    if employer.credit_code is not None:
        for problem in credit_code.credit_code(employer.credit_code).problems:
            yield FieldError("/employer/credit_code", problem.text)
    if employer.district is not None and employer.district[:4] != region[:4]:
        yield _wrong("/employer/district", "这个区划不在本市。", "This district is not in this city.")


def _date_problems(holder: Beneficiary, today: dt.date) -> Iterator[FieldError]:
    if holder.birth_date and not 0 <= age_on(holder.birth_date, today) <= OLDEST:
        yield _wrong("/beneficiary/birth_date", "出生日期不合理。", "The date of birth is out of range.")
    if holder.entry_date and not dt.date(1950, 1, 1) <= holder.entry_date <= today:
        yield _wrong("/beneficiary/entry_date", "入境日期不能晚于今天。", "The date of entry cannot be after today.")
    for name in ("passport_expiry", "visa_expiry", "residence_permit_expiry"):
        day = getattr(holder, name)
        if day and not dt.date(1990, 1, 1) <= day <= today + dt.timedelta(days=366 * 20):
            yield _wrong(f"/beneficiary/{name}", "有效期不合理。", "The expiry date is out of range.")
    if holder.passport_expiry and holder.passport_expiry <= today:
        yield _wrong("/beneficiary/passport_expiry", "护照已经过期。", "The passport has expired.")


_OF_MRZ = {
    "number": ("passport_number", "护照号", "passport number"),
    "nationality": ("nationality", "国籍", "nationality"),
    "birth": ("birth_date", "出生日期", "date of birth"),
    "expiry": ("passport_expiry", "有效期", "expiry date"),
    "sex": ("sex", "性别", "sex"),
}


def _passport_problems(holder: Beneficiary, today: dt.date) -> Iterator[FieldError]:
    if holder.nationality and (text := nationality.why_not(holder.nationality)):
        yield FieldError("/beneficiary/nationality", text)
    if holder.mrz is None:
        return
    read = mrz.mrz(tuple(holder.mrz), today)
    for problem in read.problems:
        yield FieldError("/beneficiary/mrz", problem.text)
    if read.valid:
        yield from _differences(holder, read.fields)


def _differences(holder: Beneficiary, read: dict[str, str]) -> Iterator[FieldError]:
    for key, (name, zh, en) in _OF_MRZ.items():
        told, seen = getattr(holder, name), _as_filed(key, read)
        if told is not None and seen is not None and str(told) != seen:
            yield _wrong(
                f"/beneficiary/{name}",
                f"{zh}与护照机读区不一致，请对照护照。",
                f"The {en} differs from the machine-readable zone; compare with the passport.",
            )


def _as_filed(key: str, read: dict[str, str]) -> str | None:
    value = read.get(key)
    return None if key == "sex" and value == "X" else value


def filled(holder: Beneficiary, today: dt.date) -> Beneficiary:
    """The foreigner with what a good machine-readable zone says filled in where nothing was said."""
    if holder.mrz is None or not (read := mrz.mrz(tuple(holder.mrz), today)).valid:
        return holder
    found: dict[str, object] = {}
    for key, (name, _, _) in _OF_MRZ.items():
        seen = _as_filed(key, read.fields)
        if getattr(holder, name) is None and seen:
            found[name] = dt.date.fromisoformat(seen) if key in ("birth", "expiry") else seen
    if holder.surname is None and holder.given_names is None:
        found |= {name: read.fields.get(name) or None for name in ("surname", "given_names")}
    return msgspec.structs.replace(holder, **found)


def _employment_problems(work: Employment, today: dt.date) -> Iterator[FieldError]:
    start, end = work.contract_start, work.contract_end
    if start and not dt.date(1990, 1, 1) <= start <= today + dt.timedelta(days=366 * 2):
        yield _wrong("/employment/contract_start", "合同开始日期不合理。", "The contract's first day is out of range.")
    if start and end and end <= start:
        yield _wrong("/employment/contract_end", "合同结束要晚于开始。", "The contract must end after its first day.")
    elif end and end <= today:
        yield _wrong("/employment/contract_end", "合同已经结束。", "The contract has ended already.")
    elif start and end and (end - start).days > 366 * LONGEST_CONTRACT_YEARS:
        yield _wrong("/employment/contract_end", "合同期限不合理。", "The contract is too long.")


def _permit_problems(held: HeldPermit, today: dt.date) -> Iterator[FieldError]:
    day = held.event_date
    if day and not today - dt.timedelta(days=366 * LONGEST_AGO_YEARS) <= day <= today:
        yield _wrong("/permit/event_date", "日期不能晚于今天。", "The day cannot be after today.")


_PROFILE = {
    "education": "beneficiary",
    "chinese": "beneficiary",
    "age": "beneficiary",
}


def _profile_problems(application: Application, law: Law, today: dt.date, region: str) -> Iterator[FieldError]:
    told = profile(application, today)
    if told is None or (application.beneficiary.birth_date and application.beneficiary.birth_date > today):
        return
    for pointer, text in classification.problems(law, told, today, region, None):
        name = pointer.rpartition("/")[2] if pointer.count("/") == 1 else pointer.split("/")[1]
        part = _PROFILE.get(name, "employment")
        rest = pointer if name != "age" else "/birth_date"
        yield FieldError(f"/{part}{rest}", text)
