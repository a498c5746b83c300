"""Passwords are argon2id, and nothing tells an unknown account from a wrong password."""

import unicodedata

import argon2
import pytest

from permits.accounts import passwords


@pytest.fixture(autouse=True)
def quick_passwords() -> None:
    """None here: hashes are as dear as the service makes them."""


async def test_a_hash_is_as_dear_as_advised() -> None:
    assert (await passwords.make_hash("long enough")).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_password_fits_its_own_hash_only() -> None:
    stored = await passwords.make_hash("泰州 one window")
    assert stored.startswith("$argon2id$")
    assert await passwords.is_right(stored, "泰州 one window")
    assert not await passwords.is_right(stored, "泰州 one windoW")


async def test_without_an_account_even_the_stand_in_password_is_wrong() -> None:
    assert not await passwords.is_right(None, "the password of an account that does not exist")


async def test_the_same_letters_typed_on_another_keyboard_fit() -> None:
    stored = await passwords.make_hash(unicodedata.normalize("NFD", "Müller-Straße"))
    assert await passwords.is_right(stored, unicodedata.normalize("NFC", "Müller-Straße"))


async def test_an_endless_password_and_half_a_letter_are_just_wrong() -> None:
    stored = await passwords.make_hash("long enough")
    assert not await passwords.is_right(stored, "x" * 1_000_000)
    assert not await passwords.is_right(stored, "\ud800 half a letter")


async def test_a_hash_of_older_parameters_is_known_as_outdated() -> None:
    old = argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("long enough")
    assert passwords.is_outdated(old)
    assert not passwords.is_outdated(await passwords.make_hash("long enough"))
