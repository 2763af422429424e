"""How often the intervals of `tocsin audit estimate` hold the truth, and how wide they are.

    .venv/bin/python bench/audit_coverage.py                       # prevalence, all posts: ten minutes
    .venv/bin/python bench/audit_coverage.py --parts --times 500   # slices, precision, recall, views

draws samples of made-up platforms whose truth is known, estimates from each, and prints tables in Markdown.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.service.audit.estimating.figures import limits
from tocsin.service.audit.estimating.labelled import Spreads
from tocsin.service.audit.estimating.prevalence import classical, powered
from tocsin.service.audit.estimating.testing import Kind, Parts, draws, parts_of, platform, single_draws
from tocsin.service.audit.sampling.plan import EVEN, SamplePlan
from tocsin.service.statistics.confidence import at_least, at_most, interval
from tocsin.service.statistics.ratios import part_of_both
from tocsin.service.statistics.spread import Spread

PREVALENCES = (0.1, 0.01, 0.001)
ESTIMATORS = ("classical", "powered")
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Held:
    """Hold the ends of many intervals of one truth."""

    truth: float
    low: Floats
    high: Floats

    def cells(self) -> tuple[str, ...]:
        """Return coverage, how often the truth lay below and above, and the mean width over the truth."""
        inside = np.mean((self.low <= self.truth) & (self.truth <= self.high))
        below, above = np.mean(self.low > self.truth), np.mean(self.high < self.truth)
        width = float(np.mean(self.high - self.low)) / self.truth
        return (f"{100 * inside:.1f}", f"{100 * below:.1f}", f"{100 * above:.1f}", f"{width:.2f}")


def main(arguments: Sequence[str]) -> None:
    """Print the tables that were asked for."""
    asked = parsed(arguments)
    show = parts_table if asked.parts else whole_table
    for line in show(asked):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--labels", type=int, nargs="+", default=[400, 1000, 2000])
    parser.add_argument("--times", type=int, default=2000, help="samples of each platform")
    parser.add_argument("--even", type=float, default=EVEN, help="share of labels spread evenly")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parts", action="store_true", help="slices, precision, recall and views instead")
    return parser.parse_args(arguments)


def whole_table(asked: argparse.Namespace) -> Iterator[str]:
    """Yield the table of prevalence over all posts."""
    yield "| labels | prevalence | scores | estimate | held | below | above | width | at least | at most |"
    yield "|---:|---:|---|---|---:|---:|---:|---:|---:|---:|"
    for labels in asked.labels:
        plan = SamplePlan(labels, 0, asked.even)
        for prevalence in PREVALENCES:
            for kind in Kind:
                whole = platform(kind, prevalence)
                drawn = draws(whole, labels, asked.times, plan=plan, seed=asked.seed)
                hits = whole.hits[drawn.rows]
                told = (classical(drawn.cells, hits), powered(drawn.cells, hits, drawn.scores(whole)))
                for name, spread in zip(ESTIMATORS, told, strict=True):
                    first = (f"{labels:,}", f"{100 * prevalence:g}%", kind.value, name)
                    yield row(
                        *first, *Held(whole.truth, *interval(spread)).cells(), *bounds(spread, whole.truth)
                    )


def bounds(spread: Spread, truth: float) -> tuple[str, str]:
    """Return how often each one-sided bound holds."""
    least, most = np.mean(at_least(spread) <= truth), np.mean(at_most(spread) >= truth)
    return f"{100 * least:.1f}", f"{100 * most:.1f}"


def parts_table(asked: argparse.Namespace) -> Iterator[str]:
    """Yield the table of everything but prevalence over all posts."""
    yield "| labels | prevalence | scores | figure | of them | estimate | held | below | above | width |"
    yield "|---:|---:|---|---|---:|---|---:|---:|---:|---:|"
    for labels in asked.labels:
        for prevalence in PREVALENCES[:2]:
            for kind in Kind:
                whole = platform(kind, prevalence)
                parts = parts_of(whole, labels, SamplePlan(labels, 0, asked.even))
                told = list(single_draws(whole, parts, asked.times, asked.seed))
                for figure, count, name, held in of_parts(parts, told):
                    first = (
                        f"{labels:,}",
                        f"{100 * prevalence:g}%",
                        kind.value,
                        figure,
                        f"{count:.0f}",
                        name,
                    )
                    yield row(*first, *held.cells())


def of_parts(
    parts: Parts, told: Sequence[dict[str, Spreads | None]]
) -> Iterator[tuple[str, float, str, Held]]:
    """Yield each figure with its mean number of labels, its estimator and its intervals."""
    for figure, truth in parts.truths.items():
        found = [spreads for one in told if (spreads := one[figure]) is not None]
        if not found or not truth > 0:
            continue
        count = float(np.mean([spreads.labels for spreads in found]))
        for name in ESTIMATORS:
            low, high = interval(Spread.stacked([getattr(spreads, name) for spreads in found]))
            yield figure, count, name, Held(truth, low, high)
    yield from of_recall(parts, told)


def of_recall(
    parts: Parts, told: Sequence[dict[str, Spreads | None]]
) -> Iterator[tuple[str, float, str, Held]]:
    """Yield recall, of which both parts are needed."""
    pairs = [(one["precision"], one["missed"]) for one in told]
    both = [(part, rest) for part, rest in pairs if part is not None and rest is not None]
    if not both:
        return
    count = float(np.mean([part.labels for part, _ in both]))
    for name in ESTIMATORS:
        one = limits(Spread.stacked([getattr(part, name) for part, _ in both]), scale=parts.flagged)
        other = limits(Spread.stacked([getattr(rest, name) for _, rest in both]), scale=1 - parts.flagged)
        found = part_of_both(one, other)
        known = ~np.isnan(found.value)
        yield "recall", count, name, Held(parts.recall, found.low[known], found.high[known])


def row(*cells: str) -> str:
    """Return one line of a table."""
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main(sys.argv[1:])
