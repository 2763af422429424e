"""The share in a mixture of corpora, from the shares in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.eval.statistics.intervals import Estimate, proportion, wilson

__all__ = ["Stratum", "mixed_share"]


@dataclass(frozen=True, slots=True)
class Stratum:
    """Hold how many of the `rows` of one corpus were hit, and its `weight` in the mixture, at least 0."""

    weight: float
    hits: int
    rows: int


def mixed_share(strata: Sequence[Stratum]) -> Estimate:
    """Return the share of hits in a mixture, with a Wilson interval at its effective number of rows.

    The number of rows of one simple draw that would be as uncertain (Korn and Graubard 1998):
    ``p * (1 - p) / variance``, both from shares with half a hit and half a miss added in each stratum: a
    stratum without a hit is not known without error. One stratum alone is a `proportion`. Raises
    ValueError where no stratum has weight and rows.
    """
    told = [one for one in strata if one.weight > 0 and one.rows]
    if not told:
        raise ValueError("a mixture must have a stratum with weight and rows, had none")
    if len(told) == 1:
        return proportion(told[0].hits, told[0].rows)
    whole = sum(one.weight for one in told)
    weights = [one.weight / whole for one in told]
    value = sum(weight * one.hits / one.rows for weight, one in zip(weights, told, strict=True))
    return wilson(value, _effective(weights, told))


def _effective(weights: Sequence[float], strata: Sequence[Stratum]) -> float:
    shares = [(one.hits + 0.5) / (one.rows + 1) for one in strata]
    mixed = sum(weight * share for weight, share in zip(weights, shares, strict=True))
    variance = sum(
        weight**2 * share * (1 - share) / one.rows
        for weight, share, one in zip(weights, shares, strata, strict=True)
    )
    return mixed * (1 - mixed) / variance
