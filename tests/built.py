"""Applications of tests, each built once in a test process: that takes longer than most tests, and what a test gives
is state alone. Two at once in one test would share theirs.
"""

from collections.abc import Callable, Mapping
from typing import Any

from litestar import Litestar

from permits.app import application, state_of
from permits.db.crypto import Keys
from permits.settings import Settings

_built: dict[str, Litestar] = {}


def built(name: str, build: Callable[[], Litestar], state: Mapping[str, Any]) -> Litestar:
    """What `build` makes, made once under this name, as if it had been made with this state."""
    if name not in _built:
        _built[name] = build()
    found = _built[name].state
    found.clear()
    found.update(state)
    return _built[name]


def whole(settings: Settings, keys: Keys, **more: Any) -> Litestar:
    """The whole application of these settings and keys; `more` replaces parts of its state."""
    return built("whole", lambda: application(settings, keys), {**state_of(settings, keys), **more})
