"""What an operator must know before a forum is pointed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.service.api.perspective.attributes import PERSPECTIVE, answered

if TYPE_CHECKING:
    from tocsin.service.api.settings import ServeSettings

__all__ = ["caveats", "mapped"]

_SUPPORTED: Final = " or ".join(sorted(name for name in PERSPECTIVE if not name.endswith("_EXPERIMENTAL")))
_CORAL: Final = (
    (
        f"Coral fails open: until its model field names a supported attribute ({_SUPPORTED}),"
        " every comment passes it unmoderated"
    ),
    (
        "Coral withholds a comment above its threshold by itself, with nobody asked;"
        " thresholds set for Perspective mean something else here"
    ),
    "Coral's nudge must be off: it tells authors that their words scored high, and so how to evade",
)


def caveats(settings: ServeSettings) -> list[str]:
    """Return what to log once at start-up, a line each; raises SettingsError as `answered` does."""
    answered(settings)
    return [f"perspective: {line}" for line in (*mapped(settings), *_CORAL)]


def mapped(settings: ServeSettings) -> list[str]:
    """Return one sentence for each attribute that the operator mapped."""
    return [
        f"{name} is answered with the signal {signal.value}, the probability that a text"
        f" {signal.question}: not what Perspective's {name} measured, and no score of it can be compared"
        for name, signal in sorted(settings.perspective_map.items())
    ]
