"""How a cascade is made: a linear model that says what the encoder says, and who certifies it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tocsin.assessment import Tier
from tocsin.errors import BundleError, CorpusError
from tocsin.example import Example, Label, Split
from tocsin.models import read_bundle
from tocsin.models.features import FeatureSpec
from tocsin.models.layout import CASCADE_FILES, dump_distilled, parse_distilled
from tocsin.signals import Signal
from tocsin.training.build import Selection, build
from tocsin.training.cascade import CascadeConfig, CascadeRun, train_cascade
from tocsin.training.cascade.certifying import certifying
from tocsin.training.cascade.distilled import distil
from tocsin.training.cascade.recipe import CERTIFYING
from tocsin.training.folds import clusters

WORDS = ["soup", "bread", "oven", "goal", "match", "ball", "yesterday", "again", "under", "with"]
CORPORA = ("gab-hate-corpus", "collective-action")


def texts(rows: int, seed: int) -> list[str]:
    draw = np.random.default_rng(seed)
    return [" ".join(draw.choice(WORDS, 6)) for _ in range(rows)]


def told(posts: list[str]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return log-odds that rise with cooking and fall with sport."""
    kitchen, stadium = {"soup", "bread", "oven"}, {"goal", "match", "ball"}
    return np.array(
        [sum((w in kitchen) - (w in stadium) for w in set(text.split())) for text in posts], float
    )


@pytest.mark.parametrize("bits", [12, 10])
def test_a_distilled_screen_says_of_fresh_texts_what_it_was_told_of_others(bits: int) -> None:
    spec, config = FeatureSpec(bits=12), CascadeConfig(bits=bits, damping=0.5)

    found = distil(texts(1_500, 1), {Signal.HATE: told(texts(1_500, 1))}, spec, config)

    fresh = texts(300, 2)
    said = found.screen.margins(fresh)[:, 0]
    assert np.corrcoef(said, told(fresh))[0, 1] > 0.97
    assert np.abs(said - told(fresh)).mean() < 0.35
    assert np.abs(found.stored.table).max() <= config.largest


def test_what_is_stored_reads_back_as_the_same_screen(tmp_path: Path) -> None:
    spec = FeatureSpec(bits=12)
    found = distil(texts(400, 1), {Signal.HATE: told(texts(400, 1))}, spec, CascadeConfig(bits=10))

    back = parse_distilled(tmp_path, dump_distilled(found.stored), spec, (Signal.HATE,))

    fresh = texts(50, 3)
    assert np.array_equal(back.margins(fresh), found.screen.margins(fresh))


def test_log_odds_beyond_the_bounds_count_as_the_bounds() -> None:
    spec, posts = FeatureSpec(bits=10), texts(300, 1)
    wild = told(posts) * 1_000

    tame = distil(posts, {Signal.HATE: np.clip(wild, -9, 6)}, spec, CascadeConfig(bits=10))
    found = distil(posts, {Signal.HATE: wild}, spec, CascadeConfig(bits=10))

    assert np.array_equal(found.stored.table, tame.stored.table)


def row(number: int, text: str, *, synthetic: bool = False) -> Example:
    labels = {Signal.HATE: Label.NEGATIVE}
    return replace(Example(f"k:{number}", text, "en", "kitchen", "CC0-1.0", labels), synthetic=synthetic)


def test_of_a_post_s_copies_one_certifies_and_of_what_a_machine_wrote_none() -> None:
    soup = "we simmer onion soup with garlic and butter on a quiet evening at home"
    rows = [
        *(row(number, soup) for number in range(5)),
        *(row(10 + number, f"number {number} of the many matches that were lost") for number in range(3)),
        row(20, "what a machine wrote of bread", synthetic=True),
        row(21, "the referee has left the stadium"),
    ]

    chosen = certifying(rows, most=100)

    grouped = clusters(chosen).tolist()
    assert len(set(grouped)) == len(grouped)
    assert sum(one.text == soup for one in chosen) == 1
    assert not any(one.synthetic for one in chosen)
    assert certifying(rows, most=100) == chosen
    assert certifying(rows, most=2) == chosen[:2]
    assert {one.id for one in certifying(rows[::-1], most=100)} >= {"k:21"}


def test_what_fits_what_calibrates_what_certifies_and_what_tests_are_four_different_sets(
    toy_corpora: Path,
) -> None:
    rows = build(Selection(toy_corpora, CORPORA)).splits.rows
    fits, calibrates, tests = Split.TRAIN, Split.CALIBRATION, Split.TEST

    assert len({fits, calibrates, tests, CERTIFYING}) == 4
    ids = {place: {one.id for one in rows[place]} for place in (fits, calibrates, tests, CERTIFYING)}
    assert all(not ids[a] & ids[b] for a in ids for b in ids if a is not b)
    # nor does a copy, a near-copy or a partner of a certifying text stand in another set
    every = [(place, one) for place in ids for one in rows[place]]
    grouped = clusters([one for _, one in every]).tolist()
    of = {place: {c for c, (there, _) in zip(grouped, every, strict=True) if there is place} for place in ids}
    assert not of[CERTIFYING] & of[fits]
    assert not of[CERTIFYING] & of[calibrates]


def test_another_encoder_does_not_take_over_what_was_certified_for_the_one_before(
    toy_cascade_bundle: Path, train_toy_encoder: Callable[[Path, Path], None], tmp_path: Path
) -> None:
    train_toy_encoder(toy_cascade_bundle, tmp_path)
    found = read_bundle(tmp_path / "bundle")

    assert found.manifest.tiers == (Tier.SCREEN, Tier.ENCODER)
    assert {path.name for path in (tmp_path / "bundle").iterdir()}.isdisjoint(CASCADE_FILES)
    assert "cascade" not in json.loads((tmp_path / "bundle" / "training.json").read_text(encoding="utf-8"))


def test_a_bundle_s_other_tiers_are_as_they_were(toy_cascade_bundle: Path, toy_encoder_bundle: Path) -> None:
    before, after = read_bundle(toy_encoder_bundle), read_bundle(toy_cascade_bundle)

    same = set(before.manifest.files) - {"training.json"}
    assert all(before.manifest.files[name] == after.manifest.files[name] for name in same)
    assert after.manifest.encoder == before.manifest.encoder
    assert after.manifest.thresholds == before.manifest.thresholds
    training = json.loads((toy_cascade_bundle / "training.json").read_text())
    assert training["cascade"]["config"]["pairs"] == 1_500
    assert "encoder" in training


def test_pairs_are_what_both_tiers_say_of_certifying_texts(
    toy_corpora: Path, toy_cascade_bundle: Path
) -> None:
    bundle = read_bundle(toy_cascade_bundle, tier=Tier.CASCADE)
    assert bundle.cascade is not None
    assert bundle.encoder is not None
    rows = build(Selection(toy_corpora, CORPORA)).splits.rows[CERTIFYING]
    posts = [one.text for one in certifying([one for one in rows if one.language == "en"], 1_500)]
    pairs = bundle.cascade.pairs["en"]

    said = bundle.cascade.read(posts).distilled
    margins = bundle.encoder.margins(posts)
    for column, signal in enumerate(pairs.signals):
        scaling = bundle.calibration.of(signal, "en")
        assert scaling is not None
        own = scaling.log_odds(margins[:, bundle.encoder.signals.index(signal)])
        inside = np.abs(own) < 31
        assert np.abs(pairs.encoder[:, column] - own)[inside].max() <= 2 / pairs.STEPS
    assert np.abs(pairs.distilled - said).max() <= 2 / pairs.STEPS


def test_the_encoder_is_asked_once(toy_corpora: Path, toy_encoder_bundle: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    for out in ("one", "two"):
        run = CascadeRun(
            Selection(toy_corpora, CORPORA),
            toy_encoder_bundle,
            tmp_path / out,
            tmp_path / "work",
            CascadeConfig(bits=8, pairs=50, steps=2),
        )
        train_cascade(run, lines.append)

    assert sum(line.startswith("asking the encoder") for line in lines) >= 1
    assert lines.count("the encoder's margins as told before") == 1
    assert read_bundle(tmp_path / "one").digest == read_bundle(tmp_path / "two").digest


def test_a_bundle_without_an_encoder_or_of_other_rows_is_refused(
    toy_corpora: Path, toy_bundle: Path, toy_encoder_bundle: Path, tmp_path: Path
) -> None:
    def run(beside: Path, corpora: tuple[str, ...]) -> CascadeRun:
        return CascadeRun(Selection(toy_corpora, corpora), beside, tmp_path / "out", tmp_path / "work")

    with pytest.raises(BundleError, match="tier must be screen"):
        train_cascade(run(toy_bundle, CORPORA))
    with pytest.raises(CorpusError, match="must have been trained on the same rows"):
        train_cascade(run(toy_encoder_bundle, CORPORA[:1]))
    assert not (tmp_path / "out").exists()
