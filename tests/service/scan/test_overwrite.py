from pathlib import Path

import pytest

from tocsin.service.scan import find_overwritten


@pytest.fixture
def menu(tmp_path: Path) -> Path:
    path = tmp_path / "menu.txt"
    path.write_bytes(b"soup")
    (tmp_path / "hard.txt").hardlink_to(path)
    (tmp_path / "soft.txt").symlink_to(path)
    return path


@pytest.mark.parametrize("name", ["menu.txt", "../{folder}/menu.txt", "hard.txt", "soft.txt"])
def test_a_file_that_is_read_is_found_by_any_name(menu: Path, name: str) -> None:
    path = menu.parent / name.format(folder=menu.parent.name)

    assert find_overwritten([path], [menu]) == path


def test_one_output_named_twice_is_found_before_it_exists(tmp_path: Path) -> None:
    (tmp_path / "soft").symlink_to("out")

    assert find_overwritten([tmp_path / "out", tmp_path / "soft"], []) == tmp_path / "soft"


def test_other_files_may_be_written(menu: Path) -> None:
    assert find_overwritten([menu.parent / "out", menu.parent / "rejects"], [menu]) is None
