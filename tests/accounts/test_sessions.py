"""Sessions: found in one statement, ended by time or by hand; tokens beside them."""

import datetime as dt

import pytest

from permits import clock
from permits.accounts import service, store
from permits.accounts.model import Account, Session
from permits.db.database import Database
from permits.errors import BadInput, NotFound
from tests.accounts.people import ADDRESS, REGION, actions, enter, someone


async def found(database: Database, digest: bytes, after_minutes: float = 0) -> Session | None:
    async with database.transaction(None) as tx:
        return await store.session_of(tx, digest, clock.machine_now() + dt.timedelta(minutes=after_minutes))


async def owner(database: Database, token: str, after_days: float = 0) -> Account | None:
    now = clock.machine_now() + dt.timedelta(days=after_days)
    async with database.transaction(None) as tx:
        return await store.token_of(tx, service.digest_of(token), now)


async def test_the_cookies_secret_finds_the_session_with_the_persons_roles(database: Database) -> None:
    wang = await someone(database, "wang@demo.example", "reviewer", "decider")
    visit = await enter(database)
    session = await found(database, service.digest_of(visit.secret))
    assert session == visit.session
    assert session.account == wang
    assert session.account.has("decider", REGION)
    assert await found(database, service.digest_of(visit.secret + "x")) is None


async def test_a_person_without_any_role_is_signed_in_and_may_nothing(database: Database) -> None:
    wang = await someone(database)
    await service.revoke_role(database, wang, "clerk", REGION)
    visit = await enter(database)
    assert visit.session.account.roles == ()


async def test_a_session_ends_after_half_an_hour_without_a_click(database: Database) -> None:
    await someone(database)
    digest = (await enter(database)).session.digest
    assert await found(database, digest, 31) is None
    assert await found(database, digest, 29)
    assert await found(database, digest, 58)
    assert await found(database, digest, 89) is None


async def test_a_session_ends_after_a_working_day_whatever_happens(database: Database) -> None:
    await someone(database)
    digest = (await enter(database)).session.digest
    for minutes in range(25, 12 * 60, 25):
        assert await found(database, digest, minutes)
    assert await found(database, digest, 12 * 60 + 1) is None


async def test_signing_out_ends_this_session_only(database: Database) -> None:
    await someone(database)
    here, there = await enter(database), await enter(database)
    await service.sign_out(database, here.session)
    assert await found(database, here.session.digest) is None
    assert await found(database, there.session.digest)


async def test_signing_out_everywhere_ends_all_sessions(database: Database) -> None:
    wang = await someone(database)
    visits = [await enter(database) for _ in range(3)]
    assert await service.sign_out_everywhere(database, wang) == 3
    assert [await found(database, visit.session.digest) for visit in visits] == [None] * 3


async def test_the_list_of_sessions_shows_where_one_is_signed_in(database: Database) -> None:
    wang = await someone(database)
    await enter(database)
    visit = await enter(database)
    async with database.transaction(None) as tx:
        lines = await store.sessions_of(tx, wang.id, clock.machine_now())
    assert [line.address for line in lines] == [ADDRESS] * 2
    await service.end_session(database, wang, visit.session.digest)
    assert await found(database, visit.session.digest) is None


async def test_nobody_ends_another_persons_session(database: Database) -> None:
    await someone(database)
    li = await someone(database, "li@demo.example")
    visit = await enter(database)
    with pytest.raises(NotFound):
        await service.end_session(database, li, visit.session.digest)
    assert await found(database, visit.session.digest)


async def test_a_role_taken_away_is_gone_at_the_next_click(database: Database) -> None:
    wang = await someone(database, "wang@demo.example", "clerk", "manager")
    visit = await enter(database)
    await service.revoke_role(database, wang, "manager", REGION)
    session = await found(database, visit.session.digest)
    assert session
    assert not session.account.has("manager", REGION)


async def test_an_ended_sessions_form_still_says_whose_it_was_for_a_day(database: Database) -> None:
    wang = await someone(database)
    visit = await enter(database)
    await service.sign_out(database, visit.session)
    async with database.transaction(None) as tx:
        now = clock.machine_now()
        assert await store.owner_of_form(tx, visit.session.csrf, now) == wang
        assert await store.owner_of_form(tx, visit.session.csrf, now + dt.timedelta(hours=37)) is None
        assert await store.owner_of_form(tx, "forged", now) is None


async def test_a_token_acts_for_its_owner_until_its_day(database: Database) -> None:
    wang = await someone(database)
    token = await service.create_token(database, wang, "import", days=30)
    assert token.startswith("permits_")
    assert await owner(database, token) == wang
    assert await owner(database, token, after_days=31) is None
    assert await owner(database, token + "x") is None


async def test_a_new_token_of_the_same_label_replaces_the_old_one(database: Database) -> None:
    wang = await someone(database)
    old = await service.create_token(database, wang, "import", days=30)
    new = await service.create_token(database, wang, "import", days=30)
    assert await owner(database, old) is None
    assert await owner(database, new) == wang


async def test_a_revoked_token_is_worth_nothing(database: Database) -> None:
    wang = await someone(database)
    token = await service.create_token(database, wang, "import", days=30)
    await service.revoke_token(database, wang, "import")
    assert await owner(database, token) is None
    with pytest.raises(NotFound):
        await service.revoke_token(database, wang, "import")
    assert await actions(database) == ["account-created", "token-created", "token-revoked"]


async def test_a_token_needs_a_label_and_an_end(database: Database) -> None:
    wang = await someone(database)
    for label, days in (("", 1), ("x" * 61, 1), ("a\x00", 1), ("import", 0), ("import", 367)):
        with pytest.raises(BadInput):
            await service.create_token(database, wang, label, days)


async def test_a_closed_accounts_session_and_token_end(database: Database) -> None:
    wang = await someone(database)
    visit, token = await enter(database), await service.create_token(database, wang, "import", days=30)
    await service.close_account(database, wang)
    assert await found(database, visit.session.digest) is None
    assert await owner(database, token) is None


async def test_forgetting_deletes_what_ended_and_keeps_what_lives(database: Database) -> None:
    wang = await someone(database)
    gone, here = await enter(database), await enter(database)
    async with database.transaction(None) as tx:
        sql = "UPDATE session SET expires_at = expires_at - interval '3 days' WHERE digest = $1"
        await tx.execute(sql, gone.session.digest)
    await service.forget_expired(database)
    async with database.transaction(None) as tx:
        assert await store.owner_of_form(tx, gone.session.csrf, clock.machine_now() - dt.timedelta(days=9)) is None
        assert await store.owner_of_form(tx, here.session.csrf, clock.machine_now()) == wang
