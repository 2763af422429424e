"""One's own settings: how to read, chosen in plain words, and kept for oneself alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

from tocsin.errors import InputError
from tocsin.service.api.console.answer import Onward, Shown
from tocsin.service.api.console.page import Page
from tocsin.service.review.care.preferences import LONGEST_BREAK_MINUTES, Preferences, keep_preferences
from tocsin.service.review.role import Role

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tocsin.service.api.console.asked import Asked
    from tocsin.service.api.console.visit import Visit
    from tocsin.service.review.context import Context

__all__ = ["SETTINGS_PAGES", "WORDS"]

_HERE: Final = "/review/settings"
_UNFIT: Final = 422
_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Words:
    """Say what a preference is about, and what each of its choices means."""

    title: str
    hint: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)


WORDS: Final[Mapping[str, Words]] = {
    "theme": Words(
        "Light or dark", choices={"system": "As my computer is set", "light": "Light", "dark": "Dark"}
    ),
    "font": Words(
        "Letters",
        choices={
            "sans": "Plain",
            "serif": "With serifs",
            "mono": "All equally wide",
            "spaced": "Wider apart, with more room between lines",
        },
    ),
    "size": Words(
        "Size", choices={"small": "Small", "usual": "Usual", "large": "Large", "huge": "Very large"}
    ),
    "contrast": Words(
        "Contrast of revealed texts", choices={"usual": "Usual", "low": "Softer, still readable"}
    ),
    "grey": Words("No colours", "Everything is shown in shades of grey."),
    "mask": Words(
        "One press of v reveals",
        choices={"word": "the next word", "sentence": "the next sentence", "whole": "the whole text"},
    ),
    "first": Words(
        "What stands above",
        "Scores that stand first may sway how a text is read.",
        {"scores": "The scores, then the text", "text": "The text, then the scores"},
    ),
    "onward": Words("After a decision, bring the next task"),
    "shortcuts": Words(
        "Keyboard shortcuts", "Single keys press buttons. Turn them off if you speak to your computer."
    ),
    "own_figures": Words("Show figures about my own work on the dashboard", "Nobody else sees them there."),
}


def _show(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown:
    del tx, context, asked
    return Shown("settings.html", _values(visit.preferences, str(visit.preferences.break_minutes)))


def _keep(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    minutes = asked.form.get("break_minutes", "").strip()
    try:
        chosen = _chosen(asked.form, minutes)
    except InputError as error:
        said = str(error)
        values = _values(visit.preferences, minutes[:_DIGITS], f"Nothing was kept: {said}.")
        return Shown("settings.html", values, _UNFIT)
    keep_preferences(tx, context, visit.reviewer.number, chosen)
    return Onward(_HERE, "kept")


def _chosen(form: Mapping[str, str], minutes: str) -> Preferences:
    """Return the preferences that a form holds; raise InputError. A box that is not ticked does not come."""
    if not (minutes.isascii() and minutes.isdecimal() and len(minutes) <= _DIGITS):
        raise InputError(f"the minutes until a break must be a whole number up to {LONGEST_BREAK_MINUTES}")
    given: dict[str, Any] = {}
    for one in fields(Preferences):
        is_tick = isinstance(one.default, bool)
        given[one.name] = one.name in form if is_tick else form.get(one.name, one.default)
    return Preferences(**{**given, "break_minutes": int(minutes)})


def _values(chosen: Preferences, minutes: str, fault: str | None = None) -> dict[str, Any]:
    return {
        "chosen": {one.name: getattr(chosen, one.name) for one in fields(Preferences)},
        "minutes": minutes,
        "longest": LONGEST_BREAK_MINUTES,
        "words": WORDS,
        "fault": fault,
    }


SETTINGS_PAGES: Final = (
    Page("GET", _HERE, "settings", Role.REVIEWER, _show),
    Page("POST", _HERE, "settings-keep", Role.REVIEWER, _keep),
)
