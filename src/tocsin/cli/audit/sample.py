"""`tocsin audit sample`: which rows people should label, and how probable each was to be drawn."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console

from tocsin.cli.reading import say
from tocsin.errors import InputError

if TYPE_CHECKING:
    from tocsin.service.audit.sampling.design import DesignRecord

__all__ = ["sample"]

LABELS: Final = 1000
_SEED_BITS: Final = 32


def sample(
    out: Annotated[Path, typer.Argument(help="Folder of a complete audit.", show_default=False)],
    labels: Annotated[int, typer.Option(min=1, help="Rows to label.")] = LABELS,
    by: Annotated[
        str | None,
        typer.Option(
            help="Slice column each of whose values gets labels of its own; also 'language'.",
            show_default=False,
        ),
    ] = None,
    least: Annotated[int, typer.Option(min=0, help="Labels that each value of --by gets at least.")] = 20,
    even: Annotated[
        float, typer.Option(help="Share of labels spread evenly, whatever the scores say; above 0 to 1.")
    ] = 0.75,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Draws the same sample again; by default a new one.", show_default=False),
    ] = None,
    with_text: Annotated[
        bool, typer.Option("--with-text", help="Put the texts in, read from the audited files again.")
    ] = False,
    as_jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Write sample.jsonl instead of sample.csv.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a sample, filled in or not.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no summary.")] = False,
) -> None:
    """Draw rows to label from an audit, each by a known chance, into OUT/sample.csv and OUT/sample.json."""
    from tocsin.service.audit import AuditLayout
    from tocsin.service.audit.manifest import read_manifest
    from tocsin.service.audit.sampling import (
        SampleFormat,
        SamplePlan,
        draw_sample,
        sample_path,
        texts_of,
        write_design,
        write_sample,
    )

    layout = AuditLayout(out)
    manifest = read_manifest(layout)
    kind = SampleFormat.JSONL if as_jsonl else SampleFormat.CSV
    path = sample_path(layout, kind)
    _check_free([path, layout.sample_design], force=force)
    plan = SamplePlan(labels, secrets.randbits(_SEED_BITS) if seed is None else seed, even, by, least)
    drawn = draw_sample(layout, manifest, plan)
    texts = texts_of(manifest, drawn.rows) if with_text else None
    write_sample(path, drawn, manifest.policy.names, kind, texts)
    write_design(layout, drawn.design)
    summary = _summary(drawn.design, path)
    if as_json:
        typer.echo(json.dumps(summary))
    elif not quiet:
        say(Console(stderr=True), _told(summary))


def _check_free(paths: list[Path], *, force: bool) -> None:
    for path in paths:
        if path.exists() and not force:
            raise InputError(f"a sample must not be there yet (--force replaces it), was {path}")


def _summary(design: DesignRecord, path: Path) -> dict[str, Any]:
    told = [one.probability for one in design.strata if one.rows]
    return {
        "sample": str(path),
        "labels": design.labels,
        "rows": design.rows,
        "strata": len(design.strata),
        "seed": design.seed,
        "lowest_probability": min(told),
        "highest_probability": max(told),
    }


def _told(summary: dict[str, Any]) -> str:
    return (
        f"{summary['labels']:,} of {summary['rows']:,} rows to label in {summary['sample']}, from"
        f" {summary['strata']} strata, drawn with probabilities from {summary['lowest_probability']:.3g} to"
        f" {summary['highest_probability']:.3g}; seed {summary['seed']}"
    )
