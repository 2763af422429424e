"""A stream of ordinary posts among which few are what is looked for, as far as corpora can make one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from tocsin.example import Example, Label
from tocsin.signals import Signal

__all__ = ["ordinary_posts"]

ORDINARY: Final[Mapping[str, tuple[str, str] | None]] = {
    "pheme": None,
    "cad": ("labels", "Neutral"),
    "davidson": ("class", "neither"),
}
POSITIVE: Final = (Signal.HATE, Signal.THREAT, Signal.INCITEMENT, Signal.EXTREMISM)
SHARE: Final = 0.02
SEED: Final = 20_261_130


def ordinary_posts(rows: Sequence[Example], count: int) -> list[str]:
    """Return a stream of distinct posts, in a random order that stays.

    Ends the program where there are not as many.
    """
    draw = np.random.default_rng(SEED)
    wanted = round(count * SHARE)
    pools = [
        [row.text for row in rows if row.corpus == corpus and (told is None or _has(row, *told))]
        for corpus, told in ORDINARY.items()
    ]
    positive = [
        row.text
        for row in rows
        if row.corpus != "hatecheck" and any(row.label(signal) is Label.POSITIVE for signal in POSITIVE)
    ]
    found = [_drawn(positive, wanted, draw)]
    found += [_drawn(pool, (count - wanted) // len(pools) + 1, draw) for pool in pools]
    return _drawn([text for texts in found for text in texts], count, draw)


def _has(row: Example, name: str, value: str) -> bool:
    return row.attributes.get(name) == value


def _drawn(texts: Sequence[str], count: int, draw: np.random.Generator) -> list[str]:
    distinct = sorted(set(texts))
    if len(distinct) < count:
        raise SystemExit(f"posts times rounds take {count} of one kind, there are {len(distinct)}")
    return [distinct[place] for place in draw.permutation(len(distinct))[:count].tolist()]
