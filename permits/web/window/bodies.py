"""From a form of the desks to the body that an action takes; what is wrong with it the action's own type says."""

from collections.abc import Callable, Mapping
from typing import Any

from permits import decoding
from permits.cases.actions import ACTIONS
from permits.cases.bodies import Body
from permits.errors import BadInput, FieldError
from permits.i18n import Text
from permits.web.forms import Form
from permits.web.window import composer

NOT_READ = Text("请先看过决定书，再打勾。", "Read the decision above, then tick.")
NUMBERS = frozenset({"working_days", "expected_working_days"})


def body_of(action: str, sent: Form) -> Body:
    """The body of an action. Raises BadInput naming every wrong field."""
    kind = ACTIONS[action][0]
    return decoding.convert(FORMS[action](sent), kind)


def _fields(*names: str) -> Callable[[Form], dict[str, Any]]:
    def read(sent: Form) -> dict[str, Any]:
        given = {name: sent.get(name) for name in names}
        return {name: _number(name, value) for name, value in given.items() if value}

    return read


def _number(name: str, value: str) -> Any:
    plain = value.isascii() and value.isdigit() and len(value) < 6
    return int(value) if name in NUMBERS and plain else value


def _nothing(_: Form) -> dict[str, Any]:
    return {}


def _accept(sent: Form) -> dict[str, Any]:
    return {"checked": list(sent.all("checked"))}


def _corrections(sent: Form) -> dict[str, Any]:
    return {"items": composer.items(sent)}


def _recommend(sent: Form) -> dict[str, Any]:
    """A refusal has reasons of its own: those that were suggested for a grant do not count."""
    if sent.get("outcome") == "grant":
        return _fields("outcome", "reasons", "category", "valid_from", "valid_until")(sent)
    own = sent.get("reasons") != sent.get("suggested")
    return _fields("outcome", *(("reasons",) if own else ()))(sent)


def _clear(sent: Form) -> dict[str, Any]:
    said = {"yes": True, "no": False}.get(sent.get("cleared"))
    return _fields("opinion")(sent) | ({} if said is None else {"cleared": said})


def _decide(sent: Form) -> dict[str, Any]:
    if sent.get("seen") != "true":
        raise BadInput(errors=[FieldError("/seen", NOT_READ)])
    return _fields("outcome", "reasons")(sent)


def _hand_out(sent: Form) -> dict[str, Any]:
    given = _fields("to", "how", "tracking")(sent)
    named = {"agent": sent.get("agent"), "holder": sent.get("holder")}.get(sent.get("who"))
    return given | ({"to": named} if named and "to" not in given else {})


FORMS: Mapping[str, Callable[[Form], dict[str, Any]]] = {
    "claim": _fields("take_over"),
    "release": _nothing,
    "accept": _accept,
    "not-accept": _fields("ground", "reasons"),
    "terminate": _fields("ground", "reasons"),
    "request-correction": _corrections,
    "extend-limit": _fields("working_days", "reasons"),
    "approve-extension": _nothing,
    "suspend": _fields("procedure", "expected_working_days", "reasons"),
    "resume": _nothing,
    "recommend": _recommend,
    "clear": _clear,
    "return": _fields("reasons"),
    "decide": _decide,
    "hand-out": _hand_out,
    "close": _nothing,
    "reopen": _fields("reasons"),
    "approve-reopening": _nothing,
}
"""How the form of each action is read."""
