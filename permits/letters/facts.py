"""From a case and what happened to it to the facts of the letter that this calls for. Pure: no clock, no database."""

from collections.abc import Callable, Mapping

from permits.cases.model import Case, Correction, Event
from permits.cases.words import named
from permits.i18n import Text
from permits.letters import model
from permits.letters.about import About, accepted_on, common, received_on, remedies, supplied, titles
from permits.letters.permit import cancellation, grant, permit, revocation, withdrawal
from permits.rules import grounds

ASKERS = {
    "office": Text("本机关", "the office"),
    "police": Text("公安机关出入境管理机构", "the exit and entry police"),
    "approval-bureau": Text("行政审批局", "the approval bureau"),
}
ENDED_BY_LAW = Text("出现依法应当终止办理的情形", "The law ends the procedure in such a case")
"""What a termination says where its ground is none of the catalogue."""


def acceptance(about: About, number: str) -> model.Acceptance:
    """受理通知书, with the limits as they stood on acceptance."""
    clocks = {c.basis: c for c in about.case.clocks if (c.step, c.round) == ("decision", 1)}
    limits = {name: model.Limit(clock.due, clock.working_days) for name, clock in clocks.items()}
    return model.Acceptance(
        **common(about, "acceptance", number),
        received_on=received_on(about),
        documents=supplied(about, "uploaded"),
        committed=supplied(about, "committed"),
        promised=limits.get("promised") or limits["legal"],
        legal=limits["legal"],
        provisional=any(clock.provisional for clock in clocks.values()),
    )


def not_acceptance(about: About, number: str) -> model.NotAcceptance:
    """不予受理通知书."""
    return model.NotAcceptance(
        **common(about, "not-acceptance", number),
        received_on=received_on(about),
        reasons=about.event.detail["reasons"],
        remedies=remedies(about),
    )


def correction(about: About, number: str) -> model.Correction:
    """一次性告知补正通知书: all that is wanted at that moment, by whomever: one list."""
    at = about.event.at
    asked = [c for c in about.case.corrections if c.asked_at <= at and (c.answered_at is None or c.answered_at > at)]
    called = titles(about)
    return model.Correction(
        **common(about, "correction", number),
        received_on=received_on(about),
        items=tuple(model.Item(_subject(item, called), ASKERS[item.asker], item.text) for item in asked),
    )


def _subject(item: Correction, called: Mapping[str, Text]) -> Text:
    if item.document:
        return called.get(item.document, Text(item.document, item.document))
    return named(item.pointer or "")


def refusal(about: About, number: str) -> model.Refusal:
    """不予行政许可决定书, with reasons, articles and remedies."""
    return model.Refusal(
        **common(about, "refusal", number),
        accepted_on=accepted_on(about),
        reasons=about.event.detail["reasons"],
        certificate=about.certificate,
        remedies=remedies(about),
    )


def termination(about: About, number: str) -> model.Termination:
    """终止办理通知书."""
    return model.Termination(
        **common(about, "termination", number),
        accepted_on=accepted_on(about),
        ground=_ground(about),
        reasons=about.event.detail["reasons"],
        remedies=remedies(about),
    )


def _ground(about: About) -> Text:
    key = about.event.detail.get("ground") or ""
    listed = grounds.grounds(about.law, "terminate", about.day, about.region)
    return next((ground.title for ground in listed if ground.key == key), ENDED_BY_LAW)


BUILD: Mapping[str, Callable[[About, str], model.Letter]] = {
    "acceptance": acceptance,
    "not-acceptance": not_acceptance,
    "correction": correction,
    "grant": grant,
    "permit": permit,
    "refusal": refusal,
    "termination": termination,
    "cancellation": cancellation,
    "revocation": revocation,
    "withdrawal": withdrawal,
}
LETTERS_OF: Mapping[str, tuple[str, ...]] = {
    "accepted": ("acceptance",),
    "not-accepted": ("not-acceptance",),
    "correction-requested": ("correction",),
    "granted": ("permit", "grant"),
    "refused": ("refusal",),
    "terminated": ("termination",),
}
"""The letters that each event of a case calls for, the one that travels on last."""
ENDING: Mapping[str, str] = {
    "cancelled": "cancellation",
    "revoked": "revocation",
    "withdrawn-by-authority": "withdrawal",
}
"""The letter of a decision that ends a permit, by how it ends."""
EVENT_OF = {letter: event for event, letters in LETTERS_OF.items() for letter in letters} | dict.fromkeys(
    ENDING.values(), "granted"
)


def letters_of(case: Case, event: str) -> tuple[str, ...]:
    """The letters that an event of this case calls for."""
    if event == "granted" and case.filing.writes == "end":
        return (ENDING[case.filing.ends_as],)
    if event == "refused" and case.filing.by_office:  # the permit stays, and nothing was applied for
        return ()
    return LETTERS_OF[event]


def ordinal(case: Case, event: Event) -> int:
    """Whether it is the first, second … event of its kind in the case, and so its letter."""
    return [e.id for e in case.timeline if e.kind == event.kind].index(event.id) + 1
