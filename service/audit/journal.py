"""What is done of an audit, a line a part: a run that was killed goes on behind it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from tocsin.errors import InputError
from tocsin.service.audit.durable import write_durably
from tocsin.service.audit.layout import PartName
from tocsin.service.audit.manifest import Counts
from tocsin.service.audit.record import Record

if TYPE_CHECKING:
    from typing import BinaryIO

    from tocsin.service.audit.layout import AuditLayout
    from tocsin.service.audit.unit import Done

__all__ = ["Journal", "open_journal"]


class PartLine(Record):
    """Say that a part is on the disk; `seconds` is when, since the start of the run that did it."""

    kind: Literal["part"] = "part"
    source: int = Field(ge=0)
    number: int = Field(ge=0)
    first: int = Field(ge=0)
    rows: int = Field(ge=0)
    counts: Counts
    run: int = Field(ge=0)
    seconds: float = Field(ge=0)

    @property
    def part(self) -> PartName:
        """Return the part's name."""
        return PartName(self.source, self.number)


class EndLine(Record):
    """Say that an input was read to its end, and how many parts and rows it has."""

    kind: Literal["end"] = "end"
    source: int = Field(ge=0)
    parts: int = Field(ge=0)
    rows: int = Field(ge=0)


Line: TypeAlias = PartLine | EndLine
LINE: Final[TypeAdapter[Line]] = TypeAdapter(Annotated[Line, Field(discriminator="kind")])


class _Source:
    """Know which parts of one input are done: those before `parts`, and some beyond."""

    def __init__(self) -> None:
        self.parts = self.rows = 0
        self.beyond: dict[int, int] = {}
        self.end: EndLine | None = None

    def add(self, number: int, rows: int) -> None:
        """Note a part of so many rows."""
        self.beyond[number] = rows
        while self.parts in self.beyond:
            self.rows += self.beyond.pop(self.parts)
            self.parts += 1


class Journal:
    """Know what is done, and note what is being done."""

    def __init__(self, file: BinaryIO, run: int, lines: Iterator[Line]) -> None:
        self._file = file
        self._run = run
        self._sources: dict[int, _Source] = {}
        self._seconds: dict[int, float] = {}
        self.counts = Counts()
        self.parts = 0
        for line in lines:
            self._take(line)

    @property
    def seconds(self) -> float:
        """Return the seconds of all runs, each up to its last part."""
        return sum(self._seconds.values())

    def is_complete(self, source: int) -> bool:
        """Say whether every part of an input is done."""
        found = self._sources.get(source)
        return found is not None and found.end is not None and found.parts == found.end.parts

    def is_done(self, part: PartName) -> bool:
        """Say whether a part is done."""
        found = self._sources.get(part.source)
        return found is not None and (part.number < found.parts or part.number in found.beyond)

    def start(self, source: int) -> tuple[int, int]:
        """Return the first part of an input that is not done, and how many rows stand before it."""
        found = self._sources.get(source)
        return (found.parts, found.rows) if found else (0, 0)

    def add(self, done: Done, seconds: float) -> None:
        """Note that a part is done, `seconds` after the start of this run."""
        self._write(
            PartLine(
                source=done.part.source,
                number=done.part.number,
                first=done.first,
                rows=done.rows,
                counts=done.counts,
                run=self._run,
                seconds=seconds,
            )
        )

    def end(self, source: int, parts: int, rows: int) -> None:
        """Note that an input was read to its end."""
        self._write(EndLine(source=source, parts=parts, rows=rows))

    def _write(self, line: Line) -> None:
        try:
            self._file.write(_encoded(line))
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise InputError(f"{self._file.name}: must be writable: {error.strerror}") from error
        self._take(line)

    def _take(self, line: Line) -> None:
        source = self._sources.setdefault(line.source, _Source())
        if isinstance(line, EndLine):
            source.end = line
            return
        source.add(line.number, line.rows)
        self.counts = Counts.total([self.counts, line.counts])
        self._seconds[line.run] = max(self._seconds.get(line.run, 0), line.seconds)
        self.parts += 1


@contextmanager
def open_journal(layout: AuditLayout) -> Iterator[Journal]:
    """Hand out the journal of an audit, without what is not so: parts whose files are gone.

    A last line that a killed run left half written counts for nothing. Raises InputError, naming the file and
    the line, where another one is none.
    """
    path = layout.journal
    lines = _kept(layout) if path.exists() else []
    # Written anew, so that nothing is added to half a line and no part stands there twice.
    write_durably(path, b"".join(map(_encoded, lines)))
    run = 1 + max((line.run for line in lines if isinstance(line, PartLine)), default=-1)
    with path.open("ab") as file:
        yield Journal(file, run, iter(lines))


def _kept(layout: AuditLayout) -> list[Line]:
    ends: dict[int, EndLine] = {}
    parts: dict[PartName, PartLine] = {}
    for line in _read(layout):
        if isinstance(line, EndLine):
            ends[line.source] = line
        else:
            parts[line.part] = line
    return [*(line for line in parts.values() if _is_there(layout, line)), *ends.values()]


def _read(layout: AuditLayout) -> Iterator[Line]:
    path = layout.journal
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                return  # half a line: the run was killed while it wrote
            try:
                yield LINE.validate_json(line)
            except ValidationError as error:
                raise InputError(
                    f"{path}, line {number}: must say what is done, does not; remove the folder to begin anew"
                ) from error


def _is_there(layout: AuditLayout, line: PartLine) -> bool:
    wanted = [layout.scored_part(line.part)]
    if line.counts.rejected:
        wanted.append(layout.rejects_part(line.part))
    return all(path.is_file() for path in wanted)


def _encoded(line: Line) -> bytes:
    return line.model_dump_json().encode() + b"\n"
