"""The suites, in the order in which a report tells them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tocsin.eval.suite import Suite
from tocsin.eval.suites import (
    calibration,
    corpora,
    drift,
    fairness,
    false_positives,
    functional,
    peers,
    robustness,
    stability,
    thresholds,
)

__all__ = ["SUITES"]

_ALL: Final[tuple[Suite, ...]] = (
    corpora.SUITE,
    functional.SUITE,
    false_positives.SUITE,
    fairness.SUITE,
    robustness.SUITE,
    calibration.SUITE,
    thresholds.SUITE,
    peers.SUITE,
    drift.SUITE,
    stability.SUITE,
)
SUITES: Final[Mapping[str, Suite]] = MappingProxyType({suite.name: suite for suite in _ALL})
