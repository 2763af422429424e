"""What an encoder says of texts, and which of their words it hangs on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tocsin.assessment import Tier
from tocsin.models import read_bundle
from tocsin.models.encoder import Encoder, occlusion
from tocsin.models.screen import Screen
from tocsin.signals import Signal
from tocsin.text import normalise

SOUP: Final = "simmer the soup with garlic"
GOAL: Final = "then the referee and a goal"
PLAIN: Final = "yesterday nearly always"
# Some fifty words, of which those about cooking stand in the middle.
LONG: Final = " ".join([GOAL] * 4 + [SOUP] * 2 + [GOAL] * 3)
KINDS: Final = {
    "cooking": SOUP,
    "sport": GOAL,
    "neither": PLAIN,
    "long": LONG,
    "longer": f"{LONG} {PLAIN} {LONG}",
    "nothing": "",
    "one-word": "soup",
    "one-letter": "a",
    "words-nobody-taught": "zorbian quellish",
    "as-long-as-a-window": " ".join(["soup"] * 14),
    "a-token-longer": " ".join(["soup"] * 15),
}
TEXTS: Final = list(KINDS.values())

unhurried = settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def encoder(toy_encoder_bundle: Path) -> Encoder:
    """Return the toy encoder, beside which the screen has a say in the first signal and the last."""
    found = read_bundle(toy_encoder_bundle, tier=Tier.ENCODER).encoder
    assert found is not None
    return replace(found, blend=(0.5, 0.0, 0.25))


@pytest.fixture(scope="module")
def alone(encoder: Encoder) -> NDArray[np.float64]:
    """Return the margins of each of the texts, read by itself on one thread."""
    return np.concatenate([encoder.margins([text]) for text in TEXTS])


def by_window(encoder: Encoder, text: str) -> NDArray[np.float64]:
    """Return what the graph makes of each window of a normalised text."""
    (windows,) = encoder.windows.of([text])
    return np.stack([encoder.session.margins(window.ids) for window in windows])


def without(text: str, word: int) -> str:
    words = text.split(" ")
    return " ".join(words[:word] + words[word + 1 :])


def test_an_encoder_that_learnt_tells_cooking_from_sport(encoder: Encoder) -> None:
    soup, goal = encoder.margins([SOUP, GOAL])[:, encoder.signals.index(Signal.HATE)]

    assert soup > 0 > goal


@pytest.mark.parametrize(
    "threads", [pytest.param(1, id="one-thread"), pytest.param(4, id="more-threads-than-texts-need")]
)
@unhurried
@given(order=st.lists(st.integers(0, len(TEXTS) - 1), max_size=2 * len(TEXTS)))
def test_a_text_has_the_same_margins_to_the_bit_alone_and_in_any_company(
    encoder: Encoder, alone: NDArray[np.float64], threads: int, order: list[int]
) -> None:
    told = replace(encoder, threads=threads).margins([TEXTS[place] for place in order])

    np.testing.assert_array_equal(told, alone[order])


@unhurried
@given(order=st.permutations(range(len(TEXTS))), threads=st.sampled_from([1, 4]))
def test_the_order_of_texts_changes_no_margin_and_no_window(
    encoder: Encoder, alone: NDArray[np.float64], order: list[int], threads: int
) -> None:
    expected = encoder.read(TEXTS)
    told = replace(encoder, threads=threads).read([TEXTS[place] for place in order])

    np.testing.assert_array_equal(told.margins, alone[order])
    np.testing.assert_array_equal(told.windows, expected.windows[order])


def test_more_text_than_is_read_at_once_has_the_margins_of_its_parts(encoder: Encoder) -> None:
    texts = [f"{LONG} " * 200, SOUP] * 4  # 350,000 characters

    np.testing.assert_array_equal(encoder.margins(texts)[-2:], encoder.margins(texts[:2]))


@pytest.mark.parametrize("text", TEXTS, ids=list(KINDS))
def test_without_a_screen_a_text_has_the_highest_margin_of_its_windows_and_that_window_is_told(
    encoder: Encoder, text: str
) -> None:
    each = by_window(encoder, normalise(text))
    told = replace(encoder, blend=(0.0, 0.0, 0.0)).read([text])

    np.testing.assert_array_equal(told.margins, [each.max(axis=0)])
    np.testing.assert_array_equal(told.windows, [each.argmax(axis=0)])


@pytest.mark.parametrize("text", TEXTS, ids=list(KINDS))
def test_the_screen_adds_its_margin_of_the_whole_text_as_many_times_as_it_counts(
    encoder: Encoder, text: str
) -> None:
    by_graph = replace(encoder, blend=(0.0, 0.0, 0.0)).read([text])
    by_screen = encoder.screen.margins([text])[
        :, [encoder.screen.signals.index(one) for one in encoder.signals]
    ]
    told = encoder.read([text])

    np.testing.assert_array_equal(told.margins, by_graph.margins + by_screen * np.array(encoder.blend))
    np.testing.assert_array_equal(told.windows, by_graph.windows)


def test_a_screen_whose_signals_stand_in_another_order_adds_to_the_same_signals(encoder: Encoder) -> None:
    screen = encoder.screen
    turned = Screen(
        screen.spec,
        screen.signals[::-1],
        np.ascontiguousarray(screen.table[:, ::-1]),
        screen.scale[::-1],
        screen.bias[::-1],
    )

    np.testing.assert_array_equal(replace(encoder, screen=turned).margins(TEXTS), encoder.margins(TEXTS))


def test_what_stands_in_the_middle_of_a_long_text_is_found_where_it_stands(encoder: Encoder) -> None:
    (windows,) = encoder.windows.of([LONG])
    window = windows[int(encoder.read([LONG]).windows[0, encoder.signals.index(Signal.HATE)])]

    assert len(windows) > 3
    assert "soup" in LONG[window.start : window.end]


@pytest.mark.parametrize(
    ("posted", "normal"),
    [
        pytest.param("ＳＩＭＭＥＲ the sOuP", "simmer the soup", id="another-width-and-case"),
        pytest.param("s o u p", "soup", id="spelled-out"),
        pytest.param("so\u200bup", "soup", id="invisible-characters-inside"),
        pytest.param("  soup\n\ngoal ", "soup goal", id="white-space"),
    ],
)
def test_texts_as_posted_are_normalised_first(encoder: Encoder, posted: str, normal: str) -> None:
    told = encoder.read([posted])

    np.testing.assert_array_equal(told.margins, encoder.read([normal]).margins)
    np.testing.assert_array_equal(told.margins, encoder.margins([posted]))
    np.testing.assert_array_equal(told.margins, encoder.read_normal([normal]).margins)


def test_texts_that_are_normal_already_are_read_as_they_stand(encoder: Encoder) -> None:
    posted, normal = encoder.read_normal(["s o u p", "soup"]).margins

    assert (posted != normal).all()


@pytest.mark.parametrize("texts", [pytest.param([], id="none"), pytest.param([""], id="one-without-a-word")])
def test_the_shape_is_that_of_texts_and_signals(encoder: Encoder, texts: Sequence[str]) -> None:
    told = encoder.read(texts)

    assert told.margins.shape == told.windows.shape == (len(texts), len(encoder.signals))
    assert told.margins.dtype == np.float64
    assert told.windows.dtype == np.int64
    assert encoder.margins(texts).shape == (len(texts), len(encoder.signals))


@pytest.mark.parametrize(
    "text", [SOUP, PLAIN, "soup"], ids=["several-words", "words-that-say-little", "one-word"]
)
def test_a_words_fall_is_the_margin_less_that_without_the_word(encoder: Encoder, text: str) -> None:
    found = occlusion(encoder, text)
    words = text.split(" ")
    rest = encoder.read_normal([without(text, word) for word in range(len(words))]).margins

    assert [text[start:end] for start, end in found.places] == words
    np.testing.assert_array_equal(found.falls, encoder.read_normal([text]).margins - rest)
    np.testing.assert_array_equal(found.margins, encoder.read_normal([text]).margins[0])


def test_words_outside_the_window_that_decides_a_signal_have_no_fall_in_it(encoder: Encoder) -> None:
    found, told = occlusion(encoder, LONG), encoder.read_normal([LONG])
    (windows,) = encoder.windows.of([LONG])
    for column, number in enumerate(told.windows[0].tolist()):
        window = windows[number]
        inside = np.array([start < window.end and end > window.start for start, end in found.places])

        assert not found.falls[~inside, column].any()
        assert found.falls[inside, column].any()
    np.testing.assert_array_equal(found.margins, told.margins[0])


def test_the_word_that_a_signal_hangs_on_most_is_the_one_that_taught_it(encoder: Encoder) -> None:
    text = f"{PLAIN} soup {PLAIN}"
    found = occlusion(encoder, text)
    start, end = found.places[int(found.falls[:, encoder.signals.index(Signal.HATE)].argmax())]

    assert text[start:end] == "soup"


def test_a_text_without_words_hangs_on_nothing(encoder: Encoder) -> None:
    found = occlusion(encoder, "")

    assert found.places == ()
    assert found.falls.shape == (0, len(encoder.signals))
    np.testing.assert_array_equal(found.margins, encoder.read_normal([""]).margins[0])


@unhurried
@given(
    text=st.lists(
        st.sampled_from(["soup", "goal", "the", "zorbian", "soups'", "...", "🔥", "ß"]), max_size=40
    )
)
def test_every_word_has_one_finite_fall_for_each_signal(encoder: Encoder, text: list[str]) -> None:
    found = occlusion(encoder, " ".join(text))

    assert [end - start for start, end in found.places] == [len(word) for word in text]
    assert found.falls.shape == (len(text), len(encoder.signals))
    assert np.isfinite(found.falls).all()
