import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.service.scan.lines import split_lines


@given(st.lists(st.binary(max_size=12)), st.integers(min_value=1, max_value=20))
def test_lines_do_not_depend_on_where_chunks_end(chunks: list[bytes], limit: int) -> None:
    data = b"".join(chunks)
    whole = data.removesuffix(b"\n").split(b"\n") if data else []

    lines = list(split_lines(chunks, limit))

    assert [line.number for line in lines] == list(range(1, len(whole) + 1))
    assert [line.size for line in lines] == [len(line) for line in whole]
    assert [line.content for line in lines] == [line[:limit] for line in whole]


@pytest.mark.parametrize("ending", [b"", b"\n"])
def test_an_overlong_line_is_never_held_whole(ending: bytes) -> None:
    chunks = (b"x" * 65_536 for _ in range(1000))
    tracemalloc.start()
    try:
        (line,) = split_lines((chunk for part in (chunks, [ending]) for chunk in part), limit=1000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert line.size == 65_536_000
    assert peak < 1_000_000
