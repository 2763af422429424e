"""One run of an audit: begun, or gone on with, and brought to its end."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

from tocsin.errors import InputError
from tocsin.service.audit.comparison import check_same
from tocsin.service.audit.durable import remove_temporary
from tocsin.service.audit.inputs import AuditInput
from tocsin.service.audit.journal import Journal, open_journal
from tocsin.service.audit.lock import locked
from tocsin.service.audit.manifest import (
    Manifest,
    ModelRecord,
    PolicyRecord,
    SettingsRecord,
    read_manifest,
    write_manifest,
)
from tocsin.service.audit.schema import AskedSchema, columns_of, settle
from tocsin.service.audit.scoring import Loading, PartScoring
from tocsin.service.audit.units import read_units
from tocsin.service.scan.limits import Limits
from tocsin.service.scan.reader import read_rows

if TYPE_CHECKING:
    from pathlib import Path

    from tocsin.assessment import Tier
    from tocsin.service.audit.columns import SchemaRecord
    from tocsin.service.audit.engine import Engine
    from tocsin.service.audit.layout import AuditLayout
    from tocsin.service.scan.columns import Columns

__all__ = ["AuditPlan", "Scorer", "Watcher", "run_audit"]

LEAVINGS: Final = ("scored", "rejects", "progress")


@dataclass(frozen=True, slots=True)
class Scorer:
    """Say who scores: what identifies it, its settings, and how to load it elsewhere."""

    model: ModelRecord
    policy: PolicyRecord
    tier: Tier
    loading: Loading


@dataclass(frozen=True, slots=True)
class AuditPlan:
    """Hold everything that a run was asked to do."""

    layout: AuditLayout
    inputs: tuple[AuditInput, ...]
    schema: AskedSchema
    settings: SettingsRecord
    scorer: Scorer
    tocsin: str

    @property
    def limits(self) -> Limits:
        """Return how much an input may ask of the machine."""
        return Limits(self.settings.record_bytes, self.settings.expansion)


class Watcher(Protocol):
    """Be told how a run goes on."""

    def skipped(self, read_bytes: int) -> None:
        """Hear that so many bytes of inputs were done by a run before."""
        ...

    def done(self, rows: int, read_bytes: int) -> None:
        """Hear that so many rows, which were so many bytes, are done."""
        ...


def run_audit(
    plan: AuditPlan,
    engine: Engine,
    watcher: Watcher,
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Manifest:
    """Score every row of the inputs into the folder, and return the manifest of the whole.

    A run that was killed goes on where it was; a complete one is left as it is. Raises InputError where the
    folder holds anything else, or an audit that was begun with another command, bundle, policy, schema or
    other inputs; where an input has changed or cannot be read; ScoringError where texts cannot be scored.
    """
    layout = plan.layout
    _check_folder(plan)
    for folder in (layout.scored, layout.rejects, layout.progress):
        _make(folder)
    with locked(layout):
        started = clock()
        manifest = _manifest(plan, now())
        if manifest.finished is not None:
            return manifest
        for folder in (layout.root, layout.scored, layout.rejects, layout.progress):
            remove_temporary(folder)
        with open_journal(layout) as journal:
            _score(plan, manifest.columns, engine, journal, watcher, lambda: clock() - started)
            finished = manifest.model_copy(
                update={
                    "finished": now(),
                    "counts": journal.counts,
                    "seconds": round(journal.seconds, 3),
                }
            )
        write_manifest(layout, finished)
        return finished


def _check_folder(plan: AuditPlan) -> None:
    root = plan.layout.root
    if root.exists() and not root.is_dir():
        raise InputError(f"{root}: an audit's output must be a folder, is a file")
    if root.is_dir() and not plan.layout.manifest.exists():
        others = [path.name for path in root.iterdir() if path.name not in LEAVINGS and path.name[0] != "."]
        if others:
            raise InputError(f"{root}: an audit's folder must be new or empty, holds other files")
    inside = root.resolve()
    for one in plan.inputs:
        if one.source.path is not None and one.source.path.resolve().is_relative_to(inside):
            raise InputError(f"{one.record.name}: an input must not lie in the folder of the audit, {root}")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: must be a folder that can be written: {error.strerror}") from error


def _manifest(plan: AuditPlan, now: datetime) -> Manifest:
    """Return the manifest that the folder has, held to what was asked for; write it where it has none."""
    layout = plan.layout
    if layout.manifest.exists():
        recorded = read_manifest(layout, finished=False)
        check_same(layout, recorded, _asked(plan, recorded.columns, now))
        return recorded
    if layout.journal.exists() or layout.scored_parts():
        raise InputError(f"{layout.root}: holds parts of an audit whose {layout.manifest.name} is gone")
    manifest = _asked(plan, None, now)
    _check_headers(plan, columns_of(manifest.columns))
    write_manifest(layout, manifest)
    return manifest


def _asked(plan: AuditPlan, recorded: SchemaRecord | None, now: datetime) -> Manifest:
    sources = [one.source for one in plan.inputs]
    names = plan.scorer.policy.names
    return Manifest(
        tocsin=plan.tocsin,
        model=plan.scorer.model,
        policy=plan.scorer.policy,
        tier=plan.scorer.tier,
        inputs=tuple(one.record for one in plan.inputs),
        columns=settle(plan.schema, sources, plan.limits, names, recorded),
        settings=plan.settings,
        started=now,
    )


def _check_headers(plan: AuditPlan, columns: Columns) -> None:
    """Read one row of each input, so that a column that the last one lacks is missed now, not in hours."""
    for one in plan.inputs:
        rows = read_rows([one.source], columns, plan.limits)
        next(rows, None)


def _score(
    plan: AuditPlan,
    schema: SchemaRecord,
    engine: Engine,
    journal: Journal,
    watcher: Watcher,
    seconds: Callable[[], float],
) -> None:
    names, settings = plan.scorer.policy.names, plan.settings
    scoring = PartScoring(plan.scorer.loading, plan.layout, names, schema.carried, settings.spans)
    units = read_units(
        plan.inputs, columns_of(schema), plan.limits, settings.part_rows, journal, watcher.skipped
    )
    with closing(engine.run(units, scoring)) as done:
        for one in done:
            journal.add(one, seconds())
            watcher.done(one.rows, one.read_bytes)
