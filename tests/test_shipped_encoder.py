"""The encoder that ships is the one that its card describes, and holds what it is released for."""

from __future__ import annotations

import json
import re

import pytest

from tocsin.assessment import Tier
from tocsin.cli.eval.subject import training_record
from tocsin.eval import Report, Subject, evaluate, render_card
from tocsin.eval.gates import FAILING, judge, read_gates
from tocsin.eval.suites import SUITES
from tocsin.example import Split
from tocsin.models import DEFAULT_BUNDLE, Scorer, load, read_bundle
from tocsin.models.layout import ENCODER_CARD
from tocsin.models.loading import threads
from tocsin.policy import default_policy
from tocsin.training.build import Build

# What one reading of the test rows tells; the rest of the card takes many readings of each.
SHOWN = ("corpora", "functional", "false-positives")
NUMBER = re.compile(r"[-+]?[0-9]+(?:[.][0-9]+)?")
MARK = re.compile(r" [*][*][a-z ]+[*][*]")


@pytest.fixture(scope="module")
def encoder_subject(real_build: Build) -> Subject:
    """Return the encoder that ships and all rows that test it."""
    bundle = read_bundle(DEFAULT_BUNDLE, tier=Tier.ENCODER, threads=threads())
    training = training_record(DEFAULT_BUNDLE.with_name(f"{DEFAULT_BUNDLE.name}@encoder"))
    return Subject(Scorer(bundle, default_policy()), real_build.splits.rows[Split.TEST], training)


@pytest.fixture(scope="module")
def encoder_report(encoder_subject: Subject) -> Report:
    """Return what one reading of the test rows tells of the encoder."""
    return evaluate(encoder_subject, [SUITES[name] for name in SHOWN])


@pytest.mark.corpora
def test_what_one_reading_tells_stands_on_the_card_of_the_encoder(
    encoder_subject: Subject, encoder_report: Report
) -> None:
    bundle = encoder_subject.scorer.bundle
    measured = rows(render_card(bundle, encoder_subject.training, encoder_report))
    shipped = rows((DEFAULT_BUNDLE / ENCODER_CARD).read_text(encoding="utf-8"))

    # Rows of tables alone, for a difference names figures, never a text.
    assert len(measured) > 100
    assert [row for row in measured if not any(alike(row, other) for other in shipped)] == []


def rows(card: str) -> list[str]:
    """Return the rows of a card's tables, without marks: what is near a bound may pass it elsewhere."""
    return [MARK.sub("", line) for line in card.splitlines() if line.startswith("|")]


def alike(row: str, other: str) -> bool:
    """Say whether two rows have the same words and counts, and figures as close as processors differ.

    Another processor rounds sums of fractions otherwise; then a few activations become the next whole number.
    """
    ours, theirs = NUMBER.findall(row), NUMBER.findall(other)
    if NUMBER.sub("#", row) != NUMBER.sub("#", other) or len(ours) != len(theirs):
        return False
    return all(abs(float(a) - float(b)) <= leeway(a) for a, b in zip(ours, theirs, strict=True))


def leeway(figure: str) -> float:
    """Return how far a figure may be off: two points of a share, none of a count."""
    if "." not in figure:
        return 0
    return 0.02 if len(figure.partition(".")[2]) > 1 else 2


@pytest.mark.corpora
def test_the_encoder_keeps_the_floors_that_it_is_released_for(encoder_report: Report) -> None:
    failing = [
        f"{one.gate.place}: must be {one.gate.bound}, is {one.figure}"
        for one in judge(read_gates(tier=Tier.ENCODER), encoder_report)
        if one.verdict in FAILING
    ]

    assert failing == []


def test_the_files_of_the_encoder_take_at_most_25_megabytes() -> None:
    manifest = json.loads((DEFAULT_BUNDLE / "bundle.json").read_text(encoding="utf-8"))
    sizes = [manifest["files"][name]["bytes"] for name in ("encoder.onnx", "tokenizer.json")]

    assert sum(sizes) <= 25_000_000


def test_the_encoder_that_ships_judges_english_and_leaves_german_to_the_screen() -> None:
    english = "The choir meets on Tuesday, and everybody is welcome to bring a friend along."
    german = "Der Chor trifft sich am Dienstag, und alle sind herzlich eingeladen zu kommen."
    encoder, screen = load(DEFAULT_BUNDLE, tier="encoder"), load(DEFAULT_BUNDLE)

    found, other = encoder.assess([english, german])
    _, screened = screen.assess([english, german])

    assert (found.language, found.tier) == ("en", Tier.ENCODER)
    assert (other.language, other.tier) == ("de", Tier.SCREEN)
    assert other.signals == screened.signals
