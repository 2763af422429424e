"""Compare the bundle with models of one corpus alone, and with models that never saw that corpus.

    TOCSIN_DATA=/path/to/corpora python bench/twins.py [--bundle FOLDER] [--corpus NAME ...] [--json FILE]

A twin is fitted on the training rows of one corpus alone, its strength chosen on that corpus's dev rows;
*without* is fitted on all the others, one signal by itself at the bundle's own strength. All are measured
on the test rows of the corpus, which fitted nothing. The interval is of the difference between bundle and
twin, drawn in pairs (percentile bootstrap). Prints a Markdown table; no text.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from tocsin.example import Example, Split, gold
from tocsin.models import DEFAULT_BUNDLE
from tocsin.models.bundle import read_bundle
from tocsin.models.screen import Screen
from tocsin.signals import Signal
from tocsin.training.build import Selection, build
from tocsin.training.screen import FittedScreen, ScreenConfig, fit_screen

LEAST: Final = 50  # test rows of a class
DRAWS: Final = 1_000
NEAR: Final = 0.02  # how far behind its twin a cell may be without a word of explanation

Floats = NDArray[np.float64]
Rows = Mapping[Split, Sequence[Example]]


@dataclass(frozen=True, slots=True)
class Row:
    """Hold the AUROC of three models on one cell's test rows; None where no other corpus teaches."""

    corpus: str
    signal: Signal
    language: str
    positives: int
    negatives: int
    bundle: float
    twin: float
    low: float
    high: float
    without: float | None

    @property
    def line(self) -> str:
        """Return the row as Markdown."""
        difference = self.bundle - self.twin
        cells = (
            self.corpus,
            f"`{self.signal}`",
            self.language,
            f"{self.positives} / {self.negatives}",
            f"{self.bundle:.3f}",
            f"{self.twin:.3f}",
            f"{difference:+.3f} [{self.low:+.3f}, {self.high:+.3f}]{' **behind**' * (difference < -NEAR)}",
            "" if self.without is None else f"{self.without:.3f}",
        )
        return f"| {' | '.join(cells)} |"


def main() -> None:
    """Fit what there is to compare with, corpus by corpus."""
    parser = argparse.ArgumentParser(description="Compare the bundle with models of one corpus alone.")
    parser.add_argument("--bundle", type=Path, default=DEFAULT_BUNDLE, help="folder of the bundle")
    parser.add_argument("--corpus", nargs="*", help="corpora to compare on, all if not given")
    parser.add_argument("--json", type=Path, help="file for the figures")
    chosen = parser.parse_args()
    if not os.environ.get("TOCSIN_DATA"):
        parser.error("TOCSIN_DATA must name the folder of the labelled corpora, was not set")
    rows = build(Selection(Path(os.environ["TOCSIN_DATA"])), None, tell).splits.rows
    found = list(compared(rows, chosen.bundle, chosen.corpus))
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(row) for row in found], indent=1), encoding="utf-8")


def compared(rows: Rows, bundle: Path, only: Sequence[str] | None) -> Iterator[Row]:
    """Yield a row for each cell with enough test rows, printed as soon as it is there."""
    joint = read_bundle(bundle).screen
    strengths = json.loads((bundle / "training.json").read_text(encoding="utf-8"))["config"]["chosen"]
    say("| corpus | signal | language | + / − | bundle | twin | bundle − twin | without |")
    say("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for corpus in only or sorted({row.corpus for row in rows[Split.TRAIN]}):
        twin = fitted(rows, {corpus}, ScreenConfig())
        others = {row.corpus for row in rows[Split.TRAIN]} - {corpus}
        test = [row for row in rows[Split.TEST] if row.corpus == corpus]
        for signal, language in cells(test):
            if twin is None or signal not in twin.screen.signals:
                continue
            config = ScreenConfig(strengths=(strengths[signal],))
            without = fitted(rows, others, config, signal)
            row = measured(test, (corpus, signal, language), (joint, twin.screen, without))
            say(row.line)
            yield row


def fitted(
    rows: Rows, corpora: set[str], config: ScreenConfig, signal: Signal | None = None
) -> FittedScreen | None:
    """Fit on the rows of some corpora, one signal alone if given; None where no signal has both classes."""
    train, dev = (
        [told(row, signal) for row in rows[split] if row.corpus in corpora]
        for split in (Split.TRAIN, Split.DEV)
    )
    if not any({0, 1} <= set(gold(train, one).tolist()) for one in Signal):
        return None
    return fit_screen(train, dev, config)


def told(row: Example, signal: Signal | None) -> Example:
    """Return a row with what it says of one signal, or of all."""
    if signal is None:
        return row
    return replace(row, labels={signal: row.labels[signal]} if signal in row.labels else {})


def cells(test: Sequence[Example]) -> Iterator[tuple[Signal, str]]:
    """Yield the signals and languages with enough test rows of both classes."""
    languages = np.array([row.language for row in test])
    for signal in Signal:
        labels = gold(test, signal)
        for language in sorted(set(languages.tolist())):
            here = labels[languages == language]
            if min((here == 1).sum(), (here == 0).sum()) >= LEAST:
                yield signal, language


def measured(
    test: Sequence[Example],
    cell: tuple[str, Signal, str],
    models: tuple[Screen, Screen, FittedScreen | None],
) -> Row:
    """Return the figures of one cell."""
    _, signal, language = cell
    told = [row for row, label in zip(test, gold(test, signal), strict=True) if label >= 0]
    told = [row for row in told if row.language == language]
    positive = gold(told, signal) == 1
    joint, twin, without = models
    scores = [margins(model, signal, told) for model in (joint, twin)]
    apart = differences(positive, *scores)
    return Row(
        *cell,
        positives=int(positive.sum()),
        negatives=int((~positive).sum()),
        bundle=float(roc_auc_score(positive, scores[0])),
        twin=float(roc_auc_score(positive, scores[1])),
        low=float(np.quantile(apart, 0.025)),
        high=float(np.quantile(apart, 0.975)),
        without=float(roc_auc_score(positive, margins(without.screen, signal, told))) if without else None,
    )


def margins(screen: Screen, signal: Signal, rows: Sequence[Example]) -> Floats:
    """Return a signal's margins: calibration moves no rank."""
    return screen.margins([row.text for row in rows])[:, screen.signals.index(signal)]


def differences(positive: NDArray[np.bool_], one: Floats, other: Floats) -> Floats:
    """Return the difference of AUROC in draws of the same rows for both."""
    generator = np.random.default_rng(20_261_122)
    found: list[float] = []
    while len(found) < DRAWS:
        drawn = generator.integers(len(positive), size=len(positive))
        if 0 < positive[drawn].sum() < len(drawn):
            areas = [roc_auc_score(positive[drawn], scores[drawn]) for scores in (one, other)]
            found.append(areas[0] - areas[1])
    return np.array(found)


def say(line: str) -> None:
    """Print one line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def tell(line: str) -> None:
    """Tell what is being done."""
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    main()
