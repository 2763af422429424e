"""Answers that wait for the end of the input: first in memory, then in a file without a name."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from tocsin.service.api.refusal import Refusal, Why

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

__all__ = ["Room", "Spool", "SpoolResponse"]

_LOG = logging.getLogger(__name__)
_MEMORY_BYTES: Final = 4 * 1_048_576
_CHUNK_BYTES: Final = 256 * 1_024
_MOST_BYTES: Final = 1_073_741_824


@dataclass(slots=True)
class Room:
    """Bound what spools hold together, in bytes."""

    most: int
    held: int = 0

    def take(self, size: int) -> None:
        """Hold `size` bytes more; raise Refusal where they find no room."""
        if self.held + size > self.most:
            raise Refusal(
                Why.STORAGE_FULL,
                f"answers that wait must take at most {self.most:,} bytes together, would take"
                f" {self.held + size:,}: send fewer lines at once, or send them later",
            )
        self.held += size


_WORKERS: Final = Room(_MOST_BYTES)  # a worker is a process: one for all of its requests


class Spool:
    """Keep what is written until it is read once; files are worked on in a thread."""

    def __init__(self, memory_bytes: int = _MEMORY_BYTES, room: Room = _WORKERS) -> None:
        self._memory_bytes = memory_bytes
        self._room = room
        self._taken = 0
        self._file = tempfile.SpooledTemporaryFile(memory_bytes)  # noqa: SIM115 - closed by `close`
        self.size = 0

    async def write(self, content: bytes) -> None:
        """Add `content`; raise Refusal where there is no room, in this worker or on the disk."""
        self._room.take(len(content))
        self._taken += len(content)
        self.size += len(content)
        if self.size <= self._memory_bytes:
            self._file.write(content)
            return
        try:
            await asyncio.to_thread(self._file.write, content)
        except OSError as error:
            raise _not_kept(error) from error

    async def rewind(self) -> None:
        """Go back to the beginning, to be read; raise Refusal where the last of it finds no room."""
        if self.size <= self._memory_bytes:
            self._file.seek(0)
            return
        try:
            await asyncio.to_thread(self._file.seek, 0)
        except OSError as error:
            raise _not_kept(error) from error

    async def read(self) -> bytes:
        """Return the next chunk, empty at the end."""
        if self.size <= self._memory_bytes:
            return self._file.read(_CHUNK_BYTES)
        return await asyncio.to_thread(self._file.read, _CHUNK_BYTES)

    def close(self) -> None:
        """Forget everything."""
        self._room.held -= self._taken
        self._taken = 0
        with suppress(OSError):  # closing writes what could not be written before once more
            self._file.close()


def _not_kept(error: OSError) -> Refusal:
    _LOG.error("answers to NDJSON were not kept: %s", error)
    return Refusal(
        Why.STORAGE_FULL,
        "answers that wait must find room on the server's disk, found none: the server's log says more",
    )


class SpoolResponse(Response):
    """Send what a spool holds, from where it stands, then close it."""

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
            while chunk := await self._spool.read():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            self._spool.close()
