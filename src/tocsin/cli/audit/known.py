"""`tocsin audit known`: which posts are copies of each other, and which were known before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from tocsin.cli.audit.known_tables import print_known
from tocsin.cli.audit.progress import Counter, watched
from tocsin.cli.reading import say
from tocsin.cli.scan_run import EXIT_INTERRUPTED
from tocsin.service.scan import reveal

if TYPE_CHECKING:
    from tocsin.service.audit import AuditLayout, Manifest
    from tocsin.service.audit.engine import Engine
    from tocsin.service.audit.known.choosing import Choice
    from tocsin.service.audit.known.finding import Found, KnownPlan

__all__ = ["known"]

_LEAST: Final = 20
_FEW_ROWS: Final = 20_000  # hashed before other processes have begun


def known(
    out: Annotated[Path, typer.Argument(help="Folder of a complete audit.", show_default=False)],
    hashes: Annotated[
        list[Path] | None,
        typer.Option(
            "--hashes", help="List of digests to hold the texts against, repeatable.", show_default=False
        ),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            help="File with a secret: lists are keyed by it; by default they are plain SHA-256.",
            show_default=False,
        ),
    ] = None,
    least: Annotated[
        int | None,
        typer.Option(
            min=2,
            help="Rows that a cluster must have to be told (20 at least) or written; by default 20.",
            show_default=False,
        ),
    ] = None,
    write_hashes: Annotated[
        Path | None,
        typer.Option(
            help="Write a list of digests: of the clusters, or of what --from-labels says.",
            show_default=False,
        ),
    ] = None,
    from_labels: Annotated[
        Path | None,
        typer.Option(
            help="The sample, filled in: rows go into the list that break --policy, and with --least"
            " clusters, too.",
            show_default=False,
        ),
    ] = None,
    policy: Annotated[
        str | None, typer.Option(help="Policy whose labels --from-labels takes.", show_default=False)
    ] = None,
    bands: Annotated[
        bool, typer.Option("--bands", help="Put into the list what near copies are found by.")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=1024, help="Processes that hash; by default one a core.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what is in OUT/known.json.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Only write OUT/known/ and known.json.")
    ] = False,
) -> None:
    """Find copies, exact and near, by reading the audited files again, and texts that lists know."""
    from tocsin.service.audit import AuditLayout
    from tocsin.service.audit.known.finding import KnownPlan
    from tocsin.service.audit.known.keying import Keying, read_key
    from tocsin.service.audit.manifest import read_manifest

    layout = AuditLayout(out)
    manifest = read_manifest(layout)
    plan = KnownPlan(
        tuple(hashes or ()),
        read_key(key) if key else Keying(),
        least or _LEAST,
        _choice(manifest, write_hashes, from_labels, policy, least, bands=bands),
    )
    found = _find(layout, manifest, plan, workers, quiet=quiet)
    if as_json:
        typer.echo(found.record.to_json().decode(), nl=False)
    elif not quiet:
        print_known(found.record)
    if found.written is not None and plan.choice and not quiet:
        say(Console(stderr=True), f"{found.written:,} digests are in {reveal(str(plan.choice.path))}")


def _choice(
    manifest: Manifest,
    path: Path | None,
    labels: Path | None,
    policy: str | None,
    least: int | None,
    *,
    bands: bool,
) -> Choice | None:
    from tocsin.service.audit.known.choosing import Choice, check_policy

    if (labels is None) is not (policy is None):
        raise typer.BadParameter("--from-labels and --policy go together, was one of them")
    if path is None:
        if labels is not None or bands:
            raise typer.BadParameter("--from-labels, --policy and --bands go with --write-hashes")
        return None
    if policy is not None:
        check_policy(manifest, policy)
    return Choice(path, labels, policy, least if labels else least or _LEAST, bands)


def _find(
    layout: AuditLayout, manifest: Manifest, plan: KnownPlan, workers: int | None, *, quiet: bool
) -> Found:
    from tocsin.service.audit.known.finding import find_known

    stderr = Console(stderr=True)
    total = sum(one.size for one in manifest.inputs)
    counter = Counter()
    try:
        with watched(total, stderr, quiet=quiet) as counter:
            return find_known(layout, manifest, plan, _engine(manifest, workers), counter)
    except KeyboardInterrupt:
        say(stderr, f"interrupted; {counter.rows:,} rows are hashed, and the same command goes on")
        raise typer.Exit(EXIT_INTERRUPTED) from None


def _engine(manifest: Manifest, workers: int | None) -> Engine:
    from tocsin.service.audit.engine import SerialEngine
    from tocsin.service.audit.local_engine import LocalEngine, cores

    processes = workers or (1 if manifest.counts.read <= _FEW_ROWS else cores())
    return LocalEngine(processes) if processes > 1 else SerialEngine()
