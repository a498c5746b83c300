"""Reads the shape of a page: is it whole, and does it keep to the policy of no inline style or script."""

from html.parser import HTMLParser


class Shape(HTMLParser):
    """Which elements stay open, which ids occur twice, which attributes a strict policy refuses."""

    VOID = frozenset({"meta", "link", "input", "br", "img", "hr", "wbr"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.refused: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open += [tag] if tag not in self.VOID else []
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.refused += [name for name, _ in attrs if name == "style" or name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def shape(html: str) -> Shape:
    """The shape of a page; an element closed in the wrong order is an AssertionError."""
    read = Shape()
    read.feed(html)
    return read


class Parts(HTMLParser):
    """The elements and words of a piece of HTML, whatever its spaces and the order of its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, sorted((name, " ".join((value or "").split())) for name, value in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.found += [" ".join(data.split())] if data.strip() else []


def parts_of(html: str) -> list[object]:
    """What two pieces of HTML are compared by."""
    read = Parts()
    read.feed(html)
    return read.found
