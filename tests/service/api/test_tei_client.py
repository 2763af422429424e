from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from huggingface_hub import InferenceClient
from huggingface_hub.errors import HfHubHTTPError

from tocsin.models import Scorer
from tocsin.service.api.testing import SECRET, live, make_app
from tocsin.signals import Signal

SOUP = "Everybody brings soup to the Zorbian choir on Friday."
SONG = "The Zorbians sing two songs before the soup is served."


@pytest.fixture(scope="module")
def url(shipped_scorer: Scorer) -> Iterator[str]:
    with live(make_app(shipped_scorer)) as url:
        yield f"{url}/predict"


@pytest.fixture
def client(url: str) -> InferenceClient:
    return InferenceClient(model=url, token=SECRET)


def highest(scorer: Scorer, text: str) -> list[tuple[str, float]]:
    signals = scorer.assess([text])[0].signals
    scores = [(signal.value, score) for signal, score in signals.items() if score is not None]
    return sorted(scores, key=lambda one: -one[1])


def test_the_client_takes_the_first_label_of_a_text(client: InferenceClient, shipped_scorer: Scorer) -> None:
    answer: Any = client.text_classification(SOUP)

    label, score = highest(shipped_scorer, SOUP)[0]
    assert (answer.label, answer.score) == (label, pytest.approx(score, abs=1e-6))


def test_the_client_takes_all_labels_of_a_batch_of_one(
    client: InferenceClient, shipped_scorer: Scorer
) -> None:
    batch: Any = [[SOUP]]
    answer = client.text_classification(batch)

    assert [one.label for one in answer] == [label for label, _ in highest(shipped_scorer, SOUP)]
    assert len(answer) == len(Signal)


def test_the_client_raises_what_cannot_be_judged(client: InferenceClient) -> None:
    with pytest.raises(HfHubHTTPError) as raised:
        client.text_classification(" ")

    assert raised.value.response.status_code == 422
    assert raised.value.response.json()["error_type"] == "Validation"


def test_the_client_raises_a_key_that_is_none_of_the_servers(url: str) -> None:
    with pytest.raises(HfHubHTTPError) as raised:
        InferenceClient(model=url, token="of somebody else").text_classification(SOUP)  # noqa: S106

    assert raised.value.response.status_code == 401
