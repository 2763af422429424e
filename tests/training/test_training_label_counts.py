"""What `tocsin data stats` counts is what another program counted from the raw files.

``label_counts.json`` was made from the files and the published rules alone, by a program that knew
nothing of this one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tocsin.cli.app import app
from tocsin.example import Label
from tocsin.training.corpora import CORPORA

EXPECTED: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "label_counts.json").read_text(encoding="utf-8")
)


@pytest.mark.corpora
def test_the_statistics_agree_with_an_independent_count(corpora_folder: Path) -> None:
    named = [part for name in CORPORA for part in ("--corpus", name)]
    result = CliRunner().invoke(
        app, ["data", "stats", "--json", "--data", str(corpora_folder), *named], catch_exceptions=False
    )
    found = {
        (row["corpus"], row["language"], row["split"], row["signal"]): {
            label.value: row[label.value] for label in Label
        }
        for row in json.loads(result.stdout)
    }
    expected = {
        (cell["corpus"], cell["language"], cell["split"], signal): labels
        for cell in EXPECTED
        for signal, labels in cell["signals"].items()
    }
    assert found == expected


def test_every_corpus_was_counted_and_its_labels_add_up_to_its_rows() -> None:
    assert {cell["corpus"] for cell in EXPECTED} == set(CORPORA)
    assert [
        cell for cell in EXPECTED if {sum(one.values()) for one in cell["signals"].values()} != {cell["rows"]}
    ] == []
