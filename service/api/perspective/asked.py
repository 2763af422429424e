"""What a request to analyse asks for, once it broke no rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tocsin.service.api.perspective.checks import (
    check_attribute,
    check_comment,
    check_context,
    check_score_type,
    check_text_type,
    check_threshold,
)
from tocsin.service.api.perspective.fault import ErrorType, Fault
from tocsin.service.api.perspective.reading import read
from tocsin.service.api.perspective.schemas import AnalyzeCommentRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.signals import Signal

__all__ = ["Asked", "Wanted", "read_asked"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Hold one requested attribute; scores below `threshold` are left out."""

    name: str
    signal: Signal
    threshold: float


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold one request to analyse; `languages` are tags as they came."""

    text: str
    wanted: Sequence[Wanted]
    languages: Sequence[str]
    by_sentence: bool
    remember: bool
    drop_unsupported: bool
    token: str


def read_asked(body: Any, answered: Mapping[str, Signal], most_characters: int) -> Asked:
    """Return what `body` asks for; raise Fault for the first rule that it breaks."""
    request = read(AnalyzeCommentRequest, body)
    text = check_comment(request.comment, most_characters)
    requested = request.requested_attributes
    if not requested:
        raise Fault(ErrorType.NO_REQUESTED_ATTRIBUTES, "Missing requested_attributes")
    wanted = [
        Wanted(name, check_attribute(name, answered), given.score_threshold or 0.0)
        for name, given in requested.items()
    ]
    for name, given in requested.items():
        check_score_type(name, (given.score_type,))
    for one in wanted:
        check_threshold(one.name, one.threshold)
    check_text_type(request.comment)
    check_context(request.context)
    return Asked(
        text=text,
        wanted=wanted,
        languages=request.languages or (),
        by_sentence=bool(request.span_annotations),
        remember=not request.do_not_store,
        drop_unsupported=bool(request.drop_unsupported_attributes),
        token=request.client_token or "",
    )
