"""What the English corpora of hate, sexism and abuse say, and those of one armed group, by id.

No test here shows a text: rows are stripped of theirs before anything is asserted.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.text import URL, USER, normalise
from tocsin.training.corpora import CORPORA
from tocsin.training.corpora.corpus import read_json
from tocsin.training.dataset import choose, read_corpora

INCITEMENT, THREAT, GLORIFICATION, CALL, GRIEVANCE, DEHUMANISATION, HATE, EXTREMISM = Signal
YES, NO, PRESUMED, UNKNOWN = Label.POSITIVE, Label.NEGATIVE, Label.PRESUMED_NEGATIVE, Label.UNKNOWN
ROWS = {
    "cad": 23_417,
    "davidson": 24_783,
    "edos": 20_000,
    "hatexplain": 19_229,
    "isis-supporters": 16_822,
    "isis-topic": 10_562,
}

Labels = Mapping[Signal, Label]


@dataclass(frozen=True)
class Real:
    """Hold the real corpora: what every row says, with its text out of the way of any message."""

    told: Mapping[str, Example]
    characters: Mapping[str, int]
    texts: Sequence[Example] = field(repr=False)

    def of(self, corpus: str) -> list[Example]:
        return [row for row in self.told.values() if row.corpus == corpus]

    def text(self, row: str) -> str:
        return next(example.text for example in self.texts if example.id == row)


@pytest.fixture(scope="module")
def real(corpora_folder: Path) -> Real:
    rows = read_corpora(corpora_folder, tuple(ROWS))
    return Real(
        told={row.id: replace(row, text="") for row in rows},
        characters={row.id: len(row.text) for row in rows},
        texts=rows,
    )


NO_VIOLENCE = {INCITEMENT: NO, THREAT: NO}
DEROGATION = {**NO_VIOLENCE, HATE: YES}
ANIMOSITY = {**NO_VIOLENCE, DEHUMANISATION: NO}

EDOS: list[tuple[str, str, Labels]] = [
    ("not-sexist-says-nothing", "9609", {}),
    ("1.1-threat-leaves-incitement-open", "15860", {THREAT: YES, HATE: YES}),
    ("1.2-incitement-leaves-threat-open", "7022", {INCITEMENT: YES, HATE: YES}),
    ("2.1-leaves-dehumanisation-open", "3553", DEROGATION),
    ("2.2-leaves-dehumanisation-open", "13328", DEROGATION),
    ("2.3-dehumanises", "872", {**DEROGATION, DEHUMANISATION: YES}),
    ("3.1-animosity-leaves-hate-open", "17938", ANIMOSITY),
    ("3.2-animosity", "2771", ANIMOSITY),
    ("3.3-animosity", "7228", ANIMOSITY),
    ("3.4-animosity", "13461", ANIMOSITY),
    ("4.1-leaves-dehumanisation-and-hate-open", "12319", NO_VIOLENCE),
    ("4.2-leaves-dehumanisation-and-hate-open", "7260", NO_VIOLENCE),
    ("2.3-of-the-official-dev", "19746", {**DEROGATION, DEHUMANISATION: YES}),
    ("2.3-of-the-official-test", "9087", {**DEROGATION, DEHUMANISATION: YES}),
]

HATEXPLAIN: list[tuple[str, str, Labels]] = [
    ("normal", "1179063826874032128_twitter", {HATE: NO}),
    ("hatespeech", "1179088797964763136_twitter", {HATE: YES}),
    ("offensive-is-not-hate", "14567516_gab", {HATE: NO}),
    ("hatespeech-of-the-official-test", "13851720_gab", {HATE: YES}),
    ("offensive-of-the-official-test", "1165819983701643266_twitter", {HATE: NO}),
]

NEUTRAL = {HATE: NO, EXTREMISM: PRESUMED}
COUNTERED = dict.fromkeys(Signal, NO)

CAD: list[tuple[str, str, Labels]] = [
    ("neutral", "an4gkh-post", NEUTRAL),
    ("neutral-and-nothing-but-the-word-none", "eivavvu", NEUTRAL),
    ("identity-is-hate", "eflwnzf", {HATE: YES}),
    ("person-is-not", "eflw9rc", {HATE: NO}),
    ("affiliation-is-not", "b53f38-post", {HATE: NO}),
    ("identity-after-affiliation-is-hate", "ejwpa4o", {HATE: YES}),
    ("identity-before-person-is-hate", "efiadyw", {HATE: YES}),
    ("identity-between-both-is-hate", "efosu07", {HATE: YES}),
    ("affiliation-and-person-is-not", "efmf29y", {HATE: NO}),
    ("counter-speech-is-none-of-the-eight", "egznh47", COUNTERED),
    ("counter-speech-that-abuses-a-person-says-nothing", "eo36coc", {}),
    ("counter-speech-that-abuses-an-identity-says-nothing", "eg10m44", {}),
    ("counter-speech-after-abuse-says-nothing", "eifhlyu", {}),
    ("counter-speech-of-the-official-test", "epw182l", COUNTERED),
    ("identity-of-the-official-test", "efkz2gm", {HATE: YES}),
]

DAVIDSON: list[tuple[str, str, Labels]] = [
    ("hate-speech", "85", {HATE: YES}),
    ("offensive-is-not-hate", "1", {HATE: NO}),
    ("neither-is-presumed-not-to-promote", "0", {HATE: NO, EXTREMISM: PRESUMED}),
]

ISIS: list[tuple[str, str, Labels]] = [
    ("public-under-a-hashtag", "topic:1", {EXTREMISM: PRESUMED}),
    ("supporter-is-no-gold", "supporters:1", {}),
]

RULES = [
    *[("edos:", why, f"edos:sexism2022_english-{row}", said) for why, row, said in EDOS],
    *[("hatexplain:", why, f"hatexplain:{row}", said) for why, row, said in HATEXPLAIN],
    *[("cad:", why, f"cad:{row}", said) for why, row, said in CAD],
    *[("davidson:", why, f"davidson:{row}", said) for why, row, said in DAVIDSON],
    *[("isis:", why, f"isis-{row}", said) for why, row, said in ISIS],
]


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("row", "expected"), [pytest.param(row, said, id=corpus + why) for corpus, why, row, said in RULES]
)
def test_a_row_says_what_the_taxonomy_reads_in_it(real: Real, row: str, expected: Labels) -> None:
    found = real.told[row].labels
    assert found == expected


@pytest.mark.corpora
def test_a_post_on_which_the_annotators_were_undecided_is_no_example(real: Real) -> None:
    assert "hatexplain:14971751_gab" not in real.told


WORDS = [
    ("edos:sexism2022_english-9609", {"sexist": "not sexist", "category": "none", "vector": "none"}),
    (
        "edos:sexism2022_english-15860",
        {
            "sexist": "sexist",
            "category": "1. threats, plans to harm and incitement",
            "vector": "1.1 threats of harm",
        },
    ),
    ("hatexplain:1179063826874032128_twitter", {"category": "normal"}),
    ("hatexplain:1179088797964763136_twitter", {"category": "hatespeech"}),
    ("hatexplain:14567516_gab", {"category": "offensive"}),
    ("cad:eo36coc", {"labels": "CounterSpeech,PersonDirectedAbuse"}),
    ("davidson:85", {"class": "hate speech"}),
    ("davidson:0", {"class": "neither"}),
    ("isis-supporters:1", {"evidence": "supporter account"}),
    ("isis-topic:1", {}),
]


@pytest.mark.corpora
@pytest.mark.parametrize(("row", "expected"), [pytest.param(row, said, id=row) for row, said in WORDS])
def test_a_row_keeps_the_words_of_its_corpus(real: Real, row: str, expected: Mapping[str, str]) -> None:
    found = real.told[row].attributes
    assert found == expected


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("row", "split"),
    [
        pytest.param("edos:sexism2022_english-872", Split.TRAIN, id="edos:train"),
        pytest.param("edos:sexism2022_english-9609", Split.DEV, id="edos:dev"),
        pytest.param("edos:sexism2022_english-9087", Split.TEST, id="edos:test"),
        pytest.param("hatexplain:14567516_gab", Split.TRAIN, id="hatexplain:train"),
        pytest.param("hatexplain:1179085312976445440_twitter", Split.DEV, id="hatexplain:val-is-dev"),
        pytest.param("hatexplain:13851720_gab", Split.TEST, id="hatexplain:test"),
        pytest.param("cad:eflwnzf", Split.TRAIN, id="cad:train"),
        pytest.param("cad:efkofca", Split.DEV, id="cad:dev"),
        pytest.param("cad:efkz2gm", Split.TEST, id="cad:test"),
        pytest.param("davidson:85", None, id="davidson:has-none"),
        pytest.param("isis-topic:1", None, id="isis-topic:has-none"),
    ],
)
def test_a_row_has_the_official_split_of_its_corpus(real: Real, row: str, split: Split | None) -> None:
    assert real.told[row].split is split


@pytest.mark.corpora
def test_the_corpora_hold_a_row_for_every_row_of_their_files_that_is_not_dropped(real: Real) -> None:
    assert Counter(row.corpus for row in real.told.values()) == ROWS


@pytest.mark.corpora
def test_every_row_has_an_id_of_its_own_that_names_its_corpus(real: Real) -> None:
    assert len(real.told) == len(real.texts)
    astray = [row.id for row in real.told.values() if not row.id.startswith(f"{row.corpus}:")]
    assert astray == []


@pytest.mark.corpora
def test_every_row_carries_the_licence_and_the_language_of_its_corpus(real: Real) -> None:
    astray = [
        row.id
        for row in real.told.values()
        if (row.licence, row.language) != (CORPORA[row.corpus].licence, "en")
    ]
    assert astray == []
    assert {CORPORA[name].language for name in ROWS} == {"en"}


@pytest.mark.corpora
def test_the_official_split_of_hatexplain_is_whole(real: Real, corpora_folder: Path) -> None:
    found = Counter(row.split for row in real.of("hatexplain"))
    listed = corpora_folder / "hatexplain" / "post_id_divisions.json"
    for name, split in {"train": Split.TRAIN, "val": Split.DEV, "test": Split.TEST}.items():
        assert found[split] == len(read_json(listed, name))


@pytest.mark.corpora
def test_a_comment_of_nothing_but_the_word_none_keeps_it(real: Real) -> None:
    is_the_word = real.text("cad:eivavvu") == "None"
    assert is_the_word


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("row", "characters"),
    [
        pytest.param("cad:egzstkm", 218, id="in-train-the-quote-ends-within-the-comment"),
        pytest.param("cad:ek7xlh5", 422, id="in-dev"),
        pytest.param("cad:eg9ly0x", 246, id="in-test"),
    ],
)
def test_a_quotation_mark_before_a_comment_is_a_part_of_it(real: Real, row: str, characters: int) -> None:
    starts_with_it = real.text(row).startswith('"')
    assert starts_with_it
    assert real.characters[row] == characters


@pytest.mark.corpora
def test_a_line_break_of_a_post_is_one_again(real: Real) -> None:
    written = [row.id for row in real.texts if row.corpus == "cad" and "[linebreak]" in row.text]
    assert written == []
    assert real.characters["cad:an4gkh-post"] == 780 - 2 * len("[linebreak]") + 2
    assert real.text("cad:an4gkh-post").count("\n") == 2


@pytest.mark.corpora
def test_a_title_and_its_post_belong_together_and_a_comment_to_nothing_else(real: Real) -> None:
    groups = defaultdict(list)
    for row in real.of("cad"):
        groups[row.group].append(row.id)
    together = [sorted(rows) for rows in groups.values() if len(rows) > 1]
    assert len(together) == 295
    assert {tuple(row.rpartition("-")[2] for row in rows) for rows in together} == {("post", "title")}
    assert ["cad:an4gkh-post", "cad:an4gkh-title"] in together


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("row", "group"),
    [
        pytest.param("isis-topic:3", "aaeca9c9", id="public"),
        pytest.param("isis-topic:354", "aaeca9c9", id="public-the-same-account"),
        pytest.param("isis-supporters:13257", "bdfc735e", id="supporter"),
        pytest.param("isis-supporters:15428", "bdfc735e", id="supporter-the-same-account"),
    ],
)
def test_tweets_of_one_account_belong_together(real: Real, row: str, group: str) -> None:
    assert real.told[row].group == group


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("row", "characters"),
    [
        pytest.param("isis-topic:672", 128, id="one-return"),
        pytest.param("isis-topic:3941", 120, id="five"),
    ],
)
def test_a_carriage_return_within_a_tweet_ends_no_row(real: Real, row: str, characters: int) -> None:
    assert real.characters[row] == characters


@pytest.mark.corpora
def test_tweets_of_supporters_are_gold_for_nothing_and_in_no_test(real: Real) -> None:
    rows = real.of("isis-supporters")
    assert {label for row in rows for label in row.labels.values()} == set()
    assert {row.split for row in rows} == {Split.TRAIN}


def test_tweets_of_supporters_are_read_only_where_they_are_asked_for() -> None:
    left_out = {name for name in ROWS if CORPORA[name] not in choose(None)}
    assert left_out == {"isis-supporters"}
    assert choose(["isis-supporters"]) == [CORPORA["isis-supporters"]]


@pytest.mark.corpora
def test_masks_that_would_name_the_corpus_are_written_as_everywhere(corpora_folder: Path) -> None:
    masked = [
        row.id for row in CORPORA["edos"].examples(corpora_folder) if re.search(r"\[(USER|URL)\]", row.text)
    ]
    assert masked == []
    seen = [normalise(row.text).split() for row in CORPORA["edos"].examples(corpora_folder)]
    assert sum(URL in words for words in seen) > 2_000
    assert sum(USER in words for words in seen) > 800
