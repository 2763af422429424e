"""The encoder that ships is the one that its card describes, and holds what it is released for."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tocsin.assessment import Tier
from tocsin.cli.eval.subject import training_record
from tocsin.eval import Report, Subject, evaluate, render_card
from tocsin.eval.gates import FAILING, judge, read_gates
from tocsin.eval.suites import SUITES
from tocsin.example import Split
from tocsin.models import DEFAULT_BUNDLE, Bundle, Scorer, load
from tocsin.models.layout import ENCODER_CARD
from tocsin.policy import default_policy
from tocsin.training.build import Build

# What one reading of the test rows tells; the rest of the card takes many readings of each.
SHOWN = ("corpora", "functional", "false-positives")


@pytest.fixture(scope="module")
def encoder_subject(real_build: Build, shipped: Callable[[Tier], Bundle]) -> Subject:
    """Return the encoder that ships and all rows that test it."""
    bundle = shipped(Tier.ENCODER)
    training = training_record(DEFAULT_BUNDLE.with_name(f"{DEFAULT_BUNDLE.name}@encoder"))
    return Subject(Scorer(bundle, default_policy()), real_build.splits.rows[Split.TEST], training)


@pytest.fixture(scope="module")
def encoder_report(encoder_subject: Subject) -> Report:
    """Return what one reading of the test rows tells of the encoder."""
    return evaluate(encoder_subject, [SUITES[name] for name in SHOWN])


@pytest.mark.corpora
def test_what_one_reading_tells_stands_on_the_card_of_the_encoder(
    encoder_subject: Subject, encoder_report: Report, missing_rows: Callable[[str, str], list[str]]
) -> None:
    card = render_card(encoder_subject.scorer.bundle, encoder_subject.training, encoder_report)
    shipped = (DEFAULT_BUNDLE / ENCODER_CARD).read_text(encoding="utf-8")

    # Rows of tables alone, for a difference names figures, never a text.
    assert missing_rows(card, shipped) == []


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
    encoder, screen = (load(DEFAULT_BUNDLE, tier=tier) for tier in ("encoder", "screen"))

    found, other = encoder.assess([english, german])
    _, screened = screen.assess([english, german])

    assert (found.language, found.tier) == ("en", Tier.ENCODER)
    assert (other.language, other.tier) == ("de", Tier.SCREEN)
    assert other.signals == screened.signals
