"""Score the test rows with other classifiers: files for `tocsin eval --scores` and `tocsin eval compare`.

    TOCSIN_DATA=/path/to/corpora python bench/peer_scores.py [--out out/peers] [--only NAME ...]

- tfidf: TF-IDF over words and pairs of them and two to five characters, a logistic regression a signal,
  fitted here on the training rows that decide the signal: what an afternoon with scikit-learn gives.
- alt-profanity-check: its probability of profanity, as a score for `hate`. English.
- hatesonar: its confidence in hate speech, as a score for `hate`. English; it was trained on the tweets of
  the corpus davidson, so its figures there are not those of unseen rows.

The two packages run in environments of their own, as `throughput.py` installs them. Writes ids and scores,
no text; a row that a peer was not made for has an empty cell.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from throughput_peers import CANDIDATES, MissingError, prepare
from throughput_rounds import Worker, WorkerError
from throughput_train import regression, vectoriser

from tocsin.errors import CorpusError, TocsinError
from tocsin.example import Example, Split
from tocsin.example_file import read_examples
from tocsin.signals import Signal
from tocsin.training.build import Selection, build

__all__ = ["PACKAGES", "Scores", "package_scores", "tfidf_scores", "write_scores"]

PACKAGES: Final = {"alt-profanity-check": "b", "hatesonar": "c"}  # by their letter in the speed benchmark
TFIDF: Final = "tfidf"
LANGUAGE: Final = "en"
BATCH: Final = 512

Scores = Mapping[Signal, Mapping[str, float]]
Tell = Callable[[str], None]


def main() -> None:
    """Write one file a peer."""
    chosen = _arguments()
    try:
        train, test = _rows(chosen.train, chosen.rows)
    except TocsinError as error:
        sys.exit(f"peer_scores: {error}")
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name in chosen.only:
        try:
            scores = (
                tfidf_scores(train, test, _tell)
                if name == TFIDF
                else package_scores(name, test, chosen.work.resolve(), _tell)
            )
        except (MissingError, WorkerError) as error:
            _tell(f"left out: {name}: {error}")
            continue
        path = chosen.out / f"{name}.csv"
        write_scores(path, [row.id for row in test], scores)
        _tell(f"{path}: {max(map(len, scores.values()))} of {len(test)} rows scored")


def _arguments() -> argparse.Namespace:
    names = [TFIDF, *PACKAGES]
    parser = argparse.ArgumentParser(description="Score the test rows with other classifiers.")
    parser.add_argument("--out", type=Path, default=Path("out/peers"), help="folder of the files")
    parser.add_argument("--only", nargs="*", choices=names, default=names)
    parser.add_argument("--work", type=Path, default=Path("out/bench"), help="for the packages")
    parser.add_argument("--rows", type=Path, help="test rows as JSON Lines of examples, instead of building")
    parser.add_argument("--train", type=Path, help="training rows likewise; goes with --rows")
    chosen = parser.parse_args()
    if (chosen.rows is None) != (chosen.train is None):
        parser.error("--rows and --train go together")
    return chosen


def _rows(train: Path | None, test: Path | None) -> tuple[Sequence[Example], Sequence[Example]]:
    if train and test:
        return read_examples(train), read_examples(test)
    folder = os.environ.get("TOCSIN_DATA")
    if not folder:
        raise CorpusError("TOCSIN_DATA must name the folder of the corpora, was not set")
    rows = build(Selection(Path(folder), available=True), tell=_tell).splits.rows
    return rows[Split.TRAIN], rows[Split.TEST]


def tfidf_scores(train: Sequence[Example], test: Sequence[Example], tell: Tell) -> Scores:
    """Return log-odds of every test row for every signal that the training rows decide both ways."""
    tell(f"fitting TF-IDF on {len(train)} rows")
    transform = vectoriser()
    features = transform.fit_transform([row.text for row in train])
    asked = transform.transform([row.text for row in test])
    ids, scores = [row.id for row in test], {}
    for signal in Signal:
        model = regression(train, features, signal)
        if model is not None:
            tell(f"fitted {signal}")
            scores[signal] = dict(zip(ids, model.decision_function(asked).tolist(), strict=True))
    return scores


def package_scores(name: str, test: Sequence[Example], work: Path, tell: Tell) -> Scores:
    """Return what a package gives the English rows, as a score for hate; raise MissingError without it."""
    rows = [row for row in test if row.language == LANGUAGE]
    prepared = prepare(CANDIDATES[PACKAGES[name]], work, tell)
    tell(f"scoring {len(rows)} rows with {name}")
    worker = Worker(name, prepared)
    with tempfile.TemporaryDirectory() as folder:  # it holds text of the corpora: gone when read
        posts = Path(folder) / "posts.json"
        posts.write_text(json.dumps([row.text for row in rows]), encoding="utf-8")
        try:
            values = worker.values(posts, BATCH, Path(folder) / "values.json")
        finally:
            worker.close()
    return {Signal.HATE: dict(zip([row.id for row in rows], values, strict=True))}


def write_scores(path: Path, ids: Sequence[str], scores: Scores) -> None:
    """Write one line a row: its id and a column for each signal, empty where there is no score."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["id", *(signal.value for signal in scores)])
        lines.writerows(
            [identity, *(column.get(identity, "") for column in scores.values())] for identity in ids
        )


def _tell(words: str) -> None:
    sys.stderr.write(f"{words}\n")


if __name__ == "__main__":
    main()
