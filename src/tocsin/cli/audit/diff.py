"""`tocsin audit diff`: two audits of the same rows beside each other, and what flips between them."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from tocsin.cli.audit.diff_tables import print_diff
from tocsin.errors import InputError

if TYPE_CHECKING:
    from tocsin.service.audit.diffing import Diff, DiffLayout
    from tocsin.service.audit.manifest import Manifest

__all__ = ["diff"]

FLIPS: Final = 200
_SEED_BITS: Final = 32


def diff(
    a: Annotated[Path, typer.Argument(help="Folder of a complete audit.", show_default=False)],
    b: Annotated[Path, typer.Argument(help="Folder of another audit of the same rows.", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for diff.json and flips.csv; by default none.", show_default=False),
    ] = None,
    sample: Annotated[
        int, typer.Option(min=0, help="Flips to put into OUT/flips.csv for people to look at.")
    ] = FLIPS,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Draws the same flips again; by default others.", show_default=False),
    ] = None,
    with_text: Annotated[
        bool, typer.Option("--with-text", help="Put the texts in, read from the files that B audited.")
    ] = False,
    slices: Annotated[
        list[str] | None,
        typer.Option(
            "--slice",
            help="Column to tell apart by, repeatable; by default all that either carried, and 'language'.",
            show_default=False,
        ),
    ] = None,
    by_id: Annotated[
        bool, typer.Option("--by-id", help="Match rows by their ids: the files were moved or written anew.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace flips.csv, filled in or not.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what diff.json holds instead of tables.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only write OUT.")] = False,
) -> None:
    """Compare two audits of the same rows: which levels flip, by policy and slice, and a sample of flips."""
    from tocsin.service.audit.diffing import DiffLayout, DiffPlan, compare, open_side, shared_slices

    if with_text and (out is None or not sample):
        raise typer.BadParameter("--with-text needs --out and a sample to put texts into")
    layout = DiffLayout(out) if out else None
    if layout and sample and layout.flips.exists() and not force:
        raise InputError(f"a sample must not be there yet (--force replaces it), was {layout.flips}")
    before, after = open_side(a), open_side(b)
    plan = DiffPlan(
        shared_slices(before, after, slices),
        sample if layout else 0,
        secrets.randbits(_SEED_BITS) if seed is None else seed,
        by_id,
    )
    found = compare(before, after, plan)
    if layout:
        _write(layout, found, after.manifest, with_text=with_text)
    if as_json:
        typer.echo(found.record.to_json().decode(), nl=False)
    elif not quiet:
        print_diff(found.record, layout.flips if layout and sample else None)


def _write(layout: DiffLayout, found: Diff, after: Manifest, *, with_text: bool) -> None:
    from tocsin.service.audit.diffing import write_diff, write_flips
    from tocsin.service.audit.sampling import texts_of

    texts = texts_of(after, found.flips) if with_text else None
    write_diff(layout, found.record)
    if found.record.sample:
        write_flips(layout.flips, found.flips, texts)
