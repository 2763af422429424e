"""Toy audits to report on: posts about cooking, with a time, a place and views; and labels for them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from tocsin.service.audit.engine import SerialEngine
from tocsin.service.audit.estimating import default_slices, estimate, write_estimates
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.manifest import Manifest
from tocsin.service.audit.run import run_audit
from tocsin.service.audit.sampling import SampleFormat, SamplePlan, draw_sample, write_design, write_sample
from tocsin.service.audit.schema import AskedSchema
from tocsin.service.audit.testing import Silent, Toy, toy_plan, toy_posts, write_posts

__all__ = ["audit_posts", "label", "timed_posts"]

_FIRST: Final = datetime(2031, 5, 17, 9, tzinfo=UTC)


def timed_posts(count: int, days: float = 30) -> list[dict[str, Any]]:
    """Return toy posts, spread evenly over some days; every fiftieth has no time."""
    return [
        post | {"at": None if n % 50 == 49 else (_FIRST + timedelta(days=days * n / count)).isoformat()}
        for n, post in enumerate(toy_posts(count))
    ]


def audit_posts(
    folder: Path,
    posts: Sequence[dict[str, Any]],
    slices: Sequence[str] = ("place",),
    part_rows: int = 500,
    name: str = "posts.jsonl",
    **columns: str,
) -> tuple[AuditLayout, Manifest]:
    """Audit posts into `folder`/out, with these columns for time or weight."""
    folder.mkdir(exist_ok=True)
    path = write_posts(folder / name, posts)
    toy = Toy(AskedSchema().with_options(slices, **columns), part_rows=part_rows)
    plan = toy_plan(folder / "out", [path], toy)
    return plan.layout, run_audit(plan, SerialEngine(), Silent())


def label(
    layout: AuditLayout,
    manifest: Manifest,
    answer: Callable[[str, int], str],
    labels: int = 200,
    by: str | None = None,
) -> None:
    """Draw a sample, let `answer` label each policy and place, and estimate from that."""
    drawn = draw_sample(layout, manifest, SamplePlan(labels, seed=3, by=by))
    write_design(layout, drawn.design)
    write_sample(layout.sample_csv, drawn, manifest.policy.names, SampleFormat.CSV)
    with layout.sample_csv.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        row |= {f"label_{name}": answer(name, int(row["place"])) for name in manifest.policy.names}
    with layout.sample_csv.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    write_estimates(layout, estimate(layout, manifest, layout.sample_csv, default_slices(manifest)))
