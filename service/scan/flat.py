"""Assessments as rows of a flat table: the columns of CSV and Parquet outputs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from tocsin.assessment import SCORE_DECIMALS, Level, ModelStamp, PolicyStamp, Reason, Status, Tier
from tocsin.errors import ScoringError
from tocsin.service.scan.display import reveal
from tocsin.signals import Signal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.service.scan.outcome import Judged

__all__ = ["Column", "Kind", "Layout", "policy_names"]


class Kind(StrEnum):
    """Name what the cells of a column hold; any of them may be None."""

    STRING = "string"
    NUMBER = "number"
    FLAG = "flag"
    NAMES = "names"
    SPANS = "spans"


@dataclass(frozen=True, slots=True)
class Column:
    """Name one column and the kind of its cells."""

    name: str
    kind: Kind = Kind.STRING


PLAIN: Final = ("id", "status", "reason", "language")
STAMPS: Final = ("model_name", "model_version", "model_digest", "policy_version", "policy_digest")
# Asking a member for its value takes longer than all else: rows by the million are written.
NAMES: Final[Mapping[StrEnum | None, str | None]] = {
    None: None,
    **{member: member.value for kind in (Signal, Status, Reason, Level, Tier) for member in kind},
}
SIGNALS: Final = tuple(Signal)
POLICY: Final[Mapping[str, Kind]] = {
    "score": Kind.NUMBER,
    "level": Kind.STRING,
    "certified": Kind.FLAG,
    "missing": Kind.NAMES,
}


@dataclass(frozen=True, slots=True)
class Layout:
    """Lay rows that were judged by `policies` out in columns, with their text where asked for."""

    policies: tuple[str, ...] = ()
    show_text: bool = False

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return the columns in the documented order."""
        return (
            *(Column(name) for name in PLAIN),
            Column("level"),
            Column("priority", Kind.NUMBER),
            *(Column(f"signal_{signal}", Kind.NUMBER) for signal in Signal),
            # A policy's name and the stamps come from files of others: they must not steer a terminal.
            *(
                Column(f"policy_{reveal(name)}_{key}", kind)
                for name in self.policies
                for key, kind in POLICY.items()
            ),
            Column("tier"),
            Column("spans", Kind.SPANS),
            *(Column(name) for name in STAMPS),
            *([Column("text")] if self.show_text else []),
        )

    def cells(self, row: Judged) -> list[Any]:
        """Return the cells of `row`, one for each column; refuse a row that other policies judged."""
        if (names := policy_names(row)) != self.policies:
            raise ScoringError(
                f"every row must be judged by the policies {', '.join(self.policies)},"
                f" {row.assessment.id!r} was judged by {', '.join(names) or 'none'}"
            )
        answer = row.assessment
        cells: list[Any] = [answer.id, NAMES[answer.status], NAMES[answer.reason], answer.language]
        cells += [NAMES[answer.level], _rounded(answer.priority)]
        # A signal that the bundle does not know is null, like one not tested in the language.
        cells += [_rounded(answer.signals.get(signal)) for signal in SIGNALS]
        for result in answer.policies:
            missing = [NAMES[signal] for signal in result.missing]
            cells += [_rounded(result.score), NAMES[result.level], result.certified, missing]
        cells += [NAMES[answer.tier], answer.to_dict()["spans"] if answer.spans else []]
        cells += _stamps(answer.model, answer.policy)
        return [*cells, row.item.text] if self.show_text else cells


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, SCORE_DECIMALS)


@lru_cache
def _stamps(model: ModelStamp, policy: PolicyStamp) -> tuple[str, ...]:
    """Return the stamps, which a run has few of, made safe to look at."""
    return tuple(reveal(value) for stamp in (model, policy) for value in asdict(stamp).values())


def policy_names(row: Judged) -> tuple[str, ...]:
    """Return the names of the policies that judged `row`."""
    return tuple(result.name for result in row.assessment.policies)
