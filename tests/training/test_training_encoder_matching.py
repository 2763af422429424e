"""Whether naming a group says less of a label, on made-up rows and invented texts."""

from __future__ import annotations

from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.example import Example, Label
from tocsin.signals import Signal
from tocsin.training.encoder.config import EncoderConfig
from tocsin.training.encoder.matching import matched
from tocsin.training.encoder.naming import names_a_group, unnamed
from tocsin.training.encoder.rows import targets
from tocsin.training.fitting import NEGATIVE, POSITIVE, PRESUMED, UNKNOWN

HATE: Final = Signal.HATE


def cell(**counts: int) -> tuple[np.ndarray, np.ndarray]:
    """Return labels and whether a group is named, for counts of yes_named, yes, no_named and no."""
    labels = [
        POSITIVE if name.startswith("yes") else NEGATIVE
        for name, count in counts.items()
        for _ in range(count)
    ]
    named = [name.endswith("_named") for name, count in counts.items() for _ in range(count)]
    return np.array(labels, np.int8), np.array(named)


def weights(power: float, most: float = 100, **counts: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    labels, named = cell(**counts)
    return labels, named, matched(labels, named, np.array(["kitchen"] * len(labels)), power, most)


def test_at_full_power_naming_a_group_says_nothing_of_the_label() -> None:
    labels, named, found = weights(1, yes_named=799, yes=199, no_named=99, no=899)
    shares = [
        found[(labels == POSITIVE) & said].sum() / found[(labels == NEGATIVE) & said].sum()
        for said in (named, ~named)
    ]

    assert shares[0] == pytest.approx(shares[1], rel=0.02)


@pytest.mark.parametrize(
    ("power", "most", "times"),
    [
        pytest.param(1, 100, 36, id="all-of-it"),
        pytest.param(0.5, 100, 6, id="its-root"),
        pytest.param(1, 8, 8, id="at-most-so-much"),
        pytest.param(0, 100, 1, id="nothing"),
    ],
)
def test_negatives_that_name_a_group_count_more_than_those_that_name_none(
    power: float, most: float, times: float
) -> None:
    labels, named, found = weights(power, most, yes_named=799, yes=199, no_named=99, no=899)
    no = labels == NEGATIVE

    assert found[no & named][0] / found[no & ~named][0] == pytest.approx(times)
    assert (found[~no] == 1).all()


def test_where_naming_a_group_does_not_go_with_positives_all_count_alike() -> None:
    _, _, found = weights(1, yes_named=10, yes=90, no_named=50, no=50)

    assert (found == 1).all()


@given(
    counts=st.fixed_dictionaries(
        {name: st.integers(0, 30) for name in ("yes_named", "yes", "no_named", "no")}
    ),
    power=st.floats(0, 1),
)
def test_negatives_together_count_what_they_did(counts: dict[str, int], power: float) -> None:
    labels, _, found = weights(power, **counts)
    no = labels == NEGATIVE

    assert found[no].sum() == pytest.approx(no.sum())
    assert (found > 0).all()


def test_each_corpus_is_matched_by_itself_and_rows_that_nobody_judged_are_left_alone() -> None:
    labels, named = cell(yes_named=79, yes=19, no_named=9, no=89)
    twice = np.concatenate([labels, labels, [PRESUMED, UNKNOWN]]).astype(np.int8)
    said = np.concatenate([named, np.ones_like(named), [True, True]])
    corpora = np.array(["kitchen"] * len(labels) + ["larder"] * (len(labels) + 2))
    found = matched(twice, said, corpora, 1, 100)

    np.testing.assert_allclose(found[: len(labels)], matched(labels, named, corpora[: len(labels)], 1, 100))
    assert (found[len(labels) :] == 1).all()  # they all name a group, so that it says nothing there


def example(number: int, text: str, label: Label) -> Example:
    return Example(f"kitchen:{number}", text, "en", "kitchen", "CC0-1.0", {HATE: label})


def test_targets_are_matched_only_if_so_wanted() -> None:
    texts = [("turkish soup", Label.POSITIVE)] * 9 + [
        ("turkish bread", Label.NEGATIVE),
        ("bread", Label.NEGATIVE),
    ]
    texts += [("hot soup", Label.POSITIVE)] + [("hot bread", Label.NEGATIVE)] * 9
    rows = [example(number, *told) for number, told in enumerate(texts)]
    _, plain, _ = targets(rows, (HATE,), (), EncoderConfig(positive_power=0))
    _, found, _ = targets(rows, (HATE,), (), EncoderConfig(positive_power=0, matched=1))

    assert set(plain[:, 0].tolist()) == {1}
    assert found[9, 0] / found[10, 0] == pytest.approx(8)
    assert found[:, 0].sum() == pytest.approx(len(rows))


# Names


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        pytest.param("german bread, turkish soup", "[MASK] bread, [MASK] soup", id="each-one"),
        pytest.param("hot soup", None, id="no-group"),
        pytest.param("germanic goulash", None, id="part-of-a-word"),
    ],
)
def test_groups_that_are_named_can_be_hidden(text: str, hidden: str | None) -> None:
    assert unnamed(text, "[MASK]") == hidden
    assert names_a_group(text) is (hidden is not None)
