"""`tocsin review verify-log`, `log-head`: whether the log is what was written, and what pins it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tocsin.cli.review.opening import ConfigOption, DatabaseOption, StateOption, open_log
from tocsin.cli.table import print_table
from tocsin.errors import InputError, SettingsError, TocsinError
from tocsin.service.scan import open_outfile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from tocsin.service.review.context import Context
    from tocsin.service.review.desk import Desk
    from tocsin.service.review.log import Head, Verified

__all__ = ["EXIT_BROKEN", "hint_key", "log_head", "verify_log", "verifying"]

EXIT_BROKEN: Final = TocsinError.exit_code

_MOST_HEAD_BYTES: Final = 4_096


def verify_log(
    since: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="A head that was kept elsewhere, as log-head wrote it; repeatable.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Check that the log is what was written, no row changed, added, moved or gone; and decisions as logged.

    That its end is gone, or that an older copy stands in its place, shows only against heads that were kept
    elsewhere. Exit codes: 0 the log is whole; 1 it is broken, or could not be read; 2 wrong usage.
    """
    with open_log(database, state, config) as desk:
        heads = [_kept(desk, file) for file in since or []]
        found = _verified(desk, heads)
        _print_json(found) if as_json else _print(found, len(heads))
        if not found.whole:
            hint_key(desk)
            raise typer.Exit(EXIT_BROKEN)


def log_head(
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write it to this file instead.", show_default=False),
    ] = None,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Print the log's head, signed: one line of JSON to keep elsewhere, against which verify-log checks."""
    with open_log(database, state, config) as desk:
        from tocsin.service.review.log import read_head

        def exported(tx: Connection, context: Context) -> str:
            return read_head(tx).export(context.key, context.clock())

        line = desk.read(exported)
    if out is None:
        typer.echo(line)
        return
    with open_outfile(out) as file:
        file.write(f"{line}\n".encode())


def _kept(desk: Desk, path: Path) -> Head:
    from tocsin.service.review.log import Head

    try:
        with path.open("rb") as file:
            text = file.read(_MOST_HEAD_BYTES).decode("utf-8")
        return Head.parse(text, desk.context.key)
    except OSError as error:
        raise InputError(f"{path}: must be readable: {error.strerror}") from error
    except (UnicodeDecodeError, InputError) as error:
        why = error if isinstance(error, InputError) else "a head must be UTF-8, was not"
        raise InputError(f"{path}: {why}") from None


def _verified(desk: Desk, heads: Sequence[Head]) -> Verified:
    from tocsin.service.review.log import disagreements, read_head, verify

    def work(tx: Connection, context: Context) -> Verified:
        head = read_head(tx)
        with verifying(head.seq) as progress:
            found = verify(tx, context.key, head, heads, progress)
        return replace(found, findings=disagreements(tx)) if found.whole else found

    return desk.read(work)


@contextmanager
def verifying(rows: int) -> Iterator[Callable[[int], None]]:
    """Hand out a function that takes how many rows were read; draw only on a terminal."""
    stderr = Console(stderr=True)
    if not stderr.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("verifying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=stderr, transient=True, redirect_stdout=False) as progress:
        task = progress.add_task("verify", total=rows)
        yield lambda count: progress.update(task, completed=count)


def _print(found: Verified, heads: int) -> None:
    if found.findings:
        print_table("The log is broken", ("row", "what"), [(one.seq, one.what) for one in found.findings])
        return
    against = f", and {heads:,} kept heads stand in it" if heads > 1 else ", and the kept head stands in it"
    typer.echo(f"The log is whole: {found.rows:,} rows{against if heads else ''}.")


def _print_json(found: Verified) -> None:
    told: dict[str, Any] = {"whole": found.whole, "rows": found.rows, "head": found.head.to_dict()}
    told["findings"] = [{"row": one.seq, "what": one.what} for one in found.findings]
    typer.echo(json.dumps(told))


def hint_key(desk: Desk) -> None:
    """Say where it may be the key that is wrong, and not the log."""
    from tocsin.service.review.log import check_key

    try:
        desk.read(lambda tx, context: check_key(tx, context.key))
    except SettingsError as error:
        typer.echo(f"tocsin: {error}", err=True)
