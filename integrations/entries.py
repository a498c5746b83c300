"""What stands in the book of a simulated agency: its tables, a message, a planned answer. Pure."""

from typing import Any

from msgspec import Struct

SCHEMA = """
CREATE TABLE IF NOT EXISTS cases (
  serial INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, state TEXT NOT NULL, name TEXT NOT NULL DEFAULT '',
  facts TEXT NOT NULL DEFAULT '{}', next_in INTEGER NOT NULL DEFAULT 1, next_out INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS messages (
  position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, number TEXT NOT NULL, direction TEXT NOT NULL,
  sequence INTEGER NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL, envelope BLOB NOT NULL, signature TEXT NOT NULL,
  receipt BLOB NOT NULL, times_received INTEGER NOT NULL, applied INTEGER NOT NULL, status TEXT NOT NULL,
  attempts INTEGER NOT NULL, result TEXT NOT NULL, next_try REAL NOT NULL DEFAULT 0,
  UNIQUE (number, direction, sequence));
CREATE INDEX IF NOT EXISTS messages_by_status ON messages (direction, status, number, sequence);
CREATE TABLE IF NOT EXISTS plans (
  position INTEGER PRIMARY KEY, number TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, due REAL NOT NULL);
CREATE INDEX IF NOT EXISTS plans_by_due ON plans (due);
CREATE TABLE IF NOT EXISTS faults (number TEXT PRIMARY KEY, spec TEXT NOT NULL);
"""
LOOSE = "ALTER TABLE messages ADD COLUMN loose INTEGER NOT NULL DEFAULT 0"  # those behind it need not wait for it


class Entry(Struct, frozen=True, kw_only=True):
    """One message in the book, whichever way it went."""

    id: str
    number: str
    direction: str  # in: from the office; out: to it
    sequence: int
    kind: str
    at: str  # office time, RFC 3339
    envelope: bytes  # the bytes that were signed
    signature: str = ""  # the signature headers as JSON
    receipt: bytes = b""  # given (in) or got (out)
    times_received: int = 0  # in: how often it came; out: how many receipts came back
    applied: int = 0  # in: how often it was applied; more than 1 would be a fault
    status: str  # in: waiting, applied; out: queued, delivered, refused
    attempts: int = 0
    result: str = ""  # out: what the office said last


class Planned(Struct, frozen=True, kw_only=True):
    """An answer with its due moment: seconds since 1970 on the office's clock."""

    position: int
    number: str
    kind: str
    body: dict[str, Any]
    due: float
