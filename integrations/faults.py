"""The faults that a simulated agency can be told to have, and whether one strikes this time. Pure; it breaks nothing.

Whether a fault strikes is drawn from the seed, the message's place and the attempt, so that a run can be repeated.
"""

import hashlib
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

Fault = Literal["slow_ms", "down", "twice", "late_s", "out_of_order", "lost_receipt", "wrong_signature", "wrong_schema"]
SWITCHES: tuple[Fault, ...] = ("down", "twice", "out_of_order", "lost_receipt", "wrong_signature", "wrong_schema")
EVERY_CASE = "*"
HELD_SECONDS = 2.0
"""How long a message that goes out of order lets those behind it overtake."""


class Faults(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What goes wrong with one case, or with every case that has no faults of its own."""

    case: Annotated[str, Meta(max_length=50, pattern=r"^([0-9A-Za-z-]+|\*)\Z")] = EVERY_CASE
    slow_ms: Annotated[int, Meta(ge=0, le=600_000)] = 0  # a message is taken in, its receipt comes so much later
    down: bool = False  # nothing is taken in, nothing is sent
    twice: bool = False  # each message to the office is sent again once it was taken
    late_s: Annotated[float, Meta(ge=0, le=86_400)] = 0.0  # messages to the office are held back so long
    out_of_order: bool = False  # of two messages to the office the second goes first
    lost_receipt: bool = False  # a message is taken in, and the connection breaks before its first receipt
    wrong_signature: bool = False  # messages to the office are signed with a stranger's key
    wrong_schema: bool = False  # messages to the office name a schema that is none, under an id of their own
    rate: Annotated[float, Meta(ge=0, le=1)] = 1.0  # how often each of them strikes
    seed: Annotated[int, Meta(ge=0, le=2**53)] = 0

    def any(self) -> bool:
        """Whether there is a fault at all."""
        return bool(self.slow_ms or self.late_s) or any(getattr(self, name) for name in SWITCHES)

    def strikes(self, fault: Fault, *place: object) -> bool:
        """Whether the fault is on and strikes at this place: case, direction, sequence, attempt."""
        return bool(getattr(self, fault)) and _drawn(f"{self.seed}:{fault}:{place}") < self.rate


NO_FAULTS = Faults()
READER = msgspec.json.Decoder(Faults)


def _drawn(text: str) -> float:
    """A number from 0 up to 1 that the text alone decides."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "big") / 2**56
