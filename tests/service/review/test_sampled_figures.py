"""Samples and what is counted and searched: nothing that tells of the model counts or finds them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from tocsin.service.review.contract_testing import PLATFORM, FixedClock, claimed, decided, handed_in, judged
from tocsin.service.review.decisions import answered
from tocsin.service.review.desk import Desk
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Reviewer, count_queues, erase
from tocsin.service.review.records.figures import figures_now
from tocsin.service.review.records.searching import Filters, search
from tocsin.service.review.sampling_testing import sampled_posts
from tocsin.service.review.verdict import Verdict

BROKEN = answered(Verdict.CONFIRM, ["hate", "incitement"])
NONE = answered(Verdict.DISMISS)
OF_THE_MODEL = ("volume", "precision", "audit", "drift")


def of_the_model(desk: Desk) -> dict[str, Any]:
    told = asdict(desk.read(figures_now))
    return {name: told[name] for name in OF_THE_MODEL}


def test_figures_of_the_model_know_no_sampled_post(desk: Desk, clock: FixedClock, alice: Reviewer) -> None:
    handed_in(desk, *(judged(f"p{number}", level="urgent") for number in range(30)))
    for _ in range(25):
        decided(desk, alice)
    clock.advance(hours=48)
    before = of_the_model(desk)

    sampled_posts(desk, *range(30))
    for number in range(24):
        decided(desk, alice, BROKEN if number % 2 else NONE, Queue.SAMPLE)
    desk.write(erase, "post-29", PLATFORM)

    assert of_the_model(desk) == before


def test_the_sample_is_a_queue_of_its_own(desk: Desk, alice: Reviewer) -> None:
    sampled_posts(desk, *range(3))
    claimed(desk, alice)
    counted = {one.queue: (one.open, one.held) for one in desk.read(count_queues, shown=True)}
    assert counted[Queue.SAMPLE] == (3, 1)
    assert {open_ for queue, (open_, _) in counted.items() if queue is not Queue.SAMPLE} == {0}


@pytest.mark.parametrize(
    "query",
    [
        *({"level": level} for level in ("urgent", "review", "none", "unjudged")),
        *({"severity": severity} for severity in ("severe", "moderate", "unknown")),
        *({"reason": reason} for reason in ("empty", "too_long", "language")),
        {"flagged": "hate"},
        {"language": "en"},
    ],
    ids=str,
)
def test_no_filter_of_the_model_finds_a_sampled_text(
    desk: Desk, alice: Reviewer, lead: Reviewer, query: dict[str, str]
) -> None:
    sampled_posts(desk, *range(3))
    decided(desk, alice, BROKEN)
    for by in (alice, lead):
        asked = Filters.parse({"state": "any", **query})
        assert desk.read(search, by, asked).found == []
        assert len(desk.read(search, by, Filters.parse({"state": "any", "queue": "sample"})).found) == 3


def test_a_decision_is_found_by_each_policy_that_it_names(desk: Desk, alice: Reviewer) -> None:
    sampled_posts(desk, *range(3))
    decided(desk, alice, BROKEN)
    decided(desk, alice, answered(Verdict.CONFIRM, ["hate"], ["incitement"]))
    decided(desk, alice, NONE)

    def found(policy: str) -> list[int]:
        asked = Filters.parse({"state": "done", "confirmed": policy})
        return sorted(one.number for one in desk.read(search, alice, asked).found)

    assert found("hate") == [1, 2]
    assert found("incitement") == [1]
    assert found("incite%") == []
