"""Train the peers that are no package: TF-IDF over words and characters, and logistic regression.

    python bench/throughput_train.py ROWS FOLDER

ROWS is a file of examples. Writes FOLDER/one.joblib, which judges one signal, and FOLDER/eight.joblib,
which judges every signal that the rows decide, over one transform. A process of its own, so that what
training takes is no peer's memory.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion

from tocsin.example import Example, Label
from tocsin.example_file import read_examples
from tocsin.signals import Signal

__all__ = ["ONE", "regression", "train", "vectoriser"]

ONE: Final = Signal.HATE  # what most rows decide


def train(rows: Sequence[Example], folder: Path) -> dict[str, Any]:
    """Write both models, and return how large they are."""
    transform = vectoriser()
    features = transform.fit_transform([row.text for row in rows])
    models = {signal: model for signal in Signal if (model := regression(rows, features, signal))}
    if ONE not in models:
        raise ValueError(f"the rows must decide {ONE} both ways, do not")
    dump = import_module("joblib").dump
    dump((transform, [models[ONE]]), folder / "one.joblib")
    dump((transform, list(models.values())), folder / "eight.joblib")
    return {"rows": len(rows), "features": features.shape[1], "signals": [signal.value for signal in models]}


def vectoriser() -> FeatureUnion:
    """Return what turns texts into features: words and pairs of them, and two to five characters."""
    return FeatureUnion(
        [
            ("words", TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)),
            (
                "characters",
                TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True),
            ),
        ]
    )


def regression(rows: Sequence[Example], features: Any, signal: Signal) -> LogisticRegression | None:
    """Fit one signal on the rows that decide it, None where they do not tell both ways."""
    decided = [place for place, row in enumerate(rows) if row.label(signal) is not Label.UNKNOWN]
    truth = [rows[place].label(signal) is Label.POSITIVE for place in decided]
    return (
        LogisticRegression(solver="liblinear").fit(features[decided], truth) if len(set(truth)) == 2 else None
    )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(train(read_examples(Path(sys.argv[1])), Path(sys.argv[2]))) + "\n")
