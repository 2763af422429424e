import gzip
import io
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import zstandard

from tocsin.errors import InputError, LimitError
from tocsin.item import Item
from tocsin.service.scan import Columns, Limits, Row, inputs_from, read_rows

LIMITS = Limits()

TEXT = b"".join(b"dish number %d\n" % number for number in range(5000))
SKIPPABLE = bytes.fromhex("502a4d18") + (4).to_bytes(4, "little") + b"note"
PACK = {"gz": gzip.compress, "zst": zstandard.compress}

packed = pytest.mark.parametrize("pack", PACK.values(), ids=PACK)


def read_all(folder: Path, data: bytes, name: str, limits: Limits = LIMITS) -> tuple[list[Row], str]:
    """Return the rows that come before the end or an error, and that error."""
    path = folder / name
    path.write_bytes(data)
    rows: list[Row] = []
    try:
        rows.extend(read_rows(inputs_from([str(path)]), Columns(), limits))
    except InputError as error:
        return rows, str(error)
    return rows, ""


def suffix(pack: Callable[[bytes], bytes]) -> str:
    return next(key for key, value in PACK.items() if value is pack)


@packed
def test_packed_files_are_unpacked(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    rows, error = read_all(tmp_path, pack(TEXT), f"posts.txt.{suffix(pack)}")

    assert (len(rows), error) == (5000, "")


@packed
def test_packing_is_told_by_the_first_bytes_where_the_name_is_silent(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    assert len(read_all(tmp_path, pack(TEXT), "posts.txt")[0]) == 5000


@packed
def test_standard_input_is_unpacked(monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(pack(b"soup\n"))))

    assert list(read_rows(inputs_from([]), Columns(), Limits())) == [Item("1", "soup")]


def test_bytes_that_trickle_in_one_by_one_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = io.BytesIO(gzip.compress(b"\xef\xbb\xbfsoup\nbread"))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=SimpleNamespace(read=lambda _: slow.read(1))))

    assert list(read_rows(inputs_from(["-"]), Columns(), Limits())) == [Item("1", "soup"), Item("2", "bread")]


@packed
def test_every_member_is_read_whole(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    rows, error = read_all(tmp_path, pack(TEXT) + pack(b"") + pack(TEXT), f"posts.txt.{suffix(pack)}")

    assert (len(rows), error) == (10_000, "")


def test_skippable_frames_are_skipped(tmp_path: Path) -> None:
    data = SKIPPABLE + zstandard.compress(TEXT) + SKIPPABLE

    assert len(read_all(tmp_path, data, "posts.txt.zst")[0]) == 5000


@packed
@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param(lambda data: data[:-1], "ended early", id="the last byte is lost"),
        pytest.param(lambda data: data[: len(data) // 2], "ended early", id="half is lost"),
        pytest.param(lambda data: data + data[:5], "ended early", id="the next member is cut short"),
        pytest.param(lambda _: b"", "ended early", id="an empty file"),
        pytest.param(lambda data: data + b"junk\n", "damaged", id="something else follows"),
        pytest.param(lambda data: b"junk" + data, "damaged", id="something else precedes"),
    ],
)
def test_a_spoilt_stream_is_an_error(
    tmp_path: Path, pack: Callable[[bytes], bytes], spoil: Callable[[bytes], bytes], why: str
) -> None:
    _, error = read_all(tmp_path, spoil(pack(TEXT)), f"posts.txt.{suffix(pack)}")

    assert "data" in error
    assert why in error


def test_flipped_bits_are_an_error(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(TEXT))
    data[-6] ^= 1

    assert "damaged" in read_all(tmp_path, bytes(data), "posts.txt.gz")[1]


@packed
def test_rows_before_the_fault_are_read(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    rows, error = read_all(tmp_path, pack(TEXT) + b"junk", f"posts.txt.{suffix(pack)}")

    assert len(rows) == 5000
    assert "damaged" in error


@packed
def test_a_bomb_is_refused_before_it_fills_the_memory(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(b"soup" * 25 * 1024 * 1024)
    tracemalloc.start()
    try:
        _, error = read_all(tmp_path, bomb, "posts.txt")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert "decompressed bytes must be at most 200 times the compressed bytes" in error
    assert peak < 80 * 1024 * 1024


@packed
def test_line_feeds_alone_do_not_fill_the_memory(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "posts.txt"
    path.write_bytes(pack(b"\n" * 16 * 1024 * 1024))
    rows = read_rows(inputs_from([str(path)]), Columns(), LIMITS)
    tracemalloc.start()
    try:
        assert next(rows) == Item("1", "")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 40 * 1024 * 1024


def test_the_allowed_expansion_can_be_raised(tmp_path: Path) -> None:
    data = gzip.compress((b"x" * 999_999 + b"\n") * 25)

    assert "at most 200 times" in read_all(tmp_path, data, "posts.txt.gz")[1]
    assert read_all(tmp_path, data, "posts.txt.gz", Limits(expansion=1100))[1] == ""


def test_a_limit_is_a_kind_of_input_error(tmp_path: Path) -> None:
    path = tmp_path / "posts.txt.gz"
    path.write_bytes(gzip.compress(b"x" * 1000))

    with pytest.raises(LimitError):
        list(read_rows(inputs_from([str(path)]), Columns(), Limits(expansion=1, allowance_bytes=0)))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", ["posts.txt", "posts.csv", "posts.jsonl"])
def test_utf16_is_refused_by_naming_the_rule(tmp_path: Path, encoding: str, name: str) -> None:
    rows, error = read_all(tmp_path, "soup\n".encode(encoding), name)

    assert rows == []
    assert "text must be UTF-8, was UTF-16 or UTF-32" in error


def test_bytes_read_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "posts.txt.gz"
    path.write_bytes(gzip.compress(TEXT))
    read: list[int] = []

    list(read_rows(inputs_from([str(path)]), Columns(), Limits(), read.append))

    assert sum(read) == path.stat().st_size


def test_a_file_that_cannot_be_opened_is_an_input_error(tmp_path: Path) -> None:
    path = tmp_path / "posts.txt"
    path.touch()
    sources = inputs_from([str(path)])
    path.unlink()

    with pytest.raises(InputError, match="must be readable: No such file"):
        list(read_rows(sources, Columns(), Limits()))
