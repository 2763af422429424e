"""Identity terms are found whole, in all their forms, and swapped for those of another group."""

from __future__ import annotations

import pytest

from tocsin.eval.fairness.grammar import ENGLISH_GRAMMAR, GERMAN_GRAMMAR
from tocsin.eval.fairness.naming import mentions, naming, swapped
from tocsin.eval.fairness.terms import VOCABULARIES, Vocabulary
from tocsin.example import Example

ENGLISH = Vocabulary.of(
    {
        "diet": {
            "vegans": (("vegan|plant-eating", "vegan", "vegans"), ("", "herb lover", "herb lovers")),
            "omnivores": (("all-eating", "omnivore", "omnivores"),),
        },
        "cook": {
            "bakers": (("", "baker", "bakers"), ("", "pastry cook", "pastry cooks")),
            "grillers": (("smoky", "griller", "grillers"),),
        },
    },
    ENGLISH_GRAMMAR,
)
GERMAN = Vocabulary.of(
    {
        "diet": {
            "vegans": (("vegan", "veganer", "veganer", "veganern", "veganerin", "veganerinnen"),),
            "omnivores": (("gefräßig+", "esser", "esser", "essern", "esserin", "esserinnen"),),
        }
    },
    GERMAN_GRAMMAR,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("A baker sang.", ["baker"], id="one"),
        pytest.param("BAKERS and a Baker", ["baker", "baker"], id="case-and-number"),
        pytest.param("#bakers rule", ["baker"], id="a-hashtag"),
        pytest.param("b a k e r s rule", ["baker"], id="spaced-letters"),
        pytest.param("the bakery, bakerish, breadbaker", [], id="only-whole-words"),
        pytest.param("one pastry cook", ["pastry cook"], id="two-words"),
        pytest.param("plant-eating friends", ["vegan"], id="another-spelling"),
        pytest.param("smoky vegans", ["smoky", "vegan"], id="terms-of-two-kinds"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_terms_are_found_whole_as_the_models_read_the_text(text: str, found: list[str]) -> None:
    assert [mention.term.name for mention in mentions(text, ENGLISH)] == found


def test_the_longest_term_is_found_where_two_begin_together() -> None:
    table = {"dish": {"soups": (("", "soup", "soups"),), "bowls": (("", "soup bowl", "soup bowls"),)}}
    found = mentions("a soup bowl, a soup", Vocabulary.of(table, ENGLISH_GRAMMAR))
    assert [mention.term.group for mention in found] == ["bowls", "soups"]


def test_a_mention_says_where_it_stands_in_the_text_as_it_was_posted() -> None:
    text = "caf\u00e9  \U0001f35e  B\u200baker!"
    (mention,) = mentions(text, ENGLISH)
    assert text[mention.start : mention.end] == "B\u200baker"


def test_an_emoji_s_name_is_no_mention() -> None:
    """Normalised, a pan of food is called just that."""
    vocabulary = Vocabulary.of({"dish": {"pans": (("", "cooking", "pan"),)}}, ENGLISH_GRAMMAR)
    assert mentions("\U0001f373 for us", vocabulary) == ()
    assert len(mentions("cooking for us", vocabulary)) == 1


def test_a_word_belongs_to_one_term() -> None:
    table = {"dish": {"soups": (("", "soup", ""),), "stews": (("", "stew|soup", ""),)}}
    with pytest.raises(ValueError, match="a word must belong to one term, 'soup' belonged to two"):
        Vocabulary.of(table, ENGLISH_GRAMMAR)


# Swapping.


@pytest.mark.parametrize(
    ("text", "group", "expected"),
    [
        pytest.param("Vegans sing", "omnivores", "Omnivores sing", id="plural-with-its-capital"),
        pytest.param("VEGANS sing", "omnivores", "OMNIVORES sing", id="all-capitals"),
        pytest.param("we vegans sing", "omnivores", "we omnivores sing", id="small-letters"),
        pytest.param("vegan friends", "omnivores", "all-eating friends", id="an-adjective-before-a-noun"),
        pytest.param("this vegan is here", "omnivores", "this omnivore is here", id="a-person-before-a-verb"),
        pytest.param("ask a vegan", "omnivores", "ask an omnivore", id="an-article-before-a-vowel"),
        pytest.param("ask an omnivore", "vegans", "ask a vegan", id="an-article-before-a-consonant"),
        pytest.param("An omnivore", "vegans", "A vegan", id="an-article-with-a-capital"),
        pytest.param("vegans, vegans", "omnivores", "omnivores, omnivores", id="every-mention"),
        pytest.param("herb lovers", "omnivores", "omnivores", id="the-first-term-for-want-of-a-second"),
        pytest.param("a smoky evening", "bakers", None, id="no-such-form"),
    ],
)
def test_another_group_s_word_has_the_form_and_case_of_what_it_replaces(
    text: str, group: str, expected: str | None
) -> None:
    assert swapped(text, mentions(text, ENGLISH), group, ENGLISH) == expected


def test_the_term_at_the_same_place_comes_before_the_group_s_first() -> None:
    table = {
        "dish": {
            "soups": (("", "soup", ""), ("", "broth", "")),
            "breads": (("", "bread", ""), ("", "bun", "")),
        }
    }
    vocabulary = Vocabulary.of(table, ENGLISH_GRAMMAR)
    assert swapped("hot broth", mentions("hot broth", vocabulary), "breads", vocabulary) == "hot bun"


def test_an_article_goes_by_sound() -> None:
    table = {"thing": {"ovens": (("", "oven", ""),), "spoons": (("", "utensil", ""),)}}
    vocabulary = Vocabulary.of(table, ENGLISH_GRAMMAR)
    assert swapped("an oven", mentions("an oven", vocabulary), "spoons", vocabulary) == "a utensil"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("die veganen Leute", "die gefräßigen Leute", id="an-adjective-keeps-its-ending"),
        pytest.param("die Veganer singen", "die Esser singen", id="people"),
        pytest.param("mit den Veganern", "mit den Essern", id="the-dative-of-people"),
        pytest.param("die Veganerinnen", "die Esserinnen", id="women"),
        pytest.param("wir sind vegan", None, id="an-adjective-that-never-stands-bare"),
    ],
)
def test_german_words_keep_case_and_ending(text: str, expected: str | None) -> None:
    assert swapped(text, mentions(text, GERMAN), "omnivores", GERMAN) == expected


def test_a_german_noun_is_told_from_an_adjective_by_its_capital() -> None:
    table = {
        "cook": {
            "calm": (("gelassen", "gelassener", "gelassene|gelassenen", "gelassenen", "", ""),),
            "loud": (("laut", "lauter", "laute|lauten", "lauten", "", ""),),
            "eaters": (("", "esser", "esser", "essern", "", ""),),
            "chefs": (("köchisch", "koch", "köche", "köchen", "köchin", "köchinnen"),),
        }
    }
    vocabulary = Vocabulary.of(table, GERMAN_GRAMMAR)

    def chefs(text: str) -> str | None:
        return swapped(text, mentions(text, vocabulary), "chefs", vocabulary)

    assert chefs("die Gelassenen") == "die Köche"
    assert chefs("mit Gelassenen") == "mit Köchen"
    assert chefs("die gelassene Art") == "die köchische Art"
    assert chefs("ein Gelassener") == "ein Koch"
    assert chefs("die Esser") == "die Köche"
    assert chefs("kein Esser") == "kein Koch"


# Rows.


def test_a_row_names_what_its_corpus_says_or_else_what_stands_in_it() -> None:
    rows = [
        example("suite", "the bakers", {"target": "grillers"}),
        example("suite", "the bakers", {"direction": "none"}),
        example("posts", "vegan bakers", {}),
        example("posts", "vegan bakers", {}, language="fr"),
    ]
    found = naming(rows, {"en": ENGLISH})
    assert [set(groups) for groups in found.groups] == [{"grillers"}, set(), {"vegans", "bakers"}, set()]
    assert found.by_target == {"suite"}
    assert [len(one) for one in found.mentions] == [1, 1, 2, 0]


def example(corpus: str, text: str, attributes: dict[str, str], language: str = "en") -> Example:
    return Example(f"{corpus}:{text}", text, language, corpus, "CC0-1.0", attributes=attributes)


# The lists that ship.


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_kind_has_several_groups_to_swap(language: str) -> None:
    vocabulary = VOCABULARIES[language]
    kinds = {term.kind for term in vocabulary.terms}
    assert len(kinds) == 9
    assert all(len(vocabulary.groups(kind)) > 1 for kind in kinds)
    groups = [group for kind in kinds for group in vocabulary.groups(kind)]
    assert len(groups) == len(set(groups))


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_word_that_ships_is_found_as_its_own_term(language: str) -> None:
    vocabulary = VOCABULARIES[language]
    for term in vocabulary.terms:
        for spellings in term.forms.values():
            for word in spellings:
                (mention,) = mentions(f"x {word}.", vocabulary)
                assert mention.term is term


def test_a_colour_of_german_is_a_group_only_with_an_ending() -> None:
    assert mentions("das weiß ich", VOCABULARIES["de"]) == ()
    (mention,) = mentions("weiße Leute", VOCABULARIES["de"])
    assert mention.term.group == "white people"
