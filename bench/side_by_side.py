"""Lay two reports of `tocsin eval` beside each other, as Markdown: the tables of docs/explanation/encoder.md.

    tocsin eval default@screen --out out/screen && tocsin eval default@encoder --out out/encoder
    python bench/side_by_side.py out/screen/report.json out/encoder/report.json [--names screen encoder]

English cells, the suites corpora, functional and false-positives; whatever else the reports hold is left out.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

LEAST: Final = 50  # positives, for a claim
SUITES: Final = ("hatecheck", "hatemoji-check")
RULES: Final = ("balanced", "review", "urgent")
FIGURES: Final = ("auroc", "recall_at_fpr_0.01", "recall_at_fpr_0.05")

Row = Mapping[str, Any]
Keyed = dict[tuple[str, ...], Row]


def main(arguments: Sequence[str]) -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", type=Path, nargs=2)
    parser.add_argument("--names", nargs=2, default=("screen", "encoder"))
    options = parser.parse_args(arguments)
    first, second = (json.loads(path.read_text(encoding="utf-8")) for path in options.reports)
    for table in tables(first, second, options.names):
        sys.stdout.write("\n".join(table) + "\n\n")


def tables(first: Row, second: Row, names: Sequence[str]) -> Iterator[list[str]]:
    """Yield the lines of each table."""
    ours, theirs = (
        rows(one, "corpora", "cells", ("corpus", "signal", "language")) for one in (second, first)
    )
    cells = [key for key in ours if key[2] == "en" and key in theirs]
    large = [key for key in cells if number(ours[key]["positives"]) >= LEAST]
    yield _areas(large, theirs, ours, names)
    yield _recalls(large, theirs, ours, names)
    yield _medians([key for key in cells if key not in large], large, theirs, ours)
    yield _overall(first, second, names)
    for suite in SUITES:
        yield _functionalities(first, second, names, suite)
    yield _audits(first, second, names)


def rows(report: Row, suite: str, table: str, keys: Sequence[str]) -> Keyed:
    """Return a table's rows by the columns that tell them apart."""
    found = next(one for one in report["suites"][suite]["tables"] if one["name"] == table)
    return {tuple(str(number(row[key])) for key in keys): row for row in found["rows"]}


def number(value: Any) -> Any:
    """Return a figure without its mark and interval."""
    while isinstance(value, dict):
        value = value.get("marked", value.get("value"))
    return value


def share(value: Any) -> str:
    """Return a share with its interval and mark, in per cent."""
    return _figure(value, lambda one: f"{one:.1%}")


def area(value: Any) -> str:
    """Return an area with its interval and mark."""
    return _figure(value, lambda one: f"{one:.3f}")


def _figure(value: Any, shown: Callable[[float], str]) -> str:
    if value is None:
        return "–"
    mark = ""
    if isinstance(value, dict) and "marked" in value:
        mark, value = f" **{value['mark']}**", value["marked"]
    if isinstance(value, dict):
        return f"{shown(value['value'])} [{shown(value['low'])}, {shown(value['high'])}]{mark}"
    return shown(value) + mark


def _table(heads: Sequence[str], lines: Sequence[Sequence[Any]]) -> list[str]:
    return [f"| {' | '.join(map(str, line))} |" for line in (heads, ["---"] * len(heads), *lines)]


def _areas(large: Sequence[tuple[str, ...]], theirs: Keyed, ours: Keyed, names: Sequence[str]) -> list[str]:
    first, second = names
    heads = ("corpus", "signal", "+ / −", first, second, f"{second} − {first}")
    return _table(
        heads,
        [
            (
                key[0],
                f"`{key[1]}`",
                f"{number(ours[key]['positives'])} / {number(ours[key]['negatives'])}",
                area(theirs[key]["auroc"]),
                area(ours[key]["auroc"]),
                f"{number(ours[key]['auroc']) - number(theirs[key]['auroc']):+.3f}",
            )
            for key in large
        ],
    )


def _recalls(large: Sequence[tuple[str, ...]], theirs: Keyed, ours: Keyed, names: Sequence[str]) -> list[str]:
    first, second = names
    heads = ("corpus", "signal", f"fpr 1%: {first}", second, f"fpr 5%: {first}", second)
    return _table(
        heads,
        [
            (
                key[0],
                f"`{key[1]}`",
                *(share(side[key][name]) for name in FIGURES[1:] for side in (theirs, ours)),
            )
            for key in large
        ],
    )


def _medians(
    small: Sequence[tuple[str, ...]], large: Sequence[tuple[str, ...]], theirs: Keyed, ours: Keyed
) -> list[str]:
    taught = [key for key in large if key[0] not in SUITES]
    lines = [
        f"{name}: the middle one of {len(keys)} differences is "
        f"{statistics.median(number(ours[key][name]) - number(theirs[key][name]) for key in keys):+.4f}"
        for name in FIGURES
        for keys in (large, taught)
    ]
    few = [
        f"{key[0]} `{key[1]}` {number(theirs[key]['auroc']):.3f} to {number(ours[key]['auroc']):.3f}"
        f" on {number(ours[key]['positives'])} positives"
        for key in small
        if number(ours[key]["auroc"]) is not None
    ]
    return [*lines, f"Too small for a claim: {'; '.join(few)}."]


def _overall(first: Row, second: Row, names: Sequence[str]) -> list[str]:
    keys = ("suite", "language", "rule")
    sides = [rows(one, "functional", "overall", keys) for one in (first, second)]
    lines = [
        (
            suite,
            f"{rule}, {name}",
            *(share(side[suite, "en", rule][kind]) for kind in ("all", "hateful", "harmless")),
        )
        for suite in SUITES
        for rule in RULES
        for side, name in zip(sides, names, strict=True)
    ]
    return _table(("suite", "threshold", "all", "hateful", "harmless"), lines)


def _functionalities(first: Row, second: Row, names: Sequence[str], suite: str) -> list[str]:
    theirs, ours = (
        rows(one, "functional", f"functionalities-{suite}", ("functionality",)) for one in (first, second)
    )
    heads = ["functionality", "label", "cases", "Perspective, published"]
    heads += [f"{name}, {rule}" for rule in RULES[:2] for name in names]
    lines = [
        (
            f"`{key[0]}`",
            number(row["label"]),
            number(row["cases"]),
            share(number(row.get("perspective"))),
            *(f"{number(side[key][rule]):.1%}" for rule in RULES[:2] for side in (theirs, ours)),
        )
        for key, row in sorted(ours.items(), key=lambda one: number(one[1]["balanced"]))
    ]
    return _table(heads, lines)


def _audits(first: Row, second: Row, names: Sequence[str]) -> list[str]:
    theirs, ours = (rows(one, "false-positives", "audits", ("policy", "audit")) for one in (first, second))
    heads = ["policy", "harmless texts", "texts"]
    heads += [f"at {level}: {name}" for level in RULES[1:] for name in names]
    lines = [
        (
            *key,
            number(row["texts"]),
            *(share(side[key][level]) for level in RULES[1:] for side in (theirs, ours)),
        )
        for key, row in ours.items()
        if number(row["review"]) is not None
    ]
    return _table(heads, lines)


if __name__ == "__main__":
    main(sys.argv[1:])
