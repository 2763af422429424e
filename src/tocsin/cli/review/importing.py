"""`tocsin review import`: texts of a file into the queue."""

from __future__ import annotations

import json
from contextlib import ExitStack
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
    files_read,
    say,
)
from tocsin.cli.review.judging import server_scorer
from tocsin.cli.review.opening import ConfigOption, DatabaseOption, StateOption, open_desk
from tocsin.cli.scan_run import EXIT_INTERRUPTED, EXIT_REJECTED
from tocsin.errors import MalformedRowError
from tocsin.service.scan import (
    Format,
    Input,
    Limits,
    Rejections,
    find_overwritten,
    inputs_from,
    open_rejects,
    read_objects,
    reveal,
    show_progress,
)

if TYPE_CHECKING:
    from tocsin.service.review.desk import Desk
    from tocsin.service.review.intake.importing import Imported
    from tocsin.service.scan import Assessor

__all__ = ["import_file"]

_BY: Final = "import"
_RECORD_BYTES: Final = 8 * 1024 * 1024  # a text of the most characters, however they are written


def import_file(
    file: Annotated[
        str, typer.Argument(help="JSON Lines to read, '-' for standard input; also as .gz or .zst.")
    ],
    golden: Annotated[
        bool, typer.Option("--golden", help="Refuse rows without a known answer in 'expected'.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
    rejects: Annotated[
        Path | None,
        typer.Option(
            help="Write every rejected row to this file: JSON Lines of its place and why, never its text.",
            show_default=False,
        ),
    ] = None,
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
    """Score texts and take them into the review queue, each as POST /v1/items would.

    The same file again changes nothing: an id that is known is counted as known.
    Exit codes: 0 every row was taken; 3 some were rejected, the rest was taken;
    1 the import failed, what was taken by then stays; 2 wrong usage; 130 interrupted.
    """
    if rejects and find_overwritten([rejects], files_read([file], bundle)) is not None:
        raise typer.BadParameter(f"an output must not be an input, was {reveal(str(rejects))}")
    (source,) = inputs_from([file], Format.JSONL)
    with open_desk(database, state, config) as desk:
        scorer = server_scorer(
            config,
            bundle=bundle,
            tier=tier,
            policy=policy,
            bundle_digest=bundle_digest,
            assume_language=assume_language,
        )
        _run(desk, scorer, source, rejects, golden=golden, as_json=as_json, quiet=quiet)


def _run(
    desk: Desk,
    scorer: Assessor,
    source: Input,
    rejects: Path | None,
    *,
    golden: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    from tocsin.service.review.intake.importing import Imported

    done, stderr = Imported(), Console(stderr=True)
    try:
        _stream(desk, scorer, source, rejects, done, stderr, golden=golden, quiet=quiet)
    except KeyboardInterrupt:
        say(stderr, "interrupted: what was taken by then stays")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    finally:
        _summarise(done, stderr, as_json=as_json, quiet=quiet)
    if done.rejected:
        raise typer.Exit(EXIT_REJECTED)


def _stream(
    desk: Desk,
    scorer: Assessor,
    source: Input,
    rejects: Path | None,
    done: Imported,
    stderr: Console,
    *,
    golden: bool,
    quiet: bool,
) -> None:
    from tocsin.service.review.intake.importing import import_records

    with ExitStack() as stack:
        rejections = Rejections(lambda line: say(stderr, line), stack.enter_context(open_rejects(rejects)))
        stack.callback(rejections.finish)
        on_read = stack.enter_context(show_progress([source], stderr, quiet=quiet, doing="importing"))
        records = read_objects(source, Limits(record_bytes=_RECORD_BYTES), on_read)
        for taken in import_records(desk, scorer, source.name, records, _BY, golden=golden):
            done.count(taken)
            if isinstance(taken, MalformedRowError):
                rejections.add(taken)


def _summarise(done: Imported, stderr: Console, *, as_json: bool, quiet: bool) -> None:
    if as_json:
        typer.echo(json.dumps(done.to_dict()))
    elif not quiet:
        say(stderr, str(done))
