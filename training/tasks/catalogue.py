"""The tasks there are, each with the figure that a paper reports for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tocsin.errors import InputError
from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.corpora import CORPORA, implicit_hate
from tocsin.training.tasks.parts import drawn, official, official_with_drawn_dev, official_with_hashed_dev
from tocsin.training.tasks.task import Published, Row, Task

__all__ = ["ALL", "TASKS", "named"]

ALL: Final = "all"
_SEEDS: Final = 5  # where the parts are drawn, too
_NONE: Final = "none"  # EDOS, of a post that is not sexist
_HATE: Final = ("not hate", "hate")
_KINDS: Final = ("white_grievance", "incitement", "stereotypical", "inferiority", "irony", "threatening")
_CATEGORIES: Final = (
    "1. threats, plans to harm and incitement",
    "2. derogation",
    "3. animosity",
    "4. prejudiced discussions",
)


def named(names: Sequence[str]) -> list[Task]:
    """Return the named tasks, each once, "all" for every one; raise InputError for an unknown name."""
    for name in names:
        if name not in {*TASKS, ALL}:
            raise InputError(f"task must be one of {', '.join((*TASKS, ALL))}; was {name!r}")
    return list(TASKS.values()) if ALL in names else [TASKS[name] for name in dict.fromkeys(names)]


def _rows(
    corpus: str, classes: Sequence[str], said: Callable[[Example], str | None]
) -> Callable[[Path], Iterator[Row]]:
    """Return what reads a corpus, and leaves out the rows of which `said` returns None."""

    def read(folder: Path) -> Iterator[Row]:
        for example in CORPORA[corpus].read(folder):
            name = said(example)
            if name is not None:
                yield Row(example.id, example.text, classes.index(name), example.split)

    return read


def _hate(example: Example) -> str:
    return _HATE[example.label(Signal.HATE) is Label.POSITIVE]


def _sampled_hate(example: Example) -> str | None:
    sampled = example.attributes[
        "sampled"
    ]  # the official parts; the corpus's own reader trains on the rest, too
    return _hate(example) if sampled in {Split.TRAIN, Split.TEST} else None


def _category(example: Example) -> str | None:
    category = example.attributes["category"]
    return None if category == _NONE else category


def _posts(folder: Path) -> Iterator[Row]:
    for number, text, name in implicit_hate.stage_1(folder):
        yield Row(f"{implicit_hate.NAME}:stage1:{number}", text, int(name != "not_hate"))


def _kinds(folder: Path) -> Iterator[Row]:
    for number, text, name in implicit_hate.stage_2(folder):
        if name in _KINDS:
            yield Row(f"{implicit_hate.NAME}:stage2:{number}", text, _KINDS.index(name))


_OFFENCE: Final = ("normal", "offensive", "hatespeech")
_SEXISM: Final = ("not sexist", "sexist")

TASKS: Final[Mapping[str, Task]] = MappingProxyType(
    {
        task.name: task
        for task in (
            Task(
                name="stormfront",
                corpus="stormfront",
                classes=_HATE,
                read=_rows("stormfront", _HATE, _sampled_hate),
                divide=official_with_drawn_dev,
                metric="accuracy",
                also=("auroc",),
                published=Published(0.79, "de Gibert et al. 2018"),
            ),
            Task(
                name="implicit-hate",
                corpus="implicit-hate",
                classes=_HATE,
                read=_posts,
                divide=drawn,
                metric="f1",
                published=Published(0.704, "ElSherief et al. 2021, BERT"),
                seeds=_SEEDS,
            ),
            Task(
                name="implicit-hate-6",
                corpus="implicit-hate",
                classes=_KINDS,
                read=_kinds,
                divide=drawn,
                metric="macro-f1",
                published=Published(0.586, "ElSherief et al. 2021, BERT"),
                seeds=_SEEDS,
            ),
            Task(
                name="hatexplain",
                corpus="hatexplain",
                classes=_OFFENCE,
                read=_rows("hatexplain", _OFFENCE, lambda example: example.attributes["category"]),
                divide=official,
                metric="macro-f1",
                also=("accuracy",),
                published=Published(0.674, "Mathew et al. 2021, BERT without rationales"),
            ),
            Task(
                name="edos-a",
                corpus="edos",
                classes=_SEXISM,
                read=_rows("edos", _SEXISM, lambda example: example.attributes["sexist"]),
                divide=official,
                metric="macro-f1",
                published=Published(0.8746, "Kirk et al. 2023, best of SemEval-2023"),
            ),
            Task(
                name="edos-b",
                corpus="edos",
                classes=_CATEGORIES,
                read=_rows("edos", _CATEGORIES, _category),
                divide=official,
                metric="macro-f1",
                published=Published(0.7326, "Kirk et al. 2023, best of SemEval-2023"),
            ),
            Task(
                name="gab-hate-corpus",
                corpus="gab-hate-corpus",
                classes=_HATE,
                read=_rows("gab-hate-corpus", _HATE, _hate),
                divide=official_with_hashed_dev,
                metric="f1",
                also=("auroc",),
                published=Published(0.58, "Kennedy et al. 2022, BERT, 10 folds"),
            ),
        )
    }
)
