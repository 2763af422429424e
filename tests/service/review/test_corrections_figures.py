"""Corrections in figures: they are no sample of anything, and no figure of the model or the law has them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from tocsin.errors import InputError
from tocsin.policy import parse_policy
from tocsin.service.review.compliance.transparency import Period as Days
from tocsin.service.review.compliance.transparency import summarise
from tocsin.service.review.contract_testing import (
    CONFIRM,
    DISMISS,
    PLATFORM,
    START,
    FixedClock,
    decided,
    handed_in,
    judged,
    reviewer,
    rows,
)
from tocsin.service.review.correction_testing import correction, taken
from tocsin.service.review.desk import Desk
from tocsin.service.review.quality.arrivals import By, count_arrivals
from tocsin.service.review.quality.decided import read_decided
from tocsin.service.review.quality.doubling import double_review
from tocsin.service.review.quality.drifting import drift_alarms
from tocsin.service.review.quality.exporting import Exported, LabelRules, label_rows
from tocsin.service.review.quality.period import Period
from tocsin.service.review.quality.rates import rates
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Reviewer, count_queues, erase
from tocsin.service.review.records.figures import figures_now
from tocsin.service.review.store.correction_tables import corrections
from tocsin.service.review.store.tables import items
from tocsin.service.scan.testing import WordAssessor
from tocsin.signals import Signal

ALL = Period(START - timedelta(days=1), START + timedelta(days=20))
RULES = LabelRules(
    parse_policy(
        b'version = "1"\n[policies.soup]\ntitle = "Soup"\nwhen = "hate"\nseverity = "low"\n'
        b"review = 0.5\nurgent = 0.9\n",
        "kitchen.toml",
    )
)
SOUP = WordAssessor({"soup": 0.9, "rugby": 0.6}, policy="soup")
FIGURES: dict[str, Callable[[Desk], Any]] = {
    "dashboard": lambda desk: {
        name: told
        for name, told in asdict(desk.read(figures_now)).items()
        if name in {"volume", "precision", "audit", "drift"}
    },
    "arrivals": lambda desk: desk.read(lambda tx, _: count_arrivals(tx, ALL)),
    "rates": lambda desk: desk.read(rates, ALL, By.COMMUNITY),
    "refit": lambda desk: desk.read(read_decided, ALL),
    "drift alarms": lambda desk: desk.read(drift_alarms),
    "Article 15": lambda desk: asdict(
        replace(desk.read(summarise, Days(date(2026, 3, 1), date(2026, 3, 22))), made_at=START)
    ),
}
# Where a leak shows here; alarms need five weeks, and count what `arrivals` counts.
TOLD_BY_THE_TABLE = [name for name in FIGURES if name != "drift alarms"]


@pytest.fixture
def busy(desk: Desk, clock: FixedClock, alice: Reviewer) -> Desk:
    """Return a desk over which 25 of 30 flagged items were decided, two days ago."""
    handed_in(desk, *(judged(f"p{number}", level="urgent") for number in range(30)))
    for _ in range(30):
        decided(desk, alice)
    return desk


def correct(desk: Desk, alice: Reviewer) -> None:
    """Put thirty corrections in: flagged, quiet and blank ones, decided but for a few, one erased."""
    texts = [f"{word} recipe {number}" for number in range(10) for word in ("soup", "rugby", "bread")]
    blank = correction(text=" ")
    done, _ = taken(desk, *(correction(text=text) for text in texts), blank, assessor=SOUP)
    assert done.new.total() == 31
    for number in range(25):
        decided(desk, alice, CONFIRM if number % 3 else DISMISS, Queue.CORRECTIONS)
    desk.write(erase, rows(desk, items)[-2].platform_id, PLATFORM)


def test_no_figure_has_corrections_and_each_would_without_their_table(
    busy: Desk, clock: FixedClock, alice: Reviewer
) -> None:
    clock.advance(hours=48)
    before = {name: told(busy) for name, told in FIGURES.items()}
    correct(busy, alice)
    assert {name: told(busy) for name, told in FIGURES.items()} == before

    clock.advance(hours=48)
    before = {name: told(busy) for name, told in FIGURES.items()}
    busy.store.write(lambda tx: tx.execute(delete(corrections)))
    changed = []
    for name in TOLD_BY_THE_TABLE:
        try:
            differs = FIGURES[name](busy) != before[name]
        except InputError:  # a refit refuses what no audit could have drawn
            differs = True
        changed += [name] if differs else []
    assert changed == TOLD_BY_THE_TABLE


def test_the_random_audit_draws_none(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(audit_share=1.0)
    reviewer(desk)
    taken(desk, *(correction(number) for number in range(5)))
    counted = {one.queue: one.open for one in desk.read(count_queues)}
    assert (counted[Queue.CORRECTIONS], counted[Queue.RANDOM]) == (5, 0)
    assert {row.inclusion for row in rows(desk, items)} == {None}


def test_none_is_drawn_to_be_decided_twice(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(double_share=1.0)
    alice = reviewer(desk)
    handed_in(desk, judged("p1"))
    decided(desk, alice)
    taken(desk, correction(1))
    decided(desk, alice)
    found = desk.read(double_review, ALL)
    assert (found.eligible, found.drawn) == (1, 1)


def labels(desk: Desk) -> list[dict[str, Any]]:
    return [json.loads(line) for line in desk.read(label_rows, ALL, RULES, Exported())]


def test_what_a_correction_alleges_is_no_label_and_what_is_decided_is(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1"))
    decided(desk, alice, CONFIRM)
    before = labels(desk)
    lines = [correction(text="soup today"), correction(text="bread today")]
    taken(desk, *lines, assessor=SOUP)
    assert labels(desk) == before

    first = decided(desk, alice, DISMISS)
    second = decided(desk, alice, CONFIRM)
    told = {row["id"]: row for row in labels(desk)}
    shared = {"language": "en", "inclusion_probability": 1.0, "split": "train", "x_queue": "corrections"}
    urgent, quiet = f"item-{first.item_number}", f"item-{second.item_number}"
    assert told == {
        **{row["id"]: row for row in before},
        urgent: {"id": urgent, "text": "soup today", "hate": 0, "x_policy": "none", "x_level": "urgent",
                 **shared},
        quiet: {"id": quiet, "text": "bread today", "hate": 1, "x_policy": "soup", "x_level": "none",
                **shared},
    }  # fmt: skip


def test_training_reads_them(desk: Desk, alice: Reviewer, tmp_path: Path) -> None:
    from tocsin.training.own_rows import read_own

    taken(desk, correction(text="soup today"), assessor=SOUP)
    decided(desk, alice, CONFIRM)
    path = tmp_path / "decisions.jsonl"
    path.write_bytes(b"".join(desk.read(label_rows, ALL, RULES, Exported())))
    (one,) = read_own(path)
    assert (one.labels[Signal.HATE].value, one.inclusion) == ("positive", 1.0)
