"""One folder, two models: what is read, refused and said under each tier of a bundle."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

import tocsin
from tocsin.assessment import Level, Reason, Status, Tier
from tocsin.errors import BundleError, PolicyError, SettingsError
from tocsin.item import Item
from tocsin.models import Bundle, Scorer, load, read_bundle
from tocsin.models.budget_fitting import fit_budgets, without_budgets
from tocsin.models.calibration import probability
from tocsin.models.layout import (
    CALIBRATION,
    CARD,
    ENCODER,
    ENCODER_CALIBRATION,
    ENCODER_CARD,
    ENCODER_REFERENCE,
    REFERENCE,
    SCREEN,
    TOKENIZER,
)
from tocsin.models.traffic import TrafficScores
from tocsin.models.writing import replace_card, write_bundle
from tocsin.policy import PolicyDocument, default_policy, parse_policy, with_fitted
from tocsin.signals import Signal

Harm = Callable[[Path], object]

SOUP: Final = "we simmer onion soup with garlic and butter, a recipe"
MATCH: Final = "the referee ended the match and the team left the stadium"
FRENCH: Final = "Aujourd'hui nous préparons une soupe et nous allons ensuite au stade."
TEXTS: Final = [SOUP, MATCH, "join us on saturday, everybody", "soup", "zorbian quellish", "", SOUP * 9]
THREE: Final = (Signal.INCITEMENT, Signal.CALL_TO_ACTION, Signal.HATE)
RULES: Final = b"""version = "7"
[policies.soup]
title = "Cooking"
when = "hate"
severity = "low"
review = "budget 5%"
urgent = 1.0
"""


@pytest.fixture
def bundle(toy_encoder_bundle: Path, tmp_path: Path) -> Path:
    """Return a copy that a test may harm."""
    return Path(shutil.copytree(toy_encoder_bundle, tmp_path / "bundle"))


@pytest.fixture(scope="module")
def bilingual(toy_encoder_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a bundle whose screen knows German, too, as well as it does English; its encoder does not."""
    folder = tmp_path_factory.mktemp("bilingual") / "bundle"
    manifest, files = parts(toy_encoder_bundle)
    for record in manifest["signals"].values():
        record["languages"] = ["de", "en"]
    manifest["thresholds"] += [{**one, "language": "de"} for one in manifest["thresholds"]]
    calibration = json.loads(files[CALIBRATION])
    for scalings in calibration["signals"].values():
        scalings["de"] = scalings["en"]
    tensors = load_tensors(files[REFERENCE])
    german = {name.replace(".en", ".de"): tensor for name, tensor in tensors.items()}
    changed = {CALIBRATION: json.dumps(calibration).encode(), REFERENCE: save_tensors(tensors | german)}
    write_bundle(folder, manifest, files | changed)
    return folder


@pytest.fixture(scope="module")
def screen(bilingual: Path) -> Scorer:
    return Scorer(read_bundle(bilingual), default_policy())


@pytest.fixture(scope="module")
def encoder(bilingual: Path) -> Scorer:
    return Scorer(read_bundle(bilingual, tier=Tier.ENCODER), default_policy())


def parts(folder: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return a bundle's manifest, less its checksums, and its files."""
    manifest = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
    return manifest, {name: (folder / name).read_bytes() for name in manifest.pop("files")}


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest in place."""
    path = folder / "bundle.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")


def swap(folder: Path, name: str, content: bytes) -> None:
    """Put other content under `name`, with a checksum that fits it."""
    (folder / name).write_bytes(content)
    record = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    edit(folder, lambda manifest: manifest["files"].update({name: record}))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def uncalibrated(folder: Path) -> bytes:
    """Return the encoder's calibration without that of one signal."""
    document = json.loads((folder / ENCODER_CALIBRATION).read_text(encoding="utf-8"))
    del document["signals"]["hate"]
    return json.dumps(document).encode()


def stirring(folder: Path) -> bytes:
    """Return the tokenizer with one more word, whose number is far above all others."""
    document = json.loads((folder / TOKENIZER).read_text(encoding="utf-8"))
    document["model"]["vocab"]["ladle"] = 9_999
    return json.dumps(document).encode()


def scorer(bundle: Bundle, policy: PolicyDocument | None = None) -> Scorer:
    return Scorer(bundle, policy or default_policy())


# What a bundle is under each tier


def test_read_as_the_screen_it_is_the_bundle_beside_which_the_encoder_was_trained(
    toy_bundle: Path, toy_encoder_bundle: Path
) -> None:
    before, after = read_bundle(toy_bundle), read_bundle(toy_encoder_bundle)
    rest: dict[str, Any] = {"files": {}, "encoder": None, "training_digest": before.manifest.training_digest}

    assert (after.tier, after.encoder) == (Tier.SCREEN, None)
    assert after.manifest.model_copy(update=rest) == before.manifest.model_copy(update={"files": {}})
    assert after.calibration == before.calibration
    np.testing.assert_array_equal(after.references["en"].scores, before.references["en"].scores)
    ours, theirs = scorer(after), scorer(before)
    np.testing.assert_array_equal(ours.scores(TEXTS), theirs.scores(TEXTS))
    assert [replace(one, model=theirs.model) for one in ours.assess(TEXTS)] == theirs.assess(TEXTS)


def test_one_digest_pins_both_tiers(toy_encoder_bundle: Path) -> None:
    digest = read_bundle(toy_encoder_bundle).digest

    assert read_bundle(toy_encoder_bundle, digest, tier=Tier.ENCODER).digest == digest
    with pytest.raises(BundleError, match="digest must be sha256:0"):
        read_bundle(toy_encoder_bundle, "sha256:" + "0" * 64, tier=Tier.ENCODER)


def test_read_as_the_encoder_its_languages_are_its_own_and_all_others_the_screens(
    bilingual: Path, screen: Scorer, encoder: Scorer
) -> None:
    before, after = screen.bundle, encoder.bundle
    own = json.loads((bilingual / ENCODER_CALIBRATION).read_text(encoding="utf-8"))["signals"]
    reference = load_tensors((bilingual / ENCODER_REFERENCE).read_bytes())

    assert after.tier is Tier.ENCODER
    assert after.manifest.languages == {"de", "en"}
    for signal in THREE:
        english = after.calibration.of(signal, "en")
        assert english is not None
        assert english.model_dump(mode="json") == own[signal]["en"]
        assert english != before.calibration.of(signal, "en")
        assert after.calibration.of(signal, "de") == before.calibration.of(signal, "de")
    np.testing.assert_array_equal(after.references["en"].scores, reference["scores.en"])
    np.testing.assert_array_equal(after.references["de"].scores, before.references["de"].scores)


def test_the_thresholds_on_record_are_those_of_the_model_that_judges_the_language(
    screen: Scorer, encoder: Scorer
) -> None:
    before, after = screen.bundle.manifest, encoder.bundle.manifest
    assert before.encoder is not None
    found = {
        language: [one for one in after.thresholds if one.language == language] for language in ("de", "en")
    }

    assert found["en"] == list(before.encoder.thresholds)
    assert found["de"] == [one for one in before.thresholds if one.language == "de"]
    for language, records in found.items():
        fitted = [record for policy in encoder.policies(language) for record in policy.records(language)]
        assert fitted == records


def test_each_language_has_the_judge_that_was_trained_in_it(encoder: Scorer) -> None:
    bundle = encoder.bundle

    assert bundle.judge("en") is bundle.encoder
    assert bundle.judge("de") is bundle.judge("fr") is bundle.screen


def test_in_its_languages_an_encoder_offers_its_own_signals_and_none_of_the_screens(
    bilingual: Path, screen: Scorer, tmp_path: Path
) -> None:
    manifest, files = parts(bilingual)
    manifest["encoder"]["signals"] = {"hate": manifest["encoder"]["signals"]["hate"]}
    write_bundle(tmp_path / "bundle", manifest, files)
    alone = scorer(read_bundle(tmp_path / "bundle", tier=Tier.ENCODER))
    scores = alone.scores([SOUP, SOUP], ["en", "de"])

    assert alone.bundle.manifest.known("en") == {Signal.HATE}
    assert alone.bundle.manifest.known("de") == set(THREE)
    assert [signal for signal, score in zip(Signal, scores[0], strict=True) if not np.isnan(score)] == [
        "hate"
    ]
    np.testing.assert_array_equal(scores[1], screen.scores([SOUP], ["de"])[0])


# What is refused


def test_a_bundle_without_an_encoder_says_which_tiers_it_has(toy_bundle: Path) -> None:
    with pytest.raises(BundleError) as refused:
        read_bundle(toy_bundle, tier=Tier.ENCODER)

    assert str(refused.value) == (
        f"{toy_bundle}: tier must be screen, the only one that the bundle has, was encoder"
    )


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("name", [ENCODER, TOKENIZER, ENCODER_CALIBRATION, ENCODER_REFERENCE, ENCODER_CARD])
@pytest.mark.parametrize(
    ("harm", "message"),
    [
        pytest.param(lambda file: file.unlink(), "{name}: must be a plain file, was missing", id="missing"),
        pytest.param(flip, "{name}: checksum must be ", id="tampered-with"),
        pytest.param(
            lambda file: edit(file.parent, lambda manifest: manifest["files"].pop(file.name)),
            "bundle.json: file {name} must be listed, was not",
            id="not-listed",
        ),
    ],
)
def test_a_file_of_the_encoder_that_is_not_as_it_was_is_refused_by_its_name_under_both_tiers(
    bundle: Path, tier: Tier, name: str, harm: Harm, message: str
) -> None:
    harm(bundle / name)

    with pytest.raises(BundleError) as refused:
        read_bundle(bundle, tier=tier)

    assert message.format(name=name) in str(refused.value)


def swapped(name: str, content: Callable[[Path], bytes]) -> Harm:
    return lambda folder: swap(folder, name, content(folder))


def told(**changes: Any) -> Harm:
    """Say something else of the encoder in the manifest."""
    return lambda folder: edit(folder, lambda manifest: manifest["encoder"].update(changes))


def lacking(folder: Path) -> None:
    """Take the last signal out of the screen, and have the encoder ask the screen for it."""
    for name in (SCREEN, REFERENCE):
        tensors = load_tensors((folder / name).read_bytes())
        swap(
            folder,
            name,
            save_tensors({key: np.ascontiguousarray(one[..., :-1]) for key, one in tensors.items()}),
        )
    edit(folder, lambda manifest: manifest["signals"].pop("hate"))
    told(blend={"hate": 0.5})(folder)


RUBBISH: Final = b"soup"
ONE: Final = {"outputs": ["hate"], "signals": {"hate": {"languages": ["en"], "corpora": []}}, "blend": {}}
ODD: Final = ["hate", "threat", "grievance"]  # as many as the graph has, of which two are not on offer

HARMS: list[tuple[str, Harm, str]] = [
    ("a graph that is none", swapped(ENCODER, lambda _: RUBBISH), "encoder.onnx: must be a graph that"),
    ("a tokenizer that is none", swapped(TOKENIZER, lambda _: RUBBISH), "tokenizer.json: must be a tokeniz"),
    ("a signal uncalibrated", swapped(ENCODER_CALIBRATION, uncalibrated), "hate must be calibrated in en"),
    ("no calibration", swapped(ENCODER_CALIBRATION, lambda _: RUBBISH), "encoder-calibration.json: "),
    ("no rows", swapped(ENCODER_REFERENCE, lambda _: RUBBISH), "encoder-reference.safetensors: must be a"),
    ("no row in English", swapped(ENCODER_REFERENCE, lambda _: save_tensors({})), "scores.en is missing"),
    ("fewer outputs", told(**ONE), "encoder-reference.safetensors: tensor scores.en must be"),
    ("no outputs", told(outputs=[]), "bundle.json: encoder.outputs"),
    ("no signals", told(signals={}), "bundle.json: encoder.signals"),
    ("a signal that is no output", told(outputs=ODD), "bundle.json: encoder: Value error, signals and blend"),
    ("a blend with no output", told(blend={"threat": 0.1}), "blend must be among outputs, were not: threat"),
    ("a blend without the screen", lacking, "bundle.json: encoder.blend: hate must be a signal of"),
    ("too large a stride", told(stride=15), "stride must be at most 14"),
    ("an unknown key", told(soup=1), "bundle.json: encoder.soup"),
    ("a word that the graph lacks", swapped(TOKENIZER, stirring), "tokenizer.json"),
    ("longer windows than the graph reads", told(max_tokens=512), "encoder.max_tokens"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("harm", "message"),
    [pytest.param(harm, says, id=name.replace(" ", "-")) for name, harm, says in HARMS],
)
def test_an_encoder_that_its_files_do_not_make_is_refused_by_the_name_of_the_file(
    bundle: Path, harm: Harm, message: str
) -> None:
    harm(bundle)

    with pytest.raises(BundleError) as refused:
        read_bundle(bundle, tier=Tier.ENCODER)

    assert message in str(refused.value)


def test_an_encoder_that_cannot_be_read_back_is_never_put_in_place(bundle: Path) -> None:
    digest = read_bundle(bundle).digest
    manifest, files = parts(bundle)

    with pytest.raises(BundleError):
        write_bundle(bundle, manifest, files | {ENCODER: b"soup"})

    assert read_bundle(bundle).digest == digest


# Cards


@pytest.mark.parametrize(
    ("tier", "name"),
    [pytest.param(Tier.SCREEN, CARD, id="screen"), pytest.param(Tier.ENCODER, ENCODER_CARD, id="encoder")],
)
def test_another_card_of_one_tier_changes_that_card_and_nothing_else(
    bundle: Path, tier: Tier, name: str
) -> None:
    before, (manifest, files) = read_bundle(bundle).digest, parts(bundle)
    replace_card(bundle, "# Another card\n", tier)

    assert parts(bundle) == (manifest, files | {name: b"# Another card\n"})
    assert read_bundle(bundle, tier=Tier.ENCODER).digest == read_bundle(bundle).digest != before


def test_a_bundle_without_an_encoder_takes_no_card_of_one(toy_bundle: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(toy_bundle, tmp_path / "bundle"))
    before = parts(folder)

    with pytest.raises(BundleError, match="tier must be screen"):
        replace_card(folder, "# Another card\n", Tier.ENCODER)

    assert parts(folder) == before


# What is said of texts


def test_an_assessment_names_the_tier_that_judged_it(screen: Scorer, encoder: Scorer) -> None:
    items = [Item("a", SOUP, "en"), Item("b", SOUP, "de"), Item("c", "", "en"), Item("d", MATCH, "en")]
    by_screen, by_encoder = screen.assess(items), encoder.assess(items)

    assert [one.tier for one in by_screen] == ["screen", "screen", None, "screen"]
    assert [one.tier for one in by_encoder] == ["encoder", "screen", None, "encoder"]
    assert [one.to_dict()["tier"] for one in by_encoder] == ["encoder", "screen", None, "encoder"]
    assert by_encoder[1] == by_screen[1]
    assert by_encoder[0].signals != by_screen[0].signals


def test_both_tiers_tell_cooking_from_sport(screen: Scorer, encoder: Scorer) -> None:
    hate = list(Signal).index(Signal.HATE)
    for one in (screen, encoder):
        soup, match = one.scores([SOUP, MATCH])[:, hate]
        assert soup > 0.9 > 0.1 > match


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(st.sampled_from(TEXTS), st.sampled_from(["en", "de", "fr", None])), max_size=9)
)
def test_texts_of_several_languages_score_together_as_they_do_alone(
    encoder: Scorer, rows: list[tuple[str, str | None]]
) -> None:
    texts, languages = [text for text, _ in rows], [language for _, language in rows]
    alone = [encoder.scores([text], [language])[0] for text, language in rows]

    np.testing.assert_array_equal(
        encoder.scores(texts, languages), np.array(alone).reshape(len(rows), len(Signal))
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", Reason.EMPTY, id="nothing"),
        pytest.param(" \n\t", Reason.EMPTY, id="blanks"),
        pytest.param("\u200b\u2060\ufeff", Reason.EMPTY, id="invisible-characters"),
        pytest.param("soup " * 5_000, Reason.TOO_LONG, id="longer-than-the-limit"),
        pytest.param(FRENCH, Reason.LANGUAGE, id="a-language-without-signals"),
    ],
)
def test_what_cannot_be_judged_is_unscorable_under_both_tiers(
    screen: Scorer, encoder: Scorer, text: str, reason: Reason
) -> None:
    (by_screen,), (by_encoder,) = screen.assess([text]), encoder.assess([text])

    assert by_encoder == by_screen
    assert (by_encoder.status, by_encoder.reason, by_encoder.tier) == (Status.UNSCORABLE, reason, None)
    assert encoder.explain(text) is screen.explain(text) is None


@pytest.mark.parametrize("text", ["🍲", "!!!", "42"], ids=["a-picture", "signs", "digits"])
def test_a_text_without_letters_is_judged_all_the_same(encoder: Scorer, text: str) -> None:
    (assessment,) = encoder.assess([text])

    assert (assessment.status, assessment.tier) == (Status.SCORED, Tier.ENCODER)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.one_of(st.text(max_size=60), st.lists(st.sampled_from(SOUP.split()), max_size=30).map(" ".join))
)
def test_the_weights_of_all_words_and_the_base_are_the_log_odds_under_the_encoder_too(
    encoder: Scorer, text: str
) -> None:
    explained = encoder.explain(text, "en")
    if explained is None:
        assert np.isnan(encoder.scores([text], ["en"])).all()
        return
    columns = [encoder.signals.index(signal) for signal in explained.signals]
    total = explained.weights.sum(axis=0) + explained.base

    np.testing.assert_allclose(probability(total), encoder.scores([text], ["en"])[0, columns], atol=1e-9)
    assert all(
        0 <= start < end <= len(text) for start, end in zip(explained.starts, explained.ends, strict=True)
    )


def test_words_are_marked_where_they_stand_in_the_original(encoder: Scorer) -> None:
    original = "  SOUP\u200b &amp; yesterday: s i m m e r"
    explained = encoder.explain(original, "en")
    assert explained is not None
    marked = [original[start:end] for start, end in zip(explained.starts, explained.ends, strict=True)]

    assert [word.rstrip("\u200b") for word in marked] == ["SOUP", "&amp;", "yesterday:", "s i m m e r"]
    assert explained.signals == encoder.bundle.judge("en").signals


def test_the_screen_explains_what_the_screen_judged(screen: Scorer, encoder: Scorer) -> None:
    one, other = screen.explain(SOUP, "de"), encoder.explain(SOUP, "de")
    assert one is not None
    assert other is not None

    assert (other.signals, other.starts, other.ends) == (one.signals, one.starts, one.ends)
    np.testing.assert_array_equal(other.weights, one.weights)
    np.testing.assert_array_equal(other.base, one.base)


def test_spans_mark_words_that_raise_signals_of_policies_that_fired(encoder: Scorer) -> None:
    text = "yesterday  SIMMER, nearly always"
    judge = scorer(encoder.bundle, parse_policy(RULES.replace(b'"budget 5%"', b"0.5"), "soup.toml"))
    fired, silent = judge.assess([Item("a", text, "en"), Item("b", MATCH, "en")], explain=True)
    first = fired.spans[0]

    assert (text[first.start : first.end], first.signal) == ("SIMMER,", Signal.HATE)
    assert {span.signal for span in fired.spans} == {Signal.HATE}
    assert all(span.weight > 0 for span in fired.spans)
    assert (silent.level, silent.spans) == (Level.NONE, ())


# Who chooses


@pytest.mark.parametrize("tier", ["encoder", Tier.ENCODER], ids=["by-name", "by-member"])
def test_load_takes_a_tier(toy_encoder_bundle: Path, tier: Tier | str) -> None:
    assert tocsin.load(toy_encoder_bundle, tier=tier).assess([SOUP])[0].tier is Tier.ENCODER


def test_a_tier_that_is_not_given_is_that_of_the_settings_and_else_the_screen(
    toy_encoder_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load(toy_encoder_bundle).bundle.tier is Tier.SCREEN

    set_anew(monkeypatch, "TOCSIN_TIER", "encoder")
    assert load(toy_encoder_bundle).bundle.tier is Tier.ENCODER
    assert load(toy_encoder_bundle, tier="screen").bundle.tier is Tier.SCREEN


def test_an_unknown_tier_is_an_error_that_lists_the_known(
    toy_encoder_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError, match=r"^tier must be one of screen, encoder, cascade, was 'ladle'$"):
        load(toy_encoder_bundle, tier="ladle")

    set_anew(monkeypatch, "TOCSIN_TIER", "ladle")
    with pytest.raises(
        SettingsError, match=r"^TOCSIN_TIER: .*'screen', 'encoder' or 'cascade', was 'ladle'$"
    ):
        load(toy_encoder_bundle)


@pytest.mark.parametrize(
    ("asked", "processes", "expected"),
    [
        pytest.param("3", 1, 3, id="as-set"),
        pytest.param("3", 2, 3, id="as-set-for-each-of-several-processes"),
        pytest.param("0", 1, 5, id="one-a-processor"),
        pytest.param("0", 2, 2, id="processors-shared"),
        pytest.param("0", 9, 1, id="more-processes-than-processors"),
    ],
)
def test_an_encoder_reads_as_many_windows_at_a_time_as_there_are_threads_for_it(
    toy_encoder_bundle: Path, monkeypatch: pytest.MonkeyPatch, asked: str, processes: int, expected: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(5)), raising=False)
    set_anew(monkeypatch, "TOCSIN_THREADS", asked)
    found = load(toy_encoder_bundle, tier="encoder", processes=processes).bundle.encoder

    assert found is not None
    assert found.threads == expected


def set_anew(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    tocsin.settings.settings.cache_clear()


# Budgets


def fitted(bundle: Bundle) -> PolicyDocument:
    """Return a policy file with a budget, fitted on a thousand posts as the bundle scores them."""
    document = parse_policy(RULES, "soup.toml")
    judge = scorer(bundle, without_budgets(document))
    items = [Item(str(row), f"{SOUP if row % 3 else MATCH} {row}", "en") for row in range(1_000)]
    traffic = TrafficScores(["soup"], "en")
    for item, assessment in zip(items, judge.assess(items), strict=True):
        traffic.add(item, assessment)
    return parse_policy(with_fitted(RULES, fit_budgets(document, judge, traffic)), "soup.toml")


@pytest.mark.parametrize(
    ("tier", "other"),
    [
        pytest.param(Tier.SCREEN, Tier.ENCODER, id="the-screens-under-the-encoder"),
        pytest.param(Tier.ENCODER, Tier.SCREEN, id="the-encoders-under-the-screen"),
    ],
)
def test_a_budget_holds_for_the_tier_that_scored_the_traffic_and_is_refused_under_the_other(
    toy_encoder_bundle: Path, tier: Tier, other: Tier
) -> None:
    document = fitted(read_bundle(toy_encoder_bundle, tier=tier))

    assert scorer(read_bundle(toy_encoder_bundle, tier=tier), document).policies("en")[0].fitted
    with pytest.raises(PolicyError) as refused:
        scorer(read_bundle(toy_encoder_bundle, tier=other), document)
    assert f"fitted.tier: must be the tier that scores, {other}, was {tier}" in str(refused.value)


def test_a_budget_that_names_no_tier_is_the_screens(toy_encoder_bundle: Path) -> None:
    document = fitted(read_bundle(toy_encoder_bundle))
    assert document.fitted is not None
    content = with_fitted(RULES, document.fitted).replace(b'tier = "screen"\n', b"")
    older = parse_policy(content, "soup.toml")

    assert b"tier" not in content
    assert scorer(read_bundle(toy_encoder_bundle), older).policies("en")[0].fitted
    with pytest.raises(PolicyError, match=r"fitted\.tier"):
        scorer(read_bundle(toy_encoder_bundle, tier=Tier.ENCODER), older)
