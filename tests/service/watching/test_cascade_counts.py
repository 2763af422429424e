"""What a cascade clears is counted, and what that loses is estimated with an interval that holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tocsin.assessment import Assessment, Level, Tier
from tocsin.item import Item
from tocsin.models import Scorer, read_bundle
from tocsin.models.cascade import ClearingChoice
from tocsin.policy import default_policy
from tocsin.service.watching import Metrics
from tocsin.service.watching.cascade_counts import observed_loss

DRAWS: Final = 2_000


@pytest.fixture(scope="module")
def scorer(toy_cascade_bundle: Path) -> Scorer:
    bundle = read_bundle(toy_cascade_bundle, tier=Tier.CASCADE)
    return Scorer(bundle, default_policy(), clearing=ClearingChoice(0.2, check=0))


def outcome(one: Assessment, tier: Tier, *, level: Level = Level.NONE, checked: bool = False) -> Assessment:
    policies = tuple(replace(result, level=level) for result in one.policies)
    return replace(one, tier=tier, checked=checked, policies=policies)


def gauges(metrics: Metrics) -> dict[tuple[str, ...], float]:
    content, _ = metrics.exposition.exposed()
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(content.decode())
        for sample in family.samples
        if "cascade" in sample.name
    }


def test_texts_count_by_what_became_of_them_and_the_loss_follows(scorer: Scorer) -> None:
    metrics = Metrics(scorer)
    (one,) = scorer.assess([Item("a", "soup with the referee", language="en")])
    batch = [
        *[outcome(one, Tier.SCREEN)] * 90,
        *[outcome(one, Tier.ENCODER, checked=True)] * 9,
        outcome(one, Tier.ENCODER, level=Level.URGENT, checked=True),
        *[outcome(one, Tier.ENCODER, level=Level.REVIEW)] * 40,
        *[outcome(one, Tier.ENCODER)] * 5,
    ]

    metrics.scored([Item("a", "soup")] * len(batch), batch, 0.1)

    found = gauges(metrics)
    counted = {
        outcome: found["tocsin_cascade_items_total", "en", outcome]
        for outcome in ("cleared", "checked", "lost", "flagged", "read")
    }
    assert counted == {"cleared": 90, "checked": 9, "lost": 1, "flagged": 40, "read": 5}
    # a tenth of the 100 cleared ones would have been flagged: 10 beside the 40 that were
    assert found["tocsin_cascade_loss", "estimate", "en"] == pytest.approx(10 / 50)
    assert found["tocsin_cascade_loss", "low", "en"] < 10 / 50 < found["tocsin_cascade_loss", "high", "en"]


def test_there_is_no_loss_to_tell_before_anything_was_checked(scorer: Scorer) -> None:
    metrics = Metrics(scorer)
    (one,) = scorer.assess([Item("a", "soup with the referee", language="en")])

    metrics.scored([Item("a", "soup")] * 2, [outcome(one, Tier.SCREEN)] * 2, 0.1)

    assert "tocsin_cascade_loss" not in {name for name, *_ in gauges(metrics)}
    assert observed_loss({"cleared": 9, "checked": 3}) is None
    assert observed_loss({"cleared": 9, "flagged": 3}) is None
    told = observed_loss({"cleared": 97, "checked": 3, "flagged": 3})
    assert told is not None
    assert told[0] == told[1] == 0
    assert told[2] > 0.5


def test_a_scorer_without_a_cascade_counts_none(shipped_scorer: Scorer) -> None:
    metrics = Metrics(shipped_scorer)

    assert gauges(metrics) == {}


@pytest.mark.parametrize("expected", [0.2, 1, 3, 12])
def test_the_interval_holds_where_hardly_anything_is_lost(expected: float) -> None:
    draw, held, above = np.random.default_rng(9), 0, 0
    checked, cleared, flagged = 600, 60_000, 3_000
    rate = expected / checked
    truth = cleared * rate / (cleared * rate + flagged)
    for _ in range(DRAWS):
        lost = int(draw.binomial(checked, rate))
        told = observed_loss(
            {"cleared": cleared - checked, "checked": checked - lost, "lost": lost, "flagged": flagged}
        )
        assert told is not None
        held += told[1] <= truth <= told[2]
        above += told[1] > truth  # what wakes somebody

    assert held / DRAWS >= 0.95 - 0.015
    assert above / DRAWS <= 0.025 + 0.0105  # three standard errors


def test_the_interval_holds_the_true_loss_in_nineteen_draws_of_twenty() -> None:
    draw, held = np.random.default_rng(8), 0
    cleared, flagged, rate = 60_000, 3_000, 0.004
    truth = cleared * rate / (cleared * rate + flagged)
    for _ in range(DRAWS):
        checked = int(draw.binomial(cleared, 0.05))
        lost = int(draw.binomial(checked, rate))
        told = observed_loss(
            {"cleared": cleared - checked, "checked": checked - lost, "lost": lost, "flagged": flagged}
        )
        assert told is not None
        held += told[1] <= truth <= told[2]

    assert 0.94 <= held / DRAWS <= 0.985  # exact intervals hold a little more than they say
