from __future__ import annotations

import math
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.assessment import Assessment, Level, ModelStamp, PolicyResult, PolicyStamp, Status, Tier
from tocsin.errors import InputError, PolicyError
from tocsin.item import Item
from tocsin.models.budget_fitting import budgeted, fit_budgets, shortfalls, without_budgets
from tocsin.models.budgets import Conditions
from tocsin.models.gates import fit_policies
from tocsin.models.reference import Reference
from tocsin.models.scorer import Scorer
from tocsin.models.traffic import TrafficScores
from tocsin.policy import Fitted, LevelFit, LevelName, PolicyDocument, TargetKind, parse_policy
from tocsin.signals import Signal

PAIR = (Signal.INCITEMENT, Signal.THREAT)
CONDITIONS = Conditions("sha256:" + "1" * 64, Tier.SCREEN, None, 20_480)
SCORES = np.arange(10_000) / 10_000


def document(
    review: str = '"budget 5%"', urgent: str = '"budget 1%"', when: str = "incitement"
) -> PolicyDocument:
    rules = f"""
        version = "1"
        [policies.kitchen]
        title = "Kitchen"
        severity = "low"
        when = "{when}"
        review = {review}
        urgent = {urgent}
        [policies.plain]
        title = "No budget"
        severity = "low"
        when = "incitement"
        review = 0.5
        urgent = 0.9
    """
    return parse_policy(rules.encode(), "kitchen.toml")


def scorer(policies: PolicyDocument) -> Scorer:
    """Return what stands for a scorer: gates fitted on 2,000 negatives, in English and German."""
    scores = np.random.default_rng(3).random((2_000, 2))
    reference = Reference(PAIR, scores, np.zeros((2_000, 2), np.int8))
    known = frozenset({Signal.INCITEMENT})
    bare = fit_policies(without_budgets(policies), reference, known)
    bundle = SimpleNamespace(manifest=SimpleNamespace(languages={"de", "en"}))
    return cast("Scorer", SimpleNamespace(policies=lambda _: bare, conditions=CONDITIONS, bundle=bundle))


def traffic(scores: NDArray[np.float64], urgent: NDArray[np.bool_] | None = None) -> TrafficScores:
    """Return what a scan of posts in English would have collected; seven of them are copies."""
    found = TrafficScores(["kitchen"], "en")
    flags = np.zeros(len(scores), np.bool_) if urgent is None else urgent
    for row, (score, flag) in enumerate(zip(scores.tolist(), flags.tolist(), strict=True)):
        item = Item(str(row), f"soup {max(row, 7)}", "en")
        found.add(item, judged(None if math.isnan(score) else score, Level.URGENT if flag else Level.NONE))
    return found


def judged(score: float | None, level: Level) -> Assessment:
    return Assessment(
        id="p-1",
        status=Status.SCORED,
        reason=None,
        language="en",
        signals={},
        policies=(PolicyResult("kitchen", score, None if score is None else level, certified=False),),
        priority=None,
        tier=None,
        spans=(),
        model=ModelStamp("toy", "1", "sha256:0"),
        policy=PolicyStamp("1", "sha256:1"),
    )


def fitted(policies: PolicyDocument, told: TrafficScores) -> Fitted:
    return fit_budgets(policies, scorer(policies), told)


def level(found: Fitted, name: LevelName) -> LevelFit:
    return found.languages["en"].policies["kitchen"][name]


def test_the_table_says_what_was_fitted_and_with_what() -> None:
    policies = document()
    found = fitted(policies, traffic(SCORES))

    assert (found.bundle, found.policy) == (CONDITIONS.bundle, policies.rules_digest)
    assert found.tier == "screen"
    assert (found.confidence, found.assume_language, found.max_characters) == (0.95, "none", 20_480)
    assert set(found.languages) == {"en"}
    assert (found.languages["en"].rows, found.languages["en"].duplicates) == (10_000, 7)
    assert set(found.languages["en"].policies) == {"kitchen"}
    assert (level(found, "urgent").reached, level(found, "review").reached) == (83, 463)
    assert level(found, "urgent").threshold == np.nextafter(0.9916, 1)


def test_while_traffic_is_scored_nothing_reaches_a_budget() -> None:
    policies = document(urgent="0.9")
    bare = without_budgets(policies)

    assert budgeted(policies) == ("kitchen",)
    assert (bare.policies[0].review.kind, bare.policies[0].review.value) == (TargetKind.NUMBER, math.inf)
    assert bare.policies[0].urgent == policies.policies[0].urgent
    assert bare.policies[1] == policies.policies[1]


def test_a_file_without_a_budget_has_nothing_to_fit() -> None:
    with pytest.raises(PolicyError, match=r'^kitchen.toml: policies: must have a target such as "budget 1%"'):
        without_budgets(document("0.5", "0.9"))


def test_what_is_urgent_with_a_low_score_takes_of_the_budget_for_review() -> None:
    low = SCORES < 0.004  # 40 rows
    found = fitted(document('"budget 1%"', '"fpr 0.05"'), traffic(SCORES, low))

    assert level(found, "review").reached == 83
    assert (level(found, "review").threshold <= SCORES).sum() == 43


def test_what_is_urgent_must_leave_room_for_review() -> None:
    with pytest.raises(PolicyError) as caught:
        fitted(document('"budget 1%"', '"fpr 0.05"'), traffic(SCORES, SCORES < 0.0084))

    assert str(caught.value) == (
        "kitchen.toml: policies.kitchen.review: must leave room for what is urgent at fpr 0.05,"
        " 84 of 10,000 rows in en; was budget 0.01"
    )


@pytest.mark.parametrize("review", ["0.995", '"fpr 0.005"'])
def test_a_budget_for_urgent_is_raised_to_the_threshold_of_review(review: str) -> None:
    policies = document(review)
    lowest = scorer(policies).policies("en")[0].review.whole.value
    found = level(fitted(policies, traffic(SCORES)), "urgent")

    assert found.threshold == lowest
    assert found.reached == (lowest <= SCORES).sum() < 83


def test_a_language_with_too_few_rows_for_one_level_has_none() -> None:
    policies = document(urgent='"budget 0.1%"')

    with pytest.raises(InputError) as caught:
        fitted(policies, traffic(SCORES[:2_994]))
    assert str(caught.value) == (
        "traffic must suffice to fit a budget in one language, did not:"
        " kitchen in de: 0 rows of traffic, takes 2,995; kitchen in en: 2,994 rows of traffic, takes 2,995"
    )
    assert level(fitted(policies, traffic(SCORES[:2_995])), "urgent").reached == 0


def test_a_policy_whose_signals_the_bundle_lacks_is_left_out_and_said_to_be() -> None:
    policies = document(when="threat")

    with pytest.raises(InputError, match=r"kitchen in en: the bundle has no threat$"):
        fitted(policies, traffic(np.full(10_000, np.nan)))


def test_languages_without_traffic_are_shortfalls() -> None:
    policies = document()
    found = fitted(policies, traffic(SCORES))

    assert list(shortfalls(policies, scorer(policies), found.languages)) == [
        "kitchen in de: 0 rows of traffic, takes 1,000"
    ]
