"""What was measured of the review queue, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final

from review_queue_load import Times
from throughput_table import Cells

__all__ = ["Figures", "Looks", "Pace", "load_cells", "look_cells", "pace"]

_SHARES: Final = {"p50": 49, "p95": 94, "p99": 98}


@dataclass(frozen=True)
class Pace:
    """Hold what one round came to: milliseconds at each share, the longest, and claims a second."""

    claim_ms: Mapping[str, float]
    decide_ms: Mapping[str, float]
    claims_a_second: float
    refused: int


@dataclass(frozen=True)
class Looks:
    """Hold the milliseconds of what one reviewer asks alone: the median of several."""

    count_queues: float
    claim_alone: float
    empty_queue: float
    empty_queues: float
    lighter: float
    none_lighter: float
    above_role: float


@dataclass(frozen=True)
class Figures:
    """Hold the rounds by database, load and way, and what single questions took by database."""

    rounds: Mapping[str, Mapping[str, Mapping[str, Sequence[Pace]]]]
    looks: Mapping[str, Looks]


def pace(times: Times, seconds: float) -> Pace:
    """Return what a round's times come to."""
    return Pace(_shares(times.claims), _shares(times.decisions), len(times.claims) / seconds, times.refused)


def load_cells(figures: Figures, reviewers: int, items: int) -> Cells:
    """Return a row for each database, load and way; ratios are of the p99 in the same round."""
    return Cells(
        f"{reviewers} reviewers, {items:,} queued items: milliseconds to claim the next, and to decide it",
        (
            "",
            "claims a second",
            *(f"claim {name}" for name in _SHARES),
            "most",
            "times (naive p99)",
            *(f"decide {name}" for name in _SHARES),
            "refused",
        ),
        tuple(
            _row(f"{database}, {load}, {way}", rounds, ways["naive"])
            for database, loads in figures.rounds.items()
            for load, ways in loads.items()
            for way, rounds in ways.items()
        ),
    )


def look_cells(looks: Mapping[str, Looks]) -> Cells:
    """Return what single questions took."""
    return Cells(
        "Milliseconds of one question, nobody else asking",
        (
            "",
            "count every queue",
            "claim next",
            "claim from an empty queue",
            "from two empty ones",
            "claim, enough read",
            "the same, all severe",
            "claim, all above one's role",
        ),
        tuple(
            (
                name,
                *(
                    f"{one:.1f}"
                    for one in (
                        its.count_queues,
                        its.claim_alone,
                        its.empty_queue,
                        its.empty_queues,
                        its.lighter,
                        its.none_lighter,
                        its.above_role,
                    )
                ),
            )
            for name, its in looks.items()
        ),
    )


def _row(title: str, rounds: Sequence[Pace], naive: Sequence[Pace]) -> tuple[str, ...]:
    pairs = zip(rounds, naive, strict=True)
    return (
        title,
        f"{median(one.claims_a_second for one in rounds):,.0f}",
        *(f"{median(one.claim_ms[name] for one in rounds):.1f}" for name in _SHARES),
        f"{max(one.claim_ms['most'] for one in rounds):.0f}",
        f"{median(one.claim_ms['p99'] / other.claim_ms['p99'] for one, other in pairs):.2f}",
        *(f"{median(one.decide_ms[name] for one in rounds):.1f}" for name in _SHARES),
        f"{sum(one.refused for one in rounds):,}",
    )


def _shares(seconds: Sequence[float]) -> dict[str, float]:
    cuts = quantiles(seconds, n=100, method="inclusive")
    return {
        **{name: cuts[place] * 1_000 for name, place in _SHARES.items()},
        "most": max(seconds) * 1_000,
    }
