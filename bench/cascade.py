"""Measure what a cascade clears, how much faster that is than its encoder alone, and what it loses.

    TOCSIN_DATA=/path/to/corpora python bench/cascade.py [--bundle FOLDER] [--json FILE] [--markdown FILE]

The stream is ordinary posts, a third each of what pheme, cad (Neutral) and davidson (neither) hold out as
tests, with 2% posts that somebody labelled as hate, threat, incitement or extremism. For each false-positive
rate that policies review at, and each loss that is allowed: the share cleared; how many times as fast as the
encoder alone (the median of several rounds, each with posts of its own, both in one process on all
processors); and the observed loss among English test rows, of the corpora that the rule was fitted on rows of
and of all others. Needs the extra train. No text is printed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from ordinary_posts import ordinary_posts
from rich.console import Console
from throughput_machine import machine
from throughput_table import Cells, markdown, print_cells

from tocsin.assessment import Assessment, Level, Tier
from tocsin.cli.data.options import builds_home, data_folder
from tocsin.example import Example, Split
from tocsin.item import Item
from tocsin.models import DEFAULT_BUNDLE, Bundle, Scorer, read_bundle
from tocsin.models.cascade import ClearingChoice
from tocsin.models.loading import threads
from tocsin.policy import PolicyDocument, Target, TargetKind, default_policy
from tocsin.service.watching.interval import wilson
from tocsin.training.build import Selection, build

RATES: Final = (0.02, 0.05, 0.1)
LOSSES: Final = (0.01, 0.02, 0.05, 0.1)
LANGUAGE: Final = "en"

Flags = NDArray[np.bool_]


def main(arguments: Sequence[str]) -> None:
    """Measure, print the table, and write everything where asked."""
    options = _options(arguments)
    console = Console(stderr=True)
    bundle = _fresh(options.bundle)
    rows = build(Selection(data_folder(options.data)), builds_home()).splits.rows[Split.TEST]
    rows = [row for row in rows if row.language == LANGUAGE]
    posts = ordinary_posts(rows, options.posts * options.rounds)
    rounds = [posts[place :: options.rounds] for place in range(options.rounds)]
    speeds = {rate: _speeds(options.bundle, rate, rounds, console.print) for rate in RATES}
    console.print(f"the encoder reads {len(rows)} test rows")
    encoder = Scorer(replace(bundle, cascade=None), default_policy())
    said = encoder.assess([Item(row.id, row.text, LANGUAGE) for row in rows])
    figures = []
    for rate in RATES:
        policy = _reviewing(rate)
        alone = Scorer(replace(bundle, cascade=None), policy)
        near = Scorer(bundle, policy).closeness([row.text for row in rows], [LANGUAGE] * len(rows))
        flagged = _flagged(alone, said)
        for loss in LOSSES:
            scorer = Scorer(bundle, policy, clearing=ClearingChoice(loss, check=0))
            figures.append(
                {
                    "fpr": rate,
                    "loss": loss,
                    **speeds[rate][loss],
                    **_losses(scorer, rows, flagged, near),
                }
            )
    told = {"machine": machine(), "posts": options.posts, "rounds": options.rounds, "figures": figures}
    cells = _cells(figures)
    print_cells(cells, Console(width=None if sys.stdout.isatty() else 150))
    if options.json:
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    if options.markdown:
        options.markdown.write_text(markdown(cells), encoding="utf-8")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bundle", type=Path, default=DEFAULT_BUNDLE, help="bundle with a cascade")
    parser.add_argument("--data", type=Path, help="folder of the corpora; TOCSIN_DATA if not given")
    parser.add_argument("--posts", type=int, default=480, help="posts a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="file for every figure")
    parser.add_argument("--markdown", type=Path, help="file for the table in Markdown")
    return parser.parse_args(arguments)


def _reviewing(rate: float) -> PolicyDocument:
    """Return the shipped policies, reviewing at another false-positive rate."""
    policy = default_policy()
    target = Target(TargetKind.FPR, rate)
    return replace(policy, policies=tuple(replace(one, review=target) for one in policy.policies))


def _seconds(scorer: Scorer, posts: Sequence[str]) -> float:
    scorer.scores(posts[:8], [LANGUAGE] * 8)  # what loads on first use
    started = time.perf_counter()
    scorer.scores(posts, [LANGUAGE] * len(posts))
    return time.perf_counter() - started


def _fresh(folder: Path) -> Bundle:
    """Return the bundle as nobody has asked it anything: what it remembers of words is not there yet."""
    return read_bundle(folder, tier=Tier.CASCADE, threads=threads())


def _speeds(
    folder: Path, rate: float, rounds: Sequence[Sequence[str]], tell: Callable[[str], None]
) -> Mapping[float, Mapping[str, float]]:
    """Return, by loss, how many times as fast as the encoder alone, and the share that is cleared.

    In each round all of them read the same posts in turn, beginning with another one each time.
    """
    policy, scorers = _reviewing(rate), dict[float | None, Scorer]()
    for loss in (None, *LOSSES):
        bundle = _fresh(folder)
        scorers[loss] = (
            Scorer(replace(bundle, cascade=None), policy)
            if loss is None
            else Scorer(bundle, policy, clearing=ClearingChoice(loss, check=0))
        )
    taken: dict[float | None, list[float]] = {loss: [] for loss in scorers}
    for number, posts in enumerate(rounds):
        tell(f"review at fpr {rate:g}: round {number + 1} of {len(rounds)}")
        turn = number % len(scorers)
        for loss in [*scorers][turn:] + [*scorers][:turn]:
            taken[loss].append(_seconds(scorers[loss], posts))
    found = {}
    for loss in LOSSES:
        items = [Item("", text, LANGUAGE) for posts in rounds for text in posts]
        tiers = [one.tier for one in scorers[loss].assess(items)]
        ratios = [slow / fast for slow, fast in zip(taken[None], taken[loss], strict=True)]
        found[loss] = {
            "cleared": tiers.count(Tier.SCREEN) / len(tiers),
            "times": statistics.median(ratios),
            "posts_a_second": len(rounds[0]) / statistics.median(taken[loss]),
            "alone_a_second": len(rounds[0]) / statistics.median(taken[None]),
        }
    return found


def _flagged(scorer: Scorer, said: Sequence[Assessment]) -> Flags:
    """Return which rows the encoder flags under the scorer's policies."""
    return np.array(
        [any(one.level not in {None, Level.NONE} for one in results) for results in scorer.results(said)]
    )


def _losses(
    scorer: Scorer, rows: Sequence[Example], flagged: Flags, near: NDArray[np.float64]
) -> Mapping[str, Any]:
    """Return the observed loss among what the encoder flags: of corpora like the rule's, and of others."""
    rule, record = scorer.clearings[LANGUAGE], scorer.bundle.manifest.cascade
    corpora = set(record.corpora) if record else set()
    own = np.array([row.corpus in corpora for row in rows])
    cleared = rule.clears(near)
    return {
        "rule": {"rows": rule.rows, "flagged": rule.flagged, "lost": rule.lost, "threshold": rule.threshold},
        "own": _loss(cleared[own & flagged]),
        "others": _loss(cleared[~own & flagged]),
    }


def _loss(cleared: Flags) -> Mapping[str, float]:
    lost, count = int(cleared.sum()), len(cleared)
    low, high = wilson(lost, count) if count else (0.0, 1.0)
    return {"lost": lost, "flagged": count, "share": lost / max(count, 1), "low": low, "high": high}


def _cells(figures: Sequence[Mapping[str, Any]]) -> Cells:
    def share(told: Mapping[str, float]) -> str:
        return f"{told['share']:.1%} [{told['low']:.1%}, {told['high']:.1%}] of {told['flagged']:,}"

    return Cells(
        "A stream of 2% positives among ordinary posts",
        (
            "review at fpr",
            "may lose",
            "cleared",
            "times as fast",
            "lost, corpora of the rule",
            "lost, other corpora",
        ),
        tuple(
            (
                f"{one['fpr']:.0%}",
                f"{one['loss']:.0%}",
                f"{one['cleared']:.1%}",
                f"{one['times']:.2f}",
                share(one["own"]),
                share(one["others"]),
            )
            for one in figures
        ),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
