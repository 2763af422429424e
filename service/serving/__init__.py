"""The server as processes."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.service.serving.running import run as run
    from tocsin.service.serving.state import open_state as open_state

__all__ = ["open_state", "run"]

# Names load on first use: managing keys must not wait for the framework.
_HOMES = {"open_state": "state", "run": "running"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
