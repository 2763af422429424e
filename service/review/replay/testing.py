"""For tests: an item to which everything happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from tocsin.assessment import Span
from tocsin.service.review.contract_testing import (
    BY,
    CONFIRM,
    DISMISS,
    START,
    FixedClock,
    assessed,
    claimed,
    handed_in,
    judged,
)
from tocsin.service.review.decisions import Appeal, AppealSource, appeal, decide, undo
from tocsin.service.review.desk import Desk
from tocsin.service.review.intake import Notice, NoticeKind, NoticeSource
from tocsin.service.review.records import (
    Automation,
    Extent,
    Ground,
    Measure,
    MeasureKind,
    MeasureSource,
    Reviewer,
    record,
    reveal,
    view,
)
from tocsin.signals import Signal

__all__ = ["TEXT", "whole_story"]

TEXT: Final = "Zorbian soup is hot. Bread is not. Nobody eats it."
_NOTICE: Final = Notice("n1", NoticeKind.NOTICE, NoticeSource.USER, policy="soup", statement="Far too hot.")
_MEASURE: Final = Measure(
    "m1",
    MeasureKind.REMOVED,
    Ground.INCOMPATIBLE,
    "Terms, 4",
    MeasureSource.NOTICE,
    Automation.NONE,
    START + timedelta(hours=1),
    explanation="It is far too hot for us.",
    decision=2,
)
_SPANS: Final = (Span(0, 7, Signal.HATE, 1.25), Span(8, 12, Signal.HATE, 0.5))


def whole_story(desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer) -> None:
    """Let an item be noticed, looked at, decided, undone, decided, measured, appealed and decided anew."""
    assessment = replace(assessed("p1"), spans=_SPANS)
    handed_in(desk, judged("p1", TEXT, assessment=assessment, community="kitchen", thread=("Lunch?",)))
    clock.advance(minutes=1)
    handed_in(desk, judged("p1", TEXT, assessment=assessment, notice=_NOTICE))
    clock.advance(minutes=1)
    _, first = claimed(desk, alice)
    clock.advance(minutes=1)
    desk.write(reveal, alice, 1, Extent.WORD, 0)
    desk.write(reveal, alice, 1, Extent.SENTENCE, 1)
    desk.write(view, alice, 1, Extent.WHOLE)
    clock.advance(minutes=1)
    made = desk.write(decide, alice, first, replace(CONFIRM, note="hot, says the cook"))
    clock.advance(minutes=1)
    again = desk.write(undo, alice, made.number)
    if again is None:
        raise AssertionError("whoever undoes must hold the task anew, holds none")
    clock.advance(minutes=1)
    desk.write(reveal, alice, 1, Extent.NOTICE, 1)
    desk.write(decide, alice, again, CONFIRM)
    clock.advance(minutes=1)
    desk.write(record, "p1", _MEASURE, BY)
    clock.advance(minutes=1)
    desk.write(appeal, "p1", Appeal("a1", AppealSource.AUTHOR, statement="It was lukewarm."), BY)
    clock.advance(minutes=1)
    _, other = claimed(desk, bob)
    desk.write(reveal, bob, 2, Extent.WHOLE)
    desk.write(reveal, bob, 2, Extent.APPEAL, 1)
    clock.advance(minutes=1)
    desk.write(decide, bob, other, DISMISS)
