"""A sample of an audit: designed, drawn, and the same again from the same seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import InputError
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.manifest import Manifest
from tocsin.service.audit.sampling.design import DesignRecord, GroupRecord, read_design
from tocsin.service.audit.sampling.designing import audit_digest, make_design
from tocsin.service.audit.sampling.drawing import Drawing, Drawn
from tocsin.service.audit.sampling.frame import Frame, frame_of
from tocsin.service.audit.sampling.hashing import row_hashes, shuffled
from tocsin.service.audit.sampling.plan import SamplePlan
from tocsin.service.audit.sampling.strata import Strata
from tocsin.service.audit.sampling.values import Values

__all__ = ["Sampled", "SampledRow", "draw_sample", "read_sample"]


@dataclass(frozen=True, slots=True)
class SampledRow:
    """Hold one row to label, and how probable it was to be drawn."""

    id: str
    source: int
    place: int
    stratum: int
    probability: float


@dataclass(frozen=True, slots=True)
class Sampled:
    """Hold a sample; its rows come in an order that tells nothing of their strata."""

    design: DesignRecord
    rows: tuple[SampledRow, ...]


def draw_sample(layout: AuditLayout, manifest: Manifest, plan: SamplePlan) -> Sampled:
    """Draw a sample in three passes over the scored parts, in memory for the sample and the strata alone.

    Raises InputError where the plan cannot be carried out, and where a part cannot be read.
    """
    frame = frame_of(layout, manifest, [plan.by] if plan.by else [])
    design = make_design(layout, frame, plan)
    drawn = _drawn(frame, design)
    return Sampled(_closed(design, drawn.last), _rows(design, drawn))


def read_sample(layout: AuditLayout, manifest: Manifest) -> Sampled:
    """Return the sample that was drawn from an audit, its rows in the same order, from its design alone.

    Raises InputError where the audit has none, or one of an earlier run.
    """
    design = read_design(layout)
    if design.audit != audit_digest(layout):
        raise InputError(
            f"{layout.sample_design}: must be the sample of this audit, is one of an earlier run"
        )
    drawn = _drawn(frame_of(layout, manifest, [design.by] if design.by else []), design)
    if _closed(design, drawn.last) != design:
        raise InputError(
            f"{layout.sample_design}: must be of the parts in {layout.scored}, which have other rows now:"
            " draw a new sample"
        )
    return Sampled(design, _rows(design, drawn))


def _rows(design: DesignRecord, drawn: Drawn) -> tuple[SampledRow, ...]:
    probabilities = [one.probability for one in design.strata]
    order = np.argsort(shuffled(design.seed, drawn.source, drawn.place), kind="stable")
    return tuple(
        SampledRow(
            str(drawn.ids[one]),
            int(drawn.source[one]),
            int(drawn.place[one]),
            int(drawn.stratum[one]),
            probabilities[drawn.stratum[one]],
        )
        for one in order
    )


def _drawn(frame: Frame, design: DesignRecord) -> Drawn:
    strata, values = Strata.of(design), Values(design.by or "")
    drawing = Drawing(np.array([one.labels for one in design.strata], np.int64))
    for batch in frame.batches():
        hashes = row_hashes(design.seed, batch.source, batch.place)
        ids = batch.ids.to_numpy(zero_copy_only=False)
        drawing.add(strata.place(batch, values), hashes, batch.source, batch.place, ids)
    return drawing.finish()


def _closed(design: DesignRecord, last: NDArray[np.uint64]) -> DesignRecord:
    """Return the design with the highest hash that each stratum took."""
    hashes = iter(last.tolist())
    groups: list[GroupRecord] = []
    for group in design.groups:
        strata = tuple(one.model_copy(update={"last": f"{next(hashes):016x}"}) for one in group.strata)
        groups.append(group.model_copy(update={"strata": strata}))
    return design.model_copy(update={"groups": tuple(groups)})
