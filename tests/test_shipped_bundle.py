"""The bundle that ships is the one that its card describes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tocsin.eval import Report, Subject, render_card
from tocsin.models import DEFAULT_BUNDLE, load
from tocsin.training.build import Build

SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "queue.jsonl"


def training() -> dict[str, object]:
    record: dict[str, object] = json.loads((DEFAULT_BUNDLE / "training.json").read_text(encoding="utf-8"))
    return record


@pytest.mark.corpora
def test_every_figure_on_the_card_is_measured_again_from_the_corpora(
    shipped_subject: Subject, shipped_report: Report
) -> None:
    card = render_card(shipped_subject.scorer.bundle, training(), shipped_report)

    # Compared line by line: a difference names figures, never a text.
    shipped = (DEFAULT_BUNDLE / "card.md").read_text(encoding="utf-8")
    assert card.splitlines() == shipped.splitlines()


@pytest.mark.corpora
def test_the_shipped_bundle_was_trained_on_these_very_files(real_build: Build) -> None:
    assert training()["files"] == real_build.files


@pytest.mark.alone  # a scan is held to a time
def test_the_sample_queue_is_ranked_within_three_seconds_once_set_up() -> None:
    command = [sys.executable, "-m", "tocsin.cli", "scan", str(SAMPLES), "--json", "--quiet"]
    took = []
    for _ in range(3):
        started = time.perf_counter()
        scanned = subprocess.run(command, capture_output=True, check=True)
        took.append(time.perf_counter() - started)
    found = [json.loads(line) for line in scanned.stdout.splitlines()]

    assert min(took) < 3
    assert len(found) == 60
    assert {row["status"] for row in found} == {"scored", "unscorable"}
    assert {row["reason"] for row in found} == {None, "empty", "language", "too_long"}


def test_the_sample_queue_is_ranked_by_a_model_and_not_by_its_order() -> None:
    items = [json.loads(line) for line in SAMPLES.read_text(encoding="utf-8").splitlines()]
    priorities = [
        assessment.priority
        for assessment in load(DEFAULT_BUNDLE).assess([item["text"] for item in items])
        if assessment.priority is not None
    ]

    assert len(set(priorities)) > len(priorities) // 2
    assert priorities != sorted(priorities, reverse=True)
