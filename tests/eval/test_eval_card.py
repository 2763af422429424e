"""The card says what the report holds, figure by figure, and no text of anybody.

Rewrite ``tests/golden/card.md`` with ``TOCSIN_REWRITE_GOLDEN=1 pytest tests/eval/test_eval_card.py``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tocsin.assessment import Level, ModelStamp
from tocsin.eval import evaluate
from tocsin.eval.calibration_error import ERROR, SKILL, CalibrationCell, Shift
from tocsin.eval.card import render_card
from tocsin.eval.cells import Cell
from tocsin.eval.evaluation import Detection, Report
from tocsin.eval.intervals import Estimate, bootstrapped, proportion
from tocsin.eval.levels import Rate
from tocsin.example_file import read_examples
from tocsin.models import Bundle, load
from tocsin.models.calibration import Calibration, SignalCalibration
from tocsin.models.features import FeatureSpec
from tocsin.models.manifest import FORMAT, GateRecord, Manifest, MemberRecord, SignalRecord
from tocsin.models.reference import Reference
from tocsin.models.screen import Screen
from tocsin.signals import Signal

REWRITE = os.environ.get("TOCSIN_REWRITE_GOLDEN") == "1"  # read before the environment is cleaned
GOLDEN = Path(__file__).parents[1] / "golden" / "card.md"

INCITEMENT, HATE, CALL = Signal.INCITEMENT, Signal.HATE, Signal.CALL_TO_ACTION
SIGNALS = (INCITEMENT, HATE)
DIGEST = "sha256:" + "0" * 64


def gate(level: str, **changed: Any) -> GateRecord:
    whole = {
        "policy": "hate",
        "level": level,
        "language": "en",
        "target": "fpr 0.05",
        "certified": True,
        "confidence": 0.95,
        "threshold": 0.625,
        "positives": 400,
        "negatives": 3_000,
    }
    return GateRecord.model_validate(whole | changed)


def member(threshold: float | None) -> MemberRecord:
    return MemberRecord(threshold=threshold, positives=17, negatives=119)


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
        signals=dict.fromkeys(SIGNALS, SignalRecord(languages=("en",), corpora=("kitchen", "stadium"))),
        thresholds=(
            gate("review"),
            gate("urgent", target="fpr 0.005", certified=False, threshold=None, members={HATE: member(0.9)}),
            gate(
                "review",
                policy="incitement",
                certified=False,
                threshold=None,
                members={INCITEMENT: member(None)},
            ),
            gate("urgent", policy="incitement", certified=False, threshold=None, positives=0, negatives=0),
        ),
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


def estimates(value: float) -> Mapping[str, Estimate]:
    names = ("auroc", "average_precision", "recall_at_fpr_0.01", "recall_at_fpr_0.05")
    return {
        name: Estimate(value - step / 16, value - step / 16 - 0.0625, value - step / 16 + 0.03125)
        for step, name in enumerate(names)
    }


def rate(kind: str, rows_of: str, level: Level, hits: int, rows: int) -> Rate:
    return Rate(kind, rows_of, "en", "hate", level, rows, hits, 3, proportion(hits, rows))


def shifted(
    prior: tuple[float, float], matched: tuple[float, float]
) -> Mapping[Shift, Mapping[str, Estimate]]:
    """Return figures, error and skill, of each shift."""
    return {Shift.PRIOR: errors(*prior), Shift.MATCHED: errors(*matched)}


def errors(error: float, skill: float) -> Mapping[str, Estimate]:
    return {
        ERROR: Estimate(error, error - 0.015625, error + 0.03125),
        SKILL: Estimate(skill, skill - 0.125, skill + 0.0625),
    }


def two_levels(kind: str, rows_of: str, review: int, urgent: int, rows: int) -> tuple[Rate, Rate]:
    return rate(kind, rows_of, Level.REVIEW, review, rows), rate(kind, rows_of, Level.URGENT, urgent, rows)


REPORT = Report(
    model=ModelStamp("toy", "1.2.3", DIGEST),
    draws=1_000,
    cells=(
        Cell("kitchen", HATE, "en", 200, 800, 0, estimates(0.875)),
        Cell("kitchen", INCITEMENT, "en", 24, 976, 2, estimates(0.75)),
        Cell("stadium", HATE, "en", 12, 300, 0, {}),
    ),
    calibration=(
        CalibrationCell(
            "kitchen", HATE, "en", 200, 800, (80, 320), shifted((0.0625, 0.25), (0.03, 0.375)), None
        ),
        CalibrationCell(
            "pantry", HATE, "en", 400, 800, (300, 100), shifted((0.03, -0.125), (0.0625, 0.0)), None
        ),
        CalibrationCell("stadium", HATE, "en", 120, 300, (30, 10), shifted((0.5, -0.5), (0.25, -0.25)), None),
        CalibrationCell("cellar", HATE, "en", 120, 300, None, {}, "no calibration rows of its own"),
        CalibrationCell("larder", HATE, "de", 120, 300, None, {}, "no calibration rows of its own"),
    ),
    rates=(
        *two_levels("recall", "kitchen", 100, 40, 200),
        *two_levels("fpr", "kitchen", 32, 4, 800),
        *two_levels("recall", "hatexplain", 150, 60, 200),
        *two_levels("fpr", "hatexplain", 40, 8, 400),
        *two_levels("audit", "pheme", 40, 11, 1_000),
        rate("audit", "muc documents", Level.URGENT, 0, 50),
        rate("audit", "muc documents", Level.REVIEW, 3, 50),
        *two_levels("audit", "hatexplain offensive", 42, 11, 200),
        *two_levels("audit", "davidson offensive", 90, 10, 100),
        *two_levels("functionality", "quoting", 9, 2, 30),
        replace(rate("recall", "larder", Level.REVIEW, 30, 60), language="de"),
        replace(rate("recall", "larder", Level.URGENT, 6, 60), language="de"),
    ),
    detection=(
        Detection("kitchen", "en", 1_000, 40, 30, 5),
        Detection("stadium", "de", 312, 0, 0, 312),
    ),
)
TRAINING = {
    "corpora": {
        "kitchen": {"title": "The Kitchen Corpus", "licence": "CC0-1.0", "test_only": False},
        "stadium": {"title": "The Stadium Corpus", "licence": "MIT", "test_only": True},
    },
    "own": ["pantry.csv"],
    "rows": {"read": 5_000, "merged": 30, "contradictions": 4, "touched_test": 70, "thinned": 7},
    "kept": {"train": 3_000, "dev": 450, "calibration": 450, "test": 1_000},
}


@pytest.fixture(scope="module")
def card() -> str:
    return render_card(bundle(), TRAINING, REPORT)


def line_of(card: str, *beginning: str) -> str:
    (found,) = [line for line in card.splitlines() if line.startswith("| " + " | ".join(beginning) + " |")]
    return found


def test_the_card_is_the_one_on_file(card: str) -> None:
    if REWRITE:
        GOLDEN.write_text(card, encoding="utf-8")
    assert card == GOLDEN.read_text(encoding="utf-8")


def test_a_cell_shows_every_figure_with_its_interval(card: str) -> None:
    found = line_of(card, "kitchen", "`hate`", "en", "200 / 800")
    assert found.endswith(
        "| 0.875 [0.812, 0.906] | 0.812 [0.750, 0.844] | 0.750 [0.688, 0.781] | 0.688 [0.625, 0.719] |"
    )


def test_a_cell_that_carries_no_claim_is_marked(card: str) -> None:
    assert line_of(card, "kitchen", "`incitement` †", "en", "24 / 976")


def test_a_cell_without_figures_is_named_and_not_hidden(card: str) -> None:
    assert "signal not offered: stadium `hate` (12 / 300)." in card


def test_a_level_that_nothing_reaches_has_an_infinite_threshold(card: str) -> None:
    assert "| fpr 0.05 | no | incitement ≥ ∞ (17 / 119) |" in card
    assert "| fpr 0.05 | no | score ≥ ∞ | 0 / 0 |" in card


def test_only_audits_are_held_against_the_ceilings(card: str) -> None:
    assert "**above**" not in line_of(card, "hate", "kitchen", "recall")
    assert line_of(card, "hate", "kitchen", "recall").split("|")[5].strip().startswith("50.0% [")


def test_levels_stand_in_their_columns_whatever_order_they_come_in(card: str) -> None:
    turned = render_card(bundle(), TRAINING, replace(REPORT, rates=REPORT.rates[::-1]))
    assert line_of(turned, "hate", "kitchen", "recall") == line_of(card, "hate", "kitchen", "recall")
    assert line_of(turned, "muc documents", "50") == line_of(card, "muc documents", "50")


def test_the_card_says_that_recruitment_is_not_certified(card: str) -> None:
    assert "`recruitment` is assembled from its parts and **not certified**" in card
    assert "calibrated on as few positive rows: 17 (en)." in " ".join(card.split())


def test_the_card_counts_the_rows_of_the_training(card: str) -> None:
    flat = " ".join(card.split())
    assert "5000 rows read; 30 copies merged; 4 contradictory labels made unknown; 70 rows kept out" in flat
    assert "Train 3000, dev 450, calibration 450, test 1000." in flat


def test_every_table_has_as_many_fields_in_every_row(card: str) -> None:
    widths: list[set[int]] = [set()]
    for line in card.splitlines():
        if line.startswith("| "):
            widths[-1].add(line.count(" | "))
        elif widths[-1]:
            widths.append(set())
    tables = [width for width in widths if width]
    assert len(tables) == 9
    assert [len(width) for width in tables] == [1] * 9


def test_a_card_of_real_rows_holds_no_text_and_no_id_of_any(
    toy_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tocsin.eval.cells.bootstrapped", lambda statistics, rows: bootstrapped(statistics, rows, draws=20)
    )
    rows = read_examples(toy_bundle.parent / "work" / "test.jsonl")[::4]
    scorer = load(toy_bundle)
    training = json.loads((toy_bundle / "training.json").read_text(encoding="utf-8"))
    written = render_card(scorer.bundle, training, evaluate(scorer, rows, training=training))
    assert len(written) > 2_000
    assert sum(row.text in written or row.id in written for row in rows) == 0
