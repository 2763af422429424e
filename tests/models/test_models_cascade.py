"""A bundle read as a cascade: who reads what, what is promised of it, and what is refused."""

from __future__ import annotations

import json
import shutil
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save as save_tensors

import tocsin
from tocsin.assessment import Assessment, Level, Tier
from tocsin.errors import BundleError, SettingsError
from tocsin.example_file import read_examples
from tocsin.item import Item
from tocsin.models import Scorer, load, read_bundle
from tocsin.models.cascade import (
    ClearingChoice,
    Refit,
    RefitConditions,
    read_refit,
    refit_document,
    write_refit,
)
from tocsin.models.layout import CASCADE_CALIBRATION, CASCADE_CARD, CASCADE_PAIRS, DISTILLED, sha256
from tocsin.models.refitting import BothTiers, encoding
from tocsin.models.writing import write_bundle
from tocsin.policy import PolicyDocument, default_policy, parse_policy
from tocsin.signals import Signal

SOUP: Final = "we simmer onion soup with garlic and butter, a recipe"
MATCH: Final = "the referee ended the match and the team left the stadium"
PLAIN: Final = "again and again the"
BOMB: Final = zlib.compress(bytes(10_000_000), 9)
TEXTS: Final = [SOUP, MATCH, PLAIN, "join us on saturday, everybody", "soup", "", SOUP * 9, MATCH * 9]


@pytest.fixture(scope="module")
def cascade(toy_cascade_bundle: Path) -> Scorer:
    return made(toy_cascade_bundle, ClearingChoice(0.2, check=0))  # which clears much of it


@pytest.fixture(scope="module")
def encoder(toy_cascade_bundle: Path) -> Scorer:
    return Scorer(read_bundle(toy_cascade_bundle, tier=Tier.ENCODER), default_policy())


@pytest.fixture(scope="module")
def posts(toy_cascade_bundle: Path) -> list[str]:
    """Return distinct test texts: rows that fitted nothing."""
    rows = read_examples(toy_cascade_bundle.parent / "work" / "test.jsonl")
    return list(dict.fromkeys(row.text for row in rows))


@pytest.fixture
def bundle(toy_cascade_bundle: Path, tmp_path: Path) -> Path:
    """Return a copy that a test may harm."""
    return Path(shutil.copytree(toy_cascade_bundle, tmp_path / "bundle"))


def made(folder: Path, choice: ClearingChoice) -> Scorer:
    return Scorer(read_bundle(folder, tier=Tier.CASCADE), default_policy(), clearing=choice)


def flagged(assessment: Assessment) -> bool:
    return assessment.level not in {None, Level.NONE}


# Who reads what


def test_a_bundle_with_a_cascade_is_read_as_one_unless_a_tier_is_asked_for(toy_cascade_bundle: Path) -> None:
    tiers = [
        load(toy_cascade_bundle, tier=tier).bundle.tier for tier in (None, "cascade", "encoder", "screen")
    ]

    assert tiers == [Tier.CASCADE, Tier.CASCADE, Tier.ENCODER, Tier.SCREEN]


def test_a_bundle_without_a_cascade_is_read_as_its_screen(toy_encoder_bundle: Path) -> None:
    assert load(toy_encoder_bundle).bundle.tier is Tier.SCREEN
    with pytest.raises(BundleError, match=r"tier must be one of screen, encoder, was cascade"):
        load(toy_encoder_bundle, tier="cascade")


def test_what_is_cleared_says_so_and_stands_at_no_level_and_the_rest_is_the_encoders_to_the_bit(
    cascade: Scorer, encoder: Scorer, posts: list[str]
) -> None:
    both = list(zip(cascade.assess(posts), encoder.assess(posts), strict=True))

    cleared = [ours for ours, _ in both if ours.tier is Tier.SCREEN]
    assert 0.05 < len(cleared) / len(posts) < 0.99
    assert not any(flagged(one) for one in cleared)
    assert all(one.signals[Signal.HATE] is not None for one in cleared)
    assert all(ours.signals == theirs.signals for ours, theirs in both if ours.tier is Tier.ENCODER)
    assert all(ours.policies == theirs.policies for ours, theirs in both if ours.tier is Tier.ENCODER)


def test_of_what_the_encoder_flags_on_fresh_rows_no_more_is_lost_than_the_bound_and_chance(
    toy_cascade_bundle: Path, encoder: Scorer, posts: list[str]
) -> None:
    wanted = [text for text, one in zip(posts, encoder.assess(posts), strict=True) if flagged(one)]
    assert len(wanted) > 100

    shares = []
    for loss in (0.02, 0.1, 0.3):
        found = made(toy_cascade_bundle, ClearingChoice(loss, check=0)).assess(wanted)
        shares.append(sum(not flagged(one) for one in found) / len(wanted))
        assert shares[-1] <= loss + 3 * (loss * (1 - loss) / len(wanted)) ** 0.5

    assert shares == sorted(shares)
    assert shares[-1] > 0  # clearing does lose: it is not that nothing is cleared


def test_a_text_gets_the_same_answer_alone_and_in_any_company(cascade: Scorer, posts: list[str]) -> None:
    texts = TEXTS + posts[:150]
    together = cascade.scores(texts)
    backwards = cascade.scores(texts[::-1])[::-1]
    alone = np.concatenate([cascade.scores([text]) for text in texts])

    assert np.array_equal(together, backwards, equal_nan=True)
    assert np.array_equal(together, alone, equal_nan=True)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200))
def test_whatever_the_text_a_cleared_one_is_at_no_level_and_any_other_is_the_encoders(
    cascade: Scorer, encoder: Scorer, text: str
) -> None:
    (ours,), (theirs,) = cascade.assess([text]), encoder.assess([text])

    assert (ours.status, ours.reason, ours.language) == (theirs.status, theirs.reason, theirs.language)
    if ours.tier is Tier.ENCODER:
        assert ours.signals == theirs.signals
    else:
        assert not flagged(ours)


def test_a_share_of_what_is_cleared_is_read_by_the_encoder_all_the_same(
    toy_cascade_bundle: Path, cascade: Scorer, encoder: Scorer, posts: list[str]
) -> None:
    cleared = [
        text for text, one in zip(posts, cascade.assess(posts), strict=True) if one.tier is Tier.SCREEN
    ]

    some = made(toy_cascade_bundle, ClearingChoice(0.2, check=0.2)).assess(cleared)
    every = made(toy_cascade_bundle, ClearingChoice(0.2, check=1)).assess(cleared)

    checked = [one for one in some if one.checked]
    assert 0.03 < len(checked) / len(cleared) < 0.4
    assert all((one.tier is Tier.ENCODER) == one.checked for one in some)
    assert all(one.checked and one.tier is Tier.ENCODER for one in every)
    assert [one.signals for one in every] == [one.signals for one in encoder.assess(cleared)]
    assert not any(one.checked for one in cascade.assess(posts))
    assert "checked" not in every[0].to_dict()


def test_words_of_a_cleared_text_and_of_any_other_add_up_to_the_log_odds_of_its_scores(
    cascade: Scorer, posts: list[str]
) -> None:
    tiers = Counter[Tier | None]()
    told_by = cascade.assess(posts)
    some = [
        text
        for tier in (Tier.SCREEN, Tier.ENCODER)
        for text in [text for text, one in zip(posts, told_by, strict=True) if one.tier is tier][:12]
    ]
    for text in some:
        (assessment,), words = cascade.assess([text]), cascade.explain(text)
        assert words is not None
        tiers[assessment.tier] += 1
        for place, signal in enumerate(words.signals):
            score = assessment.signals[signal]
            if score is not None and 1e-9 < score < 1 - 1e-9:
                told = words.base[place] + words.weights[:, place].sum()
                assert told == pytest.approx(np.log(score) - np.log1p(-score), rel=1e-6, abs=1e-6)

    assert set(tiers) == {Tier.SCREEN, Tier.ENCODER}


def test_what_a_language_without_an_encoder_gets_is_the_screens(toy_cascade_bundle: Path) -> None:
    bundle = read_bundle(toy_cascade_bundle, tier=Tier.CASCADE)
    assert bundle.encoder is not None
    none = replace(bundle, encoder=replace(bundle.encoder, languages=frozenset()))

    found = Scorer(none, default_policy()).assess([SOUP, MATCH])

    assert {one.tier for one in found} == {Tier.SCREEN}
    screen = bundle.screen.margins([SOUP, MATCH])
    assert bundle.cascade is not None
    assert np.array_equal(bundle.cascade.read([SOUP, MATCH]).screen, screen)


# What is promised


def test_the_bundle_tells_the_rule_that_its_own_rows_give(toy_cascade_bundle: Path) -> None:
    cascade = made(toy_cascade_bundle, ClearingChoice())
    record = cascade.bundle.manifest.cascade
    assert record is not None
    (told,), rule = record.clearings, cascade.clearings["en"]

    assert (told.language, record.loss, record.confidence) == ("en", rule.loss, 0.95)
    assert told.model_dump(exclude={"language"}) == rule.counts
    assert rule.holds()
    assert rule.rows > 1_000
    assert rule.lost / rule.flagged < rule.loss


def test_a_policy_that_flags_too_little_to_tell_clears_nothing(
    toy_cascade_bundle: Path, posts: list[str]
) -> None:
    strict = parse_policy(
        b"""version = "1"
[policies.soup]
title = "Soup"
when = "hate"
severity = "low"
review = 0.9999
urgent = 0.99999
""",
        "strict.toml",
    )
    scorer = Scorer(read_bundle(toy_cascade_bundle, tier=Tier.CASCADE), strict)

    assert scorer.clearings["en"].threshold is None
    assert {one.tier for one in scorer.assess(posts[:50])} == {Tier.ENCODER}


@pytest.mark.parametrize(
    ("given_", "rule"),
    [
        ({"loss": 0.0}, "loss must be above 0 and below 1"),
        ({"loss": 1.0}, "loss must be above 0 and below 1"),
        ({"check": -0.1}, "check must be between 0 and 1"),
        ({"check": 1.1}, "check must be between 0 and 1"),
        ({"check": float("nan")}, "check must be between 0 and 1"),
        ({"refit": "nowhere.json"}, "nowhere.json: cannot be read"),
    ],
)
def test_a_choice_that_means_nothing_is_refused(
    toy_cascade_bundle: Path, given_: dict[str, Any], rule: str
) -> None:
    with pytest.raises(SettingsError, match=rule):
        tocsin.load(toy_cascade_bundle, **given_)


RECALL: Final = b"""version = "1"
[policies.soup]
title = "Soup"
when = "hate"
severity = "low"
review = "recall 0.5"
urgent = 0.9999
"""


def test_a_target_of_recall_is_certified_only_where_nothing_is_cleared(toy_cascade_bundle: Path) -> None:
    document = parse_policy(RECALL, "recall.toml")

    def certified(document: PolicyDocument, tier: Tier, choice: ClearingChoice) -> bool:
        scorer = Scorer(read_bundle(toy_cascade_bundle, tier=tier), document, clearing=choice)
        return scorer.policies("en")[-1].review.certified

    nothing, much = ClearingChoice(1e-6), ClearingChoice(0.2)
    assert certified(document, Tier.ENCODER, nothing)
    assert certified(document, Tier.CASCADE, nothing)
    assert not certified(document, Tier.CASCADE, much)
    assert certified(default_policy(), Tier.CASCADE, much)  # hate: a share of false positives


def test_policies_that_others_apply_to_the_same_texts_are_counted_in(
    toy_cascade_bundle: Path, posts: list[str], encoder: Scorer
) -> None:
    wider = parse_policy(RECALL.replace(b"recall 0.5", b"fpr 0.3"), "wider.toml")
    bundle = read_bundle(toy_cascade_bundle, tier=Tier.CASCADE)
    choice = ClearingChoice(0.1, check=0)
    alone = Scorer(bundle, default_policy(), clearing=choice)
    beside = Scorer(bundle, default_policy(), clearing=choice, beside=[wider])
    theirs = Scorer(bundle, wider, clearing=choice)

    wanted = [
        text
        for text, results in zip(posts, theirs.results(encoder.assess(posts)), strict=True)
        if any(one.level is not Level.NONE for one in results)
    ]
    found = beside.assess(wanted)
    lost = sum(one.tier is Tier.SCREEN for one in found) / len(wanted)
    assert beside.clearings["en"].flagged > alone.clearings["en"].flagged
    assert [one.name for one in found[0].policies] == [one.name for one in default_policy().policies]
    assert lost <= 0.1 + 3 * (0.09 / len(wanted)) ** 0.5
    assert not any(
        one.level is Level.REVIEW
        for assessment, results in zip(found, theirs.results(found), strict=True)
        for one in results
        if assessment.tier is Tier.SCREEN
    )


def test_what_is_far_by_one_number_but_stands_at_a_level_by_its_scores_is_read_by_the_encoder(
    toy_cascade_bundle: Path, posts: list[str]
) -> None:
    bundle = read_bundle(toy_cascade_bundle, tier=Tier.CASCADE)
    assert bundle.cascade is not None
    # probabilities that say yes to everything, whatever the margins
    sure = {
        signal: {"en": scaling["en"].model_copy(update={"intercept": 40.0})}
        for signal, scaling in bundle.cascade.calibration.signals.items()
    }
    calibration = bundle.cascade.calibration.model_copy(update={"signals": sure})
    strange = replace(bundle, cascade=replace(bundle.cascade, calibration=calibration))

    found = Scorer(strange, default_policy(), clearing=ClearingChoice(0.2, check=0)).assess(posts[:300])

    assert {one.tier for one in found} == {Tier.ENCODER}


def test_a_check_changes_nothing_about_company(toy_cascade_bundle: Path, posts: list[str]) -> None:
    scorer = made(toy_cascade_bundle, ClearingChoice(0.2, check=0.5))
    together = scorer.assess(posts[:200])

    alone = [scorer.assess([text])[0] for text in posts[:200]]

    assert [(one.signals, one.checked) for one in together] == [(one.signals, one.checked) for one in alone]
    assert any(one.checked for one in together)


def test_settings_say_how_much_may_be_lost_and_checked(
    toy_cascade_bundle: Path, monkeypatch: pytest.MonkeyPatch, posts: list[str]
) -> None:
    monkeypatch.setenv("TOCSIN_CASCADE_LOSS", "0.2")
    monkeypatch.setenv("TOCSIN_CASCADE_CHECK", "1")

    scorer = tocsin.load(toy_cascade_bundle)

    assert scorer.clearings["en"].loss == 0.2
    assert {one.tier for one in scorer.assess(posts[:50])} == {Tier.ENCODER}


# A rule fitted to traffic


@pytest.fixture
def refit_file(cascade: Scorer, posts: list[str], tmp_path: Path) -> Path:
    both = BothTiers(cascade)
    both.assess([Item(str(place), text) for place, text in enumerate(posts)])
    path = tmp_path / "clearing.json"
    path.write_bytes(write_refit(both.refit(0.1)))
    return path


def test_traffic_gives_a_rule_that_holds_for_it_and_is_used(
    toy_cascade_bundle: Path, refit_file: Path, encoder: Scorer, posts: list[str]
) -> None:
    found = read_refit(refit_file)
    scorer = load(toy_cascade_bundle, refit=refit_file, check=0)
    told = found.languages["en"]
    tiers = [one.tier for one in scorer.assess(posts)]

    wanted = sum(flagged(one) for one in encoder.assess(posts))
    assert (told.rows, told.flagged) == (len(posts), wanted)
    assert scorer.clearings["en"].threshold == told.threshold
    assert told.lost / told.flagged < 0.1
    # fewer may be cleared than lie below the threshold: what reaches a level by the screen's scores is read
    assert 0 < tiers.count(Tier.SCREEN) <= told.cleared
    assert found == Refit.model_validate_json(write_refit(found))


def test_a_rule_fitted_to_traffic_counts_what_every_policy_file_flags(
    toy_cascade_bundle: Path, encoder: Scorer, posts: list[str]
) -> None:
    wider = parse_policy(RECALL.replace(b"recall 0.5", b"fpr 0.3"), "wider.toml")
    bundle = read_bundle(toy_cascade_bundle, tier=Tier.CASCADE)
    items = [Item(str(place), text) for place, text in enumerate(posts)]

    def fitted(beside: list[PolicyDocument]) -> Refit:
        both = BothTiers(Scorer(bundle, default_policy(), beside=beside))
        both.assess(items)
        return both.refit(0.1)

    alone, together = fitted([]), fitted([wider])
    own = encoder.assess(items)
    theirs = Scorer(encoder.bundle, wider).results(own)
    either = [
        flagged(one) or any(result.level is not Level.NONE for result in results)
        for one, results in zip(own, theirs, strict=True)
    ]
    assert alone.languages["en"].flagged == sum(map(flagged, own))
    assert together.languages["en"].flagged == sum(either) > sum(map(flagged, own))
    assert together.beside == (wider.digest,)


def test_copies_in_traffic_count_once_and_what_no_cascade_reads_is_counted_apart(cascade: Scorer) -> None:
    both = BothTiers(cascade)

    both.assess(
        [Item("1", SOUP), Item("2", SOUP), Item("3", MATCH), Item("4", ""), Item("5", f" {SOUP.upper()}  ")]
    )

    assert both.rows.rows == {"en": 2}
    assert both.rows.copies == 2  # one of them reads the same, whatever its letters and blanks
    assert both.rows.unscorable == {"empty": 1}
    assert both.refit(0.02).languages["en"].threshold is None


def test_traffic_needs_a_cascade(encoder: Scorer) -> None:
    with pytest.raises(SettingsError, match="tier must be cascade"):
        BothTiers(encoder)


@pytest.mark.parametrize("key", ["bundle", "policy", "assume_language", "max_characters"])
def test_a_rule_that_was_fitted_under_other_conditions_clears_nothing_but_is_an_error(
    toy_cascade_bundle: Path, refit_file: Path, key: str
) -> None:
    document = json.loads(refit_file.read_text())
    document[key] = {"assume_language": "none", "max_characters": 7}.get(key, "sha256:" + "0" * 64)
    refit_file.write_text(json.dumps(document))

    with pytest.raises(SettingsError, match=f"{key} must be that in use.*tocsin cascade refit --traffic"):
        load(toy_cascade_bundle, refit=refit_file)


def test_a_rule_fitted_without_a_policy_file_that_is_applied_too_is_an_error(
    toy_cascade_bundle: Path, refit_file: Path
) -> None:
    other = parse_policy(RECALL, "recall.toml")

    with pytest.raises(
        SettingsError, match=r"beside must name every other policy file in use.*--moderations"
    ):
        load(toy_cascade_bundle, refit=refit_file, beside=[other])

    document = json.loads(refit_file.read_text())
    refit_file.write_text(json.dumps({**document, "beside": [other.digest]}))
    assert load(toy_cascade_bundle, refit=refit_file, beside=[other]).clearings["en"].rows
    assert load(toy_cascade_bundle, refit=refit_file).clearings["en"].rows  # more was counted than is applied


def test_another_loss_than_the_rule_was_fitted_to_is_an_error(
    toy_cascade_bundle: Path, refit_file: Path
) -> None:
    assert load(toy_cascade_bundle, refit=refit_file, loss=0.1).clearings["en"].loss == 0.1
    with pytest.raises(SettingsError, match=r"loss must be that of the settings, 0.05, was 0.1"):
        load(toy_cascade_bundle, refit=refit_file, loss=0.05)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda d: d.update(loss=0.001), "must carry a loss of 0.001"),
        (
            lambda d: d["languages"]["en"].update(lost=d["languages"]["en"]["flagged"] // 2),
            "must carry a loss",
        ),
        (lambda d: d.update(confidence=0.5), "confidence must be 0.95"),
        (lambda d: d.update(extra=1), "extra"),
        (lambda d: d["languages"]["en"].update(threshold="1.5"), "languages.en.threshold"),
        (lambda d: d["languages"]["en"].update(threshold=True), "languages.en.threshold"),
        (lambda d: d["languages"]["en"].update(rows=0), "must be at most rows"),
        (lambda d: d["languages"]["en"].update(cleared=0), "lost at most either"),
        (lambda d: d["languages"]["en"].update(flagged=10**15, rows=10**15), "languages.en.rows"),
        (lambda d: d.pop("policy"), "policy"),
    ],
    ids=[
        "too small a loss",
        "too many lost",
        "less confidence",
        "unknown key",
        "text",
        "truth",
        "no rows",
        "lost but not cleared",
        "too many to count",
        "no policy",
    ],
)
def test_a_file_that_carries_no_such_bound_is_refused(
    refit_file: Path, change: Callable[[dict[str, Any]], object], rule: str
) -> None:
    document = json.loads(refit_file.read_text())
    change(document)
    refit_file.write_text(json.dumps(document))

    with pytest.raises(SettingsError, match=rule):
        read_refit(refit_file)


def test_a_language_that_traffic_lacked_is_read_by_the_encoder_alone(
    cascade: Scorer, toy_cascade_bundle: Path, tmp_path: Path
) -> None:
    path = tmp_path / "clearing.json"
    path.write_bytes(write_refit(refit_document(cascade.refit_conditions, 0.02, {})))

    scorer = load(toy_cascade_bundle, refit=path)

    assert {one.tier for one in scorer.assess([SOUP, MATCH, PLAIN])} == {Tier.ENCODER}


def test_conditions_are_the_files_and_the_settings(cascade: Scorer) -> None:
    policy = default_policy()

    assert cascade.refit_conditions == RefitConditions(cascade.bundle.digest, policy.digest, (), "en", 20_480)
    assert encoding(cascade).bundle.tier is Tier.ENCODER
    assert encoding(encoding(cascade)).bundle.tier is Tier.ENCODER


# What is refused


def swapped(folder: Path, name: str, content: bytes) -> None:
    """Put other content under `name`, with a checksum that fits it."""
    (folder / name).write_bytes(content)
    path = folder / "bundle.json"
    manifest = json.loads(path.read_text())
    manifest["files"][name] = {"sha256": sha256(content), "bytes": len(content)}
    path.write_text(json.dumps(manifest))


def edited(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "bundle.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


def weights(buckets: int = 2_048, more: int = 0, scale: float = 1.0, packed: bytes | None = None) -> bytes:
    content = packed or zlib.compress(bytes(buckets * 3 + more))
    return save_tensors(
        {
            "buckets": np.array([buckets], np.int64),
            "packed": np.frombuffer(content, np.uint8),
            "scale": np.full(3, scale, np.float32),
            "bias": np.zeros(3, np.float32),
        }
    )


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (lambda b: (b / DISTILLED).unlink(), "distilled.safetensors: must be a plain file"),
        (lambda b: edited(b, lambda m: m["files"].pop(CASCADE_CARD)), "cascade-card.md must be listed"),
        (lambda b: edited(b, lambda m: m["files"].pop(CASCADE_PAIRS)), "cascade-pairs.safetensors must be"),
        (lambda b: swapped(b, DISTILLED, weights(buckets=3_000)), "buckets must divide 4096, was 3000"),
        (lambda b: swapped(b, DISTILLED, weights(buckets=8_192)), "buckets must divide 4096, was 8192"),
        (lambda b: swapped(b, DISTILLED, weights(more=1)), "must hold 6144 weights and no more"),
        (lambda b: swapped(b, DISTILLED, weights(more=-1)), "must hold 6144 weights and no more"),
        (lambda b: swapped(b, DISTILLED, weights(packed=BOMB)), "must hold 6144 weights and no more"),
        (lambda b: swapped(b, DISTILLED, weights(packed=b"plain")), "must be packed with zlib"),
        (lambda b: swapped(b, DISTILLED, weights(scale=0)), "scale must be above 0"),
        (lambda b: swapped(b, CASCADE_CALIBRATION, b'{"signals": {}}'), "must be calibrated in en"),
        (lambda b: swapped(b, CASCADE_PAIRS, b"no tensors"), "must be a safetensors file"),
        (lambda b: edited(b, lambda m: m["cascade"].update(languages=["fr"])), "must be the encoder's"),
        (
            lambda b: edited(b, lambda m: m["cascade"].update(outputs=["hate"])),
            "must hold all that the encoder",
        ),
        (lambda b: edited(b, lambda m: m.update(encoder=None)), "must stand beside an encoder"),
        (lambda b: edited(b, lambda m: m["cascade"].update(loss=0)), "cascade.loss"),
    ],
    ids=[
        "no distilled screen",
        "no card listed",
        "no pairs listed",
        "odd buckets",
        "too many buckets",
        "a weight too many",
        "a weight too few",
        "weights without end",
        "weights that are not packed",
        "no scale",
        "not calibrated",
        "no pairs",
        "a language too many",
        "a signal too few",
        "no encoder",
        "no loss",
    ],
)
def test_a_cascade_that_is_not_whole_is_refused_by_name(
    bundle: Path, harm: Callable[[Path], object], why: str
) -> None:
    harm(bundle)

    with pytest.raises(BundleError, match=why):
        read_bundle(bundle, tier=Tier.CASCADE)


def test_pairs_of_other_columns_are_refused(bundle: Path) -> None:
    tensors = {"distilled.en": np.zeros((5, 3), np.int16), "encoder.en": np.zeros((4, 3), np.int16)}
    swapped(bundle, CASCADE_PAIRS, save_tensors(tensors))

    with pytest.raises(BundleError, match=r"tensor distilled.en must be int16 \(4, 3\)"):
        read_bundle(bundle, tier=Tier.CASCADE)


def test_a_bundle_whose_cascade_cannot_be_read_is_not_written(bundle: Path, tmp_path: Path) -> None:
    manifest = json.loads((bundle / "bundle.json").read_text())
    files = {name: (bundle / name).read_bytes() for name in manifest.pop("files")}

    with pytest.raises(BundleError):
        write_bundle(tmp_path / "new", manifest, {**files, DISTILLED: weights(buckets=3_000)})

    assert not (tmp_path / "new").exists()


def test_budgets_fitted_to_the_encoder_hold_for_the_cascade(toy_cascade_bundle: Path) -> None:
    for tier in (Tier.ENCODER, Tier.CASCADE):
        scorer = Scorer(read_bundle(toy_cascade_bundle, tier=tier), default_policy())
        assert scorer.conditions.tier is Tier.ENCODER
