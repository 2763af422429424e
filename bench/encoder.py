"""Measure how fast the encoder of a bundle is beside `transformers.pipeline` on the same weights, in one run.

    TOCSIN_DATA=/path/to/corpora python bench/encoder.py --layout out/train/huggingface [--bundle FOLDER]
    [--json FILE]

Every candidate reads the same posts, round after round, in one process with as many threads as there are
processors; what counts is the median ratio of a round. The pipeline gets normalised posts, so it spares that
work, in each of several batch sizes: the best one counts. Runtimes that are installed (ONNX Runtime before
weights became whole numbers, OpenVINO) stand beside. Needs the extras train and encoder. No text is printed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from throughput_machine import machine
from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline, set_seed

from tocsin.assessment import Tier
from tocsin.cli.data.options import builds_home, data_folder
from tocsin.cli.table import print_table
from tocsin.example import Split
from tocsin.models import DEFAULT_BUNDLE, Bundle, read_bundle
from tocsin.models.loading import threads
from tocsin.text import normalise
from tocsin.training.build import Selection, build
from tocsin.training.encoder.export import export

BATCHES: Final = (1, 8, 32, 64)
SEED: Final = 20_261_129
OURS: Final = "tocsin: the encoder"
PEER: Final = "transformers.pipeline"

Floats = NDArray[np.float64]
Read = Callable[[Sequence[str]], Floats]


def main(arguments: Sequence[str]) -> None:
    """Measure, print a table, and write everything where asked."""
    options = _options(arguments)
    console = Console(stderr=True)
    bundle = read_bundle(options.bundle, tier=Tier.ENCODER, threads=threads())
    posts = _posts(bundle, options.data, options.posts * options.rounds)
    candidates = _candidates(bundle, options.layout)
    taken: dict[str, list[float]] = {name: [] for name in candidates}
    for number in range(options.rounds):
        drawn = posts[number * options.posts : (number + 1) * options.posts]
        for name, read in candidates.items():
            console.print(f"round {number + 1} of {options.rounds}: {name}", soft_wrap=True)
            read(drawn[:8])  # what loads on first use
            started = time.perf_counter()
            read(drawn)
            taken[name].append(time.perf_counter() - started)
    figures = _figures(taken, options.posts)
    _print(figures, options)
    if options.json:
        told = {"machine": machine(), "posts": options.posts, "rounds": options.rounds, "figures": figures}
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--layout", type=Path, required=True, help="what training left in WORK/huggingface")
    parser.add_argument("--bundle", type=Path, default=DEFAULT_BUNDLE, help="bundle with the same encoder")
    parser.add_argument("--data", type=Path, help="folder of the corpora; TOCSIN_DATA if not given")
    parser.add_argument("--posts", type=int, default=400, help="posts a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="file for every figure")
    return parser.parse_args(arguments)


def _posts(bundle: Bundle, data: Path | None, count: int) -> list[str]:
    """Return distinct held-out posts in the encoder's languages, in a random order that stays."""
    assert bundle.encoder is not None  # noqa: S101 - it was read as one
    rows = build(Selection(data_folder(data)), builds_home()).splits.rows
    held = {
        row.text
        for split in (Split.DEV, Split.CALIBRATION, Split.TEST)
        for row in rows[split]
        if row.language in bundle.encoder.languages and row.corpus != "muc"  # documents, no posts
    }
    ordered = sorted(held)
    chosen = np.random.default_rng(SEED).permutation(len(ordered))[:count]
    if len(chosen) < count:
        raise SystemExit(f"posts times rounds must be at most {len(ordered)}, was {count}")
    return [ordered[place] for place in chosen.tolist()]


def _candidates(bundle: Bundle, layout: Path) -> Mapping[str, Read]:
    encoder = bundle.encoder
    assert encoder is not None  # noqa: S101 - it was read as one
    set_seed(SEED)
    torch.set_num_threads(threads())
    found: dict[str, Read] = {OURS: encoder.margins}
    piped = pipeline(
        "text-classification", model=str(layout), top_k=None, function_to_apply="none", device="cpu"
    )
    longest = encoder.windows.max_tokens
    for batch in BATCHES:
        found[f"{PEER}, batches of {batch}"] = _piped(piped, batch, longest)
    classifier = AutoModelForSequenceClassification.from_pretrained(layout, attn_implementation="eager")
    tokenizer = AutoTokenizer.from_pretrained(layout)
    exact = export(classifier.eval(), tokenizer, longest).exact
    found["ONNX Runtime, weights as trained, one at a time"] = _exact(exact, tokenizer, longest)
    if find_spec("openvino"):
        for hint in ("f32", "bf16"):
            found[f"OpenVINO, {hint}, batches of 32 by length"] = _openvino(exact, tokenizer, longest, hint)
    return found


def _piped(piped: Any, batch: int, longest: int) -> Read:
    def read(texts: Sequence[str]) -> Floats:
        told = piped(
            [normalise(text) for text in texts], batch_size=batch, truncation=True, max_length=longest
        )
        return np.array([[one["score"] for one in sorted(row, key=lambda one: one["label"])] for row in told])

    return read


def _exact(graph: bytes, tokenizer: Any, longest: int) -> Read:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def read(texts: Sequence[str]) -> Floats:
        rows = [
            tokenizer(normalise(text), truncation=True, max_length=longest, return_tensors="np")
            for text in texts
        ]
        told = [
            session.run(None, {name: row[name].astype(np.int64) for name in ("input_ids", "attention_mask")})[
                0
            ]
            for row in rows
        ]
        return np.concatenate(told)

    return read


def _openvino(graph: bytes, tokenizer: Any, longest: int, hint: str) -> Read:
    import openvino

    settings = {"INFERENCE_NUM_THREADS": threads(), "INFERENCE_PRECISION_HINT": hint}
    core = openvino.Core()
    request = core.compile_model(core.read_model(graph), "CPU", settings).create_infer_request()

    def read(texts: Sequence[str]) -> Floats:
        ids = [tokenizer(normalise(text), truncation=True, max_length=longest)["input_ids"] for text in texts]
        order = sorted(range(len(ids)), key=lambda place: len(ids[place]))
        told = []
        for first in range(0, len(order), 32):
            part = [ids[place] for place in order[first : first + 32]]
            padded = tokenizer.pad({"input_ids": part}, return_tensors="np")
            inputs = [padded[name].astype(np.int64) for name in ("input_ids", "attention_mask")]
            told.append(request.infer(inputs)[0].copy())
        return np.concatenate(told)

    return read


def _figures(taken: Mapping[str, Sequence[float]], posts: int) -> Mapping[str, Mapping[str, float]]:
    return {
        name: {
            "posts_a_second": posts / statistics.median(seconds),
            "times_as_fast_is_ours": statistics.median(
                one / ours for one, ours in zip(seconds, taken[OURS], strict=True)
            ),
        }
        for name, seconds in taken.items()
    }


def _print(figures: Mapping[str, Mapping[str, float]], options: argparse.Namespace) -> None:
    best = min(figures[name]["times_as_fast_is_ours"] for name in figures if name.startswith(PEER))
    print_table(
        f"{options.posts} posts a round, {options.rounds} rounds, {threads()} threads",
        ("", "posts a second", "ours is … times as fast"),
        [
            (name, f"{told['posts_a_second']:,.0f}", f"{told['times_as_fast_is_ours']:.2f}")
            for name, told in figures.items()
        ],
        f"Beside the pipeline at its best batch size: {best:.2f} times",
    )


if __name__ == "__main__":
    main(sys.argv[1:])
