"""Where log records go: JSON lines on standard error, all of them."""

from __future__ import annotations

import logging
import sys
import threading
from typing import TYPE_CHECKING, Final

from tocsin.service.watching.json_lines import JsonLines

if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["configure_logging"]

_LOG = logging.getLogger(__name__)
_SERVER: Final = ("uvicorn", "uvicorn.error", "uvicorn.asgi", "uvicorn.access")


def configure_logging(level: str, stream: TextIO | None = None) -> None:
    """Log `level` and above of ours and of the HTTP server, warnings and above of other libraries.

    Call once in each process; give uvicorn ``log_config=None``, or it sets up its own. Its access log
    is turned off, for it quotes addresses with their keys. Nothing below "debug" is ever logged: uvicorn's
    trace shows requests whole.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    least = logging.getLevelNamesMapping()[level.upper()]
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(least, logging.WARNING))
    for name in ("tocsin", *_SERVER):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(least)
    logging.getLogger("uvicorn.access").disabled = True
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False  # it would print the arguments of a record that cannot be written
    threading.excepthook = _log_thread


def _log_thread(caught: threading.ExceptHookArgs) -> None:
    """Log what ended a thread; Python's own way prints its message."""
    if caught.exc_value is not None:
        _LOG.error("a thread ended by an exception", exc_info=caught.exc_value)
