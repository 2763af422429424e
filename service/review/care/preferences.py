"""How somebody wants to read: what the console keeps for each reviewer, and nobody else is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update

from tocsin.errors import InputError
from tocsin.service.review.context import Context
from tocsin.service.review.store.console_tables import preferences as kept
from tocsin.service.review.store.tables import reviewers

__all__ = ["CHOICES", "LONGEST_BREAK_MINUTES", "Preferences", "keep_preferences", "preferences_of"]

CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "theme": ("system", "light", "dark"),
    "contrast": ("usual", "low"),
    "font": ("sans", "serif", "mono", "spaced"),
    "size": ("small", "usual", "large", "huge"),
    "mask": ("word", "sentence", "whole"),
    "first": ("scores", "text"),
}
LONGEST_BREAK_MINUTES: Final = 480
_BODY: Final = select(kept.c.body).where(kept.c.reviewer == bindparam("me"))
_ME: Final = select(reviewers.c.id).where(reviewers.c.id == bindparam("me")).with_for_update(key_share=True)
_KINDS: Final[Mapping[type, str]] = {bool: "truth value", int: "whole number"}


def _check(name: str, value: object, kind: type) -> None:
    if name in CHOICES:
        if value not in CHOICES[name]:
            raise InputError(f"{name} must be one of {', '.join(CHOICES[name])}, was {str(value)[:40]!r}")
    elif type(value) is not kind:  # to Python a bool is an int
        raise InputError(f"{name} must be a {_KINDS[kind]}, was a {type(value).__name__}")
    elif isinstance(value, int) and kind is int and not 0 <= value <= LONGEST_BREAK_MINUTES:
        raise InputError(f"{name} must be from 0 to {LONGEST_BREAK_MINUTES}, was {value}")


@dataclass(frozen=True, slots=True)
class Preferences:
    """Hold what one reviewer chose; raises InputError where a value is none of those that there are.

    `grey` takes the colours away, `contrast` is that of revealed text, `mask` what one press reveals, for
    texts are always masked until then. `first` is what stands above: the scores or the text. `onward` serves
    the next task after a decision. `break_minutes` is how long one reads before a break is suggested, 0 for
    never. `own_figures` shows figures about oneself on the dashboard.
    """

    theme: str = "system"
    grey: bool = False
    contrast: str = "usual"
    font: str = "sans"
    size: str = "usual"
    mask: str = "sentence"
    first: str = "scores"
    onward: bool = True
    shortcuts: bool = True
    break_minutes: int = 50
    own_figures: bool = False

    def __post_init__(self) -> None:
        for one in fields(self):
            _check(one.name, getattr(self, one.name), type(one.default))


_USUAL: Final = Preferences()


def preferences_of(tx: Connection, reviewer: int) -> Preferences:
    """Return what a reviewer chose; what another version kept and this one does not know is as usual."""
    body = tx.execute(_BODY, {"me": reviewer}).scalar()
    if not isinstance(body, dict):
        return _USUAL
    known = {one.name for one in fields(Preferences)}
    return Preferences(
        **{name: value for name, value in body.items() if name in known and _fits(name, value)}
    )


def keep_preferences(tx: Connection, context: Context, reviewer: int, preferences: Preferences) -> None:
    """Keep what a reviewer, who must be there, chose: what was kept before is gone."""
    del context
    tx.execute(_ME, {"me": reviewer}).one()  # or two first times at once would collide
    body = {"body": asdict(preferences)}
    if tx.execute(update(kept).where(kept.c.reviewer == reviewer).values(body)).rowcount == 0:
        tx.execute(insert(kept).values(reviewer=reviewer, **body))


def _fits(name: str, value: Any) -> bool:
    try:
        Preferences(**{name: value})
    except InputError:
        return False
    return True
