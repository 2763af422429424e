"""How often what `tocsin review rates`, `drift`, `tocsin thresholds refit` and agreement say holds.

    .venv/bin/python bench/review_quality.py                    # all tables
    .venv/bin/python bench/review_quality.py --tables agreement double rates refit drift --times 500

makes up reviewers and platforms whose truth is known, and prints tables in Markdown.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Level
from tocsin.policy import Target
from tocsin.service.review.quality.drifting import ALARM_RATE
from tocsin.service.review.quality.rates import parts_of
from tocsin.service.review.quality.refitting import place_of, threshold_at
from tocsin.service.review.quality.testing import Platform, Scored
from tocsin.service.statistics.agreement import Estimate, agreement, cohen
from tocsin.service.statistics.testing import Reviewers
from tocsin.service.statistics.weeks import chance_of, logit_shift, stability

SEED = 1
REVIEWERS = (
    (30, Reviewers(0.05), 2, (1.0, 1.0)),
    (30, Reviewers(0.3), 2, (1.0, 1.0)),
    (100, Reviewers(0.02), 2, (1.0, 1.0)),
    (100, Reviewers(0.1), 2, (1.0, 1.0)),
    (100, Reviewers(0.3), 4, (1.0, 1.0)),
    (100, Reviewers(0.2, labels=5), 2, (1.0, 1.0)),
    (200, Reviewers(0.1), 2, (0.5, 0.1)),
    (400, Reviewers(0.05), 2, (1.0, 1.0)),
)
TWICE = (
    (60, Reviewers(0.1)),
    (60, Reviewers(0.3)),
    (100, Reviewers(0.02)),
    (100, Reviewers(0.1)),
    (100, Reviewers(0.3)),
    (100, Reviewers(0.2, labels=5)),
    (400, Reviewers(0.05)),
    (400, Reviewers(0.2, labels=5)),
)
FOUR_TO_ONE = (0.08, 0.02)  # of what was confirmed first, and of what was dismissed: as the queue draws
PLATFORMS = (
    Platform(20_000, 0.03, 0.05),
    Platform(50_000, 0.005, 0.02),
    Platform(50_000, 0.02, 0.005),
    Platform(50_000, 0.02, 0.005, finds=(0.1, 0.2, 0.65, 0.05)),
    Platform(5_000, 0.02, 0.05),
)
SCORED = (
    Scored(20_000, 0.02, 3.0, 0.05, 2.3),
    Scored(50_000, 0.01, 2.0, 0.02, 2.3),
    Scored(50_000, 0.01, 3.0, 0.005, 2.0),
    Scored(20_000, 0.05, 1.5, 0.02, 1.5),
)
TARGETS = ("precision 0.5", "precision 0.8", "fpr 0.01", "fpr 0.05", "recall 0.5", "recall 0.8")
SCATTER = (("none", 0.0, 0.0), ("by 20% from day to day", 0.2, 0.0), ("the same, half of it stays", 0.2, 0.5))


def main(arguments: Sequence[str]) -> None:
    """Print the tables that were asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tables", nargs="+", choices=list(TABLES), default=list(TABLES))
    parser.add_argument("--times", type=int, default=2000, help="draws of each row")
    asked = parser.parse_args(arguments)
    for name in asked.tables:
        for line in TABLES[name](asked.times):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        sys.stdout.write("\n")


def agreement_table(times: int) -> Iterator[str]:
    """Yield how often intervals of agreement hold it."""
    yield (
        "| items | label on | labels | readings | drawn | kappa | told | held | below | above | width | plain"
        " | Cohen's |"
    )
    yield "|---:|---:|---:|---|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    for items, reviewers, most, drawn in REVIEWERS:
        random = np.random.default_rng(SEED)
        given = [reviewers.read(random, items, most, drawn) for _ in range(times)]
        found = [agreement(one) for one in given]
        kappa = held([one.kappa for one in found], reviewers.kappa)
        plain = held([one.plain for one in found], reviewers.plain)
        two = held([cohen(one) for one in given], reviewers.kappa) if most == 2 else None
        yield row(
            items,
            f"{reviewers.prevalence:.0%}",
            reviewers.labels,
            "2" if most == 2 else f"1 to {most}",
            "all" if drawn == (1.0, 1.0) else f"{drawn[0]:.0%} and {drawn[1]:.0%}",
            f"{reviewers.kappa:.2f}",
            *kappa,
            plain[1],
            two[1] if two else "–",
        )


def double_table(times: int) -> Iterator[str]:
    """Yield how often they do where what was said first has a say in what is read twice."""
    yield "| pairs | label on | labels | kappa | told | held | below | above | width | plain | Cohen's |"
    yield "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    for pairs, reviewers in TWICE:
        random = np.random.default_rng(SEED)
        given = [reviewers.decide_twice(random, pairs, FOUR_TO_ONE) for _ in range(times)]
        found = [agreement(one) for one in given]
        yield row(
            pairs,
            f"{reviewers.prevalence:.0%}",
            reviewers.labels,
            f"{reviewers.kappa:.2f}",
            *held([one.kappa for one in found], reviewers.kappa),
            held([one.plain for one in found], reviewers.plain)[1],
            held([cohen(one) for one in given], reviewers.kappa)[1],
        )


def held(found: Sequence[Estimate], truth: float) -> tuple[str, ...]:
    """Return how often there was a figure, how often it held, where else the truth lay, and the width."""
    ends = np.array([(one.low, one.high) for one in found if one.low is not None], np.float64)
    return (percent(len(ends) / len(found)), *coverage(ends, truth))


def coverage(ends: NDArray[np.float64], truth: float) -> tuple[str, ...]:
    """Return how often intervals held, how often the truth lay below and above, and the mean width."""
    low, high = ends.T
    inside = np.mean((low <= truth) & (truth <= high))
    below, above, width = np.mean(truth < low), np.mean(truth > high), np.mean(high - low)
    return (percent(inside), percent(below), percent(above), f"{width:.2f}")


def rates_table(times: int) -> Iterator[str]:
    """Yield how often intervals of rates hold them."""
    yield "| items | break it | audit | hits drawn | figure | truth | told | held | below | above | width |"
    yield "|---:|---:|---:|---:|---|---:|---:|---:|---:|---:|---:|"
    for platform in PLATFORMS:
        random = np.random.default_rng(SEED)
        parts = parts_of([(None, platform.arrive(random)) for _ in range(times)])
        told = [next((one for one in part.policies if one.policy), part.policies[0]) for part in parts]
        drawn = platform.items * platform.prevalence * platform.finds[2] * platform.audit
        for name, truth in (
            ("urgent", platform.precision(Level.URGENT)),
            ("review", platform.precision(Level.URGENT, Level.REVIEW)),
            ("missed", platform.missed),
        ):
            ends = [(one.low, one.high) for each in told if (one := getattr(each, name)).low is not None]
            first = (
                f"{platform.items:,}",
                f"{platform.prevalence:.1%}",
                f"{platform.audit:.1%}",
                f"{drawn:.1f}",
            )
            if ends:
                share = percent(len(ends) / times)
                yield row(*first, name, f"{truth:.2f}", share, *coverage(np.array(ends, np.float64), truth))


def refit_table(times: int) -> Iterator[str]:
    """Yield how often refitted thresholds break their target."""
    yield "| items | break it | apart | audit | flagged above | target | refitted | broken | mean rate |"
    yield "|---:|---:|---:|---:|---:|---|---:|---:|---:|"
    for platform in SCORED:
        for written in TARGETS:
            target, random = Target.parse(written), np.random.default_rng(SEED)
            rates, broken = [], 0
            for _ in range(times):
                given = platform.arrive(random)
                place = place_of(target, given)
                if place is not None:
                    threshold = threshold_at(given, place)
                    rates.append(platform.rate(target, threshold))
                    broken += not platform.keeps(target, threshold)
            yield row(
                f"{platform.items:,}",
                f"{platform.prevalence:.0%}",
                f"{platform.apart:g}",
                f"{platform.audit:.1%}",
                f"{platform.cut:g}",
                written,
                percent(len(rates) / times),
                percent(broken / times),
                f"{np.mean(rates):.3f}" if rates else "–",
            )


def drift_table(times: int) -> Iterator[str]:
    """Yield how often a test of drift is an alarm at 1%, where nothing changed and where a share did."""
    yield "| days scatter | share | scores | share, a fifth more | share, half as much again |"
    yield "|---|---:|---:|---:|---:|"
    for name, scatter, stays in SCATTER:
        random = np.random.default_rng(SEED)
        cells = []
        for change, statistic, kinds in (
            (1.0, logit_shift, 2),
            (1.0, stability, 20),
            (1.2, logit_shift, 2),
            (1.5, logit_shift, 2),
        ):
            alarms = sum(
                chance_of(weeks(random, scatter, stays, change, kinds), statistic) <= ALARM_RATE
                for _ in range(times)
            )
            cells.append(percent(alarms / times))
        yield row(name, *cells)


def weeks(
    random: np.random.Generator, scatter: float, stays: float, change: float, kinds: int
) -> NDArray[np.int64]:
    """Return five weeks of 2,000 items a day, half as many at weekends; one in twenty is of the first kind.

    Each day's share is off by a factor that scatters, and that keeps a part of the day before's.
    """
    moved = np.zeros(35)
    for day in range(35):
        before = moved[day - 1] if day else 0.0
        moved[day] = stays * before + random.normal(0, scatter) * np.sqrt(1 - stays**2)
    rates = 0.05 * np.exp(moved) * np.where(np.arange(35) >= 28, change, 1.0)
    count = random.poisson(np.where(np.arange(35) % 7 < 5, 2_000, 1_000))
    if kinds == 2:
        first = random.binomial(count, np.minimum(rates, 1))
        return np.stack([first, count - first], axis=1).reshape(5, 7, 2)
    shares = np.exp(-np.outer(np.exp(moved), np.arange(kinds)) / 4)
    shares /= shares.sum(axis=1, keepdims=True)
    return np.stack(
        [random.multinomial(one, share) for one, share in zip(count, shares, strict=True)]
    ).reshape(5, 7, kinds)


def percent(share: float) -> str:
    """Return a percentage."""
    return f"{100 * share:.1f}"


def row(*cells: object) -> str:
    """Return one line of a table."""
    return f"| {' | '.join(map(str, cells))} |"


TABLES: dict[str, Callable[[int], Iterator[str]]] = {
    "agreement": agreement_table,
    "double": double_table,
    "rates": rates_table,
    "refit": refit_table,
    "drift": drift_table,
}


if __name__ == "__main__":
    main(sys.argv[1:])
