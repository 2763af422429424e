from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tocsin
from tocsin.assessment import Level, Reason, Status
from tocsin.errors import SettingsError
from tocsin.item import Item
from tocsin.models import DEFAULT_BUNDLE, Scorer, load
from tocsin.models.calibration import probability, shifted
from tocsin.signals import Signal

SOUP = "we simmer onion soup with garlic and butter, a recipe"
MATCH = "the referee ended the match and the team left the stadium"
GERMAN = "Heute kochen wir eine Suppe und gehen danach ins Stadion."


@pytest.fixture(scope="module")
def scorer(toy_bundle: Path) -> Scorer:
    return load(toy_bundle)


def test_scores_are_probabilities_in_the_order_of_the_signals_and_nan_for_null(scorer: Scorer) -> None:
    scores = scorer.scores([SOUP, MATCH])

    assert scores.shape == (2, len(Signal))
    known = [signal in scorer.bundle.manifest.signals for signal in Signal]
    assert (~np.isnan(scores) == known).all()
    assert ((scores[:, known] >= 0) & (scores[:, known] <= 1)).all()
    hate = scorer.signals.index(Signal.HATE)
    assert scores[0, hate] > 0.9 > 0.1 > scores[1, hate]


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(max_size=60), max_size=5))
def test_a_text_scores_the_same_alone_and_in_any_batch(scorer: Scorer, texts: list[str]) -> None:
    together = scorer.scores([*texts, SOUP])
    alone = [scorer.scores([text])[0] for text in [*texts, SOUP]]

    np.testing.assert_array_equal(together, np.array(alone))


def test_a_batch_larger_than_one_part_scores_as_its_texts_do(scorer: Scorer) -> None:
    texts = [f"{SOUP} {number} " * 40 for number in range(200)]

    np.testing.assert_array_equal(scorer.scores(texts)[[0, 137]], scorer.scores([texts[0], texts[137]]))


@pytest.mark.parametrize(
    ("text", "reason", "language"),
    [
        pytest.param("", Reason.EMPTY, "und", id="nothing"),
        pytest.param(" \n\t", Reason.EMPTY, "und", id="blanks"),
        pytest.param("\u200b\u2060\ufeff", Reason.EMPTY, "und", id="invisible characters"),
        pytest.param("soup " * 5_000, Reason.TOO_LONG, "und", id="longer than the limit"),
        pytest.param(GERMAN, Reason.LANGUAGE, "de", id="a language without signals"),
        pytest.param(
            "今日はスープを作ります。とても美味しいです。", Reason.LANGUAGE, "ja", id="another script"
        ),
    ],
)
def test_what_cannot_be_judged_is_unscorable_with_its_reason_and_never_low(
    scorer: Scorer, text: str, reason: Reason, language: str
) -> None:
    (assessment,) = scorer.assess([text])

    assert (assessment.status, assessment.reason, assessment.language) == (
        Status.UNSCORABLE,
        reason,
        language,
    )
    assert set(assessment.signals.values()) == {None}
    assert {(result.score, result.level, result.certified) for result in assessment.policies} == {
        (None, None, False)
    }
    assert (assessment.priority, assessment.tier, assessment.level, assessment.spans) == (
        None,
        None,
        None,
        (),
    )
    assert np.isnan(scorer.scores([text])).all()


@pytest.mark.parametrize("text", ["🍲", "!!!", "42"])
def test_a_text_without_letters_is_judged_all_the_same(scorer: Scorer, text: str) -> None:
    assert scorer.assess([text])[0].status is Status.SCORED


def test_the_platforms_language_hint_wins_over_detection(scorer: Scorer) -> None:
    hinted, refused = scorer.assess([Item("a", GERMAN, "en-GB"), Item("b", SOUP, "de")])

    assert (hinted.status, hinted.language) == (Status.SCORED, "en")
    assert (refused.reason, refused.language) == (Reason.LANGUAGE, "de")
    assert np.isnan(scorer.scores([SOUP], ["de"])).all()


def test_a_text_nobody_can_place_is_judged_as_the_operator_says(toy_bundle: Path) -> None:
    assumed, refused = (load(toy_bundle, assume_language=code).assess(["soup"])[0] for code in ("en", "none"))

    assert (assumed.status, assumed.language) == (Status.SCORED, "und")
    assert (refused.reason, refused.language) == (Reason.LANGUAGE, "und")


def test_a_language_to_assume_that_the_bundle_lacks_is_an_error_that_names_those_it_has(
    toy_bundle: Path,
) -> None:
    with pytest.raises(SettingsError, match=r"must be one of the bundle's \(en\) or none, was 'english'"):
        load(toy_bundle, assume_language="english")


def test_what_is_empty_or_too_long_keeps_the_language_that_the_platform_named(scorer: Scorer) -> None:
    found = scorer.assess([Item("a", "", "en-GB"), Item("b", "soup " * 9_999, "de")])

    assert [assessment.language for assessment in found] == ["en", "de"]


def test_an_assessment_has_the_documented_fields_as_plain_json(scorer: Scorer) -> None:
    (assessment,) = scorer.assess([Item("p-17", SOUP)], explain=True)
    fields = json.loads(json.dumps(assessment.to_dict(), allow_nan=False))

    assert list(fields) == [
        *("id", "status", "reason", "language", "signals", "policies", "priority", "tier", "spans"),
        *("model", "policy"),
    ]
    assert fields["id"] == "p-17"
    assert fields["tier"] == "screen"
    assert fields["signals"]["threat"] is None
    assert fields["model"]["digest"] == scorer.bundle.digest
    assert fields["policy"]["digest"] == scorer.policy.digest


def test_items_come_back_in_order_under_their_own_ids(scorer: Scorer) -> None:
    items = [Item("c", GERMAN), Item("a", SOUP), Item("b", MATCH)]

    assert [assessment.id for assessment in scorer.assess(items)] == ["c", "a", "b"]
    assert [assessment.id for assessment in scorer.assess([SOUP, MATCH])] == ["0", "1"]


def test_spans_mark_words_of_the_original_that_raise_signals_of_policies_that_fired(scorer: Scorer) -> None:
    original = "  SOUP\u200b &amp; recipe: simmer ONION in butter @cook https://example.org/soup"
    (assessment,) = scorer.assess([Item("a", original, "en")], explain=True)

    assert assessment.level is Level.URGENT
    marked = {original[span.start : span.end] for span in assessment.spans}
    assert {"SOUP", "recipe:", "simmer"} <= marked
    assert {span.signal for span in assessment.spans} <= {
        Signal.INCITEMENT,
        Signal.HATE,
        Signal.CALL_TO_ACTION,
    }
    assert all(span.weight > 0 for span in assessment.spans)
    assert scorer.assess([MATCH], explain=True)[0].spans == ()


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=80))
def test_the_weights_of_all_words_and_the_base_are_the_log_odds_exactly(scorer: Scorer, text: str) -> None:
    explained = scorer.explain(text, "en")
    if explained is None:
        assert np.isnan(scorer.scores([text], ["en"])).all()
        return
    columns = [scorer.signals.index(signal) for signal in scorer.bundle.screen.signals]
    total = explained.weights.sum(axis=0) + explained.base

    np.testing.assert_allclose(probability(total), scorer.scores([text], ["en"])[0, columns], atol=1e-9)
    assert all(
        0 <= start < end <= len(text) for start, end in zip(explained.starts, explained.ends, strict=True)
    )


def test_a_rarer_platform_lowers_priorities_and_leaves_levels_alone(toy_bundle: Path, tmp_path: Path) -> None:
    shipped = Path(tocsin.__file__).parent / "policy" / "default.toml"
    rarer = tmp_path / "rarer.toml"
    rarer.write_text(
        shipped.read_text(encoding="utf-8").replace("prevalence = 0.01", "prevalence = 0.0001"),
        encoding="utf-8",
    )
    before, after = (load(toy_bundle, policy=policy).assess([SOUP])[0] for policy in (None, rarer))

    assert before.priority is not None
    assert after.priority is not None
    assert after.priority < before.priority
    assert [result.level for result in after.policies] == [result.level for result in before.policies]
    assert after.signals == before.signals


def test_a_shift_of_prevalence_moves_the_log_odds_by_the_difference() -> None:
    scores = np.array([0.01, 0.5, 0.99])
    moved = shifted(scores, reference=0.5, expected=0.01)

    np.testing.assert_allclose(
        np.log(moved / (1 - moved)), np.log(scores / (1 - scores)) + np.log(0.01 / 0.99), atol=1e-12
    )
    np.testing.assert_allclose(shifted(scores, 0.2, 0.2), scores, atol=1e-12)


def test_severity_weighs_a_policys_score_in_the_priority(toy_bundle: Path, tmp_path: Path) -> None:
    template = (
        'version = "1"\n[policies.soup]\ntitle = "Soup"\nwhen = "hate"\n'
        'severity = "{}"\nreview = 0.5\nurgent = 0.9\n'
    )
    priorities = []
    for severity in ("low", "medium", "high", "critical"):
        path = tmp_path / f"{severity}.toml"
        path.write_text(template.format(severity), encoding="utf-8")
        priorities.append(load(toy_bundle, policy=path).assess([SOUP])[0].priority)
    score = load(toy_bundle).scores([SOUP])[0, list(Signal).index(Signal.HATE)]

    assert priorities == pytest.approx([0.25 * score, 0.5 * score, 0.75 * score, score])


def test_load_takes_what_is_not_given_from_the_environment(
    toy_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_BUNDLE", str(toy_bundle))
    monkeypatch.setenv("TOCSIN_MAX_CHARACTERS", "10")
    scorer = tocsin.load()

    assert scorer.model.name == "toy"
    assert scorer.assess(["a longer text"])[0].reason is Reason.TOO_LONG


def test_the_shipped_bundle_scores_every_signal_in_english() -> None:
    scorer = load(DEFAULT_BUNDLE)

    assert scorer.bundle.manifest.known("en") == frozenset(Signal)
    assert not np.isnan(scorer.scores(["The Zorbian choir sings on Friday; everybody is welcome."])).any()


RESULTS_TEXTS = [
    Item("hinted", SOUP, language="en-GB"),
    Item("assumed", "soup 12"),
    Item("empty", " "),
    Item("long", "soup " * 5_000),
    Item("another language", GERMAN),
]


def test_results_are_what_the_policies_of_this_scorer_make_of_what_another_one_scored(
    scorer: Scorer, toy_bundle: Path, tmp_path: Path
) -> None:
    file = tmp_path / "other.toml"
    rules = 'severity = "low"\nreview = 0.4\nurgent = 0.9'
    file.write_text(
        f'version = "1"\n[policies.h]\ntitle = "h"\nwhen = "hate"\n{rules}\n'
        f'[policies.t]\ntitle = "t"\nwhen = {{ all = ["hate", "threat"] }}\n{rules}\n',
        encoding="utf-8",
    )
    other = load(toy_bundle, policy=file)

    assessments = scorer.assess(RESULTS_TEXTS)
    results = other.results(assessments)

    assert [one.language for one in assessments] == ["en", "und", "und", "und", "de"]
    assert results == [one.policies for one in other.assess(RESULTS_TEXTS)]
    assert [result.name for result in results[0]] == ["h", "t"]
    assert [made[0].level for made in results] == [Level.URGENT, Level.URGENT, None, None, None]
    assert {made[1].score for made in results} == {None}, "the toy bundle has no threat"


def test_results_of_nothing_are_none(scorer: Scorer) -> None:
    assert scorer.results([]) == []
