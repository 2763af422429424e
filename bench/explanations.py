"""Measure whether the words that an explanation names are those that a score hangs on.

    TOCSIN_DATA=/path/to/corpora python bench/explanations.py [--bundle FOLDER] [--json FILE]
    [--markdown FILE]

Of English test posts that a tier flags, the signal is taken that is highest of a policy that fired, and of
its words the fifth with the highest weights, one at least. *Comprehensiveness* is by how much the signal's
log-odds fall when these words are left out, *sufficiency* by how much when only they are left (DeYoung et al.
2020, there of probabilities); beside each stands the same for as many words drawn at random. A method that is
right about the words makes the first larger than chance, and the second smaller. Intervals are 95%, by a
bootstrap over posts. Needs the extra train. No text is printed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from throughput_table import Cells, markdown, print_cells

from tocsin.assessment import Assessment, Level, Tier
from tocsin.cli.data.options import builds_home, data_folder
from tocsin.example import Split
from tocsin.item import Item
from tocsin.models import DEFAULT_BUNDLE, Scorer, read_bundle
from tocsin.models.loading import threads
from tocsin.policy import default_policy
from tocsin.signals import Signal
from tocsin.training.build import Selection, build

LANGUAGE: Final = "en"
SHARE: Final = 0.2
RANDOM: Final = 5  # draws a post
LEAST_WORDS: Final = 5
RESAMPLES: Final = 2_000
SEED: Final = 20_261_130

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Falls:
    """Hold by how much log-odds fall, a number a post: with an explanation's words, and with random ones."""

    named: Floats
    drawn: Floats

    def told(self, draw: np.random.Generator) -> Mapping[str, float]:
        """Return both means, their difference with its interval, and in how many posts it has its sign."""
        apart = self.named - self.drawn
        means = [apart[draw.integers(0, len(apart), len(apart))].mean() for _ in range(RESAMPLES)]
        low, high = np.quantile(means, (0.025, 0.975))
        return {
            "named": float(self.named.mean()),
            "random": float(self.drawn.mean()),
            "difference": float(apart.mean()),
            "low": float(low),
            "high": float(high),
            "share_above": float((apart > 0).mean()),
        }


def main(arguments: Sequence[str]) -> None:
    """Measure, print the table, and write everything where asked."""
    options = _options(arguments)
    console = Console(stderr=True)
    rows = build(Selection(data_folder(options.data)), builds_home()).splits.rows[Split.TEST]
    posts = sorted({row.text for row in rows if row.language == LANGUAGE and row.corpus != "muc"})
    draw = np.random.default_rng(SEED)
    posts = [posts[place] for place in draw.permutation(len(posts)).tolist()]
    figures: dict[str, dict[str, Mapping[str, float]]] = {}
    for tier in (Tier.SCREEN, Tier.ENCODER):
        scorer = Scorer(read_bundle(options.bundle, tier=tier, threads=threads()), default_policy())
        flagged = _flagged(scorer, posts, options.posts)
        console.print(f"{tier}: {len(flagged)} flagged posts")
        without, only = _measured(scorer, flagged, draw)
        figures[tier.value] = {
            "posts": {"count": float(len(flagged))},
            "comprehensiveness": without.told(draw),
            "sufficiency": only.told(draw),
        }
    cells = _cells(figures)
    print_cells(cells, Console(width=None if sys.stdout.isatty() else 150))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if options.markdown:
        options.markdown.write_text(markdown(cells), encoding="utf-8")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bundle", type=Path, default=DEFAULT_BUNDLE, help="bundle with an encoder")
    parser.add_argument("--data", type=Path, help="folder of the corpora; TOCSIN_DATA if not given")
    parser.add_argument("--posts", type=int, default=300, help="flagged posts of each tier")
    parser.add_argument("--json", type=Path, help="file for every figure")
    parser.add_argument("--markdown", type=Path, help="file for the table in Markdown")
    return parser.parse_args(arguments)


def _flagged(scorer: Scorer, posts: Sequence[str], most: int) -> list[tuple[str, Signal]]:
    """Return flagged posts of five words or more, each with the highest signal of a policy that fired."""
    found: list[tuple[str, Signal]] = []
    for first in range(0, len(posts), 512):
        part = [text for text in posts[first : first + 512] if len(text.split()) >= LEAST_WORDS]
        for text, one in zip(part, scorer.assess([Item("", text, LANGUAGE) for text in part]), strict=True):
            signal = _raised(scorer, one)
            if signal is not None:
                found.append((text, signal))
        if len(found) >= most:
            break
    return found[:most]


def _raised(scorer: Scorer, assessment: Assessment) -> Signal | None:
    fired = {one.name for one in assessment.policies if one.level not in {None, Level.NONE}}
    signals = [
        signal
        for policy in scorer.policy.policies
        if policy.name in fired
        for signal in policy.signals
        if assessment.signals[signal] is not None
    ]
    return max(sorted(signals), key=lambda signal: assessment.signals[signal] or 0.0, default=None)


def _measured(
    scorer: Scorer, flagged: Sequence[tuple[str, Signal]], draw: np.random.Generator
) -> tuple[Falls, Falls]:
    falls: dict[str, list[float]] = {"without": [], "without random": [], "only": [], "only random": []}
    for text, signal in flagged:
        explained = scorer.explain(text, LANGUAGE)
        if explained is None:
            continue
        weights = explained.weights[:, explained.signals.index(signal)]
        spans = list(zip(explained.starts, explained.ends, strict=True))
        count = max(round(len(spans) * SHARE), 1)
        named = set(np.argsort(-weights, kind="stable")[:count].tolist())
        drawn = [set(draw.permutation(len(spans))[:count].tolist()) for _ in range(RANDOM)]
        log_odds = _log_odds(scorer, signal)
        whole = log_odds([text])[0]
        every = set(range(len(spans)))
        kept = [_kept(text, spans, every - gone) for gone in (named, *drawn)]
        alone = [_kept(text, spans, left) for left in (named, *drawn)]
        for name, told in (("without", log_odds(kept)), ("only", log_odds(alone))):
            falls[name].append(whole - told[0])
            falls[f"{name} random"].append(float(np.mean(whole - told[1:])))
    return (
        Falls(np.array(falls["without"]), np.array(falls["without random"])),
        Falls(np.array(falls["only"]), np.array(falls["only random"])),
    )


def _kept(text: str, spans: Sequence[tuple[int, int]], places: Set[int]) -> str:
    return " ".join(text[start:end] for place, (start, end) in enumerate(spans) if place in places)


def _log_odds(scorer: Scorer, signal: Signal) -> Callable[[Sequence[str]], Floats]:
    column = scorer.signals.index(signal)

    def told(texts: Sequence[str]) -> Floats:
        scores = np.clip(scorer.scores(texts, [LANGUAGE] * len(texts))[:, column], 1e-9, 1 - 1e-9)
        # what nothing is left of has no score: it is as low as an explanation can make it
        scores = np.where(np.isnan(scores), 1e-3, scores)
        return np.asarray(np.log(scores) - np.log1p(-scores))

    return told


def _cells(figures: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Cells:
    return Cells(
        f"How far log-odds fall: without the {SHARE:.0%} of words that are named, and with them alone",
        ("tier", "measure", "words named", "words at random", "difference", "posts where it is above"),
        tuple(
            (
                tier,
                measure,
                f"{told['named']:.2f}",
                f"{told['random']:.2f}",
                f"{told['difference']:+.2f} [{told['low']:+.2f}, {told['high']:+.2f}]",
                f"{told['share_above']:.0%}",
            )
            for tier, measures in figures.items()
            for measure, told in measures.items()
            if measure != "posts"
        ),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
