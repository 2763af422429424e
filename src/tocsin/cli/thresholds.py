"""`tocsin thresholds`: what the budgets of a policy file come to on a platform's own traffic."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from tocsin.cli.outfile import check_target
from tocsin.cli.policy import budget_notes, threshold_cells
from tocsin.cli.reading import (
    AssumeLanguageOption,
    BundleDigestOption,
    BundleOption,
    FormatOption,
    IdColumnOption,
    LanguageColumnOption,
    MaxExpansionOption,
    MaxRecordBytesOption,
    StrictOption,
    TextColumnOption,
    TierOption,
    files_read,
    say,
)
from tocsin.cli.scan_run import EXIT_REJECTED
from tocsin.cli.table import print_table
from tocsin.cli.thresholds_refit import refit
from tocsin.cli.traffic_run import FittedFile, TrafficFiles, fit_file
from tocsin.errors import InputError
from tocsin.service.scan import (
    DEFAULT_EXPANSION,
    DEFAULT_RECORD_BYTES,
    Columns,
    Limits,
    inputs_from,
    open_outfile,
)
from tocsin.settings import settings

if TYPE_CHECKING:
    from tocsin.models import Scorer
    from tocsin.policy import PolicyDocument

__all__ = ["app"]

app = typer.Typer(
    help="Fit the thresholds of a policy file, on traffic or on decisions.", no_args_is_help=True
)


@app.callback()
def thresholds() -> None:
    """Fit the thresholds of a policy file, on traffic or on decisions."""


@app.command()
def fit(
    traffic: Annotated[
        list[str],
        typer.Option(
            help="File of the platform's own unlabelled texts, repeatable; '-' for standard input."
            " Formats are those of `tocsin scan`."
        ),
    ],
    policy: Annotated[
        Path | None,
        typer.Option(help="Policy file with budgets; by default that of the settings.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="File to write, which appears only when it is complete; by default POLICY.fitted.toml"
            " beside the policy.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the thresholds, write no file.")] = False,
    layout: FormatOption = None,
    text_column: TextColumnOption = "text",
    id_column: IdColumnOption = None,
    language_column: LanguageColumnOption = None,
    strict: StrictOption = False,
    max_record_bytes: MaxRecordBytesOption = DEFAULT_RECORD_BYTES,
    max_expansion: MaxExpansionOption = DEFAULT_EXPANSION,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    bundle: BundleOption = None,
    tier: TierOption = None,
    bundle_digest: BundleDigestOption = None,
    assume_language: AssumeLanguageOption = None,
) -> None:
    """Fit the budgets of a policy file on a platform's own traffic, and write them into a copy of it.

    No text and no id is written. Exit codes: 0 every row was read; 3 some were rejected, the rest
    counts; 1 it failed, and nothing was written; 2 wrong usage; 130 interrupted.
    """
    path = _policy_file(policy)
    target = out or path.with_name(path.name.removesuffix(".toml").removesuffix(".fitted") + ".fitted.toml")
    if not dry_run:
        check_target(target, files_read(traffic, bundle), force=force)
    files = TrafficFiles(
        inputs_from(traffic, layout),
        Columns(text_column, id_column, language_column),
        Limits(max_record_bytes, max_expansion),
        strict,
        quiet,
    )

    def load(document: PolicyDocument) -> Scorer:
        from tocsin.models import load

        return load(
            bundle,
            policy=document,
            tier=tier,
            digest=bundle_digest,
            assume_language=assume_language,
            refit="none",
        )

    found = fit_file(path, str(path if dry_run else target), files, load)
    if not dry_run:
        _write(target, path, found)
    for line in found.shortfalls:
        say(Console(stderr=True), f"null, because not fitted: {line}")
    _show(None if dry_run else target, found, as_json=as_json)
    if found.rejected:
        raise typer.Exit(EXIT_REJECTED)


app.command("refit")(refit)


def _policy_file(given: Path | None) -> Path:
    path = given or settings().policy
    if path is None:
        raise typer.BadParameter("--policy must name a file with a budget: the one that ships has none")
    return path


def _write(target: Path, path: Path, found: FittedFile) -> None:
    from tocsin.policy import policy_bytes, policy_rules

    # In the place of the policy, an edit made in the meantime would be lost.
    if policy_rules(policy_bytes(path), str(path)) != found.rules:
        raise InputError(f"a policy file must not change while it is fitted, did: {path}")
    try:
        with open_outfile(target) as file:
            file.write(found.content)
    except OSError as error:
        raise InputError(f"an output must be writable to its end: {error.strerror}") from error


def _show(target: Path | None, found: FittedFile, *, as_json: bool) -> None:
    scorer, written = found.scorer, f"{target} is written" if target else "nothing is written"
    languages = scorer.policy.fitted.languages if scorer.policy.fitted else {}
    records = [
        record
        for language in sorted(scorer.bundle.manifest.languages)
        for policy in scorer.policies(language)
        for record in policy.records(language)
        if record.rows is not None
    ]
    if as_json:
        told = {
            "out": str(target) if target else None,
            "digest": scorer.policy.digest if target else None,
            "rows": {language: fit.rows for language, fit in languages.items()},
            "duplicates": {language: fit.duplicates for language, fit in languages.items()},
            "unscorable": dict(found.unscorable),
            "rejected": found.rejected,
            "thresholds": [record.model_dump(mode="json") for record in records],
        }
        typer.echo(json.dumps(told))
        return
    print_table(
        f"{sum(fit.rows for fit in languages.values()):,} rows scored; {written}",
        ("policy", "level", "certified", "decided", "fires where"),
        [threshold_cells(record) for record in records],
        *budget_notes(scorer.policy),
        *_left_out(found),
    )


def _left_out(found: FittedFile) -> list[str]:
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(found.unscorable.items()))
    unscorable = f"unscorable: {reasons}. They wait in a queue of their own, which no budget bounds."
    rejected = f"rejected: {found.rejected:,} rows could not be read."
    return [unscorable] * bool(reasons) + [rejected] * bool(found.rejected)
