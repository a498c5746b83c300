"""What a letter stands on comes from the law in force on its day."""

import datetime as dt

import pytest

from permits.letters import basis
from permits.letters.kinds import TITLES
from permits.rules import law

ON, REGION = dt.date(2026, 11, 25), "321200"


@pytest.mark.parametrize("kind", TITLES)
def test_every_kind_names_its_articles(kind: str) -> None:
    for article in basis.articles(law.load(), kind, on=ON, region=REGION):
        assert "行政许可法" in article.zh
        assert "Licensing Law" in article.en


def test_remedies_are_sixty_days_and_six_months() -> None:
    found = basis.remedies(law.load(), on=ON, region=REGION)
    assert (found.reconsideration_days, found.litigation_months) == (60, 6)
    assert found.reconsideration_body.zh == "泰州市人民政府"


def test_a_demonstration_never_uses_the_real_authority() -> None:
    shown = basis.office(law.load(), on=ON, region=REGION, demo=True)
    real = basis.office(law.load(), on=ON, region=REGION, demo=False)
    assert "示例" in shown.name.zh
    assert real.name.zh not in shown.name.zh
