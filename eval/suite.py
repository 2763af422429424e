"""A suite is one question about a bundle, and the tables that answer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tocsin.eval.subject import Subject
from tocsin.eval.tables import Table

__all__ = ["Answer", "Measured", "NotRun", "Suite", "Tell"]

Tell = Callable[[str], None]


class NotRun(Exception):  # noqa: N818 - nothing went wrong: there was nothing to measure
    """Say why a suite measured nothing: what it needs is not there. It is never "passed"."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Hold what one suite measured.

    `findings` are its plainest results, one sentence each with its figures, bad ones first: what a
    policy lead reads before any table.
    """

    tables: Sequence[Table]
    findings: Sequence[str] = ()

    def __post_init__(self) -> None:
        names = [table.name for table in self.tables]
        if len(set(names)) < len(names):
            raise ValueError(f"tables of a suite must have names of their own, had {', '.join(names)}")


class Suite(Protocol):
    """Measure one thing: what a module of `tocsin.eval.suites` hands out as ``SUITE``."""

    @property
    def name(self) -> str:
        """Return what the command line calls it."""
        ...

    @property
    def title(self) -> str:
        """Return its heading."""
        ...

    @property
    def question(self) -> str:
        """Return what it answers, in one plain sentence."""
        ...

    def measure(self, subject: Subject, tell: Tell) -> Measured:
        """Return what was measured; raise NotRun where what it needs is not there."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold what became of one suite: what it measured, or why it was not run.

    `seconds` is how long it took; an answer read back from an earlier run keeps its own.
    """

    name: str
    title: str
    question: str
    measured: Measured | None
    why_not: str | None
    seconds: float

    @property
    def tables(self) -> Mapping[str, Table]:
        """Return its tables by name, none where it was not run."""
        return {table.name: table for table in self.measured.tables} if self.measured else {}

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types; `from_dict` takes them back."""
        return {
            "name": self.name,
            "title": self.title,
            "question": self.question,
            "status": "run" if self.measured else "not run",
            "why_not": self.why_not,
            "seconds": self.seconds,
            "findings": list(self.measured.findings) if self.measured else [],
            "tables": [table.to_dict() for table in self.tables.values()],
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Answer:
        """Return the answer that `to_dict` wrote; raise KeyError, TypeError or ValueError for others."""
        tables = tuple(Table.from_dict(table) for table in told["tables"])
        measured = Measured(tables, tuple(told["findings"])) if told["status"] == "run" else None
        return cls(
            told["name"], told["title"], told["question"], measured, told["why_not"], float(told["seconds"])
        )
