"""Replay: what became of an item, in order, and what stood on the page at each decision."""

from tocsin.service.review.replay.finding import find_item
from tocsin.service.review.replay.replaying import Replay, replay
from tocsin.service.review.replay.rescoring import Difference, Rescored, rescored
from tocsin.service.review.replay.words import Words, show_words

__all__ = [
    "Difference",
    "Replay",
    "Rescored",
    "Words",
    "find_item",
    "replay",
    "rescored",
    "show_words",
]
