"""What rows count for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tocsin.example import Example, Label
from tocsin.models.features import FeatureSpec
from tocsin.signals import Signal
from tocsin.training.fitting import Counting, Rows
from tocsin.training.grams import gram_matrix

YES, NO, PRESUMED, UNKNOWN = Label.POSITIVE, Label.NEGATIVE, Label.PRESUMED_NEGATIVE, Label.UNKNOWN
HATE = Signal.HATE
SPEC = FeatureSpec(bits=8)


def rows(*said: tuple[str, Label, float, float]) -> Rows:
    """Return rows from their corpus, label, weight and inclusion probability."""
    examples = [
        Example(
            f"r{place}", "soup", "en", corpus, "CC0-1.0", {HATE: label}, weight=weight, inclusion=inclusion
        )
        for place, (corpus, label, weight, inclusion) in enumerate(said)
    ]
    return Rows(gram_matrix([row.text for row in examples], SPEC), examples)


def counted(told: Rows, temperature: float, presumed: float = 0.3) -> Sequence[float]:
    found: list[float] = told.weights(told.labels(HATE), Counting(presumed, temperature)).tolist()
    return found


def plain(corpus: str, count: int, label: Label = YES) -> list[tuple[str, Label, float, float]]:
    return [(corpus, label, 1.0, 1.0)] * count


@pytest.mark.parametrize("temperature", [0.0, 0.5, 1.0])
def test_corpora_count_for_their_size_to_the_power_of_the_temperature(temperature: float) -> None:
    found = counted(rows(*plain("kitchen", 90), *plain("stadium", 10)), temperature)

    assert sum(found[:90]) / sum(found[90:]) == pytest.approx(9**temperature)
    assert np.mean(found) == pytest.approx(1)


def test_a_presumed_negative_counts_for_the_same_beside_any_corpora() -> None:
    told = rows(*plain("kitchen", 90), *plain("stadium", 10), *plain("market", 5, PRESUMED))

    assert counted(told, 0.5)[-5:] == [0.3] * 5


def test_presumed_negatives_make_a_corpus_no_larger() -> None:
    told = rows(*plain("kitchen", 90), *plain("stadium", 10))
    longer = rows(*plain("kitchen", 90), *plain("stadium", 10), *plain("stadium", 50, PRESUMED))

    assert counted(longer, 0.5)[:100] == pytest.approx(counted(told, 0.5))


def test_rows_drawn_unlikely_count_for_more_within_their_corpus() -> None:
    found = counted(rows(("kitchen", YES, 1.0, 1.0), ("kitchen", NO, 1.0, 0.25)), 1.0)

    assert found == pytest.approx([0.4, 1.6])


def test_a_row_counts_for_its_own_weight() -> None:
    found = counted(rows(("kitchen", YES, 2.0, 1.0), ("kitchen", NO, 1.0, 1.0)), 1.0)

    assert found == pytest.approx([2.0, 1.0])
