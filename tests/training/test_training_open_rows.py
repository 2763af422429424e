"""Official tests stay closed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tocsin.errors import CorpusError
from tocsin.example import Example, Split
from tocsin.training.corpora import Corpus
from tocsin.training.open_rows import read_open_rows


def corpus(name: str, *splits: Split | None, test_only: bool = False) -> Corpus:
    def read(_: Path) -> Iterator[Example]:
        for number, split in enumerate(splits):
            yield Example(f"{name}:{number}", "soup", "en", name, "CC0-1.0", split=split)

    return Corpus(name, name, "CC0-1.0", "en", "example.org", (), read, test_only=test_only)


def test_rows_of_official_tests_and_of_corpora_for_tests_are_left_out(tmp_path: Path) -> None:
    kitchen = corpus("kitchen", Split.TRAIN, Split.TEST, None, Split.DEV, Split.CALIBRATION)
    newswire = corpus("newswire", None, Split.TRAIN, test_only=True)

    rows = read_open_rows(tmp_path, [kitchen, newswire])

    assert [row.id for row in rows] == ["kitchen:0", "kitchen:2", "kitchen:3", "kitchen:4"]


@pytest.mark.parametrize(
    "corpora",
    [
        pytest.param([], id="no-corpus"),
        pytest.param([corpus("kitchen", Split.TEST)], id="test-rows-alone"),
        pytest.param([corpus("newswire", None, test_only=True)], id="a-corpus-for-tests"),
    ],
)
def test_nothing_left_to_look_at_is_an_error(corpora: list[Corpus], tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="must have rows outside official tests, none had"):
        read_open_rows(tmp_path, corpora)
