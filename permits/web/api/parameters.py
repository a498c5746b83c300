"""Which parameters an address takes: unknown, repeated and missing ones are noted before the rest is looked at.

A parameter that is mistyped and left aside would give another figure than the one asked for, without a word. It only
notes what is wrong, so that whoever looks at the values can tell everything at once.
"""

import datetime as dt
import inspect
from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from permits.errors import FieldError
from permits.i18n import Text
from permits.web.api.problems import A_DAY, NEEDED, POSSIBLE

ALSO = "also"
"""In a handler's `opt`: further parameters that it takes."""
REPEATED = "repeated"
"""In a handler's `opt`: those that may come several times."""
TEXTS = "texts"
"""In a handler's `opt`: what a parameter may be, where its name alone does not tell."""
ONCE = Text("只能给一次。", "Give it once only.")


@lru_cache
def _taken(function: Callable[..., Any]) -> Mapping[str, bool]:
    """The parameters of the address that a function takes, and whether it needs them."""
    found = [one for one in inspect.signature(function).parameters.values() if one.name != "request"]
    return {one.name.rstrip("_"): one.default is inspect.Parameter.empty for one in found}


def note(request: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Note for `noted` which parameters this address does not take, got twice, or lacks."""
    taken, opt = _taken(handler.fn), handler.opt
    given = Counter(name for name, _ in request.query_params.multi_items())
    possible = "、".join(taken), ", ".join(taken)
    unknown = Text(f"没有这个参数，可用：{possible[0]}。", f"There is no such parameter; possible: {possible[1]}.")
    wrong = {name: unknown for name in given if name not in {*taken, *opt.get(ALSO, ())}}
    wrong |= {name: ONCE for name, times in given.items() if times > 1 and name not in opt.get(REPEATED, ())}
    texts = {**POSSIBLE, **opt.get(TEXTS, {})}
    wrong |= {name: A_DAY for name in given if texts.get(name) is A_DAY and not _is_day(request.query_params[name])}
    wrong |= {name: texts.get(name, NEEDED) for name, needed in taken.items() if needed and name not in given}
    request.state["wrong_parameters"] = [FieldError(f"/{name}", text) for name, text in wrong.items()]


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and text.isascii() and bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


def noted(request: ASGIConnection[Any, Any, Any, Any]) -> list[FieldError]:
    """What is wrong with the parameters' names."""
    return list(request.state.get("wrong_parameters", ()))
