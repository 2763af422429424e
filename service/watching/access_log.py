"""A line for each request, without text and without key."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tocsin.service.api.answered import Answered

__all__ = ["AccessLog"]

_LOG = logging.getLogger("tocsin.access")
_PROBES: Final = "probes"


class AccessLog:
    """Log every request (a RequestObserver); probes, which come every few seconds, at level debug."""

    def answered(self, answered: Answered) -> None:
        """Log one request."""
        level = logging.DEBUG if answered.face == _PROBES else logging.INFO
        if not _LOG.isEnabledFor(level):
            return
        fields = {
            "face": answered.face,
            "operation": answered.operation,
            "method": answered.method,
            "path": answered.path,
            "status": answered.status,
            "ms": round(answered.seconds * 1000, 3),
            "texts": answered.texts,
            "key": answered.key,
            "why": answered.why,
        }
        _LOG.handle(_record(level, fields))


def _record(level: int, fields: dict[str, object]) -> logging.LogRecord:
    """Return a record without looking for the line that logs: the search costs as much as all the rest."""
    record = logging.LogRecord(_LOG.name, level, __file__, 0, "request", None, None)
    record.fields = fields
    return record
