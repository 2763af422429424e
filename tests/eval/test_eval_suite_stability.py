"""A bundle agrees with itself, and disagrees with another exactly where their levels differ."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom, pearsonr, spearmanr
from sklearn.metrics import cohen_kappa_score

from tocsin.assessment import Assessment, Level, PolicyResult
from tocsin.eval.comparison.flips import Pair
from tocsin.eval.statistics.agreement import Flags, correlations
from tocsin.eval.statistics.intervals import Estimate, proportion
from tocsin.eval.subject import Subject
from tocsin.eval.suite import Measured, NotRun
from tocsin.eval.suites.stability import MOST_FLIPS, SUITE
from tocsin.eval.tables import Row, Table, bare
from tocsin.item import Item
from tocsin.models import Scorer
from tocsin.policy import default_policy
from tocsin.signals import Signal

REACHED = {"review": {"review", "urgent"}, "urgent": {"urgent"}}


def changed(scorer: Scorer, signal: Signal, seed: int = 1) -> Scorer:
    """Return the same scorer but for a third of one signal's weights, which are gone."""
    screen = scorer.bundle.screen
    table = screen.table.copy()
    gone = np.random.default_rng(seed).random(len(table)) < 1 / 3
    table[gone, screen.signals.index(signal)] = 0
    return Scorer(replace(scorer.bundle, screen=replace(screen, table=table)), default_policy())


def against(subject: Subject, baseline: Scorer) -> Subject:
    return Subject(subject.scorer, subject.rows, subject.training, baseline=baseline)


def measured(subject: Subject, baseline: Scorer) -> tuple[Measured, Mapping[str, Table]]:
    found = SUITE.measure(against(subject, baseline), lambda _: None)
    return found, {table.name: table for table in found.tables}


def levels(scorer: Scorer, subject: Subject) -> dict[tuple[str, str], str | None]:
    """Return every item's level under every policy, one item at a time."""
    return {
        (row.id, result.name): result.level.value if result.level else None
        for row in subject.rows
        for result in scorer.assess([Item(row.id, row.text, row.language)])[0].policies
    }


def share(row: Row, name: str) -> Estimate:
    found = bare(row[name])
    assert isinstance(found, Estimate)
    return found


@pytest.fixture(scope="module")
def other(toy_subject: Subject) -> Scorer:
    """Return the toy scorer with other weights of `hate`."""
    return changed(toy_subject.scorer, Signal.HATE)


def test_a_bundle_against_itself_flips_nothing(toy_subject: Subject) -> None:
    found, tables = measured(toy_subject, toy_subject.scorer)
    assert tables["flips"].rows == []
    for row in tables["levels"].rows:
        assert (row["up"], row["down"], row["p"], row["unpaired"]) == (0, 0, 1.0, 0)
        assert share(row, "agreement").value == 1
    for row in tables["scores"].rows:
        assert share(row, "spearman").value == pytest.approx(1)
        assert share(row, "pearson").value == pytest.approx(1)
        assert share(row, "change") == Estimate(0, 0, 0)
    assert any(told.startswith("0 of ") for told in found.findings)
    assert any("same bundle" in told for told in found.findings)


def test_flips_are_those_that_a_brute_force_finds(toy_subject: Subject, other: Scorer) -> None:
    found, tables = measured(toy_subject, other)
    before, after = levels(other, toy_subject), levels(toy_subject.scorer, toy_subject)
    flipped = {key for key in before if before[key] != after[key] and None not in {before[key], after[key]}}
    assert flipped
    counted = len({item for item, _ in flipped})
    assert any(f"{counted:,} of {len(toy_subject.rows):,} items" in told for told in found.findings)
    listed = tables["flips"].rows
    assert len(listed) == min(len(flipped), MOST_FLIPS)
    for row in listed:
        key = str(row["id"]), str(row["policy"])
        assert key in flipped
        assert (row["before"], row["after"]) == (before[key], after[key])
    for row in tables["levels"].rows:
        reached = REACHED[str(row["level"])]
        keys = [(one.id, str(row["policy"])) for one in toy_subject.rows if one.corpus == row["corpus"]]
        judged = [key for key in keys if before[key] is not None and after[key] is not None]
        assert row["items"] == len(judged)
        assert row["up"] == sum(before[key] not in reached and after[key] in reached for key in judged)
        assert row["down"] == sum(before[key] in reached and after[key] not in reached for key in judged)


def test_policies_without_the_changed_signal_flip_nothing(toy_subject: Subject, other: Scorer) -> None:
    _, tables = measured(toy_subject, other)
    with_hate = {one.name for one in default_policy().policies if Signal.HATE in one.signals}
    flipped = {row["policy"] for row in tables["levels"].rows if row["up"] or row["down"]}
    assert flipped
    assert flipped <= with_hate
    still = [row for row in tables["scores"].rows if row["signal"] != "hate"]
    assert still
    assert all(share(row, "change").value == 0 for row in still)


def test_flips_are_told_by_the_size_of_the_change_of_score(toy_subject: Subject, other: Scorer) -> None:
    """The largest of all come first, not the first fifty."""
    _, tables = measured(toy_subject, other)
    sizes = [abs(float(str(row["change"]))) for row in tables["flips"].rows]
    assert sizes == sorted(sizes, reverse=True)
    old, new = (scorer.assess([Item(row.id, row.text, "en") for row in toy_subject.rows]) for scorer in
                (other, toy_subject.scorer))  # fmt: skip
    every = [
        abs(later.score - earlier.score)
        for one, two in zip(old, new, strict=True)
        for earlier, later in zip(one.policies, two.policies, strict=True)
        if earlier.level is not later.level and earlier.score is not None and later.score is not None
    ]
    assert sizes == pytest.approx(sorted(every, reverse=True)[:MOST_FLIPS])


def test_a_change_is_after_less_before_and_a_level_that_one_could_not_judge_is_no_flip(
    toy_subject: Subject,
) -> None:
    rows = toy_subject.rows[:6]
    before = [("none", 0.3), ("urgent", 0.9), ("none", 0.1), (None, None), ("review", 0.5), ("none", 0.3)]
    after = [("review", 0.5), ("none", 0.2), ("none", 0.2), ("review", 0.6), (None, None), ("urgent", 0.7)]
    assessed = toy_subject.assessments[:6]
    pair = Pair(
        Subject(toy_subject.scorer, rows),
        [with_level(one, *told) for one, told in zip(assessed, before, strict=True)],
        [with_level(one, *told) for one, told in zip(assessed, after, strict=True)],
        ["hate"],
    )
    found = [(flip.id, flip.before.value, flip.after.value, round(flip.change, 6)) for flip in pair.flips()]
    assert found == [
        (rows[1].id, "urgent", "none", -0.7),
        (rows[5].id, "none", "urgent", 0.4),
        (rows[0].id, "none", "review", 0.2),
    ]


def test_no_item_of_a_corpus_with_few_rows_is_shown(toy_subject: Subject) -> None:
    baseline = changed(toy_subject.scorer, Signal.HATE)
    flips = Pair.of(toy_subject, baseline).flips()
    ids = {flip.id for flip in flips if flip.corpus == flips[0].corpus}
    rows = [row for row in toy_subject.rows if row.id in ids]
    for count, shown in ((19, False), (20, True)):
        some = Subject(toy_subject.scorer, rows[:count], toy_subject.training)
        assert len(some.rows) == count
        assert bool(measured(some, baseline)[1]["flips"].rows) is shown


def test_items_that_only_one_of_them_judges_are_told_first(toy_subject: Subject) -> None:
    """A bundle that gives up a language must not look like one that changes nothing."""
    bundle = toy_subject.scorer.bundle
    none = {
        signal: record.model_copy(update={"languages": ()})
        for signal, record in bundle.manifest.signals.items()
    }
    silent = replace(bundle, manifest=bundle.manifest.model_copy(update={"signals": none}), references={})
    after = Subject(
        Scorer(silent, default_policy(), assume_language=None), toy_subject.rows, baseline=toy_subject.scorer
    )
    found = SUITE.measure(after, lambda _: None)
    assert f"{len(after.rows):,} of {len(after.rows):,} items that the old bundle judges" in found.findings[0]
    assert "items that the old bundle judges" not in measured(toy_subject, toy_subject.scorer)[0].findings[0]


def with_level(assessment: Assessment, level: str | None, score: float | None) -> Assessment:
    """Return an assessment under one policy, as told."""
    result = PolicyResult("hate", score, Level(level) if level else None, certified=False)
    return replace(assessment, policies=(result,))


def test_what_only_one_of_them_could_judge_is_counted_apart(toy_subject: Subject) -> None:
    longest = sorted(len(row.text) for row in toy_subject.rows)[len(toy_subject.rows) // 2]
    strict = Scorer(toy_subject.scorer.bundle, default_policy(), max_characters=longest)
    refused = {row.id for row in toy_subject.rows if len(row.text) > longest}
    _, tables = measured(toy_subject, strict)
    rows = tables["levels"].find({"policy": "hate", "level": "review"})
    for row in rows:
        mine = {one.id for one in toy_subject.rows if one.corpus == row["corpus"]}
        assert row["unpaired"] == len(mine & refused) > 0
        assert row["items"] == len(mine - refused)
    assert tables["flips"].rows == []


def test_corpora_are_never_pooled(toy_subject: Subject, other: Scorer) -> None:
    _, tables = measured(toy_subject, other)
    assert {row["corpus"] for row in tables["levels"].rows} == toy_subject.corpora
    assert {row["corpus"] for row in tables["scores"].rows} == toy_subject.corpora


def test_slices_of_fewer_than_twenty_items_are_left_out(toy_subject: Subject, other: Scorer) -> None:
    corpora = sorted(toy_subject.corpora)
    few = [row for row in toy_subject.rows if row.corpus == corpora[0]][:19]
    many = [row for row in toy_subject.rows if row.corpus == corpora[1]][:20]
    subject = Subject(toy_subject.scorer, [*few, *many], baseline=other)
    tables = SUITE.measure(subject, lambda _: None).tables
    for table in tables[:2]:
        assert {row["corpus"] for row in table.rows} == {corpora[1]}


def test_no_text_leaves_the_suite(toy_subject: Subject, other: Scorer) -> None:
    found, _ = measured(toy_subject, other)
    said = json.dumps([[table.to_dict() for table in found.tables], list(found.findings)])
    assert not any(row.text in said for row in toy_subject.rows)


def test_without_a_baseline_the_suite_says_what_to_give(toy_subject: Subject) -> None:
    with pytest.raises(NotRun, match="--baseline BUNDLE"):
        SUITE.measure(Subject(toy_subject.scorer, toy_subject.rows), lambda _: None)


def flags(both: int, up: int, down: int, neither: int) -> tuple[Flags, list[int], list[int]]:
    before = [1] * both + [0] * up + [1] * down + [0] * neither
    after = [1] * both + [1] * up + [0] * down + [0] * neither
    return Flags.of(np.array(before) == 1, np.array(after) == 1), before, after


@pytest.mark.parametrize(
    ("both", "up", "down", "neither"),
    [
        pytest.param(40, 5, 3, 52, id="mostly-alike"),
        pytest.param(1, 30, 2, 967, id="few-flagged"),
        pytest.param(0, 10, 10, 0, id="never-alike"),
        pytest.param(25, 25, 25, 25, id="at-random"),
    ],
)
def test_kappa_and_mcnemar_are_what_others_compute(both: int, up: int, down: int, neither: int) -> None:
    found, before, after = flags(both, up, down, neither)
    assert (found.both, found.up, found.down, found.neither) == (both, up, down, neither)
    assert found.kappa is not None
    assert found.kappa.value == pytest.approx(cohen_kappa_score(before, after))
    assert found.kappa.low <= found.kappa.value <= found.kappa.high
    smaller = binom.cdf(min(up, down), up + down, 0.5)
    assert found.p == pytest.approx(min(1.0, 2 * smaller))
    assert found.agreement == proportion(both + neither, found.items)
    assert found.before == proportion(both + down, found.items)
    assert found.after == proportion(both + up, found.items)


@pytest.mark.parametrize("counts", [(0, 0, 0, 30), (30, 0, 0, 0)], ids=["none-flagged", "all-flagged"])
def test_where_all_or_none_are_flagged_there_is_no_kappa(counts: tuple[int, int, int, int]) -> None:
    found, _, _ = flags(*counts)
    assert found.kappa is None
    assert found.p == 1


def test_the_interval_of_kappa_holds_the_true_one_about_as_often_as_it_says() -> None:
    cells = np.array([0.2, 0.08, 0.05, 0.67])
    chance = 0.28 * 0.25 + 0.72 * 0.75
    truth = (0.87 - chance) / (1 - chance)
    drawn = np.random.default_rng(4).multinomial(300, cells, size=400)
    found = [Flags(*row).kappa for row in drawn.tolist()]
    held = sum(one is not None and one.low <= truth <= one.high for one in found)
    assert 0.92 <= held / 400 <= 0.98


def test_correlations_and_change_are_what_others_compute() -> None:
    generator = np.random.default_rng(5)
    before = generator.random(300).round(1)
    after = np.clip(before + generator.normal(0, 0.2, 300), 0, 1)
    found = correlations(before, after)
    expected = {
        "spearman": spearmanr(before, after).statistic,
        "pearson": pearsonr(before, after).statistic,
        "change": np.abs(after - before).mean(),
    }
    for name, value in expected.items():
        one = found[name]
        assert one is not None
        assert one.value == pytest.approx(value)
        assert one.low < one.value < one.high


def test_a_bundle_that_gives_one_score_to_all_has_no_correlation() -> None:
    found = correlations(np.full(30, 0.3), np.linspace(0, 1, 30))
    assert found["spearman"] is None
    assert found["pearson"] is None
    assert found["change"] is not None


def test_the_same_bundles_give_the_same_report(toy_subject: Subject, other: Scorer) -> None:
    once, again = (
        json.dumps([table.to_dict() for table in measured(toy_subject, other)[0].tables]) for _ in range(2)
    )
    assert once == again
