"""Measures: what the platform did. A reviewer's decision alone restricts nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select

from tocsin.service.review.context import Context
from tocsin.service.review.errors import ConflictError, UnknownError
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.store.phrases import item_number
from tocsin.service.review.store.tables import decisions, measures
from tocsin.service.review.verdict import Verdict

__all__ = ["Automation", "Ground", "Measure", "MeasureKind", "MeasureSource", "list_measures", "record"]


class MeasureKind(StrEnum):
    """Name what was done, as statements of reasons part it (DSA Article 17(1))."""

    REMOVED = "removed"
    DISABLED = "disabled"
    DEMOTED = "demoted"
    AGE_RESTRICTED = "age_restricted"
    INTERACTION_RESTRICTED = "interaction_restricted"
    LABELLED = "labelled"
    VISIBILITY_OTHER = "visibility_other"
    MONETARY_SUSPENSION = "monetary_suspension"
    MONETARY_TERMINATION = "monetary_termination"
    MONETARY_OTHER = "monetary_other"
    SERVICE_PARTIAL_SUSPENSION = "service_partial_suspension"
    SERVICE_TOTAL_SUSPENSION = "service_total_suspension"
    SERVICE_PARTIAL_TERMINATION = "service_partial_termination"
    SERVICE_TOTAL_TERMINATION = "service_total_termination"
    ACCOUNT_SUSPENDED = "account_suspended"
    ACCOUNT_TERMINATED = "account_terminated"
    RESTORED = "restored"  # an earlier measure was taken back


class Ground(StrEnum):
    """Say what the measure rests on."""

    ILLEGAL = "illegal"  # against a law
    INCOMPATIBLE = "incompatible"  # against the platform's terms


class MeasureSource(StrEnum):
    """Say how the platform came to it."""

    OWN_INITIATIVE = "own_initiative"
    NOTICE = "notice"  # DSA Article 16
    TRUSTED_FLAGGER = "trusted_flagger"
    OTHER_NOTIFICATION = "other_notification"
    ORDER = "order"


class Automation(StrEnum):
    """Say what a person had to do with it."""

    NONE = "none"  # a person decided this very item
    PARTIAL = "partial"  # it followed from a decision on another
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Measure:
    """Hold one measure.

    `reference` is the platform's own id of it, which makes recording it twice harmless. `ground_text` names
    the law or the term; `other` says what an `_other` kind is; `territory` lists two-letter countries, empty:
    all.
    """

    reference: str
    kind: MeasureKind
    ground: Ground
    ground_text: str
    source: MeasureSource
    automation: Automation
    applied_at: datetime
    ends_at: datetime | None = None
    territory: Sequence[str] = ()
    explanation: str | None = None
    other: str | None = None
    decision: int | None = None


def record(tx: Connection, context: Context, item: str, measure: Measure, by: str) -> bool:
    """Record a measure on an item; return False where it was recorded before.

    Raises UnknownError for an unknown item or a decision that is none of its, ConflictError where the same
    reference stands for another measure.
    """
    number = item_number(tx, item, lock=True)
    known = [one for one in _listed(tx, number) if one.reference == measure.reference]
    if known:
        if known[0] != replace(measure, territory=tuple(measure.territory)):
            raise ConflictError("a reference must stand for one measure, this one is known with another")
        return False
    if measure.decision is not None:
        _check_decision(tx, number, measure.decision)
    at = context.clock()
    row = {**asdict(measure), "territory": list(measure.territory), "item": number, "recorded_at": at}
    recorded = tx.execute(insert(measures).returning(measures.c.id), _plain(row)).scalar_one()
    body = {"measure": recorded, "kind": measure.kind.value, "decision": measure.decision}
    append(tx, context.key, Entry(at, Actor.key(by), Action.MEASURED, number, body))
    return True


def list_measures(tx: Connection, context: Context, item: str) -> list[Measure]:
    """Return the measures on an item, as recorded; raise UnknownError."""
    del context
    return _listed(tx, item_number(tx, item))


def _check_decision(tx: Connection, item: int, decision: int) -> None:
    query = select(decisions).where(decisions.c.id == decision, decisions.c.item == item)
    found = tx.execute(query).first()
    if found is None:
        raise UnknownError(f"there is no decision {decision} on this item")
    if found.verdict != Verdict.CONFIRM.value or found.undone_at is not None or found.aside:
        raise ConflictError("a measure must rest on a decision that confirms a policy and stands, or on none")


def _listed(tx: Connection, number: int) -> list[Measure]:
    query = select(measures).where(measures.c.item == number).order_by(measures.c.id)
    return [
        Measure(
            row.reference,
            MeasureKind(row.kind),
            Ground(row.ground),
            row.ground_text,
            MeasureSource(row.source),
            Automation(row.automation),
            row.applied_at,
            row.ends_at,
            tuple(row.territory or ()),
            row.explanation,
            row.other,
            row.decision,
        )
        for row in tx.execute(query)
    ]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.value if isinstance(value, StrEnum) else value for name, value in row.items()}
