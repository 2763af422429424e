"""Log records as JSON lines, without a word of what anybody wrote."""

from __future__ import annotations

import logging
import re
import traceback
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, Final

from pydantic_core import to_json

__all__ = ["JsonLines", "shown"]

_OURS: Final = "tocsin"
_SERVER: Final = "uvicorn"
_QUERY: Final = re.compile(r"\?\S*")
_FRAMES: Final = 24
_DEPTH: Final = 4


class JsonLines(logging.Formatter):
    """Write time, level, logger, event, the record's fields, and of an exception its type and stack.

    An exception's message is left out, for it may quote a text; so are the messages of other
    libraries. Of the HTTP server's messages, whatever follows a question mark goes: keys come there.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, without its end."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "time": f"{moment[:-6]}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line["exception"] = shown(record.exc_info[1])
        return to_json(line, inf_nan_mode="constants", fallback=lambda value: type(value).__name__).decode()


def shown(error: BaseException, depth: int = 0) -> dict[str, Any]:
    """Return an exception's type and stack, and those of what caused it: not its message."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    about: dict[str, Any] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins."),
        "stack": [f"{_file(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if isinstance(error, OSError) and error.errno is not None:
        about["errno"] = error.errno
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and depth < _DEPTH:
        about["cause"] = shown(cause, depth + 1)
    if isinstance(error, BaseExceptionGroup) and depth < _DEPTH:
        about["members"] = [shown(one, depth + 1) for one in error.exceptions[:_DEPTH]]
    return about


def _event(record: logging.LogRecord) -> str:
    family = record.name.partition(".")[0]
    if family == _OURS:
        return record.getMessage()
    if family == _SERVER:
        return _QUERY.sub("?…", record.getMessage()).strip()
    return f"logged at {_file(record.pathname)}:{record.lineno}"


def _file(path: str) -> str:
    return "/".join(PurePath(path).parts[-3:])
