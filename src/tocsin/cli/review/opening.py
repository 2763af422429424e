"""What the commands of the review queue have in common: which queue, and the desk over it."""

from __future__ import annotations

from contextlib import closing, contextmanager
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from tocsin.cli.extras import needs
from tocsin.cli.serve import ConfigOption

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tocsin.service.review.desk import Desk

__all__ = [
    "MOST",
    "ConfigOption",
    "DatabaseOption",
    "JsonOption",
    "StateOption",
    "chosen",
    "open_desk",
    "open_log",
    "open_tables",
    "shown_time",
    "state_folder",
]

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Address of the database; by default TOCSIN_REVIEW_DATABASE, then a file in the state folder.",
        show_default=False,
    ),
]
StateOption = Annotated[
    Path | None,
    typer.Option(
        help="State folder of the server; by default that of its settings, then the user's own.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]

MOST: Final = 2**63 - 1  # what databases count up to
_WHAT: Final = "tocsin review"


def chosen(numbers: list[int] | None, *, everything: bool) -> list[int] | None:
    """Return the numbers that were given, None for all; raise BadParameter for neither and for both."""
    if bool(numbers) == everything:
        raise typer.BadParameter("either numbers or --all must be given")
    return None if everything else numbers


@contextmanager
def open_desk(database: str | None, state: Path | None, config: Path | None) -> Iterator[Desk]:
    """Yield the desk over a queue whose tables are of this version."""
    folder = state_folder(state, config)
    with needs("service", _WHAT):
        from tocsin.service.review.making import make_desk
        from tocsin.service.review.settings import review_settings
    with closing(make_desk(review_settings(database=database), folder)) as desk:
        yield desk


@contextmanager
def open_tables(database: str | None, state: Path | None, config: Path | None) -> Iterator[Desk]:
    """Yield the desk over a queue whatever its tables are."""
    folder = state_folder(state, config)
    with needs("service", _WHAT):
        from tocsin.service.review.making import open_desk
        from tocsin.service.review.settings import review_settings
    with closing(open_desk(review_settings(database=database), folder)) as desk:
        yield desk


@contextmanager
def open_log(database: str | None, state: Path | None, config: Path | None) -> Iterator[Desk]:
    """Yield the desk over a queue as it is, whatever became of its log; the log's key must be there."""
    folder = state_folder(state, config)
    with needs("service", _WHAT):
        from tocsin.service.review.log import read_log_key
        from tocsin.service.review.making import log_key_file
        from tocsin.service.review.settings import review_settings
    read_log_key(log_key_file(review_settings(), folder))  # a new one would find every row broken
    with open_tables(database, state, config) as desk:
        yield desk


def state_folder(state: Path | None, config: Path | None) -> Path:
    """Return the state folder, made where it was missing."""
    from tocsin.service.api.settings import serve_settings
    from tocsin.service.serving.state import open_state

    return open_state(
        serve_settings(config, state=state), lambda line: typer.echo(f"tocsin: {line}", err=True)
    )


def shown_time(moment: datetime | None) -> str | None:
    """Return a time as people and programs read it."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
