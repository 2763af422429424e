"""Which texts go into a list: those that people said yes to, and those of large clusters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import InputError
from tocsin.service.audit.estimating.labels import Answer, Wanted, read_answers
from tocsin.service.audit.estimating.population import read_population
from tocsin.service.audit.known.grouping import Groups
from tocsin.service.audit.known.hash_list import Entry
from tocsin.service.audit.known.texts import NONE, Texts, digests_of
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.manifest import Manifest
from tocsin.service.audit.sampling.design import read_design
from tocsin.service.audit.sampling.designing import audit_digest
from tocsin.service.audit.sampling.frame import frame_of
from tocsin.service.scan.display import cut, reveal

__all__ = ["CLUSTER", "Choice", "check_policy", "chosen", "rows_labelled"]

Ints = NDArray[np.int64]

CLUSTER: Final = "cluster"  # the label of what nobody has labelled
_PLACES: Final = 40  # bits
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """Say what goes into a list, and where it is written.

    `labels` is a sample as people filled it in, of which the rows go in that break `policy`; `least` is how
    many rows a cluster must have whose texts go in, None for no clusters. `bands` adds what near copies are
    found by.
    """

    path: Path
    labels: Path | None
    policy: str | None
    least: int | None
    bands: bool = False


def check_policy(manifest: Manifest, policy: str) -> None:
    """Raise InputError where an audit has no such policy."""
    names = manifest.policy.names
    if policy not in names:
        raise InputError(
            f"a policy must be one of {', '.join(map(reveal, names))}, was {reveal(cut(policy, _SHOWN))!r}"
        )


def rows_labelled(layout: AuditLayout, manifest: Manifest, labels: Path, policy: str) -> Ints:
    """Return the ``(rows, 2)`` sources and places of the sample's lines that people said yes to.

    Raises InputError where the sample is not this audit's, and MalformedRowError, naming the row, where a
    label cannot be used.
    """
    design = read_design(layout)
    if design.audit != audit_digest(layout):
        raise InputError(
            f"{layout.sample_design}: must be the sample of this audit, is one of an earlier run"
        )
    sample = read_population(layout, frame_of(layout, manifest, ()), design).sample
    # A copy takes its line's label in estimates alone: a near one is a text that nobody has looked at.
    answers = read_answers(labels, (policy,), Wanted(sample.ids, sample.source, sample.place))
    yes = answers.given[:, 0] == Answer.YES
    return np.column_stack([sample.source[yes], sample.place[yes]]).astype(np.int64)


def chosen(texts: Texts, groups: Groups, choice: Choice, rows: Ints, today: date) -> Iterator[Entry]:
    """Yield what goes into a list; `rows` are those that people said yes to."""
    labelled = np.zeros(len(texts.first), bool)
    labelled[_texts_of(texts, rows)] = True
    large = np.zeros(len(texts.first), bool)
    if choice.least is not None:
        there = groups.near != NONE
        large[there] = groups.rows[groups.near[there]] >= choice.least
    numbers = np.flatnonzero(labelled | large)
    banded = dict(zip(groups.long.tolist(), range(len(groups.long)), strict=True)) if choice.bands else {}
    found = [
        Entry(
            digest,
            (choice.policy or "") if labelled[number] else CLUSTER,
            today,
            tuple(groups.bands[banded[number]].tolist()) if number in banded else (),
        )
        for number, digest in zip(numbers.tolist(), digests_of(texts, numbers), strict=True)
    ]
    # In the order of their digests: another order would tell which came first.
    yield from sorted(found, key=lambda entry: entry.digest)


def _texts_of(texts: Texts, rows: Ints) -> Ints:
    """Return the numbers of the texts of some rows, blank ones left out."""
    keys = (texts.source.astype(np.int64) << _PLACES) + texts.place
    found = texts.text[np.isin(keys, (rows[:, 0] << _PLACES) + rows[:, 1])]
    return np.asarray(found[found != NONE], np.int64)
