"""Decisions of two bundles on the same rows: who is right, where they part, on which rows they are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tocsin.assessment import Assessment, Level, PolicyResult
from tocsin.eval import Subject
from tocsin.eval.comparison.decisions import Decided, decided, decision_table
from tocsin.eval.statistics.intervals import proportion
from tocsin.eval.tables import Marked
from tocsin.example import Example, Label
from tocsin.models import Scorer
from tocsin.signals import Signal

YES, NO = Label.POSITIVE, Label.NEGATIVE


@pytest.fixture
def scorer(toy_subject: Subject) -> Scorer:
    return toy_subject.scorer


def rows(positives: int, negatives: int, group: int | None = None) -> list[Example]:
    labels = [YES] * positives + [NO] * negatives
    return [
        Example(
            f"kitchen:{number}",
            "soup",
            "en",
            "kitchen",
            "CC0-1.0",
            {Signal.HATE: label},
            group=str(number // group) if group else None,
        )
        for number, label in enumerate(labels)
    ]


def subject(scorer: Scorer, examples: Sequence[Example], levels: Sequence[Level | None]) -> Subject:
    """Return a subject that gives each row such a level under the policy `hate`."""
    found = Subject(scorer, examples)
    found.__dict__["assessments"] = [
        with_level(one, level) for one, level in zip(found.assessments, levels, strict=True)
    ]
    return found


def with_level(assessment: Assessment, level: Level | None) -> Assessment:
    score = None if level is None else 0.5
    result = PolicyResult(name="hate", score=score, level=level, certified=False)
    others = tuple(one for one in assessment.policies if one.name != "hate")
    return replace(assessment, policies=(*others, result))


def under_hate(first: Subject, second: Subject) -> list[Decided]:
    """Return what is decided under the policy that the rows are labelled for."""
    return [one for one in decided(first, second) if one.policy == "hate"]


R, U, N = Level.REVIEW, Level.URGENT, Level.NONE


def test_found_and_left_alone_are_told_apart_and_where_they_part(scorer: Scorer) -> None:
    examples = rows(20, 30)
    first = [R] * 12 + [U] * 3 + [N] * 5 + [R] * 4 + [N] * 26
    second = [R] * 10 + [N] * 10 + [N] * 28 + [R] * 2
    recall, alone = under_hate(subject(scorer, examples, first), subject(scorer, examples, second))
    for one, measure, count in ((recall, "recall", 20), (alone, "left alone", 30)):
        assert (one.policy, one.corpus, one.language) == ("hate", "kitchen", "en")
        assert (one.measure, one.rows) == (measure, count)
    assert recall.right == (proportion(15, 20), proportion(10, 20))
    assert alone.right == (proportion(26, 30), proportion(28, 30))
    assert (recall.alone, alone.alone) == ((5, 0), (2, 4))
    assert recall.apart.estimate.value == pytest.approx(5 / 20)
    assert alone.apart.estimate.value == pytest.approx(-2 / 30)


def test_rows_that_either_could_not_judge_are_left_out(scorer: Scorer) -> None:
    examples = rows(21, 30)
    first = [None, *[R] * 20, *[N] * 30]
    second = [*[R] * 21, *[N] * 29, None]
    found = under_hate(subject(scorer, examples, first), subject(scorer, examples, second))
    assert [one.rows for one in found] == [20, 29]


def test_fewer_than_twenty_rows_of_a_class_are_not_told(scorer: Scorer) -> None:
    same = subject(scorer, rows(19, 20), [N] * 39)
    assert [(one.measure, one.rows) for one in decided(same, same) if one.policy == "hate"] == [
        ("left alone", 20)
    ]


def test_rows_without_a_label_that_decides_are_left_out(scorer: Scorer) -> None:
    unlabelled = [replace(row, id=f"x{row.id}", labels={}) for row in rows(0, 25)]
    examples = [*rows(20, 30), *unlabelled]
    same = subject(scorer, examples, [N] * 75)
    assert [one.rows for one in under_hate(same, same)] == [20, 30]


def test_the_table_names_the_better_one_where_chance_does_not_explain_it(scorer: Scorer) -> None:
    examples = rows(60, 60)
    right, wrong = [R] * 60 + [N] * 60, [N] * 60 + [N] * 60
    better, worse, same = (
        decision_table(under_hate(subject(scorer, examples, a), subject(scorer, examples, b)), "A", "B")
        for a, b in ((right, wrong), (wrong, right), (right, right))
    )
    none = "no detectable difference"
    assert [[row["verdict"] for row in told.rows] for told in (better, worse, same)] == [
        ["better", none],
        ["worse", none],
        [none, none],
    ]
    assert isinstance(worse.rows[0]["difference"], Marked)
    assert [(row["alone_first"], row["alone_second"]) for row in better.rows] == [(60, 0), (0, 0)]


def test_a_bundle_that_flags_nothing_is_worse_at_finding_however_rare_positives_are(scorer: Scorer) -> None:
    """It is right about 95 rows of a hundred, more often than one that finds all and flags a tenth."""
    examples = rows(50, 950)
    nothing, much = [N] * 1_000, [R] * 50 + [R] * 95 + [N] * 855
    table = decision_table(
        under_hate(subject(scorer, examples, nothing), subject(scorer, examples, much)), "A", "B"
    )
    assert [(row["measure"], row["verdict"]) for row in table.rows] == [
        ("recall", "worse"),
        ("left alone", "better"),
    ]


def test_few_rows_of_a_class_are_shown_without_a_verdict_and_are_no_test_of_the_table(scorer: Scorer) -> None:
    examples = rows(49, 60)
    first, second = [R] * 49 + [N] * 60, [N] * 49 + [R] * 6 + [N] * 54
    found = under_hate(subject(scorer, examples, first), subject(scorer, examples, second))
    recall, alone = decision_table(found, "A", "B").rows
    assert (recall["rows"], recall["verdict"], recall["p_value"]) == (Marked(49, "few"), None, None)
    assert (alone["rows"], alone["verdict"]) == (60, "better")
    assert alone["p_value"] == pytest.approx(2 * 0.5**6)


def test_rows_that_came_together_count_together(scorer: Scorer) -> None:
    """Twenty rows that they part on are chance where they are two accounts."""
    alone, together = rows(0, 60), rows(0, 60, group=10)
    levels = [R] * 20 + [N] * 40
    (apart,) = under_hate(subject(scorer, alone, [N] * 60), subject(scorer, alone, levels))
    (grouped,) = under_hate(subject(scorer, together, [N] * 60), subject(scorer, together, levels))
    assert apart.apart.estimate.value == grouped.apart.estimate.value == pytest.approx(1 / 3)
    assert apart.apart.p_value < 0.001 < 0.05 < grouped.apart.p_value
    assert apart.apart.estimate.low - grouped.apart.estimate.low > 0.1
    assert apart.right[1].low - grouped.right[1].low > 0.1
