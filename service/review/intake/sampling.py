"""Taking in an audit's sample: stored posts that people label, without a word of what the model says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from tocsin.service.review.context import Context
from tocsin.service.review.digest import digest, new_salt
from tocsin.service.review.intake.storable import storable
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.queue import Queue
from tocsin.service.review.records.erasing import erase_or_ask
from tocsin.service.review.store.sample_tables import sampled, samples
from tocsin.service.review.store.tables import items
from tocsin.service.review.tasks.opening import open_task

__all__ = ["Sample", "SampledPost", "put_sample", "withdraw_samples"]

_INSERTS: Final[Mapping[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_SHOWN: Final = slice(len("sha256:"), len("sha256:") + 12)  # of the design's digest
_LONGEST_ID: Final = 512  # no id that a platform hands in is longer
_PRIORITY: Final = 0.0  # of all alike: what comes sooner would tell what the model says


@dataclass(frozen=True, slots=True)
class Sample:
    """Name a sample by the digests of its design and of its audit, with the policies that it asks about."""

    design: str
    audit: str
    policies: Sequence[str]


@dataclass(frozen=True, slots=True)
class SampledPost:
    """Hold one post: where it stands in the audited files, and with which probability it was drawn.

    `own_id` is the platform's id of it, None where it has none.
    """

    source: int
    place: int
    probability: float
    own_id: str | None
    text: str = field(repr=False)

    def name(self, sample: Sample) -> str:
        """Return what stands for its id in the queue, which is no platform's and tells nothing."""
        return f"audit:{sample.design[_SHOWN]}:{self.source}:{self.place}"


def put_sample(
    tx: Connection, context: Context, sample: Sample, posts: Sequence[SampledPost], by: Actor
) -> int:
    """Put posts of a sample into the queue, in this order; return how many were not there yet.

    A post that is known stays as it is, decided or erased. What a text holds that no database keeps, NUL and
    halves of surrogate pairs, becomes U+FFFD.
    """
    number = _number(tx, context, sample)
    of_sample = select(sampled.c.source, sampled.c.place).where(sampled.c.sample == number)
    known = {(row.source, row.place) for row in tx.execute(of_sample)}
    new = 0
    for post in posts:
        if (post.source, post.place) not in known:
            _put(tx, context, number, post, post.name(sample))
            new += 1
    if new:
        body = {"sample": number, "items": new}
        append(tx, context.key, Entry(context.clock(), by, Action.SAMPLED, None, body))
    return new


def withdraw_samples(
    tx: Connection, context: Context, audit: str, by: Actor, *, but: str | None = None, most: int = 1_000
) -> int:
    """Erase posts of an audit's samples that are still there, at most `most`; return how many.

    What was decided of them stays, and so do posts that a hold keeps. `but` names the design of a sample that
    stays as it is.
    """
    query = (
        select(items.c.id)
        .join(sampled, sampled.c.item == items.c.id)
        .join(samples, samples.c.id == sampled.c.sample)
        .where(samples.c.audit == audit, items.c.erased_at.is_(None), items.c.erase_asked_at.is_(None))
    )
    if but is not None:
        query = query.where(samples.c.design != but)
    found = tx.execute(query.order_by(items.c.id).limit(most).with_for_update(of=items)).scalars().all()
    for number in found:
        erase_or_ask(tx, context, number, by)
    return len(found)


def _number(tx: Connection, context: Context, sample: Sample) -> int:
    """Return the number of a sample, its row locked: of two who put it in at once, one comes second."""
    row = {
        "design": sample.design,
        "audit": sample.audit,
        "policies": list(sample.policies),
        "put_at": context.clock(),
    }
    tx.execute(_INSERTS[tx.dialect.name](samples).on_conflict_do_nothing(index_elements=["design"]), row)
    query = select(samples.c.id).where(samples.c.design == sample.design).with_for_update()
    number: int = tx.execute(query).scalar_one()
    return number


def _put(tx: Connection, context: Context, sample: int, post: SampledPost, name: str) -> None:
    text, salt = storable(post.text), new_salt()
    item = {
        "platform_id": name,
        "received_at": context.clock(),
        "text": text,
        "salt": salt,
        "digest": digest(salt, name, text),
    }
    number: int = tx.execute(insert(items).returning(items.c.id), item).scalar_one()
    row = {
        "item": number,
        "sample": sample,
        "source": post.source,
        "place": post.place,
        "probability": post.probability,
        "own_id": None if post.own_id is None else storable(post.own_id)[:_LONGEST_ID],
    }
    tx.execute(insert(sampled), row)
    open_task(tx, context, number, Queue.SAMPLE, _PRIORITY)
