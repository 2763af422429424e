"""Labels of what was drawn to learn from: their weights, and that no figure of the model has them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import date, timedelta
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tocsin.assessment import Standing
from tocsin.policy import parse_policy
from tocsin.service.review.compliance.transparency import Period as Days
from tocsin.service.review.compliance.transparency import summarise
from tocsin.service.review.contract_testing import (
    CONFIRM,
    DISMISS,
    START,
    FixedClock,
    assessed,
    decided,
    handed_in,
    judged,
    open_desk_at,
    reviewer,
    rows,
)
from tocsin.service.review.decisions import Said, decide
from tocsin.service.review.desk import Desk
from tocsin.service.review.intake import Judged, Notice, NoticeKind, NoticeSource, Submission
from tocsin.service.review.intake.placing import place
from tocsin.service.review.log import LogKey
from tocsin.service.review.quality.arrivals import By
from tocsin.service.review.quality.decided import read_decided
from tocsin.service.review.quality.doubling import double_review
from tocsin.service.review.quality.drifting import drift_alarms
from tocsin.service.review.quality.exporting import Exported, LabelRules, label_rows
from tocsin.service.review.quality.period import Period
from tocsin.service.review.quality.rates import rates
from tocsin.service.review.quality.readings import golden_accuracy
from tocsin.service.review.queue import PATIENCE_HOURS, Queue
from tocsin.service.review.records import Reviewer
from tocsin.service.review.records.figures import figures_now
from tocsin.service.review.rules import Rules
from tocsin.service.review.store.tables import tasks
from tocsin.service.review.tasks import claim_next
from tocsin.service.review.testing import Cluster
from tocsin.service.review.verdict import Verdict

PERIOD = Period(START - timedelta(days=1), START + timedelta(days=20))
RULES = LabelRules(
    parse_policy(
        b'version = "1"\n[policies.soup]\ntitle = "Soup"\nwhen = "hate"\nseverity = "low"\n'
        b"review = 0.5\nurgent = 0.9\n",
        "kitchen.toml",
    )
)
AT_A_LEVEL = Standing(0.0)
STEW = Said(Verdict.CONFIRM, "stew")  # what nobody finds but in what is learnt from
FIGURES: dict[str, Callable[[Desk], Any]] = {
    "dashboard": lambda desk: {
        name: told
        for name, told in asdict(desk.read(figures_now)).items()
        if name in {"volume", "precision", "audit", "drift"}
    },
    "rates": lambda desk: desk.read(rates, PERIOD, By.COMMUNITY),
    "refit": lambda desk: desk.read(read_decided, PERIOD),
    "drift alarms": lambda desk: desk.read(drift_alarms),
    "agreement": lambda desk: desk.read(double_review, PERIOD),
    "golden": lambda desk: desk.read(golden_accuracy, PERIOD),
    "Article 15": lambda desk: asdict(
        replace(desk.read(summarise, Days(date(2026, 3, 1), date(2026, 3, 22))), made_at=START)
    ),
}


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Yield what makes a desk over an empty database of its own, of each kind."""
    with ExitStack() as closing:

        def url() -> str:
            if request.param == "sqlite":
                folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
                folder.mkdir()
                return f"sqlite:///{folder}/review.sqlite"
            server: Cluster = request.getfixturevalue("postgres")
            made = server.database()
            closing.callback(server.drop, made)
            return made

        def make(**given: Any) -> Desk:
            desk = open_desk_at(url(), severe_a_shift=0, severe_in_a_row=0, **given)
            closing.callback(desk.close)
            return desk

        yield make


def post(number: int, level: str = "none", standing: Standing | None = AT_A_LEVEL, **told: Any) -> Judged:
    name = f"p{number}"
    told.setdefault("community", ("kitchen", "pitch")[number % 2])
    return judged(name, assessment=replace(assessed(name, level), standing=standing), **told)


def notice(number: int) -> Notice:
    return Notice(f"n{number}", NoticeKind.NOTICE, NoticeSource.USER)


def answer(name: str) -> Said:
    """Say what an item is, whoever asks."""
    return CONFIRM if int(name.removeprefix("p")) % 5 == 0 else DISMISS


def worked_off(desk: Desk, by: Reviewer, queue: Queue, says: Callable[[str], Said] = answer) -> int:
    done = 0
    while (task := desk.jot(claim_next, by, [queue])) is not None:
        assert task.claim is not None
        desk.write(decide, by, task.claim, says(task.item or ""))
        done += 1
    return done


def busy(make: Callable[..., Desk], share: float) -> tuple[Desk, Reviewer]:
    """Return a desk over a platform of which everything but what is learnt from was decided, some twice."""
    clock = FixedClock()
    desk = make(clock=clock, audit_share=0.4, learning_share=share, double_share=0.2)
    alice, bob = reviewer(desk), reviewer(desk, "bob")
    handed_in(
        desk,
        *(post(number, "review" if number % 3 == 0 else "none") for number in range(90)),
        *(post(number, notice=notice(number)) for number in range(90, 100)),
    )
    for queue in (Queue.REVIEW, Queue.NOTICES, Queue.RANDOM):
        assert worked_off(desk, alice, queue) > 3
    clock.advance(hours=1)
    assert worked_off(desk, bob, Queue.SECOND) > 3
    clock.advance(hours=47)
    return desk, alice


def test_no_figure_is_moved_by_what_waits_to_be_learnt_from_or_by_its_labels(
    fresh: Callable[..., Desk],
) -> None:
    off, _ = busy(fresh, 0.0)
    on, alice = busy(fresh, 1.0)
    without = {name: told(off) for name, told in FIGURES.items()}
    assert {name: told(on) for name, told in FIGURES.items()} == without
    assert worked_off(on, alice, Queue.LEARNING, lambda _: STEW) > 10
    assert {name: told(on) for name, told in FIGURES.items()} == without


def labels(desk: Desk) -> dict[str, dict[str, Any]]:
    """Return exported rows by what their items were called."""
    found = [json.loads(line) for line in desk.read(label_rows, PERIOD, RULES, Exported())]
    return {row["id"]: row for row in found}


def test_labels_have_the_probability_of_either_draw(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(audit_share=0.5, learning_share=0.5)
    alice = reviewer(desk)
    handed_in(desk, *(post(number) for number in range(40)))
    drawn = {row.item for row in rows(desk, tasks) if row.inclusion is not None}
    others = {row.item for row in rows(desk, tasks)} - drawn
    for queue in (Queue.RANDOM, Queue.LEARNING):
        worked_off(desk, alice, queue)
    found = labels(desk)
    assert {row["inclusion_probability"] for row in found.values()} == {0.75}
    assert found.keys() == {f"item-{number}" for number in drawn | others}
    marked = {name for name, row in found.items() if row.get("x_queue") == "learning"}
    assert marked == {f"item-{number}" for number in others}
    assert 3 < len(others) < len(found)


def test_a_draw_alone_has_its_own_chance(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(audit_share=0.0, learning_share=1.0)
    alice = reviewer(desk)
    handed_in(desk, post(1), post(2, "review"))
    for queue in (Queue.LEARNING, Queue.REVIEW):
        worked_off(desk, alice, queue)
    told = {row["x_level"]: row["inclusion_probability"] for row in labels(desk).values()}
    assert told == {"none": 1.0, "review": 1.0}


def test_what_the_audit_drew_while_nothing_was_learnt_from_keeps_its_chance(
    make_desk: Callable[..., Desk],
) -> None:
    desk = make_desk(audit_share=0.999999)
    handed_in(desk, post(1))
    worked_off(desk, reviewer(desk), Queue.RANDOM)
    assert [row["inclusion_probability"] for row in labels(desk).values()] == [0.999999]


def test_what_was_reported_counts_by_the_draws_alone(make_desk: Callable[..., Desk]) -> None:
    """A report is no draw: nobody knows how likely it was."""
    desk = make_desk(audit_share=0.3, learning_share=0.3)
    alice = reviewer(desk)
    handed_in(desk, *(post(number, notice=notice(number)) for number in range(40)))
    assert {row.queue for row in rows(desk, tasks)} == {"notices"}
    worked_off(desk, alice, Queue.NOTICES)
    found = labels(desk)
    assert {round(row["inclusion_probability"], 9) for row in found.values()} == {0.51}
    assert 8 < len(found) < 32  # of 40, with a chance of 0.51 each
    assert {row.get("x_queue") for row in found.values()} == {None, "learning"}


def test_what_waits_to_be_learnt_from_is_no_label_yet(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(learning_share=1.0)
    handed_in(desk, post(1), post(2))
    assert labels(desk) == {}
    decided(desk, reviewer(desk))
    assert len(labels(desk)) == 1


def test_weights_recover_the_planted_share_where_what_was_drawn_does_not() -> None:
    """Over 100 keys: what breaks a policy lies near a level more often, and is drawn more often for it."""
    random, count, audit, share = np.random.default_rng(11), 1_000, 0.02, 0.2
    standings = -np.abs(random.normal(0, 4, count))
    breaks = random.random(count) < 0.6 / (1 + np.exp(-2 * standings))
    rules = Rules(PATIENCE_HOURS, audit, 0, timedelta(hours=1), share)
    posts = [
        (Submission(f"p{place_}", "A soup."), replace(assessed("p", "none"), standing=Standing(far)))
        for place_, far in enumerate(standings.tolist())
    ]
    weighted, plain = [], []
    for secret in range(100):
        key = LogKey(bytes([secret]) * 32)
        found = [place(*one, key.draw(one[0].id), rules, key.draw(one[0].id, "learning")) for one in posts]
        kept = np.array([one.drawn or one.learnt for one in found])
        assert all(one.queue is not None for one in found if one.drawn or one.learnt)
        chance = np.array([1 - (1 - audit) * (1 - (one.learning or 0)) for one in found])
        weighted.append((breaks / chance)[kept].sum() / count)
        plain.append(breaks[kept].mean())
    truth, spread = breaks.mean(), np.std(weighted) / sqrt(len(weighted))
    assert abs(np.mean(weighted) - truth) < 3 * spread < 0.2 * truth
    assert np.mean(plain) > 1.3 * truth


def test_training_reads_what_is_exported(make_desk: Callable[..., Desk], tmp_path: Path) -> None:
    from tocsin.training.own_rows import read_own

    desk = make_desk(audit_share=0.5, learning_share=0.5)
    alice = reviewer(desk)
    handed_in(desk, *(post(number) for number in range(20)))
    for queue in (Queue.RANDOM, Queue.LEARNING):
        worked_off(desk, alice, queue)
    path = tmp_path / "decisions.jsonl"
    path.write_bytes(b"".join(desk.read(label_rows, PERIOD, RULES, Exported())))
    found = read_own(path)
    assert {one.inclusion for one in found} == {0.75}
    assert {one.attributes.get("queue") for one in found} == {None, "learning"}
