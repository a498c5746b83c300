"""Which tests go together and which go first, where several processes share them.

A file stays whole, because its tests share what is costly to make; those at a demonstration city are two pieces, each
with a city, a browser and about half of the work. It decides nothing about whether a test is run.
"""

import pytest
from xdist.scheduler import LoadScopeScheduling

INSPECTIONS = ("tests/journeys/test_pages.py", "tests/journeys/test_moments.py")
HARM = "tests/faults/test_whole.py"
"""It kills the city's programs: last of all that use the city."""
FIRST = (
    *INSPECTIONS,
    "tests/journeys/",
    HARM,
    "tests/faults/",
    "tests/demo/",
    "tests/web/",
    "tests/routing/",
    "tests/integrations/",
    "tests/register/",
)
"""Files and folders in the order of their length; the others follow as they are found."""


def place(item: pytest.Item) -> int:
    """Where a test stands among the others."""
    return next((nth for nth, start in enumerate(FIRST) if item.nodeid.startswith(start)), len(FIRST))


class Distribution(LoadScopeScheduling):
    """Hands out whole files in the order of `place`, and each half of the work at a city as if it were one file."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        super().__init__(config, log)  # type: ignore[arg-type]
        config.option.loadscopereorder = False  # which would put files of few tests last, however long they take

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(INSPECTIONS):
            return "inspections"
        return "journeys" if nodeid.startswith(("tests/journeys/", HARM)) else nodeid.partition("::")[0]
