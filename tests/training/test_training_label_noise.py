"""Planted label errors are found, on texts about cooking (positive) and sport (negative)."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tocsin.example import Example, Label
from tocsin.signals import Signal
from tocsin.training.corpora import CORPORA
from tocsin.training.label_noise import LEAST_CLUSTERS, LabelAudit, NoiseEstimate, audit_labels
from tocsin.training.open_rows import read_open_rows

COOKING = ["soup", "bread", "oven", "butter", "flour", "simmer", "whisk", "garlic", "onion", "recipe"]
SPORT = ["goal", "match", "ball", "referee", "team", "stadium", "sprint", "medal", "league", "coach"]
PLAIN = [f"{first}{last}" for first in "bdfghklm" for last in ("arin", "olu", "ette", "ipo", "undas")]

YES, NO, PRESUMED = Label.POSITIVE, Label.NEGATIVE, Label.PRESUMED_NEGATIVE
HATE, CALL = Signal.HATE, Signal.CALL_TO_ACTION


def said(draw: random.Random, words: Sequence[str]) -> str:
    return " ".join(draw.choices(words, k=3) + draw.choices(PLAIN, k=7))


def dishes(rows: int, seed: int = 1, corpus: str = "kitchen", language: str = "en") -> list[Example]:
    """Return rows with true labels, half of them positive."""
    draw = random.Random(seed)  # noqa: S311 - toy data
    return [
        Example(
            f"{corpus}:{number}",
            said(draw, COOKING if number % 2 else SPORT),
            language,
            corpus,
            "CC0-1.0",
            {HATE: YES if number % 2 else NO},
        )
        for number in range(rows)
    ]


def flipped(
    rows: Sequence[Example], chances: dict[Label, float], seed: int = 5
) -> tuple[list[Example], set[str]]:
    """Return rows of which some have the other label, and the ids of those."""
    draw = random.Random(seed)  # noqa: S311 - toy data
    planted = {row.id for row in rows if draw.random() < chances[row.label(HATE)]}
    other = {YES: NO, NO: YES}
    given = [
        replace(row, labels={HATE: other[row.label(HATE)]}) if row.id in planted else row for row in rows
    ]
    return given, planted


def only(examples: Sequence[Example]) -> LabelAudit:
    (found,) = audit_labels(examples)
    return found


def estimated(examples: Sequence[Example]) -> NoiseEstimate:
    estimate = only(examples).estimate
    assert estimate is not None
    return estimate


# Known truth.


@pytest.mark.parametrize(
    ("chances", "recall", "tolerance"),
    [
        pytest.param({YES: 0.1, NO: 0.1}, 0.95, 0.015, id="both-ways-alike"),
        pytest.param({YES: 0.15, NO: 0.05}, 0.75, 0.05, id="positives-are-missed-more-often"),
        pytest.param({YES: 0.04, NO: 0.2}, 0.75, 0.05, id="negatives-are-called-positive-more-often"),
    ],
)
def test_planted_errors_are_found_and_their_rates_estimated(
    chances: dict[Label, float], recall: float, tolerance: float
) -> None:
    """By chance, a list would hold a tenth of errors."""
    given, planted = flipped(dishes(1_200), chances)
    estimate = estimated(given)
    listed = {error.id for error in estimate.errors}
    wrong = {
        label: np.mean([row.id in planted for row in given if row.label(HATE) is label])
        for label in (YES, NO)
    }

    assert len(listed & planted) / len(planted) > recall
    assert len(listed & planted) / len(listed) > 0.9
    assert estimate.negatives_wrong == pytest.approx(wrong[NO], abs=tolerance)
    assert estimate.positives_wrong == pytest.approx(wrong[YES], abs=tolerance)
    assert (estimate.negatives_wrong > estimate.positives_wrong) == (wrong[NO] > wrong[YES])


def test_hardly_anything_is_listed_where_every_label_is_right() -> None:
    estimate = estimated(dishes(1_200))

    assert estimate.auroc > 0.99
    assert len(estimate.errors) < 12
    assert max(estimate.negatives_wrong, estimate.positives_wrong) < 0.02


def test_an_error_is_listed_with_the_label_that_was_given_and_counted_in_that_direction() -> None:
    given, planted = flipped(dishes(1_000), {YES: 0.2, NO: 0.0})
    estimate = estimated(given)
    labels = {row.id: row.label(HATE) for row in given}

    assert all(error.label is labels[error.id] for error in estimate.errors)
    assert len(estimate.errors) == estimate.among(NO) + estimate.among(YES)
    assert estimate.among(NO) > len(planted) / 2
    assert estimate.among(YES) == 0


def test_the_likeliest_errors_come_first_with_the_probability_of_their_label() -> None:
    draw = random.Random(2)  # noqa: S311 - toy data
    clear = [
        Example("clear:1", " ".join(draw.choices(COOKING, k=9)), "en", "kitchen", "CC0-1.0", {HATE: NO}),
        Example("clear:2", " ".join(draw.choices(SPORT, k=9)), "en", "kitchen", "CC0-1.0", {HATE: YES}),
    ]
    given, _ = flipped(dishes(1_000), {YES: 0.1, NO: 0.1})
    errors = estimated([*given, *clear]).errors
    confidences = [error.self_confidence for error in errors]

    assert {error.id for error in errors[:2]} == {"clear:1", "clear:2"}
    assert confidences == sorted(confidences)
    assert 0 < confidences[0] < 0.15
    assert confidences[-1] < 0.5


# What a cell is.


def test_each_corpus_and_language_is_judged_by_its_own_rows_alone() -> None:
    """Sport is positive in the stadium, and in German: pooled, half of all labels would look wrong."""
    other = {YES: NO, NO: YES}
    rows = [
        *dishes(300),
        *(
            replace(row, labels={HATE: other[row.label(HATE)]})
            for row in [*dishes(300, 2, "stadium"), *dishes(300, 3, "stadium", "de"), *dishes(300, 4)]
            if row.corpus == "stadium" or row.language == "de"
        ),
    ]
    german = [replace(row, language="de", id=f"de:{row.id}") for row in dishes(300, 6)]
    found = list(audit_labels([*rows, *german]))

    assert [(audit.corpus, audit.language) for audit in found] == [
        ("kitchen", "de"),
        ("kitchen", "en"),
        ("stadium", "de"),
        ("stadium", "en"),
    ]
    for audit in found:
        assert (audit.signal, audit.negatives, audit.positives) == (HATE, 150, 150)
        assert audit.estimate is not None
        assert audit.estimate.auroc > 0.99
        assert len(audit.estimate.errors) < 10


def test_each_signal_is_judged_by_the_rows_that_people_labelled_for_it() -> None:
    rows = dishes(400)
    told = [replace(row, labels={**row.labels, CALL: row.label(HATE)}) for row in rows[:200]]
    presumed = [replace(row, labels={**row.labels, CALL: PRESUMED}) for row in rows[200:300]]
    written = [replace(row, id=f"w{row.id}", synthetic=True) for row in dishes(100, seed=9)]

    whole = [*rows[300:], *presumed, *told, *written]
    calls, hate = audit_labels(random.Random(6).sample(whole, len(whole)))  # noqa: S311 - toy data

    assert (calls.signal, calls.negatives, calls.positives) == (CALL, 100, 100)
    assert (hate.signal, hate.negatives, hate.positives) == (HATE, 200, 200)
    for audit in (calls, hate):
        assert audit.estimate is not None
        assert audit.estimate.auroc > 0.99


def test_a_corpus_without_gold_labels_has_no_cell() -> None:
    told: list[str] = []
    assert (
        list(audit_labels([replace(row, labels={HATE: PRESUMED}) for row in dishes(10)], told.append)) == []
    )
    assert told == []  # nor is anything done for it


@pytest.mark.parametrize("rare", [YES, NO])
@pytest.mark.parametrize(
    ("posts", "copies", "enough"),
    [
        pytest.param(LEAST_CLUSTERS, 1, True, id="just-enough"),
        pytest.param(LEAST_CLUSTERS - 1, 1, False, id="one-too-few"),
        pytest.param(LEAST_CLUSTERS - 1, 3, False, id="copies-do-not-count"),
    ],
)
def test_a_class_with_too_few_different_posts_has_counts_and_no_estimate(
    rare: Label, posts: int, copies: int, enough: bool
) -> None:
    rows = dishes(400)
    scarce = [row for row in rows if row.label(HATE) is rare][:posts]
    repeated = [replace(row, id=f"{row.id}:{copy}") for row in scarce for copy in range(copies)]
    audit = only([*repeated, *(row for row in rows if row.label(HATE) is not rare)])

    assert (audit.positives if rare is YES else audit.negatives) == posts * copies
    assert (audit.estimate is not None) is enough


# Out of sample.


def copied(row: Example, copy: int, draw: random.Random) -> Example:
    return replace(row, id=f"{row.id}:{copy}", text=f"{row.text}{'!' * copy}")


def nearly_copied(row: Example, copy: int, draw: random.Random) -> Example:
    return replace(row, id=f"{row.id}:{copy}", text=f"{row.text} {'xyzq'[copy]}")


def one_group(row: Example, copy: int, draw: random.Random) -> Example:
    name = row.id.replace(":", "")
    words = " ".join([name] * 2 + draw.choices(PLAIN, k=8))
    return replace(row, id=f"{row.id}:{copy}", text=words, group=row.id)


def partners(row: Example, copy: int, draw: random.Random) -> Example:
    member = one_group(row, copy, draw)
    return replace(member, group=None, partners=(f"{row.id}:0",))


@pytest.mark.parametrize(
    "related",
    [
        pytest.param(copied, id="copies"),
        pytest.param(nearly_copied, id="near-copies"),
        pytest.param(one_group, id="rows-of-one-author"),
        pytest.param(partners, id="contrast-partners"),
    ],
)
def test_labels_that_only_a_related_row_could_tell_are_not_predicted(
    related: Callable[[Example, int, random.Random], Example],
) -> None:
    """Labels are drawn by lot, one a cluster: whoever sees a row's relatives knows its label."""
    draw = random.Random(4)  # noqa: S311 - toy data
    posts = [
        Example(f"r:{number}", " ".join(draw.choices(PLAIN, k=10)), "en", "kitchen", "CC0-1.0", {HATE: label})
        for number, label in enumerate(draw.choices((YES, NO), k=250))
    ]
    rows = [related(post, copy, draw) for post in posts for copy in range(4)]
    draw.shuffle(rows)

    assert 0.38 < estimated(rows).auroc < 0.62  # with relatives on both sides: above 0.9


def test_the_same_rows_give_the_same_audit() -> None:
    given, _ = flipped(dishes(400), {YES: 0.1, NO: 0.1})
    assert only(given) == only(given)


def test_work_is_told_cell_by_cell() -> None:
    told: list[str] = []
    list(audit_labels(dishes(200), told.append))
    assert told == ["kitchen (en): looking for copies among 200 rows", "kitchen (en): hate"]


# Real corpora, with errors planted among those that are there.


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("corpus", "signal", "recall", "lift"),
    [
        pytest.param("digital-extremism", Signal.EXTREMISM, 0.5, 2.5, id="small-and-noisy"),
        pytest.param("gab-hate-corpus", Signal.HATE, 0.65, 8, id="large-with-few-positives"),
    ],
)
def test_errors_planted_in_a_real_corpus_are_far_commoner_among_those_listed(
    corpora_folder: Path, corpus: str, signal: Signal, recall: float, lift: float
) -> None:
    rows = [
        replace(row, labels={HATE: row.label(signal)})
        for row in read_open_rows(corpora_folder, [CORPORA[corpus]])
        if row.label(signal) in {YES, NO}
    ]
    given, planted = flipped(rows, {YES: 0.05, NO: 0.05})
    listed = {error.id for error in estimated(given).errors}
    share = len(planted) / len(given)

    assert len(listed & planted) / len(planted) > recall
    assert len(listed & planted) / len(listed) > lift * share
