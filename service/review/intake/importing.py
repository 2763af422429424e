"""Texts from a file: scored and taken in as they are read, a batch at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar

from pydantic import ValidationError

from tocsin.assessment import Assessment, Level
from tocsin.errors import InputError, MalformedRowError
from tocsin.item import Item
from tocsin.service.api.validation import first_fault
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ReviewError
from tocsin.service.review.intake.bodies import SubmissionBody
from tocsin.service.review.intake.receipt import Receipt
from tocsin.service.review.intake.submission import Judged, Submission
from tocsin.service.review.intake.taking_in import take_in
from tocsin.service.scan import Assessor

__all__ = ["ConflictingRowError", "Imported", "Record", "Taken", "assessed", "import_records", "take_rows"]

Record: TypeAlias = tuple[int, Mapping[str, Any]] | MalformedRowError

_MOST: Final = 200
_MOST_CHARACTERS: Final = 4 * 1024 * 1024  # long texts fill a batch before its rows are counted
_FLAGGED: Final = frozenset({Level.REVIEW, Level.URGENT})


class ConflictingRowError(MalformedRowError):
    """Name one row that the queue does not take: its id is known, with another text."""


Taken: TypeAlias = Receipt | MalformedRowError
Given = TypeVar("Given", bound=Submission)


@dataclass(slots=True)
class Imported:
    """Count rows: new ones by where they are now, known ones, and those that were not taken."""

    new: Counter[str] = field(default_factory=Counter)
    known: int = 0
    conflicting: int = 0
    malformed: int = 0

    @property
    def rejected(self) -> int:
        """Return how many rows were not taken."""
        return self.conflicting + self.malformed

    def count(self, taken: Taken) -> None:
        """Add one row."""
        if isinstance(taken, ConflictingRowError):
            self.conflicting += 1
        elif isinstance(taken, MalformedRowError):
            self.malformed += 1
        elif taken.new:
            self.new[(taken.queue or taken.state).value] += 1
        else:
            self.known += 1

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as JSON has them."""
        return {
            "rows": self.new.total() + self.known + self.rejected,
            "new": self.new.total(),
            "known": self.known,
            "conflicting": self.conflicting,
            "malformed": self.malformed,
            "queues": dict(sorted(self.new.items())),
        }

    def __str__(self) -> str:
        places = ", ".join(f"{count:,} {place}" for place, count in sorted(self.new.items()))
        new = f"{self.new.total():,} new" + (f" ({places})" if places else "")
        return f"{new}, {self.known:,} known, {self.conflicting:,} conflicting, {self.malformed:,} malformed"


def import_records(
    desk: Desk, assessor: Assessor, source: str, records: Iterable[Record], by: str, *, golden: bool = False
) -> Iterator[Taken]:
    """Yield one outcome a record, in order, each batch once it is stored; pass an InputError on after them.

    A record is what ``POST /v1/items`` takes, with its row in `source`; where `golden`, each must have a
    known answer. Importing a file again changes nothing. Raises StoreError and ScoringError: what was
    yielded before is stored.
    """
    rows = (_read(source, record, golden) for record in records)
    yield from take_rows(rows, partial(_taken, desk, assessor, source, by))


def take_rows(
    rows: Iterable[tuple[int, Given] | MalformedRowError],
    take: Callable[[Sequence[tuple[int, Given]]], Iterator[Taken]],
) -> Iterator[Taken]:
    """Yield what `take` makes of numbered rows, a batch at a time, and malformed ones in their places.

    Passes an InputError of `rows` on, once what came before it is taken.
    """
    for batch in _batches(rows):
        taken = take([row for row in batch if not isinstance(row, MalformedRowError)])
        for row in batch:
            yield row if isinstance(row, MalformedRowError) else next(taken)


_Row: TypeAlias = tuple[int, Submission]


def _read(source: str, record: Record, golden: bool) -> _Row | MalformedRowError:
    if isinstance(record, MalformedRowError):
        return record
    number, fields = record
    try:
        submission = SubmissionBody.model_validate(fields).submission()
    except ValidationError as error:
        return MalformedRowError(source, number, first_fault(error))
    if golden and submission.expected is None:
        return MalformedRowError(source, number, "a golden item must have a field 'expected'")
    return number, submission


def _batches(
    rows: Iterable[tuple[int, Given] | MalformedRowError],
) -> Iterator[list[tuple[int, Given] | MalformedRowError]]:
    batch: list[tuple[int, Given] | MalformedRowError] = []
    characters = 0
    failure: InputError | None = None
    try:
        for row in rows:
            batch.append(row)
            characters += 0 if isinstance(row, MalformedRowError) else len(row[1].text)
            if len(batch) >= _MOST or characters >= _MOST_CHARACTERS:
                yield batch
                batch, characters = [], 0
    except InputError as error:
        failure = error  # what was read before the fault is sound: it is taken first
    if batch:
        yield batch
    if failure:
        raise failure


def _taken(
    desk: Desk, assessor: Assessor, source: str, by: str, rows: Sequence[_Row]
) -> Iterator[Receipt | ConflictingRowError]:
    submissions = [submission for _, submission in rows]
    judged = list(map(Judged, submissions, assessed(assessor, submissions)))
    receipts = desk.write(take_in, judged, by) if judged else []
    for (number, _), receipt in zip(rows, receipts, strict=True):
        if isinstance(receipt, ReviewError):
            yield ConflictingRowError(source, number, str(receipt))
        else:
            yield receipt


def assessed(assessor: Assessor, submissions: Sequence[Submission]) -> list[Assessment]:
    """Return one assessment a submission; of what reached a level, with what moved it: reviewers see that."""
    items = [Item(one.id, one.text, one.language, one.posted_at, one.community) for one in submissions]
    found = assessor.assess(items) if items else []
    flagged = [place for place, one in enumerate(found) if one.level in _FLAGGED]
    explained = assessor.assess([items[place] for place in flagged], explain=True) if flagged else []
    told = dict(zip(flagged, explained, strict=True))
    return [told.get(place, one) for place, one in enumerate(found)]
