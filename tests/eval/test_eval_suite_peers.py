"""The suite "peers": same rows for both, missing scores never low, verdicts that chance does not make."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from tocsin.eval import Subject
from tocsin.eval.comparison.score_file import ScoreFile
from tocsin.eval.statistics.apart import Verdict
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.suite import Measured, NotRun
from tocsin.eval.suites.peers import SUITE
from tocsin.eval.tables import Marked, Plain, Row, Table, bare
from tocsin.example import Example, Label
from tocsin.models import Scorer
from tocsin.signals import Signal

HATE, INCITEMENT, THREAT = Signal.HATE, Signal.INCITEMENT, Signal.THREAT
YES, NO = Label.POSITIVE, Label.NEGATIVE
COLUMN = list(Signal).index(HATE)

Floats = NDArray[np.float64]


def rows(corpus: str, positives: int, negatives: int, signal: Signal = HATE) -> list[Example]:
    labels = [YES] * positives + [NO] * negatives
    return [
        Example(f"{corpus}:{number}", "soup", "en", corpus, "CC0-1.0", {signal: label})
        for number, label in enumerate(labels)
    ]


def news(corpus: str, count: int) -> list[Example]:
    return [Example(f"{corpus}:{number}", "soup", "en", corpus, "CC0-1.0") for number in range(count)]


def truth(examples: Sequence[Example]) -> Floats:
    return np.array([YES in row.labels.values() for row in examples], np.float64)


def given(scorer: Scorer, examples: Sequence[Example], ours: Floats, **theirs: Floats) -> Subject:
    """Return a subject whose scores for hate, and those of its rivals, are known."""
    files = [
        ScoreFile(name, {HATE: dict(zip((row.id for row in examples), scores.tolist(), strict=True))})
        for name, scores in theirs.items()
    ]
    subject = Subject(scorer, examples, rivals=files)
    scores = np.full((len(examples), len(Signal)), np.nan)
    scores[:, COLUMN] = ours
    subject.__dict__["scores"] = scores
    return subject


def measured(subject: Subject) -> Measured:
    return SUITE.measure(subject, lambda _: None)


def table(found: Measured, name: str) -> Table:
    return {one.name: one for one in found.tables}[name]


def only(found: Measured, name: str = "peers_auroc") -> Row:
    (row,) = table(found, name).rows
    return row


def value(cell: object) -> float:
    told: Plain = bare(cell)  # type: ignore[arg-type]
    assert isinstance(told, Estimate)
    return told.value


@pytest.fixture
def scorer(toy_subject: Subject) -> Scorer:
    return toy_subject.scorer


def noise(seed: int, count: int) -> Floats:
    return np.random.default_rng(seed).normal(size=count)


def test_both_figures_are_of_the_rows_that_both_scored(scorer: Scorer) -> None:
    examples = rows("kitchen", 80, 200)
    labels = truth(examples)
    ours, theirs = labels + noise(1, 280), 5 * labels + noise(2, 280)
    theirs[:15], theirs[100:130], ours[20:24] = np.nan, np.nan, np.nan
    found = measured(given(scorer, examples, ours, theirs=theirs))
    both = ~np.isnan(ours) & ~np.isnan(theirs)
    row = only(found)
    assert [row[name] for name in ("positives", "negatives", "lacking", "unscored")] == [61, 170, 45, 4]
    for name, figure in (
        ("peers_auroc", roc_auc_score),
        ("peers_average_precision", average_precision_score),
    ):
        told = only(found, name)
        assert value(told["first"]) == pytest.approx(figure(labels[both], ours[both]), abs=1e-9)
        assert value(told["second"]) == pytest.approx(figure(labels[both], theirs[both]), abs=1e-9)
        assert value(told["difference"]) == pytest.approx(value(told["first"]) - value(told["second"]))


def test_a_row_that_the_rival_could_not_score_is_not_taken_for_a_low_score(scorer: Scorer) -> None:
    """It ranks perfectly what it scores, and leaves out half the positives."""
    examples = rows("kitchen", 120, 200)
    labels = truth(examples)
    theirs = labels.copy()
    theirs[:60] = np.nan
    row = only(measured(given(scorer, examples, labels + noise(3, 320), theirs=theirs)))
    assert (value(row["second"]), row["positives"], row["lacking"]) == (1.0, 60, 60)


@pytest.mark.parametrize(
    ("ours", "theirs", "expected", "marked"),
    [
        pytest.param(3.0, 0.5, Verdict.BETTER, False, id="better"),
        pytest.param(0.5, 3.0, Verdict.WORSE, True, id="worse"),
        pytest.param(1.0, 1.0, Verdict.NONE, False, id="as good"),
    ],
)
def test_verdicts_say_which_is_better_or_that_nothing_tells(
    scorer: Scorer, ours: float, theirs: float, expected: Verdict, marked: bool
) -> None:
    examples = rows("kitchen", 100, 300)
    labels = truth(examples)
    subject = given(scorer, examples, ours * labels + noise(4, 400), theirs=theirs * labels + noise(5, 400))
    row = only(measured(subject))
    assert row["verdict"] == expected
    assert isinstance(row["difference"], Marked) == marked


def test_cells_of_fewer_than_fifty_positives_are_shown_without_a_verdict(scorer: Scorer) -> None:
    examples = rows("kitchen", 49, 300)
    labels = truth(examples)
    row = only(measured(given(scorer, examples, 9 * labels + noise(6, 349), theirs=noise(7, 349))))
    assert (row["verdict"], row["p_value"]) == (None, None)
    assert row["positives"] == Marked(49, "few")


def test_cells_of_fewer_than_twenty_rows_of_a_class_are_named_and_not_shown(scorer: Scorer) -> None:
    examples = [*rows("kitchen", 60, 100), *rows("sport", 19, 100)]
    labels = truth(examples)
    found = measured(given(scorer, examples, labels + noise(8, 279), theirs=noise(9, 279)))
    assert only(found)["corpus"] == "kitchen"
    assert "sport `hate` beside theirs (19 / 100)" in table(found, "peers_auroc").notes[-1]


def test_many_comparisons_make_a_verdict_harder(scorer: Scorer) -> None:
    """One corpus is told apart by itself, and no more beside nineteen where nothing is to be found."""
    names = [f"corpus-{number:02}" for number in range(20)]
    examples = [row for name in names for row in rows(name, 60, 100)]
    labels = truth(examples)
    weak = given(
        scorer, examples[:160], labels[:160] + noise(10, 160), theirs=0.55 * labels[:160] + noise(11, 160)
    )
    alone = only(measured(weak))
    ours, theirs = labels + noise(12, 3_200), labels + noise(13, 3_200)
    ours[:160], theirs[:160] = labels[:160] + noise(10, 160), 0.55 * labels[:160] + noise(11, 160)
    beside = table(measured(given(scorer, examples, ours, theirs=theirs)), "peers_auroc").rows[0]
    assert alone["difference"] == beside["difference"]
    assert isinstance(alone["p_value"], float)
    assert isinstance(beside["p_value"], float)
    assert alone["p_value"] < 0.05 < beside["p_value"] <= 20 * alone["p_value"] * 1.0001
    assert (alone["verdict"], beside["verdict"]) == (Verdict.BETTER, Verdict.NONE)


def test_scores_of_any_scale_give_the_same_figures(scorer: Scorer) -> None:
    examples = [*rows("implicit-hate", 60, 200), *news("pheme", 40)]
    labels = truth(examples)
    theirs = labels + noise(14, 300)
    ours = labels + noise(15, 300)
    one, other = (
        measured(given(scorer, examples, ours, theirs=scale))
        for scale in (theirs, 1_000 * np.exp(theirs) - 7)
    )
    assert [told.to_dict() for told in one.tables] == [told.to_dict() for told in other.tables]


def test_what_news_is_flagged_hangs_on_no_threshold_but_the_one_for_5_percent(scorer: Scorer) -> None:
    """5% of 200 negatives are ten: both flag ten, and of the news what lies above the eleventh."""
    examples = [*rows("implicit-hate", 30, 200), *news("pheme", 40), *news("muc", 100)]
    ours = np.concatenate(
        [np.full(30, 500.0), np.arange(200), np.repeat([189.5, 188.5], 20), np.full(100, -1.0)]
    )
    theirs = np.concatenate([np.full(30, 0.0), np.arange(200), np.full(40, 300.0), np.full(100, -1.0)])
    theirs[-10:] = np.nan
    found = {
        row["audit"]: row
        for row in table(measured(given(scorer, examples, ours, theirs=theirs)), "peers_news").rows
    }
    assert set(found) == {"pheme", "muc documents"}
    pheme, muc = found["pheme"], found["muc documents"]
    assert [value(pheme[name]) for name in ("found_first", "found_second", "first", "second")] == [
        1,
        0,
        0.5,
        1,
    ]
    assert value(pheme["difference"]) == -0.5
    assert pheme["verdict"] == Verdict.BETTER
    assert (muc["rows"], muc["lacking"], value(muc["first"]), muc["verdict"]) == (90, 10, 0.0, Verdict.NONE)


def test_scores_that_tie_too_much_are_compared_on_no_news(scorer: Scorer) -> None:
    """One score for all flags nothing, of news or of hate: that is no merit."""
    examples = [*rows("implicit-hate", 60, 200), *news("pheme", 40)]
    ours = noise(1, len(examples))
    for theirs, compared in ((np.zeros(len(examples)), False), (noise(2, len(examples)), True)):
        found = measured(given(scorer, examples, ours, peer=theirs))
        assert ("peers_news" in {one.name for one in found.tables}) is compared


@pytest.mark.parametrize(
    ("perfect", "said"),
    [pytest.param(True, "worse", id="perfect"), pytest.param(False, "better", id="all-alike")],
)
def test_a_rival_without_any_error_of_its_own_is_told_apart(perfect: bool, said: str, scorer: Scorer) -> None:
    """Its area is known exactly, which takes nothing from what is known of ours."""
    examples = [row for corpus in "abcdefgh" for row in rows(corpus, 60, 200)]
    ours = noise(1, len(examples)) + truth(examples)
    theirs = truth(examples) if perfect else np.zeros(len(examples))
    found = table(measured(given(scorer, examples, ours, peer=theirs)), "peers_auroc")
    assert {row["verdict"] for row in found.rows} == {said}


def test_findings_name_what_is_worse_first(scorer: Scorer) -> None:
    examples = rows("kitchen", 100, 300)
    labels = truth(examples)
    found = measured(
        given(
            scorer, examples, labels + noise(16, 400), weak=noise(17, 400), strong=5 * labels + noise(18, 400)
        )
    )
    assert found.findings[0] == (
        "Beside strong, the bundle ranks worse in 1 of 1 cells by AUROC and better in 0; in 0 no difference"
        " can be detected."
    )
    assert found.findings[1].startswith(
        "Beside weak, the bundle ranks worse in 0 of 1 cells by AUROC and better in 1"
    )


def test_a_signal_that_the_rival_does_not_judge_is_left_out(scorer: Scorer) -> None:
    examples = [*rows("kitchen", 60, 60), *rows("sport", 60, 60, THREAT)]
    scores = truth(examples) + noise(19, 240)
    subject = given(scorer, examples, scores, theirs=scores)
    subject.scores[:, list(Signal).index(THREAT)] = scores
    assert [row["signal"] for row in table(measured(subject), "peers_auroc").rows] == ["hate"]


def test_without_scores_of_others_it_is_not_run(scorer: Scorer) -> None:
    examples = rows("kitchen", 60, 60)
    with pytest.raises(NotRun, match="--scores NAME=FILE"):
        measured(given(scorer, examples, truth(examples)))


@pytest.mark.parametrize(
    "theirs",
    [
        pytest.param({}, id="no score at all"),
        pytest.param({HATE: {"kitchen:1": math.nan}}, id="no number"),
        pytest.param({HATE: {f"elsewhere:{number}": 1.0 for number in range(120)}}, id="other ids"),
    ],
)
def test_scores_of_no_row_in_common_are_not_run(
    scorer: Scorer, theirs: Mapping[Signal, Mapping[str, float]]
) -> None:
    examples = rows("kitchen", 60, 60)
    subject = given(scorer, examples, truth(examples) + noise(20, 120))
    subject.rivals = [ScoreFile("theirs", theirs)]
    with pytest.raises(NotRun, match="needs 20 test rows of each class that both scored: theirs had fewer"):
        measured(subject)
