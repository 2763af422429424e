"""When a message that was not delivered is tried again."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Final

from tocsin.errors import InputError

__all__ = ["ATTEMPTS", "next_attempt"]

_MINUTE: Final = 60
_HOUR: Final = 3_600
# Standard Webhooks' own: about three days in all. The first attempt is made at once.
_WAITS_S: Final = (
    0,
    5,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)
_LEAST: Final = 0.5  # of a wait; half to one and a half leave its mean as it is
_MOST: Final = 1.5

ATTEMPTS: Final = len(_WAITS_S)


def next_attempt(attempts: int, now: datetime, draw: random.Random) -> datetime | None:
    """Return when to try again after `attempts` that failed, None where that was the last.

    Each wait is drawn between half and one and a half of the nominal one, so that messages that failed
    together do not come back together.
    """
    if attempts < 0:
        raise InputError(f"attempts must be at least 0, was {attempts}")
    if attempts >= ATTEMPTS:
        return None
    return now + timedelta(seconds=_WAITS_S[attempts] * draw.uniform(_LEAST, _MOST))
