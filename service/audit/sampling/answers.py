"""`labels.csv`: what people said of a sample elsewhere, as a file that estimates are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tocsin.service.audit.durable import write_durably
from tocsin.service.audit.sampling.copies import lines_of
from tocsin.service.audit.sampling.sample import Sampled
from tocsin.service.audit.sampling.writing import LABEL, as_csv

__all__ = ["write_answers"]

_WORDS: Final = {True: "yes", False: "no", None: "unsure"}


def write_answers(
    path: Path,
    sampled: Sampled,
    policies: Sequence[str],
    answers: Mapping[tuple[int, int], Mapping[str, bool | None]],
) -> None:
    """Write what was said of each row of a sample that is labelled, by source and place; no text is in it.

    A policy is broken, kept, or, where the answer is None, left open. Of rows without answers, and of
    policies that none is given for, labels are empty.
    """
    rows = [
        [row.id, row.source, row.place, *_labels(policies, answers.get((row.source, row.place), {}))]
        for row, _ in lines_of(sampled)
    ]
    columns = ["id", "source", "place", *(LABEL + name for name in policies)]
    write_durably(path, as_csv(columns, rows).encode())


def _labels(policies: Sequence[str], said: Mapping[str, bool | None]) -> list[str]:
    return [_WORDS[said[name]] if name in said else "" for name in policies]
