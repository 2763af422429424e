"""What the German corpora say, on the real files, by id.

No test here shows a text: rows are stripped of theirs before anything is asserted.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.corpora import CORPORA
from tocsin.training.dataset import counts, read_corpora

INCITEMENT, THREAT, GLORIFICATION, CALL, GRIEVANCE, DEHUMANISATION, HATE, EXTREMISM = Signal
YES, NO, UNKNOWN = Label.POSITIVE, Label.NEGATIVE, Label.UNKNOWN
VIOLENCE = (INCITEMENT, THREAT, GLORIFICATION)
NAMES = ("gahd", "germeval-2026")
TASKS = ("c2a", "dbo", "vio")

Labels = Mapping[Signal, Label]


@dataclass(frozen=True)
class Real:
    """Hold the real corpora: what every row says, with its text out of the way of any message."""

    told: Mapping[str, Example]
    texts: Sequence[Example] = field(repr=False)

    def of(self, name: str) -> list[Example]:
        return [row for row in self.told.values() if row.corpus == name]

    def text(self, row: str) -> str:
        return next(example.text for example in self.texts if example.id == row)


@pytest.fixture(scope="module")
def real(corpora_folder: Path) -> Real:
    rows = read_corpora(corpora_folder, NAMES)
    return Real(told={row.id: replace(row, text="") for row in rows}, texts=rows)


def raw(folder: Path, task: str) -> dict[str, tuple[str, str]]:
    """Return text and class of every id in one file of germeval-2026, every byte as it is written."""
    written = (folder / "germeval-2026" / f"{task}_train_26.csv").read_bytes().decode()
    rows = list(csv.reader(io.StringIO(written, newline=""), delimiter=";"))
    return {identity: (text, named) for identity, text, named in rows[1:]}


def violent(*named: Signal) -> dict[Signal, Label]:
    """Return what a post with a known class of violence says."""
    return {signal: YES if signal in named else NO for signal in VIOLENCE}


OTHER = dict.fromkeys(VIOLENCE, UNKNOWN)

GERMEVAL: list[tuple[str, str, Labels]] = [
    ("call-alone", "951884651516625", {CALL: YES}),
    ("no-call-alone", "966649523373471", {CALL: NO}),
    ("agitation-alone", "856800987691659", {EXTREMISM: YES}),
    ("subversive-alone", "1742", {EXTREMISM: YES}),
    ("criticism-alone", "857178660987225", {EXTREMISM: NO}),
    ("no-attack-alone", "876468302391594", {EXTREMISM: NO}),
    ("id-of-19-digits", "1406533198457323520", {EXTREMISM: NO}),
    ("call-to-violence-alone", "1007282212643535", violent(INCITEMENT)),
    ("propensity-alone", "1489", violent(THREAT)),
    ("support-alone", "982674275104329", violent(GLORIFICATION)),
    ("glorification-alone", "1283", violent(GLORIFICATION)),
    ("no-violence-alone", "991561197548970", violent()),
    ("other-violence-alone", "982668581771565", OTHER),
    ("call-and-agitation", "998377556867334", {CALL: YES, EXTREMISM: YES}),
    ("no-call-and-criticism", "857582057613552", {CALL: NO, EXTREMISM: NO}),
    ("call-and-call-to-violence", "1012268532144903", {CALL: YES, **violent(INCITEMENT)}),
    ("call-and-other-violence", "857591154279309", {CALL: YES, **OTHER}),
    ("agitation-and-propensity", "1094", {EXTREMISM: YES, **violent(THREAT)}),
    ("agitation-and-other-violence", "1052470661458023", {EXTREMISM: YES, **OTHER}),
    ("subversive-and-glorification", "1339", {EXTREMISM: YES, **violent(GLORIFICATION)}),
    ("three-times-no", "1044166458955110", {CALL: NO, EXTREMISM: NO, **violent()}),
    ("three-call-to-violence", "982743955097361", {CALL: YES, EXTREMISM: NO, **violent(INCITEMENT)}),
    ("three-propensity", "1152522734786148", {CALL: YES, EXTREMISM: NO, **violent(THREAT)}),
    ("three-support", "982662371772186", {CALL: NO, EXTREMISM: NO, **violent(GLORIFICATION)}),
    ("three-glorification", "1056509377720818", {CALL: NO, EXTREMISM: NO, **violent(GLORIFICATION)}),
    ("three-times-yes", "1057787694259653", {CALL: YES, EXTREMISM: YES, **violent(INCITEMENT)}),
    ("three-other-violence", "1124768554228233", {CALL: YES, EXTREMISM: YES, **OTHER}),
    ("three-call-and-criticism", "1064999056871850", {CALL: YES, EXTREMISM: NO, **violent()}),
]

GAHD: list[tuple[str, str, Labels]] = [
    ("hate", "1de76b2f", {HATE: YES}),
    ("no-hate", "d61bd8ef", {HATE: NO}),
    ("dev-hate", "05c4847a", {HATE: YES}),
    ("test-no-hate", "292dfb57", {HATE: NO}),
    ("id-that-looks-like-a-number", "46e22807", {HATE: YES}),
]


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("row", "expected"),
    [
        *[pytest.param(f"germeval-2026:{row}", said, id=f"germeval:{why}") for why, row, said in GERMEVAL],
        *[pytest.param(f"gahd:{row}", said, id=f"gahd:{why}") for why, row, said in GAHD],
    ],
)
def test_a_row_says_what_the_taxonomy_reads_in_it(real: Real, row: str, expected: Labels) -> None:
    found = dict(real.told[row].labels)
    assert found == expected


# Positive, negative, unknown: counted from the raw files by another program.
Counts = tuple[int, int, int]
EXPECTED: Mapping[tuple[str, str], tuple[int, Mapping[Signal, Counts]]] = {
    ("gahd", "dev"): (1649, {HATE: (709, 940, 0)}),
    ("gahd", "test"): (1646, {HATE: (692, 954, 0)}),
    ("gahd", "train"): (7701, {HATE: (3265, 4436, 0)}),
    ("germeval-2026", "none"): (
        22011,
        {
            INCITEMENT: (197, 16104, 5710),
            THREAT: (74, 16227, 5710),
            GLORIFICATION: (129, 16172, 5710),
            CALL: (1434, 14395, 6182),
            EXTREMISM: (196, 15657, 6158),
        },
    ),
}


@pytest.mark.corpora
def test_the_corpora_hold_as_many_labels_of_each_kind_as_their_raw_files(real: Real) -> None:
    found = {
        (row["corpus"], row["split"], Signal(row["signal"])): tuple(
            row[label] for label in (YES, NO, UNKNOWN)
        )
        for row in counts(real.told.values())
    }
    expected = {
        (corpus, split, signal): said.get(signal, (0, 0, rows))
        for (corpus, split), (rows, said) in EXPECTED.items()
        for signal in Signal
    }
    assert found == expected


@pytest.mark.corpora
def test_every_row_has_an_id_of_its_own_that_names_its_corpus(real: Real) -> None:
    assert len(real.told) == len(real.texts) == sum(rows for rows, _ in EXPECTED.values())
    astray = [row.id for row in real.told.values() if not row.id.startswith(f"{row.corpus}:")]
    assert astray == []


@pytest.mark.corpora
def test_every_row_carries_the_licence_and_the_language_of_its_corpus(real: Real) -> None:
    found = {(row.corpus, row.licence, row.language) for row in real.told.values()}
    assert found == {("gahd", "CC-BY-4.0", "de"), ("germeval-2026", "GPL-3.0", "de")}
    assert found == {(name, CORPORA[name].licence, CORPORA[name].language) for name in NAMES}


@pytest.mark.corpora
def test_a_post_is_one_example_with_the_tasks_of_all_files_that_it_stands_in(
    real: Real, corpora_folder: Path
) -> None:
    found = {row.id: dict(row.attributes) for row in real.of("germeval-2026")}
    upstream: dict[str, dict[str, str]] = {}
    for task in TASKS:
        for identity, (_, named) in raw(corpora_folder, task).items():
            upstream.setdefault(f"germeval-2026:{identity}", {})[task] = named
    astray = [row for row in found.keys() | upstream.keys() if found.get(row) != upstream.get(row)]
    assert astray == []
    assert Counter(tuple(tasks) for tasks in found.values()) == {
        ("c2a", "dbo", "vio"): 8688,
        ("c2a", "dbo"): 2736,
        ("c2a", "vio"): 3114,
        ("dbo", "vio"): 2876,
        ("c2a",): 1291,
        ("dbo",): 1553,
        ("vio",): 1753,
    }


@pytest.mark.corpora
def test_a_post_whose_text_differs_between_files_differs_in_white_space_alone(
    real: Real, corpora_folder: Path
) -> None:
    versions: dict[str, list[str]] = {}
    for task in TASKS:
        for identity, (text, _) in raw(corpora_folder, task).items():
            versions.setdefault(identity, []).append(text)
    assert sum(len(set(texts)) > 1 for texts in versions.values()) == 382
    words = {identity: {tuple(text.split()) for text in texts} for identity, texts in versions.items()}
    astray = [identity for identity, found in words.items() if len(found) > 1]
    assert astray == []
    read = {row.id.split(":")[1]: row.text.split() for row in real.texts if row.corpus == "germeval-2026"}
    lost = [identity for identity, texts in versions.items() if read[identity] != texts[0].split()]
    assert lost == []


@pytest.mark.corpora
def test_the_text_of_a_post_is_that_of_the_first_file_where_a_line_end_became_a_blank(real: Real) -> None:
    posts = ("935329179838839", "1064099813628441", "1010231022348654")  # in dbo, vio, dbo it differs
    lines = [[len(line) for line in real.text(f"germeval-2026:{post}").split("\n")] for post in posts]
    assert lines == [[1105], [124, 89], [131, 117, 0, 361]]


@pytest.mark.corpora
def test_posts_of_one_text_under_two_ids_are_left_to_the_merging_of_duplicates(real: Real) -> None:
    copies = Counter(row.text for row in real.texts if row.corpus == "germeval-2026")
    repeated = Counter(times for times in copies.values() if times > 1)
    assert repeated == {2: 25}


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("row", "characters", "semicolons", "quotes", "line_ends"),
    [
        pytest.param("857251207646637", 2489, 1, 8, 13, id="c2a"),
        pytest.param("1035145579857198", 1814, 1, 2, 19, id="dbo"),
        pytest.param("857008487670909", 1717, 1, 2, 8, id="vio"),
    ],
)
def test_a_quoted_field_keeps_its_separators_quotes_and_line_ends(
    real: Real, row: str, characters: int, semicolons: int, quotes: int, line_ends: int
) -> None:
    text = real.text(f"germeval-2026:{row}")
    found = len(text), text.count(";"), text.count('"'), text.count("\n")
    assert found == (characters, semicolons, quotes, line_ends)


@pytest.mark.corpora
def test_fields_of_ten_thousand_characters_are_read_whole(real: Real) -> None:
    long = {row.id: len(row.text) for row in real.texts if len(row.text) > 9000}
    assert long == {"germeval-2026:960912950613795": 9999, "germeval-2026:962146567157100": 10708}


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("row", "split", "written_in"),
    [
        pytest.param("1de76b2f", Split.TRAIN, "R1", id="train"),
        pytest.param("05c4847a", Split.DEV, "R2", id="dev"),
        pytest.param("292dfb57", Split.TEST, "R3", id="test"),
        pytest.param("900d8de7", Split.TEST, "R4", id="test-of-the-contrastive-round"),
    ],
)
def test_an_entry_of_gahd_has_its_official_split_and_its_round(
    real: Real, row: str, split: Split, written_in: str
) -> None:
    entry = real.told[f"gahd:{row}"]
    assert (entry.split, dict(entry.attributes)) == (split, {"round": written_in})


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("entry", "partners"),
    [
        pytest.param("a99ba892", ["8f12b46c"], id="that-names-its-original"),
        pytest.param("8f12b46c", ["a99ba892"], id="that-is-named-by-its-contrast"),
        pytest.param("845cd126", ["d275826b"], id="in-test-of-an-original-in-train"),
        pytest.param("ef28f3fe", [], id="whose-original-is-not-published"),
        pytest.param("c6df45f3", [], id="whose-original-has-an-id-of-another-scheme"),
        pytest.param("c2f4ead4", [], id="without-a-contrast"),
    ],
)
def test_an_entry_of_gahd_knows_its_contrast_partners(real: Real, entry: str, partners: list[str]) -> None:
    found = list(real.told[f"gahd:{entry}"].partners)
    assert found == [f"gahd:{partner}" for partner in partners]


@pytest.mark.corpora
def test_contrast_partners_of_gahd_name_each_other_also_across_its_splits(real: Real) -> None:
    rows = {row.id: row for row in real.of("gahd")}
    pairs = [(row, rows[partner]) for row in rows.values() for partner in row.partners]
    unanswered = [row.id for row, partner in pairs if partner.partners != (row.id,)]
    assert unanswered == []
    sides = Counter(tuple(sorted((str(row.split), str(partner.split)))) for row, partner in pairs)
    assert sides == {  # a pair counts twice, once from each side
        ("train", "train"): 2 * 812,
        ("dev", "train"): 2 * 221,
        ("test", "train"): 2 * 220,
        ("dev", "test"): 2 * 18,
        ("test", "test"): 2 * 12,
        ("dev", "dev"): 2 * 9,
    }


@pytest.mark.corpora
def test_posts_of_germeval_have_no_official_split(real: Real) -> None:
    assert {row.split for row in real.of("germeval-2026")} == {None}
