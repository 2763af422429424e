import errno
import os
from collections.abc import Mapping
from pathlib import Path

import httpx2
import pytest

from tocsin.errors import CorpusError
from tocsin.training.fetching import (
    Condition,
    Finding,
    Folder,
    Outcome,
    State,
    Wanted,
    Watch,
    check_files,
    fetch,
)
from tocsin.training.fetching.part import Part
from tocsin.training.fetching.place import Place
from tocsin.training.fetching.testing import Diary, toy_corpus, toy_file

LEEK, ONION = b"leek, potato, stock\n" * 9, b"onion, stock, bread\n"
LEEK_FILE, ONION_FILE = toy_file("leek.csv", LEEK), toy_file("onion.csv", ONION)
SOUPS = toy_corpus(LEEK_FILE, ONION_FILE)
SIZE = "size must be 180 bytes, was 5"


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("nothing here may open a connection")

    monkeypatch.setattr(httpx2, "Client", refuse)
    monkeypatch.setattr("socket.socket", refuse)


def lay_out(folder: Path, files: Mapping[str, bytes]) -> Path:
    (folder / "soups").mkdir(parents=True)
    for name, content in files.items():
        (folder / "soups" / name).write_bytes(content)
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Folder:
    """Return a folder that has both files."""
    return Folder(lay_out(tmp_path / "source", {"leek.csv": LEEK, "onion.csv": ONION}))


class Nowhere:
    """Have no file, and fail whoever asks for one all the same."""

    brings = State.FETCHED

    def lacks(self, wanted: Wanted) -> str | None:
        return f"must be grown at {wanted.corpus.origin}"

    def fill(self, part: Part, wanted: Wanted, watch: Watch) -> None:
        raise AssertionError(f"{wanted} may not be brought to {part}, said to {watch}")


def told(outcomes: list[Outcome]) -> list[tuple[State, str | None]]:
    return [(outcome.state, outcome.reason) for outcome in outcomes]


def files(data: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in data.rglob("*") if path.is_file()}


def stamps(data: Path) -> dict[str, tuple[int, int]]:
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in data.rglob("*")}


def test_files_are_copied_from_a_folder_without_any_connection(source: Folder, tmp_path: Path) -> None:
    data, diary = tmp_path / "not" / "yet" / "there", Diary()

    assert told(list(fetch([SOUPS], data, source, watch=diary))) == [(State.COPIED, None)] * 2
    assert files(data) == files(source.path) == {"leek.csv": LEEK, "onion.csv": ONION}
    assert dict(diary.sizes) == {"leek.csv": len(LEEK), "onion.csv": len(ONION)}


def test_a_copy_is_a_file_of_its_own(source: Folder, tmp_path: Path) -> None:
    list(fetch([SOUPS], tmp_path / "data", source))
    (tmp_path / "data" / "soups" / "leek.csv").write_bytes(b"bread")

    assert (source.path / "soups" / "leek.csv").read_bytes() == LEEK


def test_what_lies_there_rightly_is_not_touched(tmp_path: Path) -> None:
    data = lay_out(tmp_path / "data", {"leek.csv": LEEK, "onion.csv": ONION, "onion.csv.part": b"on"})
    before, diary = stamps(data), Diary()

    outcomes = list(fetch([SOUPS], data, Nowhere(), replace=True, watch=diary))

    assert told(outcomes) == [(State.PRESENT, None)] * 2
    assert stamps(data) == before
    assert diary.sizes == [("leek.csv", len(LEEK)), ("onion.csv", len(ONION))]


def test_a_file_that_nobody_has_is_missing_and_no_folder_is_made_for_it(tmp_path: Path) -> None:
    reason = "must be grown at soups.example/corpus"

    assert told(list(fetch([SOUPS], tmp_path, Nowhere()))) == [(State.MISSING, reason)] * 2
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_in_the_folder_is_missing(tmp_path: Path) -> None:
    source = Folder(lay_out(tmp_path / "source", {"leek.csv": LEEK}))

    outcomes = told(list(fetch([SOUPS], tmp_path / "data", source)))

    assert outcomes == [(State.COPIED, None), (State.MISSING, f"is not in {source.path / 'soups'}")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"bread", SIZE, id="another-size"),
        pytest.param(LEEK[::-1], "SHA-256 must be", id="another-content"),
    ],
)
def test_a_wrong_file_is_not_copied(tmp_path: Path, content: bytes, reason: str) -> None:
    source = Folder(lay_out(tmp_path / "source", {"leek.csv": content, "onion.csv": ONION}))
    data = lay_out(tmp_path / "data", {"leek.csv.part": LEEK[:5]})

    leek, onion = fetch([SOUPS], data, source)

    assert (leek.state, onion.state) == (State.FAILED, State.COPIED)
    assert (leek.reason or "").startswith(f"{source.path}/soups/leek.csv: {reason}")
    assert files(data) == {"leek.csv.part": LEEK[:5], "onion.csv": ONION}


def test_a_copy_begins_anew_whatever_a_download_has_left(source: Folder, tmp_path: Path) -> None:
    data = lay_out(tmp_path / "data", {"leek.csv.part": LEEK[:5]})

    assert told(list(fetch([SOUPS], data, source))) == [(State.COPIED, None)] * 2
    assert files(data) == {"leek.csv": LEEK, "onion.csv": ONION}


def test_a_file_that_changes_while_it_is_copied_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Folder(lay_out(tmp_path / "source", {"leek.csv": LEEK[::-1]}))
    monkeypatch.setattr(
        "tocsin.training.fetching.folder.examine", lambda *_: Finding(Condition.OK, len(LEEK))
    )

    (outcome,) = fetch([toy_corpus(LEEK_FILE)], tmp_path / "data", source)

    assert outcome.state is State.FAILED
    assert files(tmp_path / "data") == {}


def test_another_file_in_the_place_is_kept_unless_it_is_to_be_replaced(
    source: Folder, tmp_path: Path
) -> None:
    data = lay_out(tmp_path / "data", {"leek.csv": b"bread"})
    corpus = toy_corpus(LEEK_FILE)

    kept = told(list(fetch([corpus], data, source)))
    after = files(data)
    replaced = told(list(fetch([corpus], data, source, replace=True)))

    assert kept == [(State.FAILED, f"{SIZE}; only --replace puts another in its place")]
    assert after == {"leek.csv": b"bread"}
    assert replaced == [(State.COPIED, None)]
    assert files(data) == {"leek.csv": LEEK}


def test_another_file_in_the_place_is_kept_where_nobody_has_the_right_one(tmp_path: Path) -> None:
    data = lay_out(tmp_path / "data", {"leek.csv": b"bread"})

    outcomes = told(list(fetch([toy_corpus(LEEK_FILE)], data, Nowhere(), replace=True)))

    assert outcomes == [(State.FAILED, f"{SIZE}; must be grown at soups.example/corpus")]
    assert files(data) == {"leek.csv": b"bread"}


def test_nothing_is_written_through_a_link_that_leads_out_of_the_data_folder(
    source: Folder, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "soups").symlink_to(tmp_path / "elsewhere")

    (outcome, _) = fetch([SOUPS], tmp_path / "data", source)

    assert outcome.state is State.FAILED
    assert "soups must lie in the data folder, leads to" in (outcome.reason or "")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_data_folder_may_be_a_link_and_so_may_a_folder_within(source: Folder, tmp_path: Path) -> None:
    (tmp_path / "disk" / "here").mkdir(parents=True)
    (tmp_path / "disk" / "soups").symlink_to("here")
    (tmp_path / "data").symlink_to("disk")

    assert told(list(fetch([SOUPS], tmp_path / "data", source))) == [(State.COPIED, None)] * 2
    assert (tmp_path / "disk" / "here" / "leek.csv").read_bytes() == LEEK


def test_a_link_is_replaced_and_what_it_leads_to_is_not(source: Folder, tmp_path: Path) -> None:
    data = lay_out(tmp_path / "data", {})
    (tmp_path / "mine.csv").write_bytes(b"bread")
    (data / "soups" / "leek.csv").symlink_to(tmp_path / "mine.csv")

    (outcome,) = fetch([toy_corpus(LEEK_FILE)], data, source, replace=True)

    assert outcome.state is State.COPIED
    assert not (data / "soups" / "leek.csv").is_symlink()
    assert (tmp_path / "mine.csv").read_bytes() == b"bread"


def test_a_data_folder_that_is_a_file_fails_every_file_with_a_reason(source: Folder, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    assert all(
        state is State.FAILED and "must be writable" in (reason or "")
        for state, reason in told(list(fetch([SOUPS], tmp_path / "data", source)))
    )


def test_a_full_disk_is_told_and_leaves_no_file_under_its_name(
    source: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_up(_part: Part, _chunk: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Part, "append", fill_up)

    outcomes = told(list(fetch([SOUPS], tmp_path / "data", source)))

    reason = f"{tmp_path / 'data'} must be writable: No space left on device"
    assert outcomes == [(State.FAILED, reason)] * 2
    assert files(tmp_path / "data") == {}


NAMES = [
    ("empty", ""),
    ("the-folder-itself", "."),
    ("the-folder-above", ".."),
    ("beside-the-folder", "../leek.csv"),
    ("from-the-root", "/etc/leek.csv"),
    ("deeper", "a/leek.csv"),
    ("deeper-on-windows", "a\\leek.csv"),
    ("drive-on-windows", "c:leek.csv"),
    ("line-end", "leek\n"),
    ("nul", "le\0ek"),
]


@pytest.mark.parametrize("name", [pytest.param(name, id=why) for why, name in NAMES])
def test_a_name_that_is_more_than_a_name_leads_nowhere(source: Folder, tmp_path: Path, name: str) -> None:
    data = tmp_path / "deep" / "data"
    for corpus in (toy_corpus(toy_file(name, LEEK)), toy_corpus(LEEK_FILE, name=name)):
        (outcome,) = fetch([corpus], data, source, replace=True)
        assert outcome.state is State.FAILED
        assert "must be a plain name" in (outcome.reason or "")
        with pytest.raises(CorpusError, match="must be a plain name"):
            list(check_files([corpus], data))
    assert not (tmp_path / "deep").exists()


def test_the_folder_to_copy_from_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"the folder to copy from must exist, was .*/nowhere"):
        Folder(tmp_path / "nowhere")


def test_a_part_stands_beside_its_place() -> None:
    place = Place(Path("data"), "soups", "leek.csv")

    assert (str(place.target), str(place.part)) == ("data/soups/leek.csv", "data/soups/leek.csv.part")
