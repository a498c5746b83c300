"""Making accounts, giving roles, and the record of both."""

import uuid

import asyncpg
import pytest
from sqlalchemy import bindparam, literal, select

from permits.accounts import service
from permits.accounts.audit import AUDIT, audit_look, audit_row, look_row
from permits.accounts.tables import account
from permits.db.database import Database
from permits.db.statements import statement
from permits.errors import BadInput, Conflict, NotFound
from tests.accounts.people import PASSWORD, REGION, actions, someone


async def test_an_email_has_one_account_however_it_is_written(database: Database) -> None:
    await someone(database, "wang@demo.example")
    with pytest.raises(Conflict) as said:
        await someone(database, "WANG@demo.example")
    assert said.value.type == "email-taken"


async def test_every_wrong_field_of_a_new_account_is_named_at_once(database: Database) -> None:
    with pytest.raises(BadInput) as said:
        await service.create_account(database, "wang", "", "short", ("mayor",), REGION, "fr")
    assert {e.pointer for e in said.value.errors} == {"/email", "/name", "/password", "/roles", "/locale"}
    assert "mayor" not in str([e.text for e in said.value.errors])


async def test_a_person_can_hold_roles_in_two_cities(database: Database) -> None:
    wang = await someone(database, "wang@demo.example", "clerk")
    await service.grant_role(database, wang, "reviewer", "320500")
    await service.grant_role(database, wang, "reviewer", "320500")
    again = await service.account_of(database, "Wang@demo.example")
    assert again.has("reviewer", "320500")
    assert not again.has("clerk", "320500")
    assert set(again.regions) == {"320500", "321200"}


async def test_an_unknown_role_or_account_is_said(database: Database) -> None:
    wang = await someone(database)
    with pytest.raises(BadInput):
        await service.grant_role(database, wang, "mayor", REGION)
    with pytest.raises(NotFound):
        await service.revoke_role(database, wang, "manager", REGION)
    with pytest.raises(NotFound):
        await service.account_of(database, "nobody@demo.example")
    with pytest.raises(BadInput):
        await service.set_password(database, wang, "short")


async def test_a_deciders_certificate_comes_back_with_the_account(database: Database) -> None:
    await service.create_account(
        database, "zhao@demo.example", "赵敏（虚构）", PASSWORD, ("decider",), REGION, "zh", "苏执法-样本-001"
    )
    assert (await service.account_of(database, "zhao@demo.example")).certificate == "苏执法-样本-001"


async def test_a_look_at_personal_data_is_recorded_in_the_statement_that_reads_it(database: Database) -> None:
    wang = await someone(database)
    found = select(account.c.id, account.c.name).where(account.c.email == bindparam("email")).cte("found")
    looked = audit_look(found.c.id).cte("looked")
    read = statement(select(found.c.name, literal(1)).add_cte(looked))
    for email in ("wang@demo.example", "nobody@demo.example"):
        async with database.transaction(REGION) as tx:
            await read.one(tx, email=email, **look_row(REGION, wang.id, "case-seen", subject="3212-26-000001-Q"))
    async with database.transaction(REGION) as tx:
        rows = await tx.fetch("SELECT * FROM audit WHERE region = $1 AND action = 'case-seen'", REGION)
    assert [(row["case_id"], row["account_id"], row["subject"]) for row in rows] == [
        (wang.id, wang.id, "3212-26-000001-Q")
    ]


async def test_an_act_that_fails_leaves_no_entry(database: Database) -> None:
    async def act() -> None:
        async with database.transaction(REGION) as tx:
            await AUDIT.run(tx, **audit_row(REGION, None, "something", case_id=uuid.uuid4()))
            await tx.execute("SELECT 1 / 0")

    with pytest.raises(asyncpg.PostgresError):
        await act()
    assert await actions(database) == []


async def test_the_detail_of_an_entry_is_kept_as_it_was_given(database: Database) -> None:
    async with database.transaction(REGION) as tx:
        await AUDIT.run(tx, **audit_row(REGION, None, "exported", detail={"rows": 380, "by": ["category"]}))
    async with database.transaction(REGION) as tx:
        assert await tx.fetchval("SELECT detail FROM audit WHERE region = $1", REGION) == {
            "rows": 380,
            "by": ["category"],
        }
