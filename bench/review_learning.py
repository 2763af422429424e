"""Whether labels that the learning queue draws teach more than as many that are drawn evenly.

    TOCSIN_DATA=/path/to/corpora .venv/bin/python bench/review_learning.py
    TOCSIN_DATA=/path/to/corpora .venv/bin/python bench/review_learning.py --corpora davidson --seeds 5
    TOCSIN_DATA=/path/to/corpora .venv/bin/python bench/review_learning.py --chances

A first screen is fitted to a few labels and flags its highest scores of the rest, which people decide. Of
what is left so many labels are drawn, evenly or by the queue's formula, and a screen is fitted to all of it,
with and without weights. Prints, in Markdown, AUROC on dev rows; test rows are not read. One tier alone
scores, so nothing is drawn for disagreement. With `--chances`: what the bundle that ships draws of dev rows
that it does not flag, in parts of the share, and how often for disagreement.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from tocsin.assessment import Level, Standing
from tocsin.example import Split
from tocsin.models import load
from tocsin.models.features import FeatureSpec
from tocsin.service.review.intake.learning import learning_chance
from tocsin.signals import Signal
from tocsin.training.build import Selection, build
from tocsin.training.fitting import NEGATIVE, POSITIVE, Counting, Rows, fit_linear
from tocsin.training.grams import Matrix
from tocsin.training.screen import design_matrix, frequencies, rarity, scaled

SIGNAL: Final = Signal.HATE
FIRST, CALIBRATING, FLAGGED = 2_000, 500, 0.05
STRENGTH: Final = 0.3
MOST_ROWS: Final = 1_000
SPEC: Final = FeatureSpec(bits=16)
COUNTING: Final = Counting(presumed_weight=0.3, temperature=0.5)
COLUMNS: Final = (
    "corpus",
    "labels",
    "of the share",
    "hits, even",
    "hits, queue",
    "even",
    "queue",
    "no weights",
)

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Hold the labelled rows of a corpus: those to draw from, and those that tell how well it went."""

    name: str
    pool: Rows
    dev: Rows


@dataclass(frozen=True, slots=True)
class Begun:
    """Hold places in the pool: those of the first labels, of what was flagged then, and of the rest.

    `worth` is what the queue's formula makes of each of the rest, in parts of its share.
    """

    first: Places
    flagged: Places
    quiet: Places
    worth: Floats


def main(arguments: Sequence[str]) -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpora", nargs="+", default=["davidson", "gab-hate-corpus"])
    parser.add_argument("--labels", nargs="+", type=int, default=[100, 300, 1_000])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--chances", action="store_true")
    given = parser.parse_args(arguments)
    if given.chances:
        tell_chances(given.corpora, Path(os.environ["TOCSIN_DATA"]))
        return
    sys.stdout.write(f"| {' | '.join(COLUMNS)} |\n|---{'|---:' * (len(COLUMNS) - 1)}|\n")
    for name in given.corpora:
        corpus = read(name, Path(os.environ["TOCSIN_DATA"]))
        for line in lines(corpus, given.labels, given.seeds):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()


def tell_chances(names: Sequence[str], data: Path) -> None:
    """Print how much of the share the bundle that ships would draw, by corpus."""
    scorer = load(standings=True)
    sys.stdout.write("| corpus | not flagged | of the share | for disagreement |\n|---|---:|---:|---:|\n")
    for name in names:
        rows = build(Selection(data, (name,))).splits.rows[Split.DEV][:MOST_ROWS]
        found = scorer.assess([one.text for one in rows])
        told = [one.standing for one in found if one.standing is not None and one.level is Level.NONE]
        chances = np.array([learning_chance(one, 1.0) for one in told])
        alone = np.array([learning_chance(replace(one, screened=None), 1.0) for one in told])
        cells = (name, f"{len(told):,}", f"{chances.mean():.2f}", f"{(chances > alone).mean():.1%}")
        sys.stdout.write(f"| {' | '.join(cells)} |\n")
        sys.stdout.flush()


def read(name: str, data: Path) -> Corpus:
    """Return the rows of one corpus that people labelled for the signal."""
    splits = build(Selection(data, (name,))).splits.rows

    def rows(split: Split) -> Rows:
        every = Rows(design_matrix(splits[split], SPEC), splits[split])
        labels = every.labels(SIGNAL)
        told = np.flatnonzero((labels == POSITIVE) | (labels == NEGATIVE))
        return Rows(every.matrix[told], [splits[split][place] for place in told.tolist()])

    return Corpus(name, rows(Split.TRAIN), rows(Split.DEV))


def lines(corpus: Corpus, counts: Sequence[int], seeds: int) -> Iterator[str]:
    """Yield rows of the table: means over seeds, and of differences from even draws their interval."""
    told: dict[int, dict[str, list[float]]] = {count: defaultdict(list) for count in counts}
    for seed in range(seeds):
        begun = begin(corpus, seed)
        for count in counts:
            for name, value in trial(corpus, begun, count, seed):
                told[count][name].append(value)
    for count, values in told.items():
        mean = {name: float(np.mean(each)) for name, each in values.items()}
        even = np.array(values["even"])
        cells = [
            corpus.name,
            f"{count:,}",
            f"{mean['used']:.2f}",
            f"{mean['hits even']:.1f}",
            f"{mean['hits queue']:.1f}",
            f"{mean['even']:.4f}",
            *(difference(np.array(values[arm]) - even) for arm in ("queue", "plain")),
        ]
        yield f"| {' | '.join(cells)} |"


def difference(values: Floats) -> str:
    """Return the mean of paired differences with its 95% interval by Student's t."""
    half = student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / math.sqrt(len(values))
    return f"{values.mean():+.4f} ± {half:.4f}"


def begin(corpus: Corpus, seed: int) -> Begun:
    """Return what a first screen, fitted to a few labels, flags of the rest, and what it does not."""
    random, pool = np.random.default_rng(seed), corpus.pool
    first, rest = np.split(random.permutation(len(pool.examples)), [FIRST + CALIBRATING])
    odds = log_odds(first_margins(pool, first[:FIRST]), pool.labels(SIGNAL), first[FIRST:])
    threshold = float(np.quantile(odds[rest], 1 - FLAGGED))
    quiet = rest[odds[rest] < threshold]
    worth = [learning_chance(Standing(one), 1.0) for one in (odds[quiet] - threshold).tolist()]
    return Begun(first, rest[odds[rest] >= threshold], quiet, np.array(worth))


def trial(corpus: Corpus, begun: Begun, count: int, seed: int) -> Iterator[tuple[str, float]]:
    """Yield what one run comes to, by name."""
    pool, labels, quiet = corpus.pool, corpus.pool.labels(SIGNAL), begun.quiet
    yield "used", float(begun.worth.mean())
    even = np.full(len(quiet), count / len(quiet))
    queue = np.minimum(1.0, begun.worth * (count / begun.worth.sum()))
    draw = np.random.default_rng([seed, count]).random(len(quiet))
    for arm, chances, weighted in (("even", even, True), ("queue", queue, True), ("plain", queue, False)):
        taken = draw < chances
        own = np.concatenate([begun.flagged, quiet[taken]])
        drawn = chances[taken] if weighted else np.ones(taken.sum())
        parts = [
            (begun.first, np.ones(len(begun.first))),
            (own, np.concatenate([np.ones(len(begun.flagged)), drawn])),
        ]
        yield arm, area(corpus.dev, margins(pool, parts, corpus.dev.matrix))
        yield f"hits {arm}", float((labels[quiet[taken]] == POSITIVE).sum())


def first_margins(pool: Rows, places: Places) -> Floats:
    """Return what a screen that was fitted to a few labels says of the whole pool."""
    return margins(pool, [(places, np.ones(len(places)))], pool.matrix)


def log_odds(found: Floats, labels: NDArray[np.int8], places: Places) -> Floats:
    """Return calibrated log-odds of margins: a logistic regression on those of some places (Platt 1999)."""
    model = LogisticRegression(C=np.inf, solver="lbfgs", max_iter=1_000)
    model.fit(found[places, None], labels[places] == POSITIVE)
    return np.asarray(model.coef_[0, 0] * found + model.intercept_[0])


def margins(pool: Rows, parts: Sequence[tuple[Places, Floats]], judged: Matrix) -> Floats:
    """Return margins of `judged` by a screen fitted to parts of the pool, each with its probabilities.

    Parts are corpora of their own, as a platform's decisions are beside what a bundle was fitted to before.
    """
    examples = [
        replace(pool.examples[place], corpus=f"part {number}", inclusion=chance)
        for number, (places, inclusion) in enumerate(parts)
        for place, chance in zip(places.tolist(), inclusion.tolist(), strict=True)
    ]
    counts = pool.matrix[np.concatenate([places for places, _ in parts])]
    weights = rarity(frequencies(counts), len(examples))
    model = fit_linear(Rows(scaled(counts, weights), examples), SIGNAL, STRENGTH, COUNTING)
    return model.margins(scaled(judged, weights))


def area(rows: Rows, found: Floats) -> float:
    """Return the area under the ROC curve."""
    return float(roc_auc_score(rows.labels(SIGNAL) == POSITIVE, found))


if __name__ == "__main__":
    main(sys.argv[1:])
