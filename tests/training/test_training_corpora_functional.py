"""What the functional suites say, on the real files, by id.

No test here shows a text: rows are stripped of theirs before anything is asserted.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.corpora import CORPORA
from tocsin.training.dataset import read_corpora

HATE = Signal.HATE
YES, NO = Label.POSITIVE, Label.NEGATIVE
SUITES = ("hatecheck", "hatemoji-check", "multilingual-hatecheck")

Rows = Mapping[str, Example]


@pytest.fixture(scope="module")
def rows(corpora_folder: Path) -> Rows:
    return {row.id: replace(row, text="") for row in read_corpora(corpora_folder, SUITES)}


def of(rows: Rows, suite: str) -> list[Example]:
    return [row for row in rows.values() if row.corpus == suite]


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param("hatecheck:1", YES, id="english-hateful"),
        pytest.param("hatecheck:1272", NO, id="english-non-hateful"),
        pytest.param("hatemoji-check:0", YES, id="hatemoji-hateful"),
        pytest.param("hatemoji-check:3241", YES, id="hatemoji-hateful-without-emoji"),
        pytest.param("hatemoji-check:2375", NO, id="hatemoji-non-hateful"),
        pytest.param("multilingual-hatecheck:german-1", YES, id="german-hateful"),
        pytest.param("multilingual-hatecheck:german-1106", NO, id="german-non-hateful"),
        pytest.param("multilingual-hatecheck:german-501", YES, id="german-hateful-whatever-annotators-read"),
        pytest.param(
            "multilingual-hatecheck:german-2421", NO, id="german-non-hateful-whatever-annotators-read"
        ),
    ],
)
def test_a_case_is_hateful_where_its_gold_label_is(rows: Rows, row: str, expected: Label) -> None:
    found = dict(rows[row].labels)
    assert found == {HATE: expected}


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param(
            "hatecheck:8",
            {
                "functionality": "derog_neg_emote_h",
                "template": "2",
                "target": "women",
                "direction": "directed",
            },
            id="against-a-person",
        ),
        pytest.param(
            "hatecheck:1",
            {
                "functionality": "derog_neg_emote_h",
                "template": "1",
                "target": "women",
                "direction": "general",
            },
            id="against-a-group",
        ),
        pytest.param(
            "hatecheck:2352",
            {"functionality": "ident_pos_nh", "template": "502", "target": "women"},
            id="no-hate-has-no-direction",
        ),
        pytest.param("hatecheck:1272", {"functionality": "profanity_nh", "template": "262"}, id="no-target"),
        pytest.param(
            "hatemoji-check:420",
            {"functionality": "descriptor_swap", "template": "31", "target": "women", "set": "orig"},
            id="original",
        ),
        pytest.param(
            "hatemoji-check:2555",
            {
                "functionality": "descriptor_swap",
                "template": "31",
                "target": "women",
                "set": "polarity_perturb",
            },
            id="perturbed",
        ),
        pytest.param(
            "hatemoji-check:2078",
            {"functionality": "verb_swap", "template": "1", "set": "identity_perturb"},
            id="the-word-none-is-no-target",
        ),
        pytest.param(
            "multilingual-hatecheck:german-1",
            {"functionality": "derog_neg_emote_h", "template": "1", "target": "women", "agreed": "yes"},
            id="annotators-agreed",
        ),
        pytest.param(
            "multilingual-hatecheck:german-501",
            {"functionality": "derog_impl_h", "template": "71", "target": "jews", "agreed": "no"},
            id="annotators-did-not",
        ),
        pytest.param(
            "multilingual-hatecheck:german-1106",
            {"functionality": "profanity_nh", "template": "262", "agreed": "yes"},
            id="german-without-target",
        ),
    ],
)
def test_a_case_keeps_the_words_of_its_suite(rows: Rows, row: str, expected: Mapping[str, str]) -> None:
    found = dict(rows[row].attributes)
    assert found == expected


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("suite", "hateful", "harmless"),
    [  # counted from the raw files by another program
        pytest.param("hatecheck", 2563, 1165, id="english"),
        pytest.param("hatemoji-check", 2654, 1276, id="emoji"),
        pytest.param("multilingual-hatecheck", 2550, 1095, id="german"),
    ],
)
def test_every_case_is_read_under_an_id_of_its_own(
    rows: Rows, corpora_folder: Path, suite: str, hateful: int, harmless: int
) -> None:
    found = Counter(row.labels[HATE] for row in of(rows, suite))
    assert found == {YES: hateful, NO: harmless}
    assert sum(1 for _ in CORPORA[suite].examples(corpora_folder)) == hateful + harmless
    astray = [row.id for row in of(rows, suite) if not row.id.startswith(f"{suite}:")]
    assert astray == []


@pytest.mark.corpora
def test_every_case_is_test_and_carries_the_licence_and_the_language_of_its_suite(rows: Rows) -> None:
    found = {(row.corpus, row.split, row.licence, row.language) for row in rows.values()}
    assert found == {(name, Split.TEST, CORPORA[name].licence, CORPORA[name].language) for name in SUITES}
    assert found == {
        ("hatecheck", Split.TEST, "CC-BY-4.0", "en"),
        ("hatemoji-check", Split.TEST, "CC-BY-4.0", "en"),
        ("multilingual-hatecheck", Split.TEST, "CC-BY-4.0", "de"),
    }


@pytest.mark.parametrize("suite", SUITES)
def test_a_suite_never_reaches_training(suite: str) -> None:
    assert CORPORA[suite].test_only


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("suite", "functionalities"),
    [
        pytest.param("hatecheck", 29, id="english"),
        pytest.param("multilingual-hatecheck", 27, id="german-has-no-reclaimed-slurs-and-homonyms"),
    ],
)
def test_the_label_of_a_case_is_the_one_that_its_functionality_ends_in(
    rows: Rows, suite: str, functionalities: int
) -> None:
    cases = of(rows, suite)
    astray = [
        row.id for row in cases if (row.labels[HATE] is NO) != row.attributes["functionality"].endswith("_nh")
    ]
    assert astray == []
    assert len({row.attributes["functionality"] for row in cases}) == functionalities


@pytest.mark.corpora
def test_the_sets_of_hatemoji_check_are_four_and_two_are_never_hateful(rows: Rows) -> None:
    found = Counter((row.attributes["set"], row.labels[HATE]) for row in of(rows, "hatemoji-check"))
    assert found == {
        ("orig", YES): 2126,
        ("no_emoji_perturb", YES): 528,
        ("no_emoji_perturb", NO): 60,
        ("polarity_perturb", NO): 902,
        ("identity_perturb", NO): 314,
    }


@pytest.mark.corpora
def test_annotators_disagree_with_a_german_case_where_its_file_says_so(
    rows: Rows, corpora_folder: Path
) -> None:
    path = corpora_folder / "multilingual-hatecheck" / "hatecheck_cases_final_german.csv"
    with path.open(encoding="utf-8", newline="") as file:
        said = {row["mhc_case_id"]: row["disagreement_in_case"] for row in csv.DictReader(file)}
    upstream = {
        f"multilingual-hatecheck:{case}" for case, disagreement in said.items() if disagreement == "True"
    }
    found = {row.id for row in of(rows, "multilingual-hatecheck") if row.attributes["agreed"] == "no"}
    assert found == upstream
    assert len(found) == 153
