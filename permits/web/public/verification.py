"""The answer to "is this permit good today?": each status with its light and what it means. It looks nothing up."""

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence

import msgspec

from permits.cases.words import CATEGORIES
from permits.i18n import Text
from permits.register.model import Status, Verification
from permits.rules import identifiers
from permits.web.city import city_of
from permits.web.parts import Light

LONGEST = 60
"""Characters of a code; the rest is not looked at."""
_DASHES = re.compile(r"[‐‑‒–—―−－_\s]+")
_GROUPS = re.compile(r"(\d{4})-?([0-9A-Z]{4})-?([0-9A-Z]{4})-?([0-9A-Z]{4})-?([0-9A-Z])", re.ASCII)


class Word(msgspec.Struct, frozen=True):
    """How a status is said."""

    light: Light
    tone: str
    """The colour of the answer: fine, soon, late."""
    name: Text
    means: Text


WORDS: dict[Status, Word] = {
    "valid": Word(
        "done", "fine", Text("有效", "Valid"),
        Text("在有效期内，没有注销、撤销或撤回", "Within its period, and not ended"),
    ),
    "not-yet-valid": Word(
        "soon", "soon", Text("还没开始", "Not yet valid"),
        Text("许可已发，有效期还没到", "Issued, but the period has not begun"),
    ),
    "expired": Word(
        "late", "late", Text("已到期", "Expired"),
        Text("过了有效期，又没有延期", "The period has ended and was not extended"),
    ),
    "cancelled": Word(
        "late", "late", Text("已注销", "Cancelled"),
        Text("离职等原因，写明注销生效日", "For instance the job ended; shows the day it took effect"),
    ),
    "revoked": Word(
        "late", "late", Text("已撤销", "Revoked"),
        Text("当初不该批准，写明撤销生效日", "It should not have been granted; shows the day it took effect"),
    ),
    "withdrawn-by-authority": Word(
        "late", "late", Text("已撤回", "Withdrawn"),
        Text("法律或客观情况变了，由机关撤回", "Withdrawn by the authority after the law or the facts changed"),
    ),
}  # fmt: skip
"""Every status a permit can have."""
UNKNOWN = Word(
    "open", "open", Text("查不到", "Not found"),
    Text("核验码有误，或者不是本市发的", "Wrong code, or not issued by this city"),
)  # fmt: skip


class Answer(msgspec.Struct, frozen=True):
    """What a verification shows."""

    word: Word
    name: str
    """Masked."""
    category: str
    category_name: Text
    valid_from: dt.date
    valid_until: dt.date
    ended_on: dt.date | None
    employer: str
    number: str
    """In groups of four, as people read it aloud."""
    authority: Text
    licence: tuple[str, ...]
    """The identifier of the electronic licence in its parts; empty where an older system issued none."""


def answer(found: Verification, region: str) -> Answer:
    """The answer of a city's register in words."""
    days = found.valid_from, found.valid_until, found.ended_on
    names = found.name, found.category, CATEGORIES[found.category]
    rest = found.employer_name, _grouped(found.number), city_of(region).authority
    licence = tuple(found.licence.split(".")) if found.licence else ()
    return Answer(WORDS[found.status], *names, *days, *rest, licence)


def others(shown: Answer | None) -> list[Word]:
    """The other answers one may get, each said once."""
    return [word for word in (*WORDS.values(), UNKNOWN) if shown is None or word != shown.word]


def plain(typed: str) -> str:
    """A code as the register writes it: capitals, hyphens between the groups, whatever was typed in between."""
    text = _DASHES.sub("-", unicodedata.normalize("NFKC", typed[:LONGEST]).strip().upper()).strip("-")
    found = _GROUPS.fullmatch(text)
    return "-".join(found.groups()) if found else text


def why_unknown(code: str, regions: Sequence[str]) -> Text:
    """What to look at when there is no such permit."""
    if _GROUPS.fullmatch(code) is None:
        return Text(
            "核验码是四位城市代码、三组四位、一位校验，比如 3212-7K4M-Q2XD-90PT-6。请对照许可再输一次。",
            "A code is four digits for the city, three groups of four and a check character, such as "
            "3212-7K4M-Q2XD-90PT-6. Compare it with the permit.",
        )
    region = identifiers.region_of(code)
    if region is None:
        return Text(
            "有一位抄错了：校验位对不上。请对照许可再输一次。",
            "One character is wrong: the check fails. Compare it with the permit.",
        )
    if region not in regions:
        return Text("这是别的城市发的许可，请到那个城市核验。", "This code is of another city: verify it there.")
    return Text(
        "抄写没有错，但登记簿上没有这个核验码。这份许可不是我们发的。",
        "The code is well formed, but the register has no such permit: we did not issue it.",
    )


def _grouped(number: str) -> str:
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
