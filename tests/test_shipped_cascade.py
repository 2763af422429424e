"""The cascade that ships is the one that its card describes, and keeps what it promises on test rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tocsin.assessment import Level, Tier
from tocsin.cli.eval.subject import training_record
from tocsin.eval import Report, Subject, evaluate, render_card
from tocsin.eval.gates import FAILING, judge, read_gates
from tocsin.eval.suites import SUITES
from tocsin.example import Split
from tocsin.item import Item
from tocsin.models import DEFAULT_BUNDLE, Bundle, Scorer, load
from tocsin.models.cascade import ClearingChoice
from tocsin.models.layout import CASCADE_CARD
from tocsin.models.refitting import encoding
from tocsin.policy import default_policy
from tocsin.training.build import Build

# What one reading of the test rows tells; the rest of the card takes many readings of each.
SHOWN = ("corpora", "functional", "false-positives")


@pytest.fixture(scope="module")
def cascade_subject(real_build: Build, shipped: Callable[[Tier], Bundle]) -> Subject:
    """Return the cascade that ships and all rows that test it."""
    training = training_record(DEFAULT_BUNDLE.with_name(f"{DEFAULT_BUNDLE.name}@cascade"))
    scorer = Scorer(shipped(Tier.CASCADE), default_policy())
    return Subject(scorer, real_build.splits.rows[Split.TEST], training)


@pytest.fixture(scope="module")
def cascade_report(cascade_subject: Subject) -> Report:
    """Return what one reading of the test rows tells of the cascade."""
    return evaluate(cascade_subject, [SUITES[name] for name in SHOWN])


@pytest.mark.corpora
def test_what_one_reading_tells_stands_on_the_card_of_the_cascade(
    cascade_subject: Subject, cascade_report: Report, missing_rows: Callable[[str, str], list[str]]
) -> None:
    card = render_card(cascade_subject.scorer.bundle, cascade_subject.training, cascade_report)
    shipped = (DEFAULT_BUNDLE / CASCADE_CARD).read_text(encoding="utf-8")

    # Rows of tables alone, for a difference names figures, never a text.
    assert missing_rows(card, shipped) == []


@pytest.mark.corpora
def test_the_cascade_keeps_the_floors_that_it_is_released_for(cascade_report: Report) -> None:
    failing = [
        f"{one.gate.place}: must be {one.gate.bound}, is {one.figure}"
        for one in judge(read_gates(tier=Tier.CASCADE), cascade_report)
        if one.verdict in FAILING
    ]

    assert failing == []


@pytest.mark.corpora
def test_of_what_the_encoder_flags_of_test_rows_no_more_is_lost_than_the_bound_and_chance(
    cascade_subject: Subject, real_build: Build
) -> None:
    scorer, record = cascade_subject.scorer, cascade_subject.scorer.bundle.manifest.cascade
    assert record is not None
    rows = [
        row
        for row in real_build.splits.rows[Split.TEST]
        if row.language == "en" and row.corpus in record.corpora
    ]
    items = [Item(row.id, row.text, "en") for row in rows]
    unchecked = Scorer(scorer.bundle, scorer.policy, clearing=ClearingChoice(check=0))
    told = zip(encoding(scorer).assess(items), unchecked.assess(items), strict=True)
    lost = [ours.tier is Tier.SCREEN for theirs, ours in told if theirs.level not in {None, Level.NONE}]

    chance = 3 * (record.loss * (1 - record.loss) / len(lost)) ** 0.5
    assert len(lost) > 2_000
    assert np.mean(lost) <= record.loss + chance


def test_the_bundle_that_ships_tells_the_rule_that_its_own_rows_give() -> None:
    scorer = load(DEFAULT_BUNDLE)
    record = scorer.bundle.manifest.cascade
    assert record is not None
    (told,), rule = record.clearings, scorer.clearings["en"]

    assert scorer.bundle.tier is Tier.CASCADE
    assert (told.language, record.loss, record.split) == ("en", rule.loss, "dev")
    assert told.model_dump(exclude={"language"}) == rule.counts
    assert rule.holds()
    assert rule.threshold is not None


def test_the_cascade_that_ships_clears_english_and_leaves_german_to_the_screen() -> None:
    english = "The choir meets on Tuesday, and everybody is welcome to bring a friend along."
    german = "Der Chor trifft sich am Dienstag, und alle sind herzlich eingeladen zu kommen."

    found, other = load(DEFAULT_BUNDLE).assess([english, german])
    _, screened = load(DEFAULT_BUNDLE, tier="screen").assess([english, german])

    assert (found.language, found.tier) == ("en", Tier.SCREEN)
    assert (other.language, other.tier) == ("de", Tier.SCREEN)
    assert other.signals == screened.signals
