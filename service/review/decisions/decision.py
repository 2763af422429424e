"""One decision: what a reviewer says, and what is kept of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from tocsin.errors import InputError
from tocsin.service.review.errors import UnknownError
from tocsin.service.review.store.tables import decisions
from tocsin.service.review.verdict import Verdict

__all__ = ["Decision", "Said", "check_said", "find_decision"]

_LONGEST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Said:
    """Hold what a reviewer says: `policy` is which one it breaks, and must be there to confirm.

    `reason` must be there to skip or escalate. Both texts go when the item is erased. Of a sampled text
    `policies` are all that it breaks, `policy` the first of them, and `unsure` those that are left open.
    """

    verdict: Verdict
    policy: str | None = None
    reason: str | None = field(default=None, repr=False)
    note: str | None = field(default=None, repr=False)
    policies: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()

    @property
    def broken(self) -> tuple[str, ...]:
        """Return every policy that it breaks."""
        return self.policies or (() if self.policy is None else (self.policy,))


@dataclass(frozen=True, slots=True)
class Decision:
    """Hold one decision as kept.

    `replaces` is the decision that was appealed against, or overturned, `together_with` the one on the text
    that this one's is a near-copy of. One made `aside` moves nothing: it is a second reading, or says of two
    decisions that the one holds that stands; so are skips and escalations of such tasks. `reviewer` is
    None where it must not count who decided.
    """

    number: int
    task: int
    item_number: int
    reviewer: int | None
    said: Said
    made_at: datetime
    undone_at: datetime | None = None
    undone_by: int | None = None
    replaces: int | None = None
    together_with: int | None = None
    aside: bool = False

    @classmethod
    def of(cls, row: Row[Any]) -> Decision:
        """Return the decision that a row holds."""
        answers = tuple(row.policies or ()), tuple(row.unsure or ())
        said = Said(Verdict(row.verdict), row.policy, row.reason, row.note, *answers)
        return cls(
            row.id,
            row.task,
            row.item,
            row.reviewer,
            said,
            row.made_at,
            row.undone_at,
            row.undone_by,
            row.replaces,
            row.together_with,
            bool(row.aside),
        )


def find_decision(tx: Connection, number: int) -> Decision:
    """Return a decision; raise UnknownError."""
    row = tx.execute(select(decisions).where(decisions.c.id == number)).first()
    if row is None:
        raise UnknownError(f"there is no decision {number}")
    return Decision.of(row)


def check_said(said: Said, policies: Collection[str] | None = None) -> None:
    """Raise InputError where what is said breaks a rule; `policies` are those that may be confirmed.

    Those that a sampled text is asked about are its audit's: see `check_answers`.
    """
    if (said.verdict is Verdict.CONFIRM) != (said.policy is not None):
        raise InputError("a policy must be named to confirm, and to confirm alone")
    named = None if said.policies else said.policy
    if named is not None and policies is not None and named not in policies:
        raise InputError(f"a policy must be one of {', '.join(sorted(policies))}, was {named[:64]!r}")
    if not said.verdict.final and not (said.reason or "").strip():
        raise InputError(f"a reason must be given to {said.verdict.value}")
    for name, text in (("reason", said.reason), ("note", said.note)):
        if text is not None and len(text) > _LONGEST:
            raise InputError(f"a {name} must have at most {_LONGEST:,} characters, had {len(text):,}")
