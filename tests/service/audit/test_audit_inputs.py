import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from tocsin.errors import InputError, MissingExtraError
from tocsin.service.audit.inputs import check_unchanged, find_inputs
from tocsin.service.scan import Columns, Format, Limits, read_rows

ROW = b'{"text": "soup"}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of posts, as tools leave them, and stand in it."""
    for name in (
        "posts/b.jsonl",
        "posts/a.csv.gz",
        "posts/2031/c.parquet",
        "posts/_SUCCESS",
        "posts/.hidden.jsonl",
        "posts/_temporary/d.jsonl",
        "posts/notes.txt",
        "posts/notes.md",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(ROW)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def store() -> Iterator[Any]:
    """Return an object store that lives in memory."""
    files = fsspec.filesystem("memory")
    files.store.clear()
    yield files
    files.store.clear()


def names(*arguments: str, layout: Format | None = None) -> list[str]:
    return [one.record.name for one in find_inputs(arguments, layout)]


@pytest.mark.parametrize(
    ("argument", "found"),
    [
        pytest.param("posts/b.jsonl", ["posts/b.jsonl"], id="a file"),
        pytest.param(
            "posts",
            ["posts/2031/c.parquet", "posts/a.csv.gz", "posts/b.jsonl"],
            id="a folder, at any depth, sorted, without marks and what is hidden",
        ),
        pytest.param("posts/*.jsonl", ["posts/b.jsonl"], id="a glob"),
        pytest.param("posts/**/*.parquet", ["posts/2031/c.parquet"], id="a glob at any depth"),
    ],
)
def test_an_argument_names_files(folder: Path, argument: str, found: list[str]) -> None:
    assert names(argument) == found


def test_a_folder_whose_format_is_said_is_read_whatever_its_suffixes(folder: Path) -> None:
    assert "posts/notes.md" in names("posts", layout=Format.JSONL)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        pytest.param(
            ["-"], "must be able to read an input again, standard input cannot", id="standard input"
        ),
        pytest.param(
            ["nowhere.csv"], "must be a file or a folder that exists, was nowhere.csv", id="nothing"
        ),
        pytest.param(["posts/*.tsv"], "must be a file or a folder that exists", id="a glob without a match"),
        pytest.param(["posts", "posts/b.jsonl"], "posts/b.jsonl: an input must be named once", id="twice"),
        pytest.param(["posts/notes.txt"], "must be one of jsonl, csv, tsv, parquet", id="plain text"),
        pytest.param(["posts/notes.md"], "must end in one of", id="an unknown suffix"),
        pytest.param(["empty"], "empty: a folder must hold a file that ends in one of .jsonl", id="no data"),
        pytest.param(["packed.parquet.gz"], "must not be compressed as a whole", id="packed Parquet"),
        pytest.param(["pipe.jsonl"], "it must be a regular file", id="a pipe"),
        pytest.param(
            ["memory://posts/"], "a file, or a folder of files, that exists", id="nothing elsewhere"
        ),
        pytest.param(["s3://bucket/posts"], "needs a package of its own: .*s3fs", id="a store's own package"),
        pytest.param(["soup://bucket/posts"], "Protocol not known: soup", id="a store that nobody knows"),
        pytest.param(["ftp://cook:salt@host/posts"], "must hold no name, no password", id="credentials"),
        pytest.param(["https://host/a.csv?signature=1"], "no query", id="a signed address"),
    ],
)
def test_what_cannot_be_audited_is_refused(folder: Path, arguments: list[str], why: str) -> None:
    (folder / "empty").mkdir()
    (folder / "packed.parquet.gz").touch()
    os.mkfifo(folder / "pipe.jsonl")

    with pytest.raises(InputError, match=why) as caught:
        find_inputs(arguments)

    assert "salt" not in str(caught.value)


def test_a_file_is_told_by_its_size_and_the_time_of_its_last_change(folder: Path) -> None:
    os.utime("posts/b.jsonl", ns=(1, 1_234_567_891))
    (one,) = find_inputs(["posts/b.jsonl"])

    assert (one.record.size, one.record.modified_ns, one.record.etag) == (len(ROW), 1_234_567_891, None)
    assert one.record.place == str(folder.resolve() / "posts" / "b.jsonl")


@pytest.mark.parametrize("change", ["content", "time", "gone"])
def test_a_file_that_changes_is_noticed(folder: Path, change: str) -> None:
    path = Path("posts/b.jsonl")
    (one,) = find_inputs([str(path)])
    check_unchanged(one)

    if change == "content":
        before = path.stat()
        path.write_bytes(ROW + ROW)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif change == "time":
        os.utime(path, ns=(1, 1))
    else:
        path.unlink()

    with pytest.raises(InputError, match=r"has changed|must be readable: No such file"):
        check_unchanged(one)


@pytest.mark.parametrize(
    "address", ["memory://bucket/posts", "memory://bucket/posts/*.jsonl", "memory://bucket/posts/a.jsonl"]
)
def test_an_object_store_is_read_as_files_are(store: Any, address: str) -> None:
    store.pipe("/bucket/posts/a.jsonl", ROW)
    store.pipe("/bucket/posts/_SUCCESS", b"")
    (one,) = find_inputs([address])

    assert one.record.name == one.record.place == "memory:///bucket/posts/a.jsonl"
    assert one.record.size == len(ROW)
    assert [row.text for row in read_rows([one.source], Columns(), Limits())] == ["soup"]  # type: ignore[union-attr]


def test_parquet_in_an_object_store_is_read(store: Any) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with store.open("/posts.parquet", "wb") as file:
        pq.write_table(pa.table({"text": [f"dish {number}" for number in range(3000)]}), file)
    (one,) = find_inputs(["memory://posts.parquet"])

    assert len(list(read_rows([one.source], Columns(), Limits()))) == 3000


def test_a_file_in_an_object_store_that_changes_is_noticed(store: Any) -> None:
    store.pipe("/a.jsonl", ROW)
    (one,) = find_inputs(["memory://a.jsonl"])
    check_unchanged(one)
    store.pipe("/a.jsonl", ROW + ROW)

    with pytest.raises(InputError, match=r"memory:///a\.jsonl: must not change while it is audited"):
        check_unchanged(one)


class Wobbly:
    """Fail as stores do: by an error of their own."""

    def __init__(self, *_: object) -> None:
        self.closed = False

    def read(self, _: int) -> bytes:
        raise RuntimeError("slow down")

    def close(self) -> None:
        self.closed = True


def test_whatever_a_store_raises_names_the_address(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    store.pipe("/a.jsonl", ROW)
    (one,) = find_inputs(["memory://a.jsonl"])
    monkeypatch.setattr(type(store), "open", Wobbly)

    with pytest.raises(InputError, match=r"memory:///a\.jsonl: must be readable to its end"):
        list(read_rows([one.source], Columns(), Limits()))


def test_without_fsspec_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "fsspec", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'tocsin\[audit\]'"):
        find_inputs(["memory://a.jsonl"])
