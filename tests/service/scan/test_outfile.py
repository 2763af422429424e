from pathlib import Path

import pytest

from tocsin.errors import InputError
from tocsin.service.scan import open_outfile


def test_a_file_appears_under_its_name_only_when_complete(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    with open_outfile(path) as stream:
        stream.write(b"soup")
        assert not path.exists()

    assert path.read_bytes() == b"soup"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_bytes(b"yesterday")

    def interrupted() -> None:
        with open_outfile(path) as stream:
            stream.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert path.read_bytes() == b"yesterday"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    target.touch()
    link.symlink_to(target)

    with open_outfile(link) as stream:
        stream.write(b"soup")

    assert link.is_symlink()
    assert target.read_bytes() == b"soup"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o444])
def test_a_replaced_file_hands_its_permissions_on(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "out.json"
    path.touch()
    path.chmod(mode)

    with open_outfile(path) as stream:
        (part,) = tmp_path.glob(".out.json.*")
        assert part.stat().st_mode & 0o777 == mode
        stream.write(b"soup")

    assert path.stat().st_mode & 0o777 == mode
    assert path.read_bytes() == b"soup"


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "any").touch()
    with open_outfile(tmp_path / "out.json"):
        pass

    assert (tmp_path / "out.json").stat().st_mode == (tmp_path / "any").stat().st_mode


@pytest.mark.parametrize(
    ("name", "why"),
    [
        pytest.param(".", "an output must be a regular file", id="a folder"),
        pytest.param("none/out.json", "an output must be writable", id="a folder that does not exist"),
    ],
)
def test_a_place_that_cannot_be_written_is_an_input_error(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(InputError, match=why), open_outfile(tmp_path / name):
        pass


def test_a_device_is_never_replaced() -> None:
    with pytest.raises(InputError, match="an output must be a regular file"), open_outfile(Path("/dev/null")):
        pass
