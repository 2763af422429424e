from __future__ import annotations

import numpy as np
import pytest

from tocsin.assessment import Level
from tocsin.errors import PolicyError
from tocsin.models import DEFAULT_BUNDLE, load
from tocsin.models.gates import FittedPolicy, fit_policies
from tocsin.models.reference import Reference
from tocsin.policy import parse_policy
from tocsin.signals import Signal

PAIR = (Signal.INCITEMENT, Signal.THREAT)
KNOWN = frozenset(PAIR)


def fitted(
    when: str,
    review: str,
    reference: Reference,
    known: frozenset[Signal] = KNOWN,
    extra: str = "",
    urgent: str = '"fpr 0.01"',
) -> FittedPolicy:
    """Fit a policy file of one policy."""
    document = f"""
        version = "1"
        [policies.kitchen]
        title = "Kitchen"
        severity = "low"
        when = {when}
        review = {review}
        urgent = {urgent}
        {extra}
    """
    return fit_policies(parse_policy(document.encode(), "kitchen.toml"), reference, known)[0]


def reference(labels: list[tuple[int, int]], seed: int = 0) -> Reference:
    """Return random scores under given labels of the two signals."""
    scores = np.random.default_rng(seed).random((len(labels), 2))
    return Reference(PAIR, scores, np.array(labels, np.int8).reshape(-1, 2))


def columns(*rows: tuple[float, float]) -> dict[Signal, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    nothing = np.full(len(rows), np.nan)
    return dict.fromkeys(Signal, nothing) | {
        signal: np.array([row[place] for row in rows], np.float64) for place, signal in enumerate(PAIR)
    }


def test_rows_that_decide_the_whole_policy_certify_one_threshold_on_its_score() -> None:
    gate = fitted('{ any = ["incitement", "threat"] }', '"fpr 0.05"', reference([(0, 0)] * 2_000)).review

    assert gate.certified
    assert gate.members == {}
    assert gate.whole.negatives == 2_000


def test_rows_that_decide_members_alone_certify_nothing_of_the_whole() -> None:
    apart = reference([(0, -1)] * 2_000 + [(-1, 0)] * 2_000)
    gate = fitted('{ any = ["incitement", "threat"] }', '"fpr 0.05"', apart).review

    assert not gate.certified
    assert set(gate.members) == KNOWN


def test_members_of_any_share_the_false_positives_that_a_target_allows() -> None:
    apart = reference([(0, -1)] * 4_000 + [(-1, 0)] * 4_000)
    joined = fitted('{ any = ["incitement", "threat"] }', '"fpr 0.05"', apart).review
    alone = fitted('"incitement"', '"fpr 0.025"', apart).review

    assert joined.members[Signal.INCITEMENT].value == alone.whole.value


def test_members_of_all_share_the_misses_that_a_target_allows() -> None:
    apart = reference([(1, -1)] * 4_000 + [(-1, 1)] * 4_000)
    joined = fitted('{ all = ["incitement", "threat"] }', '"recall 0.8"', apart).review
    alone = fitted('"incitement"', '"recall 0.9"', apart).review

    assert joined.members[Signal.INCITEMENT].value == alone.whole.value


def test_a_chosen_number_is_compared_with_the_score_and_certifies_nothing() -> None:
    policy = fitted('{ any = ["incitement", "threat"] }', "0.5", reference([(0, 0)] * 2_000))
    levels = [result.level for result in policy.results(columns((0.5, 0.1), (0.4, 0.49)))]

    assert levels == [Level.REVIEW, Level.NONE]
    assert not policy.certified


def test_a_null_member_of_any_is_ignored_named_as_missing_and_leaves_nothing_certified() -> None:
    alone = frozenset({Signal.INCITEMENT})
    rows = reference([(0, 0)] * 2_000)
    policy = fitted('{ any = ["incitement", "threat"] }', '"fpr 0.05"', rows, known=alone)
    (result,) = policy.results(columns((0.7, float("nan"))))

    assert result.score == pytest.approx(0.7)
    assert result.missing == (Signal.THREAT,)
    assert not result.certified


def test_review_is_not_certified_where_urgent_lets_more_through() -> None:
    rows = reference([(0, -1)] * 2_000 + [(1, -1)] * 500)
    strict = fitted('"incitement"', '"fpr 0.05"', rows)
    lax = fitted('"incitement"', '"fpr 0.05"', rows, urgent='"recall 0.99"')

    assert (strict.review.certified, strict.certified) == (True, True)
    assert (lax.review.certified, lax.urgent.certified, lax.certified) == (False, True, False)


def test_review_is_not_certified_where_urgent_stands_on_members_of_its_own() -> None:
    certain = reference([(1, -1)] * 500 + [(-1, 1)] * 500)  # no row says what is neither
    policy = fitted('{ any = ["incitement", "threat"] }', '"recall 0.8"', certain)

    assert policy.review.whole.certified
    assert policy.urgent.members
    assert not policy.review.certified


@pytest.mark.parametrize(
    ("when", "extra"),
    [
        pytest.param('{ all = ["incitement", "threat"] }', "", id="a null member of all"),
        pytest.param('"incitement"', 'requires = ["threat"]', id="a null signal in requires"),
    ],
)
def test_what_is_null_makes_the_policy_null_and_never_low(when: str, extra: str) -> None:
    alone = frozenset({Signal.INCITEMENT})
    policy = fitted(when, "0.5", reference([(0, 0)] * 9), known=alone, extra=extra)
    (result,) = policy.results(columns((0.9, float("nan"))))

    assert (result.score, result.level, result.certified) == (None, None, False)
    assert result.missing == (Signal.THREAT,)


def test_urgent_implies_review_whatever_the_thresholds() -> None:
    policy = fitted('"incitement"', "0.9", reference([(0, 0)] * 2_000))
    low_urgent = FittedPolicy(policy.policy, review=policy.review, urgent=policy.review, known=policy.known)

    assert [result.level for result in low_urgent.results(columns((0.95, 0.0)))] == [Level.URGENT]


@pytest.mark.parametrize(
    ("review", "why"),
    [
        pytest.param('"budget 1%"', "own traffic", id="a budget needs the platform's traffic"),
        pytest.param('"precision 0.5"', "prevalence", id="precision needs a prevalence"),
    ],
)
def test_a_target_that_cannot_be_fitted_is_an_error_that_names_file_and_key(review: str, why: str) -> None:
    with pytest.raises(PolicyError, match=f"kitchen.toml: policies.kitchen.review: .*{why}"):
        fitted('"incitement"', review, reference([(0, 0)] * 2_000))


def test_the_thresholds_in_the_shipped_manifest_are_those_that_load_fits() -> None:
    scorer = load(DEFAULT_BUNDLE, tier="screen")
    languages = sorted(scorer.bundle.manifest.languages)
    refitted = tuple(
        record for tag in languages for one in scorer.policies(tag) for record in one.records(tag)
    )

    assert languages == ["de", "en"]
    assert scorer.bundle.manifest.thresholds == refitted
    assert scorer.bundle.manifest.policy_digest == scorer.policy.digest
