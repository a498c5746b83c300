"""Messages over signed HTTP: one client for all agencies, and the door through which a signed message comes in.

It never tries again by itself: whether a message may be sent once more is known where it is kept.
"""

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Any

import aiohttp
import msgspec
from msgspec import Struct
from yarl import URL

from integrations.contract import MAX_BYTES, Envelope, decode
from integrations.receipts import HEADERS as PROOF
from integrations.signing import HEADERS, SignatureRefused, SigningKey, TrustedKey, Verified, sign, verify

TIMEOUT_SECONDS = 10.0  # for a whole call; an agency that needs longer is asked again with the same id
CONNECT_SECONDS = 3.0
CONCURRENT = 16  # calls to one agency at a time
FAILURES_TO_OPEN = 5  # in a row
COOLDOWN_SECONDS = 2.0  # then one call is let through to try
TRY_AGAIN = frozenset({408, 425, 429})


class Unknown(Exception):
    """Time-out or broken connection: nobody knows whether the message arrived. Send again with the same id only."""

    signed: "Signed | None" = None  # what was sent


class NotReached(Unknown):
    """No connection came about: the message did not arrive."""


class Away(NotReached):
    """The circuit is open: the message did not leave this house. `retry_after` is in seconds."""

    def __init__(self, origin: str, retry_after: float) -> None:
        super().__init__(f"{origin} did not answer lately; next try in {retry_after:.1f} s")
        self.retry_after = retry_after


class Signed(Struct, frozen=True):
    """A request as it was signed and sent, without its body: evidence to keep."""

    method: str
    url: str
    headers: Mapping[str, str]  # those of signing.HEADERS
    key: TrustedKey  # by which the signature can be checked


class Refused(Exception):
    """The agency answered, and not with a receipt. `problem` is its problem document, empty where it sent none."""

    def __init__(self, status: int, problem: dict[str, Any], signed: Signed | None = None, answer: bytes = b"") -> None:
        super().__init__(f"{status} {problem.get('type', '')} {problem.get('detail', '')}".strip())
        self.status = status
        self.problem = problem
        self.signed = signed
        self.answer = answer

    @property
    def final(self) -> bool:
        """Whether sending the same again is useless: a 4xx other than 408, 425, 429."""
        return 400 <= self.status < 500 and self.status not in TRY_AGAIN


class Answer(Struct, frozen=True):
    """A receipt, and what was signed for it: evidence to keep."""

    status: int
    receipt: bytes
    headers: Mapping[str, str]  # as sent: Content-Digest, Signature-Input, Signature
    signed: Signed
    told: Mapping[str, str] = {}  # headers of the receipt that prove it: receipts.HEADERS, where it has them


class Breaker(Struct):
    """Stops calling an agency after FAILURES_TO_OPEN failures in a row; then one call in COOLDOWN_SECONDS tries."""

    origin: str
    failures: int = 0
    held_until: float = 0.0  # monotonic seconds

    def state(self, now: float) -> str:
        """closed (all is well), open (nothing is sent) or half-open (the next call tries)."""
        if self.failures < FAILURES_TO_OPEN:
            return "closed"
        return "open" if now < self.held_until else "half-open"

    def admit(self, now: float) -> None:
        """Lets a call through or raises Away."""
        match self.state(now):
            case "open":
                raise Away(self.origin, self.held_until - now)
            case "half-open":
                self.held_until = now + COOLDOWN_SECONDS

    def failed(self, now: float) -> None:
        """Counts a call without an answer."""
        self.failures += 1
        self.held_until = now + COOLDOWN_SECONDS

    def answered(self) -> None:
        """Any answer below 500 closes the circuit."""
        self.failures = 0


class _Line(Struct):
    breaker: Breaker
    limit: asyncio.Semaphore


class Client:
    """Sends envelopes signed with one key. One per process and event loop; close it, or use it as `async with`."""

    def __init__(self, key: SigningKey, *, timeout_seconds: float = TIMEOUT_SECONDS, guarded: bool = True) -> None:
        """`guarded` False: the caller has a circuit breaker of its own."""
        self._key, self._guarded = key, guarded
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds, connect=CONNECT_SECONDS)
        self._session: aiohttp.ClientSession | None = None
        self._lines: dict[str, _Line] = {}

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the connections."""
        if self._session is not None:
            await self._session.close()

    def states(self) -> dict[str, str]:
        """The circuit of each agency called so far, by origin: closed, open or half-open."""
        return {origin: line.breaker.state(monotonic()) for origin, line in self._lines.items()}

    async def post(self, url: str, data: bytes, key: SigningKey | None = None, nonce: str | None = None) -> Answer:
        """Sends an encoded envelope, signed with `key` or the client's own; `nonce` is its id, where that is known.

        Raises Refused (an answer, no receipt), Unknown (no answer), NotReached and Away (it did not arrive).
        """
        headers = {"Content-Type": "application/json", "Accept": "application/json, application/problem+json"}
        line, key = self._line(url), key or self._key
        async with line.limit:
            if self._guarded:
                line.breaker.admit(monotonic())
            sent = sign("POST", url, headers, data, key, nonce=nonce or decode(data).id)
            signed = Signed("POST", url, {name: sent[name] for name in HEADERS}, key.trusted)
            try:
                status, answer, told = await self._call(line.breaker, url, data, sent)
            except Unknown as unknown:
                unknown.signed = signed
                raise
        if 200 <= status < 300:
            return Answer(status, answer, sent, signed, told)
        raise Refused(status, _problem(answer), signed, answer)

    async def _call(
        self, breaker: Breaker, url: str, data: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes, dict[str, str]]:
        try:
            async with self._open().post(url, data=data, headers=headers, allow_redirects=False) as response:
                answer = await _read(response.content)
                status = response.status
                told = {name: response.headers[name] for name in PROOF if name in response.headers}
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            breaker.failed(monotonic())
            reached = not isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError))
            raise (Unknown if reached else NotReached)(str(error) or type(error).__name__) from error
        if status < 500:
            breaker.answered()
        else:
            breaker.failed(monotonic())
        return status, answer, told

    def _line(self, url: str) -> _Line:
        origin = str(URL(url).origin())
        return self._lines.setdefault(origin, _Line(Breaker(origin), asyncio.Semaphore(CONCURRENT)))

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit_per_host=CONCURRENT)
            self._session = aiohttp.ClientSession(timeout=self._timeout, connector=connector)
        return self._session


async def _read(content: aiohttp.StreamReader) -> bytes:
    """The answer, at most MAX_BYTES of it."""
    data = b""
    async for chunk in content.iter_chunked(65536):
        data += chunk
        if len(data) > MAX_BYTES:
            raise aiohttp.ClientPayloadError("the answer is too long")
    return data


def _problem(answer: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def open_envelope(
    method: str, url: str, headers: Mapping[str, str], body: bytes, keys: Mapping[str, TrustedKey]
) -> tuple[Verified, Envelope]:
    """A signed message that came in: who signed, and the envelope, whose id must be the signature's nonce.

    Raises SignatureRefused or contract.Malformed. That it comes twice is the caller's to see, by the id.
    """
    verified = verify(method, url, headers, body, keys)
    envelope = decode(body)
    if verified.nonce != envelope.id:
        raise SignatureRefused("the signature was made for another message")
    return verified, envelope
