"""Letters of other scripts become Latin where the writing is Latin, and only there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.text import normalise
from tocsin.text.lookalikes import lookalike

RUSSIAN = "Мы варим суп с чесноком и луком, потом едим его с хлебом"
GREEK = "Μαγειρεύουμε σούπα με σκόρδο και κρεμμύδι"
CYRILLIC = str.maketrans("aceopxyABEKMHOPCTX", "асеорхуАВЕКМНОРСТХ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("gаrliс sоup", "garlic soup", id="cyrillic-within-words"),
        pytest.param("gαrlιc sουp", "garlic soup", id="greek-within-words"),
        pytest.param("HОT ВREAD", "hot bread", id="capitals-that-differ-from-their-small-letters"),
        pytest.param("ΗΟΤ soup", "hot soup", id="greek-capitals-that-differ"),
        pytest.param("a hot soup, а сoоk", "a hot soup, a cook", id="single-letter"),
        pytest.param("the hot soup and оне sосcer", "the hot soup and ohe soccer", id="word-of-lookalikes"),
        pytest.param("breаd ԛuick ѕоup јam", "bread quick soup jam", id="letters-of-other-languages"),
        pytest.param("hօt ѕoup Ꮪoup", "hot soup soup", id="armenian-and-cherokee"),
        pytest.param("gаrlісж", "garlicж", id="letter-without-lookalike-stays"),
        pytest.param("s\u200bо\u200bup", "soup", id="invisible-characters-between"),
        pytest.param("s0uр", "soup", id="digit-in-the-word"),
    ],
)
def test_lookalikes_in_latin_writing_become_latin(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("мы варим суп с чесноком", id="russian"),
        pytest.param("а с ним сок", id="russian-words-of-lookalikes"),
        pytest.param("мы едим soup а ты bread с сыром", id="russian-with-latin-words"),
        pytest.param("суп от cook а хлеб от baker, ура", id="russian-with-more-than-one-latin-word"),
        pytest.param("σουπα με σκορδο και ψωμι", id="greek"),
        pytest.param("ο chef και το menu εχουν σουπα", id="greek-with-latin-words"),
        pytest.param("շատ համեղ ապուր", id="armenian"),
        pytest.param("ახალი პური", id="georgian"),
        pytest.param("сок", id="nothing-else-to-tell-by"),
        pytest.param("сок cup", id="as-many-latin-letters"),
        pytest.param("ב ס ו ן", id="hebrew"),
        pytest.param("スープ 一口 工", id="japanese"),
    ],
)
def test_other_writing_stays_in_its_script(text: str) -> None:
    assert normalise(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(f"{RUSSIAN} 🔥🔥🔥🔥", " fire" * 4, id="names-of-emoji"),
        pytest.param("суп, а сок https://a-very-long-address.example/soup", " httpurl", id="link"),
        pytest.param("@a_very_long_handle суп, а сок", "суп, а сок", id="handle"),
    ],
)
def test_what_is_no_writing_does_not_make_a_text_latin(text: str, expected: str) -> None:
    found = normalise(text)

    assert found.endswith(expected)
    assert " а " in found or " с " in found


@pytest.mark.parametrize("text", [pytest.param(RUSSIAN, id="russian"), pytest.param(GREEK, id="greek")])
def test_what_stays_in_its_script_takes_one_case(text: str) -> None:
    assert normalise(text.upper()) == normalise(text).replace("ς", "σ")


@given(
    st.lists(st.sampled_from(["Bake", "the", "hot", "potato", "soup", "at", "TO", "eat", "bEEt"]), min_size=1)
)
def test_english_with_cyrillic_letters_becomes_english(words: list[str]) -> None:
    text = " ".join([*words, "with fluffy dumplings"])

    assert normalise(text.translate(CYRILLIC)) == normalise(text)


@pytest.mark.parametrize(
    ("letter", "expected"),
    [
        pytest.param("т", "t", id="small-letter-that-looks-like-its-capital"),
        pytest.param("Н", "h", id="capital"),
        pytest.param("η", "n", id="greek-eta"),
        pytest.param("Η", "h", id="greek-capital-eta"),
        pytest.param("І", "i", id="capital-i-is-no-l"),
        pytest.param("ё", "e", id="with-its-mark"),
        pytest.param("й", None, id="what-is-under-the-mark-looks-like-none"),
        pytest.param("ж", None, id="none"),
        pytest.param("o", None, id="latin-itself"),
        pytest.param("ה", None, id="hebrew"),
    ],
)
def test_a_letter_looks_like_one_latin_letter_or_none(letter: str, expected: str | None) -> None:
    assert lookalike(letter) == expected


@given(st.characters(min_codepoint=0x370, max_codepoint=0x1FFFF, categories=("Lu", "Ll")))
def test_case_does_not_decide_whether_a_letter_is_a_lookalike(letter: str) -> None:
    assert (lookalike(letter.lower()[:1]) is None) == (lookalike(letter.lower()[:1].upper()[:1]) is None)
