"""Who read what twice, and golden items."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from tocsin.assessment import Level
from tocsin.service.review.contract_testing import START
from tocsin.service.review.desk import Desk
from tocsin.service.review.quality.period import Period
from tocsin.service.review.quality.readings import (
    Reading,
    agreements,
    golden_accuracy,
)
from tocsin.service.review.quality.testing import Planted, plant
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Reviewer
from tocsin.service.review.store.tables import items, tasks

PERIOD = Period(START - timedelta(days=28), START)
AT = START - timedelta(days=3)


def pairs(
    count: int, first: str | None, second: str | None, start: int, chance: float = 1.0
) -> list[Reading]:
    return [
        reading
        for item in range(start, start + count)
        for reading in (Reading(item, first, False, chance), Reading(item, second, True, chance))
    ]


def test_agreement_is_told_overall_and_by_policy() -> None:
    given = [
        *pairs(30, "soup", "soup", 0),
        *pairs(10, "soup", None, 100),
        *pairs(40, None, None, 200),
        *pairs(20, "broth", "broth", 300),
    ]
    whole, broth, soup = agreements(given)
    assert (whole.policy, broth.policy, soup.policy) == (None, "broth", "soup")
    assert (whole.agreement.items, whole.agreement.plain.value) == (100, 0.9)
    assert broth.agreement.kappa.value == broth.second.value == 1.0
    # 0.9 agree; 40 and 30 of 100 say soup: by chance 0.35² + 0.65² pooled, 0.4 x 0.3 + 0.6 x 0.7 of two.
    assert soup.agreement.kappa.value == pytest.approx((0.9 - 0.545) / 0.455)
    assert soup.second.value == pytest.approx((0.9 - 0.54) / 0.46)


def test_items_weigh_one_over_their_chance_to_be_read_twice() -> None:
    rare = pairs(20, "soup", None, 0, chance=0.5)
    found = agreements([*rare, *pairs(60, None, None, 100)])[0]
    assert found.agreement.plain.value == pytest.approx(60 / 100)


def test_golden_items_are_told_by_their_answer_with_exact_limits(
    desk: Desk, alice: Reviewer, bob: Reviewer
) -> None:
    del bob
    numbers = desk.write(
        plant, alice.number, [Planted(Level.REVIEW, AT, "soup")] * 28 + [Planted(Level.REVIEW, AT, "")] * 3
    )

    def golden(tx: object) -> None:
        tx.execute(update(tasks).values(queue=Queue.GOLDEN.value))  # type: ignore[attr-defined]
        tx.execute(update(items).values(expected={"policy": "soup"}))  # type: ignore[attr-defined]
        tx.execute(update(items).where(items.c.id == numbers[-1]).values(expected={"policy": None}))  # type: ignore[attr-defined]

    desk.store.write(golden)
    soup, nothing = desk.read(golden_accuracy, PERIOD)
    assert (soup.policy, soup.right, soup.accuracy.decided) == ("soup", 28, 30)
    # Clopper and Pearson's limits of 28 in 30.
    assert (soup.accuracy.low, soup.accuracy.high) == pytest.approx((0.7793, 0.9918), abs=1e-4)
    assert (nothing.policy, nothing.accuracy.value) == (None, None)
