"""What may be cleared: the bound holds as statistics, and the one number that it is a bound on is right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tocsin.models.calibration import probability
from tocsin.models.cascade import Pairs, closeness, fit_clearing, is_checked, least_flagged
from tocsin.models.gates import FittedPolicy, fit_policies
from tocsin.models.reference import Reference
from tocsin.policy import parse_policy
from tocsin.signals import Signal

Floats = NDArray[np.float64]

DRAWS: Final = 2_000
LEEWAY: Final = 3 * (0.05 * 0.95 / DRAWS) ** 0.5  # three standard errors of a share of the draws
HATE, CALL, THREAT = Signal.HATE, Signal.CALL_TO_ACTION, Signal.THREAT
KNOWN: Final = frozenset({HATE, CALL, THREAT})
RULES: Final = b"""version = "1"
[policies.either]
title = "Either"
when = { any = ["hate", "threat"] }
severity = "high"
review = 0.7
urgent = 0.9
[policies.both]
title = "Both"
requires = ["call_to_action"]
when = { all = ["call_to_action", { any = ["hate", "threat"] }] }
severity = "high"
review = 0.4
urgent = 0.95
"""


def policies(known: frozenset[Signal] = KNOWN) -> tuple[FittedPolicy, ...]:
    signals = tuple(sorted(known))
    nothing = Reference(signals, np.empty((0, len(signals))), np.empty((0, len(signals)), np.int8))
    return fit_policies(parse_policy(RULES, "rules.toml"), nothing, known)


def columns(values: Mapping[Signal, Floats]) -> dict[Signal, Floats]:
    rows = len(next(iter(values.values())))
    return dict.fromkeys(Signal, np.full(rows, np.nan)) | dict(values)


# The bound


@pytest.mark.parametrize("loss", [0.01, 0.02, 0.05, 0.1])
@pytest.mark.parametrize("flagged", [300, 1_000, 5_000])
def test_the_true_loss_is_above_the_bound_in_at_most_one_draw_of_twenty(loss: float, flagged: int) -> None:
    draw = np.random.default_rng(11)
    above, cleared = 0, 0
    for _ in range(DRAWS):
        near = draw.random(flagged)  # of what is flagged: below t lies a true share of t
        rule = fit_clearing(near, np.ones(flagged, np.bool_), loss)
        cleared += rule.threshold is not None
        above += (rule.threshold or 0) > loss

    assert above / DRAWS <= 0.05 + LEEWAY
    assert above > 0  # it is no bound that could be had by clearing nothing
    assert cleared == DRAWS


def test_the_bound_holds_jointly_over_policies_where_two_tiers_see_the_same_items_otherwise() -> None:
    draw, fitted = np.random.default_rng(5), policies()

    def drawn(rows: int) -> tuple[Floats, Floats]:
        own = draw.normal(-1.5, 1.6, (rows, 3))
        return own + draw.normal(0, 0.9, (rows, 3)), own

    signals = (CALL, HATE, THREAT)
    seen, own = drawn(400_000)
    truly = np.zeros(len(own), np.bool_)
    for policy in fitted:
        truly |= policy.reached(columns(dict(zip(signals, probability(own).T, strict=True))))
    near = np.sort(closeness(fitted, columns(dict(zip(signals, seen.T, strict=True))))[truly])
    above = 0
    for _ in range(DRAWS):
        rule = Pairs(signals, *drawn(1_500)).clearing(fitted, 0.05)
        assert rule.threshold is not None
        above += bool(np.searchsorted(near, rule.threshold) / len(near) > 0.05)

    assert 0 < above / DRAWS <= 0.05 + LEEWAY


@pytest.mark.parametrize("loss", [0.01, 0.02, 0.05, 0.1])
def test_the_bound_holds_where_many_items_are_equally_near(loss: float) -> None:
    draw = np.random.default_rng(3)
    above = 0
    for _ in range(DRAWS):
        near = np.floor(draw.random(1_000) * 40) / 40  # one of forty values, each with a fortieth
        rule = fit_clearing(near, np.ones(1_000, np.bool_), loss)
        above += (rule.threshold or 0) > loss

    assert above / DRAWS <= 0.05 + LEEWAY


def test_with_fewer_flagged_items_than_could_tell_nothing_is_cleared() -> None:
    near = np.linspace(0, 1, 1_000)

    few = fit_clearing(near, np.arange(1_000) < 148, 0.02)
    enough = fit_clearing(near, np.arange(1_000) >= 851, 0.02)

    assert least_flagged(0.02) == 149
    assert few.threshold is None
    assert not few.clears(near).any()
    assert (few.rows, few.flagged, few.cleared) == (1_000, 148, 0)
    assert enough.threshold == near[851]  # not one may be lost
    assert enough.clears(near).sum() == enough.cleared == 851
    assert enough.lost == 0


def test_what_the_screen_cannot_see_near_any_level_clears_nothing() -> None:
    near = np.full(1_000, -np.inf)

    rule = fit_clearing(near, np.ones(1_000, np.bool_), 0.05)

    assert rule.threshold is None


@given(
    st.lists(st.tuples(st.floats(-5, 5), st.booleans()), min_size=1, max_size=400),
    st.floats(0.001, 0.5),
    st.floats(0.001, 0.5),
)
def test_who_accepts_more_loss_clears_no_less_and_the_counts_carry_the_bound(
    rows: list[tuple[float, bool]], one: float, other: float
) -> None:
    near, flagged = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])

    less, more = (fit_clearing(near, flagged, loss) for loss in sorted((one, other)))

    assert (less.clears(near) <= more.clears(near)).all()
    assert less.holds()
    assert more.holds()
    assert more.lost == int((more.clears(near) & flagged).sum())


@pytest.mark.parametrize("loss", [0.0, 1.0, -1.0, float("nan")])
def test_a_loss_that_is_no_share_is_refused(loss: float) -> None:
    with pytest.raises(ValueError, match="loss must be above 0 and below 1"):
        fit_clearing(np.zeros(9), np.ones(9, np.bool_), loss)


# How near a text comes to a level

log_odds = st.one_of(st.floats(-8, 8), st.just(float("nan")))


@settings(max_examples=300)
@given(st.lists(st.tuples(log_odds, log_odds, log_odds), min_size=1, max_size=20))
def test_a_text_is_as_near_as_zero_exactly_where_some_policy_fires(rows: list[tuple[float, ...]]) -> None:
    told = dict(zip((CALL, HATE, THREAT), np.array(rows).T, strict=True))
    fitted = policies()

    near = closeness(fitted, columns(told))

    fires = np.zeros(len(rows), np.bool_)
    for policy in fitted:
        fires |= policy.reached(columns({signal: probability(one) for signal, one in told.items()}))
    sure = np.abs(near) > 1e-9  # at a threshold itself, the last bit of a logarithm decides
    assert (fires == (near >= 0))[sure].all()
    assert not np.isnan(near).any()


def member_gated() -> tuple[FittedPolicy, ...]:
    """Return policies that no row decides as a whole, so that each signal has a threshold of its own."""
    draw = np.random.default_rng(2)
    labels = np.full((3_000, 3), -1, np.int8)
    for column in range(3):  # a row tells of one signal alone
        labels[column::3, column] = draw.random(1_000) < 0.3
    scores = np.clip(draw.random((3_000, 3)) * 0.6 + 0.3 * (labels == 1), 0, 1)
    reference = Reference((CALL, HATE, THREAT), scores, labels)
    rules = RULES.replace(b"0.7", b'"fpr 0.1"').replace(b"0.9\n", b'"fpr 0.01"\n')
    return fit_policies(parse_policy(rules, "rules.toml"), reference, KNOWN)


@settings(max_examples=200)
@given(st.lists(st.tuples(log_odds, log_odds, log_odds), min_size=1, max_size=20))
def test_closeness_fits_policies_whose_signals_have_thresholds_of_their_own(
    rows: list[tuple[float, ...]],
) -> None:
    told = dict(zip((CALL, HATE, THREAT), np.array(rows).T, strict=True))
    fitted = member_gated()
    assert fitted[0].review.members

    near = closeness(fitted, columns(told))

    fires = np.zeros(len(rows), np.bool_)
    for policy in fitted:
        fires |= policy.reached(columns({signal: probability(one) for signal, one in told.items()}))
    assert (fires == (near >= 0))[np.abs(near) > 1e-9].all()


def test_a_threshold_that_only_certainty_reaches_is_not_out_of_reach() -> None:
    rules = RULES.replace(b"0.9\n", b"1.0\n").replace(b"0.7", b"1.0")
    fitted = fit_policies(
        parse_policy(rules, "rules.toml"),
        Reference((CALL, HATE, THREAT), np.empty((0, 3)), np.empty((0, 3), np.int8)),
        KNOWN,
    )[:1]
    told = columns({HATE: np.array([30.0, 40.0]), THREAT: np.array([0.0, 0.0])})

    near = closeness(fitted, told)

    assert (near < 0).tolist() == [True, False]
    assert fitted[0].reached({s: probability(one) for s, one in told.items()}).tolist() == [False, True]


def test_closeness_is_the_distance_in_log_odds_to_the_nearest_threshold() -> None:
    told = {CALL: np.array([-2.0]), HATE: np.array([0.5]), THREAT: np.array([-1.0])}

    near = closeness(policies(), columns(told))

    either, both = 0.5 - np.log(0.7 / 0.3), min(-2.0, 0.5) - np.log(0.4 / 0.6)
    assert near == pytest.approx([max(either, both)])


def test_a_policy_that_is_null_in_a_language_comes_near_nothing() -> None:
    told = {HATE: np.array([-9.0]), THREAT: np.array([-9.0])}

    near = closeness(policies(frozenset({HATE, THREAT}))[1:], columns(told))

    assert near.tolist() == [-np.inf]


# What a bundle keeps


@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-90, 90)), min_size=1, max_size=50))
def test_numbers_that_a_bundle_keeps_are_rounded_the_cautious_way(rows: list[tuple[float, float]]) -> None:
    seen, own = (np.array(values)[:, None] for values in zip(*rows, strict=True))

    kept = Pairs.rounded((HATE,), seen, own)

    inside = (np.abs(seen) < 31) & (np.abs(own) < 31)
    assert (kept.distilled <= seen)[inside].all()
    assert (kept.encoder >= own)[inside].all()
    assert (seen - kept.distilled)[inside].max(initial=0) <= 1 / Pairs.STEPS
    assert (kept.encoder - own)[inside].max(initial=0) <= 1 / Pairs.STEPS
    assert (np.rint(kept.encoder * Pairs.STEPS) == kept.encoder * Pairs.STEPS).all()
    assert np.abs(kept.distilled * Pairs.STEPS).max() <= np.iinfo(np.int16).max


def test_what_lies_beyond_what_a_bundle_keeps_counts_as_infinite() -> None:
    seen = np.concatenate([np.full(400, -40.0), np.linspace(-1, 1, 600)])[:, None]
    own = np.full((1_000, 1), 50.0)
    only = policies(frozenset({HATE, THREAT}))[:1]

    rule = Pairs.rounded((HATE,), seen, own).clearing(only, 0.05)

    assert rule.flagged == 1_000
    assert rule.threshold is None  # four tenths of what is flagged lie as low as can be


def test_a_column_that_no_policy_knows_in_the_language_flags_nothing() -> None:
    only = policies(frozenset({HATE}))[:1]
    values = np.stack([np.full(500, -5.0), np.full(500, 9.0)], axis=1)

    rule = Pairs((HATE, THREAT), values, values).clearing(only, 0.05)

    assert rule.flagged == 0


# Which cleared texts are checked


def test_a_share_of_all_texts_is_checked_whichever_they_are_and_always_the_same_ones() -> None:
    texts = [f"soup number {number}" for number in range(20_000)]

    chosen = [is_checked(text, 0.1, "sha256:ab") for text in texts]

    assert chosen == [is_checked(text, 0.1, "sha256:ab") for text in texts]
    assert 0.09 < np.mean(chosen) < 0.11
    assert [is_checked(text, 0.1, "sha256:cd") for text in texts] != chosen
    assert all(is_checked(text, 0.2, "sha256:ab") for text, one in zip(texts, chosen, strict=True) if one)
    assert not any(is_checked(text, 0.0, "sha256:ab") for text in texts)
    assert all(is_checked(text, 1.0, "sha256:ab") for text in texts)
