"""Some sixty invented employers over the six districts, with credit codes that are well formed and nobody's.

Pure: the list is the same each time.
"""

import random
from collections.abc import Iterator
from functools import cache

import msgspec

from permits.rules.credit_code import ORGANISATION_WEIGHTS
from permits.rules.identifiers import check_character


class Firm(msgspec.Struct, frozen=True):
    """One invented employer."""

    credit_code: str
    name: str
    industry: str
    """Letter of GB/T 4754."""
    district: str
    """GB/T 2260 code."""


DISTRICTS = {
    "321202": ("海陵", 16, 112), "321203": ("高港", 11, 71), "321204": ("姜堰", 6, 31),
    "321281": ("兴化", 5, 22), "321282": ("靖江", 13, 86), "321283": ("泰兴", 9, 58),
}  # fmt: skip
"""By code: name, how many of the employers, and how many of some 380 foreigners work there."""

KINDS = (
    ("C", "生物医药有限公司"), ("C", "精密模具有限公司"), ("I", "信息技术有限公司"), ("P", "国际学校"),
    ("C", "船舶重工有限公司"), ("C", "新能源材料有限公司"), ("M", "研究院"), ("C", "汽车部件有限公司"),
    ("F", "外贸有限公司"), ("C", "精细化工有限公司"), ("C", "医疗器械有限公司"), ("P", "外语培训中心"),
    ("C", "电机制造有限公司"), ("H", "大酒店有限公司"), ("C", "纺织有限公司"), ("G", "国际物流有限公司"),
    ("C", "水产食品有限公司"), ("L", "商务咨询有限公司"), ("Q", "医院"), ("E", "工程建设有限公司"),
    ("R", "体育文化有限公司"), ("A", "现代农业有限公司"),
)  # fmt: skip
"""Industry and the end of the name, the most usual first."""

SIZES = (14, 9, 6, 5, 4, 3, 2, 2)
"""How many foreigners the first, second … employer of a district has to those of the others; further ones have 1."""


def credit_code(district: str, serial: int) -> str:
    """A well-formed code (GB 32100-2015) of nobody: such low organisation numbers were never given out."""
    organisation = f"{serial:08d}"
    total = sum(int(digit) * weight for digit, weight in zip(organisation, ORGANISATION_WEIGHTS, strict=True))
    own = (11 - total % 11) % 11
    body = f"91{district}{organisation}{'X' if own == 10 else own}"
    return body + check_character(body)


@cache
def firms() -> tuple[Firm, ...]:
    """All employers."""
    return tuple(_firms())


def _firms() -> Iterator[Firm]:
    serial = 100
    for shift, (district, (place, count, _)) in enumerate(DISTRICTS.items()):
        for nth in range(count):
            industry, ending = KINDS[(nth + 2 * shift) % len(KINDS)]
            again = "二" if nth >= len(KINDS) else ""
            serial += 1
            yield Firm(credit_code(district, serial), f"{place}示例{again}{ending}", industry, district)


@cache
def _weights() -> tuple[float, ...]:
    return tuple(_weight(firm) for firm in firms())


def _weight(firm: Firm) -> float:
    """The employer's share of its district's share."""
    mine = [one for one in firms() if one.district == firm.district]
    sizes = [SIZES[nth] if nth < len(SIZES) else 1 for nth in range(len(mine))]
    return DISTRICTS[firm.district][2] * sizes[mine.index(firm)] / sum(sizes)


def choose(r: random.Random, industries: str = "") -> Firm:
    """An employer, the larger ones more often; of one of these industries, where any are named."""
    fitting = [firm for firm in firms() if not industries or firm.industry in industries]
    weights = dict(zip(firms(), _weights(), strict=True))
    return r.choices(fitting, [weights[firm] for firm in fitting])[0]
