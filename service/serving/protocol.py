"""HTTP as uvicorn speaks it, with a gentler end and firmer bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

__all__ = ["HEAD_S", "LINGER_S", "MOST_HEADERS", "MOST_HEAD_BYTES", "MOST_PIPELINED", "BoundedProtocol"]

LINGER_S: Final = 1.0  # a busy server takes this long to read what lies there
MOST_HEAD_BYTES: Final = 65_536
MOST_HEADERS: Final = 100
MOST_PIPELINED: Final = 16
HEAD_S: Final = 20.0  # in which a head must arrive
STUCK_S: Final = 30.0  # in which a client must read something of its answer
_TURN_S: Final = 0.01
_CLOSE: Final = (b"connection", b"close")
_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)


class _BoundError(Exception):
    """Stop the parser: it turns this into an error of its own, and uvicorn closes the connection."""


class BoundedProtocol(HttpToolsProtocol):
    """Take what is on its way when the server is told to stop; give no client more than its share.

    uvicorn closes a connection without a request at once, also where the client has just sent one
    that was not read yet. Here such a connection stays open for a moment, and every answer from then
    on says that it is the last. uvicorn bounds neither the size of a head, nor the time it takes, nor
    how many requests are sent ahead of their answers, nor how long an answer lies unread.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._stuck_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timers."""
        self._unset_head_timer()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head grows past its bound."""
        if self.transport.is_closing():
            return
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES + len(data):
                self.transport.write(_TOO_LARGE)
                self.transport.close()
                return
        super().data_received(data)
        if self._in_head and self._head_bytes and self._head_timer is None:
            self._await_head()

    def on_message_begin(self) -> None:
        """Refuse to hold more requests than a client may send ahead."""
        if len(self.pipeline) >= MOST_PIPELINED:
            self.transport.abort()
            raise _BoundError
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, unless there are too many."""
        if len(self.headers) >= MOST_HEADERS:
            raise _BoundError
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Stop waiting for the head."""
        self._in_head = False
        self._unset_head_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Begin to count the next head."""
        self._in_head = True
        self._head_bytes = 0
        super().on_message_complete()

    def pause_writing(self) -> None:
        """Wait for the client to read, but not for ever."""
        super().pause_writing()
        if self._stuck_timer is None:
            self._stuck_timer = self.loop.call_later(STUCK_S, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the client has read."""
        if self._stuck_timer is not None:
            self._stuck_timer.cancel()
            self._stuck_timer = None
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """End an idle connection, also where its last answer lies unread."""
        super().timeout_keep_alive_handler()
        if self.transport.get_write_buffer_size():
            self.transport.abort()

    def shutdown(self) -> None:
        """Begin to end this connection; the server calls it once."""
        headers = self.server_state.default_headers
        if _CLOSE not in headers:
            headers.append(_CLOSE)
        if self._idle:
            self.loop.call_later(LINGER_S, self._look_once_more)
        else:
            super().shutdown()

    @property
    def _idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _look_once_more(self) -> None:
        """Read what came while this process had no time, then end; timers run before reads do."""
        self.loop.call_later(_TURN_S, super().shutdown)

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_S, self._head_is_late)

    def _head_is_late(self) -> None:
        self._head_timer = None
        if self._idle:
            self.transport.abort()
        else:  # the next head waits for an answer that is still made
            self._await_head()

    def _unset_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
