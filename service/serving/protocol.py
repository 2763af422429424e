"""HTTP as uvicorn speaks it, with a gentler end."""

from __future__ import annotations

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["LINGER_S", "LingeringProtocol"]

LINGER_S: Final = 1.0  # a busy server takes this long to read what lies there
_TURN_S: Final = 0.01
_CLOSE: Final = (b"connection", b"close")


class LingeringProtocol(HttpToolsProtocol):
    """Take what is on its way when the server is told to stop.

    uvicorn closes a connection without a request at once, also where the client has just sent one
    that was not read yet. Here such a connection stays open for a moment, and every answer from then
    on says that it is the last.
    """

    def shutdown(self) -> None:
        """Begin to end this connection; the server calls it once."""
        headers = self.server_state.default_headers
        if _CLOSE not in headers:
            headers.append(_CLOSE)
        if self.cycle is None or self.cycle.response_complete:
            self.loop.call_later(LINGER_S, self._look_once_more)
        else:
            super().shutdown()

    def _look_once_more(self) -> None:
        """Read what came while this process had no time, then end; timers run before reads do."""
        self.loop.call_later(_TURN_S, super().shutdown)
