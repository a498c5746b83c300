"""What one question counts more than another, as areas of the ledger: what both read alike is not read at all. Pure."""

from collections.abc import Iterable

from msgspec.structs import replace

from permits.register.figures import BEGIN, Area, Cover


def difference(one: Cover, other: Cover) -> Cover:
    """What a question counts more than another."""
    return Cover(*(tuple(_left(name, getattr(one, name), getattr(other, name))) for name in Cover.__struct_fields__))


def _left(kind: str, areas: Iterable[Area], others: Iterable[Area]) -> list[Area]:
    """Areas less others; of two that begin together only the days between their ends are left.

    Of the ledger's own rows those from the beginning of time on are asked for without that bound: they stay whole.
    """
    rest, left = list(others), list[Area]()
    for area in areas:
        splits = kind == "summed" or area.effective_from != BEGIN
        other = next((one for one in rest if one == area or (splits and _beginning(one) == _beginning(area))), None)
        if other is not None:
            rest.remove(other)
        left += [area] if other is None else _between(other, area)
    return left + [replace(area, sign=-area.sign) for area in rest]


def _beginning(area: Area) -> Area:
    return replace(area, effective_to=BEGIN)


def _between(other: Area, area: Area) -> list[Area]:
    start, end = other.effective_to, area.effective_to
    if start == end:
        return []
    if start < end:
        return [replace(area, effective_from=start)]
    return [replace(area, effective_from=end, effective_to=start, sign=-area.sign)]
