"""What the screen learns, and what it must not learn from, on texts about cooking and sport."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array, hstack
from sklearn.linear_model import LogisticRegression

from tocsin.errors import CorpusError
from tocsin.example import Example, Label
from tocsin.models.features import FeatureSpec
from tocsin.models.layout import dump_screen, parse_screen
from tocsin.models.screen import Screen
from tocsin.signals import Signal
from tocsin.training.screen import ScreenConfig, design_matrix, fit_screen

COOKING = ["soup", "bread", "oven", "butter", "flour", "simmer", "whisk", "garlic", "onion", "recipe"]
SPORT = ["goal", "match", "ball", "referee", "team", "stadium", "sprint", "medal", "league", "coach"]
PLAIN = ["the", "and", "then", "with", "yesterday", "quite", "very", "some", "again", "under"]

YES, NO, PRESUMED, UNKNOWN = Label.POSITIVE, Label.NEGATIVE, Label.PRESUMED_NEGATIVE, Label.UNKNOWN
HATE, CALL = Signal.HATE, Signal.CALL_TO_ACTION
SPEC = FeatureSpec(bits=10)
CONFIG = ScreenConfig(features=SPEC, strengths=(0.3,), temperature=1.0, related=0.0)

Floats = NDArray[np.float64]


def text(draw: random.Random, words: Sequence[str]) -> str:
    return " ".join(draw.choices(words, k=4) + draw.choices(PLAIN, k=3))


def example(
    number: int, said: str, signal: Signal, label: Label, corpus: str = "kitchen", weight: float = 1.0
) -> Example:
    return Example(f"r{number}", said, "en", corpus, "CC0-1.0", {signal: label}, weight=weight)


def dishes(rows: int = 120, seed: int = 1, corpus: str = "kitchen", signal: Signal = HATE) -> list[Example]:
    """Return texts about cooking, which are positive, and about sport, which are not."""
    draw = random.Random(seed)  # noqa: S311 - toy data
    return [
        example(
            seed * 10_000 + row,
            text(draw, COOKING if row % 2 else SPORT),
            signal,
            YES if row % 2 else NO,
            corpus,
        )
        for row in range(rows)
    ]


def column(screen: Screen, signal: Signal) -> tuple[NDArray[np.float32], float]:
    place = screen.signals.index(signal)
    return screen.table[:, place] * screen.scale[place], float(screen.bias[place])


def assert_same(one: Screen, other: Screen, signal: Signal) -> None:
    np.testing.assert_array_equal(column(one, signal)[0], column(other, signal)[0])
    assert column(one, signal)[1] == column(other, signal)[1]


# Rows that say nothing.


def test_rows_that_say_nothing_of_a_signal_do_not_move_it() -> None:
    """Everything but the pool of texts changes: which row has which, what else it says, whose it is."""
    told, silent = dishes(), dishes(seed=2, signal=CALL)
    said = [row.text for row in silent]
    moved = [
        replace(
            row,
            text=other,
            corpus="stadium",
            weight=3.0,
            labels={CALL: NO if row.label(CALL) is YES else YES, HATE: UNKNOWN},
        )
        for row, other in zip(silent, said[::-1], strict=True)
    ]
    before = fit_screen([*told, *silent], told, CONFIG).screen
    after = fit_screen([*told, *moved], told, CONFIG).screen
    assert_same(before, after, HATE)
    assert not np.array_equal(column(before, CALL)[0], column(after, CALL)[0])


def test_a_signal_without_both_classes_is_not_learned() -> None:
    one_sided = [replace(row, labels={CALL: YES}) for row in dishes(20, seed=2)]
    presumed = [replace(row, labels={CALL: PRESUMED}) for row in dishes(20, seed=3)]
    assert fit_screen([*dishes(), *one_sided, *presumed], [], CONFIG).screen.signals == (HATE,)


def test_a_corpus_that_teaches_nothing_is_refused() -> None:
    with pytest.raises(CorpusError, match="at least one signal with positive and negative rows, had none"):
        fit_screen([replace(row, labels={}) for row in dishes(20)], [], CONFIG)


# Weights.


def test_a_presumed_negative_counts_as_much_as_the_configuration_says() -> None:
    presumed = [replace(row, labels={HATE: PRESUMED}) for row in dishes(40, seed=2)]
    lighter = [replace(row, weight=0.3) for row in presumed]
    by_configuration = fit_screen([*dishes(), *presumed], [], replace(CONFIG, presumed_weight=0.3)).screen
    by_row = fit_screen([*dishes(), *lighter], [], replace(CONFIG, presumed_weight=1.0)).screen
    assert_same(by_configuration, by_row, HATE)


def test_a_presumed_negative_lowers_what_it_holds_the_more_the_heavier_it_is() -> None:
    presumed = [example(row, "soup bread oven", HATE, PRESUMED, "market") for row in range(30)]
    margins = [
        fit_screen([*dishes(), *presumed], [], replace(CONFIG, presumed_weight=weight)).screen.margins(
            ["soup bread oven"]
        )[0, 0]
        for weight in (1e-6, 0.3, 1.0)
    ]
    assert margins[0] > margins[1] > margins[2]


def test_a_row_counts_as_often_as_it_weighs() -> None:
    """Twice the same rows is once with twice the weight; rarity sees the same shares of texts."""
    probe = [row.text for row in dishes()]
    heavy, twice, once = (
        fit_screen(rows, [], CONFIG).screen.margins(probe)
        for rows in ([replace(row, weight=2.0) for row in dishes()], [*dishes(), *dishes()], dishes())
    )
    np.testing.assert_allclose(heavy, twice, atol=0.03)
    assert np.abs(heavy - once).max() > 0.3


# The design matrix, and what is dropped.


def scaled(examples: Sequence[Example], rarity: Floats) -> csr_array:
    counts = design_matrix(examples, SPEC)
    return csr_array(diags_array(1 / np.sqrt(counts.sum(axis=1))) @ counts @ diags_array(rarity))


def rarity_of(examples: Sequence[Example]) -> Floats:
    found = np.asarray((design_matrix(examples, SPEC) > 0).sum(axis=0)).ravel()
    return np.asarray(np.log((1 + len(examples)) / (1 + found)) + 1)


def own_columns(examples: Sequence[Example]) -> Floats:
    corpora = sorted({row.corpus for row in examples})
    return np.array([[float(row.corpus == name) for name in corpora] for row in examples])


def fitted_by_hand(examples: Sequence[Example], strength: float) -> tuple[Floats, Floats]:
    """Fit with scikit-learn alone; return margins with and without the corpora's own intercepts."""
    matrix, own = scaled(examples, rarity_of(examples)), own_columns(examples)
    whole = csr_array(hstack([matrix, csr_array(own)]))
    whole.indices, whole.indptr = whole.indices.astype(np.int32), whole.indptr.astype(np.int32)
    model = LogisticRegression(C=strength, solver="liblinear", random_state=20_261_122, tol=1e-4)
    model.fit(
        whole,
        [row.label(HATE) is YES for row in examples],
        sample_weight=[row.weight for row in examples],
    )
    decided = np.asarray(model.decision_function(whole))
    return decided - own @ model.coef_[0][-own.shape[1] :], decided


@pytest.mark.parametrize(
    ("strength", "tolerance"),
    [
        pytest.param(0.01, 1e-4, id="small-weights"),
        pytest.param(0.3, 1e-4, id="larger-weights"),
    ],
)
def test_margins_are_the_decision_function_without_the_corpora_s_intercepts(
    strength: float, tolerance: float
) -> None:
    lopsided = [
        row for row in dishes(120, seed=2, corpus="stadium") if row.label(HATE) is NO or "soup" in row.text
    ]
    rows = [*dishes(), *lopsided]
    expected, whole = fitted_by_hand(rows, strength)
    screen = fit_screen(rows, [], replace(CONFIG, strengths=(strength,))).screen
    margins = screen.margins([row.text for row in rows])[:, 0]
    np.testing.assert_allclose(margins, expected, atol=tolerance, rtol=0)
    assert np.abs(whole - expected).max() > 0.02


def test_which_corpus_a_text_is_from_explains_nothing_once_its_words_are_the_same() -> None:
    """Corpora of one vocabulary and opposite shares: the words must not take the blame for the shares."""
    draw = random.Random(5)  # noqa: S311 - toy data
    rows = [
        example(
            row, text(draw, [f"{corpus}word", *COOKING]), HATE, YES if draw.random() < share else NO, corpus
        )
        for corpus, share in (("kitchen", 0.9), ("market", 0.1))
        for row in range(300)
    ]
    with_intercepts = fit_screen(rows, [], CONFIG).screen
    pooled = fit_screen([replace(row, corpus="one") for row in rows], [], CONFIG).screen
    probe = ["kitchenword kitchenword", "marketword marketword"]
    gap, pooled_gap = (np.ptp(screen.margins(probe)[:, 0]) for screen in (with_intercepts, pooled))
    assert gap < 0.7 * pooled_gap


def test_a_corpus_of_presumed_negatives_alone_gets_no_intercept_to_hide_behind() -> None:
    presumed = [example(row, "soup bread oven", HATE, PRESUMED, "market") for row in range(60)]
    alone = fit_screen([*dishes(), *presumed], [], CONFIG).screen
    shared = fit_screen([*dishes(), *(replace(row, corpus="kitchen") for row in presumed)], [], CONFIG).screen
    assert_same(alone, shared, HATE)


def test_the_design_matrix_counts_the_n_grams_of_each_distinct_word_and_each_pair_once() -> None:
    rows = [
        example(1, "soup soup soup soup", HATE, YES),
        example(2, "SOUP soup", HATE, NO),
        example(3, "soup", HATE, NO),
        example(4, "", HATE, NO),
    ]
    matrix = design_matrix(rows, FeatureSpec(bits=20))
    assert matrix.shape == (4, 1 << 20)
    assert (matrix[[0]] != matrix[[1]]).nnz == 0
    assert matrix[[0]].sum() == matrix[[2]].sum() + 1  # the pair
    assert matrix[[3]].nnz == 0
    assert design_matrix([], SPEC).shape == (0, SPEC.buckets)


def test_an_n_gram_counts_as_often_as_it_stands_in_a_word() -> None:
    twos = FeatureSpec(bits=20, char_min=2, char_max=2, word_max=1)
    matrix = design_matrix([example(1, "cous-cous soup", HATE, YES)], twos)
    assert sorted(matrix.data.tolist())[-3:] == [2.0, 2.0, 3.0]  # co, us twice; ou once more in soup


def test_a_design_matrix_in_parts_is_the_design_matrix_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = design_matrix(dishes(50), SPEC)
    monkeypatch.setattr("tocsin.training.grams._TEXTS_AT_ONCE", 7)
    parts = design_matrix(dishes(50), SPEC)
    assert (whole != parts).nnz == 0


# Scoring.


@pytest.fixture(scope="module")
def learned() -> Screen:
    return fit_screen([*dishes(), *dishes(seed=2, signal=CALL)], [], CONFIG).screen


def test_the_screen_tells_cooking_from_sport(learned: Screen) -> None:
    unseen = dishes(seed=9)
    margins = learned.margins([row.text for row in unseen])[:, learned.signals.index(HATE)]
    positive = np.array([row.label(HATE) is YES for row in unseen])
    assert margins[positive].min() > margins[~positive].max()


def test_a_text_has_the_same_margin_alone_in_a_batch_and_in_any_order(learned: Screen) -> None:
    texts = [row.text for row in dishes(60, seed=4)] + ["", "soup", "goal " * 500]
    batch = learned.margins(texts)
    alone = np.concatenate([learned.margins([one]) for one in texts])
    order = random.Random(3).sample(range(len(texts)), len(texts))  # noqa: S311 - toy data
    np.testing.assert_array_equal(batch, alone)
    np.testing.assert_array_equal(learned.margins([texts[place] for place in order]), batch[order])


def test_a_text_without_any_n_gram_has_the_bias_for_its_margin(learned: Screen) -> None:
    np.testing.assert_array_equal(learned.margins([""])[0], learned.bias.astype(np.float64))


# Choosing on dev.


def noisy(rows: int, seed: int, signal_share: float) -> list[Example]:
    draw = random.Random(seed)  # noqa: S311 - toy data
    return [
        replace(
            row, labels={HATE: row.label(HATE) if draw.random() < signal_share else draw.choice((YES, NO))}
        )
        for row in dishes(rows, seed)
    ]


def test_strength_is_chosen_on_dev_alone_by_its_auroc() -> None:
    """Over-fitted to noisy labels is worse on clean ones; on the noise itself it is better."""
    strengths = replace(CONFIG, strengths=(0.01, 1_000.0))
    train = noisy(200, 1, 0.3)
    clean = fit_screen(train, dishes(200, seed=8), strengths).strengths
    itself = fit_screen(train, train, strengths).strengths
    assert (clean, itself) == ({HATE: 0.01}, {HATE: 1_000.0})


def test_the_screen_is_the_one_of_the_chosen_strength_and_dev_adds_nothing_to_it() -> None:
    train, dev = noisy(200, 1, 0.3), dishes(200, seed=8)
    chosen = fit_screen(train, dev, replace(CONFIG, strengths=(0.01, 1_000.0))).screen
    without = fit_screen(train, [], replace(CONFIG, strengths=(0.01,))).screen
    assert_same(chosen, without, HATE)


def test_each_signal_has_a_strength_of_its_own() -> None:
    hate = noisy(200, 1, 0.3)
    calls = [replace(row, id=f"c{row.id}", corpus="stadium", labels={CALL: row.label(HATE)}) for row in hate]
    dev = [*dishes(200, seed=8), *calls]
    fitted = fit_screen([*hate, *calls], dev, replace(CONFIG, strengths=(0.01, 1_000.0)))
    assert fitted.strengths == {HATE: 0.01, CALL: 1_000.0}


@pytest.mark.parametrize(
    "dev",
    [
        pytest.param([], id="no-dev"),
        pytest.param(dishes(18, seed=8), id="nine-of-a-class"),
        pytest.param([replace(row, labels={HATE: PRESUMED}) for row in dishes(60)], id="presumed-is-no-gold"),
    ],
)
def test_where_dev_cannot_choose_the_most_cautious_strength_is_taken(dev: list[Example]) -> None:
    fitted = fit_screen(dishes(), dev, replace(CONFIG, strengths=(1.0, 0.1, 0.3)))
    assert fitted.strengths == {HATE: 0.1}


def test_fitting_again_gives_the_same_screen() -> None:
    one, other = (fit_screen(dishes(), dishes(seed=8), ScreenConfig(features=SPEC)) for _ in range(2))
    assert_same(one.screen, other.screen, HATE)
    assert one.strengths == other.strengths


# Whole numbers.


def test_weights_are_whole_numbers_that_use_the_whole_range(learned: Screen) -> None:
    assert learned.table.dtype == np.int16
    np.testing.assert_array_equal(np.abs(learned.table.astype(np.int64)).max(axis=0), np.iinfo(np.int16).max)


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_screen_on_disk_scores_exactly_as_the_one_that_was_written(learned: Screen, order: str) -> None:
    table = np.asarray(learned.table, order="F" if order == "F" else "C")
    assert table.flags.f_contiguous == (order == "F")
    screen = replace(learned, table=table)
    back = parse_screen(Path("screen.safetensors"), dump_screen(screen), SPEC, screen.signals)
    texts = [row.text for row in dishes(60, seed=4)]
    np.testing.assert_array_equal(back.table, learned.table)
    np.testing.assert_array_equal(back.margins(texts), learned.margins(texts))


def test_columns_that_were_picked_out_are_written_as_they_are_read(learned: Screen) -> None:
    picked = replace(
        learned,
        signals=learned.signals[::-1],
        table=learned.table[:, [1, 0]],
        scale=learned.scale[[1, 0]],
        bias=learned.bias[[1, 0]],
    )
    back = parse_screen(Path("screen.safetensors"), dump_screen(picked), SPEC, picked.signals)
    for signal in learned.signals:
        assert_same(back, learned, signal)
