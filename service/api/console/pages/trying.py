"""What somebody is told who showed a wrong password or code: the same whatever was wrong."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from tocsin.errors import InputError
from tocsin.service.api.console.rendering import duration

if TYPE_CHECKING:
    from tocsin.service.review.accounts.proving import Refused

__all__ = ["UNFIT", "check_alike", "fault_of", "status_of"]

UNFIT: Final = 422
"""The status of a form that was filled in wrongly."""
_WRONG: Final = 403
_WAIT: Final = 429


def fault_of(refused: Refused, wrong: str) -> str:
    """Return the words of a refusal; `wrong` are those where one may try again at once."""
    if refused.wait is None:
        return wrong
    wait = duration(math.ceil(refused.wait.total_seconds()))
    return f"Too many tries have failed. Nobody can try for {wait}: wait, then try again."


def status_of(refused: Refused) -> int:
    """Return the status of a refusal."""
    return _WRONG if refused.wait is None else _WAIT


def check_alike(new: str, again: str) -> None:
    """Raise InputError unless a new password was typed the same twice."""
    if new != again:
        raise InputError("the new password must be typed the same twice, was not")
