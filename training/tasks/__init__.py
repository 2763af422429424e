"""Single-corpus benchmarks: the encoder's backbone on a corpus's own task, beside published figures."""

from tocsin.training.tasks.catalogue import TASKS, named

__all__ = ["TASKS", "named"]
