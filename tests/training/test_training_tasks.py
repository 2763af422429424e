"""A corpus's own task, from its native files to figures that stand beside published ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from tocsin.errors import CorpusError, InputError
from tocsin.training.encoder.testing import tiny_backbone
from tocsin.training.tasks import benchmark
from tocsin.training.tasks.benchmark import Benchmark, run
from tocsin.training.tasks.catalogue import TASKS, named
from tocsin.training.tasks.config import TaskConfig
from tocsin.training.tasks.decision import best_threshold, choose, decide
from tocsin.training.tasks.fit import Classifier, fit
from tocsin.training.tasks.interval import Interval, bootstrapped
from tocsin.training.tasks.measure import copies, figures, measure, parts_of
from tocsin.training.tasks.metric import AREA, COUNTED, area, counts
from tocsin.training.tasks.result import Result, kept, path_of
from tocsin.training.tasks.summary import summaries
from tocsin.training.tasks.task import Parts, Row
from tocsin.training.tasks.testing import WORDS, text, write_corpora

Floats = NDArray[np.float64]
EACH_TASK = pytest.mark.parametrize("name", TASKS)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Let torch work on one thread: those of a tiny network mostly wait for one another."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpora(tmp_path_factory.mktemp("corpora"))


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> TaskConfig:
    backbone = tiny_backbone(tmp_path_factory.mktemp("backbone"), WORDS)
    return TaskConfig(
        backbone=str(backbone), max_tokens=16, epochs=6, rows_a_step=8, learning_rate=5e-3, warmup=0
    )


def sizes(parts: Parts) -> tuple[int, int, int]:
    return len(parts.train), len(parts.dev), len(parts.test)


def ids(parts: Parts) -> tuple[set[str], set[str], set[str]]:
    return tuple({row.id for row in part} for part in (parts.train, parts.dev, parts.test))  # type: ignore[return-value]


# What is read


@pytest.mark.parametrize(
    ("name", "expected", "of_each_class"),
    [
        pytest.param("stormfront", (72, 8, 40), (60, 60), id="the-two-samples-and-no-other-sentence"),
        pytest.param("implicit-hate", (60, 20, 20), (60, 40), id="implicit-and-explicit-are-hate"),
        pytest.param("implicit-hate-6", (108, 36, 36), (30,) * 6, id="without-the-kind-other"),
        pytest.param("hatexplain", (60, 30, 30), (40, 40, 40), id="without-the-undecided"),
        pytest.param("edos-a", (100, 50, 50), (40, 160), id="every-post"),
        pytest.param("edos-b", (80, 40, 40), (40,) * 4, id="sexist-posts-alone"),
        pytest.param("gab-hate-corpus", (0, 0, 80), (360, 120), id="a-call-for-violence-is-hate"),
    ],
)
def test_a_task_reads_what_its_corpus_says(
    corpora: Path, name: str, expected: tuple[int, int, int], of_each_class: tuple[int, ...]
) -> None:
    parts = parts_of(TASKS[name], corpora, 1)
    labels = Counter(row.label for part in (parts.train, parts.dev, parts.test) for row in part)

    assert tuple(labels[place] for place in range(len(TASKS[name].classes))) == of_each_class
    if name == "gab-hate-corpus":
        assert len(parts.test) == 80
        assert len(parts.train) + len(parts.dev) == 400
        assert 20 <= len(parts.dev) <= 60  # a hash draws about a tenth
    else:
        assert sizes(parts) == expected


@pytest.mark.parametrize(
    ("name", "order"),
    [
        pytest.param("stormfront", (0, 1), id="stormfront"),
        pytest.param("implicit-hate", (0, 1), id="implicit-hate"),
        pytest.param("implicit-hate-6", (0, 1, 2, 3, 4, 5), id="implicit-hate-6"),
        pytest.param("hatexplain", (0, 2, 1), id="hatexplain-whose-second-code-is-hate"),
        pytest.param("edos-b", (1, 2, 3, 4), id="edos-b"),
        pytest.param("gab-hate-corpus", (0, 1), id="gab-hate-corpus"),
    ],
)
def test_each_class_has_the_texts_that_its_corpus_files_there(
    corpora: Path, name: str, order: tuple[int, ...]
) -> None:
    parts = parts_of(TASKS[name], corpora, 1)
    for row in (*parts.train, *parts.dev, *parts.test):
        assert row.text.split()[0] in WORDS[5 * order[row.label] : 5 * order[row.label] + 5]


def test_a_post_keeps_its_published_class_where_stage_2_disputes_it(tmp_path: Path) -> None:
    """For the signals such a post is contested; a published figure counted it."""
    data = write_corpora(tmp_path)
    folder = data / "implicit-hate"
    post = text(0, 0)
    with (folder / "implicit_hate_v1_stg2_posts.tsv").open("a", encoding="utf-8") as file:
        file.write(f"{post}\tirony\t\n")

    (row,) = [row for row in TASKS["implicit-hate"].read(folder) if row.text == post]
    assert row.label == 0


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("stormfront", (1_723, 191, 478), id="stormfront"),
        pytest.param("implicit-hate", (12_888, 4_296, 4_296), id="implicit-hate"),
        pytest.param("implicit-hate-6", (3_760, 1_253, 1_253), id="implicit-hate-6"),
        pytest.param("hatexplain", (15_383, 1_922, 1_924), id="hatexplain"),
        pytest.param("edos-a", (14_000, 2_000, 4_000), id="edos-a"),
        pytest.param("edos-b", (3_398, 486, 970), id="edos-b"),
        pytest.param("gab-hate-corpus", (19_821, 2_215, 5_510), id="gab-hate-corpus"),
    ],
)
def test_the_real_corpora_have_the_parts_that_were_published(
    corpora_folder: Path, name: str, expected: tuple[int, int, int]
) -> None:
    assert sizes(parts_of(TASKS[name], corpora_folder, 1)) == expected


# Who learns from what


@EACH_TASK
def test_no_row_is_in_two_parts(corpora: Path, name: str) -> None:
    task = TASKS[name]
    parts = parts_of(task, corpora, 1)
    train, dev, test = ids(parts)

    assert train.isdisjoint(dev)
    assert dev.isdisjoint(test)
    assert test.isdisjoint(train)
    assert len(train | dev | test) == sum(sizes(parts)) == len(list(task.read(corpora / task.corpus)))


@EACH_TASK
def test_one_seed_draws_the_same_parts_again(corpora: Path, name: str) -> None:
    assert parts_of(TASKS[name], corpora, 3) == parts_of(TASKS[name], corpora, 3)


@pytest.mark.parametrize(
    ("name", "moves"),
    [
        pytest.param("stormfront", (True, True, False), id="dev-is-drawn"),
        pytest.param("implicit-hate", (True, True, True), id="all-is-drawn"),
        pytest.param("implicit-hate-6", (True, True, True), id="all-six-classes-are-drawn"),
        pytest.param("hatexplain", (False, False, False), id="nothing-is-drawn"),
        pytest.param("edos-a", (False, False, False), id="nothing-of-a-is-drawn"),
        pytest.param("edos-b", (False, False, False), id="nothing-of-b-is-drawn"),
        pytest.param("gab-hate-corpus", (False, False, False), id="dev-is-hashed"),
    ],
)
def test_another_seed_moves_what_no_one_published(
    corpora: Path, name: str, moves: tuple[bool, bool, bool]
) -> None:
    one, other = (ids(parts_of(TASKS[name], corpora, seed)) for seed in (1, 2))
    assert tuple(a != b for a, b in zip(one, other, strict=True)) == moves


def test_copies_of_a_text_fall_on_one_side_of_a_hashed_dev(corpora: Path) -> None:
    task = TASKS["gab-hate-corpus"]
    rows = list(task.read(corpora / task.corpus))
    shouted = [Row(f"{row.id}!", row.text.upper() + "!!", row.label, row.split) for row in rows]
    _, dev, _ = ids(task.divide([*rows, *shouted], 1))
    assert dev
    assert {f"{name}!" for name in dev if not name.endswith("!")} == {
        name for name in dev if name.endswith("!")
    }


def test_a_part_without_a_class_is_refused(tmp_path: Path) -> None:
    folder = write_corpora(tmp_path) / "gab-hate-corpus"
    (folder / "ghc_test.tsv").write_text(f"text\thd\tcv\n{text(0, 1)}\t0\t0\n", encoding="utf-8")

    with pytest.raises(CorpusError, match=r"gab-hate-corpus: test must have rows of every class.*'hate'"):
        parts_of(TASKS["gab-hate-corpus"], tmp_path, 1)


def test_a_copy_in_train_is_counted_however_it_is_spelled() -> None:
    train = [Row("a", "Simmer the soup", 0), Row("b", "a goal", 1)]
    test = [Row("c", "simmer the SOUP!", 0), Row("d", "another goal", 1), Row("e", "a goal", 1)]
    assert copies(Parts(train, [Row("f", "another goal", 1)], test)) == 2


@pytest.mark.parametrize("name", ["baking", "Stormfront", ""])
def test_an_unknown_task_is_answered_with_the_known_ones(name: str) -> None:
    with pytest.raises(InputError) as told:
        named(["edos-a", name])
    assert str(told.value) == f"task must be one of {', '.join(TASKS)}, all; was {name!r}"


def test_all_is_every_task_and_a_name_given_twice_is_one() -> None:
    assert named(["edos-a", "all"]) == list(TASKS.values())
    assert named(["edos-b", "edos-a", "edos-b"]) == [TASKS["edos-b"], TASKS["edos-a"]]


# Figures


@pytest.mark.parametrize("classes", [2, 3, 6])
@pytest.mark.parametrize("seed", range(3))
def test_counted_figures_are_those_of_scikit_learn(classes: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, said = rng.integers(classes, size=(2, 50))
    weights = rng.integers(4, size=50).astype(np.float64)  # as in a bootstrap draw: some rows not at all
    found = counts(truth, said, classes, weights)
    labels = list(range(classes))

    each = f1_score(truth, said, labels=labels, average=None, sample_weight=weights, zero_division=0)
    assert COUNTED["accuracy"](found) == pytest.approx(accuracy_score(truth, said, sample_weight=weights))
    assert COUNTED["f1"](found) == pytest.approx(each[1])
    assert COUNTED["macro-f1"](found) == pytest.approx(each.mean())


def test_a_class_that_nobody_has_or_says_counts_as_none_found() -> None:
    found = counts(np.array([0, 0]), np.array([0, 0]), 2, np.ones(2))
    assert COUNTED["f1"](found) == 0
    assert COUNTED["macro-f1"](found) == 0.5


@pytest.mark.parametrize("seed", range(3))
def test_the_area_is_that_of_scikit_learn_ties_and_weights_included(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, scores = rng.integers(2, size=80), rng.integers(9, size=80) / 8
    weights = rng.integers(4, size=80).astype(np.float64)
    assert area(truth, scores, weights) == pytest.approx(roc_auc_score(truth, scores, sample_weight=weights))


def test_there_is_no_area_where_a_draw_lacks_a_class() -> None:
    assert np.isnan(area(np.array([0, 1]), np.array([0.1, 0.9]), np.array([2.0, 0.0])))


@pytest.mark.parametrize("metric", COUNTED)
@pytest.mark.parametrize("seed", range(4))
def test_no_other_threshold_does_better_on_dev(metric: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.integers(2, size=60)
    scores: Floats = np.clip(rng.normal(0.4 + 0.2 * truth, 0.2), 0, 1).round(2)  # with ties

    def reached(threshold: float) -> float:
        said = (scores >= threshold).astype(np.int64)
        return float(COUNTED[metric](counts(truth, said, 2, np.ones(60))))

    chosen = best_threshold(truth, scores, metric)
    assert chosen.threshold is not None
    assert reached(chosen.threshold) == pytest.approx(chosen.quality)
    assert chosen.quality == pytest.approx(max(reached(one) for one in np.linspace(0, 1, 1_001)))


def test_two_classes_are_decided_by_the_threshold_and_more_by_the_likeliest() -> None:
    two = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
    chosen = choose(np.array([0, 1, 1]), two, "f1")
    assert chosen.threshold == pytest.approx(0.25)
    assert decide(two, chosen.threshold).tolist() == [0, 1, 1]

    three = np.array([[0.4, 0.3, 0.3], [0.1, 0.2, 0.7]])
    chosen = choose(np.array([0, 1]), three, "macro-f1")
    assert chosen.threshold is None
    assert decide(three, None).tolist() == [0, 2]
    assert chosen.quality == pytest.approx(1 / 3)


def test_an_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(100):
        right = rng.random(150) < 0.7
        found = bootstrapped(_share_of(right.astype(np.float64)), 150)["share"]
        covered += found.low <= 0.7 <= found.high
    assert 88 <= covered <= 100  # 95 in truth; outside of this once in five hundred times or less


def _share_of(right: Floats) -> Callable[[Floats], Mapping[str, float]]:
    return lambda weights: {"share": float(right @ weights / weights.sum())}


def test_a_task_gets_every_figure_it_names_within_its_interval() -> None:
    rng = np.random.default_rng(2)
    truth = rng.integers(2, size=200)
    score = np.clip(rng.normal(0.4 + 0.2 * truth, 0.2), 0, 1)
    found = figures(TASKS["stormfront"], truth, np.stack([1 - score, score], 1), 0.5)

    assert set(found) == {"accuracy", AREA}
    assert found["accuracy"].value == pytest.approx(accuracy_score(truth, score >= 0.5))
    assert found[AREA].value == pytest.approx(roc_auc_score(truth, score))
    assert all(one.low < one.value < one.high for one in found.values())


# Fine-tuning


def kitchen_or_sport(rows: int, first: int = 0) -> list[Row]:
    return [Row(f"r{number}", text(number % 2, number), number % 2) for number in range(first, first + rows)]


def test_the_look_that_was_best_is_the_one_that_is_kept(config: TaskConfig) -> None:
    told = iter([0.3, 0.9, 0.5, 0.9, 0.1, 0.2])
    seen: list[Floats] = []
    rows = kitchen_or_sport(20, 500)

    def quality(classifier: Classifier) -> float:
        seen.append(classifier.probabilities(rows))
        return next(told)

    fitted = fit(kitchen_or_sport(40), ("kitchen", "sport"), config.encoder(1), quality)
    found = fitted.classifier.probabilities(rows)
    assert [look["quality"] for look in fitted.looks] == [0.3, 0.9, 0.5, 0.9, 0.1, 0.2]
    assert [look["step"] for look in fitted.looks] == [5, 10, 15, 20, 25, 30]
    np.testing.assert_array_equal(found, seen[1])
    assert not np.array_equal(found, seen[3])


def test_probabilities_come_in_the_order_of_the_rows(config: TaskConfig) -> None:
    rows = [Row("long", " ".join(WORDS[:8]), 0), *kitchen_or_sport(150), Row("short", "soup", 0)]
    fitted = fit(kitchen_or_sport(16), ("kitchen", "sport"), config.encoder(1), lambda _: 0.0)
    together = fitted.classifier.probabilities(rows)
    np.testing.assert_allclose(together.sum(1), 1)
    for place in (0, 1, 150, 151):
        alone = fitted.classifier.probabilities([rows[place]])
        np.testing.assert_allclose(together[place], alone[0], atol=0.01)


def test_a_backbone_that_is_not_there_is_refused() -> None:
    missing = TaskConfig(backbone="/nowhere/at-all").encoder(1)
    with pytest.raises(CorpusError, match="backbone must be"):
        fit(kitchen_or_sport(8), ("kitchen", "sport"), missing, lambda _: 0.0)


@pytest.fixture(scope="module")
def measured(corpora: Path, config: TaskConfig) -> Mapping[str, Result]:
    """Return what was measured of a task with two classes, and of one with six."""
    chosen = ("stormfront", "implicit-hate-6")
    return {name: measure(TASKS[name], corpora, config, 1, "inputs", lambda _: None) for name in chosen}


def test_what_can_be_learned_is_learned(measured: Mapping[str, Result]) -> None:
    assert measured["stormfront"].figures["accuracy"].value > 0.9
    assert measured["stormfront"].figures[AREA].value > 0.95
    assert measured["implicit-hate-6"].figures["macro-f1"].value > 0.8


def test_a_result_tells_the_rows_that_it_comes_from(measured: Mapping[str, Result]) -> None:
    result = measured["stormfront"]
    assert {name: sum(told.values()) for name, told in result.rows.items()} == {
        "train": 72,
        "dev": 8,
        "test": 40,
    }
    assert result.rows["test"] == {"not hate": 20, "hate": 20}
    assert result.copies == 0
    assert result.threshold is not None
    assert 0 < result.threshold < 1
    assert measured["implicit-hate-6"].threshold is None


def test_a_result_names_no_path_of_this_machine(measured: Mapping[str, Result], config: TaskConfig) -> None:
    assert measured["stormfront"].config["backbone"] == Path(config.backbone).name


def test_the_same_seed_measures_the_same(
    measured: Mapping[str, Result], corpora: Path, config: TaskConfig
) -> None:
    again = measure(TASKS["stormfront"], corpora, config, 1, "inputs", lambda _: None)
    other = measure(TASKS["stormfront"], corpora, config, 2, "inputs", lambda _: None)
    assert (again.figures, again.looks) == (measured["stormfront"].figures, measured["stormfront"].looks)
    assert other.threshold != again.threshold


def test_dev_chooses_and_test_is_not_looked_at_before_the_end(
    corpora: Path, config: TaskConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = parts_of(TASKS["stormfront"], corpora, 1)
    asked: list[set[str]] = []
    probabilities = Classifier.probabilities

    def noted(self: Classifier, rows: list[Row]) -> Floats:
        asked.append({row.id for row in rows})
        return probabilities(self, rows)

    monkeypatch.setattr(Classifier, "probabilities", noted)
    measure(TASKS["stormfront"], corpora, config, 1, "inputs", lambda _: None)
    _, dev, test = ids(parts)
    assert asked == [dev] * 7 + [test]  # six epochs, and the threshold


# What is kept


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Return the list of what is measured; figures come from nowhere, at no cost."""
    done: list[tuple[str, int]] = []

    def stand_in(task, data, config, seed, inputs, tell):  # type: ignore[no-untyped-def]
        tell("step 1 of 1")
        if any((name, number) == (task.name, -seed) for name, number in done):
            raise KeyboardInterrupt
        done.append((task.name, seed))
        return result_of(task.name, seed, inputs)

    monkeypatch.setattr(benchmark, "measure", stand_in)
    return done


def result_of(task: str, seed: int, inputs: str = "inputs", value: float = 0.5) -> Result:
    return Result(
        inputs=inputs,
        task=task,
        seed=seed,
        figures={metric: Interval(value, value - 0.1, value + 0.1) for metric in TASKS[task].metrics},
        threshold=0.5,
        rows={"train": {"a": 3, "b": 2}, "dev": {"a": 1, "b": 1}, "test": {"a": 2, "b": 1}},
        copies=1,
        looks=[{"step": 1, "quality": 0.5}],
        config={},
        backbone_sha256="0" * 64,
        seconds=2.0,
    )


def asked(data: Path, out: Path, config: TaskConfig, seeds: int | None = None) -> Benchmark:
    return Benchmark([TASKS["stormfront"], TASKS["edos-a"]], data, out, config, seeds)


def test_what_was_measured_is_read_back(
    corpora: Path, config: TaskConfig, tmp_path: Path, counted: list[tuple[str, int]]
) -> None:
    first = run(asked(corpora, tmp_path, config, 2))
    assert counted == [("stormfront", 1), ("stormfront", 2), ("edos-a", 1), ("edos-a", 2)]
    told: list[Result] = []
    assert run(asked(corpora, tmp_path, config, 2), done=told.append) == first
    assert len(counted) == len(told) == 4
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{task}-{seed}.json" for task in ("stormfront", "edos-a") for seed in (1, 2)
    }


def test_more_seeds_are_added_to_those_that_are_there(
    corpora: Path, config: TaskConfig, tmp_path: Path, counted: list[tuple[str, int]]
) -> None:
    run(asked(corpora, tmp_path, config))
    run(asked(corpora, tmp_path, config, 3))
    assert counted[2:] == [("stormfront", 2), ("stormfront", 3), ("edos-a", 2), ("edos-a", 3)]


def test_a_run_that_was_stopped_goes_on(
    corpora: Path, config: TaskConfig, tmp_path: Path, counted: list[tuple[str, int]]
) -> None:
    counted.append(("edos-a", -1))  # where the stand-in is interrupted
    with pytest.raises(KeyboardInterrupt):
        run(asked(corpora, tmp_path, config))
    counted.remove(("edos-a", -1))
    run(asked(corpora, tmp_path, config))
    assert counted == [("stormfront", 1), ("edos-a", 1)]


def test_other_settings_are_measured_anew(
    corpora: Path, config: TaskConfig, tmp_path: Path, counted: list[tuple[str, int]]
) -> None:
    run(asked(corpora, tmp_path, config))
    run(asked(corpora, tmp_path, config.model_copy(update={"epochs": 7.0})))
    assert len(counted) == 4


def test_another_corpus_file_is_measured_anew_and_other_tasks_are_not(
    config: TaskConfig, tmp_path: Path, counted: list[tuple[str, int]]
) -> None:
    data = write_corpora(tmp_path / "data")
    run(asked(data, tmp_path / "out", config))
    with (data / "edos" / "edos_labelled_aggregated.csv").open("a", encoding="utf-8") as file:
        file.write(f"r9,{text(0, 9_999)},not sexist,none,none,train\n")
    run(asked(data, tmp_path / "out", config))
    assert counted == [("stormfront", 1), ("edos-a", 1), ("edos-a", 1)]


def test_another_backbone_in_the_same_folder_is_measured_anew_and_a_moved_one_is_not(
    corpora: Path, tmp_path: Path, counted: list[tuple[str, int]]
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    config = TaskConfig(backbone=str(tiny_backbone(here, WORDS)))
    run(asked(corpora, tmp_path / "out", config))
    here.rename(there)
    run(asked(corpora, tmp_path / "out", TaskConfig(backbone=str(there))))
    assert len(counted) == 2
    tiny_backbone(there, WORDS, seed=8)
    run(asked(corpora, tmp_path / "out", TaskConfig(backbone=str(there))))
    assert len(counted) == 4


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param("", id="empty"),
        pytest.param("[]", id="no-object"),
        pytest.param('{"inputs": "inputs"}', id="keys-missing"),
        pytest.param('{"inputs": "inputs", "figures": 3}', id="figures-that-are-none"),
    ],
)
def test_a_damaged_result_is_none(tmp_path: Path, damage: str) -> None:
    path = path_of(tmp_path, "edos-a", 1)
    assert kept(path, "inputs") is None
    path.write_text(damage, encoding="utf-8")
    assert kept(path, "inputs") is None


def test_a_corpus_that_is_missing_stops_a_run_before_anything_is_measured(
    config: TaskConfig, tmp_path: Path, counted: list[tuple[str, int]]
) -> None:
    data = write_corpora(tmp_path / "data")
    (data / "edos" / "edos_labelled_aggregated.csv").unlink()
    with pytest.raises(CorpusError, match=r"edos: file edos_labelled_aggregated\.csv is missing"):
        run(asked(data, tmp_path / "out", config))
    assert counted == []


def test_no_seed_at_all_is_refused(corpora: Path, config: TaskConfig, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="seeds must be at least 1, was 0"):
        asked(corpora, tmp_path, config, 0)


def test_a_real_result_is_kept_whole_and_holds_no_text(
    corpora: Path, config: TaskConfig, tmp_path: Path
) -> None:
    task = TASKS["edos-b"]
    (first,) = run(Benchmark([task], corpora, tmp_path, config))["edos-b"]
    (again,) = run(Benchmark([task], corpora, tmp_path, config))["edos-b"]
    assert again == first

    content = path_of(tmp_path, "edos-b", 1).read_text(encoding="utf-8")
    assert [row.id for row in task.read(corpora / "edos") if row.text in content] == []


# Several seeds


def test_a_summary_has_the_mean_the_range_and_the_first_interval() -> None:
    task = TASKS["stormfront"]
    results = [result_of("stormfront", seed, value=value) for seed, value in ((1, 0.6), (2, 0.5), (3, 0.7))]
    accuracy, ranked = summaries(task, results)

    assert (accuracy.metric, ranked.metric) == ("accuracy", AREA)
    assert (accuracy.mean, accuracy.least, accuracy.most) == pytest.approx((0.6, 0.5, 0.7))
    assert accuracy.first == Interval(0.6, 0.5, 0.7)
    assert (accuracy.seeds, accuracy.test, accuracy.copies, accuracy.seconds) == (3, 3, 1, 6.0)
    assert accuracy.published == task.published
    assert ranked.published is None


def test_tasks_whose_parts_are_drawn_have_five_seeds_and_others_one(corpora: Path, tmp_path: Path) -> None:
    every = Benchmark(list(TASKS.values()), corpora, tmp_path)
    assert {
        task.name: len(every.seeds_of(task)) for task in every.tasks if len(every.seeds_of(task)) > 1
    } == {
        "implicit-hate": 5,
        "implicit-hate-6": 5,
    }


@EACH_TASK
def test_a_task_is_measured_by_figures_that_its_classes_have(name: str) -> None:
    task = TASKS[name]
    assert task.metric in COUNTED
    assert set(task.metrics) <= {*COUNTED, *([AREA] if task.binary else [])}
    assert task.binary or "f1" not in task.metrics
    assert 0 < task.published.value < 1
