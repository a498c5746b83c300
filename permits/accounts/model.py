"""What an account, a session and a token are. Pure: no clock, no database, no HTTP."""

import datetime as dt
import re
import uuid

import msgspec

ROLES = (
    "employer",
    "beneficiary",
    "clerk",
    "reviewer",
    "decider",
    "legal",
    "inspector",
    "manager",
    "admin",
    "integrator",
)
"""Every role a person may hold in a city; domain.md §1 says who they are."""

STAFF = frozenset({"clerk", "reviewer", "decider", "legal", "inspector", "manager", "admin"})
"""The roles of the office's own people."""

_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f\ud800-\udfff]{1,64}@[^\s@\x00-\x1f\x7f\ud800-\udfff]{1,189}\Z")


class RoleGrant(msgspec.Struct, frozen=True):
    """One role in one city."""

    role: str
    region: str


class Account(msgspec.Struct, frozen=True):
    """A person who can sign in, or a program that acts under a name."""

    id: uuid.UUID
    email: str
    """In small letters: the name one signs in by."""
    name: str
    """As colleagues and letters call the person."""
    locale: str
    """The language the person is written to in: "zh" or "en"."""
    roles: tuple[RoleGrant, ...] = ()
    certificate: str | None = None
    """Number of the valid law-enforcement certificate (行政执法证), without which nobody decides."""

    def has(self, role: str, region: str) -> bool:
        """Whether the person holds this role in this city."""
        return RoleGrant(role, region) in self.roles

    def has_any(self, roles: frozenset[str], region: str) -> bool:
        """Whether the person holds at least one of these roles in this city."""
        return any(grant.region == region and grant.role in roles for grant in self.roles)

    def is_staff(self, region: str) -> bool:
        """Whether the person works for the office of this city."""
        return self.has_any(STAFF, region)

    @property
    def regions(self) -> tuple[str, ...]:
        """The cities in which the person holds a role, each once."""
        return tuple(dict.fromkeys(grant.region for grant in self.roles))


class Session(msgspec.Struct, frozen=True):
    """A signed-in visit of a browser; its secret is known to that browser alone."""

    digest: bytes
    """SHA-256 of the secret in the cookie."""
    account: Account
    csrf: str
    """What every form of this session carries, so that no other site can post in its name."""
    created_at: dt.datetime
    """Machine time, as all instants here."""
    expires_at: dt.datetime
    """When it ends whatever happens."""


class SessionLine(msgspec.Struct, frozen=True):
    """One line of "where you are signed in"."""

    digest: bytes
    created_at: dt.datetime
    seen_at: dt.datetime
    """The last click, to the minute."""
    address: str
    agent: str
    """What the browser calls itself."""


class SignedIn(msgspec.Struct, frozen=True):
    """A new session and its secret, which is given out once and never stored."""

    secret: str
    session: Session


def normal_email(email: str) -> str | None:
    """The address in small letters without spaces around it, or None where it is none."""
    plain = email.strip().lower()
    return plain if _EMAIL.match(plain) else None
