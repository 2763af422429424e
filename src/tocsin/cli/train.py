"""`tocsin train`: labelled corpora in, a measured bundle out."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tocsin.cli.data.options import (
    AddOption,
    AvailableOption,
    CorpusOption,
    DataOption,
    IgnoreOption,
    LanguageOption,
    LicencesOption,
    OwnOnlyOption,
    builds_home,
)
from tocsin.cli.data.selecting import Own, selected
from tocsin.cli.eval.card import with_card
from tocsin.cli.eval.subject import scorer_of, training_record
from tocsin.cli.extras import needs
from tocsin.licences import Licences

__all__ = ["Recipe", "train"]


class Recipe(StrEnum):
    """Name a way to make a bundle."""

    SCREEN = "screen"


def train(
    out: Annotated[
        Path, typer.Option(help="Folder to write the bundle to; an older bundle there is replaced.")
    ],
    recipe: Annotated[Recipe, typer.Option(help="What to train.")] = Recipe.SCREEN,
    data: DataOption = None,
    corpus: CorpusOption = None,
    licences: LicencesOption = Licences.ALL,
    available: AvailableOption = False,
    add: AddOption = None,
    language: LanguageOption = "en",
    ignore: IgnoreOption = None,
    own_only: OwnOnlyOption = False,
    licence: Annotated[
        str | None,
        typer.Option(help="Licence of the weights; Apache-2.0 if not given, with --add 'not stated'."),
    ] = None,
    name: Annotated[str, typer.Option(help="Name that the bundle carries.")] = "default",
    version: Annotated[str, typer.Option(help="Version that the bundle carries.")] = "0.1.0",
    work: Annotated[
        Path | None,
        typer.Option(
            help="Folder to keep report.json and the test rows (text of the corpora) in; by default none."
        ),
    ] = None,
) -> None:
    """Train a bundle on labelled corpora, calibrate it, measure it on test rows and write its card.

    Recipe screen: a linear model over hashed n-grams; about five minutes on two cores.
    """
    with needs("train", "training"):
        from tocsin.training.recipe import NOT_STATED, TEST_ROWS, WEIGHTS_LICENCE, TrainingRun, train_screen
    with needs("eval", "evaluation"):
        import tocsin.eval  # noqa: F401 - now, not after minutes of training
    from tocsin.models import read_bundle

    selection = selected(
        data,
        corpus,
        licences,
        Own(add or (), language, ignore or (), alone=own_only),
        available=available,
    )
    console = Console(stderr=True, highlight=False)
    kept = nullcontext(str(work)) if work else tempfile.TemporaryDirectory(prefix="tocsin-")
    with kept as scratch, console.status(f"recipe {recipe}") as status:
        tell = status.update if console.is_terminal else console.print
        run = TrainingRun(
            selection,
            out,
            Path(scratch),
            name,
            version,
            licence=licence or (NOT_STATED if add else WEIGHTS_LICENCE),
            cache=builds_home(),
        )
        train_screen(run, tell)
        _measure(out, Path(scratch), TEST_ROWS, tell)
    typer.echo(f"{out}: bundle {name} {version}, {read_bundle(out).digest}")


def _measure(out: Path, work: Path, rows: str, tell: Callable[[str], None]) -> None:
    """Write the bundle's card, and the report that it was made from."""
    from tocsin.eval import Subject, evaluate
    from tocsin.eval.suites import SUITES
    from tocsin.example_file import read_examples

    subject = Subject(scorer_of(out, None), read_examples(work / rows), training_record(out))
    report = with_card(evaluate(subject, tuple(SUITES.values()), tell), out)
    (work / "report.json").write_text(json.dumps(report.to_dict(), indent=1), encoding="utf-8")
