"""The signals: each one question about a text, each a speech act and not a topic."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

__all__ = ["QUESTIONS", "Signal"]


class Signal(StrEnum):
    """Name one learned judgement; its value is its name on every wire and in every file."""

    INCITEMENT = "incitement"
    THREAT = "threat"
    GLORIFICATION = "glorification"
    CALL_TO_ACTION = "call_to_action"
    GRIEVANCE = "grievance"
    DEHUMANISATION = "dehumanisation"
    HATE = "hate"
    EXTREMISM = "extremism"

    @property
    def question(self) -> str:
        """Complete the sentence "the text …" for this signal."""
        return QUESTIONS[self]


QUESTIONS: Final[Mapping[Signal, str]] = MappingProxyType(
    {
        Signal.INCITEMENT: "calls for, encourages or justifies violence or serious harm against people",
        Signal.THREAT: "states an intent or a wish to do violence oneself",
        Signal.GLORIFICATION: (
            "praises or elevates a violent or supremacist movement, its symbols, acts or leaders,"
            " or the in-group's power over others"
        ),
        Signal.CALL_TO_ACTION: "asks readers to do something together: join, attend, spread, fund, fight",
        Signal.GRIEVANCE: "tells the story that the in-group is being wronged, replaced or destroyed",
        Signal.DEHUMANISATION: "denies a group's humanity or worth",
        Signal.HATE: "attacks people for a protected characteristic, in any way",
        Signal.EXTREMISM: "promotes or supports an extremist movement or ideology, taken as a whole",
    }
)
