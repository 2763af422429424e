"""What was measured of the console's lists, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from review_pages_intake import Cost
from throughput_table import Cells

__all__ = ["Page", "cost_cells", "page_cells", "page_of"]


@dataclass(frozen=True)
class Page:
    """Hold the milliseconds that a page took: in the middle, at the slow end, and at most."""

    p50: float
    p95: float
    most: float
    asked: int


def page_of(seconds: Sequence[float]) -> Page:
    """Return what times of one page come to."""
    cuts = quantiles(seconds, n=20, method="inclusive")
    return Page(median(seconds) * 1_000, cuts[18] * 1_000, max(seconds) * 1_000, len(seconds))


def page_cells(pages: Mapping[str, Mapping[str, Page]], waiting: int, done: int) -> Cells:
    """Return a row for each page, with both databases beside each other."""
    titles = next(iter(pages.values()))
    return Cells(
        f"Milliseconds of a page, with {waiting:,} open tasks and {done:,} decided",
        ("", *(f"{name} {share}" for name in pages for share in ("p50", "p95"))),
        tuple(
            (
                title,
                *(f"{value:.1f}" for its in pages.values() for value in (its[title].p50, its[title].p95)),
            )
            for title in titles
        ),
    )


def cost_cells(costs: Mapping[str, Cost]) -> Cells:
    """Return what the indexes cost at intake."""
    return Cells(
        "Milliseconds to store an item that waits, in requests of a hundred",
        ("", "with the lists' indexes", "without", "times"),
        tuple(
            (name, f"{cost.with_ms:.2f}", f"{cost.without_ms:.2f}", f"{cost.ratio:.2f}")
            for name, cost in costs.items()
        ),
    )
