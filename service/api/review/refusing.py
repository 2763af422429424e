"""The queue's errors as refusals."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import exc

from tocsin.errors import InputError, TocsinError
from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.review.errors import (
    ConflictError,
    ForbiddenError,
    StoreAwayError,
    StoreError,
    StoreFullError,
    StoreVersionError,
    UnknownError,
)

__all__ = ["refusing"]

_RETRY_S: Final = 1.0
_WHY: Final[dict[type[TocsinError], tuple[Why, float | None]]] = {
    InputError: (Why.BAD_REQUEST, None),
    UnknownError: (Why.UNKNOWN, None),
    ConflictError: (Why.CONFLICT, None),
    ForbiddenError: (Why.FORBIDDEN, None),
    StoreAwayError: (Why.STORE_AWAY, _RETRY_S),
    StoreVersionError: (Why.STORE_AWAY, _RETRY_S),
    StoreFullError: (Why.STORAGE_FULL, _RETRY_S),
    StoreError: (Why.STORE_AWAY, _RETRY_S),
}
_LOG = logging.getLogger(__name__)


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what the queue raises into a Refusal."""
    try:
        yield
    except tuple(_WHY) as error:
        if isinstance(error, StoreError):
            _LOG.warning("the review queue's database: %s (%s)", error, _cause(error))
        why, retry_after = next(found for kind, found in _WHY.items() if isinstance(error, kind))
        raise Refusal(why, str(error), retry_after=retry_after) from error
    except exc.SQLAlchemyError as error:  # as a whole it would quote what was sent
        where = "".join(traceback.format_tb(error.__traceback__))
        _LOG.error("the review queue failed: %s\n%s", _cause(error), where)
        raise Refusal(Why.INTERNAL, "the server failed; its log says more") from None


def _cause(error: Exception) -> str:
    """Return what the driver called it: a class and a code, for its words may quote what was sent."""
    cause = getattr(error, "orig", None) or getattr(error.__cause__, "orig", None) or error.__cause__
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    return " ".join(str(part) for part in (type(cause).__name__ if cause else "no cause", code) if part)
