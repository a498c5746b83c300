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
    names = {at: _names(at, item) for at, item in enumerate(case.corrections) if item.answered_at is None}
    known = set().union(*names.values())
    if unknown := [at for at, answer in enumerate(answers or ()) if str(answer.item) not in known]:
        text = Text("没有这一项，或已经答复过。", "There is no such item, or it was answered already.")
        raise BadInput(errors=[FieldError(f"/answers/{at}/item", text) for at in unknown])

    def answer(at: int, item: Correction) -> Correction:
        said = next((given[name] for name in names.get(at, ()) if name in given), None)
        if item.answered_at or (answers and said is None):
            return item
        return replace(item, answered_at=doing.at, answer=said or "")

    return tuple(answer(at, item) for at, item in enumerate(case.corrections))


def _names(at: int, item: Correction) -> tuple[str, ...]:
    """What an answer may call an item: its id, its number in the list, or the field or document it is about."""
    return (str(item.id), str(at), item.pointer or item.document or str(item.id))
