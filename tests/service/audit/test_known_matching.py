"""Texts held against lists of digests: the same, or near, and never by chance or by design."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from tocsin.service.audit.known.grouping import group
from tocsin.service.audit.known.hash_list import Entry
from tocsin.service.audit.known.keying import Keying
from tocsin.service.audit.known.matching import SHARED, match
from tocsin.service.audit.known.testing import (
    CHOIR,
    entry,
    hash_texts,
    listed,
    matched,
)
from tocsin.service.likeness import bands, shingles
from tocsin.text import normalise

FRIDAY, SUNDAY = CHOIR.format("Friday"), CHOIR.format("Sunday")
CUP = "The Quellish keeper saved three penalties and her team won the cup again"


def test_texts_are_known_by_their_digest_or_by_their_bands(tmp_path: Path) -> None:
    texts = [FRIDAY.upper() + "  ", SUNDAY, CUP, "lol", ""]

    found = matched(tmp_path, texts, entry(FRIDAY, "choir", banded=True), entry("LOL", "short"))

    assert found == [("choir", False), ("choir", True), (None, False), ("short", False)]


def test_without_bands_a_list_knows_nothing_that_is_near(tmp_path: Path) -> None:
    assert matched(tmp_path, [SUNDAY], entry(FRIDAY, "choir")) == [(None, False)]


def test_of_several_entries_the_first_exact_one_says_the_label(tmp_path: Path) -> None:
    entries = (entry(SUNDAY, "near", banded=True), entry(FRIDAY, "first"), entry(FRIDAY, "second"))

    assert matched(tmp_path, [FRIDAY], *entries) == [("first", False)]


def test_digests_with_the_same_first_half_are_told_apart(tmp_path: Path) -> None:
    own = Keying().digest(normalise(FRIDAY))
    others = [Entry(own[:8] + bytes([number]) * 24, "other") for number in (0, 255)]

    assert matched(tmp_path, [FRIDAY], *others) == [(None, False)]
    assert matched(tmp_path / "2", [FRIDAY], others[0], entry(FRIDAY, "own"), others[1]) == [("own", False)]


def test_many_entries_are_matched_as_one_by_one(tmp_path: Path) -> None:
    draw = np.random.default_rng(5)
    texts = [" ".join(draw.choice(["soup", "leek", "oven", "cup", "choir"], 12)) for _ in range(90)]
    entries = [entry(text, str(number), banded=True) for number, text in enumerate(texts[::3])]
    banded = [bands(shingles(text)) for text in texts]

    found = matched(tmp_path, texts, *entries)

    assert [label for label, _ in found[::3]] == [str(number) for number in range(30)]
    for own, (label, near) in zip(banded, found, strict=True):
        shared = [sum(one == other for one, other in zip(own, known.bands, strict=True)) for known in entries]
        if label is None:
            assert max(shared) < SHARED
        elif near:
            assert shared[int(label)] == max(shared) >= SHARED


@pytest.mark.parametrize(
    ("share", "told"), [(0.9, 0.977), (0.8, 0.704), (0.5, 0.011)], ids=["nine tenths", "four fifths", "half"]
)
def test_bands_know_as_often_as_the_docs_say(share: float, told: float) -> None:
    band = share**4
    fewer = sum([1, 8, 28][count] * band**count * (1 - band) ** (8 - count) for count in range(SHARED))

    assert 1 - fewer == pytest.approx(told, abs=0.005)


def test_a_campaign_on_both_sides_is_matched_in_bounded_memory(tmp_path: Path) -> None:
    texts = [
        CHOIR.format(f"the {number}th") + " and sings of soup until the morning" for number in range(800)
    ]
    found = hash_texts(tmp_path / "work", texts)
    groups = group(found, tmp_path)
    entries = [entry(f"{text} again", f"choir {number}", banded=True) for number, text in enumerate(texts)]

    tracemalloc.start()
    told = match(found, groups, listed(*entries))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (told.label >= 0).mean() > 0.9
    assert peak < 100e6  # each of 800 meets most of 800, in most of eight bands


def test_near_copies_are_those_that_comparing_each_with_each_finds(tmp_path: Path) -> None:
    texts = [CHOIR.format(day) + f" and sings {song}" for day in ("Friday", "Sunday") for song in range(40)]
    entries = [entry(text + " again", f"soup {place}", banded=True) for place, text in enumerate(texts)]
    entries += entries[3:4]
    found = hash_texts(tmp_path / "work", texts)

    told = match(found, group(found, tmp_path), listed(*entries))

    for number, text in enumerate(texts):
        own = bands(shingles(text))
        shared = [sum(one == other for one, other in zip(own, it.bands, strict=True)) for it in entries]
        most = max(shared)
        expected = entries[shared.index(most)].label if most >= SHARED else None
        place = int(told.label[number])
        assert (told.labels[place] if place >= 0 else None) == expected


def test_digests_that_begin_alike_are_told_apart(tmp_path: Path) -> None:
    own = Keying().digest(normalise(CUP))
    others = [Entry(own[:8] + number.to_bytes(8, "big") + own[16:], "none of it") for number in range(500)]

    assert matched(tmp_path, [CUP, FRIDAY], *others, Entry(own, "cup"), Entry(own, "cup, later")) == [
        ("cup", False),
        (None, False),
    ]
