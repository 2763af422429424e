"""The suite "fairness" on the toy bundle, with words of sport for groups of people, and on the real one."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from tocsin.eval.fairness.grammar import ENGLISH_GRAMMAR
from tocsin.eval.fairness.naming import naming, parts
from tocsin.eval.fairness.terms import Vocabulary
from tocsin.eval.report import Report
from tocsin.eval.rules import RULES, flags
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.subject import Subject
from tocsin.eval.suite import Measured, NotRun
from tocsin.eval.suites import SUITES
from tocsin.eval.suites.fairness import SUITE, Fairness
from tocsin.eval.tables import bare
from tocsin.example import Label
from tocsin.models import Scorer
from tocsin.models.balanced import balanced_thresholds
from tocsin.policy.parse import parse_policy
from tocsin.signals import Signal

TOY = Fairness(
    vocabularies={
        "en": Vocabulary.of(
            {
                "play": {
                    "scorers": (("", "goal", ""), ("", "medal", "")),
                    "players": (("", "ball", ""),),
                    "judges": (("", "referee", ""),),
                },
                "dish": {"soups": (("", "soup", ""),), "breads": (("", "bread", ""),)},
            },
            ENGLISH_GRAMMAR,
        )
    }
)
HATE = list(Signal).index(Signal.HATE)


@pytest.fixture(scope="module")
def measured(toy_subject: Subject) -> Measured:
    return TOY.measure(toy_subject, lambda _: None)


def test_the_suite_is_registered() -> None:
    assert SUITES["fairness"] is SUITE


def test_groups_come_before_terms(measured: Measured) -> None:
    assert [table.name for table in measured.tables] == [
        "widest",
        "groups-review",
        "groups-urgent",
        "groups-balanced",
        "areas",
        "swaps",
        "raised",
        "terms",
        "areas-terms",
    ]


def test_rows_are_told_apart_by_their_keys(measured: Measured) -> None:
    for table in measured.tables:
        keys = [tuple(row[key] for key in table.keys) for row in table.rows]
        assert len(keys) == len(set(keys)), table.name
        assert table.rows, table.name


def test_groups_and_terms_are_those_that_enough_harmless_rows_name(
    measured: Measured, toy_subject: Subject
) -> None:
    harmless = [row for row in toy_subject.rows if row.label(Signal.HATE) is Label.NEGATIVE]
    tables = {table.name: table for table in measured.tables}
    (players,) = tables["groups-review"].find({"group": "players"})
    assert bare(players["rows"]) == sum("ball" in row.text.split() for row in harmless)
    assert {row["group"] for row in tables["groups-review"].rows} == {"scorers", "players", "judges"}
    assert {(row["group"], row["term"]) for row in tables["terms"].rows} == {
        ("scorers", "goal"),
        ("scorers", "medal"),
        ("players", "ball"),
        ("judges", "referee"),
    }


def test_sport_is_swapped_for_sport_and_cooking_for_cooking(measured: Measured) -> None:
    (table,) = (one for one in measured.tables if one.name == "swaps")
    assert {(row["kind"], row["gold"]) for row in table.rows} == {("play", "no hate"), ("dish", "hate")}


def test_the_same_subject_measures_the_same(measured: Measured, toy_subject: Subject) -> None:
    again = TOY.measure(toy_subject, lambda _: None)
    assert [table.to_dict() for table in again.tables] == [table.to_dict() for table in measured.tables]
    assert again.findings == measured.findings


def test_no_row_s_text_or_id_leaves_the_suite(measured: Measured, toy_subject: Subject) -> None:
    told = json.dumps([[table.to_dict() for table in measured.tables], list(measured.findings)])
    assert not any(row.text in told for row in toy_subject.rows)
    assert not any(row.id in told for row in toy_subject.rows)


def test_rows_of_one_template_count_together_in_gaps_and_areas(
    measured: Measured, toy_subject: Subject
) -> None:
    rows = [
        replace(row, attributes={**row.attributes, "template": str(place % 12)})
        for place, row in enumerate(toy_subject.rows)
    ]
    again = TOY.measure(Subject(toy_subject.scorer, rows), lambda _: None)
    for name, figure in (("groups-review", "rate"), ("terms", "apart"), ("areas", "bpsn")):
        plain, together = (
            [
                (value.value, value.high - value.low)
                for one in told.tables
                if one.name == name
                for row in one.rows
                if isinstance(value := bare(row[figure]), Estimate)
            ]
            for told in (measured, again)
        )
        assert plain
        assert [value for value, _ in together] == pytest.approx([value for value, _ in plain])
        assert sum(width for _, width in together) > 1.05 * sum(width for _, width in plain), name


def test_flags_are_levels_or_the_balanced_threshold(toy_subject: Subject) -> None:
    review, urgent, balanced = (flags(toy_subject, rule) for rule in RULES)
    assert ((urgent == 1) <= (review == 1)).all()
    limit = balanced_thresholds(toy_subject.scorer.bundle)["en"][Signal.HATE]
    assert (balanced == (toy_subject.scores[:, HATE] >= limit)).all()
    assert {0, 1} == set(balanced.tolist())


def test_a_row_without_a_balanced_threshold_is_in_no_share(toy_subject: Subject) -> None:
    german = [replace(row, language="de") for row in toy_subject.rows[:30]]
    assert set(flags(Subject(toy_subject.scorer, german), "balanced").tolist()) == {-1}


# What it needs.


def test_without_a_policy_for_hate_it_is_not_run(toy_subject: Subject) -> None:
    policy = parse_policy(
        b'version = "1"\n[policies.calls]\ntitle = "Calls"\nwhen = "call_to_action"\nseverity = "low"\n'
        b"review = 0.5\nurgent = 0.9\n",
        "toy.toml",
    )
    subject = Subject(Scorer(toy_subject.scorer.bundle, policy), toy_subject.rows)
    with pytest.raises(NotRun, match="has no policy `hate`"):
        TOY.measure(subject, lambda _: None)


def test_without_labels_of_hate_it_is_not_run(toy_subject: Subject) -> None:
    rows = [row for row in toy_subject.rows if row.corpus == "collective-action"]
    with pytest.raises(NotRun, match="no test row has a label of `hate`"):
        TOY.measure(Subject(toy_subject.scorer, rows), lambda _: None)


def test_where_nobody_is_named_it_is_not_run(toy_subject: Subject) -> None:
    with pytest.raises(NotRun, match="no group of people is named"):
        Fairness().measure(toy_subject, lambda _: None)


# The real thing.


def of_the_shipped(report: Report) -> Measured:
    answer = report.answer("fairness")
    assert answer is not None
    assert answer.measured is not None
    return answer.measured


@pytest.mark.corpora
def test_the_shipped_bundle_is_measured_on_every_corpus_that_names_groups(shipped_report: Report) -> None:
    found = of_the_shipped(shipped_report)
    tables = {table.name: table for table in found.tables}
    corpora = {row["corpus"] for row in tables["groups-review"].rows}
    assert {"cad", "davidson", "gab-hate-corpus", "gahd", "hatecheck", "implicit-hate"} <= corpora
    assert {row["signal"] for row in tables["areas"].rows} >= {"hate", "incitement", "dehumanisation"}
    assert {row["labelled"] for row in tables["dialect"].rows} == {"not hate", "offensive", "neither"}
    assert 2 <= len(found.findings) <= 6


@pytest.mark.corpora
def test_targets_of_functional_suites_are_their_own(shipped_subject: Subject) -> None:
    named = naming(shipped_subject.rows, SUITE.vocabularies)
    assert named.by_target == {"hatecheck", "hatemoji-check", "multilingual-hatecheck"}
    (suite,) = (part for part in parts(shipped_subject, named) if part.corpus == "hatecheck")
    told = np.array(
        [shipped_subject.rows[place].attributes.get("target") == "women" for place in suite.places]
    )
    assert (suite.groups["women",] == told).all()
    assert suite.terms == {}


@pytest.mark.corpora
def test_every_estimate_of_the_shipped_bundle_lies_in_its_interval(shipped_report: Report) -> None:
    found = of_the_shipped(shipped_report)
    for table in found.tables:
        for row in table.rows:
            for value in map(bare, row.values()):
                if isinstance(value, Estimate):
                    assert value.low <= value.value <= value.high, table.name
