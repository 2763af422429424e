"""What a row's corpus alone would reach, worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tocsin.eval.corpus_alone import corpus_alone
from tocsin.eval.testing import reading
from tocsin.example import Example, Label
from tocsin.signals import Signal

HATE = Signal.HATE
YES, NO = Label.POSITIVE, Label.NEGATIVE


def rows(corpus: str, positives: int, negatives: int, *, language: str = "en") -> list[Example]:
    labels = [YES] * positives + [NO] * negatives
    return [
        Example(f"{corpus}:{language}:{number}", "en 0.5 soup", language, corpus, "CC0-1.0", {HATE: label})
        for number, label in enumerate(labels)
    ]


def counted(**corpora: tuple[int, int]) -> dict[str, Any]:
    return {
        corpus: {"hate": {"en": {"positives": positives, "negatives": negatives}}}
        for corpus, (positives, negatives) in corpora.items()
    }


def found(examples: list[Example], counts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        row for table in corpus_alone(reading(examples, {"calibration_rows": counts})) for row in table.rows
    ]


def test_the_corpus_alone_reaches_what_is_worked_out_by_hand() -> None:
    """Of 60 × 100 pairs, 40 × 80 are in order, 20 × 20 are not, and the rest is of one corpus: half."""
    examples = [*rows("kitchen", 40, 20), *rows("stadium", 20, 80)]
    in_order, tied = 40 * 80, 40 * 20 + 20 * 80
    assert found(examples, counted(kitchen=(30, 10), stadium=(10, 90))) == [
        {
            "signal": "hate",
            "language": "en",
            "corpora": 2,
            "positives": 60,
            "negatives": 100,
            "corpus_only": pytest.approx((in_order + tied / 2) / 6_000),
        }
    ]


def test_it_guesses_by_calibration_rows_not_by_those_that_test_it() -> None:
    examples = [*rows("kitchen", 40, 20), *rows("stadium", 20, 80)]
    right, wrong = (
        found(examples, counted(kitchen=(share, 10), stadium=(10, 10)))[0]["corpus_only"] for share in (30, 3)
    )
    assert right + wrong == pytest.approx(1.0)
    assert right > 0.5


def test_corpora_of_one_share_are_told_apart_by_nothing() -> None:
    examples = [*rows("kitchen", 40, 20), *rows("stadium", 20, 80)]
    assert found(examples, counted(kitchen=(1, 3), stadium=(10, 30)))[0]["corpus_only"] == 0.5


@pytest.mark.parametrize(
    ("examples", "counts"),
    [
        pytest.param([*rows("kitchen", 40, 40), *rows("stadium", 40, 40)], {}, id="nothing-counted"),
        pytest.param(
            [*rows("kitchen", 40, 40), *rows("stadium", 40, 40)],
            counted(kitchen=(1, 3)),
            id="one-corpus-counted",
        ),
        pytest.param(
            rows("kitchen", 40, 40), counted(kitchen=(1, 3), stadium=(1, 9)), id="one-corpus-tested"
        ),
        pytest.param(
            [*rows("kitchen", 40, 40), *rows("stadium", 40, 40, language="de")],
            counted(kitchen=(1, 3), stadium=(1, 9)),
            id="of-two-languages",
        ),
        pytest.param(
            [*rows("kitchen", 10, 40), *rows("stadium", 9, 40)],
            counted(kitchen=(1, 3), stadium=(1, 9)),
            id="fewer-than-twenty-positives",
        ),
    ],
)
def test_where_there_is_nothing_to_tell_there_is_no_table(
    examples: list[Example], counts: Mapping[str, Any]
) -> None:
    assert list(corpus_alone(reading(examples, {"calibration_rows": counts}))) == []


def test_the_table_says_that_it_is_no_measure_of_the_bundle() -> None:
    examples = [*rows("kitchen", 40, 20), *rows("stadium", 20, 80)]
    counts = counted(kitchen=(30, 10), stadium=(10, 90))
    (table,) = corpus_alone(reading(examples, {"calibration_rows": counts}))
    assert "**No measure of this bundle**" in table.about[0]
    assert not table.card
    assert [column.better for column in table.columns] == [None] * 6
