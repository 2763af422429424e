from __future__ import annotations

import random
from datetime import UTC, datetime
from statistics import fmean

import pytest

from tocsin.errors import InputError
from tocsin.service.review.webhooks import ATTEMPTS, next_attempt

NOON = datetime(2031, 5, 17, 12, tzinfo=UTC)
HOUR = 3_600
NOMINAL_S = [5, 300, 1_800, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]


def wait_s(attempts: int, draw: random.Random) -> float:
    at = next_attempt(attempts, NOON, draw)
    assert at is not None
    return (at - NOON).total_seconds()


@pytest.mark.parametrize(("attempts", "nominal"), list(enumerate(NOMINAL_S, start=1)))
def test_waits_spread_evenly_around_the_nominal_one(attempts: int, nominal: int) -> None:
    draw = random.Random(7)  # noqa: S311 - jitter is no secret
    waits = sorted(wait_s(attempts, draw) / nominal for _ in range(2_000))

    assert waits[0] >= 0.5
    assert waits[-1] <= 1.5
    assert fmean(waits) == pytest.approx(1, abs=0.03)  # four and a half standard errors
    assert waits[500] == pytest.approx(0.75, abs=0.05)


def test_a_message_that_was_never_tried_is_tried_now() -> None:
    assert next_attempt(0, NOON, random.Random(7)) == NOON  # noqa: S311 - jitter is no secret


def test_after_the_last_attempt_there_is_no_other() -> None:
    draw = random.Random(7)  # noqa: S311 - jitter is no secret

    assert ATTEMPTS == 10
    assert next_attempt(ATTEMPTS - 1, NOON, draw)
    assert next_attempt(ATTEMPTS, NOON, draw) is None
    assert next_attempt(1_000, NOON, draw) is None


def test_fewer_than_no_attempts_are_an_error() -> None:
    with pytest.raises(InputError, match="must be at least 0, was -1"):
        next_attempt(-1, NOON, random.Random(7))  # noqa: S311 - jitter is no secret
