"""Rows in, a part out: the same bytes wherever, and however often, it is done."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from tocsin.assessment import Level, Reason, Status, Tier
from tocsin.errors import MalformedRowError, ScoringError
from tocsin.service.audit.durable import write_durably
from tocsin.service.audit.manifest import Counts
from tocsin.service.audit.schema import OWN_COLUMNS
from tocsin.service.audit.unit import Done, Part, Unit
from tocsin.service.scan.arrow import import_arrow
from tocsin.service.scan.carried import CellKind
from tocsin.service.scan.judge import judge_rows
from tocsin.service.scan.outcome import Judged
from tocsin.service.scan.placed import Placed
from tocsin.service.scan.write_parquet import ParquetSink

if TYPE_CHECKING:
    from tocsin.service.audit.columns import ColumnRecord
    from tocsin.service.audit.layout import AuditLayout
    from tocsin.service.scan.assessor import Assessor

__all__ = ["Loading", "PartScoring", "Ready"]

UNJUDGED: Final = "unjudged"

ARROW_TYPES: Final[Mapping[CellKind, Callable[[Any], Any]]] = {
    CellKind.STRING: lambda arrow: arrow.string(),
    CellKind.INTEGER: lambda arrow: arrow.int64(),
    CellKind.NUMBER: lambda arrow: arrow.float64(),
    CellKind.BOOLEAN: lambda arrow: arrow.bool_(),
    CellKind.DATE: lambda arrow: arrow.date32(),
    CellKind.TIMESTAMP: lambda arrow: arrow.timestamp("us", "UTC"),
}


class Loading(Protocol):
    """Make a scorer where it is needed; travels there by pickle."""

    def load(self) -> Assessor:
        """Return the scorer."""
        ...


@dataclass(frozen=True, slots=True)
class Ready:
    """Hold a scorer that is there already."""

    assessor: Assessor

    def load(self) -> Assessor:
        """Return it."""
        return self.assessor


@dataclass(frozen=True, slots=True)
class PartScoring:
    """Score units, and keep their parts in an audit's folder: who scores need not see that folder."""

    loading: Loading
    layout: AuditLayout
    policies: tuple[str, ...]
    carried: tuple[ColumnRecord, ...]
    spans: bool = False

    def open(self) -> Callable[[Unit], Part]:
        """Load the scorer; return what scores a unit with it."""
        assessor = self.loading.load()
        return lambda unit: self.score(assessor, unit)

    def score(self, assessor: Assessor, unit: Unit) -> Part:
        """Return the part that a unit makes, counted."""
        tally, rejected, stream = _Tally(), list[MalformedRowError](), io.BytesIO()
        beside = _Beside(unit.part.source, self.carried)
        with closing(ParquetSink(stream, policies=self.policies, beside=beside)) as sink:
            for outcome in judge_rows(unit.rows, assessor, explain=self.spans):
                if isinstance(outcome, Judged):
                    sink.write(outcome)
                    tally.count(outcome)
                else:
                    rejected.append(outcome)
            sink.finish()
        counts = tally.counts(len(rejected))
        if counts.read != len(unit.rows):
            raise ScoringError(f"{unit}: every record must come out, came out {counts.read:,}")
        done = Done(unit.part, unit.first, len(unit.rows), unit.read_bytes, counts)
        return Part(done, stream.getvalue(), _lines(unit.part.source, rejected) if rejected else None)

    def keep(self, part: Part) -> Done:
        """Write a part, whole, over what a killed run may have left."""
        name = part.done.part
        rejects = self.layout.rejects_part(name)
        if part.rejects is None:
            rejects.unlink(missing_ok=True)
        else:
            write_durably(rejects, part.rejects)
        write_durably(self.layout.scored_part(name), part.scored)
        return part.done


def _lines(source: int, rejected: Sequence[MalformedRowError]) -> bytes:
    return "".join(json.dumps(_reject(source, one)) + "\n" for one in rejected).encode()


def _reject(source: int, row: MalformedRowError) -> dict[str, Any]:
    last = row.row if row.last_row is None else row.last_row
    return {"source": source, "place": row.row, "last_place": last, "reason": row.why}


@dataclass(frozen=True, slots=True)
class _Beside:
    """Put behind an assessment where its row came from, and what travelled with it."""

    source: int
    carried: tuple[ColumnRecord, ...]

    @property
    def fields(self) -> Sequence[tuple[str, Any]]:
        """Return the name and the Arrow type of each column."""
        arrow, _ = import_arrow()
        own = zip(OWN_COLUMNS, (arrow.int32(), arrow.int64()), strict=True)
        return [*own, *((one.column, ARROW_TYPES[one.kind](arrow)) for one in self.carried)]

    def cells(self, row: Judged) -> Sequence[Any]:
        """Return the cells of one row."""
        item = row.item
        if not isinstance(item, Placed):
            raise ScoringError(f"a row of an audit must know its place, {item.id!r} does not")
        return (self.source, item.place, *item.carried)


class _Tally:
    """Count the rows of one part."""

    def __init__(self) -> None:
        self._unscorable: Counter[Reason | None] = Counter()
        self._levels: Counter[Level | None] = Counter()
        self._policies: Counter[tuple[str, Level | None]] = Counter()
        self._tiers: Counter[Tier | None] = Counter()
        self._scored = 0

    def count(self, row: Judged) -> None:
        """Add one row."""
        answer = row.assessment
        if answer.status is not Status.SCORED:
            self._unscorable[answer.reason] += 1
            return
        self._scored += 1
        self._levels[answer.level] += 1
        for result in answer.policies:
            self._policies[result.name, result.level] += 1
        self._tiers[answer.tier] += 1

    def counts(self, rejected: int) -> Counts:
        """Return what was counted."""
        policies: dict[str, dict[str, int]] = {}
        for (name, level), count in self._policies.items():
            policies.setdefault(name, {}).update(_named({level: count}))
        return Counts(
            read=self._scored + self._unscorable.total() + rejected,
            scored=self._scored,
            unscorable=_named(self._unscorable),
            rejected=rejected,
            levels=_named(self._levels),
            policies=policies,
            tiers=_named(self._tiers),
        )


def _named(counts: Mapping[Any, int]) -> dict[str, int]:
    return {UNJUDGED if one is None else one.value: count for one, count in counts.items()}
