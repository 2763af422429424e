"""Which rows are the same post, or belong together, and what their labels say once merged."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

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
    """Hold what is left of some examples, by ids what became of the rest, and what was contested.

    `into` maps a copy that went to the one that stands for it. `contested` are the signals of a row
    that is left about which its copies disagree.
    """

    examples: list[Example]
    into: Mapping[str, str]
    contested: Mapping[str, tuple[Signal, ...]]

    @property
    def copies(self) -> int:
        """Return how many copies went."""
        return len(self.into)

    @property
    def contradictions(self) -> int:
        """Return how many labels became unknown because copies disagree."""
        return sum(map(len, self.contested.values()))


def key(text: str) -> str:
    """Return what two copies of one post share: its letters, digits and symbols (emoji among them).

    Links, handles, punctuation, case and blanks do not count. A text of nothing else is its own key.
    """
    words = normalise(text).split()
    return "".join(word for word in words if word not in {URL, USER}).translate(_KEPT) or text


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
    text and corpus, the heaviest its weight, the likeliest drawn its inclusion.
    """
    copies: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for example in examples:
        copies[keys[example.id], "" if across else example.corpus].append(example)
    kept: list[Example] = []
    into: dict[str, str] = {}
    contested: dict[str, tuple[Signal, ...]] = {}
    for first, *others in copies.values():
        if not others:
            said = {signal: first.labels[signal] for signal in Signal if signal in first.labels}
            kept.append(replace(first, labels=said))
            continue
        alike = [first, *others]
        labels = {signal: label for signal in Signal if (label := _label(alike, signal)) is not None}
        weight = max(example.weight for example in alike)
        inclusion = max(example.inclusion for example in alike)
        kept.append(replace(first, labels=labels, weight=weight, inclusion=inclusion))
        into |= {example.id: first.id for example in others}
        if disputed := tuple(signal for signal in Signal if _disputed(alike, signal)):
            contested[first.id] = disputed
    return Merged(kept, into, contested)


def _disputed(alike: Iterable[Example], signal: Signal) -> bool:
    return {Label.POSITIVE, Label.NEGATIVE} <= {example.label(signal) for example in alike}


def _label(alike: Sequence[Example], signal: Signal) -> Label | None:
    """Return what copies say together: gold before presumed, nothing where none says anything.

    Unknown where gold disagrees with gold, and where a copy was contested already.
    """
    said = {example.labels[signal] for example in alike if signal in example.labels}
    if Label.UNKNOWN in said or _disputed(alike, signal):
        return Label.UNKNOWN
    return next(iter(said - {Label.PRESUMED_NEGATIVE} or said), None)


def _links(example: Example, copy_key: str) -> list[tuple[str, ...]]:
    links: list[tuple[str, ...]] = [("copy", copy_key), ("id", example.id)]
    links += [("id", partner) for partner in example.partners]
    if example.group is not None:
        links.append(("group", example.corpus, example.group))
    return links


class _Kept(dict[int, int | None]):
    """Map characters that count to themselves and others to none; each is judged once."""

    def __missing__(self, point: int) -> int | None:
        self[point] = point if _counts(chr(point)) else None
        return self[point]


def _counts(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character) in {"So", "Sk", "Mn", "Mc"}


_KEPT: Final = _Kept()
