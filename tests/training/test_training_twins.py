"""A twin knows one corpus alone, its counterpart all but that one; both are fitted as the screen is."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tocsin.errors import CorpusError
from tocsin.example import Example, Label, Split
from tocsin.models.features import FeatureSpec
from tocsin.signals import Signal
from tocsin.training.screen import ScreenConfig, fit_screen
from tocsin.training.twins import Scores, TwinScores, twin_scores, twins_config

HATE, CALL = Signal.HATE, Signal.CALL_TO_ACTION
YES, NO = Label.POSITIVE, Label.NEGATIVE
WORDS = {
    "kitchen": (["soup", "bread", "oven", "butter", "whisk"], ["goal", "match", "ball", "team", "coach"]),
    "garden": (["rose", "tulip", "bread", "hedge", "spade"], ["piano", "violin", "ball", "drum", "choir"]),
    "attic": (["trunk", "lamp", "soup", "spade", "dust"], ["train", "tram", "coach", "bus", "drum"]),
}
PLAIN = ["the", "and", "then", "with", "yesterday", "quite", "very", "some", "again", "under"]
CONFIG = ScreenConfig(features=FeatureSpec(bits=10), strengths=(0.03, 0.3, 3.0), related=0.3)
STRENGTHS = {HATE: 0.3, CALL: 0.1}

Rows = Mapping[Split, Sequence[Example]]


def texts(corpus: str, split: Split, count: int, signals: Sequence[Signal] = (HATE,)) -> list[Example]:
    """Return texts, every other one positive for all signals."""
    draw = random.Random(f"{corpus} {split}")  # noqa: S311 - toy data
    return [
        Example(
            f"{corpus}:{split}:{row}",
            " ".join(draw.choices(WORDS[corpus][row % 2], k=2) + draw.choices(PLAIN, k=5)),
            "en",
            corpus,
            "CC0-1.0",
            dict.fromkeys(signals, NO if row % 2 else YES),
        )
        for row in range(count)
    ]


def rows(**signals: Sequence[Signal]) -> dict[Split, list[Example]]:
    """Return rows of corpora with the signals that each is labelled for."""
    counts = {Split.TRAIN: 160, Split.DEV: 60, Split.TEST: 100}
    return {
        split: [row for corpus, told in signals.items() for row in texts(corpus, split, count, told)]
        for split, count in counts.items()
    }


BOTH = rows(kitchen=(HATE, CALL), garden=(HATE,))


def scored(given: Rows, strengths: Mapping[Signal, float] = STRENGTHS) -> TwinScores:
    return twin_scores(given, CONFIG, strengths)


@pytest.fixture(scope="module")
def both() -> TwinScores:
    return scored(BOTH)


def changed(given: Rows, corpus: str, split: Split, **more: Any) -> Rows:
    """Return rows of which those of one corpus in one split have something else."""
    return {
        place: [replace(row, **more) if (row.corpus, place) == (corpus, split) else row for row in examples]
        for place, examples in given.items()
    }


def turned(given: Rows, corpus: str, split: Split) -> Rows:
    """Return rows of which those of one corpus in one split are labelled the other way round."""
    other = {YES: NO, NO: YES}
    return {
        place: [
            replace(row, labels={signal: other[label] for signal, label in row.labels.items()})
            if (row.corpus, place) == (corpus, split)
            else row
            for row in examples
        ]
        for place, examples in given.items()
    }


def of(scores: Scores, corpus: str, signal: Signal = HATE) -> list[float]:
    return [score for row, score in scores.get(signal, {}).items() if row.startswith(f"{corpus}:")]


def fitted(given: Rows, corpora: Sequence[str], signal: Signal, scored_on: str, **config: Any) -> list[float]:
    """Return margins of one corpus's test rows from a screen that is fitted to some corpora as it ships."""
    train, dev, test = (
        [row for row in given[split] if row.corpus in told]
        for split, told in ((Split.TRAIN, corpora), (Split.DEV, corpora), (Split.TEST, [scored_on]))
    )
    screen = fit_screen(train, dev, replace(CONFIG, **config)).screen
    margins: list[float] = screen.margins([row.text for row in test])[
        :, screen.signals.index(signal)
    ].tolist()
    return margins


@pytest.mark.parametrize(("corpus", "signal"), [("kitchen", HATE), ("kitchen", CALL), ("garden", HATE)])
def test_a_twin_is_the_screen_of_its_corpus_alone(corpus: str, signal: Signal, both: TwinScores) -> None:
    assert of(both.alone, corpus, signal) == pytest.approx(fitted(BOTH, [corpus], signal, corpus), abs=1e-6)


def test_a_model_without_a_corpus_is_that_of_all_others_at_the_bundle_s_strength(both: TwinScores) -> None:
    expected = fitted(BOTH, ["garden"], HATE, "kitchen", strengths=(STRENGTHS[HATE],), related=0.0)
    assert of(both.without, "kitchen") == pytest.approx(expected, abs=1e-6)
    weaker = scored(BOTH, STRENGTHS | {HATE: 0.003})
    assert of(weaker.without, "kitchen") != pytest.approx(expected, abs=0.1)
    assert of(weaker.alone, "kitchen") == of(both.alone, "kitchen")


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(turned(BOTH, "kitchen", Split.TRAIN), id="other-labels"),
        pytest.param(turned(BOTH, "kitchen", Split.DEV), id="other-labels-on-dev"),
        pytest.param(changed(BOTH, "kitchen", Split.TRAIN, text="rose bread the spade"), id="other-texts"),
        pytest.param(changed(BOTH, "kitchen", Split.TRAIN, weight=9.0), id="other-weights"),
    ],
)
def test_a_model_without_a_corpus_never_saw_it(given: Rows, both: TwinScores) -> None:
    assert of(scored(given).without, "kitchen") == of(both.without, "kitchen")


def test_a_model_without_a_corpus_saw_the_others(both: TwinScores) -> None:
    found = scored(turned(BOTH, "garden", Split.TRAIN))
    assert of(found.without, "kitchen") == pytest.approx(
        [-one for one in of(both.without, "kitchen")], abs=0.01
    )
    assert of(found.alone, "kitchen") == of(both.alone, "kitchen")


def test_a_twin_never_saw_another_corpus(both: TwinScores) -> None:
    found = scored(turned(BOTH, "kitchen", Split.TRAIN))
    assert of(found.alone, "garden") == of(both.alone, "garden")
    assert of(found.alone, "kitchen") != of(both.alone, "kitchen")


def test_every_test_row_of_a_compared_corpus_is_scored_and_no_other(both: TwinScores) -> None:
    tested = {row.id: row.corpus for row in BOTH[Split.TEST]}
    assert set(both.alone[HATE]) == set(both.without[HATE]) == set(tested)
    assert {tested[row] for row in both.alone[CALL]} == {"kitchen"}


def test_where_no_other_corpus_teaches_a_signal_there_is_none_without_it(both: TwinScores) -> None:
    assert CALL in both.alone
    assert CALL not in both.without


def test_a_corpus_of_one_class_has_no_twin(both: TwinScores) -> None:
    given = changed(BOTH, "garden", Split.TRAIN, labels={HATE: NO})
    found = scored(given)
    assert of(found.alone, "garden") == of(found.without, "garden") == []
    assert of(found.alone, "kitchen") == of(both.alone, "kitchen")
    assert of(found.without, "kitchen") == []


@pytest.mark.parametrize(("each", "there"), [(50, True), (49, False)])
def test_a_cell_of_few_test_rows_is_not_compared(each: int, there: bool) -> None:
    found = scored({**BOTH, Split.TEST: BOTH[Split.TEST][: 2 * each]})
    assert bool(of(found.alone, "kitchen")) is there
    assert of(found.alone, "garden") == []


def test_rows_of_two_languages_are_no_cell_together() -> None:
    german = [
        replace(row, language="de") if place % 4 < 2 else row for place, row in enumerate(BOTH[Split.TEST])
    ]
    assert scored({**BOTH, Split.TEST: german}) == TwinScores({}, {})


def test_a_signal_that_the_bundle_did_not_learn_has_no_twin(both: TwinScores) -> None:
    found = scored(BOTH, {HATE: 0.3})
    assert set(found.alone) == set(found.without) == {HATE}
    assert of(found.without, "kitchen") == of(both.without, "kitchen")


def test_three_corpora_are_left_out_one_at_a_time() -> None:
    given = rows(kitchen=(HATE,), garden=(HATE,), attic=(HATE,))
    found = scored(given)
    for corpus in WORDS:
        others = [one for one in WORDS if one != corpus]
        expected = fitted(given, others, HATE, corpus, strengths=(STRENGTHS[HATE],))
        assert of(found.without, corpus) == pytest.approx(expected, abs=1e-6)


def test_the_same_rows_have_the_same_twins(both: TwinScores) -> None:
    assert scored(BOTH) == both


def test_progress_counts_the_models() -> None:
    told: list[str] = []
    twin_scores(BOTH, CONFIG, STRENGTHS, told.append)
    assert told == ["counting n-grams for twins", *(f"twins: {done} of 5" for done in range(1, 6))]


# What a training record tells.


def test_the_experiment_is_read_from_the_training_record(toy_bundle: Path) -> None:
    training = json.loads((toy_bundle / "training.json").read_text(encoding="utf-8"))
    config, strengths = twins_config(training)
    assert config == ScreenConfig(features=FeatureSpec(bits=12), strengths=(0.3,))
    assert set(strengths) == {Signal.INCITEMENT, HATE, CALL}
    assert set(strengths.values()) <= {0.3, 0.1}


RECORD: dict[str, Any] = {
    "features": {"bits": 10, "char_min": 2, "char_max": 5, "word_max": 2},
    "strengths": [0.1, 0.3],
    "presumed_weight": 0.3,
    "temperature": 0.5,
    "related": 0.3,
    "chosen": {"hate": 0.1},
}


def test_every_part_of_the_experiment_is_read() -> None:
    record = RECORD | {"presumed_weight": 0.25, "temperature": 0.75, "related": 0.0}
    spec = FeatureSpec(bits=10, char_min=2, char_max=5, word_max=2)
    assert twins_config({"config": record}) == (ScreenConfig(spec, (0.1, 0.3), 0.25, 0.75, 0.0), {HATE: 0.1})


@pytest.mark.parametrize(
    "training",
    [
        pytest.param({}, id="no-config"),
        pytest.param({"config": None}, id="nothing"),
        *(
            pytest.param(
                {"config": {key: value for key, value in RECORD.items() if key != lost}}, id=f"no-{lost}"
            )
            for lost in RECORD
        ),
        pytest.param({"config": RECORD | {"chosen": {"soup": 0.1}}}, id="an-unknown-signal"),
        pytest.param({"config": RECORD | {"chosen": {"hate": "much"}}}, id="a-strength-in-words"),
        pytest.param({"config": RECORD | {"chosen": ["hate"]}}, id="a-list-of-signals"),
        pytest.param({"config": RECORD | {"features": {"bits": 99}}}, id="features-that-are-none"),
        pytest.param({"config": RECORD | {"strengths": 0.3}}, id="one-strength"),
    ],
)
def test_a_record_that_does_not_tell_the_experiment_is_refused(training: Mapping[str, Any]) -> None:
    with pytest.raises(CorpusError, match="twins need a bundle whose training record names its config"):
        twins_config(training)
