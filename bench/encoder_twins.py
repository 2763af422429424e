"""Measure an encoder beside twins: the same backbone and settings, but rows of one corpus alone.

    TOCSIN_DATA=/path/to/corpora python bench/encoder_twins.py --layout out/encoder/huggingface
    --config encoder.toml [--backbone FOLDER OR HUB ID] [--work out/encoder-twins] [--json FILE]

A layout is what `tocsin train --recipe encoder` leaves in its work folder. Exact weights, without the screen,
on test rows; a twin is drawn as many rows of its corpus as the joint training was. `--backbone` names the
adapted one where the config adapts. Stopped? Run it again: twins that have ended are read back. Needs the
extras train, encoder and eval. No text is printed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from encoder_dev import margins, margins_by
from numpy.typing import NDArray
from rich.console import Console

from tocsin.cli.data.options import builds_home, data_folder
from tocsin.cli.table import print_table
from tocsin.eval.comparison.side_by_side import Pair, beside
from tocsin.example import Example, Split
from tocsin.signals import Signal
from tocsin.training.build import Selection, build
from tocsin.training.encoder.config import EncoderConfig, read_config
from tocsin.training.encoder.fit import fit_encoder
from tocsin.training.encoder.plan import draws
from tocsin.training.encoder.reader import Reader
from tocsin.training.encoder.rows import signals_of

ALLOWED: Final = 0.02  # of AUROC that learning from all corpora may cost

Floats = NDArray[np.float64]


def main(arguments: Sequence[str]) -> None:
    """Fit every twin, measure, print a table, and write everything where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layout", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--backbone")
    parser.add_argument("--work", type=Path, default=Path("out/encoder-twins"))
    parser.add_argument("--data", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    console = Console(stderr=True)
    config = read_config(options.config)
    if options.backbone:
        config = config.model_copy(update={"backbone": options.backbone})
    built = build(Selection(data_folder(options.data)), builds_home(), console.print)
    rows = {
        split: [row for row in found if row.language in config.languages]
        for split, found in built.splits.rows.items()
    }
    pairs: list[Pair] = []
    for corpus, epochs in drawn_epochs(rows[Split.TRAIN], config).items():
        part = {split: [row for row in found if row.corpus == corpus] for split, found in rows.items()}
        if not part[Split.TEST] or not signals_of(part[Split.TRAIN]):
            continue
        console.print(f"{corpus}: {epochs:.1f} epochs of {len(part[Split.TRAIN])} rows")
        alone = config.model_copy(update={"epochs": epochs})
        fitted = fit_encoder(part[Split.TRAIN], part[Split.DEV], alone, options.work / corpus, console.print)
        twin = margins_by(part[Split.TEST], Reader(fitted.classifier, fitted.tokenizer, fitted.signals))
        joint = margins(part[Split.TEST], options.layout)
        pairs += beside(part[Split.TEST], matrix(joint), matrix(twin))
    report([pair for pair in pairs if pair.apart], options.json)


def drawn_epochs(train: Sequence[Example], config: EncoderConfig) -> Mapping[str, float]:
    """Return how often a joint training draws each row of a corpus, by corpus."""
    told = [row for row in train if row.labels]
    corpora = np.array([row.corpus for row in told])
    drawn = Counter(corpora[draws(corpora.tolist(), config.epochs, config.temperature, config.seed)].tolist())
    return {corpus: drawn[corpus] / int((corpora == corpus).sum()) for corpus in np.unique(corpora).tolist()}


def matrix(said: Mapping[Signal, Floats]) -> Floats:
    """Return margins as ``(rows, signals)``, NaN for a signal without."""
    rows = len(next(iter(said.values())))
    return np.stack([said.get(signal, np.full(rows, np.nan)) for signal in Signal], 1)


def report(pairs: Sequence[Pair], out: Path | None) -> None:
    """Print each cell's AUROC, joint and alone, and how far apart; write them where asked."""
    lines, told = [], []
    for pair in pairs:
        joint, twin, apart = pair.first["auroc"], pair.second["auroc"], pair.apart["auroc"].estimate
        worse = "below" if apart.value < -ALLOWED else ""
        cell = f"{pair.positives} / {pair.negatives}"
        figures = (f"{joint.value:.3f}", f"{twin.value:.3f}")
        between = f"{apart.value:+.3f} [{apart.low:+.3f}, {apart.high:+.3f}]"
        lines.append((pair.corpus, pair.signal, cell, *figures, between, worse))
        told.append(
            {
                "corpus": pair.corpus,
                "signal": pair.signal,
                "joint": joint.value,
                "twin": twin.value,
                "difference": [apart.value, apart.low, apart.high],
            }
        )
    heads = ("corpus", "signal", "+ / −", "joint", "alone", "joint − alone, 95%", "")
    print_table("AUROC on test rows, all corpora beside one", heads, lines)
    if out:
        out.write_text(json.dumps(told, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
