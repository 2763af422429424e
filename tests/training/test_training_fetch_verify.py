import os
from pathlib import Path

import pytest

from tocsin.training.fetching import Condition, Finding, check_files, examine
from tocsin.training.fetching.testing import toy_corpus, toy_file

LEEK = b"leek, potato, stock\n" * 9
LEEK_FILE = toy_file("leek.csv", LEEK)


CONDITIONS = [
    ("right", LEEK, Finding(Condition.OK, 180)),
    ("shorter", b"bread", Finding(Condition.DIFFERS, 5, "size must be 180 bytes, was 5")),
    ("empty", b"", Finding(Condition.DIFFERS, 0, "size must be 180 bytes, was 0")),
    ("longer", LEEK + b"!", Finding(Condition.DIFFERS, 181, "size must be 180 bytes, was 181")),
    ("gone", None, Finding(Condition.MISSING, 0, "is not there")),
]


@pytest.mark.parametrize(("content", "finding"), [pytest.param(*row, id=why) for why, *row in CONDITIONS])
def test_a_file_is_ok_missing_or_differs(tmp_path: Path, content: bytes | None, finding: Finding) -> None:
    (tmp_path / "soups").mkdir()
    if content is not None:
        (tmp_path / "soups" / "leek.csv").write_bytes(content)

    (found,) = check_files([toy_corpus(LEEK_FILE)], tmp_path)

    assert (str(found[0]), found[1]) == ("soups/leek.csv", finding)
    assert found[1].ok == (content == LEEK)


def test_a_file_of_the_right_size_and_another_content_differs(tmp_path: Path) -> None:
    path = tmp_path / "leek.csv"
    path.write_bytes(LEEK[::-1])
    found = toy_file("", LEEK[::-1]).sha256

    reason = f"SHA-256 must be {LEEK_FILE.sha256}, was {found}"
    assert examine(path, LEEK_FILE) == Finding(Condition.DIFFERS, 180, reason)


@pytest.mark.parametrize("kind", ["folder", "dangling-link", "pipe"])
def test_what_is_no_file_differs(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "leek.csv"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("nowhere")

    assert examine(path, LEEK_FILE) == Finding(Condition.DIFFERS, 0, "must be a regular file, was not")


def test_a_file_is_read_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(LEEK)
    (tmp_path / "leek.csv").symlink_to("mine")

    assert examine(tmp_path / "leek.csv", LEEK_FILE).ok
