"""`tocsin explain`: the words that carry each signal of one text."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.assessment import Reason
from tocsin.cli.reading import TierOption
from tocsin.cli.table import print_table
from tocsin.errors import InputError
from tocsin.service.scan import reveal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.assessment import Assessment, PolicyResult
    from tocsin.models import Scorer
    from tocsin.signals import Signal

__all__ = ["explain"]

_LEAST_WEIGHT = 0.005  # log-odds: less would round to nothing


def explain(
    text: Annotated[str, typer.Argument(help="The text to explain; - reads it from standard input.")],
    language: Annotated[
        str | None, typer.Option(help="Language of the text, such as 'en'; told from the text if not given.")
    ] = None,
    words: Annotated[int, typer.Option(min=1, help="How many words to show for each signal.")] = 5,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object: assessment and words.")
    ] = False,
    bundle: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the model bundle; by default that of the settings, then the one that ships."
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(help="Policy file; by default that of the settings, then the one that ships."),
    ] = None,
    tier: TierOption = None,
) -> None:
    """Show which words of a text raise and lower each signal, in log-odds.

    Exact for the screen: the words' weights and the signal's base add up to its log-odds. For an encoder a
    word's weight is by how much the log-odds fall without it, and the base is what is left.
    """
    from tocsin.item import Item
    from tocsin.models import load

    scorer = load(bundle, policy=policy, tier=tier)
    written = _standard_input() if text == "-" else text
    (assessment,) = scorer.assess([Item("text", written, language)], explain=True)
    found = _weights(scorer, written, language)
    if as_json:
        typer.echo(json.dumps({"assessment": assessment.to_dict(), "words": found}, ensure_ascii=True))
    else:
        _print(written, assessment, found, words)


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"<stdin>: must be UTF-8, was not at byte {error.start}") from error


_WHY = {
    Reason.EMPTY: "there is nothing in it",
    Reason.TOO_LONG: "it is longer than the setting TOCSIN_MAX_CHARACTERS allows",
    Reason.LANGUAGE: "the bundle has no signal in its language",
}

Weighted = dict[str, Any]


def _weights(scorer: Scorer, text: str, language: str | None) -> dict[Signal, Weighted]:
    """Return, for each signal, its base and every word's weight, strongest either way first."""
    explained = scorer.explain(text, language)
    if explained is None:
        return {}
    found: dict[Signal, Weighted] = {}
    for column, signal in enumerate(explained.signals):
        if math.isnan(explained.base[column]):
            continue  # a signal of another language
        weights = explained.weights[:, column].tolist()
        words = [
            {"start": start, "end": end, "weight": round(weight, 6)}
            for start, end, weight in zip(explained.starts, explained.ends, weights, strict=True)
        ]
        found[signal] = {
            "base": round(float(explained.base[column]), 6),
            "words": sorted(words, key=lambda word: -abs(word["weight"])),
        }
    return found


def _print(text: str, assessment: Assessment, found: dict[Signal, Weighted], most: int) -> None:
    if assessment.reason is not None:
        typer.echo(f"This text cannot be judged: {_WHY[assessment.reason]}.")
        return
    rows = [
        (
            signal,
            f"{assessment.signals[signal]:.3f}",
            _words(text, [word for word in weighted["words"] if word["weight"] >= _LEAST_WEIGHT][:most]),
            _words(text, [word for word in weighted["words"] if word["weight"] <= -_LEAST_WEIGHT][:most]),
        )
        for signal, weighted in found.items()
    ]
    print_table(
        "What each signal is made of (weights in log-odds)",
        ("signal", "probability", "raised by", "lowered by"),
        rows,
        *map(_policy, assessment.policies),
        "Probabilities hold at the bundle's reference prevalence; a person decides.",
    )


def _policy(result: PolicyResult) -> str:
    score = "null" if result.score is None else f"{result.score:.3f}"
    note = "" if result.certified else " (target not certified)"
    return f"{reveal(result.name)}: {result.level or 'not supported'}, score {score}{note}"


def _words(text: str, words: Sequence[Weighted]) -> str:
    return ", ".join(f"{text[word['start'] : word['end']]} {word['weight']:+.2f}" for word in words)
