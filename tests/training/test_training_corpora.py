"""What each corpus's rows say, on the real files, by row number.

No test here shows a text: rows are stripped of theirs before anything is asserted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.corpora import CORPORA
from tocsin.training.dataset import counts, read_corpora
from tocsin.training.duplicates import key, merge

INCITEMENT, THREAT, GLORIFICATION, CALL, GRIEVANCE, DEHUMANISATION, HATE, EXTREMISM = Signal
YES, NO, PRESUMED, UNKNOWN = Label.POSITIVE, Label.NEGATIVE, Label.PRESUMED_NEGATIVE, Label.UNKNOWN
KINDS = (THREAT, GLORIFICATION, GRIEVANCE, DEHUMANISATION)

Labels = Mapping[Signal, Label]


@dataclass(frozen=True)
class Real:
    """Hold the real corpora: what every row says, with its text out of the way of any message."""

    told: Mapping[str, Example]
    characters: Mapping[str, int]
    texts: Sequence[Example] = field(repr=False)

    def labels(self, row: str) -> dict[Signal, Label]:
        return {signal: label for signal, label in self.told[row].labels.items() if label is not UNKNOWN}


@pytest.fixture(scope="module")
def real(corpora_folder: Path) -> Real:
    rows = read_corpora(corpora_folder, sorted({corpus for corpus, _ in EXPECTED}))
    return Real(
        told={row.id: replace(row, text="") for row in rows},
        characters={row.id: len(row.text) for row in rows},
        texts=rows,
    )


def hateful(*named: Signal, unsure: Sequence[Signal] = ()) -> dict[Signal, Label]:
    """Return what an implicitly hateful post with a known kind says."""
    kinds = {kind: YES if kind in named else NO for kind in KINDS if kind not in unsure}
    return {HATE: YES, **kinds}


HARMLESS = {HATE: NO, **dict.fromkeys(KINDS, NO), EXTREMISM: PRESUMED}

IMPLICIT_HATE: list[tuple[str, str, Labels]] = [
    ("not-hate", "stage1:2", HARMLESS),
    ("explicit-hate-has-no-kind", "stage1:9", {HATE: YES}),
    ("implicit-hate-that-stage-2-left-out", "stage1:32", {HATE: YES}),
    ("threatening", "stage1:1570", hateful(THREAT)),
    ("incitement-is-glorification", "stage1:131", hateful(GLORIFICATION)),
    ("white-grievance", "stage1:58", hateful(GRIEVANCE)),
    ("inferiority", "stage1:823", hateful(DEHUMANISATION)),
    ("stereotypical-is-none-of-the-four", "stage1:121", hateful()),
    ("irony-is-none-of-the-four", "stage1:938", hateful()),
    ("other-is-none-of-the-four", "stage1:573", hateful()),
    ("extra-class-threatening", "stage1:19152", hateful(DEHUMANISATION, THREAT)),
    ("extra-class-beside-none-of-the-four", "stage1:19711", hateful(THREAT)),
    ("extra-class-incitement", "stage1:20108", hateful(THREAT, GLORIFICATION)),
    ("extra-class-white-grievance", "stage1:19138", hateful(DEHUMANISATION, GRIEVANCE)),
    ("extra-class-inferiority", "stage1:19255", hateful(THREAT, DEHUMANISATION)),
    ("nearly-the-same-text-incitement", "stage1:5618", hateful(GLORIFICATION)),
    ("nearly-the-same-text-inferiority", "stage1:5914", hateful(DEHUMANISATION)),
    ("nearly-the-same-text-irony", "stage1:15620", hateful()),
    ("two-kinds-that-agree", "stage1:8353", hateful(DEHUMANISATION)),
    ("its-copy", "stage1:19476", hateful(DEHUMANISATION)),
    ("a-twin-and-a-near-twin-that-disagree", "stage1:17513", hateful(unsure=[GRIEVANCE])),
    ("two-kinds-that-disagree-twice", "stage1:13226", hateful(unsure=[GRIEVANCE, GLORIFICATION])),
    ("exact-twin-of-not-hate-contradicts", "stage1:11941", {}),
    ("exact-twin-of-explicit-hate-contradicts", "stage1:7383", {}),
    ("one-of-two-exact-twins-contradicts", "stage1:19061", {}),
    ("the-other-does-not", "stage1:19705", hateful(DEHUMANISATION)),
    ("near-twin-of-not-hate-contradicts", "stage1:105", {}),
    ("near-twin-of-explicit-hate-contradicts", "stage1:1533", {}),
    (
        "too-far-from-any-post",
        "stage2:3211",
        {kind: v for kind, v in hateful(GLORIFICATION).items() if kind is not HATE},
    ),
    ("too-far-too", "stage2:4048", {kind: v for kind, v in hateful(GRIEVANCE).items() if kind is not HATE}),
    ("in-quotes-across-the-tabs-of-a-second-record", "stage1:20916", hateful(THREAT)),
]

GAB: list[tuple[str, str, Labels]] = [
    ("neither", "train:4", {INCITEMENT: NO, HATE: NO}),
    ("assault-on-dignity-alone", "train:53", {INCITEMENT: NO, HATE: YES}),
    ("call-for-violence-alone-is-hate-too", "train:861", {INCITEMENT: YES, HATE: YES}),
    ("both", "train:1554", {INCITEMENT: YES, HATE: YES}),
    ("official-test-neither", "test:4", {INCITEMENT: NO, HATE: NO}),
    ("official-test-assault", "test:26", {INCITEMENT: NO, HATE: YES}),
    ("official-test-call", "test:126", {INCITEMENT: YES, HATE: YES}),
]

EXTREMISTS: list[tuple[str, str, Labels]] = [
    ("extremist", "284", {EXTREMISM: YES}),
    ("not-extremist", "285", {EXTREMISM: NO}),
    ("one-side-of-a-contradiction", "1", {}),
    ("the-other-side", "1084", {}),
]

ACTIONS: list[tuple[str, str, Labels]] = [
    ("call-to-action", "train:20", {CALL: YES, EXTREMISM: PRESUMED}),
    ("intention-says-nothing", "train:33", {EXTREMISM: PRESUMED}),
    ("problem-solution", "train:5", {CALL: NO, EXTREMISM: PRESUMED}),
    ("execution", "train:85", {CALL: NO, EXTREMISM: PRESUMED}),
    ("the-word-none", "train:8", {CALL: NO, EXTREMISM: PRESUMED}),
    ("official-test-call", "test:91", {CALL: YES, EXTREMISM: PRESUMED}),
    ("official-test-intention", "test:106", {EXTREMISM: PRESUMED}),
    ("official-test-none", "test:4", {CALL: NO, EXTREMISM: PRESUMED}),
]

HATEMOJI: list[tuple[str, str, Labels]] = [
    ("threat", "2", {HATE: YES, THREAT: YES, DEHUMANISATION: NO}),
    ("dehumanisation", "24", {HATE: YES, THREAT: NO, DEHUMANISATION: YES}),
    ("derogation", "7", {HATE: YES, THREAT: NO, DEHUMANISATION: NO}),
    ("animosity", "60", {HATE: YES, THREAT: NO, DEHUMANISATION: NO}),
    ("none", "6", {HATE: NO, THREAT: NO, DEHUMANISATION: NO}),
    ("validation-threat", "520", {HATE: YES, THREAT: YES, DEHUMANISATION: NO}),
    ("test-dehumanisation", "208", {HATE: YES, THREAT: NO, DEHUMANISATION: YES}),
    ("test-none", "8", {HATE: NO, THREAT: NO, DEHUMANISATION: NO}),
]

UNLABELLED: list[tuple[str, str, Labels]] = [
    ("pheme:rumour-label-0", "pheme:576819219876225024", {}),
    ("pheme:rumour-label-2", "pheme:576320540983582720", {}),
    ("muc:report", "muc:DEV-MUC3-0003", {}),
]

RULES = [
    *[("implicit-hate", *rule) for rule in IMPLICIT_HATE],
    *[("gab-hate-corpus", *rule) for rule in GAB],
    *[("digital-extremism", *rule) for rule in EXTREMISTS],
    *[("collective-action", *rule) for rule in ACTIONS],
    *[("hatemoji-build", *rule) for rule in HATEMOJI],
]


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("row", "expected"),
    [
        *[pytest.param(f"{corpus}:{row}", said, id=f"{corpus}:{why}") for corpus, why, row, said in RULES],
        *[pytest.param(row, said, id=why) for why, row, said in UNLABELLED],
    ],
)
def test_a_row_says_what_the_taxonomy_reads_in_it(real: Real, row: str, expected: Labels) -> None:
    found = real.labels(row)
    assert found == expected


# Positive, negative, presumed negative, unknown: counted from the raw files by another program.
Counts = tuple[int, int, int, int]
EXPECTED: Mapping[tuple[str, str], tuple[int, Mapping[Signal, Counts]]] = {
    ("collective-action", "test"): (809, {CALL: (39, 759, 0, 11), EXTREMISM: (0, 0, 809, 0)}),
    ("collective-action", "train"): (1817, {CALL: (365, 1167, 0, 285), EXTREMISM: (0, 0, 1817, 0)}),
    ("digital-extremism", "none"): (3133, {EXTREMISM: (1301, 1422, 0, 410)}),
    ("gab-hate-corpus", "test"): (5510, {INCITEMENT: (24, 5486, 0, 0), HATE: (509, 5001, 0, 0)}),
    ("gab-hate-corpus", "train"): (22036, {INCITEMENT: (131, 21905, 0, 0), HATE: (1941, 20095, 0, 0)}),
    ("hatemoji-build", "dev"): (
        591,
        {THREAT: (27, 564, 0, 0), DEHUMANISATION: (23, 568, 0, 0), HATE: (270, 321, 0, 0)},
    ),
    ("hatemoji-build", "test"): (
        593,
        {THREAT: (22, 571, 0, 0), DEHUMANISATION: (28, 565, 0, 0), HATE: (308, 285, 0, 0)},
    ),
    ("hatemoji-build", "train"): (
        4728,
        {THREAT: (154, 4574, 0, 0), DEHUMANISATION: (182, 4546, 0, 0), HATE: (2387, 2341, 0, 0)},
    ),
    ("implicit-hate", "none"): (
        21483,
        {
            THREAT: (672, 18802, 0, 2009),
            GLORIFICATION: (1252, 18221, 0, 2010),
            GRIEVANCE: (1540, 17932, 0, 2011),
            DEHUMANISATION: (914, 18560, 0, 2009),
            HATE: (8169, 13220, 0, 94),
            EXTREMISM: (0, 0, 13220, 8263),
        },
    ),
    ("muc", "test"): (1147, {}),
    ("pheme", "test"): (5132, {}),
}


@pytest.mark.corpora
def test_the_corpora_hold_as_many_labels_of_each_kind_as_their_raw_files(real: Real) -> None:
    found = {
        (row["corpus"], row["split"], Signal(row["signal"])): (
            row["positive"],
            row["negative"],
            row["presumed_negative"],
            row["unknown"],
        )
        for row in counts(real.told.values())
    }
    expected = {
        (corpus, split, signal): said.get(signal, (0, 0, 0, rows))
        for (corpus, split), (rows, said) in EXPECTED.items()
        for signal in Signal
    }
    assert found == expected


@pytest.mark.corpora
def test_every_row_has_an_id_of_its_own_that_names_its_corpus(real: Real) -> None:
    assert len(real.told) == sum(rows for rows, _ in EXPECTED.values())
    astray = [row.id for row in real.told.values() if not row.id.startswith(f"{row.corpus}:")]
    assert astray == []


@pytest.mark.corpora
def test_every_row_carries_the_licence_and_the_language_of_its_corpus(real: Real) -> None:
    astray = [
        row.id
        for row in real.told.values()
        if (row.licence, row.language) != (CORPORA[row.corpus].licence, CORPORA[row.corpus].language)
    ]
    assert astray == []


@pytest.mark.corpora
def test_a_row_in_quotes_that_spans_two_records_is_one_row(real: Real) -> None:
    assert real.characters["implicit-hate:stage1:20916"] == 314
    numbers = [int(row.split(":")[2]) for row in real.told if row.startswith("implicit-hate:stage1:")]
    assert numbers == list(range(1, 21_481))


@pytest.mark.corpora
def test_rows_of_stage_2_stay_alone_only_where_no_post_is_like_them(real: Real) -> None:
    alone = [row for row in real.told if row.startswith("implicit-hate:stage2:")]
    assert alone == [f"implicit-hate:stage2:{number}" for number in (1598, 3211, 4048)]


@pytest.mark.corpora
def test_a_text_that_is_called_both_extremist_and_not_stays_contested_where_copies_merge(real: Real) -> None:
    ids = {f"digital-extremism:{number}" for number in (1, 966, 971, 1084)}
    copies = [row for row in real.texts if row.id in ids]
    merged = merge(copies, {row.id: key(row.text) for row in copies}, across=True)
    found = [dict(row.labels) for row in merged.examples]
    assert found == [{EXTREMISM: UNKNOWN}]
    assert merged.copies == 3


@pytest.mark.corpora
def test_a_text_whose_copies_agree_keeps_its_label_where_they_merge(real: Real) -> None:
    ids = {f"digital-extremism:{number}" for number in (2, 967, 972, 1085)}
    copies = [row for row in real.texts if row.id in ids]
    merged = merge(copies, {row.id: key(row.text) for row in copies}, across=True)
    found = [dict(row.labels) for row in merged.examples]
    assert found == [{EXTREMISM: YES}]


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("row", "characters"),
    [
        pytest.param("train:6", 332, id="of-1231-in-the-whole-comment"),
        pytest.param("train:10", 56, id="of-2472-in-the-whole-comment"),
        pytest.param("test:2", 434, id="of-1306-in-the-official-test"),
    ],
)
def test_the_text_of_a_comment_is_the_part_that_its_label_speaks_of(
    real: Real, row: str, characters: int
) -> None:
    found = real.characters[f"collective-action:{row}"]
    assert found == characters


@pytest.mark.corpora
def test_what_a_language_model_wrote_weighs_half_and_nothing_else_does(real: Real) -> None:
    light = [row.id for row in real.told.values() if row.weight != 1.0]
    assert light == [row.id for row in real.told.values() if row.synthetic]
    assert light == [f"collective-action:train:{number}" for number in range(1054, 1818)]
    weights = {real.told[row].weight for row in light}
    assert weights == {0.5}


@pytest.mark.corpora
def test_comments_belong_together_where_they_were_cut_from_one_and_not_where_nobody_wrote_them(
    real: Real,
) -> None:
    groups: dict[str, list[int]] = {}
    for row in real.told.values():
        if row.corpus == "collective-action" and row.split is Split.TRAIN and row.group is not None:
            groups.setdefault(row.group, []).append(int(row.id.split(":")[2]))
    together = sorted(numbers for numbers in groups.values() if len(numbers) > 1)
    assert together == [[165, 537], [607, 608, 609, 611, 612, 613, 617, 618]]


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("entry", "partner", "split"),
    [
        pytest.param("2", "3", Split.TRAIN, id="train"),
        pytest.param("520", "521", Split.DEV, id="validation-is-dev"),
        pytest.param("208", "209", Split.TEST, id="test"),
    ],
)
def test_an_entry_knows_its_contrast_partner_and_its_official_split(
    real: Real, entry: str, partner: str, split: Split
) -> None:
    row = real.told[f"hatemoji-build:{entry}"]
    assert row.partners == (f"hatemoji-build:{partner}",)
    assert row.split is split


@pytest.mark.corpora
def test_contrast_partners_name_each_other(real: Real) -> None:
    rows = {row.id: row.partners for row in real.told.values() if row.corpus == "hatemoji-build"}
    unanswered = [
        row for row, partners in rows.items() if [rows[partner] for partner in partners] != [(row,)]
    ]
    assert unanswered == []


@pytest.mark.corpora
def test_news_that_speaks_in_the_first_person_is_left_out(real: Real, corpora_folder: Path) -> None:
    listed = json.loads((corpora_folder / "muc" / "not-third-person.json").read_bytes())["docid"]
    kept = {row.id for row in real.told.values() if row.corpus == "muc"}
    assert len(listed) == 553
    assert kept & {f"muc:{name}" for name in listed} == set()
    assert {"muc:DEV-MUC3-0003", "muc:TST1-MUC3-0001", "muc:TST3-MUC4-0002"} <= kept


@pytest.mark.corpora
def test_news_is_all_test_and_only_news_and_functional_suites_are_for_tests_alone(real: Real) -> None:
    suites = {"hatecheck", "hatemoji-check", "multilingual-hatecheck"}
    assert {name for name, corpus in CORPORA.items() if corpus.test_only} == {"muc", "pheme", *suites}
    splits = {row.split for row in real.told.values() if row.corpus in {"muc", "pheme"}}
    assert splits == {Split.TEST}
