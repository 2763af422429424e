"""`tocsin train`: labelled corpora in, a measured bundle out."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from tocsin.assessment import Tier
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
from tocsin.cli.eval.subject import TIER_MARK, scorer_of, training_record
from tocsin.cli.extras import needs
from tocsin.cli.train_tasks import run_tasks
from tocsin.licences import Licences

if TYPE_CHECKING:
    from tocsin.training.build import Selection

__all__ = ["Recipe", "train"]


class Recipe(StrEnum):
    """Name a way to make a bundle."""

    SCREEN = "screen"
    ENCODER = "encoder"
    CASCADE = "cascade"


def train(
    *,
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
    name: Annotated[
        str | None, typer.Option(help="Name that the bundle carries; default if not given.")
    ] = None,
    version: Annotated[
        str | None,
        typer.Option(
            help="Version that the bundle carries; 0.1.0 if not given, beside another tier that of --beside."
        ),
    ] = None,
    work: Annotated[
        Path | None,
        typer.Option(
            help="Folder to keep report.json and the test rows (text of the corpora) in; by default none."
            " Recipe encoder keeps its checkpoints there, recipe cascade what the encoder said."
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="TOML file with the encoder's experiment; the usual one if not given.")
    ] = None,
    backbone: Annotated[
        str | None,
        typer.Option(help="Pretrained model for the encoder and for tasks: a hub's id or a local folder."),
    ] = None,
    beside: Annotated[
        Path | None,
        typer.Option(
            help="Bundle to put the encoder or the cascade in, with the other tiers of the same rows;"
            " the one that ships."
        ),
    ] = None,
    task: Annotated[
        list[str] | None,
        typer.Option(
            "--task", help="Fine-tune on a corpus's own official task instead, repeatable; all for every one."
        ),
    ] = None,
    seeds: Annotated[int | None, typer.Option(min=1, help="How many seeds for each task.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --task, print JSON instead of a table.")
    ] = False,
) -> None:
    """Train a bundle on labelled corpora, calibrate it, measure it on test rows and write its card.

    Recipe screen: a linear model over hashed n-grams; about eight minutes on two cores. Recipe encoder: a
    pretrained transformer, fine-tuned and put beside a screen; about an hour. Recipe cascade: a screen
    distilled from that encoder, and what it may clear; about ten minutes.
    """
    with needs("train", "training"):
        from tocsin.training.recipe import NOT_STATED, TEST_ROWS, WEIGHTS_LICENCE, TrainingRun, train_screen
    with needs("eval", "evaluation"):
        import tocsin.eval  # noqa: F401 - now, not after minutes of training
    from tocsin.models import read_bundle

    if task:
        run_tasks(task, data, out, backbone, seeds, as_json=as_json)
        return
    if recipe is not Recipe.ENCODER and (config or backbone):
        raise typer.BadParameter("--config and --backbone go with --recipe encoder")
    if recipe is Recipe.SCREEN and beside:
        raise typer.BadParameter("--beside goes with --recipe encoder or cascade")
    if recipe is not Recipe.SCREEN and (name or licence):
        raise typer.BadParameter(f"--name and --licence go without --recipe {recipe}: --beside decides")
    if seeds or as_json:
        raise typer.BadParameter("--seeds and --json go with --task")
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
        if recipe is Recipe.ENCODER:
            _train_encoder(selection, out, Path(scratch), version, (config, backbone, beside), tell)
            measured = Path(f"{out}{TIER_MARK}{Tier.ENCODER}")
        elif recipe is Recipe.CASCADE:
            _train_cascade(selection, out, Path(scratch), version, beside, tell)
            measured = Path(f"{out}{TIER_MARK}{Tier.CASCADE}")
        else:
            run = TrainingRun(
                selection,
                out,
                Path(scratch),
                name or "default",
                version or "0.1.0",
                licence=licence or (NOT_STATED if add else WEIGHTS_LICENCE),
                cache=builds_home(),
            )
            train_screen(run, tell)
            measured = out
        _measure(measured, Path(scratch), TEST_ROWS, tell)
    found = read_bundle(out)
    typer.echo(f"{out}: bundle {found.manifest.name} {found.manifest.version}, {found.digest}")


def _train_encoder(
    selection: Selection,
    out: Path,
    work: Path,
    version: str | None,
    given: tuple[Path | None, str | None, Path | None],
    tell: Callable[[str], None],
) -> None:
    """Train the recipe encoder; say at once where what it takes is not installed."""
    with needs("encoder", "training an encoder"):
        from tocsin.training.encoder.config import EncoderConfig, read_config
        from tocsin.training.encoder.recipe import EncoderRun, train_encoder
    from tocsin.models import DEFAULT_BUNDLE
    from tocsin.models.loading import threads

    config, backbone, beside = given
    asked = read_config(config) if config else EncoderConfig()
    if backbone:
        asked = asked.model_copy(update={"backbone": backbone, "name": asked.name if config else None})
    train_encoder(
        EncoderRun(
            selection,
            beside or DEFAULT_BUNDLE,
            out,
            work,
            asked,
            version,
            threads=threads(),
            cache=builds_home(),
        ),
        tell,
    )


def _train_cascade(
    selection: Selection,
    out: Path,
    work: Path,
    version: str | None,
    beside: Path | None,
    tell: Callable[[str], None],
) -> None:
    """Train the recipe cascade."""
    from tocsin.models import DEFAULT_BUNDLE
    from tocsin.models.loading import threads
    from tocsin.training.cascade import CascadeRun, train_cascade

    train_cascade(
        CascadeRun(
            selection,
            beside or DEFAULT_BUNDLE,
            out,
            work,
            version=version,
            threads=threads(),
            cache=builds_home(),
        ),
        tell,
    )


def _measure(out: Path, work: Path, rows: str, tell: Callable[[str], None]) -> None:
    """Write the bundle's card, and the report that it was made from."""
    from tocsin.eval import Subject, evaluate
    from tocsin.eval.suites import SUITES
    from tocsin.example_file import read_examples

    subject = Subject(scorer_of(out, None), read_examples(work / rows), training_record(out))
    report = with_card(evaluate(subject, tuple(SUITES.values()), tell), out)
    (work / "report.json").write_text(json.dumps(report.to_dict(), indent=1), encoding="utf-8")
