"""What the review face answers with: bodies made from what the desk returns."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from tocsin.service.review.care import Exposure
from tocsin.service.review.decisions import Decision
from tocsin.service.review.decisions.history import Hold
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Erasure, QueueCount, Reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.tasks import Task
from tocsin.service.review.verdict import Verdict

__all__ = [
    "AlikeAnswer",
    "AlikeBody",
    "ClaimAnswer",
    "DecisionAnswer",
    "DecisionBody",
    "DecisionsAnswer",
    "ErasedAnswer",
    "HistoryAnswer",
    "HoldBody",
    "NothingAnswer",
    "PageRaisedAnswer",
    "QueueBody",
    "QueuesAnswer",
    "ReviewerBody",
    "TaskBody",
    "TasksAnswer",
    "UndoneAnswer",
    "ViewAnswer",
    "WithheldBody",
]

_READ: Final = ConfigDict(from_attributes=True, frozen=True)


class NothingAnswer(BaseModel):
    """Say that it is done: an empty object."""


class ReviewerBody(BaseModel):
    """A reviewer."""

    model_config = _READ

    number: int = Field(description="The reviewer's number, which stands for the name in logs and messages.")
    name: str = Field(description="The name, shown to colleagues alone.")
    role: str = Field(description="reviewer, senior, lead or admin.")
    active: bool = Field(description="Whether requests with the reviewer's key are granted.")

    @classmethod
    def of(cls, reviewer: Reviewer) -> ReviewerBody:
        """Return the body of a reviewer."""
        return cls(
            number=reviewer.number, name=reviewer.name, role=reviewer.role.word, active=reviewer.active
        )


class QueueBody(BaseModel):
    """What waits in one queue."""

    model_config = _READ

    queue: Queue = Field(description="The queue.")
    open: int = Field(description="Tasks that wait or are held.")
    held: int = Field(description="Those among them that somebody holds.")
    escalated: int = Field(description="Those among them that wait for somebody with more say.")
    oldest: datetime | None = Field(description="When the oldest of them came.")
    next_deadline: datetime | None = Field(description="The soonest deadline among them.")
    late: int = Field(description="How many have missed theirs.")

    @classmethod
    def of(cls, count: QueueCount) -> QueueBody:
        """Return the body of a count."""
        return cls.model_validate(count)


class QueuesAnswer(BaseModel):
    """Every queue, the empty ones included; golden items count where reviewers see them, but for leads."""

    queues: list[QueueBody] = Field(description="In the order in which they matter.")


class TaskBody(BaseModel):
    """One piece of work, without any text: that is shown by a view, which is logged."""

    task: int = Field(description="Its number.")
    item: str | None = Field(description="The platform's id of the item; null: erased.")
    queue: Queue = Field(description="Why it waits; a golden item looks like others to all but leads.")
    state: str = Field(description="open or done.")
    role: str = Field(description="The least role that may take it.")
    priority: float = Field(description="Severity times score, from 0 to 1; of what is read blind 0.")
    created: datetime = Field(description="When it came.")
    deadline: datetime | None = Field(description="When it must be done.")
    claim: str | None = Field(description="Token that a decision must show; null where it is not yours.")
    lease_until: datetime | None = Field(description="When others may take it.")
    community: str | None = Field(description="Where it was posted.")
    reach: int | None = Field(description="How many saw it, or may.")
    posted: datetime | None = Field(description="When it was posted.")
    language: str | None = Field(description="The language that it was judged in.")
    assessment: dict[str, Any] | None = Field(
        description="The model's opinion, as of intake; null of a sampled text, and of a second reading."
    )
    thread: bool = Field(description="Whether texts before it can be viewed too.")
    characters: int | None = Field(description="How long its text is, in code points.")
    asked: list[str] | None = Field(
        description="Of a sampled text: the policies that a decision must answer, all of them."
    )
    sampled_id: str | None = Field(
        description="The platform's id of a sampled post; null: for leads, once it is decided or paged over."
    )

    @classmethod
    def of(cls, task: Task, reviewer: Reviewer) -> TaskBody:
        """Return the body of a task as `reviewer` may see it."""
        mine = task.claimed_by == reviewer.number
        return cls(
            task=task.number,
            item=task.item,
            queue=task.queue if reviewer.role >= Role.LEAD else task.shown,
            state=task.state,
            role=task.least_role.word,
            priority=task.priority,
            created=task.created_at,
            deadline=task.deadline,
            claim=task.claim if mine else None,
            lease_until=task.lease_until,
            community=task.community,
            reach=task.reach,
            posted=task.posted_at,
            language=task.language,
            assessment=dict(task.assessment) if task.assessment else None,
            thread=task.has_thread,
            characters=task.characters,
            asked=None if task.asked is None else list(task.asked),
            sampled_id=task.own_id_for(reviewer.role),
        )


class WithheldBody(BaseModel):
    """How many severe texts you have read, and when more may follow."""

    read: int = Field(description="In the shift that ends now.")
    held: int = Field(description="Severe tasks that you hold and have not read.")
    most: int = Field(description="As many as may be.")
    until: datetime | None = Field(description="When one may be served again; null: once you hold fewer.")

    @classmethod
    def of(cls, exposure: Exposure) -> WithheldBody:
        """Return the body of an exposure."""
        read, held = len(exposure.read), len(exposure.held)
        return cls(read=read, held=held, most=exposure.most, until=exposure.frees_at)


class ClaimAnswer(BaseModel):
    """What was claimed."""

    task: TaskBody | None = Field(description="The task; null: nothing waits for you.")
    withheld: WithheldBody | None = Field(
        default=None, description="Why not, where severe texts wait: you have read as many as may be."
    )


class TasksAnswer(BaseModel):
    """Tasks that you hold."""

    tasks: list[TaskBody] = Field(description="Soonest to be served first.")


class DecisionBody(BaseModel):
    """One decision."""

    decision: int = Field(description="Its number.")
    task: int = Field(description="The task.")
    reviewer: int | None = Field(
        description="Who made it; null for the platform, which is not told, and while it is adjudicated."
    )
    verdict: Verdict = Field(description="What was said.")
    policy: str | None = Field(description="Which policy it breaks, where it was confirmed.")
    policies: list[str] = Field(description="Every one that a sampled text breaks, `policy` the first.")
    unsure: list[str] = Field(description="Those that were left open of a sampled text.")
    reason: str | None = Field(description="Why it was escalated or skipped; null for the platform.")
    note: str | None = Field(description="What else was said; null for the platform.")
    made: datetime = Field(description="When.")
    undone: datetime | None = Field(description="When it was undone.")
    replaces: int | None = Field(description="The decision that was appealed against, or overturned.")
    together_with: int | None = Field(description="The decision on the text that this is a near-copy of.")
    aside: bool = Field(
        description="Whether it moves nothing: a second reading, or one that upholds another."
    )

    @classmethod
    def of(cls, decision: Decision, *, inside: bool = True) -> DecisionBody:
        """Return the body of a decision; `inside` false leaves out what the platform is not told."""
        said = decision.said
        return cls(
            decision=decision.number,
            task=decision.task,
            reviewer=decision.reviewer if inside else None,
            verdict=said.verdict,
            policy=said.policy,
            policies=list(said.policies),
            unsure=list(said.unsure),
            reason=said.reason if inside else None,
            note=said.note if inside else None,
            made=decision.made_at,
            undone=decision.undone_at,
            replaces=decision.replaces,
            together_with=decision.together_with,
            aside=decision.aside,
        )


class DecisionAnswer(BaseModel):
    """The decision as kept."""

    decision: DecisionBody = Field(description="The decision.")


class DecisionsAnswer(BaseModel):
    """The decision on the task in hand, then those on its near-copies."""

    decisions: list[DecisionBody] = Field(description="In the order of their tasks.")


class UndoneAnswer(BaseModel):
    """The task waits again: for you, unless it is an appeal against what you decided."""

    claim: str | None = Field(description="Token of your claim; null: others must decide.")


class ViewAnswer(BaseModel):
    """The texts, for you alone; that you saw them is in the log."""

    model_config = _READ

    text: str = Field(description="The item's text.")
    thread: list[str] = Field(description="The texts before it, oldest first.")
    statements: list[str] = Field(description="What those who complain say of it.")


class AlikeBody(BaseModel):
    """An open task whose text is a near-copy."""

    model_config = _READ

    task: int = Field(description="Its number.")
    item: str | None = Field(description="The platform's id of its item.")
    queue: Queue = Field(description="Its queue.")
    likeness: float = Field(description="Jaccard index of the shingles of both texts, 0.8 to 1.")


class AlikeAnswer(BaseModel):
    """What could be decided together with the task in hand."""

    alike: list[AlikeBody] = Field(description="The most alike first, at most 200.")


class HoldBody(BaseModel):
    """A legal hold."""

    model_config = _READ

    number: int = Field(description="Its number.")
    reason: str | None = Field(description="Why; null: for leads alone.")
    placed_at: datetime = Field(description="Since when.")
    released_at: datetime | None = Field(description="Until when.")

    @classmethod
    def of(cls, hold: Hold, reviewer: Reviewer) -> HoldBody:
        """Return the body of a hold as `reviewer` may see it."""
        reason = hold.reason if reviewer.role >= Role.LEAD else None
        return cls(number=hold.number, reason=reason, placed_at=hold.placed_at, released_at=hold.released_at)


class HistoryAnswer(BaseModel):
    """A task and what was decided of its item."""

    task: TaskBody = Field(description="The task.")
    decisions: list[DecisionBody] = Field(description="Every decision on the item, oldest first.")
    holds: list[HoldBody] = Field(description="Legal holds on the item.")


class PageRaisedAnswer(BaseModel):
    """The leads were paged."""

    page: int = Field(description="Its number; an open one is raised once.")


class ErasedAnswer(BaseModel):
    """What became of the wish."""

    state: Erasure = Field(description="erased, or held: then it is done once the last hold is released.")
