"""`tocsin audit sample`: which rows people should label, and how probable each was to be drawn."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console

from tocsin.cli.audit.reviewing import put_to_review
from tocsin.cli.reading import say
from tocsin.cli.review.opening import ConfigOption, DatabaseOption, StateOption, open_desk
from tocsin.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.service.audit import AuditLayout, Manifest
    from tocsin.service.audit.sampling import DesignRecord, Sampled, SampleFormat, SamplePlan

__all__ = ["sample"]

LABELS: Final = 1000
_SEED_BITS: Final = 32
_DIGITS: Final = 9  # of a share, which a sum of two may miss by the last


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
    to_review: Annotated[
        bool,
        typer.Option(
            "--to-review", help="Put the rows, with their texts, into the review queue instead of a file."
        ),
    ] = False,
    each: Annotated[
        bool, typer.Option("--each", help="Label copies each, too, where 'tocsin audit known' has found any.")
    ] = False,
    near: Annotated[bool, typer.Option("--near", help="Label near copies once, too.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a sample, filled in or not.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no summary.")] = False,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Draw rows to label from an audit, each by a known chance, into OUT/sample.csv and OUT/sample.json.

    With --to-review they go into the review queue in place of sample.csv; the same command again adds none
    twice.
    """
    from tocsin.service.audit import AuditLayout
    from tocsin.service.audit.manifest import read_manifest
    from tocsin.service.audit.sampling import SampleFormat, SamplePlan

    if to_review and (with_text or as_jsonl):
        raise typer.BadParameter("--with-text and --jsonl are for a file, --to-review writes none")
    if each and near:
        raise typer.BadParameter("at most one of --each and --near, was both")
    layout = AuditLayout(out)
    manifest = read_manifest(layout)
    plan = SamplePlan(labels, secrets.randbits(_SEED_BITS) if seed is None else seed, even, by, least)
    once = _once(layout, each=each, near=near)
    if to_review:
        with open_desk(database, state, config) as desk:
            drawn = _known(layout, manifest, plan, once, seeded=seed is not None, force=force)
            _check_copies(layout, drawn.design, each=each, near=near)
            counts = put_to_review(desk, manifest, drawn)
        summary = _summary(drawn.design, None) | counts | {"lines": counts["new"] + counts["known"]}
    else:
        kind = SampleFormat.JSONL if as_jsonl else SampleFormat.CSV
        summary = _to_file(layout, manifest, plan, kind, once, with_text=with_text, force=force)
    if as_json:
        typer.echo(json.dumps(summary))
    elif not quiet:
        say(Console(stderr=True), _told(summary))


def _to_file(
    layout: AuditLayout,
    manifest: Manifest,
    plan: SamplePlan,
    kind: SampleFormat,
    once: Callable[[Sampled], Sampled],
    *,
    with_text: bool,
    force: bool,
) -> dict[str, Any]:
    from tocsin.service.audit.sampling import draw_sample, sample_path, texts_of, write_design, write_sample
    from tocsin.service.audit.sampling.copies import lines_of

    path = sample_path(layout, kind)
    _check_free([path, layout.sample_design], force=force)
    drawn = once(draw_sample(layout, manifest, plan))
    lines = [row for row, _ in lines_of(drawn)]
    texts = texts_of(manifest, lines) if with_text else None
    write_sample(path, drawn, manifest.policy.names, kind, texts)
    write_design(layout, drawn.design)
    return _summary(drawn.design, path) | {"lines": len(lines)}


def _once(layout: AuditLayout, *, each: bool, near: bool) -> Callable[[Sampled], Sampled]:
    """Return what makes copies of a sample one line to label, where it is known which are."""
    from tocsin.service.audit.sampling.copies import copies_of

    if near and not layout.known_record.exists():
        raise InputError(f"{layout.root}: --near needs to know copies: run 'tocsin audit known' before")
    if each or not layout.known_record.exists():
        return lambda drawn: drawn
    return lambda drawn: copies_of(layout, drawn, near=near)


def _known(
    layout: AuditLayout,
    manifest: Manifest,
    plan: SamplePlan,
    once: Callable[[Sampled], Sampled],
    *,
    seeded: bool,
    force: bool,
) -> Sampled:
    """Return the sample that was drawn before by the same options, or draw one and write how."""
    from tocsin.service.audit.sampling import draw_sample, read_sample, write_design

    if force or not layout.sample_design.exists():
        drawn = once(draw_sample(layout, manifest, plan))
        write_design(layout, drawn.design)
        return drawn
    known = read_sample(layout, manifest)
    design = known.design
    even = round(design.even + design.weighted, _DIGITS)
    pairs: list[tuple[str, object, object]] = [
        ("labels", design.asked, plan.labels),
        ("by", design.by, plan.by),
        ("even", even, round(plan.even, _DIGITS)),
        ("seed", design.seed, plan.seed if seeded else design.seed),
    ]
    for name, was, asked in pairs:
        if was != asked:
            raise InputError(
                f"{layout.sample_design}: {name} must be {was} as when the sample was drawn"
                f" (--force draws anew), was {asked}"
            )
    return known


def _check_copies(layout: AuditLayout, design: DesignRecord, *, each: bool, near: bool) -> None:
    """Raise InputError where it is asked for that copies be labelled otherwise than a sample has it."""
    copies = design.copies
    was = "each" if copies is None else "once, near ones too" if copies.near else "once"
    asked = "each" if each else "once, near ones too" if near else was
    if asked != was:
        raise InputError(
            f"{layout.sample_design}: copies must be labelled {was} as when the sample was drawn"
            f" (--force draws anew), was {asked}"
        )


def _check_free(paths: list[Path], *, force: bool) -> None:
    for path in paths:
        if path.exists() and not force:
            raise InputError(f"a sample must not be there yet (--force replaces it), was {path}")


def _summary(design: DesignRecord, path: Path | None) -> dict[str, Any]:
    told = [one.probability for one in design.strata if one.rows]
    return {
        "sample": None if path is None else str(path),
        "labels": design.labels,
        "rows": design.rows,
        "strata": len(design.strata),
        "seed": design.seed,
        "lowest_probability": min(told),
        "highest_probability": max(told),
    }


def _told(summary: dict[str, Any]) -> str:
    place = summary["sample"]
    if place is None:
        place = f"the review queue ({summary['new']:,} new, {summary['known']:,} known)"
    lines = summary.get("lines", summary["labels"])
    copies = f" (copies once: {lines:,} lines)" if lines < summary["labels"] else ""
    gone = f"; {summary['withdrawn']:,} of an earlier sample withdrawn" if summary.get("withdrawn") else ""
    return (
        f"{summary['labels']:,} of {summary['rows']:,} rows to label in {place}{copies}, from"
        f" {summary['strata']} strata, drawn with probabilities from {summary['lowest_probability']:.3g} to"
        f" {summary['highest_probability']:.3g}; seed {summary['seed']}{gone}"
    )
