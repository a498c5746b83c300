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
        carrier = self._files.post if url.startswith("file:") else super().post
        return await carrier(url, data, key, nonce)
