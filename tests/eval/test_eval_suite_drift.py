"""Drift is told from chance: at the rate that is promised, and where it was planted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2, ks_2samp

from tocsin.eval.comparison.score_file import ScoreFile, read_score_file
from tocsin.eval.statistics.drifting import drift_of, mean_of, means_apart, no_drift, psi
from tocsin.eval.statistics.intervals import proportion
from tocsin.eval.subject import Subject
from tocsin.eval.suite import Measured, NotRun
from tocsin.eval.suites.drift import DRIFTED, SUITE
from tocsin.eval.tables import Marked, Row, bare
from tocsin.example import Example
from tocsin.item import Item
from tocsin.models import DEFAULT_BUNDLE, Scorer, read_bundle
from tocsin.policy import default_policy
from tocsin.signals import Signal

Floats = NDArray[np.float64]
HATE, THREAT, CALL = Signal.HATE, Signal.THREAT, Signal.CALL_TO_ACTION


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer(read_bundle(DEFAULT_BUNDLE), default_policy())


def drawn(rows: int, seed: int, mean: float = 0.0) -> Floats:
    """Return scores in (0, 1): a normal on the log-odds scale."""
    return np.asarray(1 / (1 + np.exp(-np.random.default_rng(seed).normal(mean, 1, rows))))


def file(name: str, **scores: Floats) -> ScoreFile:
    """Return a file of scores whose ids are its name and the row's number."""
    return ScoreFile(
        name,
        {
            Signal(signal): {f"{name}-{row}": score for row, score in enumerate(values.tolist())}
            for signal, values in scores.items()
        },
    )


def measured(scorer: Scorer, before: ScoreFile, after: ScoreFile) -> Measured:
    row = Example("soup:1", "soup", "en", "soup", "CC0-1.0")
    return SUITE.measure(Subject(scorer, [row], drift=(before, after)), lambda _: None)


def by_signal(found: Measured) -> Mapping[str, Row]:
    return {str(row["signal"]): row for row in found.tables[0].rows}


def test_the_index_is_what_a_calculation_by_hand_gives() -> None:
    """Ten bins of one row each, half a row added: a tenth each before; after, 10.5 of 15 in the first."""
    before, after = np.arange(10.0), np.zeros(10)
    first = (10.5 / 15 - 1.5 / 15) * np.log(10.5 / 1.5)
    others = 9 * (0.5 / 15 - 1.5 / 15) * np.log(0.5 / 1.5)
    assert psi(before, after) == pytest.approx(first + others)
    assert psi(before, after) == pytest.approx(1.8267, abs=1e-4)


def test_equal_scores_share_a_bin() -> None:
    """Two values make two bins: three and one of four before, one and three after."""
    before, after = np.array([0.2, 0.2, 0.2, 0.7]), np.array([0.2, 0.7, 0.7, 0.7])
    assert psi(before, after) == pytest.approx(2 * (3.5 / 5 - 1.5 / 5) * np.log(3.5 / 1.5))


def test_scores_beyond_all_of_before_fall_in_its_outermost_bins() -> None:
    before = np.arange(100.0)
    assert psi(before, np.full(50, -1.0)) == psi(before, np.full(50, 0.0))
    assert psi(before, np.full(50, 500.0)) == psi(before, np.full(50, 95.0))


def test_a_score_between_two_of_before_falls_where_the_share_below_it_says() -> None:
    before = np.arange(10.0)
    assert psi(before, np.full(10, 3.5)) == psi(before, np.full(10, 4.0)) != psi(before, np.full(10, 3.0))


def test_the_same_scores_have_an_index_of_nothing() -> None:
    scores = drawn(500, 1)
    assert psi(scores, scores) == 0
    assert drift_of(scores, scores).ks == 0


def test_the_gap_is_the_largest_between_the_two_distributions_and_its_p_that_of_scipy() -> None:
    before, after = drawn(300, 1), drawn(200, 2, mean=0.3)
    found = drift_of(before, after)
    gaps = [abs((before <= at).mean() - (after <= at).mean()) for at in np.concatenate([before, after])]
    assert found.ks == pytest.approx(max(gaps))
    assert found.p == pytest.approx(ks_2samp(before, after).pvalue, rel=0.15)  # that one is exact
    assert found.p == ks_2samp(before, after, method="asymp").pvalue


@pytest.mark.parametrize("decimals", [None, 1], ids=["no-ties", "ties"])
def test_two_samples_of_one_source_pass_the_point_of_no_drift_once_in_twenty(decimals: int | None) -> None:
    passed, times = 0, 200
    for seed in range(times):
        scores = drawn(210, seed)
        scores = scores if decimals is None else scores.round(decimals)
        passed += psi(scores[:120], scores[120:]) > no_drift(scores[:120], scores[120:])
    assert 0.015 <= passed / times <= 0.1


def test_the_point_of_no_drift_is_the_one_that_theory_gives_for_many_rows() -> None:
    """The index is then chi-squared, nine degrees of freedom, times the sum of 1 / rows (Yurdakul 2018)."""
    found = no_drift(drawn(6_000, 1), drawn(3_000, 2))
    assert found == pytest.approx(chi2.ppf(0.95, 9) * (1 / 6_000 + 1 / 3_000), rel=0.12)


def test_cells_of_many_scores_change_the_point_of_no_drift_little(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = drawn(3_000, 1), drawn(2_000, 2)
    coarse = no_drift(before, after)
    monkeypatch.setattr("tocsin.eval.statistics.drifting._MOST_CELLS", 10_000)
    assert coarse == pytest.approx(no_drift(before, after), rel=0.12)


def test_the_point_of_no_drift_is_the_same_every_time() -> None:
    assert no_drift(drawn(100, 1), drawn(90, 2)) == no_drift(drawn(100, 1), drawn(90, 2))


def test_a_planted_shift_is_found_and_none_is_where_there_was_none() -> None:
    shifted = [drift_of(drawn(600, seed), drawn(600, seed + 1_000, mean=0.5)) for seed in range(20)]
    same = [drift_of(drawn(600, seed), drawn(600, seed + 1_000)) for seed in range(20)]
    assert sum(one.drifted for one in shifted) >= 19
    assert not any(one.drifted for one in same)


def test_few_rows_pass_the_rule_of_thumb_by_chance_and_are_not_called_drifted() -> None:
    found = [drift_of(drawn(60, seed), drawn(60, seed + 1_000)) for seed in range(40)]
    assert sum(one.psi >= 0.1 for one in found) > 30
    assert sum(one.drifted for one in found) <= 5


def test_many_rows_tell_a_slight_shift_that_is_not_called_drifted() -> None:
    found = drift_of(drawn(20_000, 1), drawn(20_000, 2, mean=0.1))
    assert found.psi > found.no_drift
    assert found.p < 1e-6
    assert not found.drifted


def test_means_have_normal_intervals() -> None:
    values = drawn(400, 1)
    half = 1.959964 * values.std(ddof=1) / 20
    told = mean_of(values)
    assert [told.low, told.value, told.high] == pytest.approx(values.mean() + np.array([-half, 0, half]))
    told = means_apart(values, values + 1)
    assert told.value == pytest.approx(1)
    assert (told.high - told.low) / 2 == pytest.approx(half * np.sqrt(2))


def test_the_suite_marks_what_drifted_and_tells_it_first(scorer: Scorer) -> None:
    before = file("may", hate=drawn(900, 1), threat=drawn(900, 2))
    after = file("june", hate=drawn(800, 3, mean=1), threat=drawn(800, 4))
    found = measured(scorer, before, after)
    rows = by_signal(found)
    assert cast("Marked", rows["hate"]["psi"]).mark == DRIFTED
    assert not isinstance(rows["threat"]["psi"], Marked)
    assert bare(rows["hate"]["psi"]) == psi(drawn(900, 1), drawn(800, 3, mean=1))
    assert found.findings[0].startswith("Scores of `hate` drifted")
    assert any("1 of 2 signals drifted" in told for told in found.findings)


def test_rows_without_a_score_are_counted_before_and_after(scorer: Scorer) -> None:
    """Of 500 rows that have a score of hate, 100 have none of threat before, 300 after."""
    before = file("may", hate=drawn(500, 1), threat=drawn(400, 2))
    after = file("june", hate=drawn(500, 3), threat=drawn(200, 4))
    found = measured(scorer, before, after)
    row = by_signal(found)["threat"]
    assert row["missing_before"] == proportion(100, 500)
    assert row["missing_after"] == proportion(300, 500)
    assert any("`threat` went from 20.0% to 60.0%" in told for told in found.findings)


def test_a_score_that_is_no_number_is_a_row_without_one(scorer: Scorer) -> None:
    scores = drawn(500, 1)
    scores[:50] = np.nan
    row = by_signal(measured(scorer, file("may", hate=drawn(500, 2)), file("june", hate=scores)))["hate"]
    assert (row["before"], row["after"]) == (500, 450)
    assert row["missing_after"] == proportion(50, 500)


def test_assessments_as_they_are_scanned_count_what_could_not_be_judged(
    scorer: Scorer, tmp_path: Path
) -> None:
    """Thirty posts before; after, ten of forty are empty."""
    words = ["soup", "bread", "oven", "butter", "flour", "whisk"]
    posts = [f"{words[row % 6]} and {words[row % 5]} {row}" for row in range(30)]
    files = []
    for name, texts in (("may", posts), ("june", [*posts, *[" "] * 10])):
        path = tmp_path / f"{name}.jsonl"
        items = [Item(f"{name}-{row}", text, "en") for row, text in enumerate(texts)]
        path.write_text("\n".join(json.dumps(one.to_dict()) for one in scorer.assess(items)))
        files.append(read_score_file(path))
    found = measured(scorer, *files)
    rows = {row["when"]: (row["file"], row["rows"], row["unscored"]) for row in found.tables[2].rows}
    assert rows == {"before": ("may", 30, proportion(0, 30)), "after": ("june", 40, proportion(10, 40))}
    assert "Rows that could not be scored at all went from 0.0% to 25.0%" in found.findings[0]
    assert by_signal(found)["hate"]["missing_after"] == proportion(10, 40)


def test_a_rise_that_chance_gives_is_no_finding(scorer: Scorer) -> None:
    before = file("may", hate=drawn(500, 1), threat=drawn(480, 2))
    after = file("june", hate=drawn(500, 3), threat=drawn(479, 4))
    assert not any("without a score" in told for told in measured(scorer, before, after).findings)


def test_quantiles_stand_beside_what_lies_above_those_of_before(scorer: Scorer) -> None:
    before, after = np.arange(1_000) / 1_000, np.arange(1_000) / 500
    found = measured(scorer, file("may", hate=before), file("june", hate=after)).tables[1]
    row = found.find({"signal": "hate", "quantile": "90%"})[0]
    assert row["before"] == pytest.approx(0.8991)
    assert row["after"] == pytest.approx(1.7982)
    assert row["above_before"] == proportion(100, 1_000)
    assert row["above_after"] == proportion(550, 1_000)


def test_a_signal_with_few_scores_is_named_and_has_no_figure(scorer: Scorer) -> None:
    before = file("may", hate=drawn(50, 1), threat=drawn(19, 2), call_to_action=drawn(20, 3))
    after = file("june", hate=drawn(50, 4), threat=drawn(50, 5), call_to_action=drawn(20, 6))
    found = measured(scorer, before, after)
    assert set(by_signal(found)) == {"hate", "call_to_action"}
    assert any("no figures: `threat`." in note for note in found.tables[0].notes)


def test_ids_in_both_files_are_said(scorer: Scorer) -> None:
    before, after = file("may", hate=drawn(50, 1)), file("june", hate=drawn(50, 2))
    assert not any("in both files" in note for note in measured(scorer, before, after).tables[0].notes)
    twice = replace(after, scores=file("may", hate=drawn(50, 2)).scores)
    assert any("50 ids are in both" in note for note in measured(scorer, before, twice).tables[0].notes)


def test_without_two_files_the_suite_says_what_to_give(scorer: Scorer) -> None:
    subject = Subject(scorer, [Example("soup:1", "soup", "en", "soup", "CC0-1.0")])
    with pytest.raises(NotRun, match="--before FILE --after FILE"):
        SUITE.measure(subject, lambda _: None)


def test_files_without_a_signal_in_common_are_not_compared(scorer: Scorer) -> None:
    with pytest.raises(NotRun, match="may and june have no such signal"):
        measured(scorer, file("may", hate=drawn(50, 1)), file("june", threat=drawn(50, 2)))


def test_the_same_files_give_the_same_report(scorer: Scorer) -> None:
    pair = file("may", hate=drawn(90, 1)), file("june", hate=drawn(80, 2))
    once, again = (
        json.dumps([table.to_dict() for table in measured(scorer, *pair).tables]) for _ in range(2)
    )
    assert once == again
