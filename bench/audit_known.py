"""What `tocsin audit known` costs a row, and which pairs it joins.

    .venv/bin/python bench/audit_known.py                # 100,000 made-up posts: four minutes
    .venv/bin/python bench/audit_known.py --rows 500000 --pairs 0

hashes made-up posts on one core, groups them, and prints rows a second, bytes a row, and what share of pairs
is joined by how alike they are. Half of the posts are near copies of others.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.audit.known.fingerprints import PartHashing
from tocsin.service.audit.known.grouping import group
from tocsin.service.audit.known.keying import Keying
from tocsin.service.audit.known.near import near_roots
from tocsin.service.audit.known.testing import hash_texts
from tocsin.service.audit.known.texts import NONE, Texts, bands_of, read_texts, sketches_of
from tocsin.service.audit.layout import AuditLayout, PartName
from tocsin.service.audit.unit import Unit
from tocsin.service.likeness import jaccard, shingles
from tocsin.service.scan.placed import Placed

_SEED: Final = 20_310_517
_PART: Final = 10_000
_WORDS: Final = 20_000
_EDGES: Final = (0.0, 0.3, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0)
_LENGTHS: Final = {"short, 8 words": 8, "middling, 25 words": 25, "long, 150 words": 150}


def main(arguments: Sequence[str]) -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=6_000, help="pairs of each length")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        for line in _cost(Path(folder), asked.rows):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        for line in _joined(Path(folder), asked.pairs) if asked.pairs else ():
            sys.stdout.write(line + "\n")
            sys.stdout.flush()


def _words(draw: np.random.Generator) -> NDArray[np.str_]:
    letters = draw.choice(list("aaabcdeeeefghiiklmnnoooprrssstttuvw"), (_WORDS, 12))
    lengths = draw.integers(2, 10, _WORDS)
    return np.array(["".join(row[:length]) for row, length in zip(letters, lengths, strict=True)])


def _posts(rows: int, draw: np.random.Generator) -> Iterator[str]:
    """Yield posts of 4 to 40 words; every second one repeats one of the last hundred, a word changed."""
    words = _words(draw)
    last: list[list[str]] = []
    for row in range(rows):
        if row % 2 and last:
            post = list(last[draw.integers(len(last))])
            post[draw.integers(len(post))] = words[draw.integers(_WORDS)]
        else:
            post = words[draw.integers(_WORDS, size=draw.integers(4, 41))].tolist()
        last = [*last[-99:], post]
        yield " ".join(post)


def _cost(folder: Path, rows: int) -> Iterator[str]:
    draw = np.random.default_rng(_SEED)
    texts = list(_posts(rows, draw))
    work = AuditLayout(folder / "cost")
    work.scored.mkdir(parents=True)
    hashing = PartHashing(work, Keying())
    began = time.process_time()
    for number, first in enumerate(range(0, rows, _PART)):
        placed = tuple(
            Placed(str(place), text, place=place)
            for place, text in enumerate(texts[first : first + _PART], first)
        )
        hashing.keep(hashing.hash(Unit(PartName(0, number), "toys", first, placed, 0)))
    hashed = time.process_time() - began
    size = sum(path.stat().st_size for path in work.scored_parts())
    began = time.process_time()
    found = read_texts(work)
    groups = group(found, folder)
    grouped = time.process_time() - began
    tracemalloc.start()
    group(read_texts(work), folder)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    mean = sum(map(len, texts)) / rows
    yield f"{rows:,} posts of {mean:.0f} characters, {int((groups.near != NONE).sum()):,} texts in clusters"
    yield f"hashed: {rows / hashed:,.0f} rows a second of one core, {size / rows:.0f} bytes a row on the disk"
    yield f"grouped: {grouped:.1f} s of one core, {peak / rows:.0f} bytes of memory a row at the most"


def _joined(folder: Path, pairs: int) -> Iterator[str]:
    draw = np.random.default_rng(_SEED + 1)
    words = _words(draw)
    yield ""
    yield "| share of shingles in common | " + " | ".join(_LENGTHS) + " |"
    yield "|---|" + "---:|" * len(_LENGTHS)
    cells = []
    for number, length in enumerate(_LENGTHS.values()):
        texts = [text for _ in range(pairs) for text in _pair(words, length, draw)]
        found = hash_texts(folder / f"pairs-{number}", texts, _PART)
        cells.append(_shares(found.text, texts, _roots(found, folder)))
    for place, (low, high) in enumerate(itertools.pairwise(_EDGES)):
        yield f"| {low:g} to {high:g} | " + " | ".join(column[place] for column in cells) + " |"


def _pair(words: NDArray[np.str_], length: int, draw: np.random.Generator) -> tuple[str, str]:
    """Return two texts, of the second of which some words are others."""
    one = words[draw.integers(_WORDS, size=length)]
    changed = draw.random(length) < draw.choice([0.01, 0.03, 0.06, 0.1, 0.15, 0.25, 0.5])
    if not changed.any():
        changed[draw.integers(length)] = True
    other = np.where(changed, words[draw.integers(_WORDS, size=length)], one)
    return " ".join(one.tolist()), " ".join(other.tolist())


def _roots(found: Texts, folder: Path) -> NDArray[np.int64]:
    numbers = np.arange(len(found.first))
    return near_roots(bands_of(found, numbers), sketches_of(found, numbers, folder / "sketches.bin"))


def _shares(text: NDArray[np.int64], texts: Sequence[str], roots: NDArray[np.int64]) -> list[str]:
    likeness = np.array(
        [jaccard(shingles(one), shingles(other)) for one, other in zip(texts[::2], texts[1::2], strict=True)]
    )
    joined = roots[text[::2]] == roots[text[1::2]]
    place = np.clip(np.searchsorted(_EDGES, likeness, side="right") - 1, 0, len(_EDGES) - 2)
    told = []
    for number in range(len(_EDGES) - 1):
        own = (place == number) & (likeness < 1)
        told.append(f"{joined[own].mean():.3f} of {own.sum():,}" if own.any() else "–")
    return told


if __name__ == "__main__":
    main(sys.argv[1:])
