"""What a fitted budget does to items, and when a policy file with one is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tocsin.assessment import Level, Tier
from tocsin.errors import PolicyError
from tocsin.models.budgets import Conditions, budget_fits
from tocsin.models.gates import FittedPolicy, fit_policies
from tocsin.models.reference import Reference
from tocsin.policy import Fitted, LanguageFit, LevelFit, PolicyDocument, parse_policy
from tocsin.signals import Signal

PAIR = (Signal.INCITEMENT, Signal.THREAT)
CONDITIONS = Conditions("sha256:" + "1" * 64, Tier.SCREEN, "en", 20_480)
Columns = dict[Signal, np.ndarray[tuple[int], np.dtype[np.float64]]]


def document(
    review: str = '"budget 5%"', urgent: str = '"budget 1%"', when: str = '"incitement"'
) -> PolicyDocument:
    rules = f"""
        version = "1"
        [policies.kitchen]
        title = "Kitchen"
        severity = "low"
        when = {when}
        review = {review}
        urgent = {urgent}
    """
    return parse_policy(rules.encode(), "my kitchen.toml")


def language(rows: int = 10_000, **levels: tuple[float, int]) -> LanguageFit:
    fits: Any = {
        level: LevelFit(threshold=value, reached=reached) for level, (value, reached) in levels.items()
    }
    return LanguageFit(rows=rows, duplicates=0, policies={"kitchen": fits} if fits else {})


def gates(
    policies: PolicyDocument, fit: LanguageFit, known: frozenset[Signal] = frozenset(PAIR)
) -> FittedPolicy:
    """Fit on 2,000 negatives, which certify every fpr of one signal."""
    scores = np.random.default_rng(3).random((2_000, 2))
    reference = Reference(PAIR, scores, np.zeros((2_000, 2), np.int8))
    return fit_policies(policies, reference, known, fit)[0]


def columns(*scores: float) -> Columns:
    nothing = np.full(len(scores), np.nan)
    return dict.fromkeys(Signal, nothing) | {Signal.INCITEMENT: np.array(scores)}


def test_a_fitted_budget_is_one_threshold_on_the_policys_score_and_certified() -> None:
    found = gates(document(), language(review=(0.4, 400), urgent=(0.7, 80)))

    assert [result.level for result in found.results(columns(0.39, 0.4, 0.7))] == list(Level)
    assert found.certified
    assert (found.review.whole.value, found.review.members) == (0.4, {})


def test_the_record_of_a_budget_has_the_rows_and_how_many_of_them_reach_the_level() -> None:
    review, urgent = gates(document(), language(review=(0.4, 400), urgent=(0.7, 80))).records("en")

    assert (review.target, review.threshold, review.rows, review.reached) == ("budget 0.05", 0.4, 10_000, 400)
    assert (urgent.target, urgent.threshold, urgent.rows, urgent.reached) == ("budget 0.01", 0.7, 10_000, 80)
    assert (review.positives, review.negatives, review.members) == (0, 0, {})


def test_a_budget_promises_a_share_of_traffic_and_needs_no_missing_signal_for_it() -> None:
    found = gates(
        document(when='{ any = ["incitement", "threat"] }'),
        language(review=(0.4, 400), urgent=(0.7, 80)),
        known=frozenset({Signal.INCITEMENT}),
    )
    (result,) = found.results(columns(0.5))

    assert (result.level, result.certified, result.missing) == (Level.REVIEW, True, (Signal.THREAT,))


@pytest.mark.parametrize(
    "fit",
    [
        pytest.param(language(rows=0), id="no-traffic-in-the-language"),
        pytest.param(language(rows=999), id="too-little-traffic"),
        pytest.param(language(review=(0.4, 400)), id="one-level-alone"),
    ],
)
def test_where_a_budget_was_not_fitted_the_policy_is_null_and_never_low(fit: LanguageFit) -> None:
    found = gates(document(), fit)
    (result,) = found.results(columns(0.99))

    assert (result.score, result.level, result.certified, result.missing) == (None, None, False, ())
    assert np.isnan(found.scores(columns(0.99))).all()  # so it has no part in the priority either
    assert found.urgent.record("kitchen", "urgent", "en").reached is None


@pytest.mark.parametrize(
    "policies",
    [
        pytest.param(document(urgent='"fpr 0.01"'), id="urgent-has-no-budget"),
        pytest.param(document(review='"fpr 0.01"'), id="review-has-no-budget"),
    ],
)
def test_a_null_policy_keeps_no_promise_at_its_other_level(policies: PolicyDocument) -> None:
    found = gates(policies, language(rows=999))

    assert [record.certified for record in found.records("en")] == [False, False]


@pytest.mark.parametrize(
    ("reached", "certified"),
    [pytest.param(83, True, id="within-the-bound"), pytest.param(84, False, id="one-too-many")],
)
def test_a_budget_is_certified_by_what_reached_the_level_not_by_what_a_file_claims(
    reached: int, certified: bool
) -> None:
    found = gates(document(), language(review=(0.4, 300), urgent=(0.7, reached)))

    assert found.urgent.certified is certified


def test_a_budget_for_review_counts_what_is_urgent_so_a_lower_urgent_does_not_break_it() -> None:
    found = gates(document(urgent='"fpr 0.05"'), language(review=(0.99, 400)))

    assert found.urgent.whole.value < found.review.whole.value
    assert found.review.certified


def test_a_promise_about_negatives_is_broken_by_a_lower_budget_for_urgent() -> None:
    found = gates(document(review='"fpr 0.05"'), language(urgent=(0.5, 80)))

    assert (found.review.certified, found.urgent.certified) == (False, True)


def table(policies: PolicyDocument, **changes: Any) -> Fitted:
    fields: dict[str, Any] = {
        "bundle": CONDITIONS.bundle,
        "policy": policies.rules_digest,
        "confidence": 0.95,
        "assume_language": "en",
        "max_characters": 20_480,
        "languages": {"en": language(review=(0.4, 400), urgent=(0.7, 80))},
    }
    return Fitted(**(fields | changes))


def fits(policies: PolicyDocument, conditions: Conditions = CONDITIONS, **changes: Any) -> Any:
    return budget_fits(replace(policies, fitted=table(policies, **changes)), conditions, ["de", "en"])


def test_every_language_of_the_bundle_has_what_its_traffic_came_to_or_nothing() -> None:
    found = fits(document())

    assert found["en"].level("kitchen", "review").threshold == 0.4
    assert (found["de"].rows, dict(found["de"].policies)) == (0, {})


def test_a_file_without_a_budget_needs_no_table_and_heeds_none() -> None:
    plain = document("0.5", "0.6")

    assert budget_fits(plain, CONDITIONS, ["en"]) == {}
    assert fits(plain, bundle="sha256:" + "9" * 64) == {}


def test_a_budget_that_was_never_fitted_is_an_error_with_the_command_that_fits_it() -> None:
    with pytest.raises(PolicyError) as caught:
        budget_fits(document("0.5"), CONDITIONS, ["en"])

    assert str(caught.value) == (
        "my kitchen.toml: policies.kitchen.urgent: a budget is fitted on the platform's own traffic, and the"
        " file has no table [fitted]; fit it with: tocsin thresholds fit --traffic FILE"
        " --policy 'my kitchen.toml'"
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param(
            {"bundle": "sha256:" + "9" * 64},
            f"fitted.bundle: must be the digest of the bundle that scores, {CONDITIONS.bundle}, was sha256:9",
            id="another-bundle",
        ),
        pytest.param(
            {"tier": "encoder"},
            "fitted.tier: must be the tier that scores, screen, was encoder",
            id="another-model-of-the-bundle",
        ),
        pytest.param(
            {"policy": "sha256:" + "9" * 64},
            "fitted.policy: must be the digest of the file without this table, sha256:",
            id="edited-since",
        ),
        pytest.param(
            {"assume_language": "none"},
            "fitted.assume_language: must be the language that is assumed, en, was none",
            id="other-texts-judged",
        ),
        pytest.param(
            {"max_characters": 10},
            "fitted.max_characters: must be that of the settings, 20480, was 10",
            id="longer-texts-judged",
        ),
        pytest.param(
            {"languages": {"en": language(review=(0.4, 400), urgent=(0.3, 80))}},
            "fitted.languages.en.policies.kitchen.urgent.threshold: must be at least that of review, 0.4,"
            " was 0.3",
            id="urgent-below-review",
        ),
    ],
)
def test_a_table_that_does_not_belong_is_an_error_with_the_command_that_mends_it(
    changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(PolicyError) as caught:
        fits(document(), **changes)

    message = str(caught.value)
    assert message.startswith(f"my kitchen.toml: {says}")
    assert message.endswith(
        "; fit it with: tocsin thresholds fit --traffic FILE --policy 'my kitchen.toml'"
        " --out 'my kitchen.toml' --force"
    )


def test_where_no_language_is_assumed_the_table_says_none() -> None:
    nobody = replace(CONDITIONS, assume_language=None)

    assert fits(document(), nobody, assume_language="none")
