"""Who can sign in to the demonstration: invented people of each role, each with a password that is no secret.

Accounts are made once; every start gives each of them a new token.
"""

from collections.abc import Sequence

import msgspec

from permits.accounts import service
from permits.accounts.model import Account as Person
from permits.db.database import Database
from permits.demo.ready import Account
from permits.errors import NotFound

TOKEN_LABEL = "demonstration"  # noqa: S105 -- a label
TOKEN_DAYS = 90
"""How long a token is good, in days of machine time; the next start makes a new one."""


class Member(msgspec.Struct, frozen=True):
    """One invented person who can sign in."""

    key: str
    """What stands before the @ of the e-mail, and what the demonstration's cases call the person."""
    name: str
    roles: tuple[str, ...]
    certificate: str | None = None
    """Number of an invented law-enforcement certificate."""

    @property
    def email(self) -> str:
        """By which one signs in; `.example` belongs to nobody (RFC 2606)."""
        return f"{self.key}@taizhou.example"

    @property
    def password(self) -> str:
        """The same at each start, of this demonstration only."""
        return f"Demo-{self.key}-2024"


MEMBERS = (
    Member("employer1", "陆经办（虚构）", ("employer",)),
    Member("employer2", "何经办（虚构）", ("employer",)),
    Member("beneficiary1", "MUSTER Lena（虚构）", ("beneficiary",)),
    Member("clerk1", "周晓（虚构）", ("clerk",)),
    Member("clerk2", "钱窗（虚构）", ("clerk",)),
    Member("reviewer1", "沈审（虚构）", ("reviewer",)),
    Member("decider1", "顾决（虚构）", ("decider",), "示例执法证 321200-0001（虚构）"),
    Member("both1", "秦双（虚构）", ("reviewer", "decider"), "示例执法证 321200-0002（虚构）"),
    Member("legal1", "方法（虚构）", ("legal",)),
    Member("legal2", "严法（虚构）", ("legal",)),
    Member("inspector1", "尤查（虚构）", ("inspector",)),
    Member("inspector2", "金查（虚构）", ("inspector",)),
    Member("manager1", "沈岚（虚构）", ("manager",)),
    Member("manager2", "孔管（虚构）", ("manager",)),
    Member("admin1", "吕系（虚构）", ("admin",)),
    Member("admin2", "施系（虚构）", ("admin",)),
    Member("integrator1", "数据接口甲（虚构）", ("integrator",)),
    Member("integrator2", "数据接口乙（虚构）", ("integrator",)),
)
"""Two people of each role of the office; one is both reviewer and decider, and may not decide what they recommended."""


async def ensure(database: Database, region: str) -> dict[str, Person]:
    """Everybody's account by key, made where it is missing."""
    return {member.key: await _account(database, member, region) for member in MEMBERS}


async def _account(database: Database, member: Member, region: str) -> Person:
    try:
        return await service.account_of(database, member.email)
    except NotFound:
        return await service.create_account(
            database,
            member.email,
            member.name,
            member.password,
            member.roles,
            region,
            certificate=member.certificate,
        )


async def listed(database: Database, people: dict[str, Person]) -> Sequence[Account]:
    """Everybody as the ready file names them, once for each role, each with a new token."""
    tokens = {
        key: await service.create_token(database, person, TOKEN_LABEL, TOKEN_DAYS) for key, person in people.items()
    }
    return [
        Account(role, member.email, member.password, tokens[member.key]) for member in MEMBERS for role in member.roles
    ]
