"""The queues, and how long a task may wait in each."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["PATIENCE_HOURS", "Queue"]


class Queue(StrEnum):
    """Name why an item waits for a person."""

    ORDERS = "orders"  # an authority orders its removal: one hour
    URGENT = "urgent"  # a policy reached its level urgent
    NOTICES = "notices"  # somebody reported it
    APPEALS = "appeals"  # somebody objects to what was decided
    ADJUDICATION = "adjudication"  # two who decided it apart said different things
    REVIEW = "review"  # a policy reached its level review
    UNSCORABLE = "unscorable"  # the model could not judge it
    RANDOM = "random"  # drawn from what the model did not flag
    SECOND = "second"  # drawn from what was decided, to be decided once more without sight of that
    CORRECTIONS = "corrections"  # somebody would score it otherwise
    LEARNING = "learning"  # drawn from the same, what its label would teach most likelier than the rest
    SAMPLE = "sample"  # drawn from an audit of stored posts, to be labelled
    GOLDEN = "golden"  # its answer is known: it measures reviewers

    @property
    def blind(self) -> bool:
        """Say whether its tasks show nothing of what the model says; what is said of them moves nothing."""
        return self in {Queue.SAMPLE, Queue.SECOND}

    @property
    def asks_all(self) -> bool:
        """Say whether a decision on its tasks answers every policy."""
        return self is Queue.SAMPLE

    @property
    def untold(self) -> bool:
        """Say whether the platform does not know its items, and hears nothing of what is decided of them."""
        return self in {Queue.SAMPLE, Queue.CORRECTIONS}

    @property
    def in_turn(self) -> bool:
        """Say whether its tasks are served as they came: what is labelled is then what was drawn."""
        return self is Queue.LEARNING

    @property
    def anew(self) -> bool:
        """Say whether its tasks are for people who decided nothing of the item before."""
        return self in {Queue.APPEALS, Queue.ADJUDICATION}


# A task of priority 1 is due on arrival, one of priority 0 after so many hours: see `serve_by`. Orders are
# served before all of these.
PATIENCE_HOURS: Final = {
    Queue.URGENT: 4.0,
    Queue.NOTICES: 24.0,
    Queue.APPEALS: 24.0,
    Queue.ADJUDICATION: 72.0,
    Queue.REVIEW: 72.0,
    Queue.UNSCORABLE: 72.0,
    Queue.RANDOM: 168.0,
    Queue.SECOND: 168.0,
    Queue.CORRECTIONS: 336.0,
    Queue.LEARNING: 336.0,
    Queue.SAMPLE: 8_760.0,  # whoever asks for any task is served it once nothing else waits
    Queue.GOLDEN: 168.0,
}
