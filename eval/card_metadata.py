"""The block of metadata that model hubs read at the top of a card."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tocsin.eval.report import Report
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.tables import Row, bare
from tocsin.models import Bundle

__all__ = ["metadata"]

_METRICS: Final = {
    "auroc": ("roc_auc", "AUROC"),
    "average_precision": ("average_precision", "average precision"),
}
_TAGS: Final = ("trust-and-safety", "content-moderation", "extremism", "hate-speech-detection", "calibrated")


def metadata(bundle: Bundle, training: Mapping[str, Any], report: Report) -> str:
    """Return the block, ``model-index`` included: the ranking figures of every cell large enough for a claim.

    YAML whose strings from elsewhere are JSON: `no` is a language there, no Boolean. After the model card
    specification of the Hugging Face hub.
    """
    manifest = bundle.manifest
    lines = ["---", f"license: {_quoted(manifest.licence.lower())}", "library_name: tocsin"]
    lines += ["pipeline_tag: text-classification", "language:"]
    lines += [f"- {_quoted(language)}" for language in sorted(manifest.languages)]
    lines += ["tags:", *(f"- {tag}" for tag in _TAGS)]
    lines += ["metrics:", *(f"- {kind}" for kind, _ in _METRICS.values())]
    lines += ["model-index:", f"- name: {_quoted(manifest.name)}"]
    results = [line for row in _claimed(report) for line in _result(row, training)]
    lines += ["  results:", *results] if results else ["  results: []"]
    return "\n".join([*lines, "---", ""])


def _claimed(report: Report) -> Iterator[Row]:
    """Yield the cells without a mark: those with enough positives for a claim."""
    answer = report.answer("corpora")
    cells = answer.tables.get("cells") if answer else None
    yield from (row for row in cells.rows if row["positives"] == bare(row["positives"])) if cells else ()


def _result(row: Row, training: Mapping[str, Any]) -> Iterator[str]:
    corpus, signal, language = (str(row[name]) for name in ("corpus", "signal", "language"))
    title = training.get("corpora", {}).get(corpus, {}).get("title", corpus)
    yield "  - task:"
    yield "      type: text-classification"
    yield f"      name: {_quoted(f'{signal} ({language})')}"
    yield "    dataset:"
    yield f"      type: {_quoted(corpus)}"
    yield f"      name: {_quoted(title)}"
    yield "      split: test"
    yield "    metrics:"
    for name, (kind, words) in _METRICS.items():
        estimate = bare(row[name])
        if isinstance(estimate, Estimate):
            yield f"    - type: {kind}"
            yield f"      name: {_quoted(words)}"
            yield f"      value: {estimate.value:.3f}"


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)
