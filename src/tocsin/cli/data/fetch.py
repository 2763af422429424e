"""`tocsin data fetch`: the files of corpora, downloaded or copied, each checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from tocsin.cli.data.file_table import FileRow, print_files, require_all
from tocsin.cli.data.options import CorpusOption, DataOption, JsonOption, corpora_home
from tocsin.cli.extras import needs
from tocsin.cli.scan import EXIT_INTERRUPTED
from tocsin.service.scan import reveal

if TYPE_CHECKING:
    from tocsin.training.corpora import Corpus
    from tocsin.training.fetching import Outcome, Source, Wanted, Watch

__all__ = ["fetch_corpora"]


def fetch_corpora(
    data: DataOption = None,
    corpus: CorpusOption = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", help="Folder to copy the files from, laid out likewise, instead of the web."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace files that are there and differ from the registered.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no licences and no progress.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring the files of corpora into the data folder, each checked by its size and SHA-256."""
    with needs("train", "fetching corpora"):
        from tocsin.training.dataset import choose
        from tocsin.training.fetching import IN_PLACE, fetch
    chosen, home = choose(corpus), corpora_home(data)
    stderr = Console(stderr=True, highlight=False)
    if not quiet:
        _announce(chosen, home, stderr)
    outcomes: list[Outcome] = []
    try:
        with _opened(source) as opened, _watch(chosen, stderr, quiet=quiet) as watch:
            for outcome in fetch(chosen, home, opened, replace=replace, watch=watch):
                outcomes.append(outcome)  # noqa: PERF402 - those before an interruption count
    except KeyboardInterrupt:
        there = sum(outcome.in_place for outcome in outcomes)
        _say(stderr, f"tocsin: interrupted; {there} files are in place, the next run goes on from here")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    rows = [_row(outcome) for outcome in outcomes]
    print_files(rows, home, as_json=as_json)
    require_all(rows, IN_PLACE, "every file must be in place")


def _announce(chosen: Sequence[Corpus], home: Path, stderr: Console) -> None:
    """Say under which licences what is about to come, and how much."""
    sizes = [sum(file.size for file in corpus.files) for corpus in chosen]
    for corpus, size in zip(chosen, sizes, strict=True):
        _say(stderr, f"{corpus.name}: {corpus.licence}; {decimal(size)}; {corpus.origin}")
    _say(stderr, f"{decimal(sum(sizes))} in all, for {home}")


def _opened(source: Path | None) -> AbstractContextManager[Source]:
    from tocsin.training.fetching import Folder, open_web

    return open_web() if source is None else nullcontext(Folder(source))


class _Bar:
    """Draw how much of all files is there, and say above it what a file waits for."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=total)
        self._sizes: dict[str, int] = {}

    def arrived(self, wanted: Wanted, size: int) -> None:
        self._sizes[str(wanted)] = size
        self._progress.update(self._task, completed=sum(self._sizes.values()), description=str(wanted))

    def waits(self, wanted: Wanted, why: str) -> None:
        _say(self._progress.console, f"{wanted}: {why}")


@contextmanager
def _watch(chosen: Sequence[Corpus], stderr: Console, *, quiet: bool) -> Iterator[Watch | None]:
    """Hand out who watches; the bar itself is drawn on a terminal alone."""
    if quiet:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    drawn = stderr.is_terminal
    with Progress(
        *columns, console=stderr, transient=True, redirect_stdout=False, disable=not drawn
    ) as progress:
        yield _Bar(progress, sum(file.size for corpus in chosen for file in corpus.files))


def _row(outcome: Outcome) -> FileRow:
    corpus, file = outcome.wanted.corpus, outcome.wanted.file
    size = file.size if outcome.in_place else 0
    return FileRow(corpus.name, file.name, outcome.state, size, outcome.reason)


def _say(stderr: Console, line: str) -> None:
    stderr.print(Text(reveal(line)), soft_wrap=True)
