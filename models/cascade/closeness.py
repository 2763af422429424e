"""How near a text comes to the nearest level of any policy: one number, whatever the policies."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.models.gates import FittedPolicy, Gate
from tocsin.policy import Policy
from tocsin.signals import Signal

__all__ = ["closeness"]

_CERTAIN: Final = 36.0  # log-odds from a little above which a probability in double precision is 1

Floats = NDArray[np.float64]
Columns = Mapping[Signal, Floats]


def closeness(policies: Sequence[FittedPolicy], log_odds: Columns) -> Floats:
    """Return by how much each item passes the threshold that it comes nearest to, in log-odds.

    0 or above where a level fires, below where none does, minus infinity where none can: the log-odds less
    the threshold's, signal by signal, the maximum under `any`, the minimum under `all`, and the maximum over
    the levels of all policies. `log_odds` has a column for every signal, NaN for null.
    """
    rows = len(next(iter(log_odds.values())))
    nearest = np.full(rows, -np.inf)
    for one in policies:
        if one.fitted:
            for gate in (one.review, one.urgent):
                nearest = np.fmax(nearest, _passed(one.policy, gate, log_odds))
    return nearest


def _passed(policy: Policy, gate: Gate, log_odds: Columns) -> Floats:
    """Return by how much one level is passed, NaN where it is null."""
    thresholds = (
        {signal: one.value for signal, one in gate.members.items()}
        if gate.members
        else dict.fromkeys(Signal, gate.whole.value)
    )
    beyond = {signal: column - _log_odds(thresholds.get(signal)) for signal, column in log_odds.items()}
    passed = policy.when.score(beyond)
    nulls = [np.isnan(log_odds[signal]) for signal in policy.requires]
    return np.where(np.any(nulls, axis=0), np.nan, passed) if nulls else passed


def _log_odds(threshold: float | None) -> float:
    """Return a threshold's log-odds: infinite where no probability reaches it, or every one does."""
    if threshold is None or threshold > 1:
        return math.inf
    if threshold == 1:
        return _CERTAIN
    return math.log(threshold) - math.log1p(-threshold) if threshold > 0 else -math.inf
