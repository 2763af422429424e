"""Corpora become rows with one use each, the same rows from the cache, and an account of the rest."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tocsin.errors import CorpusError, InputError
from tocsin.example import Example, Split
from tocsin.licences import Licences
from tocsin.signals import Signal
from tocsin.training import build as build_module
from tocsin.training.build import Build, Selection, build, fates

HATE = Signal.HATE


def kitchen(folder: Path, rows: int = 60) -> Path:
    """Write a small Gab corpus: two copies that agree, two that do not, one that touches the test."""
    home = folder / "gab-hate-corpus"
    home.mkdir(parents=True, exist_ok=True)
    dishes = [
        (f"{word} soup with dish number {number} on plate {number * 7}", number % 2)
        for number, word in enumerate(["hot", "cold", "plain", "sour", "fresh"] * (rows // 5))
    ]
    train = [
        *dishes,
        ("a pot of stew", 1),
        ("A pot of stew!", 1),
        ("a loaf", 0),
        ("a loaf.", 1),
        ("tested cake", 0),
    ]
    for name, lines in (("ghc_train.tsv", train), ("ghc_test.tsv", [("tested cake", 1), ("jam", 0)])):
        with (home / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter="\t")
            writer.writerow(["text", "hd", "cv"])
            writer.writerows((text, hate, 0) for text, hate in lines)
    return folder


def unlike(number: int) -> str:
    """Return a text that is like no other."""
    return hashlib.blake2b(str(number).encode(), digest_size=16).hexdigest()


def pantry(path: Path, rows: Sequence[tuple[str, str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "hate", "inclusion_probability"])
        writer.writerows(rows)
    return path


def selection(folder: Path, **changed: object) -> Selection:
    return Selection(**{"data": folder, "corpora": ("gab-hate-corpus",), **changed})  # type: ignore[arg-type]


@pytest.fixture
def built(tmp_path: Path) -> Build:
    return build(selection(kitchen(tmp_path / "data")))


def where(built: Build, identity: str) -> Split | None:
    return next(
        (place for place, rows in built.splits.rows.items() for row in rows if row.id == identity), None
    )


def test_every_row_is_accounted_for(built: Build) -> None:
    (fate,) = fates(built)
    assert fate["read"] == 67
    assert fate["read"] == sum(
        fate[name] for name in ("train", "dev", "calibration", "test", "merged", "dropped", "thinned")
    )
    assert (fate["merged"], fate["dropped"], fate["contested"], fate["test"]) == (2, 1, 1, 2)


def test_what_left_is_named_with_the_reason(built: Build) -> None:
    ledger = built.splits.ledger
    assert ledger.merged == {
        "gab-hate-corpus:train:62": "gab-hate-corpus:train:61",
        "gab-hate-corpus:train:64": "gab-hate-corpus:train:63",
    }
    assert ledger.dropped == {"gab-hate-corpus:train:65": "gab-hate-corpus:test:1"}
    assert ledger.contested == {"gab-hate-corpus:train:63": (HATE,)}


def test_a_build_is_read_back_as_it_was(tmp_path: Path) -> None:
    wanted, cache = selection(kitchen(tmp_path / "data")), tmp_path / "cache"
    first, second = build(wanted, cache), build(wanted, cache)
    assert (first.cached, second.cached) == (False, True)
    assert second.splits == first.splits
    assert second.files == first.files


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("file", id="a-file-changed"),
        pytest.param("own", id="rows-of-ones-own-came"),
        pytest.param("code", id="the-code-changed"),
        pytest.param("damage", id="the-cache-is-damaged"),
        pytest.param("part", id="a-part-of-the-cache-is-gone"),
    ],
)
def test_a_build_is_made_anew_where_anything_it_rests_on_changed(
    tmp_path: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, cache = kitchen(tmp_path / "data"), tmp_path / "cache"
    before = build(selection(data), cache)
    (kept,) = cache.iterdir()
    own: tuple[Path, ...] = ()
    if change == "file":
        kitchen(data, rows=65)
    elif change == "own":
        own = (pantry(tmp_path / "pantry.csv", [("a jar of honey", "1", ""), ("a tin of beans", "0", "")]),)
    elif change == "code":
        monkeypatch.setattr("tocsin.training.fingerprint._digest", lambda _: "other")
    elif change == "damage":
        (kept / "train.jsonl").write_text("{}\n", encoding="utf-8")
    else:
        (kept / "test.jsonl").write_text("", encoding="utf-8")
    after = build(selection(data, own=own), cache)
    assert not after.cached
    assert (after.splits == before.splits) is (change in {"code", "damage", "part"})


def test_where_builds_cannot_be_kept_the_rows_come_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file", encoding="utf-8")
    told: list[str] = []
    made = build(selection(kitchen(tmp_path / "data")), tmp_path / "cache", told.append)
    assert made.splits.rows[Split.TRAIN]
    assert "cannot be kept" in told[-1]


def test_a_kept_build_is_nobody_elses_to_read(tmp_path: Path) -> None:
    build(selection(kitchen(tmp_path / "data")), tmp_path / "cache")
    (kept,) = (tmp_path / "cache").iterdir()
    assert kept.stat().st_mode & 0o077 == 0


def test_a_damaged_build_is_replaced(tmp_path: Path) -> None:
    wanted, cache = selection(kitchen(tmp_path / "data")), tmp_path / "cache"
    build(wanted, cache)
    (kept,) = cache.iterdir()
    (kept / "ledger.json").write_text("{", encoding="utf-8")
    assert not build(wanted, cache).cached
    assert build(wanted, cache).cached


def test_only_the_latest_builds_are_kept_and_nothing_half_written(tmp_path: Path) -> None:
    data, cache = kitchen(tmp_path / "data"), tmp_path / "cache"
    for rows in (60, 65, 70, 75, 80):
        kitchen(data, rows)
        build(selection(data), cache)
    assert len(list(cache.iterdir())) == 3
    assert build(selection(data), cache).cached


def test_nothing_half_written_is_left_where_writing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, rows: Sequence[Example]) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(build_module, "write_examples", full)
    cache = tmp_path / "cache"
    assert build(selection(kitchen(tmp_path / "data")), cache).splits.rows[Split.TRAIN]
    assert list(cache.iterdir()) == []


def test_rows_of_ones_own_join_the_corpora(tmp_path: Path) -> None:
    own = pantry(
        tmp_path / "pantry.csv",
        [(f"jar {number} of honey from hill {number * 3}", str(number % 2), "") for number in range(40)],
    )
    built = build(selection(kitchen(tmp_path / "data"), own=(own,)))
    assert {fate["corpus"]: fate["read"] for fate in fates(built)} == {"gab-hate-corpus": 67, "pantry": 40}
    assert set(built.files) == {"gab-hate-corpus", "pantry"}


def test_rows_of_ones_own_stand_alone_where_no_folder_is_given(tmp_path: Path) -> None:
    own = pantry(tmp_path / "pantry.csv", [("honey", "1", ""), ("beans", "0", "")])
    built = build(Selection(None, own=(own,)))
    assert [fate["corpus"] for fate in fates(built)] == ["pantry"]
    assert list(built.corpora) == []


def test_rows_that_were_likelier_drawn_are_thinned_where_promises_rest_on_them(tmp_path: Path) -> None:
    rows = [(unlike(number), "0", "1" if number % 2 else "0.25") for number in range(2_000)]
    built = build(Selection(None, own=(pantry(tmp_path / "pantry.csv", rows),)))
    likely = {
        place: sum(row.inclusion == 1 for row in kept) / len(kept)
        for place, kept in built.splits.rows.items()
    }
    assert abs(likely[Split.TRAIN] - 0.5) < 0.07
    for place in (Split.CALIBRATION, Split.TEST):
        assert {row.inclusion for row in built.splits.rows[place]} == {0.25}
    (fate,) = fates(built)
    assert abs(fate["thinned"] / (0.3 * 2_000) - 0.5 * 0.75) < 0.08
    assert set(built.splits.ledger.thinned).isdisjoint(
        row.id for kept in built.splits.rows.values() for row in kept
    )


def test_permissive_licences_leave_out_the_others() -> None:
    names = {
        licences: {corpus.name for corpus in Selection(Path(), licences=licences).chosen()}
        for licences in Licences
    }
    assert names[Licences.ALL] - names[Licences.PERMISSIVE] == {"germeval-2026", "stormfront"}


@pytest.mark.parametrize(
    "licence", ["GPL-3.0", "CC-BY-SA-3.0-ES", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "not stated", ""]
)
def test_a_licence_that_is_not_known_to_be_permissive_is_not(licence: str) -> None:
    assert not Licences.PERMISSIVE.admit(licence)
    assert Licences.ALL.admit(licence)


def test_a_corpus_that_is_named_against_its_licence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"germeval-2026: licence must be permissive, was GPL-3\.0"):
        build(Selection(tmp_path, ("germeval-2026",), Licences.PERMISSIVE))


def test_corpora_that_are_not_there_are_left_out_only_if_that_is_asked_for(tmp_path: Path) -> None:
    data = kitchen(tmp_path / "data")
    with pytest.raises(CorpusError, match="is missing from"):
        build(Selection(data))
    assert [corpus.name for corpus in build(Selection(data, available=True)).corpora] == ["gab-hate-corpus"]


def test_a_file_of_ones_own_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"pantry\.csv: cannot be read: No such file"):
        build(Selection(None, own=(tmp_path / "pantry.csv",)))


def test_a_cache_of_another_process_is_not_disturbed(tmp_path: Path) -> None:
    """Whoever comes second finds the place taken, and keeps what is there."""
    wanted, cache = selection(kitchen(tmp_path / "data")), tmp_path / "cache"
    first = build(wanted, cache)
    (kept,) = cache.iterdir()
    marked = json.loads((kept / "ledger.json").read_text(encoding="utf-8"))
    build_module._store(kept, first.splits)
    assert json.loads((kept / "ledger.json").read_text(encoding="utf-8")) == marked
    assert [path.name for path in cache.iterdir()] == [kept.name]
