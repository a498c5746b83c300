"""Signing in, being wrong, and the lock-out."""

import asyncio
import datetime as dt

import argon2
import pytest

from permits import clock
from permits.accounts import service, store, throttle
from permits.db.database import Database
from permits.errors import NotSignedIn, TooMany
from tests.accounts.people import ADDRESS, PASSWORD, actions, enter, someone


async def fail(database: Database, times: int, email: str = "wang@demo.example") -> None:
    for _ in range(times):
        with pytest.raises((NotSignedIn, TooMany)):
            await enter(database, email, "not the password")


async def later(database: Database, minutes: float) -> None:
    """Let the counted time pass, by moving what is written about it into the past."""
    async with database.transaction(None) as tx:
        gone = dt.timedelta(minutes=minutes)
        await tx.execute(
            "UPDATE throttle SET since = since - $1::interval, locked_until = locked_until - $1::interval", gone
        )


async def test_the_email_is_read_without_regard_to_capitals(database: Database) -> None:
    wang = await someone(database, "Wang@Demo.Example")
    visit = await enter(database, " wANG@demo.example ")
    assert visit.session.account == wang
    assert await actions(database) == ["account-created", "signed-in"]


async def test_a_wrong_password_says_how_many_tries_are_left(database: Database) -> None:
    await someone(database)
    with pytest.raises(NotSignedIn) as said:
        await enter(database, password="not the password")
    assert said.value.type == "wrong-password"
    assert said.value.extra == {"left": 4}
    assert "还可以试 4 次" in said.value.detail.zh
    assert await actions(database) == ["account-created", "sign-in-refused"]


async def test_an_unknown_email_is_told_the_same_as_a_wrong_password(database: Database) -> None:
    await someone(database)
    with pytest.raises(NotSignedIn) as wrong:
        await enter(database, password="not the password")
    with pytest.raises(NotSignedIn) as unknown:
        await enter(database, "nobody@demo.example")
    assert unknown.value.detail == wrong.value.detail


async def test_an_unknown_email_is_locked_out_like_a_known_one(database: Database) -> None:
    await fail(database, throttle.ACCOUNT_TRIES, "nobody@demo.example")
    with pytest.raises(TooMany):
        await enter(database, "nobody@demo.example")


async def test_a_nul_in_the_email_is_just_wrong(database: Database) -> None:
    with pytest.raises(NotSignedIn):
        await enter(database, "wang\x00@demo.example")


async def test_five_wrong_passwords_lock_the_account_and_say_until_when_and_what_to_do(database: Database) -> None:
    await someone(database)
    await fail(database, throttle.ACCOUNT_TRIES - 1)
    with pytest.raises(TooMany) as said:
        await enter(database, password="not the password")
    until = dt.datetime.fromisoformat(str(said.value.extra["until"]))
    assert until > clock.machine_now()
    assert f"{until.astimezone(clock.CITY):%H:%M}" in said.value.detail.zh
    assert "重设" in said.value.detail.zh
    assert "window" in said.value.detail.en
    with pytest.raises(TooMany):
        await enter(database)


async def test_the_lock_out_ends_and_the_count_begins_anew(database: Database) -> None:
    await someone(database)
    await fail(database, throttle.ACCOUNT_TRIES)
    await later(database, 5.1)
    with pytest.raises(NotSignedIn) as said:
        await enter(database, password="not the password")
    assert said.value.extra == {"left": 4}
    assert await enter(database)


async def test_an_attempt_during_the_lock_out_does_not_make_it_longer(database: Database) -> None:
    await someone(database)
    await fail(database, throttle.ACCOUNT_TRIES)
    await later(database, 4)
    with pytest.raises(TooMany) as said:
        await enter(database, password="not the password")
    until = dt.datetime.fromisoformat(str(said.value.extra["until"]))
    assert until - clock.machine_now() < dt.timedelta(minutes=1)
    await later(database, 1)
    assert await enter(database)


async def test_a_lock_out_does_not_touch_other_accounts(database: Database) -> None:
    await someone(database)
    await someone(database, "li@demo.example")
    await fail(database, throttle.ACCOUNT_TRIES + 3)
    assert await enter(database, "li@demo.example")


async def test_a_right_password_forgets_the_wrong_ones_before(database: Database) -> None:
    await someone(database)
    await fail(database, 3)
    await enter(database)
    with pytest.raises(NotSignedIn) as said:
        await enter(database, password="not the password")
    assert said.value.extra == {"left": 4}


async def test_many_wrong_attempts_at_once_get_no_more_tries_than_one_after_the_other(database: Database) -> None:
    await someone(database)
    tries = [enter(database, password="not the password") for _ in range(throttle.ACCOUNT_TRIES + 7)]
    said = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, NotSignedIn) for one in said) == throttle.ACCOUNT_TRIES - 1
    assert sum(isinstance(one, TooMany) for one in said) == 8


async def test_an_address_that_tries_many_accounts_rests_too(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "ADDRESS_TRIES", 3)
    await someone(database)
    for n in range(3):
        await fail(database, 1, f"guess{n}@demo.example")
    with pytest.raises(TooMany):
        await enter(database)
    assert await service.sign_in(database, "wang@demo.example", PASSWORD, "2001:db8::1")


async def test_signing_in_rightly_never_uses_up_the_address(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "ADDRESS_TRIES", 2)
    await someone(database)
    for _ in range(4):
        await enter(database)
    assert await enter(database)


def test_a_whole_ipv6_network_counts_as_one_address() -> None:
    assert throttle.address_key("2001:db8:1:2::1") == throttle.address_key("2001:db8:1:2:ffff::9")
    assert throttle.address_key("2001:db8:1:2::1") != throttle.address_key("2001:db8:1:3::1")
    assert throttle.address_key("no address") == throttle.address_key("")


async def test_a_new_password_from_the_office_ends_the_lock_out_and_every_session(database: Database) -> None:
    wang = await someone(database)
    await enter(database)
    await fail(database, throttle.ACCOUNT_TRIES)
    await service.set_password(database, wang, "another long password")
    async with database.transaction(None) as tx:
        assert await store.sessions_of(tx, wang.id, clock.machine_now()) == []
    assert await enter(database, password="another long password")


async def test_a_hash_of_older_parameters_is_made_anew_at_sign_in(database: Database) -> None:
    wang = await someone(database)
    old = argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    async with database.transaction(None) as tx:
        await store.SET_PASSWORD.run(tx, account_id=wang.id, new_password=old)
    await enter(database)
    async with database.transaction(None) as tx:
        found = await store.by_email(tx, wang.email)
    assert found
    assert found[1] != old
    assert await enter(database)


async def test_the_database_holds_no_password_secret_or_address_of_a_failure(database: Database) -> None:
    await someone(database)
    visit = await enter(database)
    await fail(database, 1)
    async with database.transaction("321200") as tx:
        rows = [await tx.fetch(f"SELECT t::text AS row FROM {name} t") for name in ("account", "throttle", "audit")]
        kept = await tx.fetchval("SELECT string_agg(t::text, '') FROM session t")
    text = str(rows)
    assert PASSWORD not in text
    assert ADDRESS not in text
    assert visit.secret not in text + kept


async def test_a_closed_account_cannot_sign_in(database: Database) -> None:
    wang = await someone(database)
    await service.close_account(database, wang)
    await fail(database, 1)
