"""Ray, where it is installed: quiet, and without word to its makers."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any, Final

from tocsin.errors import MissingExtraError

__all__ = ["import_ray"]

# Read when Ray is imported or starts something. The last one spares a warning about graphics cards.
QUIET: Final = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_USAGE_STATS_PROMPT_ENABLED": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}


def import_ray() -> Any:
    """Return the module `ray`; say how to install it where missing."""
    os.environ.update(QUIET)
    try:
        return import_module("ray")
    except ImportError as error:
        raise MissingExtraError("an audit on a Ray cluster", "ray") from error
