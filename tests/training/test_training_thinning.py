"""Thinned rows are an equal-probability sample: exactly where that can be said, else as a statistic."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pytest

from tocsin.example import Example, Label
from tocsin.signals import Signal
from tocsin.training.splits import SEED as SPLITS
from tocsin.training.thinning import thinned

SEED: Final = "toy"
HATE = Signal.HATE


def row(identity: str, inclusion: float = 1.0, corpus: str = "cooking") -> Example:
    return Example(identity, "hot soup", "en", corpus, "none", inclusion=inclusion)


def rows(count: int, inclusion: float = 1.0, corpus: str = "cooking", start: str = "r") -> list[Example]:
    return [row(f"{start}{number}", inclusion, corpus) for number in range(count)]


def ids(examples: Sequence[Example]) -> list[str]:
    return [example.id for example in examples]


# Exactly.


@pytest.mark.parametrize("inclusion", [1.0, 0.5, 0.1, 1e-300])
def test_rows_that_were_all_as_likely_are_all_kept_as_they_are(inclusion: float) -> None:
    drawn = rows(2_000, inclusion)
    kept = thinned(drawn, SEED)
    assert len(kept) == len(drawn)
    assert all(one is other for one, other in zip(kept, drawn, strict=True))


def test_nothing_thins_to_nothing() -> None:
    assert thinned([], SEED) == []


def test_the_rows_least_likely_to_be_drawn_all_stay() -> None:
    least = rows(500, 0.01, start="least")
    kept = ids(thinned([*rows(500, 0.5), *least], SEED))
    assert set(ids(least)) <= set(kept)
    assert len(kept) < 560


def test_what_stays_says_how_likely_it_was_in_the_end() -> None:
    kept = thinned([*rows(200), *rows(200, 0.25, start="s"), *rows(9, 0.5, "sport", start="t")], SEED)
    assert {(example.corpus, example.inclusion) for example in kept} == {("cooking", 0.25), ("sport", 0.5)}


def test_what_stays_keeps_its_order_and_all_that_it_says() -> None:
    drawn = [
        replace(
            row(f"r{number}", random.Random(number).choice((0.2, 1.0))),  # noqa: S311
            labels={HATE: Label.POSITIVE},
            weight=number / 100,
        )
        for number in range(1, 400)
    ]
    kept = thinned(drawn, SEED)
    assert [replace(example, inclusion=1.0) for example in kept] == [
        replace(example, inclusion=1.0) for example in drawn if example.id in set(ids(kept))
    ]
    assert 0 < len(kept) < len(drawn)


def test_neither_order_nor_repetition_decides_who_stays() -> None:
    drawn = [*rows(300), *rows(300, 0.3, start="s")]
    kept = thinned(drawn, SEED)
    shuffled = thinned(random.Random(1).sample(drawn, len(drawn)), SEED)  # noqa: S311
    assert sorted(ids(shuffled)) == sorted(ids(kept))
    assert thinned(drawn, SEED) == kept
    assert thinned(kept, SEED) == kept


def test_another_corpus_changes_nothing() -> None:
    drawn = [*rows(300), *rows(300, 0.3, start="s")]
    others = [*rows(300, 0.001, "sport", start="t"), *rows(10, 1.0, "sport", start="u")]
    kept = ids(thinned(drawn, SEED))
    assert [identity for identity in ids(thinned([*others, *drawn], SEED)) if identity[0] in "rs"] == kept


def test_who_stays_at_a_lower_share_stays_at_a_higher_one() -> None:
    kept = [set(ids(thinned([*rows(500), row("least", least)], SEED))) for least in (0.1, 0.3, 0.9)]
    assert kept[0] < kept[1] < kept[2]


def test_the_draw_is_the_same_in_every_version() -> None:
    kept = thinned([*rows(40), row("least", 0.25)], SEED)
    assert ids(kept) == ["r1", "r6", "r10", "r17", "r31", "r32", "r34", "r36", "r39", "least"]


# As a statistic.


@pytest.mark.parametrize(
    ("inclusion", "least"), [(1.0, 0.02), (1.0, 0.25), (0.5, 0.25), (0.1, 0.09), (0.002, 0.001)]
)
def test_a_row_stays_with_the_probability_that_it_should(inclusion: float, least: float) -> None:
    share = least / inclusion
    drawn = rows(20_000, inclusion)
    for seed in ("a", "b"):
        kept = len(thinned([*drawn, row("least", least)], seed)) - 1
        assert abs(kept - 20_000 * share) <= 4 * math.sqrt(20_000 * share * (1 - share))


def test_other_seeds_draw_others_independently() -> None:
    drawn = [*rows(20_000), row("least", 0.5)]
    first, second = (set(ids(thinned(drawn, seed))) - {"least"} for seed in ("a", "b"))
    assert abs(len(first & second) - 5_000) <= 4 * math.sqrt(20_000 * 0.25 * 0.75)


def test_the_draw_does_not_follow_that_of_the_splits() -> None:
    # Both are keyed hashes, with one seed: as one draw, rows of one split would all stay or all leave.
    drawn = rows(20_000)
    plain = [identity for identity in ids(drawn) if as_splits_draw(identity) < 0.5]
    kept = set(ids(thinned([*drawn, row("least", 0.5)], SPLITS)))
    stayed = sum(identity in kept for identity in plain)
    assert abs(stayed - len(plain) / 2) <= 4 * math.sqrt(len(plain) / 4)


def as_splits_draw(name: str) -> float:
    digest = hashlib.blake2b(name.encode(), key=SPLITS.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


# A platform: a filter flags most positives and few negatives, and what it flags is all labelled.

DRAWS: Final = 2_000
POSTS: Final = 200
PREVALENCE: Final = 0.3
FLAGGED: Final = {True: 0.8, False: 0.1}
UNFLAGGED_DRAWN: Final = 0.4


def labelled(draw: int, rng: np.random.Generator) -> list[Example]:
    """Return what is labelled of one platform."""
    positive = rng.random(POSTS) < PREVALENCE
    flagged = rng.random(POSTS) < np.where(positive, FLAGGED[True], FLAGGED[False])
    drawn = np.flatnonzero(flagged | (rng.random(POSTS) < UNFLAGGED_DRAWN))
    label = {True: {HATE: Label.POSITIVE}, False: {HATE: Label.NEGATIVE}}
    return [
        Example(
            f"{draw}:{post}",
            "",
            "en",
            "platform",
            "none",
            label[bool(positive[post])],
            inclusion=1.0 if flagged[post] else UNFLAGGED_DRAWN,
        )
        for post in drawn.tolist()
    ]


def covers(examples: Sequence[Example]) -> bool:
    """Say whether Wilson's 95% interval of the share of positives holds the prevalence."""
    count = len(examples)
    share = sum(example.label(HATE) is Label.POSITIVE for example in examples) / count
    return abs(share - PREVALENCE) <= 1.959964 * math.sqrt(PREVALENCE * (1 - PREVALENCE) / count)


def test_intervals_of_thinned_rows_cover_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(20_261_122)
    covered = misled = 0
    for draw in range(DRAWS):
        sample = labelled(draw, rng)
        covered += covers(thinned(sample, SEED))
        misled += not covers(sample)
    assert 0.93 <= covered / DRAWS <= 0.97
    assert misled / DRAWS > 0.9  # without thinning, one interval in ten holds the truth
