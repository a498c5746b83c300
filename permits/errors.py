"""What can go wrong for a person, each with its HTTP status, a stable type and a sentence that says what to do.

The web turns these into problem details (RFC 9457) or a page; nothing here knows of HTTP beyond the number.
"""

from collections.abc import Sequence
from typing import ClassVar

import msgspec

from permits.i18n import Text


class FieldError(msgspec.Struct, frozen=True):
    """One wrong field: a JSON pointer (RFC 6901) and a sentence that never repeats the value."""

    pointer: str
    text: Text


class Problem(Exception):
    """Base of all errors a person is told about."""

    status: ClassVar[int] = 500
    type: str = "internal"
    title: Text = Text("出错了", "Something went wrong")

    def __init__(
        self,
        detail: Text | None = None,
        *,
        type: str | None = None,
        title: Text | None = None,
        errors: Sequence[FieldError] = (),
        extra: dict[str, object] | None = None,
    ) -> None:
        super().__init__((detail or self.title).en)
        self.detail = detail or self.title
        self.type = type or self.type
        self.title = title or self.title
        self.errors = tuple(errors)
        self.extra = extra or {}


class BadInput(Problem):
    """Something sent is wrong; `errors` names every wrong field at once."""

    status = 400
    type = "bad-input"
    title = Text("有内容需要更正", "Some entries need correcting")


class NotSignedIn(Problem):
    """Nobody is signed in."""

    status = 401
    type = "not-signed-in"
    title = Text("请先登录", "Please sign in")


class Forbidden(Problem):
    """The person is known and may not do this."""

    status = 403
    type = "forbidden"
    title = Text("您没有办理这一项的权限", "You may not do this")


class NotFound(Problem):
    """There is no such thing, or the person may not know of it."""

    status = 404
    type = "not-found"
    title = Text("找不到", "Not found")


class Conflict(Problem):
    """The thing's state does not allow it; `extra` may name what is possible."""

    status = 409
    type = "conflict"
    title = Text("现在不能这样办理", "This cannot be done now")


class TooLarge(Problem):
    """More was sent than is taken."""

    status = 413
    type = "too-large"
    title = Text("超过大小限制", "Too large")


class NotThatKind(Problem):
    """The body is of another media type than what is taken."""

    status = 415
    type = "media-type"
    title = Text("不支持这种内容类型", "This media type is not taken")


class TooMany(Problem):
    """Asked too often."""

    status = 429
    type = "too-many"
    title = Text("请稍后再试", "Please try again later")


class Unavailable(Problem):
    """A part the service needs is away; nothing was lost."""

    status = 503
    type = "unavailable"
    title = Text("系统暂时连不上", "The service is briefly away")
