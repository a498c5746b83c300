"""Who carries a message: signed HTTP, or files for agencies that take batches only; the address says which."""

from integrations.batch_files.exchange import FileExchange
from integrations.signing import SigningKey
from integrations.transport import Answer, Client


class Carriers(Client):
    """A client that hands messages for file:///… addresses over in files, and sends all others."""

    def __init__(self, key: SigningKey, *, guarded: bool = True) -> None:
        super().__init__(key, guarded=guarded)
        self._files = FileExchange(key)

    async def post(self, url: str, data: bytes, key: SigningKey | None = None, nonce: str | None = None) -> Answer:
        """As Client.post and FileExchange.post."""
        if url.startswith("file:"):
            return await self._files.post(url, data, key)
        return await super().post(url, data, key, nonce)
