"""How an encoder learns from encoders that were trained before, on texts about cooking and sport."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from tocsin.errors import CorpusError
from tocsin.example import Example, Label
from tocsin.signals import Signal
from tocsin.training.encoder.config import EncoderConfig, read_config
from tocsin.training.encoder.export import save_layout
from tocsin.training.encoder.fit import FittedEncoder, fit_encoder
from tocsin.training.encoder.network import Network, digest
from tocsin.training.encoder.reader import Reader
from tocsin.training.encoder.rows import Collate, EncodedRows
from tocsin.training.encoder.teaching import taught
from tocsin.training.encoder.testing import SPORT, dishes

HATE, CALL = Signal.HATE, Signal.CALL_TO_ACTION
TRAIN, DEV = dishes(320, 1), dishes(120, 2)


@pytest.fixture(scope="module")
def config(toy_backbone: Path, one_torch_thread: None) -> EncoderConfig:
    return EncoderConfig(
        backbone=str(toy_backbone),
        max_tokens=16,
        epochs=8,
        rows_a_step=16,
        learning_rate=5e-3,
        evaluations=2,
        patience=2,
    )


@pytest.fixture(scope="module")
def fitted(config: EncoderConfig, tmp_path_factory: pytest.TempPathFactory) -> FittedEncoder:
    return fit_encoder(TRAIN, DEV, config, tmp_path_factory.mktemp("work"))


@pytest.fixture(scope="module")
def teacher(fitted: FittedEncoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the layout of an encoder that knows cooking from sport."""
    folder = tmp_path_factory.mktemp("teacher")
    save_layout(folder, fitted.classifier, fitted.tokenizer)
    return folder


def area(fitted: FittedEncoder, rows: Sequence[Example]) -> float:
    found = Reader(fitted.classifier, fitted.tokenizer, fitted.signals, 16).margins([r.text for r in rows])
    labels = [row.label(HATE) is Label.POSITIVE for row in rows]
    return float(roc_auc_score(labels, found[:, fitted.signals.index(HATE)]))


def test_what_training_left_says_what_it_said(fitted: FittedEncoder, teacher: Path) -> None:
    texts = [row.text for row in DEV]
    own = Reader(fitted.classifier, fitted.tokenizer, fitted.signals, 16).margins(texts)
    left = Reader.of(teacher, 16)

    assert left.signals == fitted.signals
    assert np.ptp(own) > 1
    np.testing.assert_allclose(left.margins(texts), own, atol=0.02)  # halves of bits
    np.testing.assert_allclose(left.margins(texts[::-1])[::-1], own, atol=0.02)  # halves of bits


def test_a_student_follows_its_teacher_against_labels_where_it_is_told_to(
    config: EncoderConfig, teacher: Path, tmp_path: Path
) -> None:
    wrong, dev = dishes(320, 1, positive=SPORT), dishes(120, 2, positive=SPORT)
    followed = config.model_copy(update={"teachers": (str(teacher),), "taught": 1.0})
    found = {
        "labels": fit_encoder(wrong, dev, config, tmp_path / "labels"),
        "teacher": fit_encoder(wrong, dev, followed, tmp_path / "teacher"),
    }

    assert {name: round(area(one, DEV)) for name, one in found.items()} == {"labels": 0, "teacher": 1}
    assert found["labels"].teachers == ()
    assert found["teacher"].teachers == (digest(Reader.of(teacher).classifier),)


def test_several_teachers_say_the_mean_of_their_probabilities(
    config: EncoderConfig, teacher: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    opposite = fit_encoder(dishes(320, 3, positive=SPORT), DEV, config, tmp_path / "work")
    save_layout(other, opposite.classifier, opposite.tokenizer)
    each = [
        taught(DEV, (HATE,), config.model_copy(update={"teachers": tuple(map(str, named))}), tmp_path / name)
        for name, named in (("a", [teacher]), ("b", [other]), ("both", [teacher, other]))
    ]

    assert all(each)
    one, two, both = (found.said for found in each if found)
    assert np.abs(one - two).min() > 0.5
    np.testing.assert_allclose(both, (one + two) / 2, atol=1e-6)


def test_what_teachers_said_is_kept_and_not_asked_again(
    config: EncoderConfig, teacher: Path, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    shutil.copytree(teacher, gone)
    asked = config.model_copy(update={"teachers": (str(gone),)})
    first = taught(DEV, (HATE,), asked, tmp_path)
    shutil.rmtree(gone)
    second = taught(DEV, (HATE,), asked, tmp_path)

    assert first
    assert second
    assert first.teachers == second.teachers
    np.testing.assert_array_equal(first.said, second.said)


def test_a_teacher_that_is_none_or_knows_less_is_refused(
    config: EncoderConfig, teacher: Path, tmp_path: Path
) -> None:
    with pytest.raises(CorpusError, match=r'^\S*nobody: must be what `tocsin train.*"huggingface": '):
        taught(DEV, (HATE,), config.model_copy(update={"teachers": (str(tmp_path / "nobody"),)}), tmp_path)
    with pytest.raises(CorpusError, match=r"must have an output for every signal, lacked call_to_action$"):
        taught(DEV, (HATE, CALL), config.model_copy(update={"teachers": (str(teacher),)}), tmp_path)


@pytest.mark.parametrize("content", ['teachers = ["a"]\ntaught = 0', "taught = 0.5", "teachers = ['a']"])
def test_teachers_teach_something_and_something_is_taught_by_somebody(content: str, tmp_path: Path) -> None:
    path = tmp_path / "tiny.toml"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(CorpusError, match=r"taught: .*above 0 where there are teachers, and 0 where"):
        read_config(path)


def test_the_loss_is_that_of_labels_and_that_of_teachers_who_know_no_corpus(config: EncoderConfig) -> None:
    network = Network.of(config, [HATE, CALL], corpora=1)
    network.train(False)
    with torch.no_grad():
        network.intercepts.fill_(2.0)
    ids = torch.full((3, 8), 5)
    batch: dict[str, Any] = {
        "input_ids": ids,
        "attention_mask": torch.ones_like(ids),
        "labels": torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]),
        "weights": torch.tensor([[1.0, 0.0], [2.0, 0.5], [0.0, 1.0]]),
        "corpus": torch.tensor([[1, 0], [0, 1], [1, 1]]),
        "taught": torch.tensor([[0.9, 0.2], [0.1, 0.6], [0.5, 0.4]]),
    }
    with torch.no_grad():
        margins = network(ids, batch["attention_mask"]).double().numpy()
        found = float(network.loss(batch, 0.25, 0.3))

    def entropy(margins: Any, said: Any, weights: Any) -> float:
        chance = 1 / (1 + np.exp(-margins))
        each = -(said * np.log(chance) + (1 - said) * np.log(1 - chance)) * weights
        return float(each.sum() / len(margins))

    said, weights = (batch[name].double().numpy() for name in ("labels", "weights"))
    own = np.where(batch["corpus"].numpy() == 1, 2.0, 0.0)
    labels = entropy(margins + own, said, weights)
    teachers = entropy(margins, batch["taught"].double().numpy(), np.maximum(weights, 0.3))
    assert found == pytest.approx(0.75 * labels + 0.25 * teachers, rel=1e-4)


def test_a_training_without_dev_rows_is_refused_in_words(config: EncoderConfig, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"^training needs dev rows with labels, had none$"):
        fit_encoder(TRAIN, [], config, tmp_path)


def test_rows_keep_their_lessons_in_every_batch(config: EncoderConfig) -> None:
    nothing, none = np.zeros((3, 1), np.float32), np.zeros((3, 1), np.int64)
    rows = EncodedRows([[np.array([5])]] * 3, nothing, nothing, none)
    lessons = replace(rows, taught=np.array([[0.1], [0.2], [0.3]], np.float32))

    assert "taught" not in Collate(rows, 0)([rows[0]])
    np.testing.assert_allclose(
        Collate(lessons, 0)([lessons[2], lessons[0]])["taught"].numpy(), [[0.3], [0.1]]
    )
