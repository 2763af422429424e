"""Suite "corpora": one row for each corpus, signal and language, whatever could not be judged."""

from __future__ import annotations

import pytest

from tocsin.eval.comparison.score_file import ScoreFile
from tocsin.eval.subject import Subject
from tocsin.eval.suite import Measured
from tocsin.eval.suites.corpora import FEW, FIGURES, SUITE
from tocsin.eval.tables import Kind, Marked, Table
from tocsin.eval.testing import reading
from tocsin.example import Example, Label
from tocsin.signals import Signal

HATE, THREAT = Signal.HATE, Signal.THREAT
YES, NO, PRESUMED = Label.POSITIVE, Label.NEGATIVE, Label.PRESUMED_NEGATIVE


def rows(
    words: str, count: int, label: Label, *, corpus: str = "kitchen", signal: Signal = HATE
) -> list[Example]:
    return [
        Example(
            f"{corpus}:{words}:{label}:{number}", f"{words} soup", "en", corpus, "CC0-1.0", {signal: label}
        )
        for number in range(count)
    ]


def measured(*parts: list[Example]) -> Measured:
    return SUITE.measure(reading([row for part in parts for row in part]), lambda _: None)


def table(found: Measured, name: str) -> Table:
    (one,) = [table for table in found.tables if table.name == name]
    return one


def test_there_is_one_row_for_each_corpus_and_signal_with_enough_rows() -> None:
    found = table(
        measured(
            rows("en 0.9", 60, YES),
            rows("en 0.1", 40, NO),
            rows("null 0.9", 7, YES),
            rows("en 0.1", 30, NO, corpus="stadium", signal=THREAT),
            rows("en 0.8", 25, YES, corpus="pantry"),
            rows("en 0.2", 25, NO, corpus="pantry"),
        ),
        "cells",
    )
    assert [tuple(row.values())[:5] for row in found.rows] == [
        ("kitchen", "hate", "en", 60, 40),
        ("pantry", "hate", "en", Marked(25, FEW), 25),
    ]


def test_unscorable_rows_are_no_misses() -> None:
    (row,) = table(
        measured(rows("en 0.9", 60, YES), rows("null 0.9", 30, YES), rows("en 0.1", 30, NO)), "cells"
    ).rows
    for name in FIGURES:
        value = row[name]
        assert not isinstance(value, Marked | str | int | float | None)
        assert value.value == 1.0


def test_a_presumed_negative_is_in_no_figure() -> None:
    (row,) = table(
        measured(rows("en 0.9", 60, YES), rows("en 0.1", 30, NO), rows("en 0.9", 90, PRESUMED)), "cells"
    ).rows
    assert row["negatives"] == 30


def test_a_cell_without_figures_is_named_and_not_hidden() -> None:
    found = table(
        measured(
            rows("en 0.9", 30, YES),
            rows("en 0.1", 30, NO),
            rows("en 0.9", 12, YES, corpus="stadium"),
            rows("en 0.1", 300, NO, corpus="stadium"),
        ),
        "cells",
    )
    assert found.notes[-1].endswith("or signal not offered: stadium `hate` (12 / 300).")
    assert [row["corpus"] for row in found.rows] == ["kitchen"]


@pytest.mark.parametrize(("positives", "marked"), [(49, True), (50, False)])
def test_a_cell_of_fewer_than_fifty_positives_carries_no_claim(positives: int, marked: bool) -> None:
    found = measured(rows("en 0.9", positives, YES), rows("en 0.1", 60, NO))
    (row,) = table(found, "cells").rows
    assert isinstance(row["positives"], Marked) is marked
    assert (list(found.findings) == ["No cell has enough labelled test rows for a claim."]) is marked


def test_the_weakest_cell_is_told_first() -> None:
    found = measured(
        rows("en 0.9", 60, YES),
        rows("en 0.1", 60, NO),
        rows("en 0.5", 60, YES, corpus="stadium"),
        rows("en 0.5", 60, NO, corpus="stadium"),
    )
    weakest, strongest, recall = found.findings
    assert weakest.startswith("Weakest: `hate` on stadium (en) puts a positive post above a negative one 50%")
    assert strongest.startswith("Strongest: `hate` on kitchen (en)")
    assert "from 0% (`hate` on stadium) to 100% (`hate` on kitchen) of the positives" in recall


def test_one_cell_is_not_told_twice() -> None:
    weakest, recall = measured(rows("en 0.9", 60, YES), rows("en 0.1", 60, NO)).findings
    assert weakest.startswith("Weakest")
    assert "of the positives" in recall


def test_twins_stand_beside_where_they_were_fitted() -> None:
    examples = [*rows("en 0.9", 60, YES), *rows("en 0.1", 60, NO)]
    twin = ScoreFile("alone", {HATE: {row.id: 0.5 for row in examples}})
    beside = SUITE.measure(reading(examples, twins=(twin, twin)), lambda _: None)
    assert [table.name for table in beside.tables] == ["cells", "twins", "detection"]
    assert [table.name for table in measured(examples).tables] == ["cells", "detection"]


def test_progress_names_what_was_measured() -> None:
    told: list[str] = []
    SUITE.measure(reading([*rows("en 0.9", 30, YES), *rows("en 0.1", 30, NO)]), told.append)
    assert told == ["ranked kitchen · hate", "detecting languages"]


def test_nothing_is_pooled() -> None:
    """Every figure that says which way is better stands in a row that names its corpus."""
    examples = [*rows("en 0.9", 60, YES), *rows("en 0.1", 60, NO)]
    examples += [*rows("en 0.9", 60, YES, corpus="stadium"), *rows("en 0.1", 90, NO, corpus="stadium")]
    count = {"positives": 1, "negatives": 3}
    counts = {"calibration_rows": {one: {"hate": {"en": count}} for one in ("kitchen", "stadium")}}
    found = SUITE.measure(reading(examples, counts), lambda _: None)
    assert len(found.tables) == 3
    for one in found.tables:
        figures = [column for column in one.columns if column.better]
        assert not figures or "corpus" in one.keys
        assert all(column.kind is not Kind.TEXT for column in figures)


def test_a_real_bundle_is_measured_from_end_to_end(toy_subject: Subject) -> None:
    found = SUITE.measure(toy_subject, lambda _: None)
    (hate,) = table(found, "cells").find({"corpus": "gab-hate-corpus", "signal": "hate"})
    (call,) = table(found, "cells").find({"corpus": "collective-action", "signal": "call_to_action"})
    for row, least in ((hate, 0.95), (call, 0.9)):
        auroc = row["auroc"]
        assert not isinstance(auroc, Marked | str | int | float | None)
        assert auroc.value > least
