"""Errors as problem details (RFC 9457): a stable type, the asker's language, a pointer for every wrong field."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from permits.errors import (
    BadInput,
    Conflict,
    FieldError,
    Forbidden,
    NotFound,
    NotSignedIn,
    Problem,
    TooLarge,
    TooMany,
    Unavailable,
)
from permits.i18n import Text
from permits.web import i18n

MEDIA_TYPE = "application/problem+json"
LARGEST_BODY = 12 * 1024 * 1024
"""Bytes of a request at most: a document and its form."""
URN = "urn:one-window:problem:"
log = structlog.get_logger(__name__)


class Unexpected(Problem):
    """Something nobody foresaw; the log knows more."""


class MethodNotAllowed(Problem):
    """This address takes other methods."""

    status = 405
    type = "method-not-allowed"
    title = Text("这个地址不支持这种请求", "This address takes other methods")


_MISSING = re.compile(r"Missing required \w+ parameter '(\w+)'")
"""How the framework names a parameter that is not there."""
TOO_MUCH = Text(
    f"一次最多发送 {LARGEST_BODY // 2**20} MB。", f"At most {LARGEST_BODY // 2**20} MB are taken in one request."
)
NOT_THAT_PARAMETER = Text("这个参数缺少或格式不对。", "This parameter is missing or has the wrong form.")
NEEDED = Text("必须给出。", "This is required.")
A_DAY = Text("请写成 2024-12-31 这样的日期。", "A day like 2024-12-31 is wanted.")
POSSIBLE: Mapping[str, Text] = {
    **dict.fromkeys(("on", "as_known_on", "from", "to"), A_DAY),
    "region": Text(
        "应为六位行政区划代码（GB/T 2260），如 321200。", "Six digits of GB/T 2260 are wanted, such as 321200."
    ),
    "per": Text("可选：month、year。", "Possible: month, year."),
    "days": Text("应为 0 到 3660 之间的天数。", "A number of days from 0 to 3660 is wanted."),
    "size": Text("应为 1 到 500 之间的整数。", "A whole number from 1 to 500 is wanted."),
}
"""What a parameter may be, where its name tells."""
_KNOWN: dict[int, type[Problem]] = {
    kind.status: kind
    for kind in (BadInput, NotSignedIn, Forbidden, NotFound, Conflict, TooLarge, TooMany, Unavailable, MethodNotAllowed)
}


def problem_of(error: Exception) -> Problem:
    """Any error as one that a person can be told."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, ValidationException):
        return BadInput(errors=_wrong_parameters(error))
    if isinstance(error, HTTPException) and error.status_code < 500:
        return _KNOWN.get(error.status_code, BadInput)()
    log.error("unexpected error", exc_info=error)
    return Unexpected()


def _wrong_parameters(error: ValidationException) -> list[FieldError]:
    """Each parameter of the address that is wrong, by its name; one that is a word of Python bears an underscore."""
    found = error.extra if isinstance(error.extra, list) else []
    names = [str(one.get("key", "")) for one in found if isinstance(one, dict)] or _MISSING.findall(error.detail)
    plain = [name.rstrip("_") for name in names]
    return [FieldError("" if n == "data" else f"/{n}", POSSIBLE.get(n, NOT_THAT_PARAMETER)) for n in plain]


def language(request: Request[Any, Any, Any]) -> i18n.Lang:
    """The language of Accept-Language: zh or en."""
    return i18n.accepted(request.headers.get("accept-language", "")) or "zh"


def problem_response(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A problem as JSON."""
    problem, lang = problem_of(error), language(request)
    if isinstance(error, RequestEntityTooLarge):
        problem = TooLarge(TOO_MUCH, extra={"max_bytes": LARGEST_BODY})
    body: dict[str, Any] = {
        "type": URN + problem.type,
        "title": problem.title.of(lang),
        "status": problem.status,
        "detail": problem.detail.of(lang),
        **problem.extra,
    }
    if problem.errors:
        body["errors"] = [{"pointer": e.pointer, "detail": e.text.of(lang)} for e in problem.errors]
    headers = {"Content-Language": i18n.TAGS[lang]}
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if problem.status == 503:
        headers["Retry-After"] = "2"
    return Response(msgspec.json.encode(body), media_type=MEDIA_TYPE, status_code=problem.status, headers=headers)
