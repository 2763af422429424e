"""The review queue: items that wait for a person, what was decided of them, and an honest log of it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.service.review.desk import Desk as Desk
    from tocsin.service.review.making import make_desk as make_desk
    from tocsin.service.review.settings import ReviewSettings as ReviewSettings
    from tocsin.service.review.settings import review_settings as review_settings

__all__ = ["Desk", "ReviewSettings", "make_desk", "review_settings"]

# Names load on first use: the command line reads the settings, and must answer without a database library.
_HOMES = {
    "Desk": "desk",
    "ReviewSettings": "settings",
    "make_desk": "making",
    "review_settings": "settings",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
