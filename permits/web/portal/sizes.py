"""Sizes of files as people say them."""


def size_words(size: int | None) -> str:
    """1.2 MB, 340 kB; empty where it is not known."""
    if size is None:
        return ""
    return f"{round(size / 2**20, 1):g} MB" if size >= 2**20 else f"{max(size // 1024, 1)} kB"
