"""`tocsin review corrections`: what clients would have scored otherwise, into the queue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from tocsin.cli.reading import (
    AssumeLanguageOption,
    BundleDigestOption,
    BundleOption,
    PolicyOption,
    TierOption,
    say,
)
from tocsin.cli.review.judging import server_scorer
from tocsin.cli.review.opening import (
    ConfigOption,
    DatabaseOption,
    StateOption,
    open_desk,
    state_folder,
)
from tocsin.cli.scan_run import EXIT_INTERRUPTED, EXIT_REJECTED
from tocsin.errors import MalformedRowError
from tocsin.service.scan import Format, Input, Limits, Rejections, inputs_from, read_objects, show_progress

if TYPE_CHECKING:
    from tocsin.service.review.desk import Desk
    from tocsin.service.review.intake.importing import Imported
    from tocsin.service.scan import Assessor

__all__ = ["take_corrections"]

_RECORD_BYTES: Final = 262_144  # the longest line that the server writes


def take_corrections(
    feedback: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Box to read, also one that was moved away, as .gz or .zst too; by default feedback.jsonl in"
            " the state folder.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress and no summary.")] = False,
    bundle: BundleOption = None,
    tier: TierOption = None,
    policy: PolicyOption = None,
    bundle_digest: BundleDigestOption = None,
    assume_language: AssumeLanguageOption = None,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Take scores that clients suggested into the review queue, each for a person to decide.

    Nothing is taken out of the file, and what was taken once is not taken again.
    Exit codes: 0 every line was taken; 3 some are malformed, the rest was taken;
    1 it failed, what was taken by then stays; 2 wrong usage; 130 interrupted.
    """
    from tocsin.service.feedback.box import FILE_NAME
    from tocsin.service.review.intake.importing import Imported

    box = feedback or state_folder(state, config) / FILE_NAME
    done, stderr = Imported(), Console(stderr=True)
    if feedback is None and not box.exists():
        _summarise(done, stderr, as_json=as_json, quiet=quiet)
        return
    (source,) = inputs_from([str(box)], Format.JSONL)
    with open_desk(database, state, config) as desk:
        scorer = server_scorer(
            config,
            bundle=bundle,
            tier=tier,
            policy=policy,
            bundle_digest=bundle_digest,
            assume_language=assume_language,
        )
        try:
            _stream(desk, scorer, source, done, stderr, quiet=quiet)
        except KeyboardInterrupt:
            say(stderr, "interrupted: what was taken by then stays")
            raise typer.Exit(EXIT_INTERRUPTED) from None
        finally:
            _summarise(done, stderr, as_json=as_json, quiet=quiet)
    if done.rejected:
        raise typer.Exit(EXIT_REJECTED)


def _stream(
    desk: Desk, scorer: Assessor, source: Input, done: Imported, stderr: Console, *, quiet: bool
) -> None:
    from tocsin.service.review.intake import correcting

    rejections = Rejections(lambda line: say(stderr, line))
    try:
        with show_progress([source], stderr, quiet=quiet, doing="taking") as on_read:
            records = read_objects(source, Limits(record_bytes=_RECORD_BYTES), on_read)
            for taken in correcting.take_corrections(desk, scorer, source.name, records):
                done.count(taken)
                if isinstance(taken, MalformedRowError):
                    rejections.add(taken)
    finally:
        rejections.finish()


def _summarise(done: Imported, stderr: Console, *, as_json: bool, quiet: bool) -> None:
    new = done.new.total()
    if as_json:
        told = {"rows": new + done.known + done.rejected, "new": new, "known": done.known}
        typer.echo(json.dumps({**told, "malformed": done.malformed}))
    elif not quiet:
        say(stderr, f"{new:,} new, {done.known:,} known, {done.malformed:,} malformed")
