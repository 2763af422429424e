"""What two classifiers flag of harmless texts where both find as much: thresholds of equal recall.

    TOCSIN_DATA=/path/to/corpora python bench/equal_recall.py [default@screen default@encoder]

For each signal the threshold is that at which a quarter, or half, of a corpus's test positives are flagged;
then the texts that should be left alone are counted. Thresholds come from the very rows that name the recall,
so shares are of these classifiers on these rows, with 95% intervals that take the threshold for given. Prints
Markdown. Needs the extras train and eval.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from tocsin.cli.data.options import builds_home, data_folder
from tocsin.cli.eval.subject import scorer_of, training_record
from tocsin.eval import Subject
from tocsin.eval.audits import AUDITED_LANGUAGE, AUDITS
from tocsin.eval.statistics.apart import shares_apart
from tocsin.eval.statistics.clusters import clusters
from tocsin.eval.statistics.intervals import Estimate, proportion
from tocsin.example import Split
from tocsin.signals import Signal
from tocsin.training.build import Selection, build

REFERENCES: Final = (
    (Signal.HATE, "implicit-hate"),
    (Signal.INCITEMENT, "edos"),
    (Signal.EXTREMISM, "digital-extremism"),
)
RECALLS: Final = (0.25, 0.5)
HEADS: Final = ("signal", "recall", "of", "harmless texts", "texts")

Bools = NDArray[np.bool_]


def main(arguments: Sequence[str]) -> None:
    """Read all test rows with both, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "bundles", nargs="*", type=Path, default=[Path("default@screen"), Path("default@encoder")]
    )
    parser.add_argument("--data", type=Path)
    options = parser.parse_args(arguments)
    tell = Console(stderr=True).print
    first, second = options.bundles
    rows = build(Selection(data_folder(options.data)), builds_home(), tell).splits.rows[Split.TEST]
    rows = [row for row in rows if row.language == AUDITED_LANGUAGE]
    subjects = [Subject(scorer_of(name, None), rows, training_record(name)) for name in (first, second)]
    heads = (*HEADS, first.name, second.name, f"{second.name} − {first.name}")
    for line in (heads, ["---"] * len(heads), *lines(subjects)):
        sys.stdout.write(f"| {' | '.join(map(str, line))} |\n")


def lines(subjects: Sequence[Subject]) -> Iterator[Sequence[object]]:
    """Yield a line for each signal, recall and kind of harmless texts."""
    rows = subjects[0].rows
    for signal, corpus in REFERENCES:
        for recall in RECALLS:
            flagged = [at_recall(subject, signal, corpus, recall) for subject in subjects]
            for name, audit in AUDITS.items():
                told = np.flatnonzero([audit.has(row) for row in rows])
                if audit.sentences or not len(told):
                    continue
                each = [hits[told] for hits in flagged]
                groups = clusters([rows[place] for place in told.tolist()])
                apart = shares_apart(each[1], each[0], groups).estimate
                shares = [shown(proportion(int(hits.sum()), len(hits))) for hits in each]
                between = f"{apart.value:+.1%} [{apart.low:+.1%}, {apart.high:+.1%}]"
                yield f"`{signal}`", f"{recall:.0%}", corpus, name, len(told), *shares, between


def at_recall(subject: Subject, signal: Signal, corpus: str, recall: float) -> Bools:
    """Return which rows are flagged where this share of a corpus's positives is."""
    scores = subject.scores[:, list(Signal).index(signal)]
    places = subject.places(corpus, AUDITED_LANGUAGE)
    positives = np.sort(scores[places][subject.labels[signal][places] == 1])[::-1]
    threshold = positives[round(recall * len(positives)) - 1]
    return np.asarray(scores >= threshold, np.bool_)


def shown(share: Estimate) -> str:
    """Return a share with its interval."""
    return f"{share.value:.1%} [{share.low:.1%}, {share.high:.1%}]"


if __name__ == "__main__":
    main(sys.argv[1:])
