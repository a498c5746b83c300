"""What every use case stands on: the law and the keys of this deployment."""

from permits.db.crypto import Keys
from permits.rules.law import Law


class Office:
    """The law in force with all its dated entries, and the keys of personal data.

    A law is a value that never changes; when the office loads an entry of its own, another takes its place here.
    """

    __slots__ = ("keys", "law")

    def __init__(self, law: Law, keys: Keys) -> None:
        self.law, self.keys = law, keys
