"""`tocsin scan`: texts in, a ranking for people or rows for machines out."""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from tocsin.cli.pipe import EXIT_PIPE_CLOSED, abandon_output
from tocsin.errors import InputError
from tocsin.service.scan import (
    DEFAULT_EXPANSION,
    DEFAULT_RECORD_BYTES,
    STDIN,
    Columns,
    CsvSink,
    Format,
    Input,
    JsonLinesSink,
    Judged,
    Limits,
    ParquetSink,
    Rejections,
    Sink,
    TableSink,
    Tally,
    find_overwritten,
    inputs_from,
    judge_rows,
    open_outfile,
    open_rejects,
    read_rows,
    reveal,
    show_progress,
    table_console,
)
from tocsin.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tocsin.service.scan import Assessor

__all__ = ["EXIT_INTERRUPTED", "EXIT_REJECTED", "scan"]

EXIT_REJECTED: Final = 3
EXIT_INTERRUPTED: Final = 130
MAX_RECORD_BYTES: Final = 1024**3

SINKS: Final[Mapping[str, Callable[..., Sink]]] = {
    "--json": JsonLinesSink,
    "--csv": CsvSink,
    "--parquet": ParquetSink,
}


@dataclass(frozen=True, slots=True)
class _Plan:
    """Hold everything that a run needs besides its inputs and its scorer.

    `option` is a row of `SINKS`, None for the table; `path` is None for standard output.
    """

    option: str | None
    path: Path | None
    columns: Columns
    limits: Limits
    rejects: Path | None
    top: int
    show_text: bool
    strict: bool
    spans: bool
    quiet: bool


def scan(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files to read, '-' for standard input (the default): txt, jsonl, ndjson, csv, tsv, parquet;"
            " all but parquet also as .gz or .zst.",
            show_default=False,
        ),
    ] = None,
    layout: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="Format of every input; by default its suffix says it, and standard input is txt.",
        ),
    ] = None,
    text_column: Annotated[str, typer.Option(help="Column that holds the text.")] = "text",
    id_column: Annotated[
        str | None,
        typer.Option(
            help="Column that holds the id; by default 'id' where present, otherwise the row number.",
            show_default=False,
        ),
    ] = None,
    language_column: Annotated[
        str | None,
        typer.Option(
            help="Column that holds a language hint such as 'en'; by default 'language' where present;"
            " '' for none.",
            show_default=False,
        ),
    ] = None,
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
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first malformed row instead of skipping it.")
    ] = False,
    max_record_bytes: Annotated[
        int, typer.Option(min=1, max=MAX_RECORD_BYTES, help="Longest record to accept, in bytes.")
    ] = DEFAULT_RECORD_BYTES,
    max_expansion: Annotated[
        int, typer.Option(min=1, help="How many times its compressed size an input may unpack to.")
    ] = DEFAULT_EXPANSION,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress and no summary.")] = False,
    bundle: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the model bundle; by default that of the settings, then the one that ships.",
            show_default=False,
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            help="Policy file; by default that of the settings, then the one that ships.", show_default=False
        ),
    ] = None,
    bundle_digest: Annotated[
        str | None,
        typer.Option(help="Refuse any bundle but the one with this digest.", show_default=False),
    ] = None,
    assume_language: Annotated[
        str | None,
        typer.Option(
            metavar="CODE",
            help="Language to judge a text in where it cannot be told, such as 'en'; 'none' for none.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Score texts and rank those that need a person first. Nothing is removed and nothing is decided.

    Exit codes: 0 every row was read; 3 some were rejected, the rest is complete;
    1 the scan failed; 2 wrong usage; 130 interrupted; 141 the output was closed.
    """
    option = _option({"--json": as_json, "--csv": as_csv}, parquet, out)
    _check_outputs([out, parquet, rejects], _kept(inputs or [], bundle, policy))
    sources = inputs_from(inputs or [], layout)
    plan = _Plan(
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
    _run(sources, _scorer(bundle, policy, bundle_digest, assume_language), plan)


def _scorer(
    bundle: Path | None, policy: Path | None, digest: str | None, assume_language: str | None
) -> Assessor:
    # Loading the models package takes longer than showing the help.
    from tocsin.models import load

    scorer: Assessor = load(bundle, policy=policy, digest=digest, assume_language=assume_language)
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
    policy, bundle = policy or settings().policy, bundle or settings().bundle
    files = [Path(name) for name in inputs if name != STDIN] + ([policy] if policy else [])
    return files + (sorted(bundle.iterdir()) if bundle and bundle.is_dir() else [])


def _check_outputs(given: Sequence[Path | None], kept: Sequence[Path]) -> None:
    """Refuse to overwrite what is read, or one output with another."""
    path = find_overwritten([path for path in given if path is not None], kept)
    if path is not None:
        raise typer.BadParameter(
            "an output must not be an input, the policy, a file of the bundle or another output,"
            f" was {reveal(str(path))}"
        )


def _run(sources: Sequence[Input], assessor: Assessor, plan: _Plan) -> None:
    tally = Tally()
    stderr = Console(stderr=True)
    try:
        _stream(sources, assessor, plan, tally, stderr)
    except BrokenPipeError:
        _leave_closed_pipe()
    except OSError as error:
        raise InputError(f"an output must be writable to its end: {error.strerror}") from error
    except KeyboardInterrupt:
        _say(stderr, f"interrupted; {tally}")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    except InputError:
        _summarise(plan, tally, stderr)
        raise
    _summarise(plan, tally, stderr)
    if tally.rejected:
        raise typer.Exit(EXIT_REJECTED)


def _stream(sources: Sequence[Input], assessor: Assessor, plan: _Plan, tally: Tally, stderr: Console) -> None:
    with ExitStack() as stack:
        # Leaving runs backwards: the bar goes, what is held back is written, then files get their names.
        sink = stack.enter_context(_open_sink(plan, tally))
        stack.callback(sink.finish)
        file = stack.enter_context(open_rejects(plan.rejects))
        rejections = Rejections(lambda line: _say(stderr, line), file, strict=plan.strict)
        stack.callback(rejections.finish)
        on_read = stack.enter_context(show_progress(sources, stderr, quiet=plan.quiet or _fills_screen(plan)))
        rows = read_rows(sources, plan.columns, plan.limits, on_read)
        for outcome in judge_rows(rows, assessor, explain=plan.spans):
            tally.count(outcome)
            if isinstance(outcome, Judged):
                sink.write(outcome)
            else:
                rejections.add(outcome)


@contextmanager
def _open_sink(plan: _Plan, tally: Tally) -> Iterator[Sink]:
    if plan.option is None:
        summary = None if plan.quiet else tally
        yield TableSink(table_console(), top=plan.top, show_text=plan.show_text, tally=summary)
        return
    opened = open_outfile(plan.path) if plan.path else nullcontext(sys.stdout.buffer)
    with opened as stream:
        yield SINKS[plan.option](stream, show_text=plan.show_text)


def _fills_screen(plan: _Plan) -> bool:
    # A bar would be drawn into the rows that pass by.
    return plan.option is not None and plan.path is None and sys.stdout.isatty()


def _summarise(plan: _Plan, tally: Tally, stderr: Console) -> None:
    if plan.option is not None and not plan.quiet:
        _say(stderr, str(tally))


def _say(stderr: Console, line: str) -> None:
    stderr.print(Text(f"tocsin: {line}"), soft_wrap=True)


def _leave_closed_pipe() -> NoReturn:
    abandon_output()
    raise typer.Exit(EXIT_PIPE_CLOSED) from None
