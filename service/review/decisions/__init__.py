"""Decisions: what reviewers said of items; the only thing that ever changes an item's fate."""

from tocsin.service.review.decisions.answering import answered
from tocsin.service.review.decisions.appealing import Appeal, AppealSource, appeal
from tocsin.service.review.decisions.deciding import decide
from tocsin.service.review.decisions.decision import Decision, Said
from tocsin.service.review.decisions.history import History, history, item_history
from tocsin.service.review.decisions.precedents import Precedent, find_precedents
from tocsin.service.review.decisions.together import Alike, decide_together, find_alike
from tocsin.service.review.decisions.trail import Trail, trail
from tocsin.service.review.decisions.undoing import undo, undoable

__all__ = [
    "Alike",
    "Appeal",
    "AppealSource",
    "Decision",
    "History",
    "Precedent",
    "Said",
    "Trail",
    "answered",
    "appeal",
    "decide",
    "decide_together",
    "find_alike",
    "find_precedents",
    "history",
    "item_history",
    "trail",
    "undo",
    "undoable",
]
