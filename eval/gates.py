"""What a bundle must reach before it is released: floors and ceilings, each with its reason."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tocsin.assessment import Tier
from tocsin.errors import InputError
from tocsin.eval.report import Report
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.tables import Kind, Table, bare

__all__ = ["Gate", "Outcome", "Verdict", "judge", "read_gates"]

SHIPPED: Final[Mapping[Tier, str]] = {
    Tier.SCREEN: "gates.toml",
    Tier.ENCODER: "encoder-gates.toml",
    Tier.CASCADE: "cascade-gates.toml",
}
# A row that is told by none of these is of many corpora together: no ground for a release.
PLACES: Final = frozenset({"corpus", "audit", "functionality", "suite"})

Finite = Annotated[float, Field(allow_inf_nan=False)]


class Verdict(StrEnum):
    """Say what became of a gate; `FAILING` ones stop a release."""

    MET = "met"
    KNOWN = "known shortfall"
    WORSE = "worse than its known shortfall"
    SHORT = "fell short"
    UNMEASURED = "not measured"


FAILING: Final = frozenset({Verdict.WORSE, Verdict.SHORT, Verdict.UNMEASURED})


class Gate(BaseModel):
    """Hold one floor or ceiling for one figure: a column of one row of one suite's table.

    `row` gives every key column of the table. `known` is what the figure is allowed to be meanwhile, where
    today's bundle cannot meet the gate: a known shortfall, which may not get worse.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    suite: str
    table: str
    row: Mapping[str, str]
    column: str
    floor: Finite | None = None
    ceiling: Finite | None = None
    known: Finite | None = None
    reason: str = Field(min_length=1)

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.floor is None) == (self.ceiling is None):
            raise ValueError("a gate must have either a floor or a ceiling")
        if self.known is not None and self._reaches(self.known):
            raise ValueError("known must fall short of the gate: a figure that meets it needs none")
        if not PLACES & set(self.row):
            raise ValueError(f"row must name one of {', '.join(sorted(PLACES))}: pooled figures gate nothing")
        return self

    @property
    def place(self) -> str:
        """Return where the figure stands, in words."""
        return " · ".join((self.suite, self.table, *self.row.values(), self.column))

    @property
    def bound(self) -> str:
        """Return what the figure is held to, in words."""
        return f"at least {self.floor:g}" if self.floor is not None else f"at most {self.ceiling:g}"

    def verdict(self, figure: float) -> Verdict:
        """Return what a figure makes of this gate."""
        if self._reaches(figure):
            return Verdict.MET
        if self.known is None:
            return Verdict.SHORT
        worse = figure < self.known if self.floor is not None else figure > self.known
        return Verdict.WORSE if worse else Verdict.KNOWN

    def _reaches(self, figure: float) -> bool:
        if self.floor is not None:
            return figure >= self.floor
        return self.ceiling is not None and figure <= self.ceiling


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Annotated[int, Field(strict=True, ge=1, le=1)]
    gate: tuple[Gate, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold what became of one gate; `figure` is None where nothing was measured, and `why` says why."""

    gate: Gate
    verdict: Verdict
    figure: float | None
    why: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {
            "place": self.gate.place,
            "bound": self.gate.bound,
            "known": self.gate.known,
            "figure": self.figure,
            "verdict": self.verdict.value,
            "reason": self.gate.reason,
            "why": self.why,
        }


def read_gates(path: Path | None = None, tier: Tier = Tier.SCREEN) -> tuple[Gate, ...]:
    """Return the gates of a file, by default those that ship for a tier; raise InputError if it is none."""
    source = str(path or SHIPPED[tier])
    try:
        written = path.read_text("utf-8") if path else files(__package__).joinpath(source).read_text("utf-8")
        gates = _Document.model_validate(tomllib.loads(written)).gate
    except OSError as error:
        raise InputError(f"{source}: cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{source}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except ValueError as error:
        raise InputError(f"{source}: must be TOML, was not: {error}") from error
    twice = _twice(gates)
    if twice:
        raise InputError(f"{source}: a figure must have one floor and one ceiling at most: {twice} has two")
    return gates


def judge(gates: Sequence[Gate], report: Report) -> Iterator[Outcome]:
    """Yield what becomes of each gate; raise InputError for one that no table could ever answer."""
    for gate in gates:
        answer = report.answer(gate.suite)
        if answer is None or answer.measured is None:
            why = (answer.why_not if answer else None) or "the suite was not asked for"
            yield Outcome(gate, Verdict.UNMEASURED, None, why)
            continue
        table = answer.tables.get(gate.table)
        if table is None:
            yield Outcome(
                gate, Verdict.UNMEASURED, None, f"suite {gate.suite} has no table {gate.table} here"
            )
            continue
        yield _judged(gate, table)


def _judged(gate: Gate, table: Table) -> Outcome:
    if set(gate.row) != set(table.keys):
        raise InputError(f"{gate.place}: row must give {', '.join(table.keys)}; gave {', '.join(gate.row)}")
    kinds = {column.name: column.kind for column in table.columns}
    if kinds.get(gate.column, Kind.TEXT) in {Kind.TEXT, Kind.CODE}:
        raise InputError(f"{gate.place}: column must be a figure of {table.name}, was {gate.column!r}")
    rows = table.find(gate.row)
    if len(rows) != 1:
        many = "more than one such row" if rows else "no such row"
        return Outcome(gate, Verdict.UNMEASURED, None, f"the table has {many}")
    value = bare(rows[0][gate.column])
    figure = value.value if isinstance(value, Estimate) else value
    if not isinstance(figure, int | float) or not math.isfinite(figure):
        return Outcome(gate, Verdict.UNMEASURED, None, "the row has no such figure")
    return Outcome(gate, gate.verdict(float(figure)), float(figure))


def _twice(gates: Sequence[Gate]) -> str | None:
    seen: set[tuple[str, bool]] = set()
    for gate in gates:
        one = (gate.place, gate.floor is None)
        if one in seen:
            return gate.place
        seen.add(one)
    return None
