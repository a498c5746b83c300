"""The catalogue of grounds for not accepting an application and for ending a procedure."""

from datetime import date

from permits.i18n import Text
from permits.rules.grounds import RefusalGround, grounds, title_of
from permits.rules.law import load

TODAY, CITY = date(2026, 11, 26), "321200"


def test_both_actions_offer_grounds_and_no_key_stands_for_two() -> None:
    offered = [ground for action in ("not-accept", "terminate") for ground in grounds(load(), action, TODAY, CITY)]
    assert {ground.action for ground in offered} == {"not-accept", "terminate"}
    assert len({ground.key for ground in offered}) == len(offered)


def test_every_ground_fits_the_interface_and_names_its_source() -> None:
    for ground in load().every(RefusalGround):
        assert len(ground.key) <= 60
        assert ground.source


def test_a_ground_of_another_day_or_caller_is_named_by_its_key() -> None:
    law = load()
    assert title_of(law, "false-documents", TODAY, CITY).zh == "隐瞒有关情况或者提供虚假材料"
    assert title_of(law, "false-commitment", date(2019, 1, 1), CITY) == Text("false-commitment", "false-commitment")
