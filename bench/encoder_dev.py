"""Measure encoders on dev rows, side by side: how well they rank, and how they treat posts that name groups.

    TOCSIN_DATA=/path/to/corpora python bench/encoder_dev.py --layout out/encoder/huggingface
    [--layout FOLDER ...] [--json FILE]

A layout is what `tocsin train --recipe encoder` leaves in its work folder; exact weights, without the screen.
Choices between experiments are made by these figures: test rows and suites have no part in them. Needs the
extras train, encoder and eval. No text is printed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from sklearn.metrics import roc_auc_score

from tocsin.cli.data.options import builds_home, data_folder
from tocsin.cli.table import print_table
from tocsin.eval.fairness.naming import naming
from tocsin.eval.fairness.terms import VOCABULARIES
from tocsin.example import Example, Split
from tocsin.models.balanced import balanced_threshold
from tocsin.models.thresholds import Evidence
from tocsin.signals import Signal
from tocsin.training.build import Selection, build
from tocsin.training.encoder.reader import Reader
from tocsin.training.fitting import NEGATIVE, POSITIVE, areas, codes

LEAST: Final = 20  # rows of each class, of a group in a corpus

Floats = NDArray[np.float64]
Figures = dict[str, float]


def main(arguments: Sequence[str]) -> None:
    """Measure, print a table, and write everything where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layout", type=Path, action="append", required=True)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    console = Console(stderr=True)
    built = build(Selection(data_folder(options.data)), builds_home(), console.print)
    rows = [row for row in built.splits.rows[Split.DEV] if row.language == "en" and row.labels]
    found = {}
    for layout in options.layout:
        console.print(f"{layout}: {len(rows)} dev rows")
        found[str(layout)] = figures(rows, margins(rows, layout))
    names = list(next(iter(found.values())))
    lines = [(name, *(f"{one[name]:.4f}" for one in found.values())) for name in names]
    print_table("encoders on dev rows", ("figure", *found), lines)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


def margins(rows: Sequence[Example], layout: Path) -> Mapping[Signal, Floats]:
    """Return the margins that a layout gives the rows, by signal."""
    return margins_by(rows, Reader.of(layout))


def margins_by(rows: Sequence[Example], reader: Reader) -> Mapping[Signal, Floats]:
    """Return the margins that a classifier gives the rows, by signal."""
    found = reader.margins([row.text for row in rows])
    return {signal: found[:, place] for place, signal in enumerate(reader.signals)}


def figures(rows: Sequence[Example], said: Mapping[Signal, Floats]) -> Figures:
    """Return the AUROC of each cell, their mean, and what hate's margins say of posts that name groups."""
    cells = {
        f"{corpus} {signal}": area
        for signal, told in said.items()
        for corpus, area in areas(rows, signal, told).items()
    }
    return {**cells, "mean of cells": float(np.mean(list(cells.values()))), **_named(rows, said[Signal.HATE])}


def _named(rows: Sequence[Example], told: Floats) -> Figures:
    """Return areas over groups (bpsn: others' positives above a group's negatives), and shares right.

    Right is at the threshold of equal error over all these rows.
    """
    labels = codes(rows, Signal.HATE)
    yes, no = labels == POSITIVE, labels == NEGATIVE
    threshold = balanced_threshold(Evidence(np.sort(told[yes]), np.sort(told[no])))
    groups = naming(rows, {"en": VOCABULARIES["en"]}).mentions
    corpora = np.array([row.corpus for row in rows])
    every = sorted({mention.term.group for one in groups for mention in one})
    member = {group: np.array([any(m.term.group == group for m in one) for one in groups]) for group in every}
    bpsn, within = [], []
    for corpus in np.unique(corpora).tolist():
        here = corpora == corpus
        for of in member.values():
            bpsn += _area(told, here & yes & ~of, here & no & of)
            within += _area(told, here & yes & of, here & no & of)
    named = np.array([bool(one) for one in groups])
    return {
        "mean over groups: bpsn": float(np.mean(bpsn)),
        "mean over groups: within": float(np.mean(within)),
        "hateful found": float((told[yes] >= threshold).mean()),
        "harmless, no group named, right": float((told[no & ~named] < threshold).mean()),
        "harmless, a group named, right": float((told[no & named] < threshold).mean()),
        "hatemoji-build harmless, right": float(
            (told[no & (corpora == "hatemoji-build")] < threshold).mean()
        ),
        "hatemoji-build hateful, found": float(
            (told[yes & (corpora == "hatemoji-build")] >= threshold).mean()
        ),
    }


def _area(told: Floats, yes: NDArray[np.bool_], no: NDArray[np.bool_]) -> list[float]:
    if min(yes.sum(), no.sum()) < LEAST:
        return []
    return [float(roc_auc_score(yes[yes | no], told[yes | no]))]


if __name__ == "__main__":
    main(sys.argv[1:])
