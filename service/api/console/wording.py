"""The console's plain words for what the code names in one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tocsin.assessment import Level, Reason
from tocsin.service.review.queue import Queue
from tocsin.service.review.verdict import Verdict
from tocsin.signals import Signal

__all__ = [
    "LEVEL_WORDS",
    "QUEUE_REASONS",
    "QUEUE_TITLES",
    "REASON_WORDS",
    "VERDICT_WORDS",
    "actor_words",
    "extent_words",
    "plural",
    "share",
    "signal_words",
]

QUEUE_TITLES: Final[Mapping[Queue, str]] = {
    Queue.ORDERS: "Removal orders",
    Queue.URGENT: "Urgent",
    Queue.NOTICES: "Reported",
    Queue.APPEALS: "Appeals",
    Queue.ADJUDICATION: "To adjudicate",
    Queue.REVIEW: "To review",
    Queue.UNSCORABLE: "Not judged by the model",
    Queue.RANDOM: "Drawn at random",
    Queue.SECOND: "To decide once more",
    Queue.CORRECTIONS: "Suggested scores",
    Queue.LEARNING: "To learn from",
    Queue.SAMPLE: "Sample to label",
    Queue.GOLDEN: "Known answer",
}
QUEUE_REASONS: Final[Mapping[Queue, str]] = {
    Queue.ORDERS: "An authority orders that it be removed. The order has its own clock.",
    Queue.URGENT: "A policy reached its level urgent.",
    Queue.NOTICES: "Somebody reported it.",
    Queue.APPEALS: "Somebody objects to what was decided. Whoever decided it does not decide this.",
    Queue.ADJUDICATION: "Two who decided it, each alone, said different things. Say which of them holds.",
    Queue.REVIEW: "A policy reached its level review.",
    Queue.UNSCORABLE: "The model could not judge it, so a person must.",
    Queue.RANDOM: "It was drawn at random from what the model did not flag. So we learn what it misses.",
    Queue.SECOND: "Somebody decided it. So we learn how far we agree: nothing follows from what you say.",
    Queue.CORRECTIONS: "Somebody would score it otherwise. The platform does not know it by any id.",
    Queue.LEARNING: "It was drawn from what the model did not flag. So the next model learns.",
    Queue.SAMPLE: "It was drawn from stored posts, to learn how much there is. Nothing follows for the post.",
    Queue.GOLDEN: "Its answer is known. It measures how reliably we decide.",
}
VERDICT_WORDS: Final[Mapping[Verdict, str]] = {
    Verdict.CONFIRM: "confirmed",
    Verdict.DISMISS: "dismissed",
    Verdict.ESCALATE: "escalated",
    Verdict.SKIP: "skipped",
}
LEVEL_WORDS: Final[Mapping[Level | None, str]] = {
    Level.URGENT: "urgent",
    Level.REVIEW: "review",
    Level.NONE: "below review",
    None: "not judged",
}
REASON_WORDS: Final[Mapping[Reason | None, str]] = {
    Reason.EMPTY: "nothing in it can be read as words",
    Reason.TOO_LONG: "it is longer than the model reads",
    Reason.LANGUAGE: "its language is none that the model was tested in, or could not be told",
    None: "none of the policies can be judged in its language",
}
_EXTENTS: Final[Mapping[str, str]] = {
    "word": "a word",
    "sentence": "a sentence",
    "whole": "the whole text",
    "thread": "a text before it",
    "notice": "a notice's words",
    "appeal": "an appeal's words",
}
_ACTORS: Final[Mapping[str, str]] = {
    "key": "the platform",
    "system": "the system",
    "operator": "the operator",
}


def signal_words(signal: Signal | str) -> str:
    """Return a signal's name as people write it."""
    return str(signal).replace("_", " ")


def actor_words(actor: str) -> str:
    """Return who did something, from how the log writes it; a key's id stays out of pages."""
    kind, _, number = actor.partition(":")
    return f"reviewer {number}" if kind == "reviewer" else _ACTORS.get(kind, kind)


def extent_words(extent: str, times: int) -> str:
    """Return how much of a text somebody was shown."""
    words = _EXTENTS.get(extent, extent)
    return words if times == 1 else f"{words} ({times:,} times)"


def plural(count: int, one: str, several: str | None = None) -> str:
    """Return a count with its noun, grouped by thousands."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def share(value: float) -> str:
    """Return a share as per cent, without noughts that say nothing."""
    return f"{value * 100:.3g} %"
