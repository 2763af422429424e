"""The card's tables of calibration and of audits: what each shows, and what it marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tocsin.assessment import Level
from tocsin.eval.calibration_error import ERROR, SKILL, CalibrationCell, Shift
from tocsin.eval.card_calibration import calibration_part
from tocsin.eval.card_levels import audits_part
from tocsin.eval.intervals import Estimate, proportion
from tocsin.eval.levels import Rate
from tocsin.signals import Signal

HATE = Signal.HATE


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


CELLS = (
    CalibrationCell("kitchen", HATE, "en", 200, 800, (80, 320), shifted((0.0625, 0.25), (0.03, 0.375)), None),
    CalibrationCell("pantry", HATE, "en", 400, 800, (300, 100), shifted((0.03, -0.125), (0.0625, 0.0)), None),
    CalibrationCell("stadium", HATE, "en", 120, 300, (30, 10), shifted((0.5, -0.5), (0.25, -0.25)), None),
    CalibrationCell("cellar", HATE, "en", 120, 300, None, {}, "no calibration rows of its own"),
    CalibrationCell("larder", HATE, "de", 120, 300, None, {}, "no calibration rows of its own"),
)
RATES = (
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
)


def line_of(part: str, *beginning: str) -> str:
    (found,) = [line for line in part.splitlines() if line.startswith("| " + " | ".join(beginning) + " |")]
    return found


@pytest.mark.parametrize(
    ("audit", "review_above", "urgent_above"),
    [
        pytest.param("pheme", False, True, id="4%-and-1.1%"),
        pytest.param("muc documents", True, False, id="6%-and-0%"),
        pytest.param("hatexplain offensive", True, True, id="21%-of-twice-10%-and-5.5%"),
        pytest.param("davidson offensive", False, True, id="nothing-to-compare-and-10%"),
    ],
)
def test_a_false_positive_rate_above_what_is_allowed_is_marked(
    audit: str, review_above: bool, urgent_above: bool
) -> None:
    _, _, _, review, _, urgent, _, _ = line_of(audits_part(RATES), audit).split("|")
    assert ("**above**" in review, "**above**" in urgent) == (review_above, urgent_above)


def test_an_audit_shows_what_it_allows() -> None:
    offensive = line_of(audits_part(RATES), "hatexplain offensive", "200")
    assert "| 20.0% = 2 × 10.0% (of 400) |" in offensive
    assert offensive.endswith("| 5.0% |")
    assert line_of(audits_part(RATES), "davidson offensive", "100").split("|")[4].strip() == "–"


def test_audits_stand_beside_the_recall_at_the_same_thresholds() -> None:
    assert (
        "### `hate`\n\nRecall at the same thresholds (review / urgent): "
        "kitchen 50.0% / 20.0%; hatexplain 75.0% / 30.0%.\n\n| audit |"
    ) in audits_part(RATES)


def test_a_policy_without_decided_positives_says_that_its_recall_is_not_measured() -> None:
    written = audits_part([one for one in RATES if one.kind == "audit"])
    assert "### `hate`\n\nRecall at the same thresholds: not measured, too few test rows" in written


def test_harmless_functionalities_are_shown_one_by_one() -> None:
    assert line_of(audits_part(RATES), "quoting", "30").startswith("| quoting | 30 | 30.0% [")


def test_an_error_of_calibration_shows_the_prevalence_and_the_rows_behind_it() -> None:
    kitchen = line_of(calibration_part(CELLS), "kitchen", "`hate`", "en", "0.200 (80 / 320)", "200 / 800")
    assert "| 0.062 [0.047, 0.094] **missed** | 0.250 [0.125, 0.312] |" in kitchen


def test_each_shift_is_held_to_the_aim_by_itself() -> None:
    written = calibration_part(CELLS)
    assert line_of(written, "kitchen").endswith(
        "| 0.062 [0.047, 0.094] **missed** | 0.250 [0.125, 0.312]"
        " | 0.030 [0.014, 0.061] | 0.375 [0.250, 0.438] |"
    )
    assert line_of(written, "pantry").endswith(
        "| 0.030 [0.014, 0.061] | -0.125 [-0.250, -0.062] **missed**"
        " | 0.062 [0.047, 0.094] **missed** | 0.000 [-0.125, 0.062] **missed** |"
    )
    assert (
        "| debiased error, prior shift | Brier skill, prior shift"
        " | debiased error, matched shift | Brier skill, matched shift |"
    ) in written


def test_a_test_that_was_drawn_otherwise_is_marked() -> None:
    lines = calibration_part(CELLS).splitlines()
    assert [line.split(" | ")[4] for line in lines if " | `hate`" in line] == [
        "200 / 800",
        "400 / 800 §",
        "120 / 300 §",
    ]


def test_a_cell_too_small_for_the_aim_is_marked_and_misses_nothing() -> None:
    assert "missed" not in line_of(calibration_part(CELLS), "stadium", "`hate` ‡", "en")


def test_cells_that_could_not_be_measured_are_named_with_the_reason() -> None:
    assert (
        "Not measured: no calibration rows of its own: cellar `hate` (en), larder `hate` (de)."
        in calibration_part(CELLS)
    )


def test_a_bundle_without_any_error_of_calibration_has_no_table_of_them() -> None:
    written = calibration_part(
        [replace(one, fitted_on=None, estimates={}, lacks="the training record lacks them") for one in CELLS]
    )
    assert "| corpus |" not in written
    assert "Not measured: the training record lacks them: kitchen `hate` (en), pantry" in written
