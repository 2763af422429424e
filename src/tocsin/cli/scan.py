"""`tocsin scan`: texts in, a ranking for people or rows for machines out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.reading import (
    AssumeLanguageOption,
    BundleDigestOption,
    BundleOption,
    FormatOption,
    IdColumnOption,
    LanguageColumnOption,
    MaxExpansionOption,
    MaxRecordBytesOption,
    PolicyOption,
    StrictOption,
    TextColumnOption,
    TierOption,
    files_read,
)
from tocsin.cli.scan_run import EXIT_INTERRUPTED, EXIT_REJECTED, Plan, run
from tocsin.service.scan import (
    DEFAULT_EXPANSION,
    DEFAULT_RECORD_BYTES,
    Columns,
    Limits,
    find_overwritten,
    inputs_from,
    reveal,
)
from tocsin.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.assessment import Tier
    from tocsin.service.scan import Assessor

__all__ = ["EXIT_INTERRUPTED", "EXIT_REJECTED", "scan"]


def scan(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files to read, '-' for standard input (the default): txt, jsonl, ndjson, csv, tsv, parquet;"
            " all but parquet also as .gz or .zst.",
            show_default=False,
        ),
    ] = None,
    layout: FormatOption = None,
    text_column: TextColumnOption = "text",
    id_column: IdColumnOption = None,
    language_column: LanguageColumnOption = None,
    top: Annotated[int, typer.Option(min=1, help="Rows to show in each table.")] = 50,
    show_text: Annotated[
        bool,
        typer.Option("--show-text", help="Show texts in the table, add them to json, csv and parquet."),
    ] = False,
    spans: Annotated[
        bool, typer.Option("--spans", help="Also say which words moved the scores; slower.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write JSON Lines in input order instead of the table.")
    ] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Write CSV in input order instead of the table.")
    ] = False,
    parquet: Annotated[
        Path | None, typer.Option(help="Write this Parquet file instead of the table.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write json or csv to this file, which appears only when it is complete.", show_default=False
        ),
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option(
            help="Write every rejected row to this file: JSON Lines of its place and why, never its text.",
            show_default=False,
        ),
    ] = None,
    strict: StrictOption = False,
    max_record_bytes: MaxRecordBytesOption = DEFAULT_RECORD_BYTES,
    max_expansion: MaxExpansionOption = DEFAULT_EXPANSION,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress and no summary.")] = False,
    bundle: BundleOption = None,
    tier: TierOption = None,
    policy: PolicyOption = None,
    bundle_digest: BundleDigestOption = None,
    assume_language: AssumeLanguageOption = None,
) -> None:
    """Score texts and rank those that need a person first. Nothing is removed and nothing is decided.

    Exit codes: 0 every row was read; 3 some were rejected, the rest is complete;
    1 the scan failed; 2 wrong usage; 130 interrupted; 141 the output was closed.
    """
    option = _option({"--json": as_json, "--csv": as_csv}, parquet, out)
    _check_outputs([out, parquet, rejects], _kept(inputs or [], bundle, policy))
    sources = inputs_from(inputs or [], layout)
    plan = Plan(
        option=option,
        path=parquet or out,
        columns=Columns(text_column, id_column, language_column),
        limits=Limits(max_record_bytes, max_expansion),
        rejects=rejects,
        top=top,
        show_text=show_text,
        strict=strict,
        spans=spans,
        quiet=quiet,
    )
    run(
        sources,
        _scorer(bundle, policy, tier, bundle_digest, assume_language),
        plan,
    )


def _scorer(
    bundle: Path | None,
    policy: Path | None,
    tier: Tier | None,
    digest: str | None,
    assume_language: str | None,
) -> Assessor:
    # Loading the models package takes longer than showing the help.
    from tocsin.models import load

    scorer: Assessor = load(bundle, policy=policy, tier=tier, digest=digest, assume_language=assume_language)
    return scorer


def _option(flags: Mapping[str, bool], parquet: Path | None, out: Path | None) -> str | None:
    asked = [option for option, given in flags.items() if given] + (["--parquet"] if parquet else [])
    if len(asked) > 1:
        raise typer.BadParameter(f"at most one of --json, --csv and --parquet, was {' and '.join(asked)}")
    option = asked[0] if asked else None
    if out is not None and option not in flags:
        raise typer.BadParameter(f"--out needs --json or --csv, was with {option or 'neither'}")
    return option


def _kept(inputs: Sequence[str], bundle: Path | None, policy: Path | None) -> list[Path]:
    """Return every file that the scan reads: the inputs, the policy, and those of the bundle."""
    policy = policy or settings().policy
    return files_read(inputs, bundle) + ([policy] if policy else [])


def _check_outputs(given: Sequence[Path | None], kept: Sequence[Path]) -> None:
    """Refuse to overwrite what is read, or one output with another."""
    path = find_overwritten([path for path in given if path is not None], kept)
    if path is not None:
        raise typer.BadParameter(
            "an output must not be an input, the policy, a file of the bundle or another output,"
            f" was {reveal(str(path))}"
        )
