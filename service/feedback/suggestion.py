"""What somebody thinks that a text should have scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from pydantic_core import to_json

from tocsin.service.feedback.addresses import Unlinked, hosts_only, unlinked

__all__ = ["SpanSuggestion", "Suggestion"]

_LONGEST_COMMUNITY: Final = 256
_LOOKED_AT: Final = 4_096  # characters of a label: what takes out addresses must not run for a second
_LONGEST_LANGUAGE: Final = 64


@dataclass(frozen=True, slots=True)
class SpanSuggestion:
    """Hold the score of the characters `start` to `end` (code points, end exclusive)."""

    start: int
    end: int
    value: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Hold one suggestion: scores of the whole text and of its spans, by attribute."""

    time: datetime
    text: str = field(repr=False)  # reports, logs and errors carry ids
    scores: Mapping[str, float]
    spans: Mapping[str, Sequence[SpanSuggestion]]
    languages: Sequence[str]
    detected: str
    community: str | None = None

    def line(self) -> bytes:
        """Return this suggestion as it is kept: a line of JSON, links out, waiting for a reviewer."""
        bare = unlinked(self.text)
        names = list(dict.fromkeys([*self.scores, *self.spans]))
        kept = {
            "state": "waiting",
            "time": self.time.astimezone(UTC).isoformat(timespec="seconds"),
            "community": _community(self.community) if self.community else None,
            "languages": [language[:_LONGEST_LANGUAGE] for language in self.languages],
            "detected": self.detected,
            "scores": {name: self._scores(name, bare) for name in names},
            "text": bare.text,
        }
        return to_json(kept) + b"\n"

    def _scores(self, name: str, bare: Unlinked) -> dict[str, Any]:
        spans = [
            {"start": bare.place(span.start), "end": bare.place(span.end, after=True), "value": span.value}
            for span in self.spans.get(name, ())
        ]
        return {"value": self.scores.get(name), "spans": spans}


def _community(label: str) -> str:
    """Return the beginning of `label`, addresses out; a word that the first cut goes through is left out."""
    if len(label) > _LOOKED_AT:
        whole = label[:_LOOKED_AT].rsplit(maxsplit=1)  # half an address could end in half a user's name
        label = whole[0] if whole else ""
    return hosts_only(label)[:_LONGEST_COMMUNITY]
