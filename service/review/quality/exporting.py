"""Decisions as labelled rows: what `tocsin train --add` reads."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, select

from tocsin.assessment import Level
from tocsin.errors import InputError
from tocsin.language import primary_subtag
from tocsin.policy import PolicyDocument, implied
from tocsin.service.review.context import Context
from tocsin.service.review.log import OPERATOR, Action, Entry, append
from tocsin.service.review.quality.decided import corrected_rows, decided_rows, learnt_rows
from tocsin.service.review.quality.period import Period
from tocsin.service.review.queue import Queue
from tocsin.service.review.store.tables import decisions, holds, items
from tocsin.signals import Signal

__all__ = ["Exported", "LabelRules", "label_rows", "log_export"]

_COLUMNS: Final = (
    items.c.text,
    items.c.language,
    items.c.erase_asked_at,
    items.c.erased_at,
)


@dataclass(frozen=True, slots=True)
class LabelRules:
    """Hold what a verdict says of signals: by the policies' expressions, and by what the platform says.

    `stands_for` names the signal that a policy's confirmation is of, for those whose expression leaves that
    open. Raises InputError for an unknown policy, or a signal that it does not ask for.
    """

    document: PolicyDocument
    stands_for: Mapping[str, Signal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {policy.name: policy for policy in self.document.policies}
        for name, signal in self.stands_for.items():
            if name not in known:
                raise InputError(f"a policy must be one of {', '.join(sorted(known))}, was {name[:64]!r}")
            if signal not in known[name].signals:
                asked = ", ".join(sorted(one.value for one in known[name].signals))
                raise InputError(f"a signal of {name} must be one of {asked}, was {signal.value}")

    def labels(self, confirmed: str | None) -> Mapping[Signal, bool]:
        """Return what it says of signals that this policy was confirmed, None being dismissed.

        Dismissed means that no policy is broken. Confirmed means that this one is, and says nothing of the
        others: a reviewer names one.
        """
        if confirmed is None:
            return implied([(policy.when, False) for policy in self.document.policies])
        told = [(policy.when, True) for policy in self.document.policies if policy.name == confirmed]
        return {**implied(told), **self._stands_for(confirmed)}

    def _stands_for(self, confirmed: str) -> Mapping[Signal, bool]:
        signal = self.stands_for.get(confirmed)
        return {} if signal is None else {signal: True}


@dataclass(slots=True)
class Exported:
    """Count rows that were written, and why others were not."""

    rows: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


def label_rows(
    tx: Connection, context: Context, period: Period, rules: LabelRules, done: Exported
) -> list[bytes]:
    """Return a line of JSON for each decided item whose text may be used, counting in `done`.

    Left out are items that were erased, are to be erased, or that a hold keeps (for a court, not for this);
    those that could not be judged, whose language nobody knows; and those whose verdict says nothing of any
    signal. Items that came to people by a notice alone have no known chance and are not among them. Those
    that were drawn to learn from, and not by the audit, come after the others. Those that corrections put in
    come last: they stand for themselves alone, and are no part of what arrived.
    """
    del context
    held = set(tx.execute(select(holds.c.item).where(holds.c.released_at.is_(None))).scalars())
    groups = _together(tx)
    lines: list[bytes] = []
    for row, more in _decided(tx, period):
        labels = rules.labels(row.policy)
        if why := _why_not(row, held, labels):
            done.left_out[why] += 1
            continue
        done.rows += 1
        done.labels.update(f"{signal.value} {'yes' if value else 'no'}" for signal, value in labels.items())
        lines.append(_line(row, labels, groups.get(row.decision), more))
    return lines


def log_export(tx: Connection, context: Context, period: Period, done: Exported, digest: str) -> None:
    """Log that texts left the queue: how many, of which period, and the digest of the file."""
    body = {
        "rows": done.rows,
        "since": period.since.isoformat(),
        "until": period.until.isoformat(),
        "sha256": digest,
    }
    append(tx, context.key, Entry(context.clock(), OPERATOR, Action.EXPORTED, body=body))


def _decided(tx: Connection, period: Period) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """Yield decided items, each with what a line says of how it came."""
    for row in decided_rows(tx, period, *_COLUMNS):
        yield row, {"inclusion_probability": _chance(row)}
    for row in learnt_rows(tx, period, *_COLUMNS):
        yield row, {"inclusion_probability": _chance(row), "x_queue": Queue.LEARNING.value}
    for row in corrected_rows(tx, period, *_COLUMNS):
        yield row, {"inclusion_probability": 1.0, "split": "train", "x_queue": Queue.CORRECTIONS.value}


def _chance(row: Any) -> float:
    """Return with which probability an item came to people: by the audit, or to learn from it, or both."""
    if row.level != Level.NONE.value:
        return 1.0
    audited, learnt = row.chance or 0.0, row.learning or 0.0
    return float(audited + learnt - audited * learnt)


def _why_not(row: Any, held: set[int], labels: Mapping[Signal, bool]) -> str | None:
    if row.erased_at is not None or row.text is None:
        return "erased"
    if row.erase_asked_at is not None:
        return "to be erased"
    if row.id in held:
        return "held"
    if row.level is None or primary_subtag(row.language or "") in {None, "und"}:
        return "not judged"
    return None if labels else "says nothing of a signal"


def _line(row: Any, labels: Mapping[Signal, bool], together: int | None, more: Mapping[str, Any]) -> bytes:
    told: dict[str, Any] = {
        "id": f"item-{row.id}",
        "text": row.text,
        "language": row.language,
        **{signal.value: int(labels[signal]) for signal in Signal if signal in labels},
        **more,
    }
    if together is not None:
        told["group"] = f"together-{together}"
    told["x_policy"] = row.policy or "none"
    told["x_level"] = row.level
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"


def _together(tx: Connection) -> Mapping[int, int]:
    """Return of decisions on near-copies the one that they were made with, itself too."""
    query = select(decisions.c.id, decisions.c.together_with).where(decisions.c.together_with.is_not(None))
    found: dict[int, int] = {}
    for number, first in tx.execute(query):
        found[number] = found[first] = first
    return found
