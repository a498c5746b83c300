"""The formats of the machine readable zone (ICAO Doc 9303) as data, and their check digit. It reads and writes none."""

from collections.abc import Mapping

import msgspec

Place = tuple[int, int, int]
"""Line (from 0), first character (from 0), and one past the last."""


class Layout(msgspec.Struct, frozen=True):
    """Where everything stands in one format of Doc 9303."""

    name: str
    lines: int
    length: int
    letters: str
    """First letters its document code may have."""
    places: Mapping[str, Place]
    """Each part by name. The check digit of a part follows it."""
    checked: tuple[str, ...]
    """Parts with a check digit of their own."""
    composite: tuple[Place, ...]
    """What the last check digit covers; empty for visas, which have none. It stands at the end of its line."""


_TOP = {"document_code": (0, 0, 2), "issuer": (0, 2, 5)}
_LOWER = {
    "document_number": (1, 0, 9),
    "nationality": (1, 10, 13),
    "birth": (1, 13, 19),
    "sex": (1, 20, 21),
    "expiry": (1, 21, 27),
}
_CARD = {
    "document_number": (0, 5, 14),
    "optional": (0, 15, 30),
    "birth": (1, 0, 6),
    "sex": (1, 7, 8),
    "expiry": (1, 8, 14),
    "nationality": (1, 15, 18),
    "optional_2": (1, 18, 29),
    "names": (2, 0, 30),
}
_OWN = ("document_number", "birth", "expiry")
LAYOUTS = (
    Layout("TD1", 3, 30, "ACI", {**_TOP, **_CARD}, _OWN, ((0, 5, 30), (1, 0, 7), (1, 8, 15), (1, 18, 29))),
    Layout(
        "TD2",
        2,
        36,
        "ACIP",
        {**_TOP, **_LOWER, "names": (0, 5, 36), "optional": (1, 28, 35)},
        _OWN,
        ((1, 0, 10), (1, 13, 20), (1, 21, 35)),
    ),
    Layout(
        "TD3",
        2,
        44,
        "P",
        {**_TOP, **_LOWER, "names": (0, 5, 44), "optional": (1, 28, 42)},
        (*_OWN, "optional"),
        ((1, 0, 10), (1, 13, 20), (1, 21, 43)),
    ),
    Layout("MRV-B", 2, 36, "V", {**_TOP, **_LOWER, "names": (0, 5, 36), "optional": (1, 28, 36)}, _OWN, ()),
    Layout("MRV-A", 2, 44, "V", {**_TOP, **_LOWER, "names": (0, 5, 44), "optional": (1, 28, 44)}, _OWN, ()),
)
"""The formats: cards, official documents, passports, visas."""
DOCUMENT_NUMBER = 9
"""Characters of a document's number in its own place."""
RUNNING_ON = ("TD1", "TD2")
"""Cards, whose number may run on into the optional data."""
SEXES = ("F", "M", "X")


def check_digit(text: str) -> str:
    """The check digit of Doc 9303-3, 4.9: weights 7, 3, 1 modulo 10; A is 10, Z is 35, the filler 0."""
    values = (0 if character == "<" else int(character, 36) for character in text)
    return str(sum(value * (7, 3, 1)[at % 3] for at, value in enumerate(values)) % 10)
