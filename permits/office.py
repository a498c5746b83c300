"""What every use case stands on: the law and the keys of this deployment."""

from typing import NamedTuple

from permits.db.crypto import Keys
from permits.rules.law import Law


class Office(NamedTuple):
    """The law in force with all its dated entries, and the keys of personal data."""

    law: Law
    keys: Keys
