"""What a prediction request asks to have judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tocsin.service.api.refusal import Refusal, Why

__all__ = ["Inputs", "read_inputs"]

_SHAPE: Final = 'inputs must be a string or a batch [["…"], ["…"]]'
_DIRECTIONS: Final = ("right", "Right", "left", "Left")  # the format takes both spellings
_PAIR: Final = f"{_SHAPE}, was a pair of texts: single texts are judged"


@dataclass(frozen=True, slots=True)
class Inputs:
    """Hold the texts of one request and how they are to be answered.

    `batch` says whether the answer has a list for each text. `raw_scores` asks for log-odds.
    """

    texts: list[str]
    batch: bool
    raw_scores: bool
    truncate: bool

    def name(self, place: int) -> str:
        """Return how a message names the text at `place`."""
        return f"inputs[{place}]" if self.batch else "inputs"


def read_inputs(body: Any, most: int) -> Inputs:
    """Return what a request's body asks for, at most `most` texts; raise Refusal for any other body.

    Fields that the format lacks are passed over, as its own server does.
    """
    if not isinstance(body, dict) or "inputs" not in body:
        raise _refused('the body must be an object with "inputs"')
    raw_scores, truncate = (_flag(body, name) for name in ("raw_scores", "truncate"))
    _require_right(body.get("truncation_direction"), truncate=truncate)
    given = body["inputs"]
    if isinstance(given, str):
        return Inputs([given], batch=False, raw_scores=raw_scores, truncate=truncate)
    if not isinstance(given, list):
        raise _refused(_SHAPE)
    if given and all(isinstance(one, str) for one in given):
        return Inputs(_single(given), batch=False, raw_scores=raw_scores, truncate=truncate)
    return Inputs(_batch(given, most), batch=True, raw_scores=raw_scores, truncate=truncate)


def _flag(body: dict[str, Any], name: str) -> bool:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise _refused(f"{name} must be true or false")
    return bool(value)


def _require_right(direction: Any, *, truncate: bool) -> None:
    """Raise Refusal where the end of a text is to be judged: a text is cut at its end."""
    if direction is not None and direction not in _DIRECTIONS:
        raise _refused("truncation_direction must be left or right")
    if truncate and direction in {"left", "Left"}:
        raise _refused('truncation_direction must be right where truncate is true, was "left"')


def _single(given: list[str]) -> list[str]:
    """Return the text of ``["a"]``: the format takes a flat list for one text, or for a pair."""
    if len(given) > 2:
        raise _refused(f"{_SHAPE}, was a flat list of {len(given):,} texts")
    if len(given) > 1:
        raise _refused(_PAIR)
    return given


def _batch(given: list[Any], most: int) -> list[str]:
    if not 1 <= len(given) <= most:
        raise _refused(f"a batch must hold 1 to {most:,} texts, was {len(given):,}")
    for one in given:
        if not isinstance(one, list) or not one or not all(isinstance(text, str) for text in one):
            raise _refused(_SHAPE)
        if len(one) > 1:
            raise _refused(_PAIR if len(one) == 2 else _SHAPE)
    return [one[0] for one in given]


def _refused(message: str) -> Refusal:
    return Refusal(Why.BAD_REQUEST, message)
