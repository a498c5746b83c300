"""Corrections as pure functions: asked for once and completely (一次性告知), and answered."""

from collections.abc import Iterator

from msgspec.structs import replace

from permits.cases import assessment, bodies, clocks
from permits.cases.application import PLACES
from permits.cases.doing import Doing, Done, moved, put
from permits.cases.model import Case, Correction
from permits.db.ids import new_id
from permits.errors import BadInput, FieldError
from permits.i18n import Text


def request_correction(case: Case, doing: Doing, body: bodies.RequestCorrection) -> Done:
    """Ask for corrections, once and completely (一次性告知, Art. 32)."""
    if errors := tuple(_out_of_place(case, doing, body.items)):
        raise BadInput(errors=errors)
    asked = tuple(
        Correction(new_id(), "office", item.text, doing.at, pointer=item.pointer, document=item.document)
        for item in body.items
    )
    case = moved(case, doing, return_state=case.row.state)
    case = replace(case, corrections=(*case.corrections, *asked))
    standing = (
        clocks.end(case, doing.today) if case.row.return_state == "submitted" else clocks.pause(case, doing.today)
    )
    return Done(standing, "correction-requested", {"items": [item.text for item in body.items]})


def _out_of_place(case: Case, doing: Doing, items: list[bodies.Item]) -> Iterator[FieldError]:
    """Items that name neither a field nor a document of the case, which nobody could correct."""
    kinds = {rule.kind for rule in assessment.of_case(doing.law, case, doing.today).documents}
    for at, item in enumerate(items):
        if (item.pointer is None) == (item.document is None):
            yield FieldError(f"/items/{at}", Text("请写明是哪个字段或哪份材料。", "Name the field or the document."))
        elif item.pointer and item.pointer not in PLACES:
            yield FieldError(f"/items/{at}/pointer", Text("申请表没有这一项。", "The application has no such field."))
        elif item.document and item.document not in kinds:
            yield FieldError(f"/items/{at}/document", Text("这件申请没有这份材料。", "The case has no such document."))


def correct(case: Case, doing: Doing, body: bodies.Correct) -> Done:
    """Answer the corrections; what came before goes on where it stood."""
    case = replace(case, corrections=_answered(case, doing, body.answers))
    askers = sorted({c.asker for c in case.corrections if c.answered_at == doing.at})
    if case.row.state == "correction" and not case.unanswered():
        back = case.row.return_state or "submitted"
        case = put(case, state=back, return_state=None)
        if back == "submitted":
            case = clocks.start(case, doing.law, doing.today, "pre-review", "acceptance")
        else:
            case = clocks.resume(case, doing.law, doing.today)
    return Done(case, "corrected", {"askers": askers})


def _answered(case: Case, doing: Doing, answers: list[bodies.Answer] | None) -> tuple[Correction, ...]:
    given = {str(answer.item): answer.text for answer in answers or ()}
    open_ones = [str(c.id) for c in case.corrections if c.answered_at is None]
    numbers = {str(c.id): str(at) for at, c in enumerate(case.corrections)}
    known = {*open_ones, *(numbers[i] for i in open_ones)}
    if unknown := [at for at, answer in enumerate(answers or ()) if str(answer.item) not in known]:
        text = Text("没有这一项，或已经答复过。", "There is no such item, or it was answered already.")
        raise BadInput(errors=[FieldError(f"/answers/{at}/item", text) for at in unknown])

    def answer(item: Correction) -> Correction:
        said = given.get(str(item.id), given.get(numbers[str(item.id)]))
        if item.answered_at or (answers is not None and answers and said is None):
            return item
        return replace(item, answered_at=doing.at, answer=said or "")

    return tuple(answer(item) for item in case.corrections)
