"""A text's margins are the sum that scikit-learn computes, whatever was read before or beside it."""

from __future__ import annotations

import copy
import os
import pickle
import random
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

from tocsin.example import Split
from tocsin.models.features import FeatureSpec
from tocsin.models.screen import Screen
from tocsin.signals import Signal
from tocsin.text import normalise
from tocsin.training.build import Build
from tocsin.training.grams import gram_matrix

SPEC = FeatureSpec(bits=12)
SIGNALS = (Signal.HATE, Signal.THREAT, Signal.CALL_TO_ACTION)
LONG = "ha" * 40  # too long for a key
PARTS = (
    LONG,
    "soup",
    "SOUP,",
    "s o u p",
    "so\u200bup",
    "o",
    "n",
    "i",
    "\u00a0",
    "&nbsp;",
    "!",
    "1",
    "sooouuup",
)
TEXTS = st.lists(st.sampled_from(PARTS) | st.text(max_size=6), max_size=12).map(" ".join)


def made(spec: FeatureSpec = SPEC) -> Screen:
    draw = np.random.default_rng(7)
    table = draw.integers(-32_000, 32_000, (spec.buckets, len(SIGNALS))).astype(np.int16)
    scale, bias = np.array([1e-4, 2e-4, 3e-4], np.float32), np.array([-1, 0, 1], np.float32)
    return Screen(spec, SIGNALS, table, scale, bias)


def words_known(screen: Screen) -> int:
    memory = screen._lexicon._memory
    assert memory is not None
    return max(len(memory._words), len(memory._pieces))


def by_matrix(screen: Screen, texts: Sequence[str]) -> NDArray[np.float64]:
    """Return margins as training sees them: a sparse matrix of all n-grams times the weights."""
    counts = gram_matrix([normalise(text) for text in texts], screen.spec)
    scaled = csr_array(diags_array(1 / np.sqrt(np.maximum(counts.sum(axis=1), 1))) @ counts)
    return np.asarray(scaled @ (screen.table * screen.scale.astype(np.float64)) + screen.bias)


@pytest.mark.parametrize("word_max", [1, 2])
@given(texts=st.lists(TEXTS, max_size=8))
def test_margins_are_those_of_training(word_max: int, texts: list[str]) -> None:
    screen = made(FeatureSpec(bits=12, word_max=word_max))

    np.testing.assert_allclose(screen.margins(texts), by_matrix(screen, texts), atol=1e-9, rtol=0)


@pytest.mark.corpora
def test_margins_of_real_posts_are_those_of_training(real_build: Build) -> None:
    rows = random.Random(4).sample(list(real_build.splits.rows[Split.DEV]), 4_000)  # noqa: S311 - a sample
    texts = [row.text for row in rows]
    screen = made(FeatureSpec())
    apart = np.abs(screen.margins(texts) - by_matrix(screen, texts)).max(axis=1)

    assert [row.id for row, gap in zip(rows, apart, strict=True) if gap > 1e-9] == []


@given(st.lists(TEXTS, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_a_margin_is_the_same_to_the_bit_alone_in_a_batch_in_any_order_and_after_others(
    texts: list[str], draw: random.Random
) -> None:
    batch = made().margins(texts)
    order = draw.sample(range(len(texts)), len(texts))
    used = made()
    used.margins(["another soup", *texts[::-1]])

    np.testing.assert_array_equal(np.concatenate([made().margins([text]) for text in texts]), batch)
    np.testing.assert_array_equal(used.margins([texts[place] for place in order]), batch[order])


def test_forgetting_changes_no_margin(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"soup number {place} with bread {place % 7}" for place in range(300)]
    expected = made().margins(texts)
    monkeypatch.setattr("tocsin.models.word_memory._MOST_WORDS", 20)
    monkeypatch.setattr("tocsin.models.screen._CHARACTERS_AT_ONCE", 200)
    forgetful = made()

    np.testing.assert_array_equal(forgetful.margins(texts), expected)
    assert words_known(forgetful) < 100


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.models.word_memory._MOST_WORDS", 50)
    screen = made()
    for place in range(100):
        screen.margins([f"soup{place} bread{place}"])

    assert 40 <= words_known(screen) <= 52


def test_new_words_are_summed_in_parts_that_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["an onion and a leek", "leeks, onions and a soup", "x" * 70]
    expected = made().margins(texts)
    monkeypatch.setattr("tocsin.models.word_memory.CHARACTERS_AT_ONCE", 8)

    np.testing.assert_array_equal(made().margins(texts), expected)


def test_threads_may_share_a_screen() -> None:
    texts = [f"soup {place % 50} {place} with bread" for place in range(2_000)]
    expected = made().margins(texts)
    shared = made()
    batches = [texts[start : start + 20] for start in range(0, len(texts), 20)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(shared.margins, batches))

    np.testing.assert_array_equal(np.concatenate(found), expected)


def test_a_text_of_which_nothing_is_left_has_no_words() -> None:
    assert made().read(["soup is hot", "", " \u200b ", "\u00a0"]).words.tolist() == [3, 0, 0, 0]


@pytest.mark.parametrize("letters", [1, 32, 33, 400])
def test_copies_of_a_word_count_once_however_long_it_is(letters: int) -> None:
    texts = [f"{'ha' * letters} soup {'ha' * letters}", f"{'ha' * letters}, {'HA' * letters} soup"]

    np.testing.assert_allclose(made().margins(texts), by_matrix(made(), texts), atol=1e-9, rtol=0)


@pytest.mark.parametrize("part", ["\ufdfa", "\U0001f525", "&nbsp;ha", "x" * 65], ids=ascii)
def test_a_flood_of_what_grows_leaves_little_behind(part: str) -> None:
    screen = made()
    for place in range(40):
        screen.margins([part * (2_000 + place)])
    memory = screen._lexicon._memory
    assert memory is not None

    assert sum(len(rows.rows) for rows in (memory._parts, memory._sizes, memory._ends)) < 2_000


def failing(*_: object) -> None:
    raise OSError(24, "Too many open files")


@pytest.mark.parametrize(
    "at",
    [
        "word_memory.piece_all",
        "adder.hash_words",
        "lexicon.normalise",
        "growing.Growing.add",
        "word_memory._marked",
    ],
)
def test_what_fails_once_spoils_no_later_margin(at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before, during = [f"soup number {place}" for place in range(50)], ["s o u p", "bread", "soup 🍞"]
    after = [f"bread {place} and soup {place}" for place in range(100)] + during
    screen = made()
    screen.margins(before)
    with monkeypatch.context() as broken:
        broken.setattr(f"tocsin.models.{at}", failing)
        with pytest.raises(OSError, match="Too many open files"):
            screen.margins(during)

    np.testing.assert_array_equal(screen.margins(before + after), made().margins(before + after))


def test_a_copy_of_a_screen_reads_as_it_does() -> None:
    screen = made()
    texts = ["hot soup", "cold bread"]
    expected = screen.margins(texts)

    for twin in (copy.deepcopy(screen), pickle.loads(pickle.dumps(screen))):  # noqa: S301 - our own
        np.testing.assert_array_equal(twin.margins(texts), expected)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_child_process_reads_while_a_thread_of_its_parent_did() -> None:
    screen = made()
    with screen._lexicon._lock:  # as another thread would hold it
        child = os.fork()
        if not child:
            signal.alarm(20)
            os._exit(0 if screen.margins(["hot soup"]).shape == (1, 3) else 1)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0


def test_copies_of_a_word_count_once() -> None:
    without_pairs = made(FeatureSpec(bits=12, word_max=1))
    once, often = without_pairs.margins(["soup bread", "soup bread soup soup bread"])

    np.testing.assert_array_equal(once, often)


@given(TEXTS.map(normalise))
def test_contributions_add_up_to_the_margins(text: str) -> None:
    screen = made()
    found = screen.contributions(text)
    page = screen._lexicon.page(text)

    np.testing.assert_allclose(
        found.weights.sum(axis=0) + found.bias, screen._margins(page)[0], atol=1e-9, rtol=0
    )
    assert ((found.starts >= 0) & (found.starts < found.ends) & (found.ends <= len(text))).all()


def test_contributions_stand_where_their_words_do() -> None:
    found = made().contributions("hot soup hot")

    assert [*zip(found.starts.tolist(), found.ends.tolist(), strict=True)] == [
        *((0, 3), (4, 8), (9, 12)),
        *((0, 8), (4, 12)),
    ]
    np.testing.assert_array_equal(found.weights[0], found.weights[2])  # copies share
