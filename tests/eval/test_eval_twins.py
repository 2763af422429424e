"""The bundle stands beside its twins on the very same rows, and says where it is behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from tocsin.eval.comparison.score_file import ScoreFile
from tocsin.eval.comparison.twins import BEHIND, twin_findings, twin_table
from tocsin.eval.markdown import markdown
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.subject import Subject
from tocsin.eval.tables import Marked, Row, Table, bare
from tocsin.eval.testing import blank_bundle, reading
from tocsin.example import Example, Label
from tocsin.signals import Signal

HATE, THREAT = Signal.HATE, Signal.THREAT
YES, NO = Label.POSITIVE, Label.NEGATIVE
Floats = NDArray[np.float64]


def rows(labels: Sequence[int], scores: Floats, corpus: str = "kitchen") -> list[Example]:
    return [
        Example(
            f"{corpus}{number}",
            f"en {score:.6f} soup",
            "en",
            corpus,
            "CC0-1.0",
            {HATE: YES if label else NO},
        )
        for number, (label, score) in enumerate(zip(labels, scores, strict=True))
    ]


def told(name: str, examples: Sequence[Example], scores: Floats, signal: Signal = HATE) -> ScoreFile:
    return ScoreFile(
        name, {signal: {row.id: float(score) for row, score in zip(examples, scores, strict=True)}}
    )


NOTHING = ScoreFile("without", {})


def measured(
    examples: Sequence[Example], alone: ScoreFile, without: ScoreFile = NOTHING
) -> tuple[Subject, Table]:
    subject = reading(examples, bundle=blank_bundle({HATE: ("en",), THREAT: ("en",)}), twins=(alone, without))
    return subject, twin_table(subject)


def drawn(seed: int, count: int = 400) -> tuple[list[int], Floats, Floats]:
    """Return labels, and scores of two classifiers that see much the same, the second a little more."""
    generator = np.random.default_rng(seed)
    labels = (generator.random(count) < 0.3).astype(int)
    seen = generator.normal(labels, 1.5)
    ours, theirs = (seen + generator.normal(0, noise, count) for noise in (0.8, 0.5))
    return labels.tolist(), 1 / (1 + np.exp(-ours)), theirs


def only(table: Table) -> Row:
    (row,) = table.rows
    return row


def difference(table: Table) -> Estimate:
    found = bare(only(table)["difference"])
    assert isinstance(found, Estimate)
    return found


def test_all_three_are_measured_on_the_same_rows() -> None:
    labels, ours, theirs = drawn(1)
    examples = rows(labels, ours)
    subject, table = measured(examples, told("alone", examples, theirs), told("without", examples, -theirs))
    row, seen = only(table), subject.scores[:, list(Signal).index(HATE)]
    assert (row["corpus"], row["signal"], row["language"]) == ("kitchen", "hate", "en")
    assert (row["positives"], row["negatives"]) == (sum(labels), len(labels) - sum(labels))
    assert row["bundle"] == pytest.approx(roc_auc_score(labels, seen))
    assert row["twin"] == pytest.approx(roc_auc_score(labels, theirs))
    assert row["without"] == pytest.approx(1 - roc_auc_score(labels, theirs))
    assert difference(table).value == pytest.approx(
        roc_auc_score(labels, seen) - roc_auc_score(labels, theirs)
    )


def test_the_difference_is_surer_than_either_of_both() -> None:
    """They err together: unpaired, the interval would be about two and a half times as wide."""
    labels, ours, theirs = drawn(1)
    examples = rows(labels, ours)
    _, table = measured(examples, told("alone", examples, theirs))
    _, apart = measured(examples, told("alone", examples, np.random.default_rng(9).permutation(theirs)))
    widths = [found.high - found.low for found in map(difference, (table, apart))]
    assert widths[0] < 0.6 * widths[1]


def test_one_that_ranks_alike_is_apart_by_nothing() -> None:
    labels, ours, _ = drawn(2)
    examples = rows(labels, ours)
    _, table = measured(examples, told("alone", examples, np.array([float(f"{one:.6f}") for one in ours])))
    assert difference(table) == Estimate(0.0, 0.0, 0.0)


def test_the_interval_of_the_difference_holds_the_true_one_as_often_as_it_says() -> None:
    labels, ours, theirs = drawn(3, 200_000)
    truth = roc_auc_score(labels, ours) - roc_auc_score(labels, theirs)
    held = 0
    for seed in range(100, 300):
        said, one, other = drawn(seed, 300)
        examples = rows(said, one)
        found = difference(measured(examples, told("alone", examples, other))[1])
        held += found.low <= truth <= found.high
    assert 0.91 <= held / 200 <= 0.99


def test_rows_that_came_together_make_the_difference_less_sure() -> None:
    labels, ours, theirs = drawn(4)
    examples = rows(labels * 2, np.concatenate([ours, ours]))
    doubled = np.concatenate([theirs, theirs])
    together = [replace(row, group=str(number % len(labels))) for number, row in enumerate(examples)]
    narrow, wide = (
        difference(measured(given, told("alone", given, doubled))[1]) for given in (examples, together)
    )
    assert wide.high - wide.low == pytest.approx((narrow.high - narrow.low) * 2**0.5, rel=0.05)


@pytest.mark.parametrize(
    ("lead", "marked"),
    [pytest.param(0.019, False, id="near"), pytest.param(0.021, True, id="behind"), (-0.2, False)],
)
def test_a_cell_is_marked_that_is_more_than_a_fiftieth_behind_its_twin(lead: float, marked: bool) -> None:
    """The share of 1,000 negatives above all positives is what an AUROC lacks of 1."""
    labels = [1] * 100 + [0] * 1_000
    ours, theirs = (
        np.array([0.5] * 100 + [0.9] * round(1_000 * lost) + [0.1] * (1_000 - round(1_000 * lost)))
        for lost in (0.3, 0.3 - lead)
    )
    examples = rows(labels, ours)
    _, table = measured(examples, told("alone", examples, theirs))
    assert difference(table).value == pytest.approx(-lead)
    assert isinstance(only(table)["difference"], Marked) is marked
    assert (f"**{BEHIND}** |" in markdown(table)) is marked


@pytest.mark.parametrize(
    ("positives", "negatives", "there"), [(50, 50, True), (49, 500, False), (500, 49, False)]
)
def test_cells_of_few_rows_are_left_out(positives: int, negatives: int, there: bool) -> None:
    examples = rows([1] * positives + [0] * negatives, np.linspace(0.1, 0.9, positives + negatives))
    _, table = measured(examples, told("alone", examples, np.linspace(0, 1, len(examples))))
    assert bool(table.rows) is there


def test_rows_that_a_twin_did_not_score_are_in_no_figure() -> None:
    labels, ours, theirs = drawn(5)
    examples = rows(labels, ours)
    _, table = measured(examples, told("alone", examples[:300], theirs[:300]))
    assert only(table)["twin"] == pytest.approx(roc_auc_score(labels[:300], theirs[:300]))
    assert only(table)["positives"] == sum(labels[:300])


def test_where_no_other_corpus_teaches_a_signal_there_is_no_figure_without_this_one() -> None:
    labels, ours, theirs = drawn(6)
    examples = rows(labels, ours)
    assert only(measured(examples, told("alone", examples, theirs))[1])["without"] is None


def test_a_corpus_or_a_signal_without_a_twin_has_no_row() -> None:
    labels, ours, theirs = drawn(7)
    kitchen, stadium = (rows(labels, ours, corpus) for corpus in ("kitchen", "stadium"))
    _, table = measured([*kitchen, *stadium], told("alone", stadium, theirs))
    assert [row["corpus"] for row in table.rows] == ["stadium"]
    _, none = measured(kitchen, told("alone", kitchen, theirs, THREAT))
    assert none.rows == []


def test_without_twins_there_is_nothing_to_stand_beside() -> None:
    labels, ours, _ = drawn(8)
    assert twin_table(reading(rows(labels, ours))).rows == []


def test_findings_count_the_cells_behind_and_name_the_lowest_without_its_corpus() -> None:
    labels, weak, _ = drawn(1)
    examples = rows(labels, weak)
    perfect = np.array(labels, np.float64) + weak / 100
    _, found = measured(examples, told("alone", examples, perfect), told("without", examples, -weak))
    behind, unseen = twin_findings(found)

    assert behind.startswith("In 1 of 1 cells it ranks more than 0.02 worse")
    assert behind.endswith(": `hate` on kitchen (en).")
    assert f"{bare(found.rows[0]['without']):.0%} of the time for `hate` on kitchen (en)" in unseen


def test_findings_say_it_where_no_cell_is_behind_and_nothing_where_there_is_no_cell() -> None:
    labels, weak, _ = drawn(1)
    examples = rows(labels, weak)
    _, found = measured(examples, told("alone", examples, weak))

    assert list(twin_findings(found)) == [
        "In 0 of 1 cells it ranks more than 0.02 worse than a model of that corpus alone."
    ]
    assert list(twin_findings(replace(found, rows=()))) == []
