"""Twins are fitted once, and again as soon as anything that they depend on has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import tocsin.cli.eval.twins
from tocsin.cli.eval.rows import RowsGiven
from tocsin.cli.eval.twins import fitted_twins
from tocsin.example import Split
from tocsin.signals import Signal
from tocsin.training.twins import TwinScores

FILES = {"kitchen": {"a.csv": "11"}, "stadium": {"a.csv": "22"}}
TRAINING: dict[str, Any] = {
    "config": {
        "features": {"bits": 8},
        "strengths": [0.1],
        "presumed_weight": 0.25,
        "temperature": 0.75,
        "related": 0.0,
        "chosen": {"hate": 0.1},
    },
    "corpora": {"kitchen": {}},
}

Fit = Callable[..., int]


@pytest.fixture
def fitted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fit:
    """Return what asks for twins and counts how often any were fitted."""
    fits: list[int] = []

    def scores(*_: object) -> TwinScores:
        fits.append(1)
        return TwinScores({Signal.HATE: {"r0": 0.5}}, {Signal.HATE: {"r0": 0.25}})

    monkeypatch.setattr("tocsin.training.twins.twin_scores", scores)

    def ask(files: Mapping[str, Mapping[str, str]] = FILES, training: Mapping[str, Any] = TRAINING) -> int:
        given = RowsGiven([], files, {split: [] for split in Split})
        alone, without = fitted_twins(given, training, tmp_path, lambda _: None) or (None, None)
        assert alone is not None
        assert without is not None
        assert (alone.scores[Signal.HATE]["r0"], without.scores[Signal.HATE]["r0"]) == (0.5, 0.25)
        return len(fits)

    return ask


def test_twins_are_read_back(fitted: Fit) -> None:
    assert [fitted(), fitted()] == [1, 1]


@pytest.mark.parametrize(
    "corpus", [pytest.param("kitchen", id="its-own"), pytest.param("stadium", id="another")]
)
def test_twins_of_other_files_are_fitted_again(corpus: str, fitted: Fit) -> None:
    """A copy in a corpus that the bundle does not know takes a row out of one that it does."""
    assert [fitted(), fitted({**FILES, corpus: {"a.csv": "33"}})] == [1, 2]


def test_twins_of_another_experiment_are_fitted_again(fitted: Fit) -> None:
    other = TRAINING | {"config": TRAINING["config"] | {"chosen": {"hate": 0.3}}}
    assert [fitted(), fitted(training=other)] == [1, 2]


@pytest.mark.parametrize("part", ["models", "text", "training"])
def test_twins_of_other_code_are_fitted_again(
    part: str, fitted: Fit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = tmp_path / "code" / part / "code.py"
    code.parent.mkdir(parents=True)
    code.write_text("SALT = 1\n", encoding="utf-8")
    monkeypatch.setattr(tocsin.cli.eval.twins, "_PACKAGE", tmp_path / "code")
    before = fitted()
    code.write_text("SALT = 2\n", encoding="utf-8")
    assert [before, fitted()] == [1, 2]


def test_a_file_of_one_s_own_has_no_twins(tmp_path: Path) -> None:
    assert fitted_twins(RowsGiven([], {}, None), TRAINING, tmp_path, lambda _: None) is None
