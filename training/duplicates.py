"""Which rows are the same post, or belong together, and what their labels say once merged."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tocsin.example import Example, Label
from tocsin.signals import Signal
from tocsin.text import URL, USER, normalise

__all__ = ["Merged", "components", "key", "merge", "shared_keys"]

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Merged:
    """Hold what is left of some examples, how many copies went, and how many labels contradicted."""

    examples: list[Example]
    copies: int
    contradictions: int


def key(text: str) -> str:
    """Return what two copies of one post share: its letters, digits and symbols (emoji among them).

    Links, handles, punctuation, case and blanks do not count. A text of nothing else is its own key.
    """
    words = normalise(text).split()
    kept = "".join(word for word in words if word not in {URL, USER})
    return "".join(character for character in kept if _counts(character)) or text


def components(examples: Sequence[Example], keys: Sequence[str], alike: Sequence[Pair]) -> NDArray[np.int64]:
    """Return, for each example, the number of the cluster that must stay on one side of a split.

    Copies, near-copies (`alike`, pairs of places), rows of one group and contrast partners are in
    one cluster, and so on transitively.
    """
    owners: dict[tuple[str, ...], int] = {}
    edges = [
        (index, owners.setdefault(link, index))
        for index, example in enumerate(examples)
        for link in _links(example, keys[index])
    ]
    return _connected(len(examples), [*edges, *alike])


def shared_keys(keys: Sequence[str], alike: Sequence[Pair]) -> list[str]:
    """Return keys under which near-copies count as copies: the least of each chain of them."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(keys):
        places[name].append(place)
    edges = [(place, same[0]) for same in places.values() for place in same]
    chains = _connected(len(keys), [*edges, *alike]).tolist()
    least: dict[int, str] = {}
    for chain, name in zip(chains, keys, strict=True):
        least[chain] = min(least.get(chain, name), name)
    return [least[chain] for chain in chains]


def _connected(count: int, edges: Sequence[Pair]) -> NDArray[np.int64]:
    pairs = np.array(edges, np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def merge(examples: Iterable[Example], keys: Mapping[str, str], *, across: bool) -> Merged:
    """Merge the copies among `examples`, signal by signal; `keys` maps their ids to keys.

    Copies in different corpora merge only where `across` is true. The first copy gives its id,
    text and corpus, the heaviest its weight.
    """
    copies: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for example in examples:
        copies[keys[example.id], "" if across else example.corpus].append(example)
    kept, contradictions = [], 0
    for alike in copies.values():
        labels, contradicted = _merged_labels(alike)
        contradictions += contradicted
        kept.append(replace(alike[0], labels=labels, weight=max(example.weight for example in alike)))
    return Merged(kept, sum(map(len, copies.values())) - len(kept), contradictions)


def _merged_labels(alike: Sequence[Example]) -> tuple[dict[Signal, Label], int]:
    """Return one label a signal: gold before presumed, unknown where gold disagrees with gold."""
    merged, contradicted = {}, 0
    for signal in Signal:
        said = {example.label(signal) for example in alike} - {Label.UNKNOWN}
        if {Label.POSITIVE, Label.NEGATIVE} <= said:
            contradicted += 1
        elif said:
            merged[signal] = (said - {Label.PRESUMED_NEGATIVE} or said).pop()
    return merged, contradicted


def _links(example: Example, copy_key: str) -> list[tuple[str, ...]]:
    links: list[tuple[str, ...]] = [("copy", copy_key), ("id", example.id)]
    links += [("id", partner) for partner in example.partners]
    if example.group is not None:
        links.append(("group", example.corpus, example.group))
    return links


def _counts(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character) in {"So", "Sk", "Mn", "Mc"}
