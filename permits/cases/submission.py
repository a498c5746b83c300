"""Submitting as a pure decision: a complete draft in, a submitted case out; all that is wrong is named at once."""

import datetime as dt
from collections.abc import Iterator

from msgspec.structs import replace

from permits.cases import assessment, cautions, checks, clocks, permit_checks
from permits.cases.assessment import Assessment
from permits.cases.model import Case, Component
from permits.errors import BadInput, FieldError
from permits.i18n import Text
from permits.rules import joint, procedures
from permits.rules.law import Law

WANTED = Text("还没有交：“{}”。", "Still wanted: “{}”.")


def submitted(case: Case, law: Law, at: dt.datetime) -> Case:
    """The case as submitted. Raises BadInput naming every field and document that is missing or wrong."""
    return assessed(case, law, at)[0]


def assessed(case: Case, law: Law, at: dt.datetime) -> tuple[Case, Assessment]:
    """The same, with what the rules say of it: worked out once, for whoever shows it next."""
    today = at.date()
    checks.check_complete(case.application, law, today, case.row.region)
    found = assessment.of_case(law, case, today)
    if errors := tuple(_unready(case, found, law, today)):
        raise BadInput(
            Text("还不能提交，下面列出了全部原因。", "It cannot be submitted yet; all reasons are listed below."),
            errors=errors,
        )
    row = replace(
        case.row,
        state="submitted",
        submitted_at=at,
        rules_on=today,
        category=found.category,
        points=found.classification.points if found.classification else None,
    )
    ready = replace(case, row=row, components=_components(case))
    return clocks.start(ready, law, today, "pre-review", "acceptance"), found


def _components(case: Case) -> tuple[Component, ...]:
    residence = Component("residence_permit", "queued" if case.row.joint else "not-wanted")
    return (Component("work_permit", "pending"), residence, Component("window", "queued"))


def _unready(case: Case, found: Assessment, law: Law, today: dt.date) -> Iterator[FieldError]:
    supplied = {d.kind for d in case.documents}
    for rule in found.documents:
        if not rule.on_register and rule.kind not in supplied:
            text = Text(WANTED.zh.format(rule.title.zh), WANTED.en.format(rule.title.en))
            yield FieldError(f"/documents/{rule.kind}", text)
    yield from permit_checks.problems(case, law, today)
    if found.circumstance is None and procedures.circumstances(law, today, case.row.region, case.row.procedure):
        yield FieldError("/employment/circumstance", _NO_CIRCUMSTANCE)
    if case.row.joint and not joint.offered(law, case.row.procedure, found.category, today, case.row.region):
        yield FieldError("/joint", _NOT_JOINT)
    for caution in cautions.cautions(law, case.application, found, today, case.row.region, case.held):
        if caution.kind == "refused":
            yield FieldError(caution.pointer, caution.text)
    months = law.setting("passport.min_validity_months", on=today, region=case.row.region).value
    expiry = case.beneficiary.passport_expiry
    if expiry and expiry < today + dt.timedelta(days=30 * months):
        yield FieldError(
            "/beneficiary/passport_expiry",
            Text(
                f"护照有效期须在 {months} 个月以上，请先换发护照。",
                f"The passport must be valid for {months} months or more; renew it first.",
            ),
        )


_NOT_JOINT = Text(
    "本市对这个事项、这个类别不办联办，请改为只办工作许可。",
    "This city offers no joint procedure for this item and category; apply for the work permit alone.",
)
_NO_CIRCUMSTANCE = Text(
    "在境内申请须符合规定情形：按现有签证或居留许可看不出来，请选择适用的情形。",
    "Applying in China needs one of the listed circumstances; the visa or residence permit shows none, so choose one.",
)
