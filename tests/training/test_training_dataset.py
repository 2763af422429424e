"""Corpora as one dataset: chosen, counted, and as tables with declared features."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from datasets import ClassLabel

from tocsin.errors import CorpusError
from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.corpora import CORPORA
from tocsin.training.dataset import checksums, choose, counts, read_corpora
from tocsin.training.table import FEATURES, to_table

HATE, CALL = Signal.HATE, Signal.CALL_TO_ACTION
ROWS = [
    Example(
        "k:1", "hot soup", "en", "kitchen", "CC0-1.0", {HATE: Label.POSITIVE}, split=Split.TRAIN, weight=0.5
    ),
    Example(
        "k:2",
        "cold soup",
        "en",
        "kitchen",
        "CC0-1.0",
        {HATE: Label.NEGATIVE, CALL: Label.PRESUMED_NEGATIVE},
        attributes={"course": "main"},
    ),
    Example(
        "s:1", "a goal 🥅", "de", "stadium", "MIT", {CALL: Label.POSITIVE}, group="g", partners=("s:2", "s:3")
    ),
    Example("s:2", "", "de", "stadium", "MIT", split=Split.TEST),
]


def test_a_table_declares_every_column_and_every_signal_as_a_class() -> None:
    table = to_table(ROWS)
    assert table.features == FEATURES
    for signal in Signal:
        feature = FEATURES[signal.value]
        assert isinstance(feature, ClassLabel)
        assert feature.names == [label.value for label in Label]


def test_a_table_holds_what_the_examples_say() -> None:
    table = to_table(ROWS)
    assert table["id"][:] == [row.id for row in ROWS]
    assert table["text"][:] == [row.text for row in ROWS]
    assert table["weight"][:] == [0.5, 1.0, 1.0, 1.0]
    assert table["partners"][:] == [[], [], ["s:2", "s:3"], []]
    assert table["group"][:] == [None, None, "g", None]
    assert table["attributes"][:] == [[], [{"name": "course", "value": "main"}], [], []]
    for signal in Signal:
        feature = FEATURES[signal.value]
        assert [feature.int2str(value) for value in table[signal.value]] == [
            row.label(signal) for row in ROWS
        ]


def test_a_row_without_an_official_place_has_a_null_split_in_the_table() -> None:
    splits = to_table(ROWS)["split"][:]
    assert splits == [FEATURES["split"].str2int("train"), None, None, FEATURES["split"].str2int("test")]


def test_no_rows_are_a_table_of_the_same_columns() -> None:
    table = to_table([])
    assert (len(table), table.features) == (0, FEATURES)


def test_a_table_written_and_read_back_counts_the_same(tmp_path: Path) -> None:
    table = to_table(ROWS)
    table.to_parquet(tmp_path / "rows.parquet")
    back = type(table).from_parquet(str(tmp_path / "rows.parquet"), cache_dir=str(tmp_path / "cache"))
    assert back.features == FEATURES
    for signal in Signal:
        values = back[signal.value]
        found = {label: values[:].count(FEATURES[signal.value].str2int(label.value)) for label in Label}
        assert found == {label: sum(row.label(signal) is label for row in ROWS) for label in Label}


def test_counts_add_up_to_the_rows_of_each_corpus_language_and_split() -> None:
    found = counts(ROWS)
    assert len(found) == 4 * len(Signal)
    totals = {
        (row["corpus"], row["language"], row["split"]): sum(row[label.value] for label in Label)
        for row in found
    }
    assert totals == {
        ("kitchen", "en", "train"): 1,
        ("kitchen", "en", "none"): 1,
        ("stadium", "de", "none"): 1,
        ("stadium", "de", "test"): 1,
    }
    said = {(row["corpus"], row["split"]): row for row in found if row["signal"] == "call_to_action"}
    assert said["stadium", "none"]["positive"] == 1
    assert said["kitchen", "none"]["presumed_negative"] == 1
    assert said["kitchen", "train"]["unknown"] == 1


def test_all_corpora_are_chosen_where_none_is_named() -> None:
    assert choose(None) == choose(()) == [corpus for corpus in CORPORA.values() if corpus.by_default]
    assert choose(["isis-supporters"]) == [CORPORA["isis-supporters"]]
    assert choose(["pheme", "muc"]) == [CORPORA["pheme"], CORPORA["muc"]]


def test_an_unknown_corpus_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CorpusError, match=r"corpus must be one of cad, .*stormfront; was 'cookbook'"):
        choose(["muc", "cookbook"])


def test_a_checksum_is_that_of_the_file_that_was_read(toy_corpora: Path) -> None:
    found = checksums(toy_corpora, choose(["gab-hate-corpus"]))
    assert set(found) == {"gab-hate-corpus"}
    for name, digest in found["gab-hate-corpus"].items():
        content = (toy_corpora / "gab-hate-corpus" / name).read_bytes()
        assert digest == hashlib.sha256(content).hexdigest()


def test_corpora_are_read_in_the_order_in_which_they_are_named(toy_corpora: Path) -> None:
    rows = read_corpora(toy_corpora, ["gab-hate-corpus", "collective-action"])
    assert list(dict.fromkeys(row.corpus for row in rows)) == ["gab-hate-corpus", "collective-action"]
