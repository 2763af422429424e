"""All figures of the dashboard, computed together from one moment of the database."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from tocsin.service.review.records.figures.audit import Audit, audit
from tocsin.service.review.records.figures.drift import Drift, drift
from tocsin.service.review.records.figures.flow import FlowDay, flow
from tocsin.service.review.records.figures.pace import Deadlines, Pace, pace
from tocsin.service.review.records.figures.precision import Precision, precision
from tocsin.service.review.records.figures.volume import Days, VolumeDay, volume

__all__ = ["Figures", "figure_all"]


@dataclass(frozen=True, slots=True)
class Figures:
    """Hold what the dashboard shows, as of a moment, and the seconds that it took."""

    as_of: datetime
    took_s: float
    volume: Sequence[VolumeDay]
    precision: Sequence[Precision]
    audit: Audit
    pace: Sequence[Pace]
    deadlines: Deadlines
    flow: Sequence[FlowDay]
    drift: Drift


def figure_all(tx: Connection, days: Days, now: datetime, began: float) -> Figures:
    """Return the figures as of `now`, given the counts of the days; `began` is by `time.monotonic`."""
    paces, deadlines = pace(tx, now)
    return replace(
        Figures(
            as_of=now,
            took_s=0.0,
            volume=volume(tx, days, now),
            precision=precision(tx, now),
            audit=audit(tx, now),
            pace=paces,
            deadlines=deadlines,
            flow=flow(tx, now),
            drift=drift(days, now),
        ),
        took_s=time.monotonic() - began,
    )
