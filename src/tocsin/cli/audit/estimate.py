"""`tocsin audit estimate`: from a few hundred labels and all the scores to figures with intervals."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.audit.estimate_tables import print_estimates
from tocsin.cli.audit.reviewing import write_labels
from tocsin.cli.review.opening import ConfigOption, DatabaseOption, StateOption, open_desk
from tocsin.service.audit.unsure import Unsure

__all__ = ["estimate"]


def estimate(
    out: Annotated[
        Path, typer.Argument(help="Folder of an audit that a sample was drawn from.", show_default=False)
    ],
    labels: Annotated[
        Path | None,
        typer.Option(help="The sample, filled in: CSV, or JSON Lines by its suffix.", show_default=False),
    ] = None,
    from_review: Annotated[
        bool,
        typer.Option(
            "--from-review", help="Take what was decided in the review queue, and keep it in OUT/labels.csv."
        ),
    ] = False,
    slices: Annotated[
        list[str] | None,
        typer.Option(
            "--slice",
            help="Column to tell apart by, repeatable; by default all that were carried, and 'language'.",
            show_default=False,
        ),
    ] = None,
    no_slices: Annotated[bool, typer.Option("--no-slices", help="Tell nothing apart.")] = False,
    unsure: Annotated[
        Unsure, typer.Option(help="What an answer of 'unsure' is taken for.")
    ] = Unsure.UNLABELLED,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the estimates as JSON instead of tables.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only write OUT/estimates.json.")] = False,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Estimate from labels how common each policy's posts are, how precise and how complete its levels."""
    from tocsin.service.audit import AuditLayout
    from tocsin.service.audit.estimating import default_slices, write_estimates
    from tocsin.service.audit.estimating import estimate as estimated
    from tocsin.service.audit.manifest import read_manifest

    if slices and no_slices:
        raise typer.BadParameter("at most one of --slice and --no-slices, was both")
    if (labels is None) != from_review:
        raise typer.BadParameter("one of --labels and --from-review must be given, and not both")
    layout = AuditLayout(out)
    manifest = read_manifest(layout)
    if from_review:
        with open_desk(database, state, config) as desk:
            write_labels(desk, layout, manifest)
    asked = () if no_slices else tuple(slices) if slices else default_slices(manifest)
    found = estimated(layout, manifest, labels or layout.labels, asked, unsure)
    write_estimates(layout, found)
    if as_json:
        typer.echo(found.to_json().decode(), nl=False)
    elif not quiet:
        print_estimates(found)
