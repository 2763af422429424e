"""The recipe from end to end, on files laid out as the real corpora are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tocsin.errors import BundleError, CorpusError
from tocsin.example import Example, Label, Split
from tocsin.example_file import read_examples
from tocsin.models.bundle import Bundle, read_bundle
from tocsin.models.features import FeatureSpec
from tocsin.models.gates import fit_policies
from tocsin.policy import default_policy
from tocsin.signals import Signal
from tocsin.training.build import Selection
from tocsin.training.calibrate import calibrate, reference_rows
from tocsin.training.dataset import read_corpora
from tocsin.training.recipe import TEST_ROWS, TrainingRun, train_screen
from tocsin.training.screen import ScreenConfig, fit_screen
from tocsin.training.splits import Splits, split

TOY = ("gab-hate-corpus", "collective-action")
CONFIG = ScreenConfig(features=FeatureSpec(bits=10), strengths=(0.3,))
YES, NO = Label.POSITIVE, Label.NEGATIVE


@pytest.fixture(scope="module")
def bundle(toy_bundle: Path) -> Bundle:
    return read_bundle(toy_bundle)


@pytest.fixture(scope="module")
def splits(toy_corpora: Path) -> Splits:
    return split(read_corpora(toy_corpora, TOY))


@pytest.fixture(scope="module")
def tested(toy_bundle: Path) -> list[Example]:
    return read_examples(toy_bundle.parent / "work" / TEST_ROWS)


@pytest.fixture(scope="module")
def record(toy_bundle: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((toy_bundle / "training.json").read_text(encoding="utf-8"))
    return loaded


def test_a_trained_bundle_offers_the_signals_that_its_corpora_teach(bundle: Bundle) -> None:
    assert set(bundle.manifest.signals) == {Signal.INCITEMENT, Signal.HATE, Signal.CALL_TO_ACTION}
    assert bundle.manifest.languages == {"en"}
    assert bundle.manifest.signals[Signal.HATE].corpora == ("gab-hate-corpus",)
    assert bundle.manifest.signals[Signal.CALL_TO_ACTION].corpora == ("collective-action",)


def test_a_trained_bundle_tells_what_it_was_taught(bundle: Bundle, tested: list[Example]) -> None:
    for signal in bundle.screen.signals:
        told = [row for row in tested if row.label(signal) in {YES, NO}]
        margins = bundle.screen.margins([row.text for row in told])
        said = margins[:, bundle.screen.signals.index(signal)]
        positive = np.array([row.label(signal) is YES for row in told])
        assert np.median(said[positive]) > np.quantile(said[~positive], 0.95)


def test_the_bundle_on_disk_scores_exactly_as_the_screen_that_was_calibrated(
    bundle: Bundle, splits: Splits
) -> None:
    """Its calibration and its reference rows come out to the last bit from what is read back."""
    rows = splits.rows[Split.CALIBRATION]
    calibration = calibrate(bundle.screen, rows)
    assert calibration == bundle.calibration
    reference = reference_rows(bundle.screen, calibration, rows, "en")
    assert reference.signals == bundle.references["en"].signals
    np.testing.assert_array_equal(reference.scores, bundle.references["en"].scores)
    np.testing.assert_array_equal(reference.labels, bundle.references["en"].labels)


def test_the_bundle_holds_the_screen_that_was_fitted_column_by_column(bundle: Bundle, splits: Splits) -> None:
    config = ScreenConfig(features=bundle.manifest.features, strengths=(0.3,))
    fitted = fit_screen(splits.rows[Split.TRAIN], splits.rows[Split.DEV], config).screen
    for place, signal in enumerate(bundle.screen.signals):
        own = fitted.signals.index(signal)
        np.testing.assert_array_equal(bundle.screen.table[:, place], fitted.table[:, own])
        assert bundle.screen.bias[place] == fitted.bias[own]


def test_the_thresholds_on_record_are_those_that_the_reference_rows_give(bundle: Bundle) -> None:
    fitted = fit_policies(default_policy(), bundle.references["en"], bundle.manifest.known("en"))
    expected = {
        (one.policy.name, level): (
            gate.certified,
            gate.whole.positives,
            gate.whole.negatives,
            str(gate.target),
        )
        for one in fitted
        for level, gate in (("review", one.review), ("urgent", one.urgent))
    }
    found = {
        (one.policy, one.level): (one.certified, one.positives, one.negatives, one.target)
        for one in bundle.manifest.thresholds
    }
    assert found == expected
    for one in bundle.manifest.thresholds:
        assert (one.threshold is None) or not one.members


def test_the_test_rows_are_handed_on_and_were_not_trained_on(tested: list[Example], splits: Splits) -> None:
    assert [row.id for row in tested] == [row.id for row in splits.rows[Split.TEST]]
    assert {row.split for row in tested} == {Split.TEST}
    assert len(tested) == 800 + 400


def test_the_record_has_the_checksum_of_every_file_that_was_read(
    record: dict[str, Any], toy_corpora: Path
) -> None:
    read = {
        (corpus, name): digest for corpus, files in record["files"].items() for name, digest in files.items()
    }
    assert read == {
        (path.parent.name, path.name): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in toy_corpora.glob("*/*")
    }


def test_the_record_counts_every_row(record: dict[str, Any], splits: Splits) -> None:
    rows, kept = record["rows"], record["kept"]
    assert rows["read"] == 16_000 + 800 + 1_600 + 400
    assert rows["read"] == sum(kept.values()) + rows["merged"] + rows["touched_test"]
    assert kept == {place.value: len(found) for place, found in splits.rows.items()}


def test_the_manifest_pins_the_record(bundle: Bundle, toy_bundle: Path) -> None:
    content = (toy_bundle / "training.json").read_bytes()
    assert bundle.manifest.training_digest == f"sha256:{hashlib.sha256(content).hexdigest()}"


def strings(document: Any) -> Iterator[str]:
    """Yield every string in a JSON document, keys too."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        for key, value in document.items():
            yield from strings(key)
            yield from strings(value)
    elif isinstance(document, list):
        for value in document:
            yield from strings(value)


def test_no_file_of_a_bundle_holds_a_text_of_its_corpora(toy_bundle: Path, toy_corpora: Path) -> None:
    texts = {row.text for row in read_corpora(toy_corpora, TOY)}
    for path in toy_bundle.iterdir():
        content = path.read_bytes()
        held = sum(text.encode() in content for text in texts)
        assert (path.name, held) == (path.name, 0)
    spoken = {
        said
        for name in ("bundle.json", "training.json")
        for said in strings(json.loads((toy_bundle / name).read_bytes()))
    }
    assert spoken & texts == set()


def test_a_bundle_that_nobody_measured_says_so(toy_bundle: Path) -> None:
    assert "do not use it" in (toy_bundle / "card.md").read_text(encoding="utf-8")


def unlike(name: str, number: int) -> str:
    """Return a text that is like no other."""
    return hashlib.blake2b(f"{name} {number}".encode(), digest_size=16).hexdigest()


def small(folder: Path, calls: int) -> Path:
    """Write a corpus of a few hundred rows, `calls` of every hundred positive for incitement."""
    (folder / "gab-hate-corpus").mkdir(parents=True)
    for name, rows in (("ghc_train.tsv", 600), ("ghc_test.tsv", 50)):
        lines = [
            f"{'soup' if row % 2 else 'goal'} {unlike(name, row)}\t{row % 2}\t{int(row % 100 < calls)}\n"
            for row in range(rows)
        ]
        (folder / "gab-hate-corpus" / name).write_text("text\thd\tcv\n" + "".join(lines), encoding="utf-8")
    return folder


def run(data: Path, folder: Path, corpus: str = "gab-hate-corpus") -> TrainingRun:
    return TrainingRun(Selection(data, (corpus,)), folder / "bundle", folder / "work", config=CONFIG)


def test_a_signal_with_too_few_calibration_positives_is_not_offered(tmp_path: Path) -> None:
    train_screen(run(small(tmp_path, calls=2), tmp_path))
    assert set(read_bundle(tmp_path / "bundle").manifest.signals) == {Signal.HATE}
    assert read_bundle(tmp_path / "bundle").screen.signals == (Signal.HATE,)


def test_training_twice_writes_the_same_bytes(tmp_path: Path) -> None:
    data = small(tmp_path, calls=2)
    for name in ("one", "two"):
        train_screen(run(data, tmp_path / name))
    for path in (tmp_path / "one" / "bundle").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / "bundle" / path.name).read_bytes()


def test_progress_is_told_without_a_text(tmp_path: Path) -> None:
    told: list[str] = []
    train_screen(run(small(tmp_path, calls=2), tmp_path), told.append)
    assert told[0] == "reading corpora"
    assert not any("soup" in line for line in told)


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        pytest.param("", "at least one corpus that may be trained on", id="no-rows-at-all"),
        pytest.param(
            "hot soup\t0\t0\n" * 50, "at least one signal with positive", id="one-text-over-and-over"
        ),
        pytest.param(
            "".join(f"{unlike('dish', row)}\t{row % 2}\t0\n" for row in range(30)),
            "needs 10 calibration rows of each class, none had",
            id="too-few-to-calibrate-anything",
        ),
    ],
)
def test_corpora_that_cannot_make_a_bundle_are_refused_and_nothing_is_written(
    tmp_path: Path, rows: str, complaint: str
) -> None:
    data = small(tmp_path, calls=0)
    for name in ("ghc_train.tsv", "ghc_test.tsv"):
        content = "text\thd\tcv\n" + (rows if name == "ghc_train.tsv" else "plain bread\t0\t0\n")
        (data / "gab-hate-corpus" / name).write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError, match=complaint):
        train_screen(run(data, tmp_path))
    assert not (tmp_path / "bundle").exists()


def test_a_bundle_that_nothing_could_measure_is_not_made(tmp_path: Path) -> None:
    data = small(tmp_path, calls=2)
    (data / "gab-hate-corpus" / "ghc_test.tsv").write_text("text\thd\tcv\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="at least one test row"):
        train_screen(run(data, tmp_path))
    assert not (tmp_path / "bundle").exists()


def test_corpora_of_tests_alone_train_nothing(tmp_path: Path) -> None:
    (tmp_path / "pheme").mkdir()
    (tmp_path / "pheme" / "012-Pheme.csv").write_text("tweetID,text\n7,a goal\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="at least one corpus that may be trained on"):
        train_screen(run(tmp_path, tmp_path, "pheme"))


def test_a_folder_with_something_else_in_it_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "recipes.txt").write_text("soup", encoding="utf-8")
    with pytest.raises(BundleError, match="must be empty or a bundle"):
        train_screen(run(small(tmp_path, calls=2), tmp_path))
    assert (tmp_path / "bundle" / "recipes.txt").read_text(encoding="utf-8") == "soup"
