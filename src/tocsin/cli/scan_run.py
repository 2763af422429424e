"""One run of `tocsin scan`: what was asked for, carried out as a stream, and how it ends."""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import typer
from rich.console import Console

from tocsin.cli.pipe import EXIT_PIPE_CLOSED, abandon_output
from tocsin.cli.reading import say
from tocsin.errors import InputError
from tocsin.service.scan import (
    Columns,
    CsvSink,
    Input,
    JsonLinesSink,
    Judged,
    Limits,
    ParquetSink,
    Rejections,
    Sink,
    TableSink,
    Tally,
    judge_rows,
    open_outfile,
    open_rejects,
    read_rows,
    show_progress,
    table_console,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tocsin.service.scan import Assessor

__all__ = ["EXIT_INTERRUPTED", "EXIT_REJECTED", "SINKS", "Plan", "run"]

EXIT_REJECTED: Final = 3
EXIT_INTERRUPTED: Final = 130

SINKS: Final[Mapping[str, Callable[..., Sink]]] = {
    "--json": JsonLinesSink,
    "--csv": CsvSink,
    "--parquet": ParquetSink,
}


@dataclass(frozen=True, slots=True)
class Plan:
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


def run(sources: Sequence[Input], assessor: Assessor, plan: Plan) -> None:
    """Score every row of `sources`; raise typer.Exit with the code that says how it went."""
    tally = Tally()
    stderr = Console(stderr=True)
    try:
        _stream(sources, assessor, plan, tally, stderr)
    except BrokenPipeError:
        _leave_closed_pipe()
    except OSError as error:
        raise InputError(f"an output must be writable to its end: {error.strerror}") from error
    except KeyboardInterrupt:
        say(stderr, f"interrupted; {tally}")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    except InputError:
        _summarise(plan, tally, stderr)
        raise
    _summarise(plan, tally, stderr)
    if tally.rejected:
        raise typer.Exit(EXIT_REJECTED)


def _stream(sources: Sequence[Input], assessor: Assessor, plan: Plan, tally: Tally, stderr: Console) -> None:
    with ExitStack() as stack:
        # Leaving runs backwards: the bar goes, what is held back is written, then files get their names.
        sink = stack.enter_context(_open_sink(plan, tally))
        stack.callback(sink.finish)
        file = stack.enter_context(open_rejects(plan.rejects))
        rejections = Rejections(lambda line: say(stderr, line), file, strict=plan.strict)
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
def _open_sink(plan: Plan, tally: Tally) -> Iterator[Sink]:
    if plan.option is None:
        summary = None if plan.quiet else tally
        yield TableSink(table_console(), top=plan.top, show_text=plan.show_text, tally=summary)
        return
    opened = open_outfile(plan.path) if plan.path else nullcontext(sys.stdout.buffer)
    with opened as stream:
        yield SINKS[plan.option](stream, show_text=plan.show_text)


def _fills_screen(plan: Plan) -> bool:
    # A bar would be drawn into the rows that pass by.
    return plan.option is not None and plan.path is None and sys.stdout.isatty()


def _summarise(plan: Plan, tally: Tally, stderr: Console) -> None:
    if plan.option is not None and not plan.quiet:
        say(stderr, str(tally))


def _leave_closed_pipe() -> NoReturn:
    abandon_output()
    raise typer.Exit(EXIT_PIPE_CLOSED) from None
