"""Registration errors as use cases: proposed by one officer, confirmed or dropped by another, each on the record."""

import uuid
from collections.abc import Iterator
from typing import Any

import asyncpg
import msgspec

from permits import clock
from permits.accounts.audit import AUDIT, audit_row
from permits.accounts.model import Account
from permits.cases import bodies, holding
from permits.errors import BadInput, FieldError, Forbidden, NotFound
from permits.i18n import Text
from permits.office import Office
from permits.register import corrections, life
from permits.register.corrections import Proposed
from permits.register.model import Correction, RegisteredPermit, RegisterEntry
from permits.rules import credit_code, nationality

OFFICERS = frozenset({"clerk", "reviewer", "decider"})
"""Who proposes and confirms; never the same person."""
NAMES = ("surname", "given_names", "chinese_name")
NOTHING = Text("没有写什么改成什么，或和登记的一样。", "Nothing is stated that differs from the register.")


async def propose(
    tx: asyncpg.Connection, office: Office, account: Account, region: str, number: str, body: bodies.CorrectPermit
) -> Proposed:
    """Keep what is wrong in the register and what is right, for another person to confirm.

    Raises NotFound, Forbidden, BadInput naming every wrong field.
    """
    entry = await holding.look(tx, office, account, region, number)
    _officer(account, region)
    permit = holding.meant(entry, body.verification_code)
    facts = _different(entry, permit, body.facts)
    if errors := (*_nameless(entry, facts), *_problems(facts, region)):
        raise BadInput(errors=errors)
    at = clock.now()
    life.corrected(permit, _as_correction(region, permit, body, account))
    made = await corrections.propose(
        tx, office.keys, region, permit, facts, body.reasons, account.id, account.name, at
    )  # fmt: skip
    detail = {"fields": sorted(facts), "correction": str(made.id)}
    await AUDIT.run(tx, **audit_row(region, account.id, "propose-correction", subject=entry.number, detail=detail))
    return made


async def settle(
    tx: asyncpg.Connection, office: Office, account: Account, region: str, number: str, correction_id: uuid.UUID,
    *, confirmed: bool,
) -> None:  # fmt: skip
    """Confirm a correction, which writes it into the register, or drop it.

    Raises NotFound, Forbidden for the proposer and for who is no officer, Conflict where the permit changed since.
    """
    entry = await holding.look(tx, office, account, region, number)
    _officer(account, region)
    known = [one.id for permit in entry.permits for one in await waiting(tx, office, region, permit)]
    if correction_id not in known:
        raise NotFound(corrections.NOT_FOUND)
    await corrections.settle(
        tx, office.law, office.keys, region, correction_id, confirmed=confirmed,
        by=account.id, name=account.name, at=clock.now(),
    )  # fmt: skip
    action = "confirm-correction" if confirmed else "drop-correction"
    detail = {"correction": str(correction_id)}
    await AUDIT.run(tx, **audit_row(region, account.id, action, subject=entry.number, detail=detail))


async def waiting(tx: asyncpg.Connection, office: Office, region: str, permit: RegisteredPermit) -> list[Proposed]:
    """The corrections of a permit that wait for a second person."""
    return await corrections.waiting(tx, office.keys, region, permit.id)


def _officer(account: Account, region: str) -> None:
    if not account.has_any(OFFICERS, region):
        raise Forbidden(Text("登记差错由办件人员更正。", "The officers who deal with cases correct the register."))


def _different(entry: RegisterEntry, permit: RegisteredPermit, said: bodies.RightFacts) -> dict[str, Any]:
    """What was stated and is not so already."""
    told = {name: _tidy(value) for name in said.__struct_fields__ if (value := getattr(said, name)) is not None}
    held = {name: getattr(entry.names if name in NAMES else permit, name) for name in told}
    facts = {name: value for name, value in msgspec.to_builtins(told).items() if told[name] != held[name]}
    if not facts:
        raise BadInput(errors=[FieldError("/facts", NOTHING)])
    return facts


def _tidy(value: Any) -> Any:
    """A text without the spaces around it: of spaces alone nothing is left."""
    return value.strip() if isinstance(value, str) else value


def _nameless(entry: RegisterEntry, facts: dict[str, Any]) -> Iterator[FieldError]:
    names = msgspec.structs.asdict(entry.names) | facts
    if not (names["surname"] or names["given_names"]):
        yield FieldError(
            "/facts/surname", Text("姓和名至少留一项，照护照上写。", "Keep the surname, the given names or both.")
        )


def _problems(facts: dict[str, Any], region: str) -> Iterator[FieldError]:
    if code := facts.get("employer_code"):
        for problem in credit_code.credit_code(code).problems:
            yield FieldError("/facts/employer_code", problem.text)
    if (state := facts.get("nationality")) and (text := nationality.why_not(state)):
        yield FieldError("/facts/nationality", text)
    if (district := facts.get("district")) and district[:4] != region[:4]:
        yield FieldError("/facts/district", Text("这个区划不在本市。", "This district is not in this city."))


def _as_correction(region: str, permit: RegisteredPermit, body: bodies.CorrectPermit, by: Account) -> Correction:
    facts = {name: value for name in body.facts.__struct_fields__ if (value := getattr(body.facts, name)) is not None}
    said = {"reasons": body.reasons, "recorded": clock.now(), "proposer": by.name, "decider": ""}
    return Correction(region=region, permit_id=permit.id, facts=facts, **said)  # type: ignore[arg-type]
