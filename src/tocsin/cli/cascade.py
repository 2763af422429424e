"""`tocsin cascade`: what may be cleared before the encoder reads it, and a rule fitted to own traffic."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.extras import needs
from tocsin.cli.outfile import check_target
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
    files_read,
)
from tocsin.cli.scan_run import EXIT_REJECTED
from tocsin.cli.table import print_table
from tocsin.cli.traffic_run import TrafficFiles, read_traffic
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
    from collections.abc import Mapping, Sequence

    from tocsin.models import Scorer
    from tocsin.models.cascade import Clearing
    from tocsin.models.refitting import BothTiers
    from tocsin.policy import PolicyDocument

__all__ = ["app"]

app = typer.Typer(help="Show and fit what a cascade clears.", no_args_is_help=True)

LossOption = Annotated[
    float | None,
    typer.Option(
        help="Largest share of what the encoder would flag that may be lost, such as 0.02;"
        " by default that of the settings, then 0.02.",
        show_default=False,
    ),
]


@app.callback()
def cascade() -> None:
    """Show and fit what a cascade clears."""


@app.command()
def show(
    loss: LossOption = None,
    policy: PolicyOption = None,
    bundle: BundleOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Say what the screen clears under a policy file, by language, and what that may lose."""
    scorer = _cascade(bundle, policy, None if loss is None else _allowed(loss), None, None)
    source = settings().cascade_refit
    source = None if source is None or str(source) == "none" else source
    fitted_to = f"traffic: {source}" if source else "the bundle's own rows"
    if as_json:
        told = {"fitted_to": str(source) if source else None, "languages": _json(scorer.clearings)}
        typer.echo(json.dumps(told))
        return
    print_table(
        f"What is cleared, fitted to {fitted_to}",
        _HEADER,
        _cells(scorer.clearings),
        *_notes(scorer.clearings),
    )


@app.command()
def refit(
    traffic: Annotated[
        list[str],
        typer.Option(
            help="File of the platform's own unlabelled texts, repeatable; '-' for standard input."
            " Formats are those of `tocsin scan`."
        ),
    ],
    out: Annotated[Path, typer.Option(help="File to write, which appears only when it is complete.")] = Path(
        "clearing.json"
    ),
    loss: LossOption = None,
    policy: PolicyOption = None,
    moderations: Annotated[
        bool,
        typer.Option(
            "--moderations",
            help="Count what the server's moderations endpoint would flag as well: for `tocsin serve`.",
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the rule, write no file.")] = False,
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
    bundle_digest: BundleDigestOption = None,
    assume_language: AssumeLanguageOption = None,
) -> None:
    """Fit what the screen clears to a platform's own traffic: both tiers read all of it, no label is needed.

    No text and no id is written. Exit codes: 0 every row was read; 3 some were rejected, the rest
    counts; 1 it failed, and nothing was written; 2 wrong usage; 130 interrupted.
    """
    from tocsin.models.refitting import BothTiers

    if not dry_run:
        check_target(out, files_read(traffic, bundle), force=force)
    allowed = _allowed(loss)
    others = _moderations() if moderations else ()
    both = BothTiers(_cascade(bundle, policy, None, bundle_digest, assume_language, "none", others))
    files = TrafficFiles(
        inputs_from(traffic, layout),
        Columns(text_column, id_column, language_column),
        Limits(max_record_bytes, max_expansion),
        strict,
        quiet,
    )
    rejected = read_traffic(files, both, lambda _: None)  # which keeps what it needs
    _fit(both, allowed, None if dry_run else out, rejected, as_json=as_json)
    if rejected:
        raise typer.Exit(EXIT_REJECTED)


def _fit(both: BothTiers, loss: float, out: Path | None, rejected: int, *, as_json: bool) -> None:
    """Fit the rule, write it where asked, and say what it is."""
    from tocsin.models.cascade import write_refit
    from tocsin.models.layout import sha256

    found = both.refit(loss)
    content = write_refit(found)
    if out is not None:
        try:
            with open_outfile(out) as file:
                file.write(content)
        except OSError as error:
            raise InputError(f"an output must be writable to its end: {error.strerror}") from error
    rows = both.rows
    if as_json:
        told = {
            "out": str(out) if out else None,
            "digest": f"sha256:{sha256(content)}" if out else None,
            "languages": _json(found.clearings),
            "copies": rows.copies,
            "other_languages": rows.other,
            "unscorable": dict(rows.unscorable),
            "rejected": rejected,
        }
        typer.echo(json.dumps(told))
        return
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(rows.unscorable.items()))
    print_table(
        f"{sum(rows.rows.values()):,} texts read by both tiers; {out or 'nothing'} is written",
        _HEADER,
        _cells(found.clearings),
        *_notes(found.clearings),
        *([f"copies: {rows.copies:,} texts stood there before, and count once."] if rows.copies else []),
        *([f"other languages: {rows.other:,} texts, which no cascade reads."] if rows.other else []),
        *([f"unscorable: {reasons}."] if reasons else []),
        *([f"rejected: {rejected:,} rows could not be read."] if rejected else []),
        *([f"Use it: TOCSIN_CASCADE_REFIT={out}"] if out else []),
    )


def _cascade(
    bundle: Path | None,
    policy: Path | None,
    loss: float | None,
    digest: str | None,
    assume_language: str | None,
    refit: str | None = None,
    beside: Sequence[PolicyDocument] = (),
) -> Scorer:
    """Return a scorer of the cascade; raise BundleError where the bundle has none."""
    from tocsin.assessment import Tier
    from tocsin.models import load

    return load(
        bundle,
        policy=policy,
        tier=Tier.CASCADE,
        digest=digest,
        assume_language=assume_language,
        loss=loss,
        refit=refit,
        beside=beside,
    )


def _allowed(loss: float | None) -> float:
    """Return the loss that is asked for; say at once where it is none."""
    from tocsin.models.cascade import LOSS

    if loss is not None and not 0 < loss < 1:
        raise typer.BadParameter(f"--loss must be above 0 and below 1, was {loss}")
    given = settings().cascade_loss
    return loss if loss is not None else LOSS if given is None else given


def _moderations() -> tuple[PolicyDocument, ...]:
    """Return the policies that a server applies besides its own."""
    with needs("service", "the server's moderations endpoint"):
        from tocsin.service.api.openai import moderation_policies
        from tocsin.service.api.settings import ServeSettings

    return (moderation_policies(ServeSettings().openai_categories),)


_HEADER = ("language", "texts", "flagged by the encoder", "cleared", "of the flagged, lost", "at most, 95%")


def _cells(clearings: Mapping[str, Clearing]) -> list[tuple[str, ...]]:
    return [
        (
            language,
            f"{one.rows:,}",
            f"{one.flagged:,}",
            "nothing" if one.threshold is None else f"{one.cleared / max(one.rows, 1):.1%}",
            "–" if one.threshold is None else f"{one.lost:,} ({one.lost / max(one.flagged, 1):.2%})",
            f"{one.loss:g}",
        )
        for language, one in sorted(clearings.items())
    ]


def _notes(clearings: Mapping[str, Clearing]) -> list[str]:
    from tocsin.models.cascade import least_flagged

    few = [
        f"{language}: nothing is cleared: {_why(one, least_flagged(one.loss))}."
        for language, one in sorted(clearings.items())
        if one.threshold is None
    ]
    return [*few, "The bound holds on texts drawn independently, as these were, and relative to the encoder."]


def _why(clearing: Clearing, least: int) -> str:
    if clearing.flagged < least:
        return f"{clearing.flagged:,} flagged, a bound of {clearing.loss:g} takes {least:,}"
    return "of what the encoder flags, the screen sees too little near any level"


def _json(clearings: Mapping[str, Clearing]) -> Mapping[str, Mapping[str, float | None]]:
    return {language: asdict(one) for language, one in sorted(clearings.items())}
