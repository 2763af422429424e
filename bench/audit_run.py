"""Measure an audit from Parquet to Parquet, beside a `transformers.pipeline` loop on the same encoder.

    TOCSIN_DATA=/path/to/corpora python bench/audit_run.py [--rows 10000 100000] [--encoder-rows 10000]
    [--once | --toy] [--tiers cascade encoder screen] [--layout out/encoder/huggingface] [--peer-rows 1000]

Posts are a stream of ordinary ones, 2% of them what is looked for (as in bench/cascade.py), again and again,
each time with a made-up word of its own; `--once` takes every post of the corpora once instead: a wider
vocabulary, but much more for the encoder to read than on a platform; `--toy` takes words about cooking.
`tocsin audit run` is timed as a whole process: its start, loading bundles, reading, scoring, writing.
Of the pipeline only its loop is timed, over the first rows, in several batch sizes, and the best one counts.
Processor seconds are those of all processes together: on a machine that others use, they tell more than the
clock. Peak memory is that of the largest process. No text is printed.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from audit_rows import DISTINCT, toys, written
from ordinary_posts import ordinary_posts
from rich.console import Console
from throughput_commands import TOCSIN, take
from throughput_machine import machine
from throughput_peers import Prepared
from throughput_table import Cells, markdown, print_cells

from tocsin.assessment import Tier
from tocsin.cli.data.options import builds_home, data_folder
from tocsin.example import Split
from tocsin.training.build import Selection, build

PEER: Final = Path(__file__).with_name("audit_peer.py")
BATCHES: Final = (8, 32)
LANGUAGE: Final = "en"


def main(arguments: Sequence[str]) -> None:
    """Measure, print the table, and write everything where asked."""
    options = _options(arguments)
    console = Console(stderr=True, highlight=False)
    described = machine()
    posts = toys() if options.toy else _posts(options.data, once=options.once)
    with tempfile.TemporaryDirectory(prefix="tocsin-", dir=options.work) as folder:
        work = Path(folder)
        wanted = {
            tier: sorted({_rows(rows, tier, options) for rows in options.rows}) for tier in options.tiers
        }
        sources = {
            rows: written(work / f"{rows}.parquet", posts, rows)
            for rows in sorted({one for found in wanted.values() for one in found})
        }
        audits = [
            _audit(sources[rows], rows, tier, work, console)
            for tier in options.tiers
            for rows in wanted[tier]
        ]
        peers = (
            [_peer(sources[max(sources)], options, batch, work, console) for batch in BATCHES]
            if options.layout
            else []
        )
    told = {"machine": described, "distinct": len(posts), "audits": audits, "peers": peers}
    cells = _cells(audits, peers)
    print_cells(cells, Console(width=None if sys.stdout.isatty() else 150))
    if options.json:
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    if options.markdown:
        options.markdown.write_text(markdown(cells), encoding="utf-8")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--encoder-rows", type=int, default=10_000, help="rows that the encoder alone reads")
    parser.add_argument("--tiers", type=Tier, nargs="+", default=[Tier.CASCADE, Tier.ENCODER, Tier.SCREEN])
    parser.add_argument(
        "--layout", type=Path, help="what training left in WORK/huggingface; none: no pipeline"
    )
    parser.add_argument("--peer-rows", type=int, default=1_000, help="rows that the pipeline reads")
    sources = parser.add_mutually_exclusive_group()
    sources.add_argument(
        "--toy", action="store_true", help="words about cooking instead of posts of the corpora"
    )
    sources.add_argument("--once", action="store_true", help="every post of the corpora, once")
    parser.add_argument("--data", type=Path, help="folder of the corpora; TOCSIN_DATA if not given")
    parser.add_argument(
        "--work", type=Path, help="folder for what is read and written; the system's if not given"
    )
    parser.add_argument("--json", type=Path, help="file for every figure")
    parser.add_argument("--markdown", type=Path, help="file for the table in Markdown")
    return parser.parse_args(arguments)


def _rows(rows: int, tier: Tier, options: argparse.Namespace) -> int:
    """Return how many rows a tier gets: all of them, but for the encoder, which would take an hour."""
    return min(rows, options.encoder_rows) if tier is Tier.ENCODER else rows


def _posts(data: Path | None, *, once: bool) -> list[str]:
    rows = build(Selection(data_folder(data)), builds_home()).splits.rows
    if not once:
        return ordinary_posts([row for row in rows[Split.TEST] if row.language == LANGUAGE], DISTINCT)
    posts = sorted({row.text for found in rows.values() for row in found if row.language == LANGUAGE})
    random.Random(0).shuffle(posts)  # noqa: S311 - a sample, no secret
    return posts


def _audit(source: Path, rows: int, tier: Tier, work: Path, console: Console) -> Mapping[str, Any]:
    console.print(f"tocsin audit run --tier {tier}: {rows:,} rows", soft_wrap=True)
    out = work / "out"
    command = (TOCSIN, "audit", "run", str(source), "--out", str(out), "--tier", tier.value, "--quiet")
    taken = take(Prepared((*command, "--slice", "country", "--weight", "views")))
    told = json.loads((out / "audit.json").read_text("utf-8"))
    size = sum(path.stat().st_size for path in (out / "scored").iterdir())
    shutil.rmtree(out)
    return {
        "tier": tier.value,
        "rows": rows,
        **asdict(taken),
        "run_seconds": told["seconds"],
        "tiers": told["counts"]["tiers"],
        "out_bytes_a_row": size / rows,
    }


def _peer(
    source: Path, options: argparse.Namespace, batch: int, work: Path, console: Console
) -> Mapping[str, Any]:
    rows = options.peer_rows
    console.print(f"transformers.pipeline in batches of {batch}: {rows:,} rows", soft_wrap=True)
    figures = work / "figures.json"
    given = ("--layout", str(options.layout), "--batch", str(batch), "--rows", str(rows))
    taken = take(
        Prepared((sys.executable, str(PEER), *given, str(source), str(work / "peer.parquet"), str(figures)))
    )
    return {"batch": batch, **json.loads(figures.read_text("utf-8")), "peak_mb": taken.peak_mb}


def _cells(audits: Sequence[Mapping[str, Any]], peers: Sequence[Mapping[str, Any]]) -> Cells:
    best = {
        name: max((one["rows"] / one[name] for one in peers), default=None)
        for name in ("seconds", "processor_seconds")
    }
    return Cells(
        "Parquet to Parquet",
        ("", "rows", "by the encoder", "a second", "times", "a processor second", "times", "peak MB"),
        (
            *(_row(f"tocsin audit run, {one['tier']}", one, best, _encoded(one)) for one in audits),
            *(_row(f"transformers.pipeline, batches of {one['batch']}", one, best, "100%") for one in peers),
        ),
    )


def _encoded(one: Mapping[str, Any]) -> str:
    return f"{one['tiers'].get('encoder', 0) / one['rows']:.1%}"


def _row(
    title: str, one: Mapping[str, Any], best: Mapping[str, float | None], encoded: str
) -> tuple[str, ...]:
    figures = []
    for name in ("seconds", "processor_seconds"):
        rate, peer = one["rows"] / one[name], best[name]
        figures += [f"{rate:,.0f}", "" if peer is None else f"{rate / peer:.2f}"]
    return (title, f"{one['rows']:,}", encoded, *figures, f"{one['peak_mb']:,.0f}")


if __name__ == "__main__":
    main(sys.argv[1:])
