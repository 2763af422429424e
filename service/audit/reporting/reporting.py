"""From the files of an audit's folder to all that its report says."""

from __future__ import annotations

import hashlib
from pathlib import Path

import tocsin
from tocsin.errors import InputError
from tocsin.service.audit.estimating import EstimatesRecord, default_slices, read_estimates
from tocsin.service.audit.known.records import KnownRecord, read_known
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.manifest import Manifest
from tocsin.service.audit.reporting.counting import Counted, count_rows
from tocsin.service.audit.reporting.cutting import cut_record, scores_record
from tocsin.service.audit.reporting.findings import findings_of
from tocsin.service.audit.reporting.missing import missing_of
from tocsin.service.audit.reporting.periods import time_record
from tocsin.service.audit.reporting.records import (
    InputRecord,
    ReportRecord,
    SampleRecord,
    TimeRecord,
)
from tocsin.service.audit.sampling.design import read_design
from tocsin.service.audit.sampling.designing import audit_digest
from tocsin.service.audit.slicing import check_slice_names

__all__ = ["report_of"]


def report_of(layout: AuditLayout, manifest: Manifest) -> ReportRecord:
    """Return all that an audit's report says, from one pass over the scored parts and the files beside them.

    The same folder gives the same report. Raises InputError where a part cannot be read, and where a sample
    or estimates are there that are another run's.
    """
    digest = audit_digest(layout)
    names = manifest.policy.names
    counted = count_rows(layout, manifest, default_slices(manifest))
    estimates, sample = _estimates(layout, digest), _sample(layout, digest)
    if manifest.finished is None:
        raise InputError(f"{layout.manifest}: the run must be complete, is not")
    scores = tuple(scores_record(counted, number, name) for number, name in enumerate(names))
    cuts = {name: cut_record(pieces, names) for name, pieces in counted.cuts.items()}
    replaced = bool(sample and estimates and estimates.design != _digest(layout.sample_design))
    return ReportRecord(
        tocsin=tocsin.__version__,
        audit=digest,
        scored_by=manifest.tocsin,
        model=manifest.model,
        policy=manifest.policy,
        tier=manifest.tier,
        inputs=tuple(
            InputRecord(name=one.name, format=one.format, compression=one.compression, size=one.size)
            for one in manifest.inputs
        ),
        started=manifest.started,
        finished=manifest.finished,
        seconds=manifest.seconds,
        counts=manifest.counts,
        findings=findings_of(scores, estimates, counted.rows),
        scores=scores,
        cuts=cuts,
        time=_time(counted, manifest),
        sample=None if replaced else sample,
        estimates=estimates,
        known=_known(layout, digest),
        missing=missing_of(manifest, estimates, sample, cuts, replaced=replaced),
    )


def _estimates(layout: AuditLayout, audit: str) -> EstimatesRecord | None:
    if not layout.estimates.exists():
        return None
    found = read_estimates(layout)
    if found.audit != audit:
        raise InputError(f"{layout.estimates}: must be of this audit, is of an earlier run: estimate again")
    for policy in found.policies:
        check_slice_names(policy.cuts)
    return found


def _known(layout: AuditLayout, audit: str) -> KnownRecord | None:
    if not layout.known_record.exists():
        return None
    found = read_known(layout)
    if found.audit != audit:
        raise InputError(
            f"{layout.known_record}: must be of this audit, is of an earlier run: look for copies again"
        )
    for cluster in found.clusters:
        check_slice_names(cluster.slices)
    return found


def _sample(layout: AuditLayout, audit: str) -> SampleRecord | None:
    if not layout.sample_design.exists():
        return None
    found = read_design(layout)
    if found.audit != audit:
        raise InputError(
            f"{layout.sample_design}: must be the sample of this audit, is one of an earlier run"
        )
    chances = [one.probability for one in found.strata if one.rows] or [0.0]
    return SampleRecord(
        tocsin=found.tocsin,
        seed=found.seed,
        asked=found.asked,
        drawn=found.labels,
        rows=found.rows,
        strata=len(found.strata),
        lowest_probability=min(chances),
        highest_probability=max(chances),
        even=found.even,
        weighted=found.weighted,
        flagged=found.flagged,
        by=found.by,
    )


def _time(counted: Counted, manifest: Manifest) -> TimeRecord | None:
    if counted.days is None or manifest.columns.time is None:
        return None
    return time_record(manifest.columns.time.name, counted.days, counted.untimed, manifest.policy.names)


def _digest(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
