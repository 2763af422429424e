"""Tasks: pieces of work, and who has them."""

from tocsin.service.review.tasks.choosing import withheld
from tocsin.service.review.tasks.claiming import claim_next, claim_task, held_by, reassign, release, renew
from tocsin.service.review.tasks.task import Task, find_tasks

__all__ = [
    "Task",
    "claim_next",
    "claim_task",
    "find_tasks",
    "held_by",
    "reassign",
    "release",
    "renew",
    "withheld",
]
