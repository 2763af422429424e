from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tocsin.item import Item
from tocsin.language import resolve
from tocsin.models import DEFAULT_BUNDLE, Scorer, read_bundle
from tocsin.policy import default_policy
from tocsin.service.api.chosen_scores import ChosenScores
from tocsin.service.api.perspective import judging
from tocsin.service.api.testing import connect, make_app

ANALYZE = "/v1alpha1/comments:analyze"
ENGLISH = "Everybody brings soup to the Zorbian choir on Friday."
GERMAN = "Alle bringen am Freitag Suppe zum Chor der Zorbianer mit."
FRENCH = "Tout le monde apporte de la soupe à la chorale vendredi soir."
NOBODYS = "12345"
NEITHER = "да"  # Bulgarian, Russian, Ukrainian

Asked = Callable[..., tuple[Any, list[Any]]]


@pytest.fixture
def ask(shipped_scorer: Scorer) -> Asked:
    """Return a question: the answer's body, and what the scorer was given for it."""

    def asked(text: str, *, scorer: Scorer = shipped_scorer, **more: Any) -> tuple[Any, list[Any]]:
        assessor = ChosenScores(scorer, {})
        with connect(make_app(scorer, assessor=assessor)) as client:
            body = {"comment": {"text": text}, "requestedAttributes": {"HATE": {}}, **more}
            return client.post(ANALYZE, json=body).json(), assessor.seen

    return asked


def languages(answer: Any) -> tuple[list[str], list[str]]:
    return answer["languages"], answer["detectedLanguages"]


@pytest.mark.parametrize(
    ("text", "asked", "judged", "detected"),
    [
        pytest.param(ENGLISH, [], "en", "en", id="detected"),
        pytest.param(GERMAN, [], "de", "de", id="detected, not the assumed one"),
        pytest.param(NOBODYS, [], "en", "und", id="undetermined: the assumed one"),
        pytest.param(NOBODYS, ["de"], "de", "und", id="undetermined: as asked"),
        pytest.param(NOBODYS, ["de", "en"], "de", "und", id="undetermined: the first that was asked for"),
        pytest.param(GERMAN, ["de"], "de", "de", id="as asked"),
        pytest.param(GERMAN, ["en-GB"], "de", "de", id="certainly another, with a region"),
        pytest.param(GERMAN, ["en"], "de", "de", id="certainly another than asked for"),
        pytest.param(ENGLISH, ["de"], "en", "en", id="the other way round"),
        pytest.param(GERMAN, ["en", "de"], "de", "de", id="of several the one that it is in"),
    ],
)
@pytest.mark.parametrize("by_sentence", [False, True])
def test_a_comment_is_judged_in_the_language_that_it_is_in(
    ask: Asked,
    shipped_scorer: Scorer,
    text: str,
    asked: list[str],
    judged: str,
    detected: str,
    by_sentence: bool,
) -> None:
    answer, _ = ask(text, languages=asked, spanAnnotations=by_sentence)
    expected = shipped_scorer.assess([Item("x", text, judged)])[0].to_dict()

    assert languages(answer) == ([judged], [detected])
    assert answer["attributeScores"]["HATE"]["summaryScore"]["value"] == expected["signals"]["hate"]


@pytest.mark.parametrize(
    ("text", "asked", "said"),
    [
        pytest.param(ENGLISH, ["en-GB"], "en-GB", id="with its region"),
        pytest.param(ENGLISH, ["EN"], "EN", id="with its capitals"),
        pytest.param(ENGLISH, ["de-AT", "en-GB", "en"], "en-GB", id="the first of its language"),
        pytest.param(NOBODYS, ["en-GB"], "en-GB", id="undetermined: as asked"),
        pytest.param(GERMAN, ["en-GB"], "de", id="judged in another"),
    ],
)
def test_a_language_is_called_as_it_was_asked_for(ask: Asked, text: str, asked: list[str], said: str) -> None:
    assert ask(text, languages=asked)[0]["languages"] == [said]


@pytest.mark.parametrize("by_sentence", [False, True])
@pytest.mark.parametrize("asked", [[], ["en"], ["de"]])
def test_a_comment_in_a_language_of_no_signal_is_an_error_whatever_is_asked(
    ask: Asked, asked: list[str], by_sentence: bool
) -> None:
    answer, _ = ask(FRENCH, languages=asked, spanAnnotations=by_sentence)

    assert answer["error"]["message"] == "Attribute HATE does not support request languages: fr"


@pytest.mark.parametrize("by_sentence", [False, True])
@pytest.mark.parametrize("asked", [[], ["en"], ["de"]])
def test_a_language_that_is_all_but_ruled_out_is_not_judged_in(
    ask: Asked, asked: list[str], by_sentence: bool
) -> None:
    answer, _ = ask(NEITHER, languages=asked, spanAnnotations=by_sentence)

    assert answer["error"]["message"] == "Unable to detect language"


def test_nothing_assumed_and_nothing_asked_for_is_an_error(ask: Asked) -> None:
    unsure = Scorer(read_bundle(DEFAULT_BUNDLE), default_policy(), assume_language=None)

    assert ask(NOBODYS, scorer=unsure)[0]["error"]["message"] == "Unable to detect language"
    assert (
        ask(NOBODYS, scorer=unsure, spanAnnotations=True)[0]["error"]["message"]
        == "Unable to detect language"
    )
    assert languages(ask(NOBODYS, scorer=unsure, languages=["en"])[0]) == (["en"], ["und"])
    assert languages(ask(ENGLISH, scorer=unsure)[0]) == (["en"], ["en"])


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        pytest.param([], None, id="nothing asked for: the scorer detects"),
        pytest.param(["en"], None, id="the assumed one asked for: the scorer detects"),
        pytest.param(["de"], "en", id="another asked for: it was told already"),
    ],
)
def test_a_language_is_detected_once(
    ask: Asked, monkeypatch: pytest.MonkeyPatch, asked: list[str], hint: str | None
) -> None:
    told: list[Any] = []

    def counted(*given: Any) -> tuple[str, str | None]:
        told.append(given)
        return resolve(*given)

    monkeypatch.setattr(judging, "resolve", counted)

    _, seen = ask(ENGLISH, languages=asked)

    assert [item.language for item in seen] == [hint]
    assert len(told) == (hint is not None)


def test_attributes_that_know_none_of_the_language_are_dropped_where_asked_for(ask: Asked) -> None:
    wanted: dict[str, Any] = {"THREAT": {}, "HATE": {}}
    answer, _ = ask(GERMAN, dropUnsupportedAttributes=True, requestedAttributes=wanted)

    assert list(answer["attributeScores"]) == ["HATE"]


def test_dropping_goes_before_what_was_asked_for_too(ask: Asked) -> None:
    wanted: dict[str, Any] = {"THREAT": {}, "HATE": {}}
    answer, _ = ask(NOBODYS, languages=["de"], dropUnsupportedAttributes=True, requestedAttributes=wanted)

    assert list(answer["attributeScores"]) == ["HATE"]


@pytest.mark.parametrize(
    "text", [pytest.param(GERMAN, id="this one knows not"), pytest.param(FRENCH, id="none knows")]
)
def test_an_answer_with_every_attribute_dropped_is_an_error(ask: Asked, text: str) -> None:
    answer, _ = ask(text, dropUnsupportedAttributes=True, requestedAttributes={"THREAT": {}})

    assert answer["error"]["details"][0]["errorType"] == "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"


def test_a_dropped_attribute_does_not_hide_behind_a_threshold(ask: Asked) -> None:
    answer, _ = ask(GERMAN, requestedAttributes={"THREAT": {"scoreThreshold": 0.9}})

    assert answer["error"]["details"][0]["errorType"] == "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"
