from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tocsin.models import Scorer
from tocsin.service.api.chosen_scores import ChosenScores
from tocsin.service.api.perspective.judging import MOST_SENTENCES
from tocsin.service.api.perspective.sentences import sentences
from tocsin.service.api.perspective.utf16 import code_points, code_units
from tocsin.service.api.testing import connect, make_app
from tocsin.service.keys import Key
from tocsin.signals import Signal

ANALYZE = "/v1alpha1/comments:analyze"
SINGER = "\U0001f9d1\u200d\U0001f3a4"  # one emoji of two astral characters and a joiner
TEXT = f"Bring soup! {SINGER} sings in the choir. 𝒵orbians come, too."
SCORES = {"soup": {Signal.THREAT: 0.75}, "choir": {Signal.THREAT: 0.125}}

BLANKS = " \n\r\t"
PIECES = st.lists(
    st.sampled_from([*"ab Z1.!?…。\n'\"”) \t", "🍲", "𝒵", SINGER, "z. B. ", "3. Mai ", "ü"]), max_size=40
)


@pytest.fixture
def assessor(shipped_scorer: Scorer) -> ChosenScores:
    return ChosenScores(shipped_scorer, SCORES)


@pytest.fixture
def client(shipped_scorer: Scorer, assessor: ChosenScores) -> Iterator[TestClient]:
    with connect(make_app(shipped_scorer, assessor=assessor)) as client:
        yield client


def spans(client: TestClient, text: str, *, by_sentence: bool = True, **wanted: Any) -> list[Any]:
    body = {
        "comment": {"text": text},
        "requestedAttributes": {"THREAT": wanted},
        "spanAnnotations": by_sentence,
    }
    answer = client.post(ANALYZE, json=body)
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["attributeScores"]["THREAT"].get("spanScores", [])
    return found


def cut(text: str, begin: int, end: int) -> str:
    """Return the UTF-16 code units `begin` to `end`, as JavaScript's slice does."""
    return text.encode("utf-16-le")[2 * begin : 2 * end].decode("utf-16-le")


@given(st.text())
def test_code_units_are_those_of_utf_16(text: str) -> None:
    assert code_units(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(st.text(st.characters(exclude_categories=["Cs"])), st.data())
def test_every_code_unit_has_its_code_point(text: str, data: st.DataObject) -> None:
    point = data.draw(st.integers(0, len(text)))

    assert code_points(text, [len(text[:point].encode("utf-16-le")) // 2]) == [point]


@given(PIECES.map("".join))
def test_every_span_is_its_sentence_and_nothing_but_blanks_is_left_over(text: str) -> None:
    found = sentences(text, 1_000)
    ends = [0, *(one.end for one in found)]
    starts = [*(one.begin for one in found), code_units(text)]

    assert [cut(text, one.begin, one.end) for one in found] == [one.text for one in found]
    assert all(one.text == one.text.strip() != "" for one in found)
    assert all(not cut(text, end, start).strip() for end, start in zip(ends, starts, strict=True))


@given(PIECES.map("".join), st.integers(1, 5))
def test_there_are_never_more_sentences_than_asked_for(text: str, most: int) -> None:
    found = sentences(text, most)

    assert len(found) <= most
    assert [cut(text, one.begin, one.end) for one in found] == [one.text for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Soup. Bread! Salt?", ["Soup.", "Bread!", "Salt?"], id="marks"),
        pytest.param("Soup?! Bread... Salt", ["Soup?!", "Bread...", "Salt"], id="runs of marks"),
        pytest.param(
            "“Soup.” Bread (hot!) Salt", ["“Soup.”", "Bread (hot!)", "Salt"], id="quotes and brackets"
        ),
        pytest.param("Soup at 3.5 degrees", ["Soup at 3.5 degrees"], id="a number"),
        pytest.param("Am 3. Mai gibt es Suppe.", ["Am 3. Mai gibt es Suppe."], id="a German date"),
        pytest.param("It was 1990. Then soup.", ["It was 1990.", "Then soup."], id="a year"),
        pytest.param("Suppe, z. B. Erbsen.", ["Suppe, z. B. Erbsen."], id="an abbreviation"),
        pytest.param("Soup etc. and bread.", ["Soup etc. and bread."], id="a small letter goes on"),
        pytest.param("Soup\nbread\r\n\n salt", ["Soup", "bread", "salt"], id="lines"),
        pytest.param("汤。面包！盐", ["汤。", "面包！", "盐"], id="marks that need no blank"),
        pytest.param("Soup.Bread", ["Soup.Bread"], id="no blank, no end"),
        pytest.param("Soup! 🍲 Bread", ["Soup!", "🍲 Bread"], id="an emoji begins the next"),
        pytest.param(" \n ", [], id="blanks"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_sentences_end_where_people_end_them(text: str, expected: list[str]) -> None:
    assert [one.text for one in sentences(text, 1_000)] == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("." * 20_000 + "a", id="dots"),
        pytest.param("?" * 20_000 + "a", id="question marks"),
        pytest.param("a." + " " * 20_000 + "b", id="blanks"),
        pytest.param(". " * 10_000 + "b", id="dots and blanks"),
        pytest.param("!" + "'" * 20_000 + "b", id="quotes"),
        pytest.param("\n" * 20_000, id="lines"),
    ],
)
def test_no_comment_makes_the_splitter_slow(text: str) -> None:
    started = time.process_time()
    sentences(text, 200)

    assert time.process_time() - started < 0.5


def test_without_annotations_there_is_one_span_over_the_whole_text(client: TestClient) -> None:
    (span,) = spans(client, TEXT, by_sentence=False)

    assert cut(TEXT, span["begin"], span["end"]) == TEXT
    assert span["score"] == {"value": 0.125, "type": "PROBABILITY"}
    assert span["end"] == len(TEXT) + 3


def test_with_annotations_there_is_a_span_a_sentence_with_its_own_score(
    client: TestClient, assessor: ChosenScores, shipped_scorer: Scorer
) -> None:
    found = spans(client, TEXT)
    last = shipped_scorer.assess([assessor.seen[-1]])[0].to_dict()["signals"]["threat"]

    assert [(cut(TEXT, one["begin"], one["end"]), one["score"]["value"]) for one in found] == [
        ("Bring soup!", 0.75),
        (f"{SINGER} sings in the choir.", 0.125),
        ("𝒵orbians come, too.", last),
    ]
    assert {item.language for item in assessor.seen} == {"en"}


def test_a_sentence_below_the_threshold_has_no_span(client: TestClient) -> None:
    found = spans(client, "The soup is hot. The choir sings.", scoreThreshold=0.125)
    assert [one["score"]["value"] for one in found] == [0.75, 0.125]

    assert spans(client, "The choir sings. Zorbians listen.", scoreThreshold=0.125)[0]["end"] == 16


@pytest.mark.parametrize(
    ("threshold", "by_sentence", "left"),
    [
        pytest.param(0.125, True, [0.75, 0.125], id="summary and spans reach it"),
        pytest.param(0.5, True, [0.75], id="one span alone reaches it"),
        pytest.param(0.5, False, None, id="without sentences the summary decides"),
        pytest.param(0.8, True, None, id="nothing reaches it"),
    ],
)
def test_an_attribute_stays_with_its_summary_while_anything_of_it_reaches_the_threshold(
    client: TestClient, threshold: float, by_sentence: bool, left: list[float] | None
) -> None:
    body = {
        "comment": {"text": "The soup is hot. The choir sings."},
        "requestedAttributes": {"THREAT": {"scoreThreshold": threshold}},
        "spanAnnotations": by_sentence,
    }
    scores = client.post(ANALYZE, json=body).json().get("attributeScores")

    if left is None:
        assert scores is None
    else:
        assert scores["THREAT"]["summaryScore"]["value"] == 0.125
        assert [span["score"]["value"] for span in scores["THREAT"]["spanScores"]] == left


def test_a_summary_that_reaches_the_threshold_stays_without_spans(shipped_scorer: Scorer) -> None:
    scores: dict[str, dict[Signal, float | None]] = {
        "soup": {Signal.THREAT: 0.1},
        "choir": {Signal.THREAT: 0.1},
        "soup. The choir": {Signal.THREAT: 0.9},
    }
    body = {
        "comment": {"text": "Hot soup. The choir sings."},
        "requestedAttributes": {"THREAT": {"scoreThreshold": 0.5}},
        "spanAnnotations": True,
    }
    with connect(make_app(shipped_scorer, assessor=ChosenScores(shipped_scorer, scores))) as client:
        answer = client.post(ANALYZE, json=body).json()

    assert answer["attributeScores"] == {"THREAT": {"summaryScore": {"value": 0.9, "type": "PROBABILITY"}}}


def test_a_sentence_without_words_has_no_span(client: TestClient) -> None:
    blank = "\u200b\u200b"

    assert [one["begin"] for one in spans(client, f"Hot soup.\n{blank}\nThe choir sings.")] == [0, 13]


def test_sentences_are_charged_to_the_key(shipped_scorer: Scorer) -> None:
    charged: list[int] = []

    class Counting:
        def take(self, key: Key, texts: int) -> float:
            del key
            charged.append(texts)
            return 0.0

        def limit(self, key: Key) -> int | None:
            del key
            return None

    with connect(make_app(shipped_scorer, limiter=Counting())) as client:
        spans(client, TEXT)

    assert sum(charged) == 4


def test_a_comment_of_very_many_sentences_is_scored_in_a_bounded_number_of_parts(
    client: TestClient, assessor: ChosenScores
) -> None:
    text = "Hot soup. " * 1_000

    assert len(spans(client, text)) <= MOST_SENTENCES
    assert len(assessor.seen) <= MOST_SENTENCES + 1
