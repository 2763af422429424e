import os
from pathlib import Path

import pytest

from tocsin.errors import InputError
from tocsin.service.scan import Format, inputs_from


@pytest.mark.parametrize(
    ("name", "layout"),
    [
        ("posts.txt", Format.TXT),
        ("posts.jsonl", Format.JSONL),
        ("posts.ndjson", Format.JSONL),
        ("posts.csv", Format.CSV),
        ("posts.tsv", Format.TSV),
        ("posts.parquet", Format.PARQUET),
        ("POSTS.CSV", Format.CSV),
        ("posts.csv.gz", Format.CSV),
        ("posts.2024.jsonl.zst", Format.JSONL),
    ],
)
def test_the_suffix_says_the_format(tmp_path: Path, name: str, layout: Format) -> None:
    (tmp_path / name).touch()

    assert inputs_from([str(tmp_path / name)])[0].format is layout


def test_standard_input_is_text_unless_said_otherwise() -> None:
    assert [source.format for source in (*inputs_from([]), *inputs_from(["-"], Format.CSV))] == ["txt", "csv"]


def test_one_input_numbers_its_rows_and_several_name_themselves(tmp_path: Path) -> None:
    path = tmp_path / "posts.txt"
    path.touch()

    assert inputs_from([str(path)])[0].row_id(7) == "7"
    assert [source.row_id(7) for source in inputs_from([str(path), "-"])] == [f"{path}:7", "<stdin>:7"]


def test_a_name_that_is_not_unicode_can_still_be_an_id(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")
    Path(path).touch()

    assert inputs_from([path, "-"])[0].row_id(1).endswith(r"caf\xe9.txt:1")


@pytest.mark.parametrize(
    ("name", "layout", "why"),
    [
        pytest.param("posts.doc", None, "a file name must end in one of .txt, .jsonl", id="unknown suffix"),
        pytest.param("posts", None, "or --format must say what it is", id="no suffix"),
        pytest.param("posts.gz", None, "a file name must end in one of", id="a compression alone"),
        pytest.param("posts.parquet.gz", None, "must not be compressed as a whole", id="packed Parquet"),
        pytest.param("posts.gz", Format.PARQUET, "must not be compressed as a whole", id="named as such"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    tmp_path: Path, name: str, layout: Format | None, why: str
) -> None:
    (tmp_path / name).touch()

    with pytest.raises(InputError, match=why):
        inputs_from([str(tmp_path / name)], layout)


@pytest.mark.parametrize(
    ("arguments", "layout", "why"),
    [
        pytest.param(["none.txt"], None, "must be a file that exists, was none.txt", id="no such file"),
        pytest.param(["."], Format.TXT, "must be a file that exists", id="a folder"),
        pytest.param(["-"], Format.PARQUET, "Parquet must be read from a file, was a pipe", id="a pipe"),
        pytest.param(["-", "-"], None, "can be read only once, was named 2 times", id="twice the same pipe"),
    ],
)
def test_an_input_that_cannot_be_is_refused(arguments: list[str], layout: Format | None, why: str) -> None:
    with pytest.raises(InputError, match=why):
        inputs_from(arguments, layout)


def test_parquet_cannot_come_from_a_named_pipe(tmp_path: Path) -> None:
    path = tmp_path / "posts.parquet"
    os.mkfifo(path)

    with pytest.raises(InputError, match="was a pipe"):
        inputs_from([str(path)])
