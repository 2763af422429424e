"""What perturbing costs is counted on the same rows, at a threshold that texts as posted have fixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tocsin.eval.perturbations import PERTURBATIONS, Perturbation
from tocsin.eval.perturbations.drawn import MOST_ROWS, Drawn, drawn, perturbed
from tocsin.eval.perturbations.effects import Attacked, Effect, attacked
from tocsin.eval.perturbations.summary import summaries
from tocsin.eval.perturbations.unnamed import unnamed
from tocsin.eval.statistics.intervals import Estimate, proportion
from tocsin.eval.subject import Subject
from tocsin.example import Example, Label
from tocsin.models import Scorer
from tocsin.signals import Signal

EMPTY = np.empty(0, np.intp)


def subject_of(subject: Subject, rows: Sequence[Example]) -> Subject:
    return Subject(subject.scorer, rows)


def some(subject: Subject, signal: Signal, positives: int, negatives: int) -> list[Example]:
    labels = subject.labels[signal]
    places = [*np.flatnonzero(labels == 1)[:positives], *np.flatnonzero(labels == 0)[:negatives]]
    return [subject.rows[place] for place in places]


def test_cells_are_drawn_up_to_a_bound_and_always_the_same(toy_subject: Subject) -> None:
    cells = {(cell.corpus, cell.signal): cell for cell in drawn(toy_subject)}
    again = {(cell.corpus, cell.signal): cell for cell in drawn(toy_subject)}
    hate = cells["gab-hate-corpus", Signal.HATE]
    labels = toy_subject.labels[Signal.HATE]

    assert {*cells} == {
        ("gab-hate-corpus", Signal.HATE),
        ("gab-hate-corpus", Signal.INCITEMENT),
        ("collective-action", Signal.CALL_TO_ACTION),
    }
    assert hate.all_positives == len(hate.positives) == (labels == 1).sum()
    assert (
        len(hate.negatives)
        == len({*hate.negatives})
        == MOST_ROWS
        < len(hate.all_negatives)
        == (labels == 0).sum()
    )
    assert (labels[hate.positives] == 1).all()
    assert (labels[hate.negatives] == 0).all()
    for key, cell in cells.items():
        np.testing.assert_array_equal(cell.negatives, again[key].negatives)


@pytest.mark.parametrize(
    ("positives", "negatives", "cells"),
    [
        pytest.param(50, 20, 1, id="just enough"),
        pytest.param(49, 200, 0, id="too few positives"),
        pytest.param(200, 19, 0, id="too few negatives"),
    ],
)
def test_small_cells_are_left_out(toy_subject: Subject, positives: int, negatives: int, cells: int) -> None:
    rows = some(toy_subject, Signal.INCITEMENT, positives, negatives)
    found = drawn(
        subject_of(
            toy_subject,
            [replace(row, labels={Signal.INCITEMENT: row.label(Signal.INCITEMENT)}) for row in rows],
        )
    )

    assert len(found) == cells


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"corpus": "hatecheck"}, id="written to test classifiers"),
        pytest.param({"language": "de"}, id="a language in which the signal is not offered"),
    ],
)
def test_rows_that_no_figure_here_is_about_are_left_out(toy_subject: Subject, change: dict[str, str]) -> None:
    rows = [replace(row, **change) for row in toy_subject.rows]  # type: ignore[arg-type]

    assert drawn(subject_of(toy_subject, rows)) == []


def cell_of(subject: Subject, signal: Signal) -> Drawn:
    return next(cell for cell in drawn(subject) if cell.signal is signal)


def by_hand(subject: Subject, cell: Drawn, way: Perturbation) -> tuple[float, float, float, float]:
    """Return recall and the share of negatives flagged, as posted and perturbed, one text at a time."""
    column = subject.scorer.signals.index(cell.signal)

    def score(text: str) -> float:
        return float(subject.scorer.scores([text], [cell.language])[0, column])

    negatives = sorted((score(subject.rows[place].text) for place in cell.all_negatives), reverse=True)
    least = negatives[len(negatives) // 20]
    rows = [[subject.rows[place] for place in places] for places in (cell.positives, cell.negatives)]
    shares = [
        sum(score(text) > least for text in texts) / len(texts)
        for group in rows
        for texts in (
            [row.text for row in group],
            [way.apply(row.text, seed=row.id) for row in group],
        )
    ]
    return shares[0], shares[1], shares[2], shares[3]


@pytest.mark.parametrize("name", ["typos", "right-to-left", "padding"])
def test_what_is_found_is_what_scoring_one_text_at_a_time_finds(toy_subject: Subject, name: str) -> None:
    way = PERTURBATIONS[name]
    cells = drawn(toy_subject)
    found = next(
        one for one in attacked(toy_subject, cells, [(way, way.default)]) if one.cell.signal is Signal.HATE
    )
    effect = found.normalised
    told = (effect.recall_before.value, effect.recall.value, effect.fpr_before.value, effect.fpr.value)

    assert told == by_hand(toy_subject, found.cell, way)
    assert told[:2] != told[2:]
    assert told[0] != told[1] or told[2] != told[3]
    assert effect.lost.value == pytest.approx(effect.recall_before.value - effect.recall.value)
    assert effect.recall_before == proportion(
        round(effect.recall_before.value * len(found.cell.positives)), len(found.cell.positives)
    )


def test_the_normaliser_undoes_what_nobody_sees_and_plain_reading_does_not(toy_subject: Subject) -> None:
    way = PERTURBATIONS["zero-width"]
    for one in attacked(toy_subject, drawn(toy_subject), [(way, 1.0)]):
        assert one.normalised.recall == one.normalised.recall_before
        assert one.normalised.fpr == one.normalised.fpr_before
        assert one.normalised.lost.value == 0
        assert one.plain.recall_before.value > 0.5
        assert abs(one.plain.lost.value) + one.plain.fpr.value - one.plain.fpr_before.value > 0.3


def test_plain_reading_lowercases(toy_subject: Subject) -> None:
    way = PERTURBATIONS["casing"]
    for one in attacked(toy_subject, drawn(toy_subject), [(way, 1.0)]):
        assert one.plain.lost.value == one.normalised.lost.value == 0


def test_a_text_that_cannot_be_judged_is_not_found(toy_subject: Subject) -> None:
    nothing = Perturbation("nothing", "leaves nothing", lambda *_: " ")
    for one in attacked(toy_subject, drawn(toy_subject), [(nothing, 1.0)]):
        for effect in (one.normalised, one.plain):
            assert effect.recall.value == effect.fpr.value == 0
            assert effect.lost.value == effect.recall_before.value > 0


def test_a_row_is_perturbed_alike_in_whatever_company(toy_subject: Subject) -> None:
    places, way = np.arange(40), PERTURBATIONS["leet"]
    together = perturbed(toy_subject, places, "en", way, 0.3)

    assert [perturbed(toy_subject, places[[place]], "en", way, 0.3)[0] for place in places[::-1]] == together[
        ::-1
    ]


def effect(lost: float, fpr: float = 0.05) -> Effect:
    flat = Estimate(fpr, fpr, fpr)
    return Effect(flat, flat, Estimate(lost, lost, lost), flat, flat)


def made(name: str, losses: Sequence[float], plain: Sequence[float]) -> list[Attacked]:
    way = PERTURBATIONS[name]
    return [
        Attacked(
            Drawn(f"corpus-{place}", Signal.HATE, "en", EMPTY, EMPTY, 0, EMPTY),
            way,
            way.default,
            effect(lost, lost),
            effect(without),
        )
        for place, (lost, without) in enumerate(zip(losses, plain, strict=True))
    ]


def test_a_summary_names_the_middle_cell_and_the_worst_and_pools_nothing() -> None:
    (one,) = summaries(made("leet", [0.1, 0.9, 0.2], [0.5, 0.3, 0.4]))

    assert (one.middle.cell.corpus, one.worst.cell.corpus, one.plain_middle.cell.corpus) == (
        "corpus-2",
        "corpus-1",
        "corpus-2",
    )
    assert one.most_flagged.cell.corpus == "corpus-1"
    assert one.lost == 0.2
    assert one.saved == pytest.approx(0.2)
    assert one.told == "`leet` (30% of words)"


def test_of_two_middle_cells_the_worse_one_counts() -> None:
    (one,) = summaries(made("leet", [0.1, 0.4, 0.2, 0.3], [0, 0, 0, 0]))

    assert one.lost == 0.3


def test_the_worst_perturbation_comes_first() -> None:
    found = [*made("leet", [0.1, 0.2, 0.3], [0] * 3), *made("signs", [0.0, 0.3, 0.9], [0] * 3)]

    assert [one.way.name for one in summaries(found)] == ["signs", "leet"]


def test_languages_are_counted_as_detection_tells_them(toy_subject: Subject) -> None:
    cell = cell_of(toy_subject, Signal.HATE)
    german = Perturbation(
        "german", "is German", lambda *_: "Das Brot braucht noch zehn Minuten im Ofen und es duftet sehr gut."
    )
    russian = Perturbation(
        "russian", "is Russian", lambda *_: "Завтра будет пасмурно, и мы испечём хлеб на кухне."
    )
    blank = Perturbation("unknown", "has no language", lambda *_: "12 34 ?!")
    posted, *told = unnamed(toy_subject, cell, [(german, 1), (russian, 1), (blank, 1)])

    assert posted.way is None
    assert {one.rows for one in (posted, *told)} == {len(cell.positives)}
    assert [(one.undetermined.value, one.refused.value, one.missed.value) for one in told] == [
        (0, 1, 1),
        (0, 1, 1),
        (1, 0, 0),
    ]


def test_what_is_undetermined_is_missed_where_another_language_is_assumed(toy_subject: Subject) -> None:
    scorer = Scorer(toy_subject.scorer.bundle, toy_subject.scorer.policy, assume_language=None)
    subject = Subject(scorer, toy_subject.rows)
    blank = Perturbation("unknown", "has no language", lambda *_: "12 34 ?!")
    _, told = unnamed(subject, cell_of(subject, Signal.HATE), [(blank, 1)])

    assert told.missed.value == 1


def test_only_judged_rows_have_labels(toy_subject: Subject) -> None:
    rows = [replace(row, labels={Signal.HATE: Label.PRESUMED_NEGATIVE}) for row in toy_subject.rows]

    assert drawn(subject_of(toy_subject, rows)) == []
