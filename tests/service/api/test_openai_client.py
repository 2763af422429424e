from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai.types import ModerationTextInputParam

from tocsin.models import Scorer
from tocsin.service.api.app import App
from tocsin.service.api.chosen_scores import FAILING, ChosenScores
from tocsin.service.api.testing import EVERY_SCOPE, SECRET, MemoryKeys, NoLimit, live, make_app
from tocsin.service.keys import Key
from tocsin.signals import Signal

SOUP = "Everybody brings soup to the Zorbian choir on Friday."
FRENCH = "Demain nous préparons une soupe pour toute la chorale du village."
LOUD = "The Zorbians sing two songs before the soup is served."
SCOPELESS = "a-key-without-scopes"


class RefusingOnce(NoLimit):
    """Refuse the first request that holds texts for `wait` seconds, then let every one pass."""

    def __init__(self, wait: float = 0.5) -> None:
        self.wait = wait
        self.asked: list[int] = []

    def take(self, key: Key, texts: int) -> float:
        """Refuse once."""
        del key
        if texts:
            self.asked.append(texts)
        return self.wait if texts and len(self.asked) == 1 else 0.0

    def limit(self, key: Key) -> int | None:
        """Return any limit."""
        del key
        return 60


def app(scorer: Scorer, limiter: NoLimit | None = None) -> App:
    chosen = {LOUD: dict.fromkeys(Signal, 0.001) | {Signal.HATE: 0.99}}
    keys = MemoryKeys({SECRET: EVERY_SCOPE, SCOPELESS: Key("k", "k", frozenset(), digest="x")})
    return make_app(scorer, keys=keys, limiter=limiter, assessor=ChosenScores(scorer, chosen))


@pytest.fixture(scope="module")
def url(shipped_scorer: Scorer) -> Iterator[str]:
    with live(app(shipped_scorer)) as url:
        yield f"{url}/v1"


@pytest.fixture
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=url, api_key=SECRET, max_retries=0) as client:
        yield client


def test_the_client_reads_a_result_for_one_text(client: openai.OpenAI, shipped_scorer: Scorer) -> None:
    answer = client.moderations.create(model="omni-moderation-latest", input=LOUD)

    assert answer.model == f"default-{shipped_scorer.model.version}"
    (result,) = answer.results
    assert (result.flagged, result.categories.hate, result.categories.hate_threatening) == (True, True, False)
    assert result.category_scores.hate == 0.99
    assert result.category_applied_input_types.hate == ["text"]
    assert (result.categories.violence, result.category_applied_input_types.violence) == (False, [])


def test_the_client_finds_the_server_by_its_environment(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)

    with openai.OpenAI() as client:
        assert not client.moderations.create(input=SOUP).results[0].flagged


def test_the_client_reads_a_result_for_each_of_an_array_and_one_for_parts(client: openai.OpenAI) -> None:
    several = client.moderations.create(input=[LOUD, SOUP])
    parts = client.moderations.create(input=[ModerationTextInputParam(type="text", text=LOUD)])

    assert [result.flagged for result in several.results] == [True, False]
    assert [result.flagged for result in parts.results] == [True]


def test_the_asynchronous_client_reads_many_at_once(url: str) -> None:
    async def flags() -> list[bool]:
        async with openai.AsyncOpenAI(base_url=url, api_key=SECRET) as client:
            answers = await asyncio.gather(
                *(client.moderations.create(input=text) for text in [SOUP, LOUD] * 8)
            )
        return [answer.results[0].flagged for answer in answers]

    assert asyncio.run(flags()) == [False, True] * 8


def test_the_client_comes_back_by_itself_after_a_limit(shipped_scorer: Scorer) -> None:
    limiter = RefusingOnce()
    with (
        live(app(shipped_scorer, limiter)) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key=SECRET) as client,
    ):
        answer = client.moderations.create(input=[SOUP, LOUD])

    assert [result.flagged for result in answer.results] == [False, True]
    assert limiter.asked == [2, 2]


def test_the_client_told_not_to_retry_raises_the_limit(shipped_scorer: Scorer) -> None:
    with (
        live(app(shipped_scorer, RefusingOnce())) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key=SECRET, max_retries=0) as client,
        pytest.raises(openai.RateLimitError) as raised,
    ):
        client.moderations.create(input=SOUP)

    assert raised.value.code == "rate_limit_exceeded"
    assert raised.value.response.headers["retry-after"] == "1"


def test_the_client_does_not_come_back_with_what_no_wait_lets_pass(shipped_scorer: Scorer) -> None:
    limiter = RefusingOnce(wait=float("inf"))
    with (
        live(app(shipped_scorer, limiter)) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key=SECRET) as client,
        pytest.raises(openai.RateLimitError),
    ):
        client.moderations.create(input=[SOUP, LOUD])

    assert limiter.asked == [2]


@pytest.mark.parametrize(
    ("key", "given", "kind", "code"),
    [
        pytest.param("another", SOUP, openai.AuthenticationError, "invalid_api_key", id="another key"),
        pytest.param(SCOPELESS, SOUP, openai.PermissionDeniedError, "missing_scope", id="no scope"),
        pytest.param(SECRET, FRENCH, openai.BadRequestError, "unscorable", id="cannot be judged"),
        pytest.param(SECRET, [], openai.BadRequestError, "invalid_value", id="no text"),
        pytest.param(SECRET, FAILING, openai.InternalServerError, "scoring_failed", id="cannot be scored"),
    ],
)
def test_the_client_raises_each_error_as_its_own(
    url: str, key: str, given: Any, kind: type[openai.APIStatusError], code: str
) -> None:
    with openai.OpenAI(base_url=url, api_key=key, max_retries=0) as client, pytest.raises(kind) as raised:
        client.moderations.create(input=given)

    assert (raised.value.code, type(raised.value)) == (code, kind)
