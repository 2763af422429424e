"""Groups of copies are those that a slow and simple twin finds."""

from __future__ import annotations

import tempfile
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tocsin.service.audit.known.grouping import LEAST_SHINGLES, Groups, group
from tocsin.service.audit.known.joining import Joining, numbered
from tocsin.service.audit.known.near import REACH, near_roots
from tocsin.service.audit.known.testing import CHOIR, hash_texts
from tocsin.service.audit.known.texts import NONE, Texts, read_texts
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.likeness import EMPTY, NEAR, SKETCH, bands, jaccard, shingles
from tocsin.text import normalise

DAYS = ("Monday", "Tuesday", "Friday", "every", "no")
STEMS = (
    CHOIR,
    "The Quellish keeper saved three penalties and on {} her team won the cup",
    "Whisk the eggs, fold in the flour and bake it on {} for half an hour or so",
)
small = st.integers(0, 12)
posts = st.lists(
    st.one_of(
        st.builds(str.format, st.sampled_from(STEMS), st.sampled_from(DAYS)),
        st.sampled_from(["lol", "yes", "  ", "", "Yes!", "happy birthday to you", "a" * 40]),
    ),
    max_size=25,
)


def grouped(texts: Sequence[str], part_rows: int = 7) -> tuple[Texts, Groups]:
    with tempfile.TemporaryDirectory() as folder:
        found = hash_texts(Path(folder), texts, part_rows)
        return found, group(found, Path(folder))


def components(count: int, pairs: Iterator[tuple[int, int]]) -> list[int]:
    """Return the least of all that each is joined to, by walking."""
    root = list(range(count))
    for one, other in pairs:
        old, new = max(root[one], root[other]), min(root[one], root[other])
        root = [new if here == old else here for here in root]
    return root


@given(st.lists(st.tuples(small, small), max_size=30))
def test_pairs_are_joined_as_by_hand(pairs: list[tuple[int, int]]) -> None:
    joining = Joining(13)
    for part in (pairs[:5], pairs[5:]):
        ends = np.array(part, np.int64).reshape(-1, 2)
        joining.join(ends[:, 0], ends[:, 1])

    assert joining.roots(np.arange(13)).tolist() == components(13, iter(pairs))


def test_a_long_chain_given_backwards_is_one_group() -> None:
    joining = Joining(2000)
    joining.join(np.arange(1, 2000)[::-1], np.arange(1999)[::-1])

    assert not joining.roots(np.arange(2000)).any()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=30))
def test_numbers_go_by_first_coming(pairs: list[tuple[int, int]]) -> None:
    both = np.array(pairs, np.uint64).reshape(-1, 2)
    numbers, first = numbered(both[:, 0], both[:, 1])

    order = list(dict.fromkeys(pairs))
    assert numbers.tolist() == [order.index(one) for one in pairs]
    assert first.tolist() == [pairs.index(one) for one in order]


@settings(max_examples=40, deadline=None)
@given(posts)
def test_copies_and_near_copies_are_those_of_a_slow_twin(texts: list[str]) -> None:
    found, groups = grouped(texts)
    normal = [normalise(text) for text in texts]

    copies = [normal.index(one) if one and normal.count(one) > 1 else None for one in normal]
    assert [None if one == NONE else one for one in groups.copy.tolist()] == [
        None if one is None else list(dict.fromkeys(filter(None, normal))).index(normal[one])
        for one in copies
    ]
    distinct = list(dict.fromkeys(filter(None, normal)))
    hashed = [shingles(text) for text in distinct]
    near = (
        (one, other)
        for one, other in combinations(range(len(distinct)), 2)
        if min(len(hashed[one]), len(hashed[other])) >= LEAST_SHINGLES
        and not set(bands(hashed[one])).isdisjoint(bands(hashed[other]))
        and jaccard(hashed[one], hashed[other]) >= NEAR
    )
    root = components(len(distinct), near)
    rows = [
        root[distinct.index(one)] if one and len(hashed[distinct.index(one)]) >= LEAST_SHINGLES else None
        for one in normal
    ]
    several = sorted({one for one in rows if one is not None and rows.count(one) > 1})
    expected = [several.index(one) if one in several else NONE for one in rows]
    assert groups.near_of(found.text).tolist() == expected
    assert groups.rows.tolist() == [expected.count(number) for number in range(len(several))]


def test_short_texts_are_exact_copies_and_no_near_ones() -> None:
    found, groups = grouped(["lol"] * 30 + ["yes"] * 20 + ["LOL"] + ["happy birthday to you"] * 3)

    assert (groups.copy != NONE).all()
    assert len(set(groups.copy.tolist())) == 3
    assert (groups.near_of(found.text) == NONE).all()


def test_blank_texts_are_no_copies_of_each_other() -> None:
    _, groups = grouped(["", "  ", "\u200b", ""])

    assert groups.copy.tolist() == [NONE] * 4


def test_texts_with_other_links_or_handles_are_near_copies_and_no_exact_ones() -> None:
    one, other = (CHOIR.format("Friday") + end for end in (" https://a.example/1", " https://b.example/2"))
    found, groups = grouped([one, other, one.upper().replace("HTTPS://A", "https://a"), other, f"@a {one}"])

    assert groups.copy.tolist() == [NONE, 1, NONE, 1, NONE]
    assert groups.near_of(found.text).tolist() == [0] * 5


def test_a_cluster_larger_than_what_is_compared_is_one_all_the_same() -> None:
    many = [f"{CHOIR.format('Friday')} at number {number:03}" for number in range(10 * REACH)]
    found, groups = grouped([*many, *("The Quellish cup went to team 5 again today",) * 2])

    assert groups.near_of(found.text).tolist() == [0] * len(many) + [1, 1]
    assert groups.texts.tolist() == [len(many), 1]


def test_texts_that_share_a_band_and_little_else_stay_apart() -> None:
    class Unlike:
        def of(self, texts: NDArray[np.int64]) -> NDArray[np.uint32]:
            sketch = np.arange(SKETCH, dtype=np.uint32) + SKETCH * texts[:, None].astype(np.uint32)
            assert sketch.max(initial=0) < EMPTY
            return sketch

    assert near_roots(np.zeros((50, 8), np.int64), Unlike()).tolist() == list(range(50))


@pytest.mark.parametrize("part_rows", [3, 1000])
def test_groups_do_not_hang_on_how_rows_are_cut_into_parts(part_rows: int) -> None:
    texts = [stem.format(day) for day in DAYS for stem in STEMS] * 2
    _, groups = grouped(texts, part_rows)
    _, others = grouped(texts, 8)

    assert all(
        np.array_equal(getattr(groups, name), getattr(others, name)) for name in ("copy", "near", "rows")
    )


def test_a_row_takes_less_than_250_bytes_of_memory(tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    peaks = {}
    for rows in (2_000, 12_000):
        letters = draw.integers(97, 123, (rows, 60), np.uint8)  # nothing alike: no pairs to compare
        hash_texts(tmp_path / f"{rows}", [one.tobytes().decode() for one in letters])
        with traced() as peak:
            found = read_texts(AuditLayout(tmp_path / f"{rows}"))
            group(found, tmp_path)
            peaks[rows] = peak()
        assert len(found.text) == rows

    assert peaks[12_000] - peaks[2_000] < 250 * 10_000


@contextmanager
def traced() -> Iterator[Callable[[], int]]:
    """Hand out what tells the highest number of bytes in use since."""
    tracemalloc.start()
    try:
        yield lambda: tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
