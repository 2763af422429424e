"""How often what commands tell of a made-up platform's six weeks holds the truth.

    .venv/bin/python bench/review_month.py                      # 20 of them, a quarter of an hour
    .venv/bin/python bench/review_month.py --months 5 --first 100

lives each through the review queue (posts, notices, decisions, second readings, appeals, measures), asks the
commands, and prints tables in Markdown: how often intervals held, thresholds broke their target, and drift
raised an alarm.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tocsin.cli.review.month_testing import (
    CHANGE_DECIDED,
    CHANGE_HERE,
    UNCHANGED,
    Operator,
    figures_of,
    kept,
    refitted,
)
from tocsin.service.review.month_testing.figures import Figure
from tocsin.service.review.month_testing.living import Month
from tocsin.service.review.month_testing.platform import Platform
from tocsin.service.review.month_testing.truth import Truth

MOMENTS = {
    "nothing changed": UNCHANGED,
    "the week in which the model changed": CHANGE_HERE,
    "a week later, once that is decided": CHANGE_DECIDED,
}


def main(arguments: Sequence[str]) -> None:
    """Live months, and print what came of all of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--months", type=int, default=20)
    parser.add_argument("--first", type=int, default=1, help="seed of the first")
    parser.add_argument("--processes", type=int, default=1)
    asked = parser.parse_args(arguments)
    found = Found()
    with ProcessPoolExecutor(asked.processes) as pool:
        for one in pool.map(lived, range(asked.first, asked.first + asked.months)):
            found.add(one)
    for line in found.lines():
        sys.stdout.write(line + "\n")


@dataclass(frozen=True, slots=True)
class Lived:
    """Hold what commands told of one month: figures, refitted levels, and what drift said at each moment."""

    seed: int
    figures: Sequence[Figure]
    levels: Sequence[tuple[tuple[str, str, str], bool | None]]
    alarms: Mapping[str, Mapping[str, bool]]


def lived(seed: int) -> Lived:
    """Live a month, and ask the commands about it."""
    with TemporaryDirectory() as folder:
        month = Month(Platform(), Path(folder), seed)
        month.live()
        operator, truth = Operator(month), Truth(month.platform)
        levels = [
            (
                (one["policy"], one["level"], one["target"]),
                None if one["refit"]["threshold"] is None else kept(one, truth),
            )
            for one in refitted(operator, Path(folder))
        ]
        alarms = {
            name: {
                ", ".join(filter(None, (one["what"], one["policy"]))): bool(one["alarm"])
                for one in operator.drift(moment)
            }
            for name, moment in MOMENTS.items()
        }
        figures = list(figures_of(operator, Path(folder)))
        month.desk.close()
    return Lived(seed, figures, levels, alarms)


class Found:
    """Hold what came of all months."""

    def __init__(self) -> None:
        self.figures: dict[str, list[Figure]] = defaultdict(list)
        self.levels: dict[tuple[str, str, str], list[bool | None]] = defaultdict(list)
        self.alarms: dict[str, Counter[str]] = {name: Counter() for name in MOMENTS}
        self.months = 0

    def add(self, one: Lived) -> None:
        """Count one more, and say which of its intervals did not hold."""
        self.months += 1
        for figure in one.figures:
            self.figures[figure.group].append(figure)
        for level, is_kept in one.levels:
            self.levels[level].append(is_kept)
        for name, alarms in one.alarms.items():
            self.alarms[name].update({what: int(alarm) for what, alarm in alarms.items()})
        told = [figure for figure in one.figures if figure.told]
        missed = [f"{figure.group}: {figure.what}" for figure in told if not figure.holds]
        sys.stderr.write(f"{one.seed}: {len(told)} intervals, not held: {missed}\n")

    def lines(self) -> Iterator[str]:
        """Yield the tables."""
        yield "| figure | truth | intervals | told | held | below | above | width | held what is so |"
        yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
        for group, those in self.figures.items():
            yield row(group, *cells(those))
        yield ""
        yield "| refitted | target | of months | broken |"
        yield "|---|---|---:|---:|"
        for (policy, level, target), outcomes in self.levels.items():
            fitted = [one for one in outcomes if one is not None]
            yield row(f"{policy}, {level}", target, f"{len(fitted)} of {self.months}", fitted.count(False))
        yield ""
        yield f"| alarms, in {self.months} runs | {' | '.join(MOMENTS)} |"
        yield f"|---|{'---:|' * len(MOMENTS)}"
        for what in dict.fromkeys(what for counts in self.alarms.values() for what in counts):
            yield row(what, *(self.alarms[name][what] for name in MOMENTS))


def cells(those: Sequence[Figure]) -> tuple[str, ...]:
    """Return what came of a group of figures."""
    told = [one for one in those if one.told]
    truths = sorted({round(one.truth, 2) for one in those})
    shown = f"{truths[0]:.2f}" + (f" to {truths[-1]:.2f}" if len(truths) > 1 else "")
    if not told:
        return shown, str(len(those)), "0", "–", "–", "–", "–", "–"
    so = [one.holds_so for one in told if one.so is not None]
    return (
        shown,
        str(len(those)),
        percent(len(told) / len(those)),
        percent(np.mean([one.holds for one in told])),
        percent(np.mean([one.truth < (one.low or 0) for one in told])),
        percent(np.mean([one.truth > (one.high or 0) for one in told])),
        f"{np.mean([(one.high or 0) - (one.low or 0) for one in told]):.2f}",
        percent(np.mean(so)) if so else "–",
    )


def percent(share: float | np.floating[Any]) -> str:
    """Return a percentage."""
    return f"{100 * share:.0f}"


def row(*told: object) -> str:
    """Return one line of a table."""
    return f"| {' | '.join(map(str, told))} |"


if __name__ == "__main__":
    main(sys.argv[1:])
