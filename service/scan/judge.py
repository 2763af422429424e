"""Rows scored in batches as they stream by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.errors import InputError, ScoringError
from tocsin.item import Item
from tocsin.service.scan.outcome import Judged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tocsin.service.scan.assessor import Assessor
    from tocsin.service.scan.outcome import Outcome
    from tocsin.service.scan.row import Row

__all__ = ["BATCH_ROWS", "judge_rows"]

BATCH_ROWS: Final = 512
# Long texts fill a batch before its rows are counted, so that memory stays bounded.
BATCH_CHARACTERS: Final = 4 * 1024 * 1024


def judge_rows(rows: Iterable[Row], assessor: Assessor, *, explain: bool = False) -> Iterator[Outcome]:
    """Yield exactly one outcome for every row, in order; pass an InputError on after them."""
    for batch in _batches(rows):
        items = [row for row in batch if isinstance(row, Item)]
        judged = iter(_judged(items, assessor, explain=explain))
        for row in batch:
            yield next(judged) if isinstance(row, Item) else row


def _judged(items: Sequence[Item], assessor: Assessor, *, explain: bool) -> list[Judged]:
    assessments = assessor.assess(items, explain=explain) if items else []
    if [assessment.id for assessment in assessments] != [item.id for item in items]:
        raise ScoringError(
            f"a scorer must answer every item in order, was {len(assessments)} answers to {len(items)} items"
        )
    return [Judged(item, assessment) for item, assessment in zip(items, assessments, strict=True)]


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    characters = 0
    failure: InputError | None = None
    try:
        for row in rows:
            batch.append(row)
            characters += len(row.text) if isinstance(row, Item) else 0
            if len(batch) >= BATCH_ROWS or characters >= BATCH_CHARACTERS:
                yield batch
                batch, characters = [], 0
    except InputError as error:
        # What was read before the fault is sound: it is scored first.
        failure = error
    if batch:
        yield batch
    if failure:
        raise failure
