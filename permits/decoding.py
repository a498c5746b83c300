"""From bytes to a Struct, naming every wrong field at once; msgspec alone stops at the first.

The good path costs one msgspec decode. Messages never repeat the value.
"""

import datetime as dt
import json
import types
import typing
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

import msgspec

from permits.errors import BadInput, FieldError
from permits.i18n import Text

T = TypeVar("T")
NOT_JSON = Text("发来的内容不是有效的 JSON。", "The body is not valid JSON.")
NUL = "\x00"


def decode(body: bytes, kind: type[T]) -> T:
    """The body as this type. Raises BadInput with a pointer for every wrong field."""
    return convert(parse(body), kind)


def parse(body: bytes) -> Any:
    """The body as builtins, `Unkept` in place of text that no database keeps. Raises BadInput where it is no JSON."""
    try:
        raw = msgspec.json.decode(body or b"{}")
        return _kept(raw) if _holds_nul(raw) else raw
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as wrong:
        return _with_halves(body, wrong)


class Unkept:
    """Text with a NUL, or with half of a surrogate pair: of no field's type, so it is named with what else is wrong."""


def _holds_nul(raw: Any) -> bool:
    match raw:
        case str():
            return NUL in raw
        case dict():
            return any(NUL in name or _holds_nul(value) for name, value in raw.items())
        case list():
            return any(map(_holds_nul, raw))
    return False


def _with_halves(body: bytes, wrong: Exception) -> Any:
    """A body that is JSON but for halves of surrogate pairs, which msgspec takes for the end of it."""
    try:
        raw = json.loads(body, parse_constant=_no_number)
        kept = _kept(raw)
    except (ValueError, RecursionError):
        raise BadInput(NOT_JSON, type="not-json") from wrong
    if kept == raw:
        raise BadInput(NOT_JSON, type="not-json") from wrong
    return kept


def _no_number(name: str) -> None:
    raise ValueError(name)


def _kept(raw: Any) -> Any:
    match raw:
        case str():
            return Unkept() if raw != _clean(raw) else raw
        case dict():
            return {_clean(name): _kept(value) for name, value in raw.items()}
        case list():
            return [_kept(value) for value in raw]
    return raw


def _clean(text: str) -> str:
    return text.replace(NUL, "").encode("utf-8", "ignore").decode()


def convert(raw: Any, kind: type[T], pointer: str = "") -> T:
    """Builtins as this type. Raises BadInput with a pointer for every wrong field."""
    try:
        return msgspec.convert(raw, kind)
    except (msgspec.ValidationError, RecursionError):
        errors = tuple(problems(raw, kind, pointer))
        raise BadInput(errors=errors or (FieldError(pointer, WRONG_SHAPE),)) from None


def without(raw: Any, pointers: Sequence[str]) -> dict[str, Any]:
    """Builtins without what stands at these places, so that the rest can be looked at too."""
    kept = {}
    for name, value in raw.items() if isinstance(raw, dict) else ():
        place = f"/{_escaped(name)}"
        deeper = [p.removeprefix(place) for p in pointers if p.startswith(f"{place}/")]
        if place not in pointers and (isinstance(value, dict) or not deeper):
            kept[name] = without(value, deeper) if deeper else value
    return kept


WRONG_SHAPE = Text("内容的格式不对。", "This has the wrong shape.")
UNKNOWN = Text("没有这个字段。", "There is no such field.")
MISSING = Text("这一项必填。", "This is required.")
UNKEPT = Text("含有不能保存的字符。", "It holds characters that cannot be kept.")


def problems(raw: Any, kind: Any, pointer: str) -> Iterator[FieldError]:
    """Every wrong field below this place."""
    kind = _plain(kind, raw)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield from _struct_problems(raw, kind, pointer)
    elif get_origin(_bare(kind)) in (list, tuple) and isinstance(raw, list):
        yield from _list_problems(raw, kind, pointer)
    else:
        yield from _value_problem(raw, kind, pointer)


def _struct_problems(raw: Any, kind: type[msgspec.Struct], pointer: str) -> Iterator[FieldError]:
    if not isinstance(raw, dict):
        yield FieldError(pointer, WRONG_SHAPE)
        return
    hints = typing.get_type_hints(kind, include_extras=True)
    fields = {f.encode_name: f for f in msgspec.structs.fields(kind)}
    for name, value in raw.items():
        place = f"{pointer}/{_escaped(name)}"
        if name not in fields:
            yield FieldError(place, UNKNOWN)
        else:
            yield from problems(value, hints[fields[name].name], place)
    for name, field in fields.items():
        if field.required and name not in raw:
            yield FieldError(f"{pointer}/{name}", MISSING)


def _list_problems(raw: list[Any], kind: Any, pointer: str) -> Iterator[FieldError]:
    item = get_args(_bare(kind))[0]
    found = [error for at, value in enumerate(raw[:100]) for error in problems(value, item, f"{pointer}/{at}")]
    yield from found or _value_problem(raw, kind, pointer)


def _value_problem(raw: Any, kind: Any, pointer: str) -> Iterator[FieldError]:
    try:
        msgspec.convert(raw, kind)
    except (msgspec.ValidationError, RecursionError):
        yield FieldError(pointer, UNKEPT if isinstance(raw, Unkept) else _text(kind))


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")[:80]


def _plain(kind: Any, raw: Any) -> Any:
    """The type without `| None`, unless there is nothing."""
    if get_origin(kind) in (typing.Union, types.UnionType) and raw is not None:
        rest = [k for k in get_args(kind) if k is not type(None)]
        return rest[0] if len(rest) == 1 else kind
    return kind


def _bare(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _text(kind: Any) -> Text:
    """What a value of this type must be, in words."""
    bare, meta = _bare(kind), next((m for m in getattr(kind, "__metadata__", ()) if isinstance(m, msgspec.Meta)), None)
    if get_origin(bare) is Literal:
        allowed = "、".join(map(str, get_args(bare)))
        return Text(f"只能是：{allowed}。", f"Must be one of: {', '.join(map(str, get_args(bare)))}.")
    if bare is dt.date:
        return Text("请写成日期，例如 2026-01-31。", "Must be a date such as 2026-01-31.")
    if bare is bool:
        return Text("只能是 true 或 false。", "Must be true or false.")
    if bare is int:
        return _number_text(meta)
    if bare is str:
        return _string_text(meta)
    return WRONG_SHAPE


def _number_text(meta: msgspec.Meta | None) -> Text:
    if meta and meta.ge is not None and meta.le is not None:
        return Text(f"请写 {meta.ge} 到 {meta.le} 的整数。", f"Must be a whole number from {meta.ge} to {meta.le}.")
    return Text("请写整数。", "Must be a whole number.")


NOT_BLANK = r"\S"
"""The pattern of text that must say something."""


def _string_text(meta: msgspec.Meta | None) -> Text:
    if meta is None or (meta.pattern is None and meta.max_length is None):
        return Text("请写文字。", "Must be text.")
    if meta.pattern == NOT_BLANK:
        most = meta.max_length
        return Text(f"请写文字，不能空着，至多 {most} 个字。", f"Must say something, in {most} characters at most.")
    if meta.pattern:
        return PATTERNS.get(meta.pattern, Text("格式不对。", "This has the wrong form."))
    return Text(f"请写文字，至多 {meta.max_length} 个字。", f"Must be text of at most {meta.max_length} characters.")


PATTERNS: dict[str, Text] = {
    r"^[0-9A-Z]{18}$": Text("统一社会信用代码是 18 位数字和大写字母。", "Must be 18 digits and capital letters."),
    r"^[A-T]$": Text("请写行业门类的字母，A 到 T（GB/T 4754）。", "Must be an industry letter, A to T (GB/T 4754)."),
    r"^\d{6}$": Text("请写六位区划代码。", "Must be a district code of six digits."),
    r"^[A-Z]{3}$": Text("请写三位大写国籍代码，例如 DEU。", "Must be a nationality of three capitals, such as DEU."),
    r"^[A-Z0-9]{3,20}$": Text("护照号是 3 到 20 位大写字母和数字。", "Must be 3 to 20 capitals and digits."),
    r"^[A-Z0-9]{4,20}$": Text("请写 4 到 20 位大写字母和数字。", "Must be 4 to 20 capitals and digits."),
    r"^\d-\d{2}(-\d{2}){0,2}$": Text("请写职业分类代码，例如 2-02。", "Must be an occupation code, such as 2-02."),
    r"^\+?[0-9][0-9 \-]{4,19}$": Text("请写 5 到 20 位的电话号码。", "Must be a telephone number of 5 to 20 digits."),
    r"^[^@\s]{1,64}@[^@\s]{1,190}$": Text("请写完整的邮箱地址。", "Must be a whole e-mail address."),
}
"""What each form of text must look like, in words."""
