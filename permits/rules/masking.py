"""How personal data is shown to those who need not see it whole (个人信息保护法 Art. 51). It hides and never stores."""

import re
from datetime import date

_PART = re.compile(r"[^\s\-'’.]+")


def mask_name(name: str) -> str:
    """Each part of a name by its first character only: "KARL MAX-JOSEF" is "K** M**-J**", "张伟" is "张**"."""
    return _PART.sub(lambda part: f"{part.group()[0]}**", name.strip())


def mask_passport(number: str) -> str:
    """The last four characters of a document's number; of a short one at most half: "X12345678" is "*****5678"."""
    shown = min(4, len(number) // 2)
    return "*****" + number[len(number) - shown :]


def mask_birth(day: date) -> str:
    """The year of birth only: "1982-**-**"."""
    return f"{day.year:04d}-**-**"
