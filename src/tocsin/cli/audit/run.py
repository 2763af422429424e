"""`tocsin audit run`: score stored posts by the million; killed, it goes on where it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console

import tocsin
from tocsin.cli.audit.engines import (
    EngineName,
    EngineOption,
    EnginePlan,
    RayAddressOption,
    RayTimeoutOption,
)
from tocsin.cli.audit.progress import Counter, watched
from tocsin.cli.reading import (
    AssumeLanguageOption,
    BundleDigestOption,
    BundleOption,
    MaxExpansionOption,
    MaxRecordBytesOption,
    PolicyOption,
    TierOption,
    say,
)
from tocsin.cli.scan_run import EXIT_INTERRUPTED, EXIT_REJECTED
from tocsin.service.scan import DEFAULT_EXPANSION, DEFAULT_RECORD_BYTES, Format, Limits, reveal

if TYPE_CHECKING:
    from tocsin.service.audit import Manifest
    from tocsin.service.audit.engine import Engine
    from tocsin.service.audit.run import AuditPlan

__all__ = ["run"]

PART_ROWS: Final = 10_000
MOST_PART_ROWS: Final = 1_000_000


def run(
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="Files, folders, globs or addresses such as s3://bucket/posts/: jsonl, ndjson, csv, tsv,"
            " parquet; all but parquet also as .gz or .zst.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(help="Folder of the audit; given again, the same command goes on.", show_default=False),
    ],
    schema: Annotated[
        Path | None,
        typer.Option(
            help="TOML file that says which column holds what; options win over it.", show_default=False
        ),
    ] = None,
    text_column: Annotated[
        str | None, typer.Option(help="Column that holds the text; by default 'text'.", show_default=False)
    ] = None,
    id_column: Annotated[
        str | None,
        typer.Option(
            help="Column that holds the id; by default 'id' where present, otherwise the row number.",
            show_default=False,
        ),
    ] = None,
    language_column: Annotated[
        str | None,
        typer.Option(
            help="Column that holds a language hint such as 'en'; by default 'language' where present;"
            " '' for none.",
            show_default=False,
        ),
    ] = None,
    time_column: Annotated[
        str | None, typer.Option(help="Column that says when a row was posted.", show_default=False)
    ] = None,
    community_column: Annotated[
        str | None, typer.Option(help="Column that says where a row was posted.", show_default=False)
    ] = None,
    slices: Annotated[
        list[str] | None,
        typer.Option("--slice", help="Column to tell apart by later, repeatable.", show_default=False),
    ] = None,
    weight: Annotated[
        str | None, typer.Option(help="Column with what a row counts, such as its views.", show_default=False)
    ] = None,
    layout: Annotated[
        Format | None,
        typer.Option("--format", help="Format of every input; by default its suffix says it."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, max=1024, help="Processes that score; by default one a core.", show_default=False
        ),
    ] = None,
    engine: EngineOption = EngineName.LOCAL,
    ray_address: RayAddressOption = None,
    ray_timeout: RayTimeoutOption = None,
    part_rows: Annotated[
        int, typer.Option(min=1, max=MOST_PART_ROWS, help="Most rows of each file that is written.")
    ] = PART_ROWS,
    spans: Annotated[
        bool, typer.Option("--spans", help="Also say which words moved the scores; slower.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress and no summary.")] = False,
    max_record_bytes: MaxRecordBytesOption = DEFAULT_RECORD_BYTES,
    max_expansion: MaxExpansionOption = DEFAULT_EXPANSION,
    bundle: BundleOption = None,
    tier: TierOption = None,
    policy: PolicyOption = None,
    bundle_digest: BundleDigestOption = None,
    assume_language: AssumeLanguageOption = None,
) -> None:
    """Score stored posts by the million into a folder; stopped at any moment, the same command goes on.

    Exit codes: 0 every row was read; 3 some were rejected, the rest is complete;
    1 the run failed, what is done stays; 2 wrong usage; 130 interrupted.
    """
    from tocsin.service.audit import AuditLayout
    from tocsin.service.audit.bundle_scorer import open_scorer
    from tocsin.service.audit.inputs import find_inputs
    from tocsin.service.audit.run import AuditPlan
    from tocsin.service.audit.schema import AskedSchema, read_schema

    engines = EnginePlan(engine, workers, ray_address, ray_timeout)
    asked = (read_schema(schema) if schema else AskedSchema()).with_options(
        slices or (),
        text=text_column,
        id=id_column,
        language=language_column,
        time=time_column,
        community=community_column,
        weight=weight,
    )
    found = find_inputs(inputs, layout)
    scorer, settings = open_scorer(
        bundle,
        policy,
        tier,
        bundle_digest,
        assume_language,
        processes=engines.processes(),
        spans=spans,
        limits=Limits(max_record_bytes, max_expansion),
        part_rows=part_rows,
    )
    plan = AuditPlan(AuditLayout(out), found, asked, settings, engines.fitted(scorer), tocsin.__version__)
    _run(plan, engines.make(), as_json=as_json, quiet=quiet)


def _run(plan: AuditPlan, engine: Engine, *, as_json: bool, quiet: bool) -> None:
    from tocsin.service.audit.run import run_audit

    stderr = Console(stderr=True)
    total = sum(one.record.size for one in plan.inputs)
    counter = Counter()
    try:
        with watched(total, stderr, quiet=quiet) as counter:
            manifest = run_audit(plan, engine, counter)
    except KeyboardInterrupt:
        say(stderr, f"interrupted; {counter.rows:,} rows are done, and the same command goes on")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    if as_json:
        typer.echo(json.dumps(_summary(plan, manifest, counter)))
    elif not quiet:
        say(stderr, _told(plan, manifest))
    if manifest.counts.rejected:
        raise typer.Exit(EXIT_REJECTED)


def _summary(plan: AuditPlan, manifest: Manifest, counter: Counter) -> dict[str, Any]:
    return {
        "out": str(plan.layout.root),
        "inputs": len(manifest.inputs),
        "seconds": manifest.seconds,
        "rows_this_run": counter.rows,
        "counts": manifest.counts.model_dump(mode="json"),
    }


def _told(plan: AuditPlan, manifest: Manifest) -> str:
    counts = manifest.counts
    levels = ", ".join(f"{counts.levels.get(level, 0):,} {level}" for level in ("urgent", "review", "none"))
    unscorable = sum(counts.unscorable.values())
    return (
        f"{counts.read:,} rows read in {manifest.seconds:,.0f} s: {levels}; {unscorable:,} unscorable;"
        f" {counts.rejected:,} rejected; all of it is in {reveal(str(plan.layout.root))}"
    )
