"""What a check of something typed answers: whether it holds, what was read in it, and every problem at once.

It holds words and results only; the rules of each identifier stand beside it.
"""

from collections.abc import Sequence

import msgspec

from permits.i18n import Text


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong, in words that name the place and never repeat what was typed."""

    field: str
    """The part of the identifier that is wrong, such as `check_character` or `document_number`."""
    text: Text
    """What is wrong and what would be right."""


class Check(msgspec.Struct, frozen=True):
    """The answer of a check."""

    valid: bool
    """Whether nothing is wrong."""
    fields: dict[str, str]
    """What was read, by name; empty where the form itself was wrong."""
    problems: tuple[Problem, ...] = ()
    """Everything that is wrong."""


def problem(field: str, zh: str, en: str) -> Problem:
    """A problem of a part, in both languages."""
    return Problem(field, Text(zh, en))


def checked(fields: dict[str, str], problems: Sequence[Problem]) -> Check:
    """The check that found these parts and these problems."""
    return Check(valid=not problems, fields=fields, problems=tuple(problems))
