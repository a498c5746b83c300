"""What an account may do, and what counts as an e-mail address."""

import uuid

import pytest

from permits.accounts.model import Account, RoleGrant, normal_email


def test_a_role_holds_only_in_its_city() -> None:
    wang = Account(uuid.uuid4(), "wang@demo.example", "王芳", "zh", (RoleGrant("clerk", "321200"),))
    assert wang.has("clerk", "321200")
    assert not wang.has("clerk", "320500")
    assert not wang.has("decider", "321200")
    assert wang.is_staff("321200")
    assert not wang.is_staff("320500")


def test_an_agent_is_not_staff() -> None:
    chen = Account(uuid.uuid4(), "chen@demo.example", "陈立", "zh", (RoleGrant("employer", "321200"),))
    assert not chen.is_staff("321200")
    assert chen.regions == ("321200",)


def test_capitals_and_spaces_around_do_not_matter_in_an_email() -> None:
    assert normal_email("  Wang.Fang@Demo.Example ") == "wang.fang@demo.example"


@pytest.mark.parametrize(
    "value", ["", "wang", "@demo.example", "a b@demo.example", "a\x00@b.c", "a\ud800@b.c", "a@" + "b" * 200]
)
def test_what_is_no_address_is_told_apart(value: str) -> None:
    assert normal_email(value) is None
