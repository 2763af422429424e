"""Memory does not grow with the input, neither where rows are read nor where they are scored."""

import json
import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tocsin.assessment import Assessment
from tocsin.item import Item
from tocsin.service.audit.engine import SerialEngine
from tocsin.service.audit.run import run_audit
from tocsin.service.audit.schema import AskedSchema
from tocsin.service.audit.testing import Silent, Toy, toy_plan
from tocsin.service.scan.testing import WordAssessor

PART_ROWS = 500
TOY = Toy(AskedSchema(slices={"place": None}), part_rows=PART_ROWS)


class Parrot:
    """Give every item the same answer, at little cost."""

    def __init__(self) -> None:
        (self._answer,) = WordAssessor({"soup": 0.9}).assess([Item("1", "soup")])

    def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
        del explain  # it has nothing to explain
        return [replace(self._answer, id=item.id) for item in items]


class Peaks(Silent):
    """Note the highest number of bytes in use while each part was made."""

    def __init__(self) -> None:
        super().__init__()
        self.peaks: list[int] = []

    def done(self, rows: int, read_bytes: int) -> None:
        super().done(rows, read_bytes)
        self.peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.reset_peak()


@contextmanager
def traced() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("inputs", [1, 4], ids=["one input", "several inputs"])
def test_the_last_parts_need_no_more_memory_than_the_first(tmp_path: Path, inputs: int) -> None:
    parts = 12
    paths = [tmp_path / f"{number}.jsonl" for number in range(inputs)]
    for path in paths:
        line = json.dumps({"text": "a long recipe for soup, which goes on and on", "place": "Quell"}) + "\n"
        path.write_text(line * (parts * PART_ROWS // inputs), encoding="utf-8")
    peaks = Peaks()

    with traced():
        run_audit(toy_plan(tmp_path / "out", paths, TOY, Parrot()), SerialEngine(), peaks)

    assert len(peaks.peaks) == parts
    # Kept rows would make it three times as much; the rest is when the collector ran, and a line a part.
    assert max(peaks.peaks[-4:]) < max(peaks.peaks[:4]) * 1.5
    assert max(peaks.peaks) < 3 * 1024 * 1024  # one part and what is made of it, where all would be twelve
