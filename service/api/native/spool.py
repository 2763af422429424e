"""Answers that wait for the end of the input: first in memory, then in a file without a name."""

from __future__ import annotations

import asyncio
import tempfile
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

__all__ = ["Spool", "SpoolResponse"]

_MEMORY_BYTES: Final = 4 * 1_048_576
_CHUNK_BYTES: Final = 256 * 1_024


class Spool:
    """Keep what is written until it is read once; files are worked on in a thread."""

    def __init__(self, memory_bytes: int = _MEMORY_BYTES) -> None:
        self._memory_bytes = memory_bytes
        self._file = tempfile.SpooledTemporaryFile(memory_bytes)  # noqa: SIM115 - closed by `close`
        self.size = 0

    async def write(self, content: bytes) -> None:
        """Add `content`; raise OSError where the disk is full."""
        self.size += len(content)
        if self.size <= self._memory_bytes:
            self._file.write(content)
        else:
            await asyncio.to_thread(self._file.write, content)

    async def rewind(self) -> None:
        """Go back to the beginning, to be read."""
        await asyncio.to_thread(self._file.seek, 0)

    async def read(self) -> bytes:
        """Return the next chunk, empty at the end."""
        if self.size <= self._memory_bytes:
            return self._file.read(_CHUNK_BYTES)
        return await asyncio.to_thread(self._file.read, _CHUNK_BYTES)

    def close(self) -> None:
        """Forget everything."""
        self._file.close()


class SpoolResponse(Response):
    """Send what a spool holds, then close it."""

    def __init__(self, spool: Spool, media: str) -> None:
        super().__init__(headers={"Content-Length": str(spool.size)}, media_type=media)
        self._spool = spool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send (ASGI)."""
        del scope, receive
        try:
            await send(
                {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            await self._spool.rewind()
            while chunk := await self._spool.read():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            self._spool.close()
