"""The suites, in the order in which a report tells them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tocsin.eval.suite import Suite

__all__ = ["SUITES"]

_ALL: Final[tuple[Suite, ...]] = ()
SUITES: Final[Mapping[str, Suite]] = MappingProxyType({suite.name: suite for suite in _ALL})
