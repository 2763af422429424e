"""The rules that analysing and suggesting share, each with its error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.service.api.perspective.fault import ErrorType, Fault, cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tocsin.service.api.perspective.schemas import Context, TextEntry
    from tocsin.signals import Signal

__all__ = [
    "check_attribute",
    "check_comment",
    "check_context",
    "check_score_type",
    "check_text_type",
    "check_threshold",
]

LONGEST_BYTES: Final = 20_480
_LONGEST_IN_CHARACTERS: Final = LONGEST_BYTES // 4  # what is shorter cannot be too many bytes

# proto3 takes the numbers of an enumeration for its names
_PLAIN: Final = frozenset({None, 0, 1, "TEXT_TYPE_UNSPECIFIED", "PLAIN_TEXT"})
_MARKUP: Final = frozenset({2, "HTML"})
_PROBABILITY: Final = frozenset({None, 0, 1, "SCORE_TYPE_UNSPECIFIED", "PROBABILITY"})


def check_comment(comment: TextEntry | None, most_characters: int) -> str:
    """Return the text of a comment; raise Fault where there is none, or too much."""
    text = (comment.text if comment else None) or ""
    if not text:
        raise Fault(ErrorType.COMMENT_EMPTY, "Comment must be non-empty.")
    if len(text) > _LONGEST_IN_CHARACTERS and len(text.encode()) > LONGEST_BYTES:
        raise Fault(ErrorType.COMMENT_TOO_LONG, f"Comment text too long. (limit {LONGEST_BYTES:,} bytes)")
    if len(text) > most_characters:
        raise Fault(
            ErrorType.COMMENT_TOO_LONG, f"Comment text too long. (limit {most_characters:,} characters)"
        )
    return text


def check_attribute(name: str, answered: Mapping[str, Signal]) -> Signal:
    """Return the signal that answers for an attribute; raise Fault where none does."""
    signal = answered.get(name)
    if signal is None:
        raise Fault(ErrorType.INVALID_REQUEST, f"Unknown requested attribute: {cut(name)}")
    return signal


def check_score_type(name: str, types: Iterable[str | int | None]) -> None:
    """Raise Fault unless all of an attribute's scores are probabilities."""
    for given in types:
        if given not in _PROBABILITY:
            raise Fault(
                ErrorType.INVALID_REQUEST,
                f"Requested score type {cut(str(given))} is not supported by attribute {name}",
            )


def check_threshold(name: str, given: float) -> None:
    """Raise Fault unless a score can lie on either side of an attribute's threshold."""
    if not 0 <= given <= 1:
        raise Fault(
            ErrorType.INVALID_REQUEST,
            f"Score threshold of attribute {name} must be between 0 and 1, was {given}",
        )


def check_text_type(comment: TextEntry | None) -> None:
    """Raise Fault unless a comment is plain text."""
    given = comment.type if comment else None
    if given in _PLAIN:
        return
    known = given in _MARKUP
    raise Fault(
        ErrorType.INVALID_REQUEST,
        "Currently, only 'PLAIN_TEXT' comments are supported" if known else "Unknown text type",
    )


def check_context(context: Context | None) -> None:
    """Raise Fault where a context holds both of what it may hold one of."""
    if context and context.entries and context.article_and_parent_comment is not None:
        raise Fault(
            ErrorType.INVALID_REQUEST,
            "Context can have either entries or article_and_parent_comment, but both fields were populated.",
        )
