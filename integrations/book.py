"""The book of a simulated agency: one SQLite file with its cases, its messages both ways, and its planned answers.

Every write is committed to the disk before anybody is told of it. The book decides nothing and sends nothing.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from integrations.entries import LOOSE, SCHEMA, Entry, Planned
from integrations.faults import NO_FAULTS, READER, Faults
from integrations.player import CaseNow

NEW_STATE = "new"  # of a case of which nothing could be applied yet


COLUMNS = Entry.__struct_fields__
FIND = f"SELECT {', '.join(COLUMNS)} FROM messages WHERE "  # noqa: S608 - our own column names
ADD = f"INSERT INTO messages ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608


class Book:
    """One open book. Use it from one thread; `with book.writing():` is one transaction."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, timeout=10)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(SCHEMA)
        if "loose" not in {row["name"] for row in self._db.execute("PRAGMA table_info(messages)")}:
            self._db.execute(LOOSE)

    def close(self) -> None:
        """Ends the connection."""
        self._db.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All or nothing; on the disk when the block has ended."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # Cases

    def case(self, number: str) -> CaseNow | None:
        """A case as it stands, None where the book has none of that number."""
        row = self._db.execute("SELECT * FROM cases WHERE number = ?", (number,)).fetchone()
        return row and self._case(row)

    def page(self, after: int, limit: int) -> list[CaseNow]:
        """Cases in the order in which they came, from behind serial `after`."""
        rows = self._db.execute("SELECT * FROM cases WHERE serial > ? ORDER BY serial LIMIT ?", (after, limit))
        return [self._case(row) for row in rows.fetchall()]

    def latest(self, limit: int) -> list[CaseNow]:
        """The newest cases, newest first."""
        rows = self._db.execute("SELECT * FROM cases ORDER BY serial DESC LIMIT ?", (limit,))
        return [self._case(row) for row in rows.fetchall()]

    def count(self) -> int:
        """How many cases the book holds."""
        return int(self._db.execute("SELECT count(*) FROM cases").fetchone()[0])

    def _case(self, row: sqlite3.Row) -> CaseNow:
        kinds = self._db.execute(
            "SELECT DISTINCT kind FROM messages WHERE number = ? AND direction = 'out'", (row["number"],)
        )
        sent = frozenset(kind for (kind,) in kinds)
        facts = msgspec.json.decode(row["facts"])
        return CaseNow(
            number=row["number"], serial=row["serial"], state=row["state"], name=row["name"], facts=facts, sent=sent
        )

    def open_case(self, number: str) -> None:
        """Makes the case where there is none."""
        self._db.execute("INSERT INTO cases (number, state) VALUES (?, ?) ON CONFLICT DO NOTHING", (number, NEW_STATE))

    def save_case(self, case: CaseNow) -> None:
        """Writes state, name and facts."""
        facts = msgspec.json.encode(case.facts).decode()
        values = (case.state, case.name, facts, case.number)
        self._db.execute("UPDATE cases SET state = ?, name = ?, facts = ? WHERE number = ?", values)

    def take_sequence(self, number: str) -> int:
        """The next sequence of a message to the office about this case."""
        taken = "UPDATE cases SET next_out = next_out + 1 WHERE number = ? RETURNING next_out - 1"
        return int(self._db.execute(taken, (number,)).fetchone()[0])

    def set_next(self, number: str, *, next_in: int, next_out: int) -> None:
        """Where both streams of a seeded case go on."""
        self._db.execute("UPDATE cases SET next_in = ?, next_out = ? WHERE number = ?", (next_in, next_out, number))

    # Messages

    def add(self, entry: Entry) -> None:
        """Writes a message. Raises sqlite3.IntegrityError where id or sequence is taken."""
        self._db.execute(ADD, msgspec.structs.astuple(entry))

    def entry(self, id: str) -> Entry | None:
        """The message of this id."""
        return next(iter(self._entries("id = ?", (id,))), None)

    def at_sequence(self, number: str, direction: str, sequence: int) -> Entry | None:
        """The message at this place of a case's stream."""
        place = (number, direction, sequence)
        return next(iter(self._entries("number = ? AND direction = ? AND sequence = ?", place)), None)

    def of_case(self, number: str) -> list[Entry]:
        """All messages of a case in the order in which they came into the book."""
        return self._entries("number = ? ORDER BY position", (number,))

    def recent(self, limit: int) -> list[Entry]:
        """The latest messages of all cases, latest first."""
        return self._entries("true ORDER BY position DESC LIMIT ?", (limit,))

    def applicable(self, number: str) -> Entry | None:
        """The message from the office that is next in order, where it is there."""
        next_in = self._db.execute("SELECT next_in FROM cases WHERE number = ?", (number,)).fetchone()[0]
        return self.at_sequence(number, "in", next_in)

    def _entries(self, where: str, values: Sequence[object]) -> list[Entry]:
        rows = self._db.execute(FIND + where, values)
        return [msgspec.convert(dict(row), Entry) for row in rows.fetchall()]

    def came_again(self, id: str) -> None:
        """Counts another arrival of a message, or another receipt of the office for one."""
        self._db.execute("UPDATE messages SET times_received = times_received + 1 WHERE id = ?", (id,))

    def applied(self, entry: Entry) -> None:
        """Marks a message from the office as applied; the case waits for the next."""
        self._db.execute("UPDATE messages SET status = 'applied', applied = applied + 1 WHERE id = ?", (entry.id,))
        self._db.execute("UPDATE cases SET next_in = next_in + 1 WHERE number = ?", (entry.number,))

    def applied_kinds(self, number: str) -> list[str]:
        """Kinds applied, in order; a kind stands twice only where one message was applied twice: a fault."""
        rows = self._db.execute(
            "SELECT kind, max(applied) AS times FROM messages WHERE number = ? AND direction = 'in' AND applied > 0"
            " GROUP BY kind ORDER BY min(sequence)",
            (number,),
        )
        return [kind for kind, times in rows.fetchall() for _ in range(times)]

    # Sending

    def sendable(self, now: float) -> list[Entry]:
        """Queued messages whose next try has come and that wait for none before them; machine time in seconds."""
        return self._entries(
            "direction = 'out' AND status = 'queued' AND next_try <= ? AND NOT EXISTS (SELECT 1"
            " FROM messages AS first WHERE first.number = messages.number AND first.direction = 'out'"
            " AND first.status = 'queued' AND first.sequence < messages.sequence AND NOT first.loose)"
            " ORDER BY position LIMIT 200",
            (now,),
        )

    def next_try(self) -> float | None:
        """Machine time of the earliest try that is still to come."""
        found = self._db.execute("SELECT min(next_try) FROM messages WHERE direction = 'out' AND status = 'queued'")
        return found.fetchone()[0]  # type: ignore[no-any-return]

    def try_later(self, id: str, next_try: float, result: str) -> None:
        """No receipt: again at `next_try`, machine time in seconds."""
        self._db.execute(
            "UPDATE messages SET attempts = attempts + 1, next_try = ?, result = ? WHERE id = ?", (next_try, result, id)
        )

    def ended(self, id: str, *, status: str, result: str, receipt: bytes, signature: str) -> None:
        """The office answered for good: delivered with a receipt, or refused."""
        self._db.execute(
            "UPDATE messages SET attempts = attempts + 1, status = ?, result = ?, receipt = ?, signature = ?,"
            " times_received = times_received + (? = 'delivered') WHERE id = ?",
            (status, result, receipt, signature, status, id),
        )

    def hold(self, id: str, until: float, *, loose: bool) -> None:
        """A new message waits until then, machine time in seconds; those behind it wait too, unless it is loose."""
        self._db.execute("UPDATE messages SET next_try = ?, loose = ? WHERE id = ?", (until, loose, id))

    def holds_loose(self, number: str) -> bool:
        """Whether a message of the case is being overtaken."""
        found = "number = ? AND direction = 'out' AND status = 'queued' AND loose"
        return bool(self._entries(found, (number,)))

    def wanted_again(self, number: str, sequence: int) -> None:
        """Queues anew a message that the office lacks, with its id and its place."""
        self._db.execute(
            "UPDATE messages SET status = 'queued', next_try = 0"
            " WHERE number = ? AND direction = 'out' AND sequence = ?",
            (number, sequence),
        )

    def send_again(self, id: str) -> None:
        """Queues a refused message anew, with its id and its place."""
        self._db.execute(
            "UPDATE messages SET status = 'queued', next_try = 0 WHERE id = ? AND status = 'refused'", (id,)
        )

    # Faults

    def faults(self, number: str) -> Faults:
        """What goes wrong with this case: its own faults, else those of every case."""
        found = "SELECT spec FROM faults WHERE number IN (?, '*') ORDER BY number = '*' LIMIT 1"
        row = self._db.execute(found, (number,)).fetchone()
        return READER.decode(row["spec"]) if row else NO_FAULTS

    def all_faults(self) -> list[Faults]:
        """All faults that are on."""
        rows = self._db.execute("SELECT spec FROM faults ORDER BY number").fetchall()
        return [READER.decode(row["spec"]) for row in rows]

    def set_faults(self, faults: Faults) -> None:
        """Puts these in place of the case's faults; none at all takes them away."""
        self._db.execute("DELETE FROM faults WHERE number = ?", (faults.case,))
        if faults.any():
            spec = msgspec.json.encode(faults).decode()
            self._db.execute("INSERT INTO faults (number, spec) VALUES (?, ?)", (faults.case, spec))

    def clear_faults(self) -> None:
        """Takes all faults away; what was held back goes at once."""
        self._db.execute("DELETE FROM faults")
        self._db.execute("UPDATE messages SET next_try = 0, loose = 0 WHERE direction = 'out' AND status = 'queued'")

    # Plans

    def plan(self, number: str, kind: str, body: dict[str, Any], due: float) -> None:
        """Notes an answer for later; `due` is office time in seconds."""
        encoded = msgspec.json.encode(body).decode()
        values = (number, kind, encoded, due)
        self._db.execute("INSERT INTO plans (number, kind, body, due) VALUES (?, ?, ?, ?)", values)

    def due(self, now: float) -> list[Planned]:
        """Answers whose moment has come, office time in seconds."""
        rows = self._db.execute("SELECT * FROM plans WHERE due <= ? ORDER BY due, position LIMIT 200", (now,))
        return [Planned(**dict(row) | {"body": msgspec.json.decode(row["body"])}) for row in rows.fetchall()]

    def next_due(self) -> float | None:
        """Office time of the earliest planned answer."""
        return self._db.execute("SELECT min(due) FROM plans").fetchone()[0]  # type: ignore[no-any-return]

    def drop_plan(self, position: int) -> bool:
        """Removes a plan; False where it is gone already."""
        return self._db.execute("DELETE FROM plans WHERE position = ?", (position,)).rowcount == 1

    def drop_plans(self, number: str, kind: str | None = None) -> None:
        """Removes the case's planned answers, all or those of one kind. Answers to a status request stay."""
        self._db.execute(
            "DELETE FROM plans WHERE number = ? AND kind <> 'status' AND kind = coalesce(?, kind)", (number, kind)
        )
