"""Copies found in an audit: its inputs read again and hashed, grouped, held against lists, written down."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

import tocsin
from tocsin.errors import InputError
from tocsin.service.audit.durable import remove_temporary
from tocsin.service.audit.inputs import find_again
from tocsin.service.audit.journal import open_journal
from tocsin.service.audit.known.choosing import Choice, chosen, rows_labelled
from tocsin.service.audit.known.fingerprints import PartHashing
from tocsin.service.audit.known.grouping import group
from tocsin.service.audit.known.hash_list import read_hash_list, write_hash_list
from tocsin.service.audit.known.keying import NORMALISER, Keying
from tocsin.service.audit.known.records import KnownRecord, write_known
from tocsin.service.audit.known.summing import sum_up
from tocsin.service.audit.known.texts import read_texts
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.lock import locked
from tocsin.service.audit.manifest import Manifest
from tocsin.service.audit.sampling.designing import audit_digest
from tocsin.service.audit.schema import columns_of
from tocsin.service.audit.slicing import LEAST_ROWS
from tocsin.service.audit.units import read_units
from tocsin.service.scan.limits import Limits

if TYPE_CHECKING:
    from tocsin.service.audit.engine import Engine
    from tocsin.service.audit.run import Watcher

__all__ = ["Found", "KnownPlan", "find_known"]

Ints = NDArray[np.int64]

_WORK: Final = "work-"
_OURS_ALONE: Final = 0o700  # texts can be guessed from what is in there


@dataclass(frozen=True, slots=True)
class KnownPlan:
    """Say what is asked for: lists to hold texts against, how digests are made, which clusters are told.

    A cluster is told from `least` rows on, but never one of fewer than 20. `choice` is what a list is to be
    written of.
    """

    lists: tuple[Path, ...] = ()
    keying: Keying = field(default_factory=Keying)
    least: int = LEAST_ROWS
    choice: Choice | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Hold what was found, and how many digests were written; None where no list was asked for."""

    record: KnownRecord
    written: int | None


def find_known(
    layout: AuditLayout,
    manifest: Manifest,
    plan: KnownPlan,
    engine: Engine,
    watcher: Watcher,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Found:
    """Find the copies of a complete audit, and write `known/` and `known.json`.

    What was there is replaced. A run that was killed goes on with the hashing where it was; until it ends
    there is no `known.json`. Raises InputError where an input is gone or has changed, where a list is none or
    was made in another way, and where the scored rows are not those of the inputs.
    """
    lists = [read_hash_list(path, plan.keying) for path in plan.lists]
    rows = _labelled(layout, manifest, plan)
    for folder in (layout.known, layout.progress):
        _make(folder)
    with locked(layout):
        layout.known_record.unlink(missing_ok=True)
        remove_temporary(layout.known)
        work = _work(layout, plan)
        _hash(manifest, work, plan, engine, watcher)
        texts = read_texts(work)
        groups = group(texts, work.root)
        algorithm, least = plan.keying.algorithm, plan.least
        record = sum_up(layout, manifest, texts, groups, lists, algorithm, least)
        written = None
        if plan.choice is not None:
            entries = list(chosen(texts, groups, plan.choice, rows, now().date()))
            write_hash_list(plan.choice.path, entries, plan.keying)
            written = len(entries)
        write_known(layout, record)
        shutil.rmtree(work.root)
    return Found(record, written)


def _labelled(layout: AuditLayout, manifest: Manifest, plan: KnownPlan) -> Ints:
    """Return the rows that people said yes to, and check that the list can be written."""
    choice = plan.choice
    if choice is None:
        return np.zeros((0, 2), np.int64)
    if choice.path.exists():
        raise InputError(f"a list of hashes must not be there yet, was {choice.path}")
    if choice.bands and plan.keying.key is not None:
        raise InputError("bands are not keyed: a list under a key must have none of them")
    if choice.labels is None or choice.policy is None:
        return np.zeros((0, 2), np.int64)
    return rows_labelled(layout, manifest, choice.labels, choice.policy)


def _make(folder: Path, mode: int = 0o777) -> None:
    try:
        folder.mkdir(mode, parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: must be a folder that can be written: {error.strerror}") from error


def _work(layout: AuditLayout, plan: KnownPlan) -> AuditLayout:
    """Return the folder of what is hashed in this way; what was hashed in another is removed."""
    told = f"{tocsin.__version__} {NORMALISER} {audit_digest(layout)} {plan.keying.mark}"
    work = AuditLayout(layout.known / f"{_WORK}{hashlib.sha256(told.encode()).hexdigest()[:16]}")
    for other in layout.known.glob(f"{_WORK}*"):
        if other != work.root:
            shutil.rmtree(other)
    _make(work.root, _OURS_ALONE)
    for folder in (work.scored, work.progress):
        _make(folder)
    return work


def _hash(manifest: Manifest, work: AuditLayout, plan: KnownPlan, engine: Engine, watcher: Watcher) -> None:
    settings = manifest.settings
    limits = Limits(settings.record_bytes, settings.expansion)
    inputs = [find_again(record) for record in manifest.inputs]
    with open_journal(work) as journal:
        units = read_units(
            inputs, columns_of(manifest.columns), limits, settings.part_rows, journal, watcher.skipped
        )
        with closing(engine.run(units, PartHashing(work, plan.keying))) as done:
            for one in done:
                journal.add(one, 0)
                watcher.done(one.rows, one.read_bytes)
