"""What people said of an audit's sample, as labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from tocsin.service.review.context import Context
from tocsin.service.review.store.sample_tables import sampled, samples
from tocsin.service.review.store.tables import decisions
from tocsin.service.review.verdict import Verdict

__all__ = ["SampleLabel", "sample_labels"]

_TOLD: Final = [Verdict.CONFIRM.value, Verdict.DISMISS.value, Verdict.ESCALATE.value]
# The latest of what stands: who skips says nothing, and what was undone is not said.
_LATEST: Final = (
    select(func.max(decisions.c.id))
    .where(
        decisions.c.item == sampled.c.item, decisions.c.undone_at.is_(None), decisions.c.verdict.in_(_TOLD)
    )
    .correlate(sampled)
    .scalar_subquery()
)
_SAID: Final = (
    select(sampled.c.source, sampled.c.place, decisions.c.verdict, decisions.c.policies, decisions.c.unsure)
    .join(decisions, decisions.c.id == _LATEST)
    .where(sampled.c.sample == bindparam("sample"))
    .order_by(sampled.c.item)
)


@dataclass(frozen=True, slots=True)
class SampleLabel:
    """Hold what was decided of one post, by its place in the audited files: each policy's answer by its name.

    True where it breaks the policy, False where it keeps it, None where that was left open: by whoever
    decided, or because it waits for somebody with more say.
    """

    source: int
    place: int
    answers: dict[str, bool | None]


def sample_labels(tx: Connection, context: Context, design: str) -> Sequence[SampleLabel] | None:
    """Return the labels of the sample of this design, of posts that are decided; None where there is none."""
    del context
    sample = tx.execute(select(samples.c.id, samples.c.policies).where(samples.c.design == design)).first()
    if sample is None:
        return None
    found = []
    for row in tx.execute(_SAID, {"sample": sample.id}):
        answers: dict[str, bool | None] = dict.fromkeys(sample.policies, False)
        answers |= dict.fromkeys(row.policies or (), True)
        open_to_all = sample.policies if row.verdict == Verdict.ESCALATE.value else row.unsure or ()
        answers |= dict.fromkeys(open_to_all, None)
        found.append(SampleLabel(row.source, row.place, answers))
    return found
