"""What the sentences of the white supremacist forum say, and what an archive that is not as it should be.

No test here shows a text: rows are stripped of theirs before anything is asserted.
"""

from __future__ import annotations

import io
import tracemalloc
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest

from tocsin.errors import CorpusError
from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.corpora import CORPORA

CORPUS = CORPORA["stormfront"]
ARCHIVE = "hate-speech-dataset-master.zip"
ROOT = "hate-speech-dataset-master"
HATE, YES, NO = Signal.HATE, Label.POSITIVE, Label.NEGATIVE
TRAIN, TEST = Split.TRAIN, Split.TEST


@dataclass(frozen=True)
class Real:
    """Hold the real sentences: what every one says, with its text out of the way of any message."""

    told: Mapping[str, Example]
    texts: Sequence[Example] = field(repr=False)


@pytest.fixture(scope="module")
def real(corpora_folder: Path) -> Real:
    rows = list(CORPUS.examples(corpora_folder))
    return Real({row.id.partition(":")[2]: replace(row, text="") for row in rows}, rows)


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("sentence", "label", "split", "sampled"),
    [
        pytest.param("12849464_3", YES, TEST, "test", id="hate-of-the-official-test"),
        pytest.param("12855497_1", NO, TEST, "test", id="no-hate-of-the-official-test"),
        pytest.param("12834217_4", YES, TRAIN, "train", id="hate-of-the-official-train"),
        pytest.param("12834217_2", NO, TRAIN, "train", id="no-hate-of-the-official-train"),
        pytest.param("12834217_1", NO, TRAIN, "no", id="in-neither-sample"),
    ],
)
def test_a_sentence_says_what_the_taxonomy_reads_in_it(
    real: Real, sentence: str, label: Label, split: Split, sampled: str
) -> None:
    row = real.told[sentence]
    assert (row.labels, row.split, row.attributes) == ({HATE: label}, split, {"sampled": sampled})


@pytest.mark.corpora
@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param("14051600_1", id="hateful-only-beside-another"),
        pytest.param("13597435_1", id="skipped-by-the-annotators"),
    ],
)
def test_a_sentence_that_was_not_judged_by_itself_is_no_example(real: Real, sentence: str) -> None:
    assert sentence not in real.told


@pytest.mark.corpora
def test_every_other_sentence_is_one_with_an_id_of_its_own(real: Real) -> None:
    assert len(real.told) == len(real.texts) == 10_703
    found = {(row.corpus, row.licence, row.language) for row in real.told.values()}
    assert found == {("stormfront", "CC-BY-SA-3.0-ES", "en")}


@pytest.mark.corpora
def test_sentences_of_one_post_belong_together_on_either_side_of_the_official_test(real: Real) -> None:
    found = {name: (row.group, row.split) for name, row in real.told.items() if row.group == "12845244"}
    trained = [f"12845244_{number}" for number in (6, 7, 8, 9, 11)]
    assert found == {
        **dict.fromkeys(trained, ("12845244", TRAIN)),
        "12845244_10": ("12845244", TEST),
    }


@pytest.mark.corpora
def test_the_official_test_is_balanced_and_shares_posts_as_often_as_the_taxonomy_says(real: Real) -> None:
    rows = list(real.told.values())
    tested = [row for row in rows if row.split is TEST]
    trained = {row.group for row in rows if row.attributes["sampled"] == "train"}
    assert Counter(row.label(HATE) for row in tested) == {YES: 239, NO: 239}
    assert Counter(row.split for row in rows) == {TEST: 478, TRAIN: 10_225}
    assert sum(row.group in trained for row in tested) == 129


@pytest.mark.corpora
def test_a_sentence_has_the_text_of_all_files_and_of_its_sample(real: Real, corpora_folder: Path) -> None:
    folders = {"test": ["sampled_test"], "train": ["sampled_train"], "no": []}
    with ZipFile(corpora_folder / "stormfront" / ARCHIVE) as archive:
        differing = [
            row.id
            for row in real.texts
            for folder in ("all_files", *folders[row.attributes["sampled"]])
            if archive.read(f"{ROOT}/{folder}/{row.id.partition(':')[2]}.txt").decode() != row.text
        ]
    assert differing == []


METADATA = "annotations_metadata.csv"
MEMBERS: Mapping[str, str] = {
    METADATA: "file_id,user_id,label\n1_1,7,noHate\n1_2,7,hate\n2_1,8,idk/skip\n2_2,8,relation\n2_3,8,hate\n",
    "all_files/1_1.txt": "the oven is hot",
    "all_files/1_2.txt": "the soup is cold",
    "all_files/2_3.txt": "the bread is plain",
    "sampled_test/": "",
    "sampled_test/1_2.txt": "the soup is cold",
    "sampled_train/1_1.txt": "the oven is hot",
}


def archived(compression: int = ZIP_DEFLATED, /, **changed: str | bytes | None) -> bytes:
    """Return an archive of toy sentences with some members `changed` (None: left out)."""
    packed = io.BytesIO()
    with ZipFile(packed, "w", compression) as archive:
        for name, content in {**MEMBERS, **changed}.items():
            if content is not None:
                archive.writestr(f"{ROOT}/{name}", content)
    return packed.getvalue()


def with_rows(*rows: str) -> bytes:
    return archived(**{METADATA: "\n".join(["file_id,user_id,label", *rows, ""])})


def damaged() -> bytes:
    """Return an archive in which one sentence is not what its checksum says."""
    return archived(ZIP_STORED).replace(b"the bread is plain", b"the bread is gone!")


def understated() -> bytes:
    """Return an archive that unpacks to more than it says: 64 MiB where it says one byte."""
    content = b"soup" * (1 << 24)
    stated, one = len(content).to_bytes(4, "little"), (1).to_bytes(4, "little")
    return archived(**{"all_files/1_1.txt": content}).replace(stated, one)


def encrypted() -> bytes:
    """Return an archive of which every member claims to be encrypted."""
    packed = bytearray(archived())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = packed.find(signature)
        while place >= 0:
            packed[place + flags] |= 1
            place = packed.find(signature, place + 1)
    return bytes(packed)


def read(folder: Path, content: bytes) -> list[Example]:
    (folder / "stormfront").mkdir()
    (folder / "stormfront" / ARCHIVE).write_bytes(content)
    return list(CORPUS.examples(folder))


def test_an_archive_is_read_in_place_and_nothing_is_unpacked_beside_it(tmp_path: Path) -> None:
    rows = read(tmp_path, archived())
    assert [(row.id, row.text, row.group, row.split, row.label(HATE)) for row in rows] == [
        ("stormfront:1_1", "the oven is hot", "1", TRAIN, NO),
        ("stormfront:1_2", "the soup is cold", "1", TEST, YES),
        ("stormfront:2_3", "the bread is plain", "2", TRAIN, YES),
    ]
    assert [path.name for path in (tmp_path / "stormfront").iterdir()] == [ARCHIVE]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        pytest.param(b"the oven is hot", "must be a zip archive: ", id="is-none"),
        pytest.param(archived()[:-30], "must be a zip archive: ", id="cut-short"),
        pytest.param(
            archived(**{"all_files/1_1.txt": "soup" * (1 << 22)}),
            "must unpack to at most 16777216 bytes, was said to take 16777",
            id="too-large",
        ),
        pytest.param(damaged(), "all_files/2_3.txt must be readable: Bad CRC-32", id="damaged"),
        pytest.param(encrypted(), f"{METADATA} must be readable: ", id="encrypted"),
        pytest.param(archived(**{METADATA: None}), f"{METADATA} is missing", id="no-metadata"),
        pytest.param(
            archived(**{METADATA: "file_id,user_id\n1_1,7\n"}),
            f"{METADATA}: column 'label' is missing from its 2 columns",
            id="no-label-column",
        ),
        pytest.param(
            archived(**{"all_files/1_2.txt": None}), "all_files/1_2.txt is missing", id="no-sentence"
        ),
        pytest.param(
            archived(**{"all_files/1_2.txt": b"caf\xe9"}),
            "all_files/1_2.txt: must be UTF-8, was not at byte 3",
            id="sentence-is-not-utf-8",
        ),
        pytest.param(
            archived(**{"sampled_test/1_2.txt": None}),
            "sampled_test must hold sentences, was empty or missing",
            id="official-test-is-empty",
        ),
        pytest.param(
            archived(**{"sampled_train/9_1.txt": "soup"}),
            f"sampled_train must hold sentences of {METADATA} alone, had '9_1'",
            id="sampled-sentence-without-a-row",
        ),
        pytest.param(
            with_rows("1_1,7,noHate", "1_2,7,maybe"),
            f"{METADATA}, row 2: label must be one of ['hate', 'idk/skip', 'noHate', 'relation'], was",
            id="unknown-label",
        ),
        pytest.param(
            with_rows("1_1,7,noHate", "1_2,7,hate", "../3,7,hate"),
            f"{METADATA}, row 3: file_id must be a post's number, _ and a sentence's, was '../3'",
            id="sentence-outside-its-folder",
        ),
    ],
)
def test_an_archive_that_is_not_as_it_should_be_is_refused_by_name(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    with pytest.raises(CorpusError) as caught:
        read(tmp_path, content)
    assert str(caught.value).startswith(f"{ARCHIVE}: {complaint}")


def test_a_sentence_that_is_larger_than_the_archive_says_is_refused_before_it_fills_memory(
    tmp_path: Path,
) -> None:
    content = understated()
    tracemalloc.start()
    try:
        with pytest.raises(CorpusError, match=rf"^{ARCHIVE}: all_files/1_1.txt must be readable: Bad CRC-32"):
            read(tmp_path, content)
        assert tracemalloc.get_traced_memory()[1] < 1 << 23
    finally:
        tracemalloc.stop()
