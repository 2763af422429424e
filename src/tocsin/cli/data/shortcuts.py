"""`tocsin data shortcuts`: what a model can learn from several corpora other than what it is meant to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from tocsin.cli.data.options import AvailableOption, CorpusOption, DataOption, JsonOption, data_folder
from tocsin.cli.extras import needs
from tocsin.cli.table import print_table

if TYPE_CHECKING:
    from tocsin.training.corpus_identity import IdentityBaseline, Interval
    from tocsin.training.shortcuts import CorpusGuess

__all__ = ["find_shortcuts"]

_CONFUSIONS: Final = 3


def find_shortcuts(
    data: DataOption = None,
    corpus: CorpusOption = None,
    available: AvailableOption = False,
    rows: Annotated[
        int,
        typer.Option(min=100, help="Most rows of each corpus to guess corpora from, drawn by a fixed seed."),
    ] = 1_000,
    as_json: JsonOption = False,
) -> None:
    """Measure how far corpora alone tell labels, and texts tell their corpus.

    Official tests are left out. All figures are out of fold; copies are never on both sides of one.
    """
    with needs("train", "looking for shortcuts"):
        from tocsin.training.build import Selection
        from tocsin.training.corpus_identity import identity_baselines
        from tocsin.training.open_rows import read_open_rows
        from tocsin.training.shortcuts import guess_corpora
    folder = data_folder(data)
    chosen = Selection(folder, tuple(corpus) if corpus else None, available=available).chosen()
    with Console(stderr=True, highlight=False).status("reading corpora") as status:
        examples = read_open_rows(folder, chosen)
        status.update("ranking rows by their corpus")
        baselines = list(identity_baselines(examples))
        guesses = list(guess_corpora(examples, rows, status.update))
    if as_json:
        identity, guessed = map(asdict, baselines), map(asdict, guesses)
        typer.echo(json.dumps({"identity": list(identity), "guesses": list(guessed)}))
        return
    _print_baselines(baselines)
    _print_guesses(guesses, rows)
    _print_confusions(guesses)


def _print_baselines(baselines: Sequence[IdentityBaseline]) -> None:
    print_table(
        "What the corpus alone tells of a label, all corpora pooled",
        ("signal", "language", "labels", "corpora", "one-sided", "−", "+", "AUROC"),
        [
            (
                found.signal,
                found.language,
                "gold and presumed" if found.presumed else "gold",
                found.corpora,
                found.one_sided,
                found.negatives,
                found.positives,
                _shown(found.auroc),
            )
            for found in baselines
        ],
        "one-sided: corpora with rows of one class only. –: one corpus, or fewer than 50 rows of a class.",
    )


def _print_guesses(guesses: Sequence[CorpusGuess], rows: int) -> None:
    print_table(
        "What gives the corpus of a text away",
        ("language", "seen", "corpora", "rows", "accuracy", "balanced", "largest", "1 / corpora"),
        [
            (
                found.language,
                found.view,
                len(found.corpora),
                found.rows,
                _shown(found.accuracy),
                f"{found.balanced_accuracy:.3f}",
                f"{found.largest:.3f}",
                f"{1 / len(found.corpora):.3f}",
            )
            for found in guesses
        ],
        f"At most {rows} rows of each corpus; largest: what guessing the largest corpus would reach.",
    )


def _print_confusions(guesses: Sequence[CorpusGuess]) -> None:
    from tocsin.training.shortcuts import View

    print_table(
        f"What corpora are taken for, from their {View.NORMALISED}",
        ("corpus", "language", "rows", "recognised", "most often taken for"),
        [line for found in guesses if found.view is View.NORMALISED for line in _confusions(found)],
    )


def _confusions(found: CorpusGuess) -> list[Sequence[object]]:
    """Return one line a corpus; its commonest confusions are counts of rows."""
    lines: list[Sequence[object]] = []
    for place, (name, counts) in enumerate(zip(found.corpora, found.confusion, strict=True)):
        others = [(count, other) for count, other in zip(counts, found.corpora, strict=True) if other != name]
        commonest = sorted(others, key=lambda pair: (-pair[0], pair[1]))[:_CONFUSIONS]
        taken = ", ".join(f"{other} {count}" for count, other in commonest if count)
        lines.append((name, found.language, sum(counts), f"{counts[place] / sum(counts):.1%}", taken))
    return lines


def _shown(interval: Interval | None) -> str:
    return "–" if interval is None else f"{interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]"
