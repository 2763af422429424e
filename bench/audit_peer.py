"""Audit the naive way: a batched `transformers.pipeline` loop from Parquet to Parquet.

    python bench/audit_peer.py --layout FOLDER --batch 8 --rows 1000 IN.parquet OUT.parquet FIGURES.json

`FOLDER` is the encoder in the Hugging Face layout. What is timed is the loop alone: not the start, not the
reading, and not the normalisation, which the encoder was trained behind. Needs the extras train and encoder.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from transformers import pipeline

from tocsin.models.loading import threads
from tocsin.text import normalise

LONGEST = 512
WARM = 16


def main(arguments: Sequence[str]) -> None:
    """Score, write, and say how long that took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("figures", type=Path)
    parser.add_argument("--layout", type=Path, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--max-tokens", type=int, default=LONGEST)
    options = parser.parse_args(arguments)
    torch.set_num_threads(threads())
    piped: Any = pipeline(
        "text-classification", model=str(options.layout), top_k=None, function_to_apply="none", device="cpu"
    )
    table = pq.read_table(options.source, columns=["id", "text"]).slice(0, options.rows)
    texts = [normalise(text) for text in table["text"].to_pylist()]
    reading = {"batch_size": options.batch, "truncation": True, "max_length": options.max_tokens}
    piped(texts[:WARM], **reading)
    started, processor = time.perf_counter(), time.process_time()
    told = [{one["label"]: one["score"] for one in row} for row in piped(texts, **reading)]
    scored = pa.Table.from_pylist(
        [{"id": key, **row} for key, row in zip(table["id"].to_pylist(), told, strict=True)]
    )
    pq.write_table(scored, options.target, compression="zstd")
    figures = {
        "rows": len(texts),
        "seconds": time.perf_counter() - started,
        "processor_seconds": time.process_time() - processor,
    }
    options.figures.write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
