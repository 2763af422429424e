"""Nobody waits: not for a hostile text, and not for tables that a text does not need."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from tocsin.text import normalise, normalise_with_offsets

LONG, SHORT = 200_000, 20_000  # code points
# Ten times the length takes ten times as long; a quadratic step would take a hundred times.
MOST, SLACK = 40, 0.3  # times, seconds

HOSTILE = [
    *("a", " ", "&", "&amp;", "&a", "&#1", "@", "a@", "a@b-", "http:", "http://", "www.", "w.w.w."),
    *("a ", "a  ", "a   b ", "a 1 ", "1 ", "a.", "a.b-", "a_", "h o t  s o u p  ", "a b'c ", " " * 99 + "a"),
    *("a1", "a1b", "a!", "$a", "@$!", "h4t3", "#a1b", "aaab", "ab", "l" * 7 + " "),
    *("é", "e\u0301", "\u0301", "\u0308\u0323", "ᄀ\u1161", "か\u3099", "\u1161"),
    *("а", "ж", "аb", "жа ", "Σ", "\ud800", "\u200b", "\ufe0f"),
    *("🔥", "👩\u200d", "👩\u200d🍳", "🏽", "🇩", "🇸 ", "🅰", "🅰\ufe0f", "a🅰", "1\ufe0f\u20e3", "🏴\U000e0067"),
]


def seconds(text: str) -> float:
    start = time.process_time()
    normalise(text)
    return time.process_time() - start


@pytest.mark.parametrize("piece", HOSTILE, ids=ascii)
def test_a_text_ten_times_as_long_takes_about_ten_times_as_long(piece: str) -> None:
    normalise(f"é🔥я{piece}")  # tables are loaded

    short = min(seconds(f"é {piece * (SHORT // len(piece))}z") for _ in range(2))
    long = min(seconds(f"é {piece * (LONG // len(piece))}z") for _ in range(2))  # a busy machine is no defect

    assert long < MOST * short + SLACK


@pytest.mark.parametrize("piece", ["a ", "e\u0301", "🔥", "s0up "], ids=ascii)
def test_offsets_of_a_long_text_are_those_of_its_normalised_form(piece: str) -> None:
    text = piece * (LONG // len(piece) // 4)
    found = normalise_with_offsets(text)

    assert found.text == normalise(text)
    assert len(found.starts) == len(found.ends) == len(found.text)


@pytest.mark.parametrize(
    ("text", "loaded"),
    [
        pytest.param("hot soup, b4ked bread &amp; 's o m e'", set(), id="ascii"),
        pytest.param("heiße Käsespätzle „mit“ crème – 5 € • gut…", set(), id="german-and-typography"),
        pytest.param("суп", {"confusable_homoglyphs"}, id="another-script"),
        pytest.param("soup 🔥", {"emoji"}, id="emoji"),
    ],
)
def test_a_table_is_loaded_only_for_a_text_that_needs_it(text: str, loaded: set[str]) -> None:
    script = (
        "import sys; from tocsin.text import normalise; normalise(sys.argv[1]);"
        "print(*{'emoji', 'confusable_homoglyphs'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script, text], capture_output=True, text=True, check=True)

    assert set(done.stdout.split()) == loaded
