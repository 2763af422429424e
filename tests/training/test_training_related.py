"""A rare signal follows what others' models say, where that helps; on texts about cooking and sport."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from tocsin.example import Example, Label
from tocsin.models.features import FeatureSpec
from tocsin.signals import Signal
from tocsin.training.fitting import Counting, Linear, Rows, fit_linear
from tocsin.training.grams import gram_matrix
from tocsin.training.related import Opinions
from tocsin.training.screen import ScreenConfig, fit_screen

_DRAW = random.Random(0)  # noqa: S311 - toy data
DISHES, GAMES = (["".join(_DRAW.choices("abdefgiklmnoprstu", k=7)) for _ in range(100)] for _ in range(2))
HATE, CALL = Signal.HATE, Signal.CALL_TO_ACTION
SPEC = FeatureSpec(bits=14)
CONFIG = ScreenConfig(features=SPEC, strengths=(0.3,), related=1.0)
COUNTING = Counting(presumed_weight=0.3, temperature=1.0)

Floats = NDArray[np.float64]


def posts(signal: Signal, rows: int, seed: int) -> list[Example]:
    """Return texts of made-up names: those of dishes are positive, those of games are not."""
    draw = random.Random(seed)  # noqa: S311 - toy data
    return [
        Example(
            f"{signal}{seed}-{row}",
            " ".join(draw.sample(DISHES if row % 2 else GAMES, 3)),
            "en",
            "kitchen",
            "CC0-1.0",
            {signal: Label.POSITIVE if row % 2 else Label.NEGATIVE},
        )
        for row in range(rows)
    ]


RARE, COMMON = posts(CALL, 12, 1), posts(HATE, 600, 2)
DEV = [*posts(CALL, 200, 3), *posts(HATE, 200, 4)]


def auroc(labels: Sequence[bool], margins: Floats) -> float:
    above = margins[np.array(labels)][:, None] - margins[~np.array(labels)]
    return float((above > 0).mean())


def ranked(config: ScreenConfig) -> float:
    screen = fit_screen([*RARE, *COMMON], DEV, config).screen
    unseen = posts(CALL, 400, 9)
    margins = screen.margins([row.text for row in unseen])[:, screen.signals.index(CALL)]
    return auroc([row.label(CALL) is Label.POSITIVE for row in unseen], margins)


def test_a_rare_signal_learns_from_a_common_one() -> None:
    assert ranked(CONFIG) > ranked(replace(CONFIG, related=0.0)) + 0.1


def test_signals_say_whether_they_follow_others() -> None:
    assert CALL in fit_screen([*RARE, *COMMON], DEV, CONFIG).related
    assert not fit_screen([*RARE, *COMMON], DEV, replace(CONFIG, related=0.0)).related


def test_a_signal_that_ranks_dev_as_well_by_itself_follows_nobody() -> None:
    fitted = fit_screen([*RARE, *COMMON], [], CONFIG)  # without dev nothing is better than anything

    assert not fitted.related


def rows() -> Rows:
    examples = [*RARE, *COMMON]
    return Rows(gram_matrix([row.text for row in examples], SPEC), examples)


def asked(told: Rows, scale: float = 1.0) -> Opinions:
    models = {signal: (fit_linear(told, signal, 0.3, COUNTING), 0.3) for signal in (CALL, HATE)}
    found = Opinions.of(told, models, COUNTING, scale, lambda _: None)
    assert found is not None
    return found


def test_what_a_model_says_of_a_row_does_not_depend_on_the_label_of_that_row() -> None:
    told = rows()
    place = len(RARE) + 5
    turned = list(told.examples)
    turned[place] = replace(turned[place], labels={HATE: Label.UNKNOWN})
    before, after = asked(told).said, asked(Rows(told.matrix, turned)).said

    # A row less moves the others, and by that the mean and the spread of all: far less than the row itself.
    own = abs(before[place, 1] - after[place, 1])
    fitted = fit_linear(told, HATE, 0.3, COUNTING).margins(told.matrix[[place]])
    without = fit_linear(Rows(told.matrix, turned), HATE, 0.3, COUNTING).margins(told.matrix[[place]])
    assert own < 0.2 * abs(float(fitted[0] - without[0]))


@pytest.mark.parametrize("scale", [0.3, 2.0])
def test_opinions_have_the_mean_and_the_spread_that_they_are_given(scale: float) -> None:
    said = asked(rows(), scale).said

    np.testing.assert_allclose(said.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(said.std(axis=0), scale, rtol=1e-9)


def test_what_is_lent_is_folded_into_the_weights_of_n_grams() -> None:
    """Fitted to n-grams and opinions by hand, the margins are those of the folded weights."""
    told = rows()
    opinions = asked(told)
    lender = opinions.lent[HATE]
    wide = Rows(csr_array(hstack([told.matrix, csr_array(opinions.said[:, [1]])])), told.examples)
    by_hand = fit_linear(wide, CALL, 0.3, COUNTING)
    unseen = gram_matrix([row.text for row in posts(CALL, 50, 9)], SPEC)
    said = lender.margins(unseen) + lender.intercept
    expected = unseen @ by_hand.weights[:-1] + by_hand.weights[-1] * said + by_hand.intercept
    folded = opinions.fit(told, CALL, 0.3, COUNTING)

    np.testing.assert_allclose(folded.margins(unseen) + folded.intercept, expected, atol=1e-12, rtol=0)
    assert by_hand.weights[-1] > 0


def test_what_is_lent_is_what_the_lender_says_of_all_rows() -> None:
    told = rows()
    opinions, model = asked(told), fit_linear(told, HATE, 0.3, COUNTING)
    lent = opinions.lent[HATE].margins(told.matrix)

    assert np.corrcoef(lent, model.margins(told.matrix))[0, 1] == pytest.approx(1)
    assert np.corrcoef(lent, opinions.said[:, 1])[0, 1] > 0.5  # by other fits, of the same thing


def test_a_signal_whose_positives_are_all_of_one_group_is_not_asked_and_still_fitted() -> None:
    together = [
        replace(row, group="one") if row.label(CALL) is Label.POSITIVE else row for row in posts(CALL, 40, 5)
    ]
    told = [*together, *COMMON]
    matrix = Rows(gram_matrix([row.text for row in told], SPEC), told)

    assert list(asked(matrix).lent) == [HATE]
    assert set(fit_screen(told, DEV, CONFIG).strengths) == {CALL, HATE}


def test_too_few_texts_that_are_no_copies_are_not_asked() -> None:
    few = [replace(row, text=f"dish{place % 3}") for place, row in enumerate(RARE)]
    told = Rows(gram_matrix([row.text for row in few], SPEC), few)
    nothing = Linear(np.zeros(SPEC.buckets), 0.0)

    assert Opinions.of(told, {CALL: (nothing, 0.3)}, COUNTING, 1.0, lambda _: None) is None
