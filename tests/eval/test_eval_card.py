"""The card says what the report holds, figure by figure, and no text of anybody.

Rewrite ``tests/golden/card.md`` with ``TOCSIN_REWRITE_GOLDEN=1 pytest tests/eval/test_eval_card.py``.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tocsin.assessment import ModelStamp, PolicyStamp
from tocsin.eval import Report, Subject, evaluate, render_card
from tocsin.eval.markdown import cell
from tocsin.eval.report import RowsRead
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.suite import Answer, Measured
from tocsin.eval.suites import SUITES
from tocsin.eval.tables import Better, Column, Kind, Marked, Plot, Table
from tocsin.models import Bundle
from tocsin.models.calibration import Calibration, SignalCalibration
from tocsin.models.features import FeatureSpec
from tocsin.models.manifest import FORMAT, Manifest, SignalRecord
from tocsin.models.reference import Reference
from tocsin.models.screen import Screen
from tocsin.signals import Signal

REWRITE = os.environ.get("TOCSIN_REWRITE_GOLDEN") == "1"  # read before the environment is cleaned
GOLDEN = Path(__file__).parents[1] / "golden" / "card.md"

INCITEMENT, HATE = Signal.INCITEMENT, Signal.HATE
SIGNALS = (INCITEMENT, HATE)
DIGEST = "sha256:" + "0" * 64


def bundle() -> Bundle:
    spec = FeatureSpec(bits=8)
    scaling = SignalCalibration(
        slope=1.0, intercept=0.0, reference_prevalence=0.125, positives=17, negatives=119
    )
    manifest = Manifest(
        format=FORMAT,
        name="toy",
        version="1.2.3",
        recipe="screen",
        features=spec,
        signals={
            INCITEMENT: SignalRecord(languages=("en",), corpora=("kitchen", "stadium")),
            HATE: SignalRecord(languages=("de", "en"), corpora=("kitchen",)),
        },
        thresholds=(),
        policy_digest=DIGEST,
        training_digest=DIGEST,
        licence="Apache-2.0",
        files={},
    )
    return Bundle(
        manifest=manifest,
        digest=DIGEST,
        screen=Screen(
            spec,
            SIGNALS,
            np.zeros((spec.buckets, 2), np.int16),
            scale=np.ones(2, np.float32),
            bias=np.zeros(2, np.float32),
        ),
        calibration=Calibration(signals={signal: {"en": scaling} for signal in SIGNALS}),
        references={"en": Reference(SIGNALS, np.zeros((0, 2)), np.zeros((0, 2), np.int8))},
    )


CELLS = Table(
    "cells",
    "Every cell that has enough rows",
    (
        Column("corpus", "corpus", key=True),
        Column("signal", "signal", Kind.CODE, key=True),
        Column("language", "language", key=True),
        Column("positives", "+", Kind.COUNT),
        Column("auroc", "AUROC", Kind.SCORE, better=Better.HIGHER),
        Column("average_precision", "average precision", Kind.SCORE, better=Better.HIGHER),
    ),
    [
        {
            "corpus": "kitchen",
            "signal": "hate",
            "language": "en",
            "positives": 200,
            "auroc": Estimate(0.875, 0.8125, 0.90625),
            "average_precision": Estimate(0.8125, 0.75, 0.84375),
        },
        {
            "corpus": "stadium",
            "signal": "incitement",
            "language": "en",
            "positives": Marked(24, "few"),
            "auroc": Estimate(0.75, 0.5, 1.0),
            "average_precision": Estimate(0.25, 0.125, 0.375),
        },
    ],
    about=["Measured where nobody cooks. " * 5, "Nothing is pooled."],
    notes=["**few**: fewer than 50 positives.", "Too few rows to report: larder `hate` (12 / 3)."],
    card=True,
    plot=Plot.BARS,
)
KINDS = Table(
    "kinds",
    "A cell of every kind",
    tuple(Column(kind.value, kind.value, kind, key=kind is Kind.TEXT) for kind in Kind),
    [
        dict.fromkeys(Kind, 1) | {Kind.TEXT: "whole", Kind.CODE: "soup"},
        dict.fromkeys(Kind, 0.125) | {Kind.TEXT: "part", Kind.CODE: "a | b", Kind.COUNT: 7},
        dict.fromkeys(Kind, Estimate(-0.25, -0.5, 0.0625))
        | {Kind.TEXT: "sure", Kind.CODE: "c", Kind.COUNT: 0},
        {kind: Marked("marked" if kind is Kind.TEXT else 0.5, "above") for kind in Kind},
        {kind: "nothing" if kind is Kind.TEXT else None for kind in Kind},
    ],
    card=True,
)
ASIDE = replace(KINDS, name="aside", title="Not for the card", card=False)
EMPTY = replace(KINDS, name="empty", title="Without a row", rows=[], notes=["Nothing was there to measure."])
REPORT = Report(
    ModelStamp("toy", "1.2.3", DIGEST),
    "screen",
    ("de", "en"),
    PolicyStamp("1", DIGEST),
    RowsRead({"kitchen": 1_000}),
    "2026-11-22",
    "0.1.0",
    (
        Answer(
            "corpora", "Ranking", "How well?", Measured([CELLS], ["Soup is easy.", "Salt is not."]), None, 1
        ),
        Answer("kinds", "Kinds", "Which?", Measured([KINDS, ASIDE, EMPTY]), None, 2.5),
        Answer("aside", "Aside", "What else?", Measured([ASIDE], ["Not for the card."]), None, 0),
        Answer("drift", "Drift", "Did it change?", None, "needs two score files: had none", 0),
    ),
)
TRAINING = {
    "corpora": {
        "kitchen": {"title": "The Kitchen Corpus", "licence": "CC0-1.0", "test_only": False},
        "stadium": {"title": "The Stadium | Corpus", "licence": "MIT", "test_only": True},
    },
    "own": ["pantry.csv"],
    "rows": {"read": 5_000, "merged": 30, "contradictions": 4, "touched_test": 70, "thinned": 7},
    "kept": {"train": 3_000, "dev": 450, "calibration": 450, "test": 1_000},
}


@pytest.fixture(scope="module")
def card() -> str:
    return render_card(bundle(), TRAINING, REPORT)


def test_the_card_is_the_one_on_file(card: str) -> None:
    if REWRITE:
        GOLDEN.write_text(card, encoding="utf-8")
    assert card == GOLDEN.read_text(encoding="utf-8")


def test_every_figure_of_a_table_for_the_card_is_on_it(card: str) -> None:
    lines = card.splitlines()
    for table in (CELLS, KINDS):
        for row in table.rows:
            written = [cell(row[column.name], column).replace("|", "\\|") for column in table.columns]
            assert f"| {' | '.join(written)} |" in lines


def test_findings_stand_above_the_tables_of_their_suite(card: str) -> None:
    assert "## Ranking\n\n- Soup is easy.\n- Salt is not.\n\nMeasured where nobody cooks." in card


def test_one_table_needs_no_heading_of_its_own_and_several_do(card: str) -> None:
    assert "### Every cell" not in card
    assert "## Kinds\n\n### A cell of every kind\n" in card


def test_what_is_not_for_the_card_is_not_on_it(card: str) -> None:
    assert "Not for the card" not in card
    assert "Aside" not in card
    assert "Drift" not in card


def test_a_table_without_a_row_says_why(card: str) -> None:
    assert "### Without a row\n\nNothing was there to measure.\n" in card


def test_the_card_says_that_recruitment_is_not_certified(card: str) -> None:
    assert "`recruitment` is assembled from its parts and **not certified**" in card
    assert "calibrated on as few positive rows: 17 (en)." in " ".join(card.split())


def test_a_signal_that_is_not_calibrated_in_a_language_shows_no_counts(card: str) -> None:
    (german,) = [line for line in card.splitlines() if line.startswith("| `hate` | de |")]
    assert german.endswith("| kitchen | – | – |")


def test_the_card_counts_the_rows_of_the_training(card: str) -> None:
    flat = " ".join(card.split())
    assert "5000 rows read; 30 copies merged; 4 contradictory labels made unknown; 70 rows kept out" in flat
    assert "Train 3000, dev 450, calibration 450, test 1000." in flat
    assert "| pantry.csv | rows of one's own | not stated | trained on |" in card


def widths(card: str) -> list[set[int]]:
    """Return how many fields the rows of each table have."""
    found: list[set[int]] = [set()]
    for line in card.splitlines():
        if line.startswith("| "):
            found[-1].add(line.replace("\\|", "").count("|"))
        elif found[-1]:
            found.append(set())
    return [one for one in found if one]


def test_every_table_has_as_many_fields_in_every_row(card: str) -> None:
    assert [len(one) for one in widths(card)] == [1] * 4


def test_lines_that_are_no_tables_are_no_longer_than_a_screen(card: str) -> None:
    body = card.split("---\n", 2)[2]
    assert max(len(line) for line in body.splitlines() if not line.startswith("| ")) <= 112


def test_a_card_of_real_rows_holds_no_text_and_no_id_of_any(toy_subject: Subject) -> None:
    rows = toy_subject.rows[::4]
    subject = Subject(toy_subject.scorer, rows, toy_subject.training)
    report = evaluate(subject, tuple(SUITES.values()))
    written = render_card(subject.scorer.bundle, subject.training, report)
    assert len(written) > 2_000
    assert [len(one) for one in widths(written)] == [1] * len(widths(written))
    assert sum(row.text in written or row.id in written for row in rows) == 0
