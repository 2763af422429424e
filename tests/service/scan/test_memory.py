import io
import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

from rich.console import Console

from tocsin.assessment import Assessment
from tocsin.item import Item
from tocsin.service.scan import (
    Columns,
    Judged,
    Limits,
    TableSink,
    Tally,
    inputs_from,
    judge_rows,
    read_rows,
)
from tocsin.service.scan.testing import WordAssessor

ROWS = 200_000
# Tracing is slow: the last rows tell, for kept ones would take some 10 MB.
TRACED_ROWS = 25_000
LINE = b'{"id": %d, "text": "a long recipe for soup, which goes on and on and on"}\n'


class Parrot:
    """Give every item the same answer, at little cost."""

    def __init__(self) -> None:
        (self._answer,) = WordAssessor({"soup": 0.9}).assess([Item("1", "soup")])

    def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
        del explain  # it has nothing to explain
        return [replace(self._answer, id=item.id) for item in items]


@contextmanager
def traced() -> Iterator[list[int]]:
    """Hand out a list that receives the peak of traced bytes."""
    peak: list[int] = []
    tracemalloc.start()
    try:
        yield peak
    finally:
        peak.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_input(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_bytes(b"".join(LINE % number for number in range(ROWS)))
    sink, tally = TableSink(Console(file=io.StringIO()), top=50), Tally()
    rows = read_rows(inputs_from([str(path)]), Columns(), Limits())

    outcomes = judge_rows(rows, Parrot())

    def take(count: int) -> None:
        for outcome in islice(outcomes, count):
            tally.count(outcome)
            if isinstance(outcome, Judged):
                sink.write(outcome)

    take(ROWS - TRACED_ROWS)
    with traced() as peak:
        take(TRACED_ROWS)

    assert tally.rows == ROWS
    assert peak[0] < 3 * 1024 * 1024
