from collections.abc import Mapping
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tocsin.policy import All, Any, Expression, Leaf
from tocsin.signals import Signal

NULL = np.nan
UNKNOWN = -1
A, B, C = Leaf(Signal.HATE), Leaf(Signal.THREAT), Leaf(Signal.GRIEVANCE)
EVERY = frozenset(Signal)

LEAVES: st.SearchStrategy[Expression] = st.sampled_from(Signal).map(Leaf)


def joined(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    members = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return LEAVES | st.builds(Any, members) | st.builds(All, members)


EXPRESSIONS = joined(joined(LEAVES))  # not st.recursive, which now and then takes minutes
PROBABILITIES = st.floats(0, 1)
SCORES = st.fixed_dictionaries({signal: PROBABILITIES | st.just(NULL) for signal in Signal})
THRESHOLDS = st.dictionaries(st.sampled_from(Signal), PROBABILITIES)
DECIDED = st.fixed_dictionaries({signal: st.sampled_from([0, 1]) for signal in Signal})
LABELS = st.fixed_dictionaries({signal: st.sampled_from([UNKNOWN, 0, 1]) for signal in Signal})


def columns(scores: Mapping[Signal, float]) -> dict[Signal, NDArray[np.float64]]:
    return {signal: np.array([value]) for signal, value in scores.items()}


def score(expression: Expression, scores: Mapping[Signal, float]) -> float:
    (value,) = expression.score(columns(scores))
    return float(value)


def fires(expression: Expression, scores: Mapping[Signal, float], thresholds: Mapping[Signal, float]) -> bool:
    (fired,) = expression.fires(columns(scores), thresholds)
    return bool(fired)


def decide(expression: Expression, labels: Mapping[Signal, int], known: frozenset[Signal] = EVERY) -> int:
    said = expression.decide({signal: np.array([value], np.int8) for signal, value in labels.items()}, known)
    assert said.dtype == np.int8
    return int(said[0])


def pair(left: float, right: float) -> dict[Signal, float]:
    return {Signal.HATE: left, Signal.THREAT: right}


@pytest.mark.parametrize(
    ("left", "right", "any_of", "all_of"),
    [
        pytest.param(0.2, 0.7, 0.7, 0.2, id="maximum-and-minimum"),
        pytest.param(0.7, 0.2, 0.7, 0.2, id="order-plays-no-part"),
        pytest.param(NULL, 0.7, 0.7, NULL, id="a-null-first"),
        pytest.param(0.2, NULL, 0.2, NULL, id="a-null-last"),
        pytest.param(NULL, 0.0, 0.0, NULL, id="zero-is-not-null"),
        pytest.param(NULL, NULL, NULL, NULL, id="nothing-but-nulls"),
    ],
)
def test_any_ignores_a_null_and_all_becomes_null(
    left: float, right: float, any_of: float, all_of: float
) -> None:
    assert score(Any((A, B)), pair(left, right)) == pytest.approx(any_of, nan_ok=True)
    assert score(All((A, B)), pair(left, right)) == pytest.approx(all_of, nan_ok=True)


def test_expressions_nest() -> None:
    scores = pair(0.6, 0.3) | {Signal.GRIEVANCE: 0.8}

    assert score(All((A, Any((B, C)))), scores) == 0.6
    assert score(Any((All((A, B)), All((A, C)))), scores) == 0.6
    assert score(All((A, Any((B, C)))), scores | {Signal.GRIEVANCE: NULL}) == 0.3


def test_a_batch_is_scored_item_by_item() -> None:
    batch = {Signal.HATE: np.array([0.1, 0.9, NULL]), Signal.THREAT: np.array([0.5, 0.5, 0.5])}

    np.testing.assert_array_equal(Any((A, B)).score(batch), [0.5, 0.9, 0.5])
    np.testing.assert_array_equal(All((A, B)).score(batch), [0.1, 0.5, NULL])


@pytest.mark.parametrize(
    ("left", "right", "any_of", "all_of"),
    [
        pytest.param(0.5, 0.8, True, True, id="a-threshold-is-reached-by-meeting-it"),
        pytest.param(0.5, 0.7, True, False, id="one-below"),
        pytest.param(0.4, 0.7, False, False, id="both-below"),
        pytest.param(NULL, 0.9, True, False, id="a-null-never-fires"),
        pytest.param(NULL, NULL, False, False, id="nothing-but-nulls"),
    ],
)
def test_each_member_is_held_against_its_own_threshold(
    left: float, right: float, *, any_of: bool, all_of: bool
) -> None:
    thresholds = {Signal.HATE: 0.5, Signal.THREAT: 0.8}

    assert fires(Any((A, B)), pair(left, right), thresholds) is any_of
    assert fires(All((A, B)), pair(left, right), thresholds) is all_of


def test_a_member_without_a_threshold_never_fires() -> None:
    assert not fires(A, {Signal.HATE: 1.0}, {})
    assert fires(Any((A, B)), pair(1.0, 1.0), {Signal.THREAT: 0.5})
    assert not fires(All((A, B)), pair(1.0, 1.0), {Signal.THREAT: 0.5})


@pytest.mark.parametrize(
    ("left", "right", "any_of", "all_of"),
    [
        pytest.param(1, 1, 1, 1, id="yes-yes"),
        pytest.param(1, 0, 1, 0, id="yes-no"),
        pytest.param(1, UNKNOWN, 1, UNKNOWN, id="yes-unknown"),
        pytest.param(0, 0, 0, 0, id="no-no"),
        pytest.param(0, UNKNOWN, UNKNOWN, 0, id="no-unknown"),
        pytest.param(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, id="unknown-unknown"),
    ],
)
def test_labels_join_by_kleenes_tables(left: int, right: int, any_of: int, all_of: int) -> None:
    for first, second in ((left, right), (right, left)):
        labels = {Signal.HATE: first, Signal.THREAT: second}

        assert decide(Any((A, B)), labels) == any_of
        assert decide(All((A, B)), labels) == all_of


def test_any_is_decided_by_the_members_that_the_bundle_knows() -> None:
    labels = {Signal.HATE: 0, Signal.THREAT: UNKNOWN}

    assert decide(Any((A, B)), labels, frozenset({Signal.HATE})) == 0
    assert decide(Any((A, B)), labels, frozenset({Signal.HATE, Signal.THREAT})) == UNKNOWN


def test_any_whose_members_are_all_unknown_to_the_bundle_is_not_decided() -> None:
    assert decide(Any((A, B)), {Signal.HATE: UNKNOWN, Signal.THREAT: UNKNOWN}, frozenset()) == UNKNOWN


def test_all_waits_for_a_member_that_the_bundle_does_not_know() -> None:
    labels = {Signal.HATE: 1, Signal.THREAT: UNKNOWN}

    assert decide(All((A, B)), labels, frozenset({Signal.HATE})) == UNKNOWN


def test_an_expression_names_every_signal_once() -> None:
    assert All((A, Any((B, A)))).signals() == {Signal.HATE, Signal.THREAT}


@given(EXPRESSIONS, SCORES, st.sampled_from(Signal), PROBABILITIES, THRESHOLDS)
def test_raising_a_signal_never_lowers_a_score_nor_silences_a_policy(
    expression: Expression,
    scores: dict[Signal, float],
    signal: Signal,
    raised_to: float,
    thresholds: dict[Signal, float],
) -> None:
    raised = scores | {signal: float(np.maximum(scores[signal], raised_to))}  # a null stays null
    before, after = score(expression, scores), score(expression, raised)

    assert np.isnan(before) == np.isnan(after)
    assert np.isnan(before) or after >= before
    assert fires(expression, raised, thresholds) >= fires(expression, scores, thresholds)


@given(EXPRESSIONS, SCORES)
def test_a_score_is_that_of_one_of_its_signals(expression: Expression, scores: dict[Signal, float]) -> None:
    value = score(expression, scores)

    assert np.isnan(value) or value in {scores[signal] for signal in expression.signals()}


@given(EXPRESSIONS, DECIDED)
def test_labels_without_a_gap_decide_as_scores_would(
    expression: Expression, labels: dict[Signal, int]
) -> None:
    assert decide(expression, labels) == score(expression, labels)


@given(EXPRESSIONS, LABELS)
def test_what_is_decided_holds_whatever_the_unknown_labels_are(
    expression: Expression, labels: dict[Signal, int]
) -> None:
    told = decide(expression, labels)
    open_ = [signal for signal in expression.signals() if labels[signal] == UNKNOWN][:6]
    endings = product([0, 1], repeat=len(open_))
    completed = [decide(expression, labels | dict(zip(open_, ending, strict=True))) for ending in endings]

    assert told == UNKNOWN or set(completed) == {told}
