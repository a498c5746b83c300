"""Two ways to use a page: with a mouse, and with the keyboard alone, where every control is reached by Tab.

Neither knows what the pages are about.
"""

from pathlib import Path
from typing import Protocol

from playwright.sync_api import Locator, Page

MOST_TABS = 250
"""So many times Tab is pressed before a control counts as out of reach."""


class Hands(Protocol):
    """What a person does with controls."""

    page: Page

    def press(self, target: Locator) -> None:
        """Follow a link, press a button, open a detail."""

    def press_twice(self, target: Locator) -> None:
        """Press a button twice in a hurry."""

    def write(self, target: Locator, text: str) -> None:
        """Put a text in the place of what stands in a field."""

    def choose(self, target: Locator, value: str) -> None:
        """Choose an option of a list by its value."""

    def tick(self, target: Locator) -> None:
        """Tick a box or choose one of several."""

    def upload(self, target: Locator, file: Path) -> None:
        """Choose a file."""


class Mouse:
    """Everything by clicking."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        """Click."""
        target.click()

    def press_twice(self, target: Locator) -> None:
        """Double-click."""
        target.dblclick(no_wait_after=True)

    def write(self, target: Locator, text: str) -> None:
        """Click into the field, and write."""
        target.click(click_count=3)
        target.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(text)

    def choose(self, target: Locator, value: str) -> None:
        """Choose an option."""
        target.select_option(value)

    def tick(self, target: Locator) -> None:
        """Click the box."""
        target.check()

    def upload(self, target: Locator, file: Path) -> None:
        """Click, and choose in the dialogue."""
        with self.page.expect_file_chooser() as chooser:
            target.click()
        chooser.value.set_files(file)


class Keyboard:
    """Everything by keys."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        """Go there and press Enter."""
        self._reach(target)
        self.page.keyboard.press("Enter")

    def press_twice(self, target: Locator) -> None:
        """Go there and press Enter twice."""
        self._reach(target)
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("Enter")

    def write(self, target: Locator, text: str) -> None:
        """Go there and type."""
        self._reach(target)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def choose(self, target: Locator, value: str) -> None:
        """Go there and move down the list."""
        self._reach(target)
        self.page.keyboard.press("Home")
        for _ in range(target.locator("option").count()):
            if target.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        assert target.input_value() == value

    def tick(self, target: Locator) -> None:
        """Go to the box or its group; Space, or arrows to the one that is meant."""
        if target.is_checked():
            return
        if target.get_attribute("type") == "checkbox":
            self._reach(target)
            self.page.keyboard.press("Space")
        else:
            self._move_to(target)
        assert target.is_checked()

    def upload(self, target: Locator, file: Path) -> None:
        """Go there and open the dialogue."""
        self._reach(target)
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Space")
        chooser.value.set_files(file)

    def _move_to(self, radio: Locator) -> None:
        name = radio.get_attribute("name")
        group = self.page.locator(f'input[type="radio"][name="{name}"]:enabled')
        chosen = self.page.locator(f'input[type="radio"][name="{name}"]:checked')
        self._reach(chosen if chosen.count() else group.first)
        if not chosen.count():
            self.page.keyboard.press("Space")
        for _ in range(group.count()):
            if radio.is_checked():
                return
            self.page.keyboard.press("ArrowDown")

    def _reach(self, target: Locator) -> None:
        """Press Tab until the control has the focus. Raises AssertionError where it is out of reach."""
        for _ in range(MOST_TABS):
            if target.evaluate("control => control === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"not reached by Tab: {target}")
