"""Plays the cases of the demonstration through the real use cases, each step at its own office time.

Letters and messages come of them as they always do, only at once: nothing is left for the worker to do.
"""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Iterator, Mapping

import asyncpg

from permits import clock
from permits.accounts.model import Account
from permits.cases import actions, bodies, documents, drafting, outbox, service
from permits.cases import store as cases
from permits.cases.model import Case
from permits.cases.outbox import Happening
from permits.cases.view import DocumentView
from permits.db.database import Database
from permits.decoding import convert
from permits.demo import applications
from permits.demo.counterparts import AT_ONCE, PLAYERS, Counterparts
from permits.demo.scripts import Step, Timed
from permits.files import service as files
from permits.files.storage import Storage
from permits.office import Office
from permits.settings import Settings
from permits.subscriptions import SUBSCRIBERS, SUBSCRIPTIONS

MOST = 100
"""Rows of the outbox read at a time; a step makes one or two."""


class Joined(Database):
    """One transaction that is open already: whoever would open another takes part in it."""

    def __init__(self, tx: asyncpg.Connection) -> None:
        super().__init__("")
        self._tx = tx

    @contextlib.asynccontextmanager
    async def transaction(self, region: str | None) -> AsyncIterator[asyncpg.Connection]:
        """A part of the one transaction; it is undone alone where it fails."""
        async with self._tx.transaction():
            yield self._tx


@contextlib.contextmanager
def office_time(at: dt.datetime) -> Iterator[None]:
    """The office's clock stands at an instant, and runs on from there, while the block runs."""
    before = clock.offset().total_seconds()
    clock.set_offset((at - clock.machine_now()).total_seconds())
    try:
        yield
    finally:
        clock.set_offset(before)


class Stage:
    """Where the cases are played: one transaction, the people, the agencies."""

    def __init__(
        self,
        tx: asyncpg.Connection,
        office: Office,
        storage: Storage,
        settings: Settings,
        people: Mapping[str, Account],
    ) -> None:
        self._tx, self._office, self._storage, self._settings, self._people = tx, office, storage, settings, people
        self._database = Joined(tx)
        self._region = settings.region
        self.agencies = Counterparts(self._database, office, settings)

    async def play(self, timed: Timed, nth: int) -> Case:
        """Play one case to its end; `nth` is its own number among all, which decides who it is about."""
        agent, number = self._people[timed.script.agent], ""
        for step in timed.steps:
            with office_time(step.at):
                if step.action in ("draft", "begin"):
                    number = await self._drafted(timed, nth, agent, whole=step.action == "draft")
                else:
                    await self._take(step, agent, number)
                follow_ups = await self._told(number)
            for agency, kind in follow_ups:
                with office_time(step.at + AT_ONCE[kind]):
                    await self.agencies.answer(agency, number, self._region, kind, {})
                    await self._told(number)
        return await self._case(number)

    async def _case(self, number: str) -> Case:
        case = await cases.lock(self._tx, self._office.keys, self._region, number)
        assert case is not None
        return case

    async def _drafted(self, timed: Timed, nth: int, agent: Account, *, whole: bool) -> str:
        write = applications.application if whole else applications.begun
        asked = write(timed.script, nth, clock.today())
        case = await drafting.begin(self._tx, self._office, agent, asked, self._region)
        wanted = [d for d in service.seen(case, agent, self._office, "zh").documents if d.status == "wanted"]
        for document in wanted if whole else ():
            await self._supply(case, agent, document)
        return case.row.number

    async def _supply(self, case: Case, agent: Account, document: DocumentView) -> None:
        """Commit where that is offered, else upload."""
        if document.commitment is None:
            await self._upload(case, agent, document)
            return
        text = document.commitment
        answers = {question.key: True for question in text.questions}
        signed = bodies.Commit(document.kind, text.text_version, answers, agent.name)
        place = (self._tx, self._office, agent, self._region, case.row.number)
        await documents.commit(*place, signed, lang="zh", address="127.0.0.1")

    async def _upload(self, case: Case, agent: Account, document: DocumentView) -> None:
        data, name = applications.upload(case, document.kind, document.title, document.accepts)
        rule = documents.rule_for(self._office, case, document.kind, "upload")
        upload = await files.take_in(self._storage, self._region, data, name, rule.accepts, rule.max_bytes)
        place = (self._tx, self._office, agent, self._region, case.row.number)
        await documents.attach(*place, document.kind, upload)

    async def _take(self, step: Step, agent: Account, number: str) -> None:
        place = (self._tx, self._office, agent, self._region, number)
        if step.who in PLAYERS:
            await self.agencies.answer(step.who, number, self._region, step.action, step.said)
        elif step.action == "submit":
            await service.submit(*place, key=None, request=b"", lang="zh")
        elif step.action == "upload":
            case = await self._case(number)
            seen = service.seen(case, agent, self._office, "zh").documents
            await self._upload(case, agent, next(d for d in seen if d.kind == step.said["kind"]))
        else:
            who = agent if step.who == "agent" else self._people[step.who]
            body = convert(step.said, actions.ACTIONS[step.action][0])
            await service.act(self._tx, self._office, who, self._region, number, step.action, body)

    async def _told(self, number: str) -> list[tuple[str, str]]:
        """Do at once what the worker would do of it; which agencies answer by themselves, and what."""
        while happened := await outbox.waiting(self._tx, self._region, MOST):
            for one in happened:
                await self._tell(one)
            await outbox.delete_exactly(self._tx, self._region, [one.event_id for one in happened])
        return await self.agencies.take(self._tx, await self._case(number))

    async def _tell(self, happened: Happening) -> None:
        for name in SUBSCRIPTIONS.get(happened.kind, ()):
            await SUBSCRIBERS[name](self._database, self._office, self._settings, happened)
