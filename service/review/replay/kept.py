"""All that the tables still hold of one item, read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, select

from tocsin.service.review.digest import digest
from tocsin.service.review.store.compliance_tables import statements
from tocsin.service.review.store.console_tables import reveals
from tocsin.service.review.store.double_tables import doubles
from tocsin.service.review.store.learning_tables import learning
from tocsin.service.review.store.sample_tables import sampled, samples
from tocsin.service.review.store.tables import (
    appeals,
    decisions,
    flags,
    holds,
    items,
    measures,
    notices,
    outbox,
    pages,
    tasks,
)

__all__ = ["Kept", "read_kept"]

Rows = Mapping[int, Row[Any]]


@dataclass(frozen=True, slots=True)
class Kept:
    """Hold the rows of one item by their numbers, oldest first.

    `sample` is None of what no audit of stored posts drew, `learnt` of what was not drawn to learn from.
    """

    item: Row[Any]
    sample: Row[Any] | None
    learnt: Row[Any] | None
    double: Row[Any] | None
    tasks: Rows
    notices: Rows
    appeals: Rows
    decisions: Rows
    measures: Rows
    reveals: Rows
    pages: Rows
    holds: Rows
    messages: Rows
    statements: Rows
    flagged: Sequence[str]

    @property
    def number(self) -> int:
        """Return the item's number."""
        return int(self.item.id)

    @property
    def text_is_same(self) -> bool | None:
        """Say whether the text is the one that came, by its digest; None where none is kept."""
        item = self.item
        if item.text is None or item.salt is None or item.platform_id is None:
            return None
        return bool(digest(item.salt, item.platform_id, item.text) == item.digest)


def read_kept(tx: Connection, number: int) -> Kept:
    """Return what is kept of the item of this number, which must be there."""

    def listed(table: Table) -> Rows:
        query = select(table).where(table.c.item == number).order_by(table.c.id)
        return {row.id: row for row in tx.execute(query)}

    drawn = select(sampled, samples.c.design, samples.c.audit, samples.c.policies).join(
        samples, samples.c.id == sampled.c.sample
    )
    learnt = select(learning).where(learning.c.item == number, learning.c.drawn)
    made = select(statements).join(measures, measures.c.id == statements.c.measure)
    flagged = select(flags.c.policy, flags.c.level).where(flags.c.item == number).order_by(flags.c.policy)
    return Kept(
        item=tx.execute(select(items).where(items.c.id == number)).one(),
        sample=tx.execute(drawn.where(sampled.c.item == number)).first(),
        learnt=tx.execute(learnt).first(),
        double=tx.execute(select(doubles).where(doubles.c.item == number)).first(),
        tasks=listed(tasks),
        notices=listed(notices),
        appeals=listed(appeals),
        decisions=listed(decisions),
        measures=listed(measures),
        reveals=listed(reveals),
        pages=listed(pages),
        holds=listed(holds),
        messages=listed(outbox),
        statements={
            row.id: row for row in tx.execute(made.where(measures.c.item == number).order_by(statements.c.id))
        },
        flagged=[f"{row.policy}: {row.level}" for row in tx.execute(flagged)],
    )
